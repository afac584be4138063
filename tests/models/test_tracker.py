"""Tracks over samples that lie seconds to a minute apart, and over live frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.appearance import appearance
from models.tracker import Tracker, TrackerSettings

SETTINGS = TrackerSettings()
Box = tuple[float, float, float, float]


def square(x: float, y: float, side: float = 0.1) -> Box:
    """A cat of a tenth of the frame, as a camera at ceiling height sees it."""
    return (x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def coat(red: int, green: int, blue: int) -> np.ndarray:
    """The appearance of a cat in one colour, with the noise of a camera."""
    noise = np.random.default_rng(red).normal(0, 6, (40, 40, 3))
    return appearance(np.clip(np.array([red, green, blue]) + noise, 0, 255).astype(np.uint8))


BLACK, GINGER = coat(25, 25, 28), coat(200, 120, 50)


def follow(
    tracker: Tracker,
    ts: float,
    boxes: list[Box],
    scores: list[float] | None = None,
    looks: list[np.ndarray] | None = None,
) -> list[int]:
    given = np.array(boxes, np.float32).reshape(-1, 4)
    sure = np.array(scores if scores is not None else [0.8] * len(boxes), np.float32)
    return tracker.update(ts, given, sure, np.stack(looks) if looks else None).tolist()


def test_a_walking_cat_is_one_track_at_a_sample_in_five_seconds() -> None:
    tracker = Tracker(SETTINGS)
    # 0.3 of the frame in 5 s: three of its own lengths, so two boxes of it never overlap.
    tracks = [follow(tracker, 5.0 * step, [square(0.1 + 0.3 * step, 0.5)])[0] for step in range(3)]
    assert tracks == [1, 1, 1]


def test_a_box_across_the_room_a_second_later_is_another_cat() -> None:
    tracker = Tracker(SETTINGS)
    assert follow(tracker, 0, [square(0.1, 0.1)]) == [1]
    assert follow(tracker, 1, [square(0.9, 0.9)]) == [2]


def test_a_sleeping_cat_is_one_track_over_hours_of_heartbeats_with_misses() -> None:
    tracker = Tracker(SETTINGS)
    rng = np.random.default_rng(1)
    seen = set()
    for minute in range(300):
        # Every third heartbeat is missed; two in a row would still lie within the gap of 150 s.
        boxes = [] if minute % 3 == 2 else [square(0.5 + rng.normal(0, 0.003), 0.5)]
        seen |= set(follow(tracker, 60.0 * minute, boxes))
    assert seen == {1}


def test_a_cat_that_comes_back_after_the_gap_is_a_new_track() -> None:
    tracker = Tracker(SETTINGS)
    follow(tracker, 0, [square(0.5, 0.5)])
    assert follow(tracker, SETTINGS.max_gap_s + 1, [square(0.5, 0.5)]) == [2]


def test_two_cats_never_share_a_track() -> None:
    tracker = Tracker(SETTINGS)
    rng = np.random.default_rng(2)
    for sample in range(200):
        boxes = [square(*rng.uniform(0.1, 0.9, 2)) for _ in range(rng.integers(0, 5))]
        tracks = [track for track in follow(tracker, float(sample), boxes) if track > 0]
        assert len(tracks) == len(set(tracks))


def test_cats_that_cross_keep_their_tracks_by_their_coats() -> None:
    tracker = Tracker(SETTINGS)
    names = []
    for step in range(7):
        # They pass each other in mid-frame; between two samples each moves more than a length.
        boxes = [square(0.2 + 0.1 * step, 0.48), square(0.8 - 0.1 * step, 0.52)]
        names.append(follow(tracker, 2.0 * step, boxes, looks=[BLACK, GINGER]))
    assert names == [[1, 2]] * 7


def test_a_weak_box_carries_a_track_on_and_begins_none() -> None:
    tracker = Tracker(SETTINGS)
    assert follow(tracker, 0, [square(0.5, 0.5)]) == [1]
    assert follow(tracker, 5, [square(0.51, 0.5), square(0.1, 0.1)], scores=[0.15, 0.15]) == [1, -1]
    assert follow(tracker, 10, [square(0.52, 0.5)]) == [1]


def test_a_second_box_of_one_animal_is_no_second_animal() -> None:
    tracker = Tracker(SETTINGS)
    follow(tracker, 0, [square(0.5, 0.5)])
    assert follow(tracker, 5, [square(0.5, 0.5), square(0.505, 0.5)], scores=[0.8, 0.5]) == [1, -1]


def test_live_frames_follow_the_motion() -> None:
    """At 10 fps two alike cats that cross are told apart by the way they go: one length a second each."""
    tracker = Tracker(TrackerSettings(max_gap_s=5))
    names = []
    for step in range(61):
        boxes = [square(0.2 + 0.01 * step, 0.44), square(0.8 - 0.01 * step, 0.56)]
        names.append(follow(tracker, 0.1 * step, boxes))
    assert names == [[1, 2]] * 61


@pytest.mark.parametrize("dt", [1.0, 2.0])
def test_a_brisk_walk_is_one_track_from_its_first_step(dt: float) -> None:
    """1 m/s is 2.5 lengths of a box 0.4 m wide: the second box is far away, and no velocity is known yet."""
    tracker = Tracker(SETTINGS)
    assert [follow(tracker, dt * step, [square(0.1 + 0.25 * dt * step, 0.5)]) for step in range(3)] == [[1]] * 3


def test_a_long_lost_track_does_not_steal_the_box_of_one_just_seen() -> None:
    tracker = Tracker(SETTINGS)
    assert follow(tracker, 0, [square(0.5, 0.2), square(0.2, 0.5)]) == [1, 2]
    for second in range(1, 61):
        follow(tracker, second, [square(0.2, 0.5)])
    # It gets up: 1.6 lengths from where it was, 3.3 from where the other was seen a minute ago.
    assert follow(tracker, 61, [square(0.36, 0.5)]) == [2]


def test_a_sleeper_keeps_its_track_when_the_infrared_light_goes_on() -> None:
    tracker = Tracker(SETTINGS)
    grey = coat(140, 140, 140)
    assert follow(tracker, 0, [square(0.5, 0.5)], looks=[GINGER]) == [1]
    assert follow(tracker, 60, [square(0.51, 0.5)], looks=[grey]) == [1]


def test_who_sits_still_keeps_its_track_when_a_cat_comes_that_looks_more_like_it() -> None:
    """It was learnt in the light of a lamp that is out since."""
    tracker = Tracker(replace(SETTINGS, coat=3.0))
    dark, lit = coat(60, 45, 35), coat(120, 90, 70)
    assert follow(tracker, 0, [square(0.82, 0.14)], looks=[lit]) == [1]
    assert follow(tracker, 5, [square(0.82, 0.14)], looks=[dark]) == [1]
    assert follow(tracker, 55, [square(0.6, 0.47), square(0.82, 0.14)], looks=[lit, dark]) == [2, 1]


@pytest.mark.parametrize(("costs", "track"), [(3.0, 2), (1.0, 1)])
def test_one_that_comes_in_another_coat_is_another_where_cats_must_be_told_apart(costs: float, track: int) -> None:
    tracker = Tracker(replace(SETTINGS, coat=costs))
    tabby, tortie = coat(130, 110, 90), coat(90, 60, 40)
    assert follow(tracker, 0, [square(0.3, 0.5)], looks=[tabby]) == [1]
    assert follow(tracker, 15, [square(0.6, 0.5)], looks=[tortie]) == [track]


def test_a_coat_is_not_learnt_from_a_box_that_shows_half_of_another_cat() -> None:
    tracker = Tracker(SETTINGS)
    follow(tracker, 0, [square(0.3, 0.5), square(0.7, 0.5)], looks=[BLACK, GINGER])
    for second in range(1, 30):  # asleep against each other, each box half full of the other's coat
        mixed = (BLACK + GINGER) / np.linalg.norm(BLACK + GINGER)
        follow(tracker, second, [square(0.47, 0.5), square(0.53, 0.5)], looks=[mixed, mixed])
    # They part, and change sides.
    assert follow(tracker, 34, [square(0.3, 0.5), square(0.7, 0.5)], looks=[GINGER, BLACK]) == [2, 1]


@pytest.mark.parametrize("dt", [0.2, 1.0, 5.0])
def test_two_cats_of_one_room_are_told_apart_by_their_coats_whatever_the_pace(dt: float) -> None:
    """Naps and walks at 1.5 lengths a second through a room of ten lengths; a fifth of the boxes is missed."""
    rng = np.random.default_rng(4)
    tracker = Tracker(SETTINGS)
    places, goals, rest = rng.uniform(0.2, 0.8, (2, 2)), rng.uniform(0.1, 0.9, (2, 2)), np.array([20.0, 0.0])
    names: dict[int, set[int]] = {0: set(), 1: set()}
    for sample in range(200):
        for cat in range(2):
            if rest[cat] > 0:
                rest[cat] -= dt
                continue
            way = goals[cat] - places[cat]
            length = float(np.linalg.norm(way))
            places[cat] += way * min(1.0, 0.15 * dt / max(length, 1e-9))
            if length <= 0.15 * dt:
                goals[cat], rest[cat] = rng.uniform(0.1, 0.9, 2), rng.exponential(40)
        shown = [cat for cat in range(2) if rng.random() > 0.2]
        boxes = [square(*(places[cat] + rng.normal(0, 0.004, 2))) for cat in shown]
        looks = [(BLACK, GINGER)[cat] for cat in shown]
        for cat, track in zip(shown, follow(tracker, dt * sample, boxes, looks=looks), strict=True):
            names[cat].add(track)
    assert not names[0] & names[1], "a track never goes from cat to cat"
    assert len(names[0] | names[1]) <= 6, "and a cat that was out of sight for some samples is found again"


@pytest.mark.parametrize("at", [0.0, -1.0])
def test_time_that_does_not_go_on_is_refused(at: float) -> None:
    tracker = Tracker(SETTINGS)
    follow(tracker, 0, [])
    with pytest.raises(ValueError, match="order of time"):
        follow(tracker, at, [])


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="expected boxes"):
        Tracker().update(0.0, np.zeros((2, 4), np.float32), np.zeros(1, np.float32))


def test_appearance_tells_coats_apart_and_survives_a_darker_lamp() -> None:
    darker = coat(160, 96, 40)
    assert float(GINGER @ darker) > float(GINGER @ BLACK) + 0.3
    assert float(np.linalg.norm(BLACK)) == pytest.approx(1, abs=1e-5)


def test_appearance_works_on_infrared_pictures_and_tiny_crops() -> None:
    grey = np.repeat(np.random.default_rng(3).integers(0, 255, (1, 3, 1), np.uint8), 3, 2)
    assert np.isfinite(appearance(grey)).all()


LIVE = TrackerSettings(overlap=0.45, max_gap_s=10.0)


def test_live_a_box_that_overlaps_goes_before_one_that_looks_alike() -> None:
    tracker = Tracker(LIVE)
    assert follow(tracker, 0.0, [square(0.3, 0.5)], looks=[GINGER]) == [1]
    # By coat alone the second would be it; by place it is the first, which the infrared light has just made grey.
    assert follow(tracker, 0.2, [square(0.31, 0.5), square(0.42, 0.5)], looks=[BLACK, GINGER]) == [1, 2]
    assert tracker.found_again == 0


def test_live_what_overlaps_nothing_is_found_again_by_place_and_counted() -> None:
    tracker = Tracker(LIVE)
    follow(tracker, 0.0, [square(0.3, 0.5)])
    assert follow(tracker, 0.2, [square(0.38, 0.5)]) == [1]  # a dash of most of its length
    assert tracker.found_again == 1
    for step in range(1, 45):  # out of sight for nine seconds
        follow(tracker, 0.2 + step / 5, [])
    assert follow(tracker, 9.4, [square(0.45, 0.5)]) == [1]
    assert tracker.found_again == 2
    assert follow(tracker, 20.0, [square(0.45, 0.5)]) == [2]


def test_live_a_track_that_stays_is_as_if_it_was_seen_and_another_may_take_a_number_on() -> None:
    tracker = Tracker(LIVE, last_number=6)
    assert follow(tracker, 0.0, [square(0.3, 0.5)]) == [7]
    for second in range(1, 60):
        tracker.stay(second, [7])
        assert follow(tracker, second + 0.1, []) == []
    assert follow(tracker, 60.0, [square(0.3, 0.5)]) == [7]
    tracker.resume(9, 59.0, np.array(square(0.7, 0.5), np.float32))
    assert follow(tracker, 60.2, [square(0.7, 0.5), square(0.1, 0.1)]) == [9, 10]
