"""What the pose network learns from: animals in folds, crops that change with their joints, and what is not known."""

from __future__ import annotations

import json
import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import WrongUse
from models.pose.animals import HIDDEN, SEEN, UNKNOWN, Animal, in_folds, read_animals
from models.pose.judge import mean_pose
from models.pose.keypoints import KEYPOINTS, MIRROR
from models.pose.listing import read_listed, write_listed
from models.pose.measure import auc, average_precision, errors, pck, similarity
from models.pose.readings import Readings, fit_sure, sureness
from models.pose.reliability import hidden_joints, reliability
from models.pose.views import sample_of, seen_as

BOX = np.array([0.2, 0.2, 0.8, 0.8], np.float32)


def animal(path: Path = Path("a.jpg"), source: str = "photos", species: str = "cat", spread: float = 0.25) -> Animal:
    """Joints in a ring; those of the right side lie left in the picture, as of a cat that looks at the camera."""
    points = np.zeros((20, 3), np.float32)
    for number, name in enumerate(KEYPOINTS):
        side = 1 if name.startswith("left") else -1 if name.startswith("right") else 0
        points[number] = 0.5 + side * spread, 0.3 + 0.4 * number / 19, SEEN
    return Animal(path, source, species, BOX, points)


def dotted(one: Animal, size: int = 320) -> np.ndarray:
    """A dark picture with a white dot on every joint."""
    image = np.full((size, size, 3), 30, np.uint8)
    for x, y, _ in one.keypoints:
        cv2.circle(image, (round(x * size), round(y * size)), 6, (255, 255, 255), -1)
    return image


def test_joints_move_with_the_picture_and_left_stays_left() -> None:
    one = animal()
    sample = sample_of(one, dotted(one), real=True)
    plain, points = seen_as(sample, 128)
    assert plain.shape == (128, 128, 3) and (points[:, 2] == SEEN).all()
    flips = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        crop, moved = seen_as(sample, 128, rng)
        inside = (moved[:, :2] > 0.05).all(1) & (moved[:, :2] < 0.95).all(1)
        place = np.round(moved[inside, :2] * 128 - 0.5).astype(int)
        bright = crop.max(2)[place[:, 1], place[:, 0]].astype(int)
        assert bright.min() > int(np.median(crop.max(2))) + 60, seed  # a dot of another light, never the ground
        assert moved[0, 0] > moved[1, 0], seed  # the left eye, flipped or not
        flips += not np.allclose(moved[:, 1], seen_as(sample, 128, np.random.default_rng(seed))[1][list(MIRROR), 1])
    assert flips  # mirrored joints lie at other heights: were none flipped, this test would say nothing


def test_the_same_draw_gives_the_same_crop() -> None:
    one = animal()
    sample = sample_of(one, dotted(one), real=True)
    crops = []
    for _ in range(2):
        random.seed(1)
        np.random.seed(1)
        crops.append(seen_as(sample, 64, np.random.default_rng(3), cheap=1.0, cover=sample))
    assert np.array_equal(crops[0][0], crops[1][0]) and np.array_equal(crops[0][1], crops[1][1])


def test_what_lies_under_a_cover_is_hidden_and_what_nobody_marked_stays_unknown() -> None:
    one = animal()
    one.keypoints[3, 2] = UNKNOWN
    sample = sample_of(one, dotted(one), real=True)
    hidden = 0
    for seed in range(20):
        _, points = seen_as(sample, 128, np.random.default_rng(seed), cover=sample)
        assert points[3, 2] == UNKNOWN or points[MIRROR[3], 2] == UNKNOWN
        hidden += int((points[:, 2] == HIDDEN).sum())
    assert hidden > 10


def write(folder: Path, names: list[tuple[str, str]]) -> Path:
    """Pictures with an animal for each name and species; pictures of one first letter are near copies."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = []
    for name, species in names:
        rng = np.random.default_rng(ord(name[0]))
        image = cv2.resize(
            rng.integers(0, 255, (9, 9, 3), np.uint8), (72 + len(name), 72), interpolation=cv2.INTER_CUBIC
        )
        cv2.imwrite(str(folder / "images" / name), image)
        rows.append(
            {"file": name, "species": species, "width": 72, "height": 72, "bbox_xyxy": [10, 10, 60, 60],
             "keypoints": [[30, 30, 1]] * 20}
        )  # fmt: skip
    (folder / "annotations.json").write_text(json.dumps({"keypoint_names": KEYPOINTS, "annotations": rows}))
    return folder


def test_copies_and_animals_of_one_picture_are_never_on_both_sides(tmp_path: Path) -> None:
    names = [(f"{letter}{kind}.png", "cat") for letter in "abcdefghij" for kind in ("", "-copy")]
    names += [("a.png", "dog"), ("zdog.png", "dog")]
    found = read_animals(write(tmp_path / "photos", names))
    found += read_animals(write(tmp_path / "drawn", [("q.png", "cat")]))
    folded = in_folds(found, species="cat", sources=["photos"], folds=3, copy_bits=4, seed=0)
    by_letter: dict[str, set[int]] = {}
    for each in folded:
        by_letter.setdefault(each.path.name[0] + each.source, set()).add(each.fold)
    assert all(len(folds) == 1 for folds in by_letter.values())
    assert {each.fold for each in folded if each.measured} == {0, 1, 2}
    assert by_letter["zphotos"] == {-1} and by_letter["qdrawn"] == {-1}  # a dog alone and what is drawn always train
    dog = next(each for each in folded if each.path.name == "a.png" and each.species == "dog")
    assert dog.fold >= 0 and not dog.measured  # it goes with its picture
    write_listed(folded, tmp_path / "list.jsonl")
    again = read_listed(tmp_path / "list.jsonl")
    assert [(each.fold, each.measured, each.path) for each in again] == [
        (each.fold, each.measured, each.path) for each in folded
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"keypoint_names": ["nose"]}, "has the keypoints"),
        ({"annotations": [{"file": "a.png"}]}, "entry 1 is wrong"),
        (
            {"annotations": [{"file": "a.png", "species": "cat", "width": 9, "height": 9, "bbox_xyxy": [5, 5, 5, 9],
                              "keypoints": [[1, 1, 1]] * 20}]},
            "is empty",
        ),
    ],
)  # fmt: skip
def test_wrong_annotations_are_told(tmp_path: Path, change: dict[str, object], told: str) -> None:
    tree = {"keypoint_names": list(KEYPOINTS), "annotations": []} | change
    (tmp_path / "annotations.json").write_text(json.dumps(tree))
    with pytest.raises(WrongUse, match=told):
        read_animals(tmp_path)


def test_figures_are_those_that_can_be_counted_by_hand() -> None:
    true = np.zeros((2, 20, 3), np.float32)
    true[0, :4, 2], true[1, :2, 2] = SEEN, SEEN
    true[1, 2:, 2] = HIDDEN
    found = np.zeros((2, 20, 2), np.float32)
    found[0, 0], found[0, 1] = (9.9, 0), (0, 10.1)  # right and wrong within 0.1 of 100 pixels
    found[1, 5] = (90, 90)  # of a hidden joint: no figure of places hears of it
    longer, area = np.array([100, 100], np.float32), np.array([5000, 5000], np.float32)
    far = errors(found, true, longer)
    assert int((~np.isnan(far)).sum()) == 6
    assert pck(far)[0] == pytest.approx(5 / 6)
    assert pck(far, np.array([[1.0, 0], [0, 1]])).tolist() == [0.75, 1.0]
    likeness = similarity(found, true, area)
    # eyes scatter by 2 * 0.025 of the root of 0.53 * 5000: nothing is left of them 10 pixels off
    assert likeness[0] == pytest.approx(0.5, abs=0.001) and likeness[1] == 1
    # sure of the right one first: at each of ten overlaps the first half of the recalls is reached; 0.5 counts both
    assert average_precision(likeness, np.array([0.1, 0.9]))[0] == pytest.approx((9 * 51 / 101 + 1) / 10, abs=0.06)
    assert average_precision(np.ones(3), np.array([0.3, 0.2, 0.1]))[0] == pytest.approx(1)
    assert average_precision(np.zeros(3), np.ones(3))[0] == 0
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])) == pytest.approx(0.75)


def told(count: int, rng: np.random.Generator) -> Readings:
    """Readings whose peak says how likely they are right."""
    peak = rng.uniform(0.02, 1, (count, 20))
    true = np.zeros((count, 20, 3), np.float32)
    true[..., 2] = SEEN
    found = np.where((rng.uniform(size=(count, 20)) < peak)[..., None], 2.0, 50.0) * np.ones((count, 20, 2))
    longer = np.full(count, 100, np.float32)
    return Readings(
        found.astype(np.float32), peak, rng.normal(size=(count, 20)), true, np.full((count, 2), 200, np.float32), longer,
        longer**2, np.zeros(count, np.int64), np.arange(count).astype(str),
    )  # fmt: skip


def test_confidence_becomes_the_share_of_what_is_right() -> None:
    rng = np.random.default_rng(0)
    learned, new = told(400, rng), told(400, rng)
    known, right = learned.known()
    sure = fit_sure(learned.seen[known], learned.peak[known], right[known])
    assert abs(sure[0]) < 0.1 < sure[1]  # being seen says nothing here, the peak does
    judged = reliability(new, sureness(sure, new.seen, new.peak))
    assert judged["ece"] < 0.06 and judged["right_of_read"] > 0.65 and judged["auc_right"] > 0.7
    all_sure = reliability(new, np.full(new.seen.shape, 0.99))
    assert all_sure["ece"] > 0.3 and all_sure["read"] == 1


def test_hidden_joints_that_are_said_surely_and_wildly_are_counted() -> None:
    new = told(10, np.random.default_rng(1))
    new.true[:, 10:, 2] = HIDDEN
    sure = np.where(new.true[..., 2] == HIDDEN, 0.2, 0.9)
    good = hidden_joints(new, sure)
    assert good["auc_seen"] == 1 and good["hidden_but_sure"] == 0 and good["sure_hidden_and_wild"] == 0
    assert hidden_joints(new, 1 - sure)["hidden_but_sure"] == 1


def test_the_mean_pose_is_that_of_the_other_folds() -> None:
    one, other = animal(), animal(spread=0.1)
    animals = [
        Animal(each.path, each.source, each.species, each.box, each.keypoints, fold, True)
        for fold, each in enumerate([one, other])
    ]
    new = told(2, np.random.default_rng(2))
    said = mean_pose(new, animals)
    assert np.allclose(said.found[0] / 200, other.keypoints[:, :2], atol=1e-5)
    assert np.allclose(said.found[1] / 200, one.keypoints[:, :2], atol=1e-5)
