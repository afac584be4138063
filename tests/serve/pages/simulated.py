"""A home as its tables have it after some weeks: two cats, two cameras, footage of one hour, habits, and one odd day."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from home.clock import Span, local_day
from home.coverage import record, tell_gaps
from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.table import Table
from home.tables import (
    ANOMALIES,
    BOUTS,
    BUDGET,
    COUNTS,
    DETECTIONS,
    DRIFT,
    FORECASTS,
    HABITS,
    IDENTITIES,
    OBSERVED,
)  # fmt: skip
from tests.clips import paint_chunk, walking

TODAY = dt.date(2026, 3, 29)
DATE = TODAY - dt.timedelta(days=1)  # the last day that was looked at
FIRST = TODAY - dt.timedelta(days=28)
YAML = """# The home of the tests.
timezone: Europe/Berlin
place: {latitude: 52.5, longitude: 13.4}
cameras:
  kitchen:
    name: Kitchen
    url: rtsp://192.0.2.20/a
    zones:
      food_bowl: [[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]
  hall:
    name: Hall
    url: rtsp://192.0.2.21/a
    private: ["22:00-23:00"]
cats:
  miso: {name: Miso}
  tofu: {name: Tofu}
"""
BOX = (0.25, 0.5, 0.5, 0.75)
# cat, track, behaviour, local hour, hours, camera
LIFE = (
    ("miso", 1, "sleeping", 0.5, 6.0, "hall"), ("miso", 2, "eating", 7.0, 0.1, "kitchen"),
    ("miso", 3, "playing", 7.3, 0.3, "hall"), ("miso", 4, "grooming", 8.0, 0.4, "hall"),
    ("miso", 5, "sleeping", 9.0, 4.5, "hall"), ("miso", 6, "eating", 13.6, 0.1, "kitchen"),
    ("miso", 7, "using_litter_box", 14.0, 0.05, "hall"), ("miso", 8, "eating", 18.6, 0.12, "kitchen"),
    ("tofu", 9, "sleeping", 1.0, 5.0, "hall"), ("tofu", 10, "scratching", 6.4, 0.05, "hall"),
    ("tofu", 11, "eating", 7.2, 0.1, "kitchen"), ("tofu", 12, "hunting", 19.0, 0.3, "hall"),
    ("unknown", 13, "other", 12.5, 0.2, "kitchen"),
)  # fmt: skip


def at(hour: float, date: dt.date = DATE) -> dt.datetime:
    """Hours into a local day, UTC."""
    return local_day(date, open_zone()).start + dt.timedelta(hours=hour)


def open_zone() -> dt.tzinfo:
    """The zone of the home."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Berlin")


def simulated(root: Path) -> Home:
    """The home."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "home.yaml").write_text(YAML, encoding="utf-8")
    home = open_home(root)
    assert home.footage.folder is not None
    for camera in home.config.cameras:
        paint_chunk(home.footage.folder, camera, at(7.0), 75, walking)
        record(home.tables, camera, [Span(at(0), at(15)), Span(at(15.5), at(21))], home.zone)
        tell_gaps(home.tables, camera, [(Span(at(15), at(15.5)), "camera_down")], home.zone)
        for back in range(2, 12):
            date = TODAY - dt.timedelta(days=back)
            record(home.tables, camera, [Span(at(0, date), at(24 - back, date))], home.zone)
    chunks = {camera: CameraManifest([_chunk(camera)]) for camera in home.config.cameras}
    home.data.write(manifest_key(DATE), Manifest(DATE, "Europe/Berlin", chunks).to_json())
    _day(home)
    _weeks(home)
    _drifted(home)
    return home


def _chunk(camera: str) -> Chunk:
    key = f"{camera}/chunk-{at(7.0):%Y%m%d-%H%M%S}.mp4"
    return Chunk(key, 1, "0" * 32, at(7.0), at(7.0) + dt.timedelta(seconds=75), "h264", 320, 240, 5.0)


def _write(
    home: Home,
    table: Table,
    rows: list[dict[str, object]],
    date: dt.date,
    camera: str | None = None,
    notes: dict[str, Any] | None = None,
) -> None:
    frame = pd.DataFrame(rows, columns=list(table.columns))
    moments = [name for name, kind in table.columns.items() if str(kind).startswith("timestamp")]
    home.tables.write(
        table, frame.astype(dict.fromkeys(moments, "datetime64[us, UTC]")), date, camera, "simulated", notes
    )


def _day(home: Home) -> None:
    """Bouts, their budget, and the tracks they were read from."""
    bouts: list[dict[str, object]] = []
    for number, (cat, _, behaviour, hour, hours, camera) in enumerate(LIFE):
        bouts.append({
            "cat": cat, "animal": 1, "behaviour": behaviour, "start": at(hour), "end": at(hour + hours),
            "duration_s": 3600 * hours, "confidence": 0.55 + 0.03 * number, "cameras": [camera], "camera": camera,
            "chunk": _chunk(camera).key, "offset_s": 5.0 + number, "continues_before": False, "continues_after": False,
            "bout_id": f"{number:012x}", "evidence": "", **dict(zip(("x1", "y1", "x2", "y2"), BOX, strict=True)),
        })  # fmt: skip
    _write(home, BOUTS, bouts, DATE)
    budget: list[dict[str, object]] = []
    for cat in ("miso", "tofu", "unknown"):
        spent: dict[str, list[float]] = {}
        for bout in (bout for bout in bouts if bout["cat"] == cat):
            spent.setdefault(str(bout["behaviour"]), []).append(float(str(bout["duration_s"])))
        observed = 20.5 * 3600
        rows = [(name, sum(each), len(each), observed) for name, each in spent.items()]
        seen = sum(sum(each) for each in spent.values())
        rows += [("unseen", observed - seen, 0, observed), ("gap", 3.5 * 3600, 0, 0.0)]
        budget += [
            {"cat": cat, "animal": 1, "behaviour": name, "seconds": seconds, "bouts": count, "observed_s": could}
            for name, seconds, count, could in rows
        ]
    _write(home, BUDGET, budget, DATE)
    for camera in home.config.cameras:
        rows_ = [
            {"ts": at(hour) + dt.timedelta(seconds=5 * step), "camera": camera, "chunk": _chunk(camera).key,
             "offset_s": 5.0 + number, "burst": False, "track_id": track, "class": "cat", "confidence": 0.8, "cat": cat,
             "cat_confidence": 0.0, **dict(zip(("x1", "y1", "x2", "y2"), BOX, strict=True))}
            for number, (cat, track, _, hour, _, place) in enumerate(LIFE) if place == camera for step in range(4)
        ]  # fmt: skip
        _write(home, DETECTIONS, sorted(rows_, key=lambda row: row["ts"]), DATE, camera)  # type: ignore[arg-type, return-value]
    _write(home, IDENTITIES, [
        {"camera": place, "track_id": track, "start": at(hour), "end": at(hour + hours), "cat": cat, "cat_confidence": 0.9,
         "looks": 4, "said": False}
        for cat, track, _, hour, hours, place in LIFE
    ], DATE)  # fmt: skip


def _drifted(home: Home) -> None:
    """Three weeks of drift: the hall as ever, in the kitchen a cat that looks different in the end; one night without any."""
    for back in range(21, 0, -1):
        date, rows = TODAY - dt.timedelta(days=back), []
        for camera in home.config.cameras:
            for number, name in enumerate(
                ("confidence", "classes", "looks", "trained", "brightness", "colour", "view")
            ):
                off = 0.4 * np.sin(back * (number + 1)) + (
                    1.6 if (camera, name) == ("kitchen", "looks") and back < 8 else 0.0
                )
                total = max(0.0, 0.8 + 2.0 * off if off < 1 else 3.0 + 1.1 * (8 - back))
                known = back != 12
                rows.append({
                    "camera": camera, "watched": name, "deviation": off if known else np.nan, "sum": total if known else np.nan,
                    "bound": 9.5 if known else np.nan, "alarm": total > 9.5, "since": str(TODAY - dt.timedelta(days=7)),
                    "reference_nights": 14, "hours": [],
                })  # fmt: skip
        words = (
            "Kitchen: cats look different from before: light, camera or coat may have changed, since 2026-03-22 or so"
        )
        told = {
            "told": [words],
            "to_do": ["If it is meant to stay like that, set drift.since in params.yaml to that day"],
        }
        _write(
            home,
            DRIFT,
            rows,
            date,
            notes={"cameras": 2, "compared": 2} | (told if back == 1 else {"told": [], "to_do": []}),
        )


def _weeks(home: Home) -> None:
    """Four weeks of meals and sleep by the hour, a forecaster that does well and one that abstains, and what was odd."""
    rng = np.random.default_rng(3)
    for back in range(28, 0, -1):
        date = TODAY - dt.timedelta(days=back)
        rows: list[dict[str, object]] = []
        for hour in range(24 if date != DATE else 23):
            start = at(hour, date)
            for cat in home.config.cats:
                asleep = 3000.0 if hour < 6 or 9 <= hour < 14 else float(rng.uniform(0, 600))
                meals = int(hour in (7, 13, 18) and rng.random() < 0.9)
                seen = 0.0 if back % 9 == 0 and hour > 15 else 3600.0
                for behaviour, events, seconds in (
                    ("sleeping", int(asleep > 600), asleep),
                    ("eating", meals, 240.0 * meals),
                ):
                    rows.append({
                        "cat": cat, "behaviour": behaviour, "hour": start, "events": events if seen else 0,
                        "seconds": seconds if seen else 0.0, "observed_s": seen, "unknown_events": 0,
                    })  # fmt: skip
        _write(home, COUNTS, rows, date)
        _write(home, OBSERVED, [], date)
    made = at(0, TODAY)
    # The week learned three days ago; the forecasts are of last night.
    common = {
        "made_at": made - dt.timedelta(days=3),
        "observed_days": 27.0,
        "asked": 120,
        "loss_h": 0.5,
        "naive_loss_h": 0.8,
    }
    good = {"abstained": False, "reason": "", "model": "hazard", "events": 84, "skill": 0.37, "skill_low": 0.28,
            "skill_high": 0.45, "covered_50": 0.51, "covered_80": 0.79}  # fmt: skip
    none = {"abstained": True, "reason": "too_little", "model": "", "events": 3, "skill": np.nan, "skill_low": np.nan,
            "skill_high": np.nan, "covered_50": np.nan, "covered_80": np.nan}  # fmt: skip
    _write(home, HABITS, [
        {"cat": "miso", "behaviour": "eating", **common, **good}, {"cat": "tofu", "behaviour": "eating", **common, **none},
    ], TODAY - dt.timedelta(days=3))  # fmt: skip
    quantiles = dict(
        zip(("p10", "p25", "p50", "p75", "p90"), (at(h, TODAY) for h in (6.2, 6.6, 7.0, 7.4, 7.9)), strict=True)
    )
    rows = [
        {"cat": "miso", "behaviour": "eating", "made_at": made, "kind": "next_event", "ts": made, **quantiles,
         "probability": np.nan, "model": "hazard", "skill": 0.37, "abstained": False},
        {"cat": "tofu", "behaviour": "eating", "made_at": made, "kind": "next_event", "ts": made,
         **dict.fromkeys(quantiles, pd.NaT), "probability": np.nan, "model": "", "skill": np.nan, "abstained": True},
    ]  # fmt: skip
    rows += [
        {"cat": "miso", "behaviour": "eating", "made_at": made, "kind": "hourly", "ts": at(hour, TODAY),
         **dict.fromkeys(quantiles, pd.NaT), "probability": 0.6 if hour in (7, 13, 18) else 0.04, "model": "hazard",
         "skill": 0.37, "abstained": False}
        for hour in range(23)
    ]  # fmt: skip
    _write(home, FORECASTS, rows, TODAY)
    _write(home, ANOMALIES, [{
        "cat": "miso", "kind": "less_often", "of": "eating", "start": at(0), "end": at(23), "raised": at(23),
        "severity": "warning", "score": 5.2, "sentence": "3 meals in 23 h; usual would be 7.", "numbers": {"seen": 3.0},
        "evidence": [at(7.0), at(13.6), at(18.6)],
    }], DATE, notes={"unusual": 1, "judged": {"miso": ["eating"], "tofu": []}, "lasting": []})  # fmt: skip
    outcomes = ["hit", "hit", "late", "hit", "unseen"]
    told = [{"behaviour": "eating", "outcome": outcome} for outcome in outcomes]
    home.data.write("months/2026-02/miso.json", json.dumps({"foretold": told}).encode())
