"""How often a change of habit is found that is one, and how often one that is none.

    python -m bench.changes [--repeats 60]

Made counts a day: a year without a change, and 200 days followed by 30 with so many times the events; days Poisson, or scattered more
(gamma-Poisson). Found is a change within five days of the true one.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from home.markdown import table
from models.habits.change import changes
from models.habits.rhythm import Days

FIRST, BEFORE, AFTER = 20_000, 200, 30
KINDS = ((2.0, 0.0), (9.0, 0.0), (9.0, 10.0), (3.0, 5.0))  # events a day, shape of the gamma (0: none)
TIMES = (1.5, 2.0)


def drawn(rng: np.random.Generator, rate: float, shape: float, count: int) -> NDArray[np.int64]:
    """Events of `count` days."""
    return rng.poisson(rng.gamma(shape, rate / shape, count) if shape else rate, count)


def days(counts: NDArray[np.int64]) -> Days:
    """Fully observed dates with so many events, all at ten o'clock."""
    events = np.zeros((len(counts), 96))
    events[:, 40] = counts
    return Days(np.arange(len(counts)) + FIRST, events, 0 * events, np.full(events.shape, 900.0), timed=False)


def main() -> None:
    """`python -m bench.changes`."""
    parser = argparse.ArgumentParser(
        description="How often a change of habit is found that is one, and one that is none."
    )
    parser.add_argument("--repeats", type=int, default=60)
    repeats = parser.parse_args().repeats
    rng = np.random.default_rng(1)
    rows = []
    for rate, shape in KINDS:
        false = sum(bool(changes(days(drawn(rng, rate, shape, 365)))) for _ in range(repeats))
        row = [f"{rate:g}", f"{shape:g}" if shape else "Poisson", f"{false} of {repeats}"]
        for times in TIMES:
            found = 0
            for _ in range(repeats):
                counts = np.concatenate([drawn(rng, rate, shape, BEFORE), drawn(rng, rate * times, shape, AFTER)])
                found += any(abs(change.date - FIRST - BEFORE) <= 5 for change in changes(days(counts)))
            row.append(f"{100 * found / repeats:.0f} %")
        rows.append(row)
    head = ["events a day", "scatter", "years with a false one", *(f"found, times {times:g}" for times in TIMES)]
    print(table(head, rows))


if __name__ == "__main__":
    main()
