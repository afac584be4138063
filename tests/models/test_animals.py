"""The smallest number of animals that explains what was seen."""

from __future__ import annotations

from models.animals import Seen, animals


def test_one_cat_that_walks_from_camera_to_camera_is_one_animal() -> None:
    assert animals([Seen(0, 100, "kitchen"), Seen(120, 300, "hall"), Seen(320, 400, "kitchen")]) == [0, 0, 0]


def test_two_boxes_at_one_time_on_one_camera_are_two_animals() -> None:
    assert animals([Seen(0, 100, "kitchen"), Seen(50, 150, "kitchen")]) == [0, 1]


def test_two_cameras_that_see_a_cat_at_one_time_may_see_the_same() -> None:
    assert animals([Seen(0, 100, "kitchen"), Seen(50, 150, "hall")]) == [0, 0]


def test_a_track_that_was_lost_and_found_within_the_tolerance_is_one_animal() -> None:
    assert animals([Seen(0, 100, "kitchen"), Seen(96, 200, "kitchen")], tolerance_s=5) == [0, 0]


def test_a_later_track_goes_to_the_animal_that_was_seen_last() -> None:
    tracks = [Seen(0, 100, "kitchen"), Seen(0, 500, "kitchen"), Seen(600, 700, "hall")]
    assert animals(tracks) == [0, 1, 1]


def test_a_cat_that_has_just_gone_is_likelier_to_be_seen_elsewhere_than_one_that_is_still_there() -> None:
    """One sleeps in front of the camera all the time, the other walks out of the room: it is the walker that the hall shows."""
    tracks = [Seen(0, 900, "kitchen"), Seen(100, 300, "kitchen"), Seen(320, 900, "hall")]
    assert animals(tracks, tolerance_s=5) == [0, 1, 1]


def test_two_rooms_at_one_time_are_two_animals_and_a_door_is_one() -> None:
    """The owner said that the cameras look at two rooms; for the five seconds in the door a cat is in both."""
    tracks = [Seen(0, 100, "kitchen", "kitchen"), Seen(50, 150, "hall", "hall"), Seen(148, 200, "kitchen", "kitchen")]
    assert animals(tracks, tolerance_s=5) == [0, 1, 1]
    assert animals([Seen(0, 100, "door", "hall"), Seen(50, 150, "stairs", "hall")]) == [0, 0]
    assert animals([Seen(0, 100, "kitchen", "kitchen"), Seen(50, 150, "anywhere")]) == [0, 0]


def test_tracks_of_one_cat_are_one_animal_and_a_nameless_one_is_none_of_them() -> None:
    """Who could not be named may be anybody: giving the name of whoever was seen last would be a guess."""
    tracks = [
        Seen(0, 100, "kitchen", cat="miso"), Seen(120, 200, "kitchen"), Seen(220, 300, "hall", cat="luna"),
        Seen(320, 400, "kitchen", cat="miso"), Seen(420, 500, "hall"),
    ]  # fmt: skip
    assert animals(tracks) == [0, 1, 2, 0, 1]
