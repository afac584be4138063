"""The one in place against a new one, on trials whose outcome is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.habits.backtest import Backtest
from models.habits.contest import IN_PLACE, Champion, contest, with_champion
from models.habits.next_event_blend import CANDIDATES
from models.habits.selection import Choice
from tests.models.habits.lives import DAY, HOUR, START, life

NOW = START + 56 * DAY
SPOKE, SILENT = (Choice("habit", silent, "", {}, None) for silent in (False, True))
CHAMPION = Champion(SPOKE, None, START)


def trials(in_place: float, new: float, *, of: slice = slice(None)) -> Backtest:
    """Eight weeks in which four hours always passed, and both said so many hours too many in some of them."""
    origins = np.arange(START, NOW, 5 * HOUR)
    waits = 4 * HOUR + np.random.default_rng(1).normal(0, HOUR / 4, len(origins))
    said = {name: np.tile(waits[:, None], 5) for name in (IN_PLACE, "habit")}
    said[IN_PLACE][of] += in_place * HOUR
    said["habit"][of] += new * HOUR
    return Backtest(origins, (origins // DAY).astype(np.int64), waits, np.full(len(origins), 100 * HOUR), said)


def test_not_worse_takes_over_and_worse_does_not() -> None:
    assert contest(trials(1, 1), NOW, CHAMPION, SPOKE).why == "not_worse"
    assert contest(trials(1, 0.5), NOW, CHAMPION, SPOKE).takes_over
    worse = contest(trials(0.5, 1), NOW, CHAMPION, SPOKE)
    assert (worse.takes_over, worse.why) == (False, "worse")
    assert (worse.champion_h, worse.challenger_h) == pytest.approx((0.25, 0.5)) and worse.trials == 134
    # By one in a hundred on every day: surely worse, though by little.
    assert not contest(trials(1, 1.01), NOW, CHAMPION, SPOKE).takes_over


def test_only_the_last_weeks_count() -> None:
    early = slice(0, 100)
    assert contest(trials(0, 3, of=early), NOW, CHAMPION, SPOKE).takes_over
    assert not contest(trials(0, 3, of=slice(-100, None)), NOW, CHAMPION, SPOKE).takes_over


def test_what_cannot_be_compared() -> None:
    few = trials(1, 0)
    few = replace(few, origins=few.origins - 27 * DAY)
    assert contest(few, NOW, CHAMPION, SPOKE).why == "too_little" and not contest(few, NOW, CHAMPION, SPOKE).takes_over
    assert contest(few, NOW, None, SPOKE).why == "first"
    for old, new in ((SILENT, SPOKE), (SPOKE, SILENT)):
        assert contest(trials(0, 1), NOW, Champion(old, None, START), new).why == "silent"


def test_the_one_in_place_is_asked_as_it_was_learned() -> None:
    """Since it was learned by what it learned then, before by its recipe; told nothing that came later."""
    starts = START + np.arange(0, 56 * 6, dtype=np.float64) * 4 * HOUR
    known = life(starts, [(START, NOW)])
    test = trials(0, 0)
    learned_at = START + 40 * DAY
    recipe = CANDIDATES[3]
    assert recipe.name == "habit"
    fitted = recipe.fit(life(starts[::2], [(START, NOW)]).between(START, learned_at), learned_at)
    both = with_champion(test, Champion(SPOKE, fitted, learned_at), known, memory_s=84 * DAY)
    later = test.origins >= learned_at
    np.testing.assert_array_equal(both.quantiles[IN_PLACE][~later], test.quantiles["habit"][~later])
    at = int(np.flatnonzero(later)[3])
    origin = float(test.origins[at])
    np.testing.assert_array_equal(both.quantiles[IN_PLACE][at], fitted.waits(known.between(START, origin), origin))
