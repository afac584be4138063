"""Folders of labelled pictures, their split, and the list that keeps it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import FootageError, WrongUse
from home.training_params import TrainParams
from models.detector.card import model_card
from models.detector.description import ModelDescription
from models.detector.listing import read_listing, write_listing
from models.detector.pictures import Picture, read_folder, read_image
from models.detector.predict import Detector
from models.detector.split import assign, copy_groups, difference_hash
from models.detector.teacher import complete
from tests.models.detector.networks import brightest_detector

ONE_BOX = np.array([[0.1, 0.2, 0.5, 0.6]], np.float32)


def picture_file(path: Path, seed: int, size: tuple[int, int] = (96, 128)) -> Path:
    """A smooth picture of its own for each seed: what photographs look like to a difference hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC))
    return path


def yolo_folder(root: Path, labels: dict[str, str]) -> Path:
    for seed, (name, text) in enumerate(labels.items()):
        picture_file(root / "images" / f"{name}.jpg", seed)
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / f"{name}.txt").write_text(text)
    return root


def test_yolo_labels(tmp_path: Path) -> None:
    """Every line is an animal whatever its class; a box over the edge is cut at it."""
    folder = yolo_folder(tmp_path / "cats", {"a": "0 0.3 0.4 0.4 0.4\n\n7 0.9 0.5 0.4 0.2\n", "b": ""})
    first, second = read_folder(folder)
    np.testing.assert_allclose(first.boxes, [[0.1, 0.2, 0.5, 0.6], [0.7, 0.4, 1.0, 0.6]], atol=1e-6)
    assert (first.source, second.boxes.shape, second.labelled) == ("cats", (0, 4), True)


def test_keypoint_annotations_give_the_boxes_of_one_species(tmp_path: Path) -> None:
    yolo_folder(tmp_path, {"a": ""})
    entry = {"file": "a.jpg", "width": 200, "height": 100, "keypoints": []}
    annotations = [
        entry | {"species": "cat", "bbox_xyxy": [20, 20, 100, 60]},
        entry | {"species": "dog", "bbox_xyxy": [0, 0, 9, 9]},
    ]
    (tmp_path / "annotations.json").write_text(json.dumps({"annotations": annotations}))
    np.testing.assert_allclose(read_folder(tmp_path)[0].boxes, [[0.1, 0.2, 0.5, 0.6]], atol=1e-6)


def test_pictures_nobody_labelled(tmp_path: Path) -> None:
    picture_file(tmp_path / "sleeping" / "one.png", 1)
    assert [(p.path.name, p.labelled) for p in read_folder(tmp_path)] == [("one.png", False)]


@pytest.mark.parametrize("line", ["0 0.5 0.5 0.1", "0 0.5 0.5 0.1 cat", "0 320 240 64 64", "0 0.5 0.5 0 0.1"])
def test_a_wrong_label_is_told_with_file_and_line(tmp_path: Path, line: str) -> None:
    folder = yolo_folder(tmp_path, {"a": f"0 0.5 0.5 0.1 0.1\n{line}\n"})
    with pytest.raises(WrongUse, match=r"a\.txt:2: found '0 .*shares 0\.\.1"):
        read_folder(folder)


def test_a_folder_without_pictures_and_a_damaged_picture_are_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no pictures in"):
        read_folder(tmp_path)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(FootageError, match=r"broken\.jpg' cannot be read"):
        read_image(tmp_path / "broken.jpg")


def test_the_hash_knows_a_copy_from_another_picture(tmp_path: Path) -> None:
    """A copy at half the size and poor quality differs in a few of 64 bits, another picture in about half of them."""
    images = [read_image(picture_file(tmp_path / f"{seed}.png", seed)) for seed in range(6)]
    small = cv2.resize(images[0], (64, 48), interpolation=cv2.INTER_AREA)
    saved = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR)
    hashes = [difference_hash(image) for image in [*images, np.asarray(saved, np.uint8)]]
    assert copy_groups(hashes, 6) == [0, 1, 2, 3, 4, 5, 0]


def test_copies_of_copies_are_one_group() -> None:
    """0b0 and 0b1111 differ in 4 bits, both differ from 0b11 in 2: at 2 bits all three hang together."""
    assert copy_groups([0b0, 0b1111, 0b11, 0xFFFF << 40], 2) == [0, 0, 0, 3]


def split_of(pictures: list[Picture], groups: list[int] | None = None, **changes: object) -> list[Picture]:
    settings: dict = {"measured": ["photos"], "test_share": 0.3, "val_share": 0.1, "seed": 0} | changes
    return assign(pictures, groups or list(range(len(pictures))), **settings)


def photos(count: int, source: str = "photos") -> list[Picture]:
    return [Picture(Path(f"{source}/{number:05d}.jpg"), source, ONE_BOX) for number in range(count)]


def test_the_split_has_its_shares_and_hangs_on_names_alone() -> None:
    """Of 2,000 names 30 % are held out give or take 3 % (three standard deviations), wherever they stand."""
    some = split_of(photos(2000))
    shares = {split: sum(p.split == split for p in some) / 2000 for split in ("test", "val", "train")}
    assert shares == pytest.approx({"test": 0.3, "val": 0.1, "train": 0.6}, abs=0.03)
    by_name = {p.path.name: p.split for p in some}
    fewer = split_of(photos(2000)[::-7])
    assert all(by_name[p.path.name] == p.split for p in fewer)
    assert any(by_name[p.path.name] != p.split for p in split_of(photos(2000), seed=1))


def test_nothing_measured_is_trained_on() -> None:
    """Each measured photo has a copy in a folder that only trains, and two photos are copies of each other."""
    pictures = photos(200) + photos(200, "others")
    groups = list(range(200)) + list(range(200))
    groups[1] = groups[201] = 0
    result = split_of(pictures, groups)
    by_group: dict[int, set[str]] = {}
    for picture, group in zip(result, groups, strict=True):
        by_group.setdefault(group, set()).add(picture.split)
    assert {frozenset(splits) for splits in by_group.values()} == {
        frozenset({"train"}),
        frozenset({"test", "left out"}),
        frozenset({"val", "left out"}),
    }
    assert {p.note for p in result if p.split == "left out"} == {"copy of a test picture", "copy of a val picture"}


def test_the_list_comes_back(tmp_path: Path) -> None:
    pictures = [
        Picture(Path("a b/1.jpg"), "s", np.concatenate([ONE_BOX, ONE_BOX / 2]), True, "train", 'said "so", twice'),
        Picture(Path("a b/2.jpg"), "s", split="test"),
    ]
    write_listing(pictures, tmp_path / "x" / "pictures.csv")
    first, second = read_listing(tmp_path / "x" / "pictures.csv")
    np.testing.assert_allclose(first.boxes, pictures[0].boxes, atol=5e-5)
    assert (first.path, first.split, first.note) == (Path("a b/1.jpg"), "train", 'said "so", twice')
    assert read_listing(tmp_path / "x" / "pictures.csv", "test")[0].path == second.path


def test_a_wrong_list_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"no list of pictures.*tasks\.prepare"):
        read_listing(tmp_path / "pictures.csv")
    (tmp_path / "pictures.csv").write_text("split,source,picture,boxes,note\ntrain,s,a.jpg,0.1 left,\n")
    with pytest.raises(WrongUse, match=r"pictures\.csv:2"):
        read_listing(tmp_path / "pictures.csv")


def spot(path: Path, level: int) -> Path:
    """A black picture of 64 x 64 with a spot in the cell at row 1, column 1."""
    image = np.zeros((64, 64, 3), np.uint8)
    image[8:16, 8:16] = level
    cv2.imwrite(str(path), image)
    return path


def test_a_teacher_completes_what_people_left_open(tmp_path: Path) -> None:
    """The teacher's score is the spot's brightness: 1.0 is sure, 0.3 is in doubt, 0.1 is nothing."""
    onnx = brightest_detector(tmp_path / "t.onnx")
    ModelDescription(name="t", input_size=64, classes=["cat"], output="end2end").write(tmp_path / "model.json")
    sure, doubt, none = (spot(tmp_path / f"{level}.png", level) for level in (255, 77, 25))
    there = np.array([[0.125, 0.125, 0.25, 0.25]], np.float32)
    pictures = [
        Picture(sure, "s", labelled=False),
        Picture(doubt, "s", labelled=False),
        Picture(none, "s", labelled=False),
        Picture(sure, "s", ONE_BOX + 0.39),
        Picture(sure, "s", there),
        Picture(sure, "s"),
    ]
    result = complete(pictures, Detector.load(onnx))
    assert [(p.split, len(p.boxes)) for p in result] == [
        ("train", 1),
        ("left out", 0),
        ("left out", 0),
        ("train", 2),  # the labelled animal and the one that was missed
        ("train", 1),  # the same animal
        ("train", 0),  # people looked and saw none: they are believed
    ]


def test_the_card_names_every_source_and_says_which_terms_are_missing() -> None:
    description = ModelDescription(
        name="m", input_size=64, classes=["cat"], output="raw", metric={"ap50": 0.61}, fingerprint="ab" * 32
    )
    pictures = [*split_of(photos(50)), *photos(3, "attic")]
    card = model_card(description, pictures, TrainParams(), sources=["photos: mine; CC0"], notes=["Be kind."])
    assert "| photos | " in card
    assert "mine; CC0" in card
    assert "| attic | 3 | 0 | 0 | 0 | not stated" in card
    assert "| ap50 | 0.61 |" in card
    for expected in ("AGPL-3.0", "abababababab", "- Be kind."):
        assert expected in card
