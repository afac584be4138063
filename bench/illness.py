"""Whether illnesses are found in time, at how many false alarms: homes whose cats fall ill, known only as the models would see them.

    python -m bench.illness [--seeds 1 20] [--cats 1] [--named 1.0] [--parts false effects lasting]

Prints false alarms a cat and month over a healthy year from its third month on (seen as measured, with a fifth of the coverage
lost, and without any mistake), then, for each illness and size, how many are found within a day, two and four of the onset.
An illness comes all at once, at a random second, 120 days after the diary begins; it counts as found only by an alarm of what
it changes that is raised after the onset. Last, of illnesses of the sizes of the goals that go on: whether they are still told, or told
again, on the tenth day. Methods and bounds were chosen with seeds 101 to 120.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.observer import (
    PERFECT,
    Bout,
    Observer,
    Reading,
    bouts_of,
    history,
    knocked_out,
    observed,
    open_spans,
    pooled,
)
from bench.years import YEAR, ZONE
from home.clock import Span, local_day
from home.config import Place
from home.ethogram import NEEDS_ZONE
from home.markdown import table
from models.habits.alarms import shares
from models.habits.history import History
from models.habits.unusual import Finding, Watched, findings
from simulate.home import CAT_NAMES, seen_places
from simulate.illness import Illness
from simulate.living import Household, lived_diary
from simulate.outages import missing, outages

Array = NDArray[np.float64]

CAMERAS = seen_places(3)
ILL = CAT_NAMES[0]
BEFORE_DAYS, AFTER_DAYS, SETTLED_DAYS, GOES_ON_DAYS = 120, 4, 61, 10
GOALS = {"cystitis": (0.65,), "obstruction": (1.0,), "no_appetite": (0.33,), "restless_nights": (1.0,)}
SIZES = {
    "cystitis": (0.35, 0.65, 1.0),
    "obstruction": (1.0,),
    "no_appetite": (0.33, 0.55, 0.75),
    "restless_nights": (0.7, 1.0),
}
SIGNS = {
    "cystitis": ("using_litter_box", ("more_often", "often_and_short", "shorter")),
    "obstruction": ("using_litter_box", ("none", "less_often", "less", "seldom_and_short")),
    "no_appetite": ("eating", ("none", "less_often", "less", "seldom_and_short", "shorter")),
    "restless_nights": ("night", ("up_often",)),
}


def lived(seed: int, cats: int, whole: Span, illnesses: Sequence[Illness] = ()) -> list[Bout]:
    """What happens in sight of the cameras of a home."""
    home = Household(CAMERAS, CAT_NAMES[:cats], ZONE, seed, Place(latitude=52.5, longitude=13.4))
    return bouts_of(lived_diary(home, whole.start, whole.end, illnesses))


def known_of(cat: str, read: Reading, whole: Span, seed: int, lost: Sequence[Span]) -> Watched:
    """What CatML would have of a cat: its bouts, those of unknown cats, and when they could be seen."""
    off = missing(outages(list(CAMERAS), whole, seed))

    def of(behaviour: str, rows: Array, possible: Array) -> History:
        zone = NEEDS_ZONE.get(behaviour)
        gaps = [gap for camera, own in off.items() if zone is None or zone in CAMERAS[camera] for gap in own]
        return history(rows, possible, open_spans(whole, [*gaps, *lost]), ZONE)

    own, unknown = read.named[cat], read.unknown
    awake = np.concatenate([rows for name, rows in own.items() if name != "sleeping"])
    part = {name: shares({one: len(rows[name]) for one, rows in read.named.items()})[cat] for name in NEEDS_ZONE}
    return Watched(
        {name: of(name, own[name], unknown[name]) for name in NEEDS_ZONE}, part,
        active=of("awake", awake[np.argsort(awake[:, 0])], np.empty((0, 2))),
    )  # fmt: skip


def said_of(
    cat: str, bouts: list[Bout], observer: Observer, whole: Span, seed: int, lost: Sequence[Span]
) -> list[Finding]:
    """What is found unusual at one false alarm a month."""
    read = observed(bouts, CAMERAS, observer, seed)
    watched = known_of(cat, pooled(read, cat) if observer.named == 0 else read, whole, seed, lost)
    return findings(watched, whole.start.timestamp(), whole.end.timestamp(), 1.0)


def false_alarms(seed: int, cats: int, observers: dict[str, Observer]) -> dict[str, list[tuple[int, float]]]:
    """Alarms of each healthy cat from the third month of a year on, and months."""
    bouts, ways = lived(seed, cats, YEAR), dict[str, list[tuple[int, float]]]()
    from_then = YEAR.start.timestamp() + SETTLED_DAYS * 86_400
    months = (YEAR.end.timestamp() - from_then) / (30.44 * 86_400)
    plain = next(iter(observers.values()))
    lost = {
        "a fifth lost, single hours": 1.0,
        "a fifth lost, blocks of 12 h": 12.0,
        "a fifth lost, blocks of 2 days": 48.0,
    }
    runs = [(name, observer, list[Span]()) for name, observer in observers.items()]
    runs += [(name, plain, knocked_out(YEAR, 0.2, block_h, seed)) for name, block_h in lost.items()]
    for name, observer, gaps in runs:
        for cat in CAT_NAMES[: cats if observer.named else 1]:
            told = said_of(cat, bouts, observer, YEAR, seed, gaps)
            ways.setdefault(name, []).append((sum(one.raised == one.since >= from_then for one in told), months))
    return ways


def found_after(
    seed: int, kind: str, size: float, cats: int, observers: dict[str, Observer]
) -> tuple[float, dict[str, float]]:
    """How large the change truly is (what the cat did in the days after, of what it did before), and hours until it is told."""
    whole, at = _ill_from(seed, AFTER_DAYS)
    begin, bouts = whole.start, _ill(seed, kind, size, cats, whole, at)
    of, kinds = SIGNS[kind]
    hours = {}
    for name, observer in observers.items():
        told = said_of(ILL, bouts, observer, whole, seed, ())
        waits = [
            (one.raised - at) / 3600
            for one in told
            if one.since > at and (one.of, one.kind) in [(of, k) for k in kinds]
        ]
        hours[name] = min(waits, default=np.inf)
    return true_change(bouts, kind, begin.timestamp(), at), hours


def told_on_the_last_day(
    seed: int, kind: str, size: float, cats: int, observers: dict[str, Observer]
) -> dict[str, tuple[bool, bool]]:
    """Of an illness that goes on for GOES_ON_DAYS: whether it was ever told, and whether it is on the last of them."""
    whole, at = _ill_from(seed, GOES_ON_DAYS)
    bouts, (of, kinds) = _ill(seed, kind, size, cats, whole, at), SIGNS[kind]
    ways = {}
    for name, observer in observers.items():
        told = said_of(ILL, bouts, observer, whole, seed, ())
        own = [one for one in told if one.since > at and (one.of, one.kind) in [(of, k) for k in kinds]]
        ways[name] = bool(own), any(one.end > whole.end.timestamp() - 86_400 for one in own)
    return ways


def _ill_from(seed: int, days: int) -> tuple[Span, float]:
    """The time that is looked at, which ends so many days after the onset; and the onset."""
    rng = np.random.default_rng((seed, 5))
    begin = local_day(dt.date(2026, 1, 1) + dt.timedelta(days=int(rng.integers(0, 240))), ZONE).start
    onset = begin + dt.timedelta(days=BEFORE_DAYS, seconds=int(rng.integers(0, 86_400)))
    return Span(begin, onset + dt.timedelta(days=days)), onset.timestamp()


def _ill(seed: int, kind: str, size: float, cats: int, whole: Span, onset: float) -> list[Bout]:
    moment = dt.datetime.fromtimestamp(onset, whole.start.tzinfo)
    return lived(seed, cats, whole, [Illness(ILL, kind, moment, 0.0, severity=size)])


def true_change(bouts: list[Bout], kind: str, begin: float, onset: float) -> float:
    """Visits; seconds at the bowl; or, of the time in sight between 23:00 and 05:00, seconds awake: after, over before."""
    amounts = np.zeros(2)
    for cat, behaviour, _, start, end in bouts:
        if cat != ILL:
            continue
        night = not 5 <= dt.datetime.fromtimestamp(start, ZONE).hour < 23
        amount = {
            "cystitis": behaviour == "using_litter_box", "obstruction": behaviour == "using_litter_box",
            "no_appetite": (behaviour == "eating") * (end - start), "restless_nights": (behaviour != "sleeping") * night * (end - start),
        }[kind]  # fmt: skip
        amounts[int(start >= onset)] += amount
    return float(amounts[1] / AFTER_DAYS / (amounts[0] / ((onset - begin) / 86_400)))


def main() -> None:
    """`python -m bench.illness`."""
    parser = argparse.ArgumentParser(description="Whether illnesses are found in time, at how many false alarms.")
    parser.add_argument("--seeds", type=int, nargs=2, default=[1, 20], help="homes, from and to")
    parser.add_argument("--cats", type=int, default=1)
    parser.add_argument(
        "--named",
        type=float,
        default=1.0,
        help="share of bouts that get the name of their cat; 0: the home is watched as one",
    )
    parser.add_argument(
        "--parts", nargs="*", default=["false", "effects", "lasting"], choices=["false", "effects", "lasting"]
    )
    parser.add_argument("--largest", action="store_true", help="only the sizes that stand in the goals")
    options = parser.parse_args()
    seeds = range(options.seeds[0], options.seeds[1] + 1)
    measured = {"as measured": Observer(named=options.named)}
    observers = measured if options.cats > 1 else {**measured, "without mistakes": PERFECT}
    with ProcessPoolExecutor(2) as pool:
        if "false" in options.parts:
            print(f"{len(seeds)} homes of {options.cats} cats, {options.named:g} of the bouts named", flush=True)
            print(table(["seen", "false alarms a cat and month", "mean of the worst tenth of cats"], _false_rows(
                list(pool.map(partial(false_alarms, cats=options.cats, observers=observers), seeds))
            )), flush=True)  # fmt: skip
        if "effects" in options.parts:
            for kind, sizes in (GOALS if options.largest else SIZES).items():
                rows = []
                for size in sizes:
                    task = partial(found_after, kind=kind, size=size, cats=options.cats, observers=observers)
                    rows += _found_rows(kind, list(pool.map(task, seeds)))
                print(table(["illness", "true change", "seen", "24 h", "48 h", "96 h"], rows), flush=True)
        if "lasting" in options.parts:
            rows = []
            for kind, (size,) in GOALS.items():
                task = partial(told_on_the_last_day, kind=kind, size=size, cats=options.cats, observers=observers)
                homes = list(pool.map(task, seeds))
                rows += [
                    [kind, name, *(f"{np.mean([home[name][k] for home in homes]):.2f}" for k in (0, 1))]
                    for name in observers
                ]
            print(
                table(["illness", "seen", f"told within {GOES_ON_DAYS} days", f"told on day {GOES_ON_DAYS}"], rows),
                flush=True,
            )


def _false_rows(homes: list[dict[str, list[tuple[int, float]]]]) -> list[list[str]]:
    rows = []
    for name in homes[0]:
        rates = np.sort([alarms / months for home in homes for alarms, months in home[name]])
        rows.append([name, f"{rates.mean():.2f}", f"{rates[-max(len(rates) // 10, 1) :].mean():.2f}"])
    return rows


def _found_rows(kind: str, cells: list[tuple[float, dict[str, float]]]) -> list[list[str]]:
    change = f"×{np.mean([cell[0] for cell in cells]):.2f}"
    return [
        [kind, change, name, *(f"{np.mean([cell[1][name] <= hours for cell in cells]):.2f}" for hours in (24, 48, 96))]
        for name in cells[0][1]
    ]


if __name__ == "__main__":
    main()
