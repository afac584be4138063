"""A simulated home as an owner has it after some months, for pictures of the pages: `shown_home(root)`.

Two cats live before three cameras; what CatML would have seen of their diary (`bench.observer`) stands in the tables, and one of them
falls ill in the end. The last day is filmed around each of its bouts, four seconds each, and its boxes are true. Rules, what they found, what
people said of it, and the cats' photos are there too. What is not simulated says so where it is made.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from bench.month_report import CAMERAS, PLACE, ZONE, judge, made_home
from home import alerts, verdicts
from home.clock import Span, intersect, local_day, merge, subtract
from home.ethogram import BEHAVIOURS, UNKNOWN
from home.event_payloads import CatPayload
from home.events import Event, keep
from home.folder import Home, open_home
from home.tables import BOUTS, BUDGET, COUNTS, OBSERVED
from home.video import still
from simulate.footage import Encoder, record
from simulate.home import CAT_NAMES
from simulate.illness import Illness
from simulate.living import Household, lived_diary
from simulate.routine import Episode
from simulate.scenery import Scenery
from tasks.counts import hours_of
from tasks.introducing import introduce
from tasks.manifest import manifest

__all__ = ["counted", "shown_home", "spent"]

SEED, MONTHS = 5, 3  # SEED: as `make demo`
FILMED_S, BEST_S, FPS = 4, 2, 2
NAMES = {"living-room": "Living room", "utility-room": "Utility room", "bedroom": "Bedroom"}
RULES = """rules:
  litter: {behaviour: using_litter_box, cat: miso}
  night-snack: {behaviour: eating, hours: ["22:00-06:30"]}
"""
LIKED = {"litter": 0.9, "night-snack": 0.7}  # share of what the rules found that people call right: made up


def shown_home(root: Path) -> Home:
    """The home, whose last day is yesterday."""
    root.mkdir(parents=True, exist_ok=True)
    last = dt.datetime.now(ZONE).date() - dt.timedelta(days=1)
    judge(made_home(root, 2, MONTHS, SEED, ill=True, last=last), last)
    scenery = Scenery(SEED, len(CAMERAS), 2, zone=ZONE)
    _named(root, scenery)
    home = open_home(root)
    for date in home.tables.dates(COUNTS):
        spent(home, date)
        counted(home, date)
    _filmed(home, scenery, last)
    manifest(home, last)
    introduce(home, SEED)
    _ruled(home, last)
    return open_home(root)


def _named(root: Path, scenery: Scenery) -> None:
    """home.yaml with names, zones and rules."""
    lines = [
        f"timezone: {ZONE.key}",
        f"place: {{latitude: {PLACE.latitude}, longitude: {PLACE.longitude}}}",
        "cameras:",
    ]
    for number, camera in enumerate(CAMERAS, start=1):
        lines += [f"  {camera}:", f"    name: {NAMES[camera]}", f"    url: rtsp://10.0.0.{number}/live", "    zones:"]
        for zone, corners in scenery.zones(camera).items():
            lines.append(f"      {zone}: {[[round(float(x), 3), round(float(y), 3)] for x, y in corners]}")
    lines += ["cats:", *(f"  {name}: {{name: {name.capitalize()}}}" for name in CAT_NAMES[:2]), RULES]
    (root / "home.yaml").write_text("\n".join(lines), encoding="utf-8")


def spent(home: Home, date: dt.date) -> None:
    """The budget of a day, from its bouts and from what could be seen."""
    bouts, could, day = home.tables.read(BOUTS, date), home.tables.read(OBSERVED, date), local_day(date, ZONE)
    rows: list[dict[str, Any]] = []
    for cat in sorted({*home.config.cats, *bouts["cat"]}):
        own, seen = bouts[bouts["cat"] == cat], could[could["cat"] == cat]
        open_ = {name: _spans(seen[seen["behaviour"] == name]) for name in BEHAVIOURS}
        watched = merge([span for spans in open_.values() for span in spans])
        for name in BEHAVIOURS:
            mine = own[own["behaviour"] == name]
            if len(mine) or open_[name]:
                seconds = sum(span.seconds for span in open_[name])
                rows.append(_share(cat, name, float(mine["duration_s"].sum()), len(mine), seconds))
        gap = sum(span.seconds for span in subtract(day, watched))
        total = sum(span.seconds for span in watched)
        rows += [
            _share(cat, "unseen", max(0.0, total - own["duration_s"].sum()), 0, total),
            *([_share(cat, "gap", gap, 0, 0.0)] if gap else []),
        ]
    home.tables.write(BUDGET, pd.DataFrame(rows, columns=list(BUDGET.columns)), date, None, "shown")


def counted(home: Home, date: dt.date) -> None:
    """What each cat did in each hour of a day."""
    bouts, could = home.tables.read(BOUTS, date), home.tables.read(OBSERVED, date)
    hours, rows = hours_of(local_day(date, ZONE), ZONE), []
    for (cat, name), seen in could.groupby(["cat", "behaviour"]):
        mine = bouts[(bouts["cat"] == cat) & (bouts["behaviour"] == name)]
        watched, spans, starts = _spans(seen), _spans(mine), list(mine["start"])
        for hour in hours:
            open_ = sum(span.seconds for span in intersect([hour], watched))
            begun = sum(hour.start <= start < hour.end for start in starts)
            seconds = sum(span.seconds for span in intersect([hour], spans))
            rows.append([cat, name, hour.start, begun, min(seconds, open_), open_, 0])
    frame = pd.DataFrame(rows, columns=list(COUNTS.columns)).astype({"hour": "datetime64[us, UTC]"})
    home.tables.write(COUNTS, frame, date, None, "shown")


def _share(cat: str, name: str, seconds: float, bouts: int, observed: float) -> dict[str, Any]:
    return {"cat": cat, "animal": 1, "behaviour": name, "seconds": seconds, "bouts": bouts, "observed_s": observed}


def _spans(rows: pd.DataFrame) -> list[Span]:
    return merge([Span(a.to_pydatetime(), b.to_pydatetime()) for a, b in zip(rows["start"], rows["end"], strict=True)])


def _filmed(home: Home, scenery: Scenery, date: dt.date) -> None:
    """Film the day around its bouts: where a bout's cat truly was. A bout that nobody was at is of a mistaken name, and goes."""
    assert home.footage.folder is not None
    day, rng = local_day(date, ZONE), np.random.default_rng(SEED)
    diary = [each for each in _lived(home) if each.end > day.start and each.start < day.end]
    cameras = {name: scenery.camera(name, diary) for name in CAMERAS}
    encoder, kept = Encoder(scenery.size, FPS, 5.0), []
    for row in sorted(home.tables.read(BOUTS, date).to_dict("records"), key=lambda each: each["start"]):
        true = _truly(row, diary)
        if true is None or true.camera is None:
            continue
        start = max(row["start"].to_pydatetime(), true.start).replace(microsecond=0) + dt.timedelta(seconds=1)
        frames = list(cameras[true.camera].frames(start, FILMED_S, FPS))
        (chunk,) = record(frames, home.footage.folder / true.camera, encoder)[:1]
        seen = frames[BEST_S * FPS].truth.get(true.cat)
        box = seen.box if seen is not None and seen.shown > 0.2 else (np.nan,) * 4
        kept.append(row | {
            "camera": true.camera, "cameras": [true.camera], "chunk": f"{true.camera}/{chunk.name}", "offset_s": float(BEST_S),
            "confidence": float(rng.beta(8, 2)), **dict(zip(("x1", "y1", "x2", "y2"), map(float, box), strict=True)),
        })  # fmt: skip
    frame = pd.DataFrame(kept, columns=list(BOUTS.columns))
    home.tables.write(BOUTS, frame, date, None, "filmed")


def _lived(home: Home) -> list[Episode]:
    """The diary that `made_home` has made its tables from."""
    dates = home.tables.dates(COUNTS)
    whole = Span(local_day(dates[0], ZONE).start, local_day(dates[-1], ZONE).end)
    onset = local_day(dates[-1] - dt.timedelta(days=11), ZONE).start
    ill = [Illness(CAT_NAMES[0], "cystitis", onset, 0.5, severity=1.0)]
    return list(lived_diary(Household(CAMERAS, CAT_NAMES[:2], ZONE, SEED, PLACE), whole.start, whole.end, ill))


def _truly(row: dict[str, Any], diary: list[Episode]) -> Episode | None:
    start, end = row["start"].to_pydatetime(), row["end"].to_pydatetime()
    there = [
        each for each in diary
        if each.camera and row["cat"] in (each.cat, UNKNOWN) and each.start < end and each.end > start
    ]  # fmt: skip
    return max(
        there,
        key=lambda each: (each.behaviour == row["behaviour"], min(each.end, end) - max(each.start, start)),
        default=None,
    )


def _ruled(home: Home, last: dt.date) -> None:
    """What the rules would have found in the last three weeks, and what people said of most of it."""
    rng = np.random.default_rng(SEED)
    for date in [each for each in home.tables.dates(BOUTS) if each > last - dt.timedelta(days=21)]:
        for rule, row in _found(home, date):
            at = row.start.to_pydatetime() + dt.timedelta(seconds=BEST_S)
            name = uuid.uuid5(uuid.NAMESPACE_URL, f"shown {rule} {row.bout_id}")
            media = (_picture(home, row, name),) if date == last else ()
            told = CatPayload(identity=row.cat, behaviour=row.behaviour)
            keep(
                home.database,
                [Event(event_id=name, stream_id=row.camera, timestamp_utc=at, rule=rule, payload=told, media=media)],
            )
            said: alerts.Verdict = "" if rng.random() < 0.5 else "right" if rng.random() < LIKED[rule] else "wrong"
            alert = alerts.Alert(
                name, "cat", rule, row.cat, "notice", at, at, at, "told", "", at, (), told.model_dump(), said
            )
            alerts.keep(home.database, [alert], [])
            if said:
                verdicts.judge(home.database, verdicts.Verdict("event", str(name), said == "right", at, "owner"))


def _found(home: Home, date: dt.date) -> Iterator[tuple[str, Any]]:
    for row in home.tables.read(BOUTS, date).itertuples():
        clock = row.start.to_pydatetime().astimezone(ZONE).time()
        if (row.behaviour, row.cat) == ("using_litter_box", "miso"):
            yield "litter", row
        if row.behaviour == "eating" and not dt.time(6, 30) <= clock < dt.time(22):
            yield "night-snack", row


def _picture(home: Home, row: Any, name: uuid.UUID) -> str:
    """The frame of a bout as the picture of an event."""
    picture = still(home.footage.open(row.chunk), row.offset_s)
    key = f"events/{row.start:%Y-%m-%d}/{name}.jpg"
    home.data.write(key, cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes())
    return key
