"""How `bench.watch` sees what a recorder lost: by the coded bytes of each frame."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from bench.watch import coded_frames, compared


@pytest.mark.parametrize(("codec", "name"), [("libx264", "h264"), ("libx265", "hevc")])
def test_frames_of_a_film_are_found_again_in_what_was_recorded_of_it(tmp_path: Path, codec: str, name: str) -> None:
    filmed = _film(tmp_path / "film.mp4", codec)
    frames = coded_frames(filmed)
    assert len(frames) == len(set(frames)) == 30
    recorded = coded_frames(_remuxed(filmed, tmp_path / f"{name}.mkv", tmp_path / "chunk.mp4", without=(7, 8, 20)))
    assert (
        compared([frames.index(frame) for frame in recorded], len(frames))
        == "27 frames recorded, 3 lost, 0 doubled, 0 changed"
    )


def test_what_was_lost_doubled_or_changed_is_told() -> None:
    assert compared([8, 9, 0, 1, 1, 2, None, 3], 10) == "8 frames recorded, 0 lost, 1 doubled, 1 changed"
    assert compared([8, 1, 2], 10) == "3 frames recorded, 2 lost, 0 doubled, 0 changed"


def _film(path: Path, codec: str) -> Path:
    """No two frames alike, as with a sensor's noise."""
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(30):
            frame = av.VideoFrame.from_ndarray(rng.integers(0, 255, (48, 64, 3), np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _remuxed(filmed: Path, between: Path, target: Path, without: tuple[int, ...]) -> Path:
    """Through another container and back, as a recorder does, packets left out."""
    for source, path, lost in ((filmed, between, without), (between, target, ())):
        with av.open(str(source)) as taken, av.open(str(path), "w") as given:
            stream = given.add_stream_from_template(taken.streams.video[0])
            for number, packet in enumerate(each for each in taken.demux(video=0) if each.size):
                if number not in lost:
                    packet.stream = stream
                    given.mux(packet)
    return target
