"""Chunks keep their contract, and what looks the same is encoded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from simulate.footage import Encoder, record

SIZE = (192, 108)
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Grey:
    """A frame of one grey; `looked` counts how often it was drawn."""

    ts: datetime
    key: int | None
    level: int
    looked: list[int]

    @property
    def yuv(self) -> np.ndarray:
        self.looked.append(self.level)
        return np.full((SIZE[1] * 3 // 2, SIZE[0]), self.level, np.uint8)


def grey(
    start: datetime, count: int, fps: int = 5, period: int = 60, looked: list[int] | None = None, keys: bool = False
) -> Iterator[Grey]:
    for k in range(count):
        level = 90 + k % period
        yield Grey(
            start + timedelta(seconds=k) / fps, level if keys else None, level, looked if looked is not None else []
        )


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_chunks_are_cut_on_five_minutes_and_carry_their_start(tmp_path: Path, codec: str) -> None:
    start = datetime(2026, 3, 1, 11, 59, 50, 250000, tzinfo=UTC)
    paths = record(grey(start, 100), tmp_path / "den", Encoder(SIZE, 5, 2, codec))
    assert [p.name for p in paths] == ["chunk-20260301-115950.mp4", "chunk-20260301-120000.mp4"]
    assert sorted(p.name for p in (tmp_path / "den").iterdir()) == [p.name for p in paths], "no temporary file is left"
    for path, comment, count in zip(paths, ("11:59:50.250000", "12:00:00.050000"), (49, 51), strict=True):
        with av.open(str(path)) as container:
            assert container.metadata["comment"] == f"catml-start=2026-03-01T{comment}Z"
            stream = container.streams.video[0]
            assert (stream.codec_context.width, stream.codec_context.height) == SIZE
            decoded = list(container.decode(stream))
        assert len(decoded) == count
        assert decoded[0].key_frame and decoded[0].time == 0
        assert decoded[1].time == pytest.approx(float(Fraction(1, 5)))
        keyframes = [k for k, frame in enumerate(decoded) if frame.key_frame]
        assert keyframes == (list(range(0, count, 10)) if codec == "h264" else list(range(count)))


def test_a_taken_name_is_never_overwritten(tmp_path: Path) -> None:
    first = record(grey(NOON, 5), tmp_path, Encoder(SIZE, 5))
    content = first[0].read_bytes()
    second = record(grey(NOON, 10), tmp_path, Encoder(SIZE, 5))
    assert second[0].name == "chunk-20260301-120000-1.mp4"
    assert first[0].read_bytes() == content


def test_an_interrupted_recording_leaves_nothing_half_done(tmp_path: Path) -> None:
    def broken() -> Iterator[Grey]:
        yield from grey(NOON, 5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(broken(), tmp_path, Encoder(SIZE, 5))
    assert list(tmp_path.iterdir()) == []


def test_what_looks_the_same_is_encoded_once_to_the_same_bytes(tmp_path: Path) -> None:
    """Ten seconds of frames that come again every 2 s: with keys each is drawn once, and no byte differs."""
    looked: list[int] = []
    known = record(grey(NOON, 50, period=10, looked=looked, keys=True), tmp_path / "known", Encoder(SIZE, 5, 2))
    assert len(looked) == 10
    anew = record(grey(NOON, 50, period=10, looked=looked), tmp_path / "anew", Encoder(SIZE, 5, 2))
    assert len(looked) == 60
    assert known[0].read_bytes() == anew[0].read_bytes()


def test_every_interval_plays(tmp_path: Path) -> None:
    (path,) = record(grey(NOON, 57, keys=True), tmp_path, Encoder(SIZE, 5, 5))
    with av.open(str(path)) as container:
        levels = [frame.to_ndarray()[: SIZE[1]].mean() for frame in container.decode(video=0)]
    assert np.allclose(levels, [90 + k for k in range(57)], atol=2.5)


def test_unknown_codecs_are_refused() -> None:
    with pytest.raises(ValueError, match="codec 'vp9'"):
        Encoder(SIZE, 5, codec="vp9")
