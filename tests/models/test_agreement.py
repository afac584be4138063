"""Kappa against figures worked out by hand, and an interval that knows that seconds are no independent evidence."""

from __future__ import annotations

import numpy as np
import pytest

from models.agreement import agreement, kappa


def test_kappa_is_cohens() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreed 0.70, by chance 0.50, so 0.40."""
    assert kappa(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)
    assert kappa(np.array([[7, 0], [0, 3]])) == 1.0
    assert np.isnan(kappa(np.array([[9, 0], [0, 0]]))), "where both only ever said one thing, chance says it too"


def said(table: list[list[int]], blocks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds with these counts, dealt out over blocks of their order."""
    pairs = [(a, b) for a, row in enumerate(table) for b, count in enumerate(row) for _ in range(count)]
    first, second = np.array(pairs).T
    return first, second, np.arange(len(pairs)) * blocks // len(pairs)


def test_of_each_class_against_the_others() -> None:
    first, second, block = said([[30, 10, 0], [0, 40, 0], [0, 0, 20]], 4)
    found = agreement(first, second, block, 3)
    assert found.agreed == pytest.approx(0.9)
    assert found.specific() == pytest.approx([60 / 70, 80 / 90, 1.0])
    # Class 0 against the others: 30 both, 10 one only, 60 neither: agreed 0.9, by chance 0.4 * 0.3 + 0.6 * 0.7 = 0.54.
    assert found.by_class[0, 0] == pytest.approx((0.9 - 0.54) / 0.46)
    assert found.by_class[2, 0] == 1.0


def test_the_interval_is_wider_where_the_evidence_comes_in_fewer_pieces() -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 2, 3600)
    wrong = np.repeat(rng.random(60) < 0.2, 60)  # whole minutes in which the second one saw the opposite
    second = np.where(wrong, 1 - first, first)
    seconds = agreement(first, second, np.arange(3600), 2)
    minutes = agreement(first, second, np.arange(3600) // 60, 2)
    assert seconds.kappa == minutes.kappa
    assert minutes.high - minutes.low > 3 * (seconds.high - seconds.low)
    assert minutes.low < minutes.kappa < minutes.high
    assert agreement(first, second, np.arange(3600) // 60, 2).low == minutes.low
    assert np.isnan(agreement(first, second, np.zeros(3600, np.int64), 2).low)


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="3, 2 and 3 seconds"):
        agreement(np.zeros(3, np.int64), np.zeros(2, np.int64), np.zeros(3, np.int64), 2)
