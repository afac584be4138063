"""Names: right where cats differ, unknown where they do not or are no cats of this home, and never one name twice."""

from __future__ import annotations

import numpy as np
import pytest

from models.identity import UNKNOWN, Gallery, Recogniser, named

D = 24


class Cats:
    """Looks of cats as a coat and what light and place add to it."""

    def __init__(self, seed: int, coats: int, light: float = 0.6) -> None:
        self.rng, self.light = np.random.default_rng(seed), light
        self.coats = self.rng.normal(size=(coats, D))

    def sitting(self, coat: int, count: int) -> np.ndarray:
        """Looks of one occasion: one light for all, a little for each."""
        light = self.rng.normal(scale=self.light, size=D)
        return (self.coats[coat] + light + self.rng.normal(scale=0.2, size=(count, D))).astype(np.float32)

    def strangers(self, count: int) -> np.ndarray:
        coats = self.rng.normal(size=(count, D)) + self.rng.normal(scale=self.light, size=(count, D))
        return coats.astype(np.float32)


def gallery(cats: Cats, sittings: int = 3) -> Gallery:
    looks = [(coat, sitting, cats.sitting(coat, 4)) for coat in range(2) for sitting in range(sittings)]
    return Gallery(
        ("Minka", "Tom"),
        np.concatenate([each for *_, each in looks]),
        np.repeat([coat for coat, *_ in looks], 4),
        np.repeat(np.arange(len(looks)), 4),
    )


def told(recogniser: Recogniser, looks: list[np.ndarray]) -> list[int]:
    ratios = np.stack([recogniser.track(each, np.ones(len(each))) for each in looks])
    return named(ratios, [frozenset()] * len(looks), least=0.9, unknown=0.3)[0]


def test_cats_are_known_again_on_another_day_and_strangers_are_not() -> None:
    cats = Cats(1, 2)
    recogniser = Recogniser(gallery(cats), cats.strangers(300))
    own = [told(recogniser, [cats.sitting(coat, 5) for _ in range(100)]) for coat in range(2)]
    assert [each.count(coat) for coat, each in enumerate(own)] >= [95, 95]
    assert own[0].count(1) + own[1].count(0) == 0
    visitors = told(recogniser, [each[None] for each in cats.strangers(400)])
    assert visitors.count(UNKNOWN) >= 380


def test_two_cats_of_one_coat_stay_unknown_rather_than_wrong() -> None:
    cats = Cats(2, 2)
    cats.coats[1] = cats.coats[0] + 0.02 * cats.coats[1]
    recogniser = Recogniser(gallery(cats), cats.strangers(300))
    answers = told(recogniser, [cats.sitting(0, 5) for _ in range(100)])
    assert answers.count(1) <= 5
    assert answers.count(UNKNOWN) >= 60


def test_looks_that_say_nothing_name_nobody() -> None:
    """A black cat at night looks like no cat in particular: the middle of all, or not seen at all."""
    cats = Cats(3, 2)
    strangers = cats.strangers(300)
    recogniser = Recogniser(gallery(cats), strangers)
    dark = (strangers.mean(axis=0) + cats.rng.normal(scale=0.3, size=(50, 6, D))).astype(np.float32)
    assert set(told(recogniser, list(dark))) == {UNKNOWN}
    unseen = recogniser.track(cats.sitting(0, 3), np.zeros(3))
    assert unseen.tolist() == [0, 0]


def test_one_photo_of_each_cat_is_a_gallery() -> None:
    """Nothing is known of how much they differ from themselves; those that differ from each other are told apart all the same."""
    cats = Cats(4, 2, light=0.3)
    photos = np.concatenate([cats.sitting(0, 1), cats.sitting(1, 1)])
    recogniser = Recogniser(Gallery(("Minka", "Tom"), photos, np.arange(2), np.arange(2)), cats.strangers(300))
    answers = told(recogniser, [cats.sitting(0, 5) for _ in range(50)])
    assert answers.count(0) >= 40 and answers.count(1) == 0


def test_a_cat_without_a_look_is_never_named() -> None:
    cats = Cats(5, 2)
    photos = cats.sitting(0, 4)
    recogniser = Recogniser(Gallery(("Minka", "Tom"), photos, np.zeros(4, np.int64), np.arange(4)), cats.strangers(100))
    assert recogniser.track(photos, np.ones(4))[1] == -np.inf
    assert set(told(recogniser, [cats.sitting(1, 5) for _ in range(20)])) == {UNKNOWN}


def test_animals_seen_at_one_time_never_share_a_name() -> None:
    """The surer of two is named; the other gets the next best if that is sure enough by then, else nobody's name."""
    ratios = np.array([[8.0, 1.0], [5.0, 4.0], [6.0, -9.0]])
    apart = [frozenset({1, 2}), frozenset({0}), frozenset({0})]
    cats, sure = named(ratios, apart, least=0.9, unknown=0.3)
    assert cats == [0, 1, UNKNOWN]
    assert sure[0] > 0.98 and sure[1] > 0.9 and sure[2] > 0.9
    assert named(ratios, [frozenset()] * 3, least=0.9, unknown=0.3)[0] == [0, UNKNOWN, 0]  # 5 and 4 are not sure


def test_what_nothing_can_be_measured_of_is_refused() -> None:
    cats = Cats(6, 2)
    empty = Gallery((), np.zeros((0, D), np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="0 looks and 30 strangers"):
        Recogniser(empty, cats.strangers(30))
    with pytest.raises(ValueError, match="24 looks and 3 strangers"):
        Recogniser(gallery(cats), cats.strangers(3))
