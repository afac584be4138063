"""The diary: what each cat truly does, where, second by second."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from home.ethogram import BEHAVIOURS

__all__ = ["Episode", "read_diary", "scripted_diary", "write_diary"]

COLUMNS = ("cat", "behaviour", "start", "end", "camera", "zone", "subtype")

CYCLE_S = 13 * 60  # one round of sleeping, eating, playing, litter box: a cat's day at the speed of a demonstration
FULL_LENGTH_S = 10 * 60  # diaries shorter than this get shorter activities, so that all of them still occur
SECONDS = {"eating": (60, 110), "using_litter_box": (50, 75), "playing": (40, 80), "sitting": (20, 40),
           "walking": (5, 9), "away": (8, 25)}  # fmt: skip
ZONE = {"sleeping": "bed", "eating": "food_bowl", "using_litter_box": "litter_box"}


@dataclass(frozen=True, slots=True)  # there are millions of them
class Episode:
    """One cat doing one thing from `start` until `end` (UTC); `camera` None: out of sight of all cameras."""

    cat: str
    behaviour: str
    start: datetime
    end: datetime
    camera: str | None = None
    zone: str | None = None
    subtype: str | None = None

    def __post_init__(self) -> None:
        if self.behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour {self.behaviour!r} of {self.cat!r} is not one of {', '.join(BEHAVIOURS)}")
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError(f"{self.cat!r} {self.behaviour} at {self.start}: times need a zone, for example UTC")
        if self.end <= self.start:
            raise ValueError(f"{self.cat!r} {self.behaviour} ends at {self.end}, not after its start {self.start}")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start).total_seconds()


def scripted_diary(
    start: datetime, minutes: int, cameras: Mapping[str, Collection[str]], cats: Sequence[str], seed: int
) -> list[Episode]:
    """A diary in which every cat sleeps, eats, uses the litter box, plays, walks and sits, and is out of sight at times.

    It starts and ends asleep. Order and lengths follow `seed`; everything occurs from 10 minutes on.

    Args:
        start: first second, with a zone.
        minutes: length, at least 1.
        cameras: the zones each camera sees, by camera id; sleeping, eating and litter need `bed`, `food_bowl`,
            `litter_box` on some camera, otherwise they happen out of sight.
        cats: names.
        seed: same seed, same diary.

    Returns:
        Episodes by cat, then time: without gap or overlap for each cat, in whole seconds.
    """
    if minutes < 1:
        raise ValueError(f"a diary of {minutes} minutes: 1 or more are needed")
    if not cameras or not cats:
        raise ValueError(f"a diary needs cameras and cats, got {list(cameras)} and {list(cats)}")
    out: list[Episode] = []
    for number, cat in enumerate(cats):
        rng = np.random.default_rng((seed, number))
        moment = start
        for plan in _fitted(_rounds(rng, minutes * 60, cameras), minutes * 60, rng):
            end = moment + timedelta(seconds=plan.seconds)
            out.append(Episode(cat, plan.behaviour, moment, end, plan.camera, plan.zone, plan.subtype))
            moment = end
    return out


def write_diary(path: Path, episodes: Sequence[Episode]) -> None:
    """Write episodes: as Parquet if `path` ends so (for years), else as CSV.

    In CSV times are ISO 8601, and a cell is empty where there is no camera, zone or subtype.
    """
    if path.suffix == ".parquet":
        _write_parquet(path, episodes)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for e in episodes:
            times = (e.start.isoformat(), e.end.isoformat())
            rows.writerow((e.cat, e.behaviour, *times, e.camera or "", e.zone or "", e.subtype or ""))


def read_diary(path: Path) -> list[Episode]:
    """Read what `write_diary` wrote.

    Raises:
        ValueError: a column is missing or a row is wrong, with file and line.
    """
    if path.suffix == ".parquet":
        return _read_parquet(path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        missing = set(COLUMNS) - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: columns {sorted(missing)} are missing, a diary has {', '.join(COLUMNS)}")
        return [_episode(row, path, line) for line, row in enumerate(rows, start=2)]


def _write_parquet(path: Path, episodes: Sequence[Episode]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.timestamp("us", tz="UTC")
    schema = pa.schema([(name, moment if name in ("start", "end") else pa.string()) for name in COLUMNS])
    columns = {name: [getattr(episode, name) for episode in episodes] for name in COLUMNS}
    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")


def _read_parquet(path: Path) -> list[Episode]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    missing = set(COLUMNS) - set(table.column_names)
    if missing:
        raise ValueError(f"{path}: columns {sorted(missing)} are missing, a diary has {', '.join(COLUMNS)}")
    columns = [table.column(name).to_pylist() for name in COLUMNS]
    return [
        Episode(cat, behaviour, start.astimezone(UTC), end.astimezone(UTC), *places)
        for cat, behaviour, start, end, *places in zip(*columns, strict=True)
    ]


def _episode(row: Mapping[str, str], path: Path, line: int) -> Episode:
    try:
        start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
        places = (row[name] or None for name in ("camera", "zone", "subtype"))
        return Episode(row["cat"], row["behaviour"], start, end, *places)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}, line {line}: {error}") from error


@dataclass(frozen=True)
class _Plan:
    behaviour: str
    seconds: int
    camera: str | None
    zone: str | None = None
    subtype: str | None = None


def _rounds(rng: np.random.Generator, total_s: int, cameras: Mapping[str, Collection[str]]) -> list[_Plan]:
    """Sleep, then activities in random order, as often as fits, then sleep; the ways between them are included."""
    brevity = min(1.0, total_s / FULL_LENGTH_S)
    stays: list[_Plan] = []
    for _ in range(max(1, round(total_s / CYCLE_S))):
        stays.append(_stay(rng, "sleeping", brevity, cameras))
        stays += [
            _stay(rng, str(k), brevity, cameras)
            for k in rng.permutation(["eating", "using_litter_box", "playing", "sitting"])
        ]
    stays.append(_stay(rng, "sleeping", brevity, cameras))
    out = stays[:1]
    for before, after in pairwise(stays):
        out += [*_way(rng, before, after, brevity), after]
    return out


def _stay(rng: np.random.Generator, kind: str, brevity: float, cameras: Mapping[str, Collection[str]]) -> _Plan:
    zone = ZONE.get(kind)
    fitting = [camera for camera, zones in cameras.items() if zone is None or zone in zones]
    camera = str(rng.choice(fitting)) if fitting else None
    if kind == "sleeping":  # its length is what the rest leaves over
        return _Plan(kind, int(rng.integers(10, 21)), camera, zone, str(rng.choice(["curled", "curled", "stretched"])))
    seconds = _seconds(rng, kind, brevity)
    if kind == "sitting":
        return _Plan("other", seconds, camera, None, "sitting")
    return _Plan(kind, seconds, camera, zone if camera else None, "toy" if kind == "playing" else None)


def _way(rng: np.random.Generator, before: _Plan, after: _Plan, brevity: float) -> list[_Plan]:
    walks = [
        _Plan("other", _seconds(rng, "walking", brevity), plan.camera, None, "walking") for plan in (before, after)
    ]
    if before.camera == after.camera:
        return walks[:1]
    away = _Plan("other", _seconds(rng, "away", brevity), None, None, "away")
    return [walk for walk in (walks[0], away, walks[1]) if walk is away or walk.camera]


def _seconds(rng: np.random.Generator, kind: str, brevity: float) -> int:
    low, high = SECONDS[kind]
    return max(3, round(brevity * float(rng.integers(low, high + 1))))


def _fitted(plans: list[_Plan], total_s: int, rng: np.random.Generator) -> list[_Plan]:
    """The plans stretched to `total_s` by sleeping longer; plans that do not fit in are left out from the end."""
    while len(plans) > 1 and sum(p.seconds for p in plans) > total_s:
        plans = plans[:-1]
    spare = total_s - sum(p.seconds for p in plans)
    asleep = [k for k, p in enumerate(plans) if p.behaviour == "sleeping"]
    share = rng.dirichlet(np.full(len(asleep), 4.0)) * spare
    extra = np.diff(np.round(np.concatenate([[0.0], np.cumsum(share)]))).astype(int)
    for k, seconds in zip(asleep, extra, strict=True):
        plans = [*plans[:k], replace(plans[k], seconds=plans[k].seconds + int(seconds)), *plans[k + 1 :]]
    return plans
