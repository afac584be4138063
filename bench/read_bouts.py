"""How each kind of bout is read: homes nobody trained on, from footage to bouts, against their diary, a row a behaviour.

    python -m bench.read_bouts [--style flat soft] [--seed 501 502 503 504] [--no-zones] [--set behave.model=FILE …]
                               [--out runs/read-bouts]

Two cats live a day before three cameras. Filmed, at 5 frames a second, are all their litter visits, meals and stretches in
which one does something else, each with a minute and a half before and after, up to ten minutes long; the night's stages read
them with the home's zones, or as if nobody had marked any. With zones and in the flat style this is what `bench/observer.py`
lets habits and illnesses be seen through (`FIRST`, `BESIDES`, `LENGTHS`).

A bout that was read belongs to the true one that it shares most time with before the same camera; time shared with one of
the same behaviour counts twice. Of a true bout's readings the first is the one that is right, else the longest; others are
besides. What belongs to none was read of nothing. Bouts under eight seconds are none, and what the end of a film cuts off
counts from a minute on.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.homes import DATE, FPS, WAYS, home_of, read_before
from bench.observer import SHORTEST_S, Bout, bouts_of
from home.clock import Span, merge
from home.config import Place
from home.ethogram import BEHAVIOURS
from home.markdown import table
from home.tables import BOUTS
from simulate.home import CAT_NAMES, seen_places
from simulate.living import Household, clipped, lived_diary
from simulate.scenery import Scenery
from tasks.behave import behave
from tasks.bouts import bouts
from tasks.filmed import Plan, filmed

SEEDS = (501, 502, 503, 504)
CAMERAS, CATS = 3, 2
AROUND, MOST = dt.timedelta(seconds=90), dt.timedelta(minutes=10)
EACH = {
    "using_litter_box": 8,
    "eating": 5,
    "other": 6,
    "playing": 2,
    "grooming": 2,
    "hunting": 2,
    "scratching": 2,
    "sleeping": 1,
}
"""Films of a home, at most, by what happens in their middle."""
CUT_S = 60.0
NOTHING = len(BEHAVIOURS)
"""The column of bouts that nothing was read of."""


@dataclass
class Tally:
    """What became of true bouts.

    Attributes:
        first: true bouts by what was read of each, `[K, K + 1]`; the last column: nothing.
        besides: readings of a bout but its first, `[K, K]`.
        ghosts: readings of nothing, `[K]`.
        lengths: logarithms of length read over true, of bouts read as what they are, by behaviour.
        hours: filmed, of all cameras.
    """

    first: NDArray[np.int64] = field(default_factory=lambda: np.zeros((NOTHING, NOTHING + 1), np.int64))
    besides: NDArray[np.int64] = field(default_factory=lambda: np.zeros((NOTHING, NOTHING), np.int64))
    ghosts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(NOTHING, np.int64))
    lengths: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    hours: float = 0.0

    def add(self, other: Tally) -> None:
        """Count those of another too."""
        self.first, self.besides, self.ghosts = (
            self.first + other.first, self.besides + other.besides, self.ghosts + other.ghosts
        )  # fmt: skip
        for what, lengths in other.lengths.items():
            self.lengths[what] += lengths
        self.hours += other.hours


def day_plan(seed: int, style: str) -> Plan:
    """A day of a home, and the stretches of it that are filmed."""
    zone, cats = ZoneInfo("UTC"), CAT_NAMES[:CATS]
    household = Household(seen_places(CAMERAS), cats, zone, seed, Place(latitude=52.5, longitude=13.4))
    midnight = dt.datetime.combine(DATE, dt.time(), dt.UTC)
    day = Span(midnight, midnight + dt.timedelta(days=1))
    # Every cat begins out of sight: a day to settle in.
    diary = lived_diary(household, midnight - dt.timedelta(days=1), day.end)
    rng, stretches = np.random.default_rng(seed), list[Span]()
    for behaviour, number in EACH.items():
        here = [e for e in clipped(diary, day.start, day.end) if e.camera and e.behaviour == behaviour]
        for index in rng.permutation(len(here))[:number]:
            begin = max(day.start, here[index].start - AROUND)
            stretches.append(Span(begin, min(day.end, here[index].end + AROUND, begin + MOST)))
    films = tuple(merge(stretches))
    shown = [episode for span in films for episode in clipped(diary, span.start, span.end)]
    return Plan(Scenery(seed, CAMERAS, CATS, zone=zone, style=style), shown, films, FPS)


def read_day(folder: Path, plan: Plan, settings: dict[str, str], tally: Tally, way: str = WAYS[0]) -> None:
    """Film a home unless it is there, read it as a night does in one of WAYS, and count."""
    filmed(folder, plan)
    home = home_of(folder, plan, settings, way)
    read_before(home, plan)
    for camera in plan.cameras:
        behave(home, DATE, camera)
    bouts(home, DATE, force=True)
    count(bouts_of(plan.diary), home.tables.read(BOUTS, DATE), plan.stretches, tally)
    tally.hours += len(plan.cameras) * sum(span.seconds for span in plan.stretches) / 3600


def count(true: Sequence[Bout], read: pd.DataFrame, films: Sequence[Span], tally: Tally) -> None:
    """Add what was read of a home's bouts.

    Args:
        true: in sight.
        read: rows of the table `bouts`.
        films: what was filmed; at their ends bouts are cut off.
        tally: is added to.
    """
    edges = {edge.timestamp() for span in films for edge in (span.start, span.end)}
    readings = defaultdict[int, list[tuple[int, float]]](list)
    for row in read.itertuples():
        said, start, end = BEHAVIOURS.index(row.behaviour), row.start.timestamp(), row.end.timestamp()
        shared = [
            (min(end, bout[4]) - max(start, bout[3])) * (1 + (bout[1] == row.behaviour)) * (bout[2] in row.cameras)
            for bout in true
        ]
        best = int(np.argmax(shared)) if shared else 0
        if not shared or shared[best] <= 0:
            tally.ghosts[said] += 1
        else:
            readings[best].append((said, end - start))
    for index, (_, behaviour, _, start, end) in enumerate(true):
        cut = start in edges or end in edges
        if end - start < (CUT_S if cut else SHORTEST_S):
            continue
        what = BEHAVIOURS.index(behaviour)
        found = sorted(readings[index], key=lambda one: (one[0] != what, -one[1]))
        tally.first[what, found[0][0] if found else NOTHING] += 1
        for said, _ in found[1:]:
            tally.besides[what, said] += 1
        if found and found[0][0] == what and not cut:
            tally.lengths[what].append(float(np.log(found[0][1] / (end - start))))


def as_markdown(tally: Tally) -> str:
    """The tables."""
    first = [[name, *map(str, row)] for name, row in zip(BEHAVIOURS, tally.first, strict=True)]
    besides = [[name, *map(str, row)] for name, row in zip(BEHAVIOURS, tally.besides, strict=True)]
    found = 1 - tally.first[:, NOTHING] / np.maximum(tally.first.sum(1), 1)
    right = tally.first.diagonal() / np.maximum(tally.first.sum(1), 1)
    share = [
        [name, str(count), f"{found[k]:.2f}", f"{right[k]:.2f}", _spread(tally.lengths[k]), str(tally.ghosts[k])]
        for k, (name, count) in enumerate(zip(BEHAVIOURS, tally.first.sum(1), strict=True))
    ]
    return "\n".join([
        f"{tally.hours:.1f} camera hours. Rows: what was done; columns: what was read of it first.", "",
        table(["is \\ said", *BEHAVIOURS, "nothing"], first),
        "Read besides:", "", table(["is \\ said", *BEHAVIOURS], besides),
        table(["", "bouts", "found", "right", "length off by (log: mean, spread)", "read of nothing"], share),
    ])  # fmt: skip


def _spread(lengths: Sequence[float]) -> str:
    return f"{np.mean(lengths):+.2f}, {np.std(lengths):.2f}" if len(lengths) > 1 else ""


def asking(doc: str | None, out: str) -> argparse.ArgumentParser:
    """What may be asked of a bench of these days: styles, seeds, settings, and where its footage is kept."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--style", nargs="+", default=["flat", "soft"], choices=["flat", "soft"])
    parser.add_argument("--seed", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--set", action="append", default=[], metavar="stage.param=value", help="as in catml")
    parser.add_argument("--out", type=Path, default=Path(out), help="where footage is kept")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = asking(__doc__, "runs/read-bouts")
    parser.add_argument("--no-zones", action="store_true", help="as if nobody had marked any")
    options = parser.parse_args(argv)
    settings, both = dict(line.split("=", 1) for line in options.set), Tally()
    for style in options.style:
        tally = Tally()
        for seed in options.seed:
            folder, plan = options.out / f"home-{seed}-{style}", day_plan(seed, style)
            read_day(folder, plan, settings, tally, WAYS[1] if options.no_zones else WAYS[0])
            print(f"home {seed}, {style}", flush=True)
        both.add(tally)
        print(f"\n## {style}\n\n{as_markdown(tally)}", flush=True)
    print(f"\n## together\n\n{as_markdown(both)}")
    print(json.dumps({"first": both.first.tolist(), "besides": both.besides.tolist(), "ghosts": both.ghosts.tolist()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
