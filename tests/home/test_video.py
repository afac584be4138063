"""Frames are found by the index, decoded alone where they can be, and are the same ones every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import FootageError
from home.video import burst, frames_at, plan, probe, still
from tests.clips import paint, walking


@pytest.mark.parametrize(
    ("codec", "gop_s", "b_frames"),
    [("libx264", 5, 0), ("libx264", 1, 2), ("libx265", 5, 2), ("mpeg4", 1, 0), ("mjpeg", 1, 0)],
)
def test_one_frame_a_period_and_the_same_one_when_asked_again(
    tmp_path: Path, codec: str, gop_s: float, b_frames: int
) -> None:
    clip = str(paint(tmp_path / "clip.mp4", 20, codec=codec, gop_s=gop_s, b_frames=b_frames, place=walking))
    info = probe(clip)
    assert len(info.offsets) == 100
    offsets = plan(info, 5)
    assert len(offsets) == 4
    first = [frame.offset_s for frame in frames_at(clip, offsets)]
    assert first == pytest.approx([0, 5, 10, 15], abs=0.5)  # reordered keyframes may lie two frames off
    assert [frame.offset_s for frame in frames_at(clip, first)] == first


def test_keyframes_are_decoded_alone_and_others_only_where_a_period_has_no_keyframe(tmp_path: Path) -> None:
    clip = str(paint(tmp_path / "clip.mp4", 24, gop_s=12))
    frames = list(frames_at(clip, plan(probe(clip), 4)))
    assert [(round(frame.offset_s), frame.keyframe) for frame in frames] == [
        (0, True),
        (4, False),
        (8, False),
        (12, True),
        (16, False),
        (20, False),
    ]


def test_a_keyframe_later_in_the_period_is_preferred_to_its_first_frame(tmp_path: Path) -> None:
    clip = str(paint(tmp_path / "clip.mp4", 12, gop_s=3))
    assert plan(probe(clip), 4) == pytest.approx([0, 6, 9])


def test_the_picture_is_the_one_of_its_time(tmp_path: Path) -> None:
    clip = str(paint(tmp_path / "clip.mp4", 20, place=walking, gop_s=10))
    for frame in frames_at(clip, [2.0, 8.0, 14.0]):
        columns = np.flatnonzero(frame.grey(320).max(axis=0) > 200)
        # 0.9 of the width in 20 s, painted at 320 pixels.
        assert columns[0] == pytest.approx(frame.offset_s / 20 * 0.9 * 320, abs=3)


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_small_grey_and_rgb_keep_their_shape(tmp_path: Path, codec: str) -> None:
    clip = str(paint(tmp_path / "clip.mp4", 2, codec=codec, size=(640, 360)))
    frame = next(iter(frames_at(clip, [0.0])))
    assert frame.grey(160).shape == (90, 160)
    assert frame.rgb(320).shape == (180, 320, 3)
    assert frame.rgb().shape == (360, 640, 3)


@pytest.mark.parametrize(("codec", "b_frames", "fps"), [("libx264", 0, 10), ("libx264", 2, 25), ("mjpeg", 0, 10)])
def test_a_burst_is_the_frames_after_its_sample_each_once(tmp_path: Path, codec: str, b_frames: int, fps: int) -> None:
    # With B-frames a keyframe stands in for frames within two and a half of it: a fifth of a second is more at 25 fps.
    clip = str(paint(tmp_path / "clip.mp4", 8, place=walking, codec=codec, b_frames=b_frames, fps=fps))
    info = probe(clip)
    # Two that touch, over a keyframe at 5 s, and one that the end of the clip cuts off.
    wanted = {2.0, 4.0, 7.0, *burst(info, 2, 2, 5), *burst(info, 4, 2, 5), *burst(info, 7, 2, 5)}
    frames = list(frames_at(clip, sorted(wanted), info))
    assert [frame.offset_s for frame in frames] == pytest.approx([*np.arange(2, 6.1, 0.2), 7, 7.2, 7.4, 7.6, 7.8])
    for frame in frames:
        left = np.flatnonzero(frame.rgb()[:, :, 0].max(axis=0) > 190)[0]
        assert left == pytest.approx(frame.offset_s / 20 * 0.9 * 320, abs=2)  # 2.9 pixels from frame to frame


def test_a_burst_asks_for_no_frame_twice_where_the_camera_is_slower(tmp_path: Path) -> None:
    info = probe(str(paint(tmp_path / "clip.mp4", 4, fps=3)))
    assert burst(info, 1.0, 1.0, 5) == pytest.approx([4 / 3, 5 / 3, 2])
    assert burst(info, 1.0, 0.0, 5).size == 0


def test_a_truncated_chunk_gives_what_is_left(tmp_path: Path) -> None:
    """A file cut off in its data keeps an index that promises more than there is."""
    clip = paint(tmp_path / "clip.mp4", 20, gop_s=5)
    data = bytearray(clip.read_bytes())
    start = data.index(b"mdat") + len(data) // 2
    data[start : start + 8000] = bytes(8000)
    clip.write_bytes(bytes(data))
    frames = list(frames_at(str(clip), [0.0, 5.0, 10.0, 15.0]))
    assert frames[0].offset_s == 0


@pytest.mark.parametrize("content", [b"", b"not a film", b"\x00" * 4096])
def test_what_is_no_footage_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(FootageError, match="cannot be read"):
        probe(str(path))


def test_no_frame_beyond_the_end(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match="no frame at"):
        still(str(paint(tmp_path / "clip.mp4", 2)), 60.0)
