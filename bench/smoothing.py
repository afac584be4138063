"""The smoother against joining slips and breaks by hand, on days of simulated cats and evidence that is made as noisy as wanted.

    python -m bench.smoothing [--homes 4] [--days 2] [--seed 301]

Every look at a cat in sight gives Gaussian scores around what it truly does; they wander (AR(1)) as a reader's errors do
that are alike from look to look, which neither smoother is told. Looks are as the night's: every 5 s while the cat moves,
every 60 s and now and then while it rests. One in fifty looks is missed. The homes are not those that
`python -m bench.durations` fits lengths on. Bouts pair as in `models/behaviour/matching.py`; `other` is not counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.durations import START, diary_of
from home.ethogram import BEHAVIOURS, OTHER
from home.markdown import table
from models.behaviour.bout_model import BoutModel, read_bout_model
from models.behaviour.episodes import UNSEEN, Episode, episodes
from models.behaviour.episodes import smooth as joined
from models.behaviour.matching import same_bouts
from models.behaviour.smoother import laid, smooth
from simulate import routine

Array = NDArray[np.float64]
PERIOD_S, HEARTBEAT_S, MERGE_GAP_S, MINIMUM_S = 5, 60, 30.0, 8.0  # params.yaml
STIRS, MISSED = 0.1, 0.02  # of a resting cat's looks every 5 s that are kept; of all looks that find no cat
STILL = ("curled", "stretched", "sitting", "loafing", "hunched")
ALIKE = 0.6  # correlation of one look's error with that of the next
SETTLES_S = 86_400  # every simulated cat begins out of sight
KINDS = len(BEHAVIOURS)


@dataclass(frozen=True)
class CatDays:
    """One cat: truth per second `[T]` (UNSEEN out of sight), and when it is looked at, seconds `[N]`."""

    truth: NDArray[np.int8]
    looks: NDArray[np.int64]


def cat_days(diary: Sequence[routine.Episode], cat: str, rng: np.random.Generator) -> CatDays:
    """What cameras could see of a cat."""
    own = [episode for episode in diary if episode.cat == cat]
    size = round((own[-1].end - START).total_seconds())
    truth, still = np.full(size, UNSEEN, np.int8), np.zeros(size, bool)
    for episode in own:
        part = slice(*(round((edge - START).total_seconds()) for edge in (episode.start, episode.end)))
        if episode.camera is not None:
            truth[part] = BEHAVIOURS.index(episode.behaviour)
            still[part] = episode.subtype in STILL
    truth, still = truth[SETTLES_S:], still[SETTLES_S:]
    at = np.arange(0, len(truth), PERIOD_S)
    kept = ~still[at] | (at % HEARTBEAT_S == 0) | (rng.random(len(at)) < STIRS)
    return CatDays(truth, at[kept & (truth[at] != UNSEEN) & (rng.random(len(at)) >= MISSED)])


def made_evidence(days: CatDays, sharpness: float, rng: np.random.Generator) -> Array:
    """Log-evidence of each look `[N, K]`: scores `sharpness` standard deviations apart."""
    noise = rng.normal(0, 1, (len(days.looks), KINDS))
    for index in np.flatnonzero(np.diff(days.looks) <= PERIOD_S) + 1:
        noise[index] = ALIKE * noise[index - 1] + np.sqrt(1 - ALIKE**2) * noise[index]
    return np.asarray(sharpness * (sharpness * np.eye(KINDS)[days.truth[days.looks]] + noise))


def compared(days: CatDays, logs: Array, model: BoutModel) -> dict[str, tuple[list[Episode], NDArray[np.int8]]]:
    """Bouts and seconds by either way, and the truth's."""
    ts = days.looks.astype(float)
    until = np.append(ts[1:], ts[-1] + PERIOD_S)
    left = np.array(
        [(days.truth[a : int(b)] == UNSEEN).sum() > MERGE_GAP_S for a, b in zip(days.looks, until, strict=True)]
    )
    until = np.where(left, ts + PERIOD_S, until)
    evidence, seen = laid(ts, until, logs, len(days.truth), PERIOD_S)
    recorded = np.ones(len(seen), bool)
    plain = np.full(len(seen), UNSEEN, np.int8)
    for start, end, label in zip(days.looks, until, (logs + np.log(model.share)).argmax(axis=1), strict=True):
        plain[start : int(end)] = label
    labels = {
        "truth": days.truth,
        "joined": joined(plain, recorded, other=OTHER, minimum_s=MINIMUM_S, merge_gap_s=MERGE_GAP_S),
        "smoother": smooth(evidence, seen, recorded, model, merge_gap_s=MERGE_GAP_S),
    }
    return {name: (episodes(own, recorded, MERGE_GAP_S), own) for name, own in labels.items()}


def f1(counts: Array) -> Array:
    """From true, found, both `[..., 3]`."""
    return np.asarray(2 * counts[..., 2] / np.maximum(counts[..., 0] + counts[..., 1], 1))


def seconds_counts(truth: NDArray[np.int8], found: NDArray[np.int8]) -> Array:
    """True, found and both, in seconds in sight `[K, 3]`."""
    truth, found = truth[truth != UNSEEN], found[truth != UNSEEN]
    return np.array(
        [[(truth == k).sum(), (found == k).sum(), ((truth == k) & (found == k)).sum()] for k in range(KINDS)]
    )


def timed(model: BoutModel, seconds: int) -> float:
    """Processor seconds of a day in which the evidence changes every so many seconds and says hardly anything."""
    evidence = np.repeat(np.random.default_rng(0).normal(0, 0.3, (86_400 // seconds, KINDS)), seconds, axis=0)
    every = np.ones(len(evidence), bool)
    began = time.process_time()
    smooth(evidence, every, every, model, merge_gap_s=MERGE_GAP_S)
    return time.process_time() - began


def main() -> None:
    """`python -m bench.smoothing`."""
    parser = argparse.ArgumentParser(description="The smoother against joining slips and breaks by hand.")
    parser.add_argument("--homes", type=int, default=4)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--seed", type=int, default=301, help="of the first home")
    parser.add_argument("--sharpness", type=float, nargs="*", default=[1.5, 2.0, 3.0])
    options = parser.parse_args()
    model, rng, rows = read_bout_model(), np.random.default_rng(options.seed), list[list[str]]()
    cats = [
        cat_days(diary, cat, rng)
        for seed in range(options.seed, options.seed + options.homes)
        for diary in [diary_of(seed, options.days + 1)]
        for cat in sorted({episode.cat for episode in diary})
    ]
    for sharpness in options.sharpness:
        bouts, seconds = {}, {}
        right = []
        for days in cats:
            logs = made_evidence(days, sharpness, rng)
            right += (logs.argmax(axis=1) == days.truth[days.looks]).tolist()
            ways = compared(days, logs, model)
            true, labels = ways.pop("truth")
            for way, (found, own) in ways.items():
                bouts[way] = bouts.get(way, 0) + same_bouts(true, found, KINDS)
                seconds[way] = seconds.get(way, 0) + seconds_counts(labels, own)
        for way, counts in bouts.items():
            named = [f"{value:.2f}" for value in f1(counts[:OTHER])]
            rows.append([f"{np.mean(right):.2f}", way, f"{f1(counts[:OTHER].sum(axis=0)):.3f}",
                         f"{f1(seconds[way]).mean():.3f}", *named])  # fmt: skip
    print(f"{len(cats)} cats, {options.days} days each; F1 of bouts, macro-F1 of seconds, F1 of bouts by behaviour")
    print(table(["looks right", "way", "bouts", "seconds", *BEHAVIOURS[:OTHER]], rows))
    print(", ".join(f"{timed(model, s):.2f} s of processor for a day that changes every {s} s" for s in (1, 5)))


if __name__ == "__main__":
    main()
