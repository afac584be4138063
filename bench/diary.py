"""How fast the lives of simulated cats are written.

    python -m bench.diary [--years 1] [--cats 2] [--repeats 3]

Prints cat-years per second of the diary alone, then seconds for counts and files, each the best of the repeats.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from home.clock import Span, local_day
from home.config import Place
from simulate.home import CAT_NAMES, seen_places
from simulate.living import Household
from simulate.truth import simulated_truth, write_truth

Made = TypeVar("Made")


def best_of(repeats: int, work: Callable[[], Made]) -> tuple[float, Made]:
    """The shortest time of several runs in seconds, and what the last one made."""
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        made = work()
        took.append(time.perf_counter() - began)
    return min(took), made


def main() -> None:
    """`python -m bench.diary`."""
    parser = argparse.ArgumentParser(description="How fast the lives of simulated cats are written.")
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--cats", type=int, default=2, choices=range(1, len(CAT_NAMES) + 1))
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    zone = ZoneInfo("Europe/Berlin")
    household = Household(seen_places(3), CAT_NAMES[: options.cats], zone, 1, Place(latitude=52.5, longitude=13.4))
    first = dt.date(2026, 1, 1)
    whole = Span(local_day(first, zone).start, local_day(first.replace(year=2026 + options.years), zone).start)
    lived, truth = best_of(options.repeats, lambda: simulated_truth(household, whole))
    counted, _ = best_of(options.repeats, truth.counts)
    with tempfile.TemporaryDirectory() as folder:
        written, _ = best_of(options.repeats, lambda: write_truth(Path(folder), truth))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    years = options.years * options.cats
    print(f"diary    {years} cat-years, {len(truth.diary)} episodes: {lived:.2f} s, {years / lived:.2f} cat-years/s")
    print(f"counts   {counted:.2f} s")
    print(f"files    {written:.2f} s with counts, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
