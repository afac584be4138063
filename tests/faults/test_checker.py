"""The checker itself: it must see every kind of harm, or the fault suite proves nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from home.footage import start_comment
from tests.faults.barcode import BITS, bits_of, number_in, picture
from tests.faults.checker import Verdict, check, chunks_on_disk, frames_in
from tests.faults.source import Sent

START = dt.datetime(2026, 3, 1, 9, 0, 0, 250000, dt.UTC)
FPS = 5
SENT = [Sent(n, 1000 + n / FPS, START + dt.timedelta(seconds=n / FPS)) for n in range(30)]


def chunk(folder: Path, numbers: Sequence[int], start: dt.datetime, size: tuple[int, int] = (160, 120)) -> None:
    """Frames with these numbers, each 1/FPS after the one before."""
    folder.mkdir(exist_ok=True)
    path = folder / f"chunk-{start:%Y%m%d-%H%M%S}.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["comment"] = start_comment(start)
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "35", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for at, number in enumerate(numbers):
            raw = np.frombuffer(picture(number, *size), np.uint8).reshape(size[1] * 3 // 2, size[0])
            frame = av.VideoFrame.from_ndarray(raw, format="yuv420p")
            frame.pts, frame.time_base = at, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def seen(tmp_path: Path, *chunks: tuple[Sequence[int], float]) -> Verdict:
    """The verdict over chunks, each as its numbers and the second after START at which it begins."""
    for numbers, second in chunks:
        chunk(tmp_path / "hall", numbers, START + dt.timedelta(seconds=second))
    return check(SENT, frames_in(chunks_on_disk(tmp_path / "hall")))


def test_everything_is_there(tmp_path: Path) -> None:
    verdict = seen(tmp_path, (range(15), 0), (range(15, 30), 3))
    assert verdict.in_order and not verdict.missing and len(verdict.expected) == 30
    assert not verdict.later_than(0.001) and verdict.lost_s == 0


def test_a_lost_frame_between_two_chunks(tmp_path: Path) -> None:
    verdict = seen(tmp_path, (range(15), 0), (range(16, 30), 3.2))
    assert [frame.number for frame in verdict.missing] == [15]
    assert verdict.lost_s == pytest.approx(1 / FPS)
    assert verdict.in_order


def test_a_lost_frame_within_a_chunk_is_worse(tmp_path: Path) -> None:
    verdict = seen(tmp_path, ([*range(15), *range(16, 30)], 0))
    assert [frame.number for frame in verdict.missing] == [15] == [frame.number for frame in verdict.hidden]
    assert not verdict.in_order


def test_frames_that_come_twice_or_late(tmp_path: Path) -> None:
    verdict = seen(tmp_path, ([0, 1, 2, 2, 4, 3, 5], 0), (range(5, 9), 2))
    assert verdict.doubled == [2, 5] and verdict.disordered == [3]


def test_a_chunk_whose_time_is_wrong(tmp_path: Path) -> None:
    verdict = seen(tmp_path, (range(10), 0), (range(10, 20), 4))
    assert not verdict.missing and sorted(verdict.later_than(1.5)) == list(range(10, 20))
    assert verdict.off[10] == pytest.approx(2.0)


def test_chunks_that_overlap_in_time(tmp_path: Path) -> None:
    assert seen(tmp_path, (range(10), 0), (range(10, 20), 1)).disordered == [10, 11, 12, 13, 14]


def test_what_is_missing_at_the_ends_only_the_caller_knows(tmp_path: Path) -> None:
    chunk(tmp_path / "hall", range(5, 25), START)
    shown = frames_in(chunks_on_disk(tmp_path / "hall"))
    assert not check(SENT, shown).missing
    verdict = check(SENT, shown, first=0, last=29)
    assert [len(hole) for hole in verdict.holes] == [5, 5] and verdict.longest_s == pytest.approx(1.0)
    assert verdict.back_after(SENT[2].monotonic) == pytest.approx(3 / FPS)
    assert verdict.back_after(SENT[5].monotonic) == 0


def test_a_damaged_picture_is_no_number(tmp_path: Path) -> None:
    grey = np.full((120, 160), 110, np.uint8)
    assert number_in(0) is None and number_in(bits_of(77) ^ 1 << BITS + 3) is None
    chunk(tmp_path / "hall", [1, 2], START)
    (tmp_path / "hall").joinpath("chunk-20260301-090100.mp4").unlink(missing_ok=True)
    with av.open(str(tmp_path / "hall" / "chunk-20260301-090100.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    assert len(check(SENT, frames_in(chunks_on_disk(tmp_path / "hall"))).unreadable) == 1


def test_a_copy_in_spool_and_store_is_one(tmp_path: Path) -> None:
    chunk(tmp_path / "spool", range(5), START)
    chunk(tmp_path / "store", range(5), START)
    assert check(SENT, frames_in(chunks_on_disk(tmp_path / "spool", tmp_path / "store"))).in_order


@pytest.mark.parametrize("number", [0, 1, 0xABCDEF, 0xFFFFFF])
def test_the_code_survives_hard_compression(tmp_path: Path, number: int) -> None:
    chunk(tmp_path / "hall", [number] * 3, START, size=(80, 60))
    assert {frame.number for frame in frames_in(chunks_on_disk(tmp_path / "hall"))} == {number}
