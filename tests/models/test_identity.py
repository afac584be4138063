"""Names: right where cats differ, unknown where they do not or are no cats of this home, and never one name twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.identity import UNKNOWN, Gallery, Recogniser, named
from models.strangers import Strangers, read_strangers, within

D = 24
IN_GREY = np.arange(D) < 10


class Cats:
    """Coats of cats as they are, and what light and place add to them."""

    def __init__(self, seed: int, coats: int, light: float = 0.6) -> None:
        self.rng, self.light = np.random.default_rng(seed), light
        self.coats = self.rng.normal(size=(coats, D))

    def sitting(self, coat: int, count: int) -> np.ndarray:
        """Coats of one occasion: one light for all, a little for each."""
        light = self.rng.normal(scale=self.light, size=D)
        return (self.coats[coat] + light + self.rng.normal(scale=0.2, size=(count, D))).astype(np.float32)

    def others(self, count: int) -> np.ndarray:
        coats = self.rng.normal(size=(count, D)) + self.rng.normal(scale=self.light, size=(count, D))
        return coats.astype(np.float32)

    def strangers(self, count: int) -> Strangers:
        """A quarter of them seen without colour."""
        coats = self.others(count)
        coats[np.ix_(np.arange(count) < count // 4, ~IN_GREY)] = np.nan
        own = np.diag(np.full(D, self.light**2))
        return Strangers(coats, np.zeros(count, np.int64), IN_GREY, own, own[:10, :10])


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
    return named(ratios, [frozenset()] * len(looks), least=0.9)[0]


def test_cats_are_known_again_on_another_day_and_strangers_are_not() -> None:
    cats = Cats(1, 2)
    recogniser = Recogniser(gallery(cats), cats.strangers(2000))
    own = [told(recogniser, [cats.sitting(coat, 5) for _ in range(100)]) for coat in range(2)]
    assert [each.count(coat) for coat, each in enumerate(own)] >= [95, 95]
    assert own[0].count(1) + own[1].count(0) == 0
    visitors = told(recogniser, [each[None] for each in cats.others(400)])
    assert visitors.count(UNKNOWN) >= 372, "one in twenty, and chance"


def test_two_cats_of_one_coat_stay_unknown_rather_than_wrong() -> None:
    cats = Cats(2, 2)
    cats.coats[1] = cats.coats[0] + 0.02 * cats.coats[1]
    recogniser = Recogniser(gallery(cats), cats.strangers(300))
    answers = told(recogniser, [cats.sitting(0, 5) for _ in range(100)])
    assert answers.count(1) <= 5
    assert answers.count(UNKNOWN) >= 60


def test_looks_that_say_nothing_name_nobody() -> None:
    """It looks like no cat in particular: the middle of all, or not seen at all."""
    cats = Cats(3, 2)
    recogniser = Recogniser(gallery(cats), cats.strangers(300))
    nobody = (cats.rng.normal(scale=0.3, size=(50, 6, D))).astype(np.float32)
    assert set(told(recogniser, list(nobody))) == {UNKNOWN}
    assert recogniser.track(cats.sitting(0, 3), np.zeros(3)).tolist() == [-np.inf, -np.inf]


def test_without_colour_a_cat_is_known_by_the_rest_and_two_that_differ_in_colour_alone_are_not() -> None:
    """A black cat and a dark red one at night: their colour is not there, and nothing else differs."""
    cats = Cats(8, 2, light=0.3)
    recogniser = Recogniser(gallery(cats), cats.strangers(400))

    def by_night(coat: int) -> list[np.ndarray]:
        return [np.where(IN_GREY, cats.sitting(coat, 5), np.nan).astype(np.float32) for _ in range(60)]

    assert told(recogniser, by_night(0)).count(0) >= 50
    cats.coats[1, IN_GREY] = cats.coats[0, IN_GREY]
    alike = Recogniser(gallery(cats), cats.strangers(400))
    assert told(alike, [cats.sitting(1, 5) for _ in range(60)]).count(1) >= 50, "by day they are two"
    answers = told(alike, by_night(1))
    assert answers.count(0) <= 3 and answers.count(UNKNOWN) >= 45


def test_strangers_of_each_kind_are_kept_out() -> None:
    """Nine of ten are drawn and look like no cat of this home; the photos among them do, and are not drowned in the others."""
    cats = Cats(9, 2)
    strangers = cats.strangers(1000)
    drawn = np.arange(1000) < 900
    far = strangers.coats + np.float32(4) * drawn[:, None]
    mixed = Strangers(far, drawn.astype(np.int64), IN_GREY, strangers.within, strangers.within_grey)
    visitors = told(Recogniser(gallery(cats), mixed), [each[None] for each in cats.others(400)])
    assert visitors.count(UNKNOWN) >= 360, "of a hundred photos the bar is known roughly"


def test_what_one_cat_differs_from_itself_is_measured_around_each_cat() -> None:
    rng = np.random.default_rng(0)
    cats = np.repeat(np.arange(40), 10)
    coats = rng.normal(scale=9, size=(40, 2))[cats] + rng.normal(size=(400, 2)) * (1, 0.5)
    assert np.allclose(within(coats.astype(np.float32), cats), [[1, 0], [0, 0.25]], atol=0.15)


def test_strangers_are_written_and_read(tmp_path: Path) -> None:
    given = Cats(7, 1).strangers(30)
    given.write(tmp_path / "strangers.npz")
    first = (tmp_path / "strangers.npz").read_bytes()
    given.write(tmp_path / "strangers.npz")
    assert (tmp_path / "strangers.npz").read_bytes() == first
    kept = read_strangers(tmp_path / "strangers.npz")
    assert all(np.array_equal(getattr(kept, name), value, equal_nan=True) for name, value in vars(given).items())
    np.save(tmp_path / "strangers.npz", np.zeros(3))
    with pytest.raises(ModelError, match="export the pose network again"):
        read_strangers(tmp_path / "none.npz")


def test_one_photo_of_each_cat_is_a_gallery() -> None:
    """Nothing is known of how much they differ from themselves; those that differ from each other are told apart all the same."""
    cats = Cats(4, 2, light=0.3)
    photos = np.concatenate([cats.sitting(0, 1), cats.sitting(1, 1)])
    recogniser = Recogniser(Gallery(("Minka", "Tom"), photos, np.arange(2), np.arange(2)), cats.strangers(300))
    answers = told(recogniser, [cats.sitting(0, 5) for _ in range(50)])
    assert answers.count(0) >= 40 and answers.count(1) == 0


def test_a_cat_without_a_coat_is_never_named() -> None:
    cats = Cats(5, 2)
    photos = cats.sitting(0, 4)
    recogniser = Recogniser(Gallery(("Minka", "Tom"), photos, np.zeros(4, np.int64), np.arange(4)), cats.strangers(100))
    assert recogniser.track(photos, np.ones(4))[1] == -np.inf
    assert set(told(recogniser, [cats.sitting(1, 5) for _ in range(20)])) == {UNKNOWN}


def test_animals_seen_at_one_time_never_share_a_name() -> None:
    """The surer of two is named; the other gets the next best if that is sure enough by then, else nobody's name."""
    ratios = np.array([[6.0, -1.0], [3.0, 2.0], [4.0, -11.0]])
    apart = [frozenset({1, 2}), frozenset({0}), frozenset({0})]
    cats, sure = named(ratios, apart, least=0.9)
    assert cats == [0, 1, UNKNOWN]
    assert sure[0] > 0.98 and sure[1] > 0.9 and sure[2] > 0.9
    assert named(ratios, [frozenset()] * 3, least=0.9)[0] == [0, UNKNOWN, 0]  # 5 and 4 are not sure


def test_what_nothing_can_be_measured_of_is_refused() -> None:
    cats = Cats(6, 2)
    empty = Gallery((), np.zeros((0, D), np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="0 coats and 23 strangers in colour"):
        Recogniser(empty, cats.strangers(30))
    with pytest.raises(ValueError, match="24 coats and 3 strangers in colour"):
        Recogniser(gallery(cats), cats.strangers(3))
