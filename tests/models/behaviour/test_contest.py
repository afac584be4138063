"""Whether a new network is better: counted by hand where that can be done."""

from __future__ import annotations

import numpy as np
import pytest

from models.behaviour.contest import MARGIN, duel, not_worse


def test_the_exact_test_counts_tracks_and_how_much_each_gains() -> None:
    truth = np.ones(12, np.int64)
    groups = np.repeat(np.arange(6), 2)
    before, after = truth * 0, truth.copy()
    five = groups < 5
    won = duel(truth[five], before[five], after[five], groups[five])
    assert (won.moments, won.groups, won.before, won.after, won.better, won.worse) == (10, 5, 0.0, 1.0, 5, 0)
    assert won.p == 1 / 32 and won.won
    before[10:] = 1  # a sixth track was right, and half of it no longer is
    after[11] = 0
    split = duel(truth, before, after, groups)
    # Of 64 choices of six signs two have such a sum or more: the one that was seen, and the one in which all gain.
    assert (split.better, split.worse, split.p) == (5, 1, 2 / 64) and split.won
    four = groups < 4
    assert duel(truth[four], before[four], after[four], groups[four]).p == 1 / 16, "four tracks are never enough"


def test_many_moments_of_one_track_are_one_voice() -> None:
    truth = np.ones(100, np.int64)
    assert duel(truth, truth * 0, truth, truth * 0).p == 0.5
    assert duel(truth, truth, truth, np.arange(100)).p == 1.0, "equal networks"
    assert duel(truth, truth * 0, truth, np.arange(100)).p < 0.001, "more tracks than signs can be tried"


def test_what_is_lost_elsewhere_is_seen() -> None:
    truth = np.arange(4).repeat(50)
    groups = np.arange(200) // 5
    kept = not_worse(truth, truth, truth, groups)
    assert kept == {"before": 1.0, "after": 1.0, "at_least": 0.0}
    forgot = truth.copy()
    forgot[150:175] = 0  # half of one behaviour
    lost = not_worse(truth, truth, forgot, groups)
    # F1 of the two that are mixed up: 100 / 125 and 50 / 75.
    assert lost["after"] == pytest.approx((2 + 100 / 125 + 50 / 75) / 4) and lost["at_least"] < -MARGIN
