"""Re-encoding keeps what a stream copy keeps: how the picture is turned, the shape of its pixels, its gaps."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.chunks import copy_chunks, scan
from ingest.encode import encode_chunks
from tests.ingest.film import START, bars, film, shown

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("turned", [90, -90, 180])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "qtrle"])
def test_a_turned_phone_stays_turned(tmp_path: Path, codec: str, turned: int) -> None:
    # qtrle is a codec of QuickTime that mp4 cannot hold: it is re-encoded, the others are copied.
    clip = film(tmp_path / "phone.mov", 12, codec=codec, rotation=turned)
    plan = scan(clip, START)
    assert bool(plan.encode) == (codec == "qtrle")
    (part,) = (encode_chunks if plan.encode else copy_chunks)(plan, START, tmp_path)
    for path in (clip, part.path):
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            assert round(frame.rotation) in {turned, turned - 360 if turned == 180 else turned}
            upright = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation) // 90)
            assert np.abs(upright.astype(int) - np.rot90(bars(0), turned // 90)).mean() < 12


def test_pixels_that_are_not_square_stay_so(tmp_path: Path) -> None:
    clip = tmp_path / "wide.mov"
    with av.open(str(clip), "w") as output:
        stream = output.add_stream("qtrle", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(bars(number), format="rgb24")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    (part,) = encode_chunks(scan(clip, START), START, tmp_path)
    with av.open(str(part.path)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


def test_odd_sides_lose_a_row_at_most(tmp_path: Path) -> None:
    clip = film(tmp_path / "odd.gif", 3, codec="gif", size=(65, 47))
    (part,) = encode_chunks(scan(clip, START), START, tmp_path)
    with av.open(str(part.path)) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (64, 46)


def test_a_pause_is_a_gap_and_a_boundary_cuts_to_the_frame(tmp_path: Path) -> None:
    # 4 s before noon: frames at -4 … 5, nothing for a minute, ten more.
    clip = film(tmp_path / "pause.wmv", [*range(10), *range(70, 80)], codec="wmv2")
    start = NOON - dt.timedelta(seconds=4)
    parts = [(part.span, shown(part.path)) for part in encode_chunks(scan(clip, start), start, tmp_path)]
    assert [(span.start - NOON).total_seconds() for span, _ in parts] == [-4, 0, 66]
    assert [[number for number, _ in frames] for _, frames in parts] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7, 8, 9],
        list(range(10, 20)),
    ]
    # Nothing says how long the last frame before the pause was shown: as long as the frames of the file on average.
    assert (parts[1][0].end - NOON).total_seconds() < 16


def test_twice_the_same_bytes(tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.wmv", 200, codec="wmv2", fps=10)
    plan = scan(clip, START)
    first = [part.path.read_bytes() for part in encode_chunks(plan, START, tmp_path)]
    assert [part.path.read_bytes() for part in encode_chunks(plan, START, tmp_path)] == first


def test_frames_that_cannot_be_decoded_are_passed_over(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.flv", 100, codec="flv", fps=10)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    clip = tmp_path / "hurt.flv"
    clip.write_bytes(data)
    (part, *_) = encode_chunks(scan(clip, NOON), NOON, tmp_path)
    assert part.frames > 40
