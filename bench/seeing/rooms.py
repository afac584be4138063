"""False cats in empty rooms: rendered ones, and real pictures that are played as if a camera looked at them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.seeing.figures import per_day, percent, ratio
from bench.seeing.night import a_home, night
from home.clock import Span
from home.markdown import table
from home.store import write_file
from home.tables import BOUTS
from models.detector.listing import read_listing
from models.detector.pictures import read_folder, read_image
from simulate.footage import Encoder, record
from simulate.routine import Episode
from simulate.scenery import Scenery
from tasks.filmed import Plan, filmed

__all__ = ["SEEDS", "TUNED_ON", "as_markdown", "empty_pictures", "real_rooms", "rendered_rooms", "room_plan"]

SEEDS = (301, 302, 303)  # of the rooms that the table is made of
TUNED_ON = (151,)  # of those that the tracking was tuned on
DATE = dt.date(2026, 3, 2)
CAMERAS, MINUTES = 4, 20
HOURS = {"day": 10, "night": 2}
# A picture is looked at for two minutes, then comes the next one: more apart than a track may have gaps.
SHOWN_S, APART_S, FPS, NOISE = 120, 300, 1, 2.0
PER_DAY = 86400 // APART_S
LONGEST = 640  # as the samples of the night


def room_plan(seed: int, style: str, minutes: int = MINUTES) -> Plan:
    """Four rooms from which the cat is away; people pass."""
    midnight = dt.datetime.combine(DATE, dt.time(), dt.UTC)
    away = Episode("miso", "other", midnight, midnight + dt.timedelta(days=1), None, None, "away")
    starts = [midnight + dt.timedelta(hours=hour) for hour in sorted(HOURS.values())]
    stretches = tuple(Span(start, start + dt.timedelta(minutes=minutes)) for start in starts)
    return Plan(Scenery(seed, CAMERAS, 1, style=style), [away], stretches)


def rendered_rooms(folder: Path, plan: Plan, settings: dict[str, str]) -> pd.DataFrame:
    """A row for each camera and light: `room`, `kind`, `seconds` and the `false` ones, those with a bout."""
    filmed(folder, plan)
    home = a_home(folder, plan.cameras, settings)
    night(home, [DATE])
    bouts = home.tables.read(BOUTS, DATE)
    rows = []
    for camera in plan.cameras:
        own = bouts[[camera in cameras for cameras in bouts["cameras"]]]
        for kind, span in zip(sorted(HOURS, key=HOURS.__getitem__), plan.stretches, strict=True):
            room = f"{plan.scenery.seed} {camera}"
            rows.append((room, f"rendered {plan.scenery.style}, {kind}", span.seconds, _seconds(own, span)))
    return pd.DataFrame(rows, columns=["room", "kind", "seconds", "false"])


@dataclass(frozen=True)
class _Look:
    """A still room at a moment, with the noise of a camera; the noise comes again after ten seconds."""

    ts: dt.datetime
    number: int
    picture: NDArray[np.uint8]

    @property
    def key(self) -> tuple[int, int]:
        return self.number, int(self.ts.timestamp()) % 10

    @property
    def yuv(self) -> NDArray[np.uint8]:
        grain = np.random.default_rng(self.key).normal(0, NOISE, self.picture.shape)
        noisy = np.clip(self.picture + grain, 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(noisy, cv2.COLOR_RGB2YUV_I420), np.uint8)


def empty_pictures(folders: Sequence[Path], listing: Path | None, fold: int | None, most: int) -> list[Path]:
    """Real pictures without a cat, at most so many of each folder, spread over it.

    With the list of a training, only those that the model of `fold` has not learned from: the fold's own, and those that
    were left out because there are enough of them.
    """
    known = {p.path.resolve(): p for p in read_listing(listing)} if listing else {}
    chosen: list[Path] = []
    for folder in folders:
        paths = [picture.path for picture in read_folder(folder) if picture.labelled and not len(picture.boxes)]
        if known:
            found = [(path, known.get(path.resolve())) for path in paths]
            paths = [p for p, one in found if one and (one.split == "left out" or (one.measured and one.fold == fold))]
        step = max(1, -(-len(paths) // most))
        chosen += paths[::step]
    return chosen


def real_rooms(folder: Path, pictures: Sequence[Path], settings: dict[str, str]) -> pd.DataFrame:
    """The same for real pictures, one after the other in front of one camera."""
    mark = folder / "filmed.json"
    asked = {"pictures": hashlib.sha256("\n".join(map(str, pictures)).encode()).hexdigest(), "version": 1}
    midnight = dt.datetime.combine(DATE, dt.time(), dt.UTC)
    starts = [midnight + dt.timedelta(seconds=number * APART_S) for number in range(len(pictures))]
    if not (mark.is_file() and json.loads(mark.read_text(encoding="utf-8")) == asked):
        shutil.rmtree(folder, ignore_errors=True)
        for number, (path, start) in enumerate(zip(pictures, starts, strict=True)):
            picture = _even(read_image(path))
            encoder = Encoder((picture.shape[1], picture.shape[0]), FPS)
            record(_played(number, picture, start), folder / "data" / "footage" / "room", encoder)
        write_file(mark, json.dumps(asked).encode())
    home = a_home(folder, ["room"], settings)
    dates = [DATE + dt.timedelta(days=day) for day in range(-(-len(pictures) // PER_DAY))]
    night(home, dates)
    bouts = pd.concat([home.tables.read(BOUTS, date) for date in dates])
    rows = []
    for path, start in zip(pictures, starts, strict=True):
        span = Span(start, start + dt.timedelta(seconds=SHOWN_S))
        rows.append((path.name, f"real, {path.parent.parent.name}", span.seconds, _seconds(bouts, span)))
    return pd.DataFrame(rows, columns=["room", "kind", "seconds", "false"])


def _played(number: int, picture: NDArray[np.uint8], start: dt.datetime) -> Iterator[_Look]:
    return (_Look(start + dt.timedelta(seconds=s), number, picture) for s in range(0, SHOWN_S, FPS))


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most `LONGEST` wide or high, with even sides."""
    high, wide = picture.shape[:2]
    scale = min(1.0, LONGEST / max(high, wide))
    size = round(wide * scale) // 2 * 2, round(high * scale) // 2 * 2
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _seconds(bouts: pd.DataFrame, span: Span) -> float:
    """Seconds of a span that lie in any of the bouts."""
    seen = np.zeros(round(span.seconds), bool)
    for row in bouts.itertuples():
        first, last = ((edge - span.start).total_seconds() for edge in (row.start, row.end))
        seen[max(0, round(first)) : max(0, round(last))] = True
    return float(seen.sum())


def as_markdown(rooms: pd.DataFrame) -> str:
    """False cat-minutes of a day, were it like the time that was filmed, kind by kind."""
    rows = []
    for kind, part in rooms.groupby("kind", sort=True):
        share = ratio(part["false"], part["seconds"], part["room"])
        struck = ratio(part["false"] > 0, np.ones(len(part)), part["room"])
        hours = part["seconds"].sum() / 3600
        rows.append([kind, part["room"].nunique(), f"{hours:.1f}", percent(struck), per_day(share)])
    return table(["empty rooms", "rooms", "hours", "rooms with a false cat", "cat-minutes a day"], rows)
