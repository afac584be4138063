"""Frames cost what changes in them, and their truth is what they show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from simulate.acting import Actor
from simulate.camera import Camera, Frame
from simulate.coat import COATS
from simulate.compose import ITSELF, NOTHING
from simulate.flesh import Body
from simulate.furnish import furnished_room, mounted_camera
from simulate.overlay import overlaid
from simulate.routine import Episode

SIZE = (192, 108)
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def camera(*episodes: Episode, seed: int = 1, bend: float = 0.0, people: bool = False) -> Camera:
    rng = np.random.default_rng(seed)
    room = furnished_room(rng)
    view = mounted_camera(rng, room, *SIZE)
    actor = Actor(episodes, "den", room, seed)
    return Camera(room, view, {"miso": (Body(COATS["ginger"]), actor)}, seed, bend=bend, people=people)


def doing(behaviour: str, start: int, end: int, zone: str | None = None, subtype: str | None = None) -> Episode:
    at = [NOON + timedelta(seconds=s) for s in (start, end)]
    return Episode("miso", behaviour, at[0], at[1], "den", zone, subtype)


def frames(lens: Camera, seconds: float, start: datetime = NOON) -> list[Frame]:
    """Drawn frames."""
    out = list(lens.frames(start, seconds, 5))
    assert all(frame.yuv.shape == (SIZE[1] * 3 // 2, SIZE[0]) for frame in out)
    return out


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


def test_odd_sizes_are_refused() -> None:
    rng = np.random.default_rng(0)
    room = furnished_room(rng)
    with pytest.raises(ValueError, match="321x180: width and height must be even"):
        Camera(room, mounted_camera(rng, room, 321, 180), {}, 0)


def test_truth_follows_the_lens() -> None:
    """What a bent lens moves, it moves in picture and truth alike."""
    straight, bent = (camera(doing("sleeping", 0, 60, "bed", "curled"), bend=bend) for bend in (0.0, 0.25))
    when = NOON + timedelta(seconds=10)
    boxes = [np.array(lens.frame(when).truth["miso"].box).reshape(2, 2) * SIZE for lens in (straight, bent)]
    moved = bent.lens.bent(boxes[0].mean(axis=0))
    assert np.linalg.norm(moved - boxes[0].mean(axis=0)) > 2, "else this proves nothing"
    assert np.allclose(boxes[1].mean(axis=0), moved, atol=1.5)
    empty = camera(bend=0.25).frame(when)
    change = np.abs(bent.frame(when).yuv[: SIZE[1]].astype(int) - empty.yuv[: SIZE[1]]) > 25
    cols = np.flatnonzero(change.any(axis=0))
    assert abs(cols.min() - boxes[1][0, 0]) < 4 and abs(cols.max() - boxes[1][1, 0]) < 8


def test_people_pass_hide_the_cat_and_are_no_cat() -> None:
    lens = camera(doing("other", 0, 3 * 3600, None, "sitting"), people=True)
    moments = [NOON + timedelta(seconds=s) for s in range(10, 3 * 3600)]
    passing = [frame for frame in map(lens.frame, moments) if frame.key.somebody]
    assert 20 < len(passing) < 200, "3 in 10 of 18 slots, about 4 s each"
    shown = [frame.truth["miso"].shown if "miso" in frame.truth else 0.0 for frame in passing]
    assert min(shown) < 0.8 < max(shown)
    assert all(set(frame.truth) <= {"miso"} for frame in passing)


def test_keypoints_say_what_hides_them() -> None:
    lens = camera(doing("other", 0, 60, None, "sitting"))
    truth = lens.frame(NOON + timedelta(seconds=10)).truth["miso"]
    assert len(truth.hidden) == 20
    assert [h == NOTHING for h in truth.hidden] == [bool(v) for v in truth.keypoints[:, 2]]
    assert ITSELF in truth.hidden and NOTHING in truth.hidden


def test_a_frame_tells_what_the_cat_does() -> None:
    frame = camera(doing("eating", 0, 10, "food_bowl")).frame(NOON + timedelta(seconds=5))
    assert frame.doing["miso"].behaviour == "eating"
    assert overlaid(frame).shape == (SIZE[1], SIZE[0], 3)
