"""Which moments of a training go with its network, so that a home can let it go on learning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from home.behaviour_params import BehaviourTrainParams
from home.ethogram import BEHAVIOURS
from models.behaviour.replay import PARTS, Part, Replay
from tasks.drilled import Drilled

__all__ = ["episodes_of", "replay_of"]


def replay_of(
    learns: Sequence[Drilled], calibrates: Sequence[Drilled], asked: Sequence[Drilled], params: BehaviourTrainParams
) -> Replay:
    """As many moments of each behaviour as `params.replay` says, drawn from the homes of each part.

    Those to learn from come with their zones elsewhere too, as in the training; the others with zones where they belong.
    """
    parts = (learns, calibrates, asked)
    drawn = [_drawn(homes, part, params) for part, homes in zip(PARTS, parts, strict=True)]
    names = drawn[0].names
    columns = [[getattr(each, name) for each in drawn] for name in list(Replay.__annotations__)[1:]]
    return Replay(names, *(np.concatenate(column) for column in columns))


def _drawn(homes: Sequence[Drilled], part: Part, params: BehaviourTrainParams) -> Replay:
    names = ("values", "known", "truth", "right")
    values, known, truth, right = (np.concatenate([getattr(home, name) for home in homes]) for name in names)
    first = 10_000 * PARTS.index(part)  # every home of every part has a number of its own
    group = np.concatenate([episodes_of(home) + 100_000 * (first + n) for n, home in enumerate(homes)])
    rng = np.random.default_rng((params.seed, PARTS.index(part)))
    may = np.flatnonzero(right | (part == "learn"))
    own = [rng.permutation(may[truth[may] == behaviour])[: params.replay] for behaviour in range(len(BEHAVIOURS))]
    rows = np.sort(np.concatenate(own))
    weight = np.where(right[rows], 1.0, params.wrong_zones).astype(np.float32)
    whose = np.full(len(rows), PARTS.index(part))
    return Replay(homes[0].names, values[rows], known[rows], truth[rows], weight, whose, group[rows])


def episodes_of(home: Drilled) -> NDArray[np.int64]:
    """A number for moments that follow each other and are of one behaviour `[N]`."""
    order = np.lexsort((home.moment, ~home.right))
    changes = np.concatenate([[False], np.diff(home.truth[order]) != 0])
    numbers = np.empty(len(home.truth), np.int64)
    numbers[order] = np.cumsum(changes)
    return numbers
