"""The model in place and the one learned this week, on what came in the last weeks: neither is told it before it has to say.

What has just been learned cannot have been asked yet. So its recipe stands for it: learned anew each week, as it would have
been. The one in place is asked as it is since it was learned, and before that by its recipe too. Where both have one recipe
and nothing was mended since, they say the same: then nothing speaks against the one that knows the last week.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.habits.backtest import Backtest, covered
from models.habits.forecast import Learned
from models.habits.history import Array, History
from models.habits.local_time import DAY_S
from models.habits.next_event import Fitted
from models.habits.next_event_blend import CANDIDATES
from models.habits.selection import Choice, Gain, Rules, gain

__all__ = ["IN_PLACE", "LAST_S", "Champion", "Record", "Verdict", "contest", "record", "with_champion"]

LAST_S = 28 * DAY_S  # the last weeks
IN_PLACE = "in place"
"""What the model in place is called in a back-test, beside the candidates."""


@dataclass(frozen=True)
class Champion:
    """The model in place: who it is, what it learned, and when, seconds since 1970. It may be one that says nothing."""

    choice: Choice
    fitted: Fitted | None
    learned_at: float


@dataclass(frozen=True)
class Verdict:
    """Whether what was learned this week takes over.

    Attributes:
        takes_over: whether it does.
        why: `first` there is; `silent`: one of the two says nothing, so that no forecasts compare; `too_little` came
            to compare by; `worse`, or `not_worse`.
        trials: forecasts of the last weeks that both were asked.
        champion_h, challenger_h: mean pinball loss in hours; NaN where nothing was compared.
        gain: of the new one over the one in place; None where nothing was compared.
    """

    takes_over: bool
    why: str
    trials: int = 0
    champion_h: float = float("nan")
    challenger_h: float = float("nan")
    gain: Gain | None = None


@dataclass(frozen=True)
class Record:
    """How right a model would have been.

    Attributes:
        asked: how often it was.
        loss_h, naive_loss_h: mean pinball loss in hours of it and of seasonal naive.
        skill: how far it is under seasonal naive, None with too little known.
        covered_50, covered_80: share of what came that lay in its intervals of 50 and 80 %.
    """

    asked: int
    loss_h: float
    naive_loss_h: float
    skill: Gain | None
    covered_50: float
    covered_80: float


def with_champion(test: Backtest, champion: Champion, history: History, *, memory_s: float) -> Backtest:
    """The same back-test with `IN_PLACE` asked beside the candidates; without it where it cannot be asked.

    Args:
        test: of this week.
        champion: the model in place.
        history: what is known.
        memory_s: so much of the past it is told.
    """
    before = test.quantiles.get(champion.choice.model)
    if champion.fitted is None or before is None:
        return test
    said = before.copy()
    for row in np.flatnonzero(test.origins >= champion.learned_at):
        origin = float(test.origins[row])
        said[row] = champion.fitted.waits(history.between(origin - memory_s, origin), origin)
    return replace(test, quantiles={**test.quantiles, IN_PLACE: said})


def contest(test: Backtest, now: float, champion: Champion | None, new: Choice, rules: Rules | None = None) -> Verdict:
    """Whether the new one takes over: if it is not worse in the last weeks.

    Not worse: its mean loss lies over that of the one in place by no more than the margin by which a forecast must be under
    seasonal naive to begin, and the bootstrap of pairs of days is not sure that it lies over it at all.

    Args:
        test: `with_champion`.
        now: the present.
        champion: the model in place; None: there is none.
        new: what was learned.
        rules: margin, confidence, and how much must have come.
    """
    rules = rules or Rules()
    if champion is None:
        return Verdict(True, "first")
    if new.abstains or champion.choice.abstains or IN_PLACE not in test.quantiles:
        # Silence is chosen where nothing is known to be better than it, and left where something surely is.
        return Verdict(True, "silent")
    last = test.origins >= now - LAST_S
    losses, days = test.losses(), test.days[last]
    mine, others = losses[new.model][last], losses[IN_PLACE][last]
    ended = int((test.waits < test.limits)[last].sum())
    if len(np.unique(days)) < rules.least_days or ended < rules.least_events:
        return Verdict(False, "too_little", len(days))
    told = gain([(others, mine, days)], rules, 2 * rules.confidence - 1)
    fine = told.share >= -rules.margin and told.high >= 0
    return Verdict(
        fine, "not_worse" if fine else "worse", len(days), float(others.mean()), float(mine.mean()), told
    )  # fmt: skip


def record(learned: Learned, name: str, rules: Rules | None = None) -> Record:
    """How right a candidate, or the one that is `IN_PLACE`, would have been in the weeks of the back-test."""
    rules, test = rules or Rules(), learned.test
    losses, naive = test.losses(), CANDIDATES[0].name
    skill = learned.choice.gain if name == learned.choice.model else None
    if name == IN_PLACE and learned.choice.gain is not None:
        skill = gain([(losses[naive], losses[name], test.days)], rules, 2 * rules.confidence - 1)
    return Record(
        len(test.origins), _mean(losses[name]), _mean(losses[naive]), skill,
        _mean(covered(test, name, 1, 3)), _mean(covered(test, name, 0, 4)),
    )  # fmt: skip


def _mean(values: Array | NDArray[np.bool_]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
