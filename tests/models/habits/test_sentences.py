"""Findings in words a person would use, with their numbers."""

from __future__ import annotations

import pytest

from models.habits.sentences import sentence


@pytest.mark.parametrize(
    ("kind", "of", "numbers", "said"),
    [
        ("none", "using_litter_box", {"seen": 90_000.0, "usual": 61_200.0},
         "No litter box visit for 25 h of observed time; nearly all waits of this cat are under 17 h."),
        ("none", "eating", {"seen": 65_000.0}, "No meal for 18 h of observed time."),
        ("more_often", "using_litter_box", {"seen": 9.0, "usual": 3.14, "hours": 24.0, "observed_h": 20.0},
         "9 litter box visits in 24 h, 20 h of it observed; usual would be 3.1."),
        ("less_often", "eating", {"seen": 1.0, "usual": 8.0, "hours": 24.0, "observed_h": 24.0},
         "1 meal in 24 h; usual would be 8."),
        ("often_and_short", "using_litter_box", {"seen": 7.5, "usual": 3.0, "hours": 24.0, "observed_h": 24.0, "possible": 3.0},
         "7.5 litter box visits in 24 h, 3 of an unknown cat counted in part, shorter than usual; usual would be 3."),
        ("less", "eating", {"seen": 300.0, "usual": 900.0, "hours": 48.0, "observed_h": 48.0},
         "It ate for 5 min in 48 h; usual would be 15 min."),
        ("longer", "grooming", {"seen": 400.0, "usual": 200.0, "hours": 72.0, "observed_h": 72.0},
         "A grooming took 7 min on average in 72 h, usually 3 min."),
        ("up_often", "night", {"seen": 23.0, "usual": 11.2, "hours": 24.0, "observed_h": 6.0},
         "Up 23 times at night in 24 h; usual would be 11.2."),
        ("drift_up", "hunched_rest", {"seen": 0.5, "usual": 0.123456}, "Hunched rest is higher than usual: 0.5, usually 0.123."),
    ],
)  # fmt: skip
def test_a_finding_is_one_sentence(kind: str, of: str, numbers: dict[str, float], said: str) -> None:
    assert sentence(kind, of, numbers) == said
