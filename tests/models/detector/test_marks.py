"""Figures of predictions against boxes: cases worked out by hand, the simple way of counting, and the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.detector.bootstrap import differences, draws, estimates
from models.detector.boxes import average_precision, match
from models.detector.marks import OVERLAPS, Marks, mark
from models.detector.predict import Detections

BOX = (0.1, 0.1, 0.5, 0.5)
ASIDE = (0.1, 0.14, 0.5, 0.54)  # shares 0.4 x 0.36 of 0.4 x 0.44 with BOX: an overlap of 0.818
AWAY = (0.6, 0.6, 0.9, 0.9)


def found(*boxes: tuple[tuple[float, ...], float]) -> Detections:
    return Detections(
        np.array([box for box, _ in boxes], np.float32).reshape(-1, 4),
        np.array([score for _, score in boxes], np.float32),
        np.array(["cat"] * len(boxes)),
    )


def truth(*boxes: tuple[float, ...]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)


def some(seed: int, pictures: int = 60, noise: float = 0.03) -> tuple[list[Detections], list[np.ndarray]]:
    """Pictures with 0 to 2 animals, each found with a shifted box or missed, and false boxes of lower scores."""
    rng, said, true = np.random.default_rng(seed), [], []
    for _ in range(pictures):
        corner = rng.uniform(0, 0.5, (int(rng.integers(0, 3)), 2))
        boxes = np.concatenate([corner, corner + rng.uniform(0.05, 0.5, corner.shape)], 1)
        seen = boxes[rng.random(len(boxes)) < 0.8]
        wrong = rng.uniform(0, 0.5, (int(rng.integers(0, 4)), 4)) + np.array([0, 0, 0.5, 0.5])
        all_boxes = np.concatenate([seen + rng.normal(0, noise, seen.shape), wrong])
        scores = np.concatenate([rng.uniform(0.2, 1, len(seen)), rng.uniform(0, 0.6, len(wrong))])
        said.append(found(*zip(map(tuple, all_boxes), scores, strict=True)))
        true.append(boxes.astype(np.float32))
    return said, true


def values(marks: Marks, confidence: float = 0.3, weights: np.ndarray | None = None) -> dict[str, float]:
    return {name: float(value[0]) for name, value in marks.figures(confidence, weights).items()}


def test_one_right_one_false_one_missed_by_hand() -> None:
    """In order of scores: right (precision 1), false, right (2 of 3); three animals: (1 + 2/3) / 3 = 5/9."""
    said = [found((BOX, 0.9), (AWAY, 0.8)), found((AWAY, 0.4)), found()]
    got = values(mark(said, [truth(BOX), truth(AWAY), truth(BOX)]))
    assert got["ap50"] == pytest.approx(5 / 9)
    assert (got["recall"], got["precision"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert math.isnan(got["false_per_100"])  # no picture is without an animal


def test_an_overlap_between_two_limits_counts_up_to_it() -> None:
    """An overlap of 0.818 is right at 0.50 to 0.80, seven of the ten."""
    got = values(mark([found((ASIDE, 0.9))], [truth(BOX)]))
    assert (got["ap50"], got["ap75"], got["ap50_95"]) == (1, 1, pytest.approx(0.7))


def test_a_second_box_on_an_animal_is_false_but_may_be_the_right_one_where_the_first_is_too_loose() -> None:
    """COCO matches each overlap on its own: at 0.5 the surer box takes the animal, at 0.9 only the second fits."""
    marks = mark([found((ASIDE, 0.9), (BOX, 0.5))], [truth(BOX)])
    assert marks.right[:, 0].tolist() == [True, False]
    assert marks.right[:, OVERLAPS.index(0.9)].tolist() == [False, True]
    assert values(marks)["ap75"] == 1


def test_false_cats_are_counted_by_pictures_and_by_boxes() -> None:
    said = [found((BOX, 0.9), (AWAY, 0.5)), found((BOX, 0.2)), found(), found((BOX, 0.9))]
    got = values(mark(said, [truth(), truth(), truth(), truth(BOX)]))
    assert got["false_per_100"] == pytest.approx(100 / 3)
    assert got["false_boxes"] == pytest.approx(2 / 3)


def test_recall_by_size_takes_each_animal_once() -> None:
    tiny = (0.1, 0.1, 0.15, 0.15)
    got = values(mark([found((BOX, 0.9)), found((tiny, 0.9), (BOX, 0.1))], [truth(BOX, tiny), truth(BOX, tiny)]))
    assert (got["recall_tiny"], got["recall_middle"]) == (0.5, 0.5)  # a box of 0.1 is not said at 0.3
    assert math.isnan(got["recall_large"])


@pytest.mark.parametrize("seed", range(5))
def test_the_simple_way_of_counting_gives_the_same(seed: int) -> None:
    said, true = some(seed)
    scores, animals = np.concatenate([one.scores for one in said]), sum(map(len, true))
    marks = mark(said, true)
    simple = [
        average_precision(
            scores,
            np.concatenate([match(o.boxes, o.scores, t, least) for o, t in zip(said, true, strict=True)]),
            animals,
        )
        for least in OVERLAPS
    ]
    got = values(marks)
    assert got["ap50"] == pytest.approx(simple[0])
    assert got["ap75"] == pytest.approx(simple[5])
    assert got["ap50_95"] == pytest.approx(np.mean(simple))


@pytest.mark.parametrize("seed", range(5))
def test_a_weight_of_two_is_the_picture_twice_and_of_zero_is_no_picture(seed: int) -> None:
    """What every resample rests on: the figures of weighted pictures are those of the list written out."""
    said, true = some(seed)
    weights = np.random.default_rng(seed).integers(0, 4, len(said))
    listed = np.repeat(np.arange(len(said)), weights)
    written_out = values(mark([said[i] for i in listed], [true[i] for i in listed]))
    weighted = values(mark(said, true), weights=weights[None].astype(float))
    assert weighted == pytest.approx(written_out, nan_ok=True)


def test_pictures_of_one_group_are_drawn_together() -> None:
    drawn = draws(5, groups=["a", "b", "a", "c", "b"], times=200)
    assert (drawn[:, 0] == drawn[:, 2]).all() and (drawn[:, 1] == drawn[:, 4]).all()
    assert (drawn[:, [0, 1, 3]].sum(1) == 3).all()


def test_a_share_has_the_interval_that_theory_gives() -> None:
    """100 pictures, half of the animals found: the standard error of a share of 100 is 0.05, 1.96 of it 0.098."""
    said = [found((BOX, 0.9)) if number % 2 else found() for number in range(100)]
    recall = estimates(mark(said, [truth(BOX)] * 100), draws(100, times=4000), confidence=0.3)["recall"]
    assert recall.value == 0.5
    assert recall.low == pytest.approx(0.402, abs=0.011) and recall.high == pytest.approx(0.598, abs=0.011)


def test_two_models_are_told_apart_on_the_same_pictures_where_their_intervals_overlap() -> None:
    """The second finds all that the first finds, and 3 of 100 more: 3 ± 3.3 of 100 by chance, yet never less."""
    pictures = [truth(BOX)] * 100
    first = mark([found((BOX, 0.9)) if number < 50 else found() for number in range(100)], pictures)
    second = mark([found((BOX, 0.9)) if number < 53 else found() for number in range(100)], pictures)
    weights = draws(100)
    gap = differences(first, second, weights, confidence=0.3)["recall"]
    assert gap.value == pytest.approx(0.03)
    assert gap.low >= 0 and gap.below == 0
    alone = [estimates(marks, weights, confidence=0.3)["recall"] for marks in (first, second)]
    assert alone[0].high > alone[1].low


def test_a_model_differs_from_itself_by_nothing() -> None:
    marks = mark(*some(0))
    for gap in differences(marks, marks, draws(marks.pictures, times=50), confidence=0.3).values():
        assert (gap.value, gap.low, gap.high, gap.below) == (0, 0, 0, 0)


def test_models_on_different_pictures_are_not_compared() -> None:
    first, second = mark(*some(0)), mark(*some(1))
    with pytest.raises(ValueError, match=r"the same pictures: found 60 with .* boxes and 60 with"):
        differences(first, second, draws(60, times=2), confidence=0.3)
    with pytest.raises(ValueError, match="1 predictions for 0 pictures"):
        mark([found()], [])


@pytest.mark.parametrize("pictures", [0, 3])
def test_sets_without_animals_or_pictures_say_what_they_can(pictures: int) -> None:
    told = estimates(mark([found()] * pictures, [truth()] * pictures), draws(pictures, times=20), confidence=0.3)
    assert set(told) == ({"false_per_100", "false_boxes"} if pictures else set())
