"""Lengths and order of bouts, fitted from the diaries of simulated homes.

    python -m bench.durations [--homes 12] [--days 60] [--write]

Prints the lengths of each behaviour's bouts and what follows what; `--write` puts them into
`models/behaviour/bout_model.json`, which the smoother reads. Homes are those of seeds 1 on; others are for tests.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import numpy as np

from home.config import Place
from home.ethogram import BEHAVIOURS
from home.markdown import table
from models.behaviour.bout_model import SHIPPED, Bout, BoutModel, fit_bout_model, write_bout_model
from simulate.home import CAT_NAMES, seen_places
from simulate.living import Household, lived_diary
from simulate.routine import Episode

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def diary_of(seed: int, days: float) -> list[Episode]:
    """Lives in the home of a seed: 1 to 3 cats, 1 to 3 cameras."""
    cats = CAT_NAMES[: 1 + seed % 3]
    household = Household(
        seen_places(1 + seed // 3 % 3), cats, ZoneInfo("UTC"), seed, Place(latitude=52.5, longitude=13.4)
    )
    return lived_diary(household, START, START + dt.timedelta(days=days))


def lives_of(diary: Sequence[Episode]) -> list[list[Bout]]:
    """Each cat's bouts in order, in sight or not: what a camera misses is for the smoother to say, not for the habits."""
    return [
        [(BEHAVIOURS.index(episode.behaviour), episode.seconds) for episode in own]
        for _, own in groupby(diary, key=lambda episode: episode.cat)
    ]


def described(model: BoutModel, lives: Sequence[Sequence[Bout]]) -> str:
    """For people: lengths, share of time, and the two likeliest successors."""
    rows = []
    for k, name in enumerate(model.behaviours):
        seconds = np.array([bout_s for life in lives for kind, bout_s in life if kind == k])
        after = sorted(zip(model.follows[k], model.behaviours, strict=True), reverse=True)[:2]
        rows.append([
            name, str(len(seconds)), str(model.shortest_s[k]), *(f"{np.quantile(seconds, q):.0f}" for q in (0.1, 0.5, 0.9)),
            f"{model.share[k]:.3f}", ", ".join(f"{who} {part:.2f}" for part, who in after),
        ])  # fmt: skip
    return table(["behaviour", "episodes", "shortest s", "10 % s", "median s", "90 % s", "share", "then"], rows)


def main() -> None:
    """`python -m bench.durations`."""
    parser = argparse.ArgumentParser(description="Lengths and order of bouts, fitted from simulated diaries.")
    parser.add_argument("--homes", type=int, default=12, help="homes, of seed 1 on")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--write", action="store_true", help=f"write {SHIPPED.name}")
    options = parser.parse_args()
    lives = [life for seed in range(1, options.homes + 1) for life in lives_of(diary_of(seed, options.days))]
    model = fit_bout_model(lives, BEHAVIOURS)
    print(described(model, lives))
    # Episodes that follow each other in the diary, walks before and after, are one bout of `other`.
    print(f"{sum(a != b for life in lives for (a, _), (b, _) in pairwise(life))} transitions of {len(lives)} cats")
    if options.write:
        write_bout_model(
            SHIPPED, model, f"python -m bench.durations --homes {options.homes} --days {options.days} --write"
        )


if __name__ == "__main__":
    main()
