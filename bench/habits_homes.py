"""Whether the intervals of what comes next hold in simulated homes, and how long a week's learning takes.

    python -m bench.habits_homes calibration [--seeds 20] [--processes 2]
    python -m bench.habits_homes speed [--cats 10] [--years 3] [--processes 2]

`calibration`: a year of two cats a seed, seen as the models see: bouts in sight of a recorded camera are found with the measured
chance and read as something else with the measured confusion. The model is chosen on the first half of the year, its intervals are
held against the second. `speed`: weekly learning with its back-test over eight weeks, seven behaviours a cat, from true diaries.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from zoneinfo import ZoneInfo

import numpy as np

from home.clock import Span, local_day, merge, subtract
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
FOUND = 0.81  # docs/eyes.md: 82 and 80 % of the seconds of simulated homes; a cat is mostly missed for a whole bout
SHORTEST_S = 8.0  # params.yaml: shorter bouts are none
# models/behaviour/weights/README.md, "is \ said", in the order of BEHAVIOURS: moments of homes the network did not learn from.
CARD = np.array([
    [31, 2, 0, 0, 0, 0, 1, 2], [0, 17, 0, 4, 0, 0, 0, 0], [0, 0, 18, 0, 0, 2, 0, 0], [0, 0, 0, 31, 4, 0, 0, 4],
    [0, 0, 0, 0, 16, 0, 0, 2], [1, 0, 4, 0, 0, 15, 0, 2], [0, 2, 0, 0, 0, 0, 18, 1], [2, 2, 5, 3, 3, 5, 3, 150],
], float)  # fmt: skip


def household(seed: int, cats: int) -> Household:
    """Cats of one home before three cameras."""
    return Household(seen_places(3), CAT_NAMES[:cats], ZONE, seed, Place(latitude=52.5, longitude=13.4))


def whole(years: int) -> Span:
    """Years from 2024 on, a leap year."""
    first = dt.date(2024, 1, 1)
    return Span(local_day(first, ZONE).start, local_day(first.replace(year=2024 + years), ZONE).start)


def bouts(diary: Sequence[Episode], cat: str) -> list[tuple[str, str | None, float, float]]:
    """Behaviour, camera, start and end; episodes of one behaviour that follow each other before one camera are one."""
    rows = list[tuple[str, str | None, float, float]]()
    for e in (episode for episode in diary if episode.cat == cat):
        begin, end = e.start.timestamp(), e.end.timestamp()
        if rows and (rows[-1][0], rows[-1][1], rows[-1][3]) == (e.behaviour, e.camera, begin):
            begin = rows.pop()[2]
        rows.append((e.behaviour, e.camera, begin, end))
    return rows


def true_histories(diary: Sequence[Episode], cat: str, span: Span) -> dict[str, History]:
    """Every bout, at any time, in sight or not."""
    observed = np.array([[span.start.timestamp(), span.end.timestamp()]])
    rows = bouts(diary, cat)
    return {kind: history([(a, b) for name, _, a, b in rows if name == kind], observed) for kind in KINDS}


def seen_histories(home: Household, diary: Sequence[Episode], cat: str, span: Span) -> dict[str, History]:
    """What the models would have made of it, in the time in which it could have been seen."""
    rng = np.random.default_rng((home.seed, home.cats.index(cat)))
    lost = missing(outages(list(home.cameras), span, home.seed))
    said = CARD / CARD.sum(axis=1, keepdims=True)
    read: dict[str, list[tuple[float, float]]] = {kind: [] for kind in BEHAVIOURS}
    for behaviour, camera, begin, end in bouts(diary, cat):
        if camera is None or end - begin < SHORTEST_S or rng.random() >= FOUND:
            continue
        name = BEHAVIOURS[int(rng.choice(len(BEHAVIOURS), p=said[BEHAVIOURS.index(behaviour)]))]
        # What needs a place is only read where the camera shows one.
        read[name if NEEDS_ZONE.get(name, "") in ("", *home.cameras[camera]) else behaviour].append((begin, end))
    histories = {}
    for kind in KINDS:
        needs = [camera for camera, zones in home.cameras.items() if NEEDS_ZONE.get(kind, "") in ("", *zones)]
        gaps = [gap for camera in needs for gap in lost.get(camera, [])]
        parts = [(part.start.timestamp(), part.end.timestamp()) for part in subtract(span, merge(gaps))]
        histories[kind] = history(read[kind], np.array(parts))
    return histories


def history(rows: Sequence[tuple[float, float]], observed: Array) -> History:
    """Those that begin in the observed time."""
    events = np.array(rows, np.float64).reshape(-1, 2)
    events = events[np.searchsorted(observed.ravel(), events[:, 0], side="right") % 2 == 1]
    return History(events[:, 0], events[:, 1] - events[:, 0], observed, np.empty(0), ZONE)


def calibration_of(seed: int) -> dict[str, dict[str, list[float]]]:
    """By behaviour and candidate: how many intervals of 50 % and of 80 % there were and how many held; `abstained` of the chosen."""
    home, span = household(seed, 2), whole(1)
    diary = lived_diary(home, span.start, span.end)
    found: dict[str, dict[str, list[float]]] = {}
    for cat in home.cats:
        for kind, known in seen_histories(home, diary, cat, span).items():
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
        [kind, *(f"{100 * row[1] / row[0]:.1f}, {100 * row[3] / row[2]:.1f}" for row in map(of.get, names) if row is not None),
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
