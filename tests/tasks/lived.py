"""A small home as its tables have it, written at once: what a camera found, and the bouts that were read from it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from home.clock import local_date
from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.tables import BOUTS, DETECTIONS
from tests.plain import plain

DATE = dt.date(2026, 3, 1)
YAML = """timezone: Europe/Berlin
cameras:
  kitchen: {}
  hall: {}
cats:
  miso: {name: Miso}
  luna: {name: Luna}
"""
Box = tuple[float, float, float, float]
LATE_S = 0.25  # the first frame of every chunk comes so long after the second of its name
BED, BOWL = (0.25, 0.25, 0.5, 0.5), (0.625, 0.5, 0.875, 0.75)  # float32 keeps these as they are


def at(hour: float) -> dt.datetime:
    """Hours into 1 March 2026, UTC; an hour more on the wall in Berlin."""
    return dt.datetime.combine(DATE, dt.time(), dt.UTC) + dt.timedelta(hours=hour)


@dataclass(frozen=True)
class Stay:
    """A cat that does one thing at one place, seen every `period_s`: one track, and one bout."""

    camera: str
    track: int
    start: dt.datetime
    end: dt.datetime
    behaviour: str
    box: Box = BED
    cat: str = "unknown"
    period_s: float = 60


def lived(root: Path, stays: Sequence[Stay]) -> Home:
    """A home in which this was found, by local day; each chunk is named by the hour it lies in."""
    (root / "home.yaml").write_text(YAML)
    plain(root)
    home = open_home(root)
    seen = [row for stay in stays for row in _detections(stay)]
    for camera in home.config.cameras:
        mine = [row for row in seen if row["camera"] == camera]
        for date in {local_date(row["ts"], home.zone) for row in mine}:
            frame = pd.DataFrame([row for row in mine if local_date(row["ts"], home.zone) == date])
            frame = frame.sort_values("ts", kind="stable").astype({"ts": "datetime64[us, UTC]"})
            home.tables.write(DETECTIONS, frame, date, camera, "tested")
    for date in {local_date(stay.start, home.zone) for stay in stays}:
        home.data.write(manifest_key(date), Manifest(date, str(home.zone), _footage(home, stays, date)).to_json())
    parts = [part for number, stay in enumerate(stays) for part in _bout(home, stay, number)]
    for date in {date for date, _ in parts}:
        frame = pd.DataFrame([row for own, row in parts if own == date]).sort_values("start")
        times = {"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"}
        home.tables.write(BOUTS, frame.astype(times), date, fingerprint="tested")
    return home


def _footage(home: Home, stays: Sequence[Stay], date: dt.date) -> dict[str, CameraManifest]:
    """Of each hour in which a cat was seen, the first 50 minutes: there are gaps."""
    found: dict[str, set[dt.datetime]] = {}
    for stay in stays:
        for row in _detections(stay):
            if local_date(row["ts"], home.zone) == date:  # type: ignore[arg-type]
                found.setdefault(stay.camera, set()).add(row["ts"].replace(minute=0, second=0, microsecond=0))  # type: ignore[attr-defined]
    return {camera: CameraManifest([_chunk(camera, hour) for hour in sorted(hours)]) for camera, hours in found.items()}


def _chunk(camera: str, hour: dt.datetime) -> Chunk:
    start = hour + dt.timedelta(seconds=LATE_S)
    end = start + dt.timedelta(minutes=50)
    return Chunk(f"{camera}/chunk-{hour:%Y%m%d-%H%M%S}.mp4", 1, "0" * 32, start, end, "h264", 640, 480, 5.0)


def _detections(stay: Stay) -> list[dict[str, object]]:
    rows, moment = [], stay.start
    while moment < stay.end:
        rows.append(
            {"ts": moment, "camera": stay.camera, **_place(stay, moment), "burst": False, "track_id": stay.track}
            | {"class": "cat", "confidence": 0.8, "cat": stay.cat, "cat_confidence": 0.0}
        )
        moment += dt.timedelta(seconds=stay.period_s)
    return rows


def _place(stay: Stay, moment: dt.datetime) -> dict[str, object]:
    chunk = f"{stay.camera}/chunk-{moment:%Y%m%d-%H}0000.mp4"
    offset_s = max(0.0, (moment - moment.replace(minute=0, second=0, microsecond=0)).total_seconds() - LATE_S)
    return {"chunk": chunk, "offset_s": offset_s, **dict(zip(("x1", "y1", "x2", "y2"), stay.box, strict=True))}


def _bout(home: Home, stay: Stay, number: int) -> list[tuple[dt.date, dict[str, object]]]:
    """The bout in its parts of local days."""
    midnight = dt.datetime.combine(DATE + dt.timedelta(days=1), dt.time(), home.zone).astimezone(dt.UTC)
    edges = [stay.start, *([midnight] if stay.start < midnight < stay.end else []), stay.end]
    parts = []
    for start, end in itertools.pairwise(edges):
        row = {"cat": stay.cat, "animal": 1, "behaviour": stay.behaviour, "start": start, "end": end}
        row |= {"duration_s": (end - start).total_seconds(), "confidence": 0.6, "cameras": [stay.camera]}
        row |= {"continues_before": start != stay.start, "continues_after": end != stay.end, "evidence": ""}
        row |= {"bout_id": f"{number:012x}", "camera": stay.camera, **_place(stay, start)}
        parts.append((local_date(start, home.zone), row))
    return parts
