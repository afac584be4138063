"""Whether the intervals of what comes next hold in simulated homes, and how long a week's learning takes.

    python -m bench.habits_homes calibration [--seeds 20] [--processes 2]
    python -m bench.habits_homes speed [--cats 10] [--years 3] [--processes 2]

`calibration`: a year of two cats a seed, seen as the models see: bouts in sight of a recorded camera are found with the measured
chance and read as something else with the measured confusion (`bench/observer.py`). The model is chosen on the first half of the year, its intervals are
held against the second. `speed`: weekly learning with its back-test over eight weeks, seven behaviours a cat, from true diaries.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from zoneinfo import ZoneInfo

import numpy as np

from bench.observer import Observer, bouts_of, history, observed, open_spans
from home.clock import Span, local_day
from home.config import Place
from home.ethogram import BEHAVIOURS, NEEDS_ZONE, OTHER
from home.markdown import table
from models.habits.backtest import backtest, covered
from models.habits.forecast import forecast, learn
from models.habits.history import Array, History
from models.habits.local_time import DAY_S, HOUR_S
from models.habits.next_event_blend import CANDIDATES
from simulate.home import CAT_NAMES, seen_places
from simulate.living import Household, lived_diary
from simulate.outages import missing, outages
from simulate.routine import Episode

ZONE = ZoneInfo("Europe/Berlin")
KINDS = BEHAVIOURS[:OTHER]


def household(seed: int, cats: int) -> Household:
    """Cats of one home before three cameras."""
    return Household(seen_places(3), CAT_NAMES[:cats], ZONE, seed, Place(latitude=52.5, longitude=13.4))


def whole(years: int) -> Span:
    """Years from 2024 on, a leap year."""
    first = dt.date(2024, 1, 1)
    return Span(local_day(first, ZONE).start, local_day(first.replace(year=2024 + years), ZONE).start)


def true_histories(diary: Sequence[Episode], cat: str, span: Span) -> dict[str, History]:
    """Every bout, at any time, in sight or not."""
    spans = np.array([[span.start.timestamp(), span.end.timestamp()]])
    everywhere = [replace(e, camera=e.camera or "out of sight") for e in diary if e.cat == cat]
    bouts = [(kind, begin, end - begin) for _, kind, _, begin, end in bouts_of(everywhere)]
    rows = {kind: [(begin, seconds) for name, begin, seconds in bouts if name == kind] for kind in KINDS}
    nobody = np.empty((0, 2))
    return {kind: history(np.array(own, np.float64).reshape(-1, 2), nobody, spans, ZONE) for kind, own in rows.items()}


def seen_histories(home: Household, diary: Sequence[Episode], span: Span) -> dict[str, dict[str, History]]:
    """What the models would have made of each cat's life, in the time in which it could have been seen."""
    lost = missing(outages(list(home.cameras), span, home.seed))
    bouts = [bout for cat in home.cats for bout in bouts_of([e for e in diary if e.cat == cat])]
    read = observed(bouts, home.cameras, Observer(), home.seed)
    histories: dict[str, dict[str, History]] = {cat: {} for cat in home.cats}
    for kind in KINDS:
        needs = [camera for camera, zones in home.cameras.items() if NEEDS_ZONE.get(kind, "") in ("", *zones)]
        spans = open_spans(span, [gap for camera in needs for gap in lost.get(camera, [])])
        for cat in home.cats:
            histories[cat][kind] = history(read.named[cat][kind], np.empty((0, 2)), spans, ZONE)
    return histories


def calibration_of(seed: int) -> dict[str, dict[str, list[float]]]:
    """By behaviour and candidate: how many intervals of 50 % and of 80 % there were and how many held; `abstained` of the chosen."""
    home, span = household(seed, 2), whole(1)
    diary = lived_diary(home, span.start, span.end)
    found: dict[str, dict[str, list[float]]] = {}
    for seen in seen_histories(home, diary, span).values():
        for kind, known in seen.items():
            first, last = known.observed[0, 0], known.observed[-1, 1]
            middle = (first + last) / 2
            choice = learn(known, middle).choice
            held_out = backtest(known, CANDIDATES, middle, last, every_s=11 * HOUR_S)
            asked = {**{name: name for name in held_out.quantiles}, "chosen": choice.model}
            for name, model in asked.items():
                row = found.setdefault(kind, {}).setdefault(name, [0.0] * 5)
                for place, (low, high) in ((0, (1, 3)), (2, (0, 4))):
                    inside = covered(held_out, model, low, high)
                    row[place] += len(inside)
                    row[place + 1] += inside.sum()
                row[4] += choice.abstains
    return found


def calibration(seeds: int, processes: int) -> None:
    """Print coverage by behaviour and candidate."""
    total: dict[str, dict[str, Array]] = {}
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for found in pool.map(calibration_of, range(1, seeds + 1)):
            for kind, rows in found.items():
                for name, row in rows.items():
                    total.setdefault(kind, {}).setdefault(name, np.zeros(5))
                    total[kind][name] += row
    names = [*(one.name for one in CANDIDATES), "chosen"]
    print(f"{seeds} homes of two cats, coverage in per cent of the intervals of 50 and 80 %\n")
    lines = [
        [kind, *(f"{100 * row[1] / row[0]:.1f}, {100 * row[3] / row[2]:.1f}" if row[0] else "never read"
                 for row in map(of.get, names) if row is not None),
         f"{of['chosen'][4]:.0f} of {2 * seeds}"]
        for kind, of in total.items()
    ]  # fmt: skip
    print(table(["behaviour", *names, "abstains"], lines))


def learned(known: Mapping[str, History]) -> float:
    """One cat's week: back-test, choice, and what the chosen one says next. The seconds of processor it took."""
    began = time.process_time()
    for one in known.values():
        now = float(one.observed[-1, 1])
        forecast(one, now, learn(one, now).choice)
    return time.process_time() - began


def speed(cats: int, years: int, processes: int) -> None:
    """Print seconds and memory of a week's learning of all cats, and of parts of them."""
    span = whole(years)
    lives = list[dict[str, History]]()
    for seed in range(1, 1 + (cats + 1) // 2):
        home = household(seed, 2)
        diary = lived_diary(home, span.start, span.end)
        lives += [true_histories(diary, cat, span) for cat in home.cats]
    rows = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(learned, [{} for _ in range(processes)]))  # imports are no learning
        for few, of_years in ((cats, years), (cats, 1), (max(1, cats // 2), years)):
            end = float(lives[0][KINDS[0]].observed[-1, 1])
            part = [{k: h.between(end - of_years * 365.25 * DAY_S, end) for k, h in one.items()} for one in lives[:few]]
            began = time.perf_counter()
            took = list(pool.map(learned, part))
            events = sum(len(h.starts) for one in part for h in one.values())
            rows.append([few, of_years, events, f"{time.perf_counter() - began:.1f}", f"{sum(took):.1f}"])
    most = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        + processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
    print(table(["cats", "years", "events", "seconds", "seconds of processor"], rows))
    print(f"memory of all processes at most {most / 1e6:.2f} GB, simulation included")


def main() -> None:
    """`python -m bench.habits_homes`."""
    parser = argparse.ArgumentParser(
        description="Next events in simulated homes: whether intervals hold, and the speed."
    )
    parser.add_argument("what", choices=("calibration", "speed"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--cats", type=int, default=10)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if options.what == "calibration":
        calibration(options.seeds, options.processes)
    else:
        speed(options.cats, options.years, options.processes)


if __name__ == "__main__":
    main()
