"""A diary in which cats play every behaviour, each way there is, one after the other: to learn behaviours from.

A day as lived is asleep for the most part, and scratches for seconds. Here each way to behave comes once, in an order of the
cat's own, with walks in between and without the habits that a life has: nothing can be learned from it of what follows what,
of the hour, or of how often.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from simulate.routine import Episode

__all__ = ["WAYS", "drill"]

WAYS = (
    ("sleeping", "curled"), ("sleeping", "stretched"), ("sleeping", "loaf"), ("eating", None), ("playing", "toy"),
    ("grooming", None), ("grooming", None), ("scratching", "post"), ("scratching", "leg"), ("hunting", None),
    ("using_litter_box", None), ("other", "sitting"), ("other", "loafing"), ("other", "standing"), ("other", "window"),
    ("other", "hunched"),
)  # fmt: skip
"""Behaviour and subtype, as `simulate.staging` plays them. Grooming goes through flank, leg and face: it comes twice."""

WALK_S = (5, 10)


def drill(
    cats: Sequence[str],
    camera: str,
    start: dt.datetime,
    seed: int,
    *,
    seconds: tuple[int, int] = (20, 45),
    ways: Sequence[tuple[str, str | None]] = WAYS,
) -> list[Episode]:
    """Each cat plays each way once in front of one camera.

    Args:
        cats: names; each has an order of its own.
        camera: id.
        start: with a zone.
        seed: same seed, same diary.
        seconds: least and most of an episode; walks of some seconds lie in between.
        ways: behaviours and subtypes.

    Returns:
        Episodes by cat, then time, without gap.
    """
    out = list[Episode]()
    for number, cat in enumerate(cats):
        rng, now = np.random.default_rng((seed, number, 29)), start
        for way in rng.permutation(len(ways)):
            for (behaviour, subtype), bounds in ((ways[way], seconds), (("other", "walking"), WALK_S)):
                end = now + dt.timedelta(seconds=int(rng.integers(bounds[0], bounds[1] + 1)))
                out.append(Episode(cat, behaviour, now, end, camera, None, subtype))
                now = end
    return out
