"""Whether simulated cats live within what is published of real ones, home after home.

    python -m bench.years [--seeds 12]

Lives a year of two cats for each seed, in the home of `catml simulate --cats 2 --cameras 3`, and prints for each figure its
source, the published range, and the lowest and the highest mean of a cat-year; then, cat by cat, what falls outside.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from home.clock import Span, local_day
from home.config import Place
from simulate.home import CAT_NAMES, seen_places
from simulate.living import Household, lived_diary
from simulate.routine import Episode
from simulate.tally import Tally, daily

ZONE = ZoneInfo("Europe/Berlin")
YEAR = Span(local_day(dt.date(2026, 1, 1), ZONE).start, local_day(dt.date(2026, 12, 31), ZONE).end)


@dataclass(frozen=True)
class Known:
    """A figure of a cat's year, and the range that is known; sources are those of simulate/traits.py."""

    name: str
    low: float
    high: float
    source: str


KNOWN = (
    Known("hours asleep a day", 12, 16, "set: 12 to 16 h"),
    Known("minutes of one sleep", 45, 104, "Lucas 1974: 79 of a cycle of 104, drowsing included"),
    Known("meals a day", 7, 14, "feeder: 9; Kane 1987: many, around the clock"),
    Known("seconds of a meal, median", 59, 148, "feeder: quartiles"),
    Known("litter visits a day, median", 2, 5, "Shin 2024: median 3; set: 2 to 5"),
    Known("share of days with 1 to 7 visits", 0.95, 1, "Shin 2024: reference interval"),
    Known("seconds of a litter visit", 5, 132, "Shin 2024: 59, interval 5 to 132"),
    Known("per cent of the time grooming", 3, 5, "Eckstein 2000: 4"),
    Known("scratching itself, per grooming", 0.01, 0.03, "Eckstein 2000: 1/50"),
)


def figures(diary: Sequence[Episode], rows: Sequence[Tally], cat: str) -> list[float]:
    """One cat's year, in the order of `KNOWN`."""

    def days(behaviour: str, what: str) -> np.ndarray:
        return np.array([getattr(row, what) for row in rows if (row.cat, row.behaviour) == (cat, behaviour)], float)

    def lengths(behaviour: str, subtype: str | None = None) -> np.ndarray:
        own = (e for e in diary if (e.cat, e.behaviour) == (cat, behaviour) and subtype in (None, e.subtype))
        return np.array([episode.seconds for episode in own])

    visits, grooming = days("using_litter_box", "bouts"), days("grooming", "seconds").sum()
    return [
        days("sleeping", "seconds").mean() / 3600, lengths("sleeping").mean() / 60,
        days("eating", "bouts").mean(), float(np.median(lengths("eating"))),
        float(np.median(visits)), float(((visits >= 1) & (visits <= 7)).mean()), lengths("using_litter_box").mean(),
        100 * grooming / YEAR.seconds, lengths("scratching", "leg").sum() / grooming,
    ]  # fmt: skip


def main() -> None:
    """`python -m bench.years`."""
    parser = argparse.ArgumentParser(description="Whether simulated cats live within what is published of real ones.")
    parser.add_argument("--seeds", type=int, default=12, help="homes, of seed 1 on")
    options = parser.parse_args()
    found = dict[str, list[float]]()
    for seed in range(1, options.seeds + 1):
        household = Household(seen_places(3), CAT_NAMES[:2], ZONE, seed, Place(latitude=52.5, longitude=13.4))
        diary = lived_diary(household, YEAR.start, YEAR.end)
        rows = daily(diary, YEAR, ZONE)
        found |= {f"seed {seed} {cat}": figures(diary, rows, cat) for cat in household.cats}
    table = np.array(list(found.values()))
    print(f"{'figure':34} {'known':>12} {'lowest':>8} {'highest':>8}  source")
    for known, column in zip(KNOWN, table.T, strict=True):
        span = f"{known.low:g} to {known.high:g}"
        print(f"{known.name:34} {span:>12} {column.min():8.3g} {column.max():8.3g}  {known.source}")
    outside = [
        f"{who}: {known.name} {value:.3g}"
        for who, values in found.items()
        for known, value in zip(KNOWN, values, strict=True)
        if not known.low <= value <= known.high
    ]
    print(f"outside of what is known: {'; '.join(outside) or 'nothing'}")


if __name__ == "__main__":
    main()
