"""Frames cost what changes in them, and chunks keep their contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from simulate.acting import Actor
from simulate.camera import Camera, Frame, record
from simulate.coat import COATS
from simulate.flesh import Body
from simulate.furnish import furnished_room, mounted_camera
from simulate.routine import Episode

SIZE = (192, 108)
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def camera(*episodes: Episode, seed: int = 1) -> Camera:
    rng = np.random.default_rng(seed)
    room = furnished_room(rng)
    view = mounted_camera(rng, room, *SIZE)
    actor = Actor(episodes, "den", room, seed)
    return Camera(room, view, {"miso": (Body(COATS["ginger"]), actor)}, seed)


def doing(behaviour: str, start: int, end: int, zone: str | None = None, subtype: str | None = None) -> Episode:
    at = [NOON + timedelta(seconds=s) for s in (start, end)]
    return Episode("miso", behaviour, at[0], at[1], "den", zone, subtype)


def frames(lens: Camera, seconds: float, start: datetime = NOON) -> list[Frame]:
    return list(lens.frames(start, seconds, 5))


def test_an_empty_room_draws_no_cat() -> None:
    lens = camera()
    assert all(frame.truth == {} for frame in frames(lens, 20))
    assert lens.draws == 0


def test_a_sleeping_cat_is_drawn_once_per_depth_of_its_breath() -> None:
    """A breath has 9 depths: hours of sleep cost no more drawings than that, and those of settling down."""
    lens = camera(doing("sleeping", 0, 7200, "bed", "curled"))
    frames(lens, 1)
    settling = lens.draws
    frames(lens, 10, NOON + timedelta(seconds=100))
    first = lens.draws
    assert first - settling <= 9
    frames(lens, 30, NOON + timedelta(seconds=1500))
    assert lens.draws == first


def test_a_walking_cat_is_drawn_in_each_frame_and_moves() -> None:
    lens = camera(doing("sleeping", 0, 5, "bed", "curled"), doing("other", 5, 9, None, "walking"))
    walk = frames(lens, 2, NOON + timedelta(seconds=5))
    boxes = [frame.truth["miso"].box for frame in walk if "miso" in frame.truth]
    assert len(set(boxes)) == len(boxes) > 5
    assert lens.draws >= len(boxes)


def test_the_truth_is_where_the_picture_changes() -> None:
    empty, cat = camera(), camera(doing("sleeping", 0, 60, "bed", "curled"))
    without, within = frames(empty, 0.2)[0], frames(cat, 0.2)[0]
    change = np.abs(without.yuv[: SIZE[1]].astype(int) - within.yuv[: SIZE[1]])  # the noise is the same in both
    rows, cols = np.nonzero(change > 12)
    x1, y1, x2, y2 = np.multiply(within.truth["miso"].box, SIZE * 2)
    inside = (cols >= x1 - 1) & (cols <= x2 + 1) & (rows >= y1 - 1) & (rows <= y2 + 1)
    assert len(rows) > 50
    assert inside.mean() > 0.8, "the rest is shadow"


def test_daylight_drifts_and_night_is_grey_and_noisier() -> None:
    lens = camera()
    means = [lens.frame(NOON + timedelta(seconds=s)).yuv[: SIZE[1]].mean() for s in range(0, 97, 5)]
    assert 0.93 < min(means) / max(means) < 0.97, "a cloud takes 5 %"
    night = NOON - timedelta(hours=10)
    grey = lens.frame(night).yuv
    assert np.abs(grey[SIZE[1] :].astype(int) - 128).max() <= 1, "no chroma under infrared"
    still = [
        [lens.frame(when + timedelta(seconds=s)).yuv[: SIZE[1]].astype(float) for s in (0, 0.2)]
        for when in (NOON, night)
    ]
    day_noise, night_noise = (float((a - b).std() / np.sqrt(2)) for a, b in still)
    assert day_noise == pytest.approx(2.0, rel=0.15)
    assert night_noise == pytest.approx(5.0, rel=0.15)


def test_frames_do_not_depend_on_what_was_drawn_before() -> None:
    episodes = [doing("eating", 0, 10, "food_bowl"), doing("other", 10, 14, None, "walking")]
    whole = frames(camera(*episodes), 14)
    alone = camera(*episodes).frame(NOON + timedelta(seconds=12))
    assert np.array_equal(whole[60].yuv, alone.yuv)


def grey(start: datetime, count: int, fps: int = 5) -> Iterator[Frame]:
    for k in range(count):
        yield Frame(start + timedelta(seconds=k) / fps, np.full((SIZE[1] * 3 // 2, SIZE[0]), 90 + k % 60, np.uint8), {})


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_chunks_are_cut_on_five_minutes_and_carry_their_start(tmp_path: Path, codec: str) -> None:
    start = datetime(2026, 3, 1, 11, 59, 50, 250000, tzinfo=UTC)
    paths = record(grey(start, 100), tmp_path / "den", SIZE, 5, keyframe_s=2, codec=codec)
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
    first = record(grey(NOON, 5), tmp_path, SIZE, 5)
    content = first[0].read_bytes()
    second = record(grey(NOON, 10), tmp_path, SIZE, 5)
    assert second[0].name == "chunk-20260301-120000-1.mp4"
    assert first[0].read_bytes() == content


def test_an_interrupted_recording_leaves_nothing_half_done(tmp_path: Path) -> None:
    def broken() -> Iterator[Frame]:
        yield from grey(NOON, 5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(broken(), tmp_path, SIZE, 5)
    assert list(tmp_path.iterdir()) == []


def test_odd_sizes_and_unknown_codecs_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    room = furnished_room(rng)
    with pytest.raises(ValueError, match="321x180: width and height must be even"):
        Camera(room, mounted_camera(rng, room, 321, 180), {}, 0)
    with pytest.raises(ValueError, match="codec 'vp9'"):
        record(grey(NOON, 2), tmp_path, SIZE, 5, codec="vp9")
    assert list(tmp_path.iterdir()) == []
