"""How right would a candidate have been? Rolling origins over what is known, each told only what was known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.habits.history import Array, History
from models.habits.local_time import DAY_S, HOUR_S, clock_s
from models.habits.next_event import LEVELS, Candidate, Fitted, run_of, runs
from models.habits.next_event_blend import Blend

__all__ = ["Backtest", "backtest", "covered", "pinball"]


@dataclass(frozen=True)
class Backtest:
    """What was said and what came.

    Attributes:
        origins: moments at which it was asked, seconds since 1970 `[O]`.
        days: local date of each as a number `[O]`: the blocks of a bootstrap.
        waits: seconds to the next event, or to the end of the observed time where that came first `[O]`.
        limits: seconds for which was observed after each `[O]`.
        quantiles: by candidate, seconds at `LEVELS` `[O, 5]`.
    """

    origins: Array
    days: NDArray[np.int64]
    waits: Array
    limits: Array
    quantiles: Mapping[str, Array]

    def losses(self) -> dict[str, Array]:
        """Mean pinball loss over `LEVELS` in hours, by candidate `[O]`."""
        return {name: pinball(self.waits, self.limits, said) / HOUR_S for name, said in self.quantiles.items()}


def backtest(
    history: History,
    candidates: Sequence[Candidate],
    first: float,
    last: float,
    *,
    every_s: float = 5 * HOUR_S,
    refit_s: float = 7 * DAY_S,
    memory_s: float = 84 * DAY_S,
) -> Backtest:
    """Ask every candidate again and again from `first` to before `last`, where it was observed.

    Args:
        every_s: between two origins; five hours visit each hour of the day in turn.
        refit_s: after so long it learns anew; in between it only hears what happened.
        memory_s: so much of the past it is told.
    """
    spans = runs(history)
    origins = np.arange(first, last, every_s)
    # A run's end is no origin: nothing is seen after it.
    own = run_of(spans, origins)
    ends = np.append(spans[:, 1], -np.inf)[own]
    origins, ends = origins[ends > origins], ends[ends > origins]
    nexts = np.append(history.starts, np.inf)[np.searchsorted(history.starts, origins, side="left")]
    limits = ends - origins
    # What a blend is made of is asked once, though it is a candidate of its own too.
    asked = dict.fromkeys(part for one in candidates for part in (one.parts if isinstance(one, Blend) else (one,)))
    told = {one: np.zeros((len(origins), len(LEVELS))) for one in asked}
    learned_at, fitted = -np.inf, dict[Candidate, Fitted]()
    for row, origin in enumerate(origins):
        known = history.between(origin - memory_s, origin)
        if origin - learned_at >= refit_s:
            learned_at, fitted = origin, {one: one.fit(known, origin) for one in asked}
        for one, learned in fitted.items():
            told[one][row] = learned.waits(known, origin)
    said = {
        one.name: one.blended([told[part] for part in one.parts]) if isinstance(one, Blend) else told[one]
        for one in candidates
    }
    days = (clock_s(origins, history.zone) // DAY_S).astype(np.int64)
    return Backtest(origins, days, np.minimum(nexts - origins, limits), limits, said)


def pinball(waits: Array, limits: Array, quantiles: Array) -> Array:
    """Mean pinball loss over `LEVELS` (Koenker and Bassett 1978), in the unit of the waits `[O]`.

    Where observation ends before the next event, both what came and what was said are cut off there: the quantiles of
    `min(wait, limit)` are the quantiles of the wait so cut, so that the loss stays proper and no wait is left out for being long.
    """
    over = waits[:, None] - np.minimum(quantiles, limits[:, None])
    return np.maximum(LEVELS * over, (LEVELS - 1) * over).mean(axis=1)


def covered(test: Backtest, name: str, low: int, high: int) -> NDArray[np.bool_]:
    """Whether the wait lay between two of the quantiles, where it was observed for long enough to tell `[≤ O]`.

    Whether it was long enough is known from what was said, not from what came: nothing is picked by its outcome.
    """
    said = test.quantiles[name]
    told = test.limits >= said[:, high]
    return ((said[:, low] <= test.waits) & (test.waits <= said[:, high]))[told]
