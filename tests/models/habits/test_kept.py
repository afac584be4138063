"""A model that was kept says what it said before."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.habits.kept import numbers_of, restored
from models.habits.next_event import Candidate, coming_hours
from models.habits.next_event_blend import CANDIDATES
from tests.models.habits.lives import DAY, HOUR, START, by_turns, life

KNOWN = life(by_turns(40, 4, 0.8, seed=3), [(START, START + 40 * DAY)])
NOW = START + 40 * DAY


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.name)
def test_kept_and_taken_up_again_it_says_the_same(candidate: Candidate) -> None:
    fitted = candidate.fit(KNOWN, NOW)
    numbers = numbers_of(fitted)
    again = restored(candidate.name, json.loads(json.dumps(numbers)))
    assert again is not None and numbers_of(again) == numbers
    np.testing.assert_allclose(again.waits(KNOWN, NOW), fitted.waits(KNOWN, NOW), rtol=1e-6)
    rims = coming_hours(NOW + HOUR, KNOWN)
    np.testing.assert_allclose(again.chances(KNOWN, NOW, rims), fitted.chances(KNOWN, NOW, rims), atol=2e-3)


def test_numbers_of_another_model_are_refused() -> None:
    numbers = numbers_of(CANDIDATES[1].fit(KNOWN, NOW))
    with pytest.raises(ValueError, match=r"recent: found 0 numbers"):
        restored("habit", numbers)
    with pytest.raises(ValueError, match=r"rate: found 143 numbers, or some that are none; 144 would be right"):
        restored("hour_profile", {"rate": numbers["rate"][1:]})
    assert restored("a model that is no more", numbers) is None
