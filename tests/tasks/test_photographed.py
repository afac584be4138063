"""Photos of known behaviour as moments."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from models.behaviour.evidence import NEIGHBOURS, ZONES
from models.behaviour.strokes import STROKES
from tasks.photographed import Photo, labelled_photos, listed_photos, read_photographed, write_photographed
from tests.models.pose.networks import brightest_pose


def folder_of(root: Path, **counts: int) -> str:
    """Folders of noise, each photo another."""
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            cv2.imwrite(str(root / name / f"{number}.png"), rng.integers(0, 255, (60, 80, 3), np.uint8))
    return str(root)


def test_a_folder_is_named_for_what_its_photos_show(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos", sleeping=2, loafing=1)
    (tmp_path / "photos" / "sleeping" / "notes.txt").write_text("no photo")
    photos = labelled_photos([folder], ["loafing: other"])
    assert [(photo.path.name, BEHAVIOURS[photo.behaviour]) for photo in photos] == [
        ("0.png", "other"), ("0.png", "sleeping"), ("1.png", "sleeping")
    ]  # fmt: skip
    with pytest.raises(WrongUse, match="no behaviour 'loafing'"):
        labelled_photos([folder], [])
    with pytest.raises(WrongUse, match="found no folder"):
        labelled_photos([str(tmp_path / "none")], [])
    (tmp_path / "empty" / "eating").mkdir(parents=True)
    with pytest.raises(WrongUse, match="hold no photo"):
        labelled_photos([str(tmp_path / "empty")], [])


def test_a_photo_is_a_moment_without_burst_neighbours_and_zones(tmp_path: Path) -> None:
    brightest_pose(tmp_path / "pose.onnx")
    folder = folder_of(tmp_path / "photos", sleeping=4, eating=4)
    copy = tmp_path / "photos" / "eating" / "copy.png"
    copy.write_bytes((tmp_path / "photos" / "eating" / "0.png").read_bytes())
    photos = labelled_photos([folder], [])
    for name in ("one.npz", "two.npz"):
        write_photographed(tmp_path / name, photos, tmp_path / "pose.onnx", 2, 0)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    told = read_photographed(tmp_path / "one.npz")
    first = told.view == 0
    assert told.values.shape == told.known.shape == (90, len(told.names)) and first.sum() == 9 and not told.found.any()
    missing = np.isin(told.names, [*STROKES, *NEIGHBOURS, *ZONES])
    assert not told.known[:, missing].any() and told.known[:, ~missing].any()
    assert set(told.fold) == {0, 1}
    eating = [number for number, photo in enumerate(photos) if photo.path.name in ("0.png", "copy.png")]
    fold = told.fold[first]
    assert fold[eating[0]] == fold[eating[1]]  # a copy is not measured by what learned from the original
    assert (told.fold == np.repeat(fold, 10)).all()  # nor is a photo by what learned from another view of it


def test_a_list_says_what_cats_in_other_pictures_do(tmp_path: Path) -> None:
    folder_of(tmp_path / "pictures", street=2)
    listed = tmp_path / "labels.csv"
    head = "picture,x0,y0,x1,y1,behaviour\n"
    listed.write_text(head + "street/0.png,10,5,60,50,Grooming\nstreet/1.png,0,0,200,60,playing\n")
    photos = listed_photos(listed, tmp_path / "pictures")
    assert photos[0] == Photo(tmp_path / "pictures" / "street" / "0.png", BEHAVIOURS.index("grooming"), (10, 5, 60, 50))
    for line, said in (
        ("street/2.png,10,5,60,50,grooming", "line 2: found no picture"),
        ("street/0.png,10,5,60,50,loafing", "line 2: no behaviour 'loafing'"),
        ("street/0.png,10,5,6,50,grooming", "line 2: the box 10 5 6 50 is empty"),
        ("street/0.png,10,5,six,50,grooming", "line 2: .*six"),
    ):
        listed.write_text(f"{head}{line}\n")
        with pytest.raises(WrongUse, match=said):
            listed_photos(listed, tmp_path / "pictures")
    listed.write_text("picture,behaviour\n")
    with pytest.raises(WrongUse, match="no column x0, x1, y0, y1"):
        listed_photos(listed, tmp_path / "pictures")
    listed.write_bytes(b"\xfe\x00")
    with pytest.raises(WrongUse, match="no CSV in UTF-8"):
        listed_photos(listed, tmp_path / "pictures")
    with pytest.raises(WrongUse, match="is not there"):
        listed_photos(tmp_path / "none.csv", tmp_path)


def test_listed_cats_are_read_in_their_boxes_and_their_parts_follow_copies(tmp_path: Path) -> None:
    brightest_pose(tmp_path / "pose.onnx")
    photos = labelled_photos([folder_of(tmp_path / "photos", sleeping=4, eating=4)], [])
    alone = tmp_path / "alone.npz"
    write_photographed(alone, photos, tmp_path / "pose.onnx", 2, 0)
    copies = [Photo(photo.path, photo.behaviour, (10, 10, 60, 50)) for photo in photos]
    both = tmp_path / "both.npz"
    write_photographed(both, [*photos, *copies], tmp_path / "pose.onnx", 2, 0)
    told, before = read_photographed(both), read_photographed(alone)
    assert told.found[told.listed].all() and not told.found[~told.listed].any()
    first, own = ~told.listed & (told.view == 0), told.listed & (told.view == 0)
    assert (told.fold[first] == before.fold[before.view == 0]).all()  # the list changes no part of the photos
    assert (told.fold[own] == told.fold[first]).all()  # and its copies of them are in the same one
    size = told.names.index("size")
    assert not np.allclose(told.values[own, size], told.values[first, size])


def test_a_box_outside_of_its_picture_is_told_before_anything_is_written(tmp_path: Path) -> None:
    brightest_pose(tmp_path / "pose.onnx")
    (photo,) = labelled_photos([folder_of(tmp_path / "photos", sleeping=1)], [])
    for box in ((9000, 10, 9060, 50), (10, 9000, 60, 9050)):
        with pytest.raises(
            WrongUse, match=rf"the box {box[0]} {box[1]} .* lies outside of .*0\.png', which is \d+ x \d+"
        ):
            write_photographed(tmp_path / "told.npz", [Photo(photo.path, 0, box)], tmp_path / "pose.onnx", 2, 0)
    assert not (tmp_path / "told.npz").exists()
