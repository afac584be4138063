"""Frames of one clip look alike: they are known by their names, and stay on one side of the split."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.detector.clips import Naming, clip_of, groups_with_clips, with_clips
from models.detector.pictures import Picture
from models.detector.split import assign, assign_folds

ONE_BOX = np.array([[0.1, 0.2, 0.5, 0.6]], np.float32)


@pytest.mark.parametrize(
    ("path", "naming", "clip"),
    [
        ("images/kitchen_frame_0012.jpg", "marked", "kitchen"),
        ("images/kitchen.mp4-12.jpg", "marked", "kitchen.mp4"),
        ("images/kitchen_mp4-12_jpg.rf.0a1b2c3d.jpg", "marked", "kitchen_mp4"),
        ("images/frame_000012.PNG", "marked", "frames"),
        ("images/attic/frame12.png", "marked", "attic/frames"),
        ("images/13141684_569_jpg.rf.1077271c2b7c.jpg", "marked", "13141684_569"),  # one picture, changed several times
        ("images/2007_000528.jpg", "marked", ""),  # photos are numbered as well
        ("images/framed-cat.jpg", "marked", ""),
        ("images/kitchen-0012.jpg", "numbered", "kitchen"),
        ("images/cat (3).jpg", "numbered", "cat"),
        ("images/kitchen_frame_0012.jpg", "none", ""),
    ],
)
def test_the_name_tells_the_clip(path: str, naming: Naming, clip: str) -> None:
    assert clip_of(Path(path), naming) == clip


def frames(clips: int, each: int, source: str = "films") -> list[Picture]:
    return [
        Picture(Path(f"{source}/images/c{clip:02d}_frame_{number:03d}.jpg"), source, ONE_BOX)
        for clip in range(clips)
        for number in range(each)
    ]


def split_of(pictures: list[Picture], measured: list[str], copies: list[int] | None = None) -> list[Picture]:
    pictures = with_clips(pictures, "marked")
    groups = groups_with_clips(pictures, copies or list(range(len(pictures))))
    split = assign(pictures, groups, measured=measured, test_share=0.3, val_share=0.1, seed=0)
    return assign_folds(split, groups, folds=5, seed=0)


def test_a_clip_stays_on_one_side_and_the_shares_hold() -> None:
    """60 clips of 20 frames: by frames alone nearly every clip would have one in the test, and go there as a whole."""
    pictures = split_of(frames(60, 20), ["films"])
    sides: dict[str, set[tuple[str, int]]] = {}
    for picture in pictures:
        sides.setdefault(picture.clip, set()).add((picture.split, picture.fold))
    assert len(sides) == 60 and all(len(side) == 1 for side in sides.values())
    held_out = sum(picture.split == "test" for picture in pictures) / len(pictures)
    assert held_out == pytest.approx(0.3, abs=0.18)  # three standard deviations of 60 clips


def test_a_clip_of_which_one_frame_is_measured_is_not_trained_on() -> None:
    """The first frame of a clip that only trains is a copy of a measured photo: all its frames go with it."""
    photos = [Picture(Path(f"photos/images/{n}.jpg"), "photos", ONE_BOX) for n in range(50)]
    held = next(n for n, photo in enumerate(split_of(photos, ["photos"])) if photo.split == "test")
    pictures = [*photos, *frames(2, 5)]
    copies = list(range(60))
    copies[50] = held
    ends = split_of(pictures, ["photos"], copies)
    assert [picture.split for picture in ends[50:]] == ["left out"] * 5 + ["train"] * 5
    assert {picture.fold for picture in ends[50:55]} == {ends[held].fold}


def test_every_split_of_a_small_set_has_an_animal() -> None:
    """Three photos with a box, whatever their names: one to learn from, one to watch, one to measure on."""
    for first in range(60):
        photos = [Picture(Path(f"photos/{first + n}.jpg"), "photos", ONE_BOX) for n in range(3)]
        assert sorted(photo.split for photo in split_of(photos, ["photos"])) == ["test", "train", "val"]
    empty = [replace(photo, boxes=np.zeros((0, 4), np.float32), classes=()) for photo in photos[:2]]
    assert len(split_of([photos[2], *empty], ["photos"])) == 3
