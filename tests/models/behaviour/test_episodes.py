"""Slips join, short breaks do not part, missing footage is never filled."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.behaviour.episodes import UNSEEN, Episode, episodes, smooth

SLEEP, EAT, OTHER = 0, 1, 2


def labels(*runs: tuple[int, int]) -> np.ndarray:
    return np.concatenate([np.full(length, label, np.int8) for label, length in runs])


def smoothed(array: np.ndarray, recorded: np.ndarray | None = None) -> np.ndarray:
    footage = np.ones(len(array), bool) if recorded is None else recorded
    return smooth(array, footage, other=OTHER, minimum_s=8, merge_gap_s=30)


def test_a_slip_takes_the_label_of_its_longer_neighbour() -> None:
    array = smoothed(labels((SLEEP, 100), (EAT, 5), (OTHER, 50)))
    assert array.tolist() == labels((SLEEP, 105), (OTHER, 50)).tolist()


def test_a_short_run_alone_stays() -> None:
    array = labels((UNSEEN, 50), (OTHER, 5), (UNSEEN, 50))
    assert smoothed(array).tolist() == array.tolist()


def test_a_break_of_other_or_unseen_does_not_part_a_meal_and_another_behaviour_does() -> None:
    assert set(smoothed(labels((EAT, 40), (OTHER, 20), (UNSEEN, 10), (EAT, 40))).tolist()) == {EAT}
    parted = labels((EAT, 40), (SLEEP, 20), (EAT, 40))
    assert smoothed(parted).tolist() == parted.tolist()
    far = labels((EAT, 40), (UNSEEN, 31), (EAT, 40))
    assert smoothed(far).tolist() == far.tolist()


def test_missing_footage_is_not_filled_but_a_bout_goes_on_over_it() -> None:
    array = labels((EAT, 40), (UNSEEN, 20), (EAT, 40))
    recorded = np.ones(100, bool)
    recorded[40:60] = False
    result = smoothed(array, recorded)
    assert result.tolist() == array.tolist()
    assert episodes(result, recorded, 30) == [Episode(0, 100, EAT, 80)]
    assert episodes(result, np.ones(100, bool), 30) == [Episode(0, 40, EAT, 40), Episode(60, 100, EAT, 40)]


@given(st.lists(st.tuples(st.sampled_from([UNSEEN, SLEEP, EAT, OTHER]), st.integers(1, 60)), min_size=1, max_size=20))
def test_smoothing_settles_and_never_loses_a_seen_second(runs: list[tuple[int, int]]) -> None:
    array = labels(*runs)
    once = smoothed(array)
    assert (once[array != UNSEEN] != UNSEEN).all()
    assert sum(e.seconds for e in episodes(once, np.ones(len(once), bool), 30)) == int((once != UNSEEN).sum())
