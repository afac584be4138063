"""Every table: its columns, and where its partitions lie. `home.partitions` reads and writes them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pyarrow as pa

from home.camera_tables import DETECTIONS, FRAMES, IDENTITIES, MOMENTS, POSES, REMEMBERED, SCENES
from home.habit_tables import ANOMALIES, COUNTS, DEVICE_COVERAGE, DEVICE_EVENTS, EPISODES, FORECASTS, HABITS, OBSERVED
from home.table import TIME, Table

COVERAGE = Table(
    "coverage",
    1,
    {"camera": pa.string(), "start": TIME, "end": TIME, "state": pa.string(), "reason": pa.string()},
    by_camera=True,
    rebuild="catml import, or the recorder",
)
BOUTS = Table(
    "bouts",
    1,
    {
        "cat": pa.string(),
        "animal": pa.int32(),
        "behaviour": pa.string(),
        "start": TIME,
        "end": TIME,
        "duration_s": pa.float64(),
        "confidence": pa.float32(),
        "cameras": pa.list_(pa.string()),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "continues_before": pa.bool_(),
        "continues_after": pa.bool_(),
        "bout_id": pa.string(),
        "evidence": pa.string(),
        "camera": pa.string(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
ANIMALS = Table(
    "animals",
    1,
    # whose each track is: the `cat` and `animal` of that day's bouts
    {"camera": pa.string(), "track_id": pa.int64(), "cat": pa.string(), "animal": pa.int32()},
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
BUDGET = Table(
    "budget",
    1,
    {
        "cat": pa.string(),
        "animal": pa.int32(),
        "behaviour": pa.string(),
        "seconds": pa.float64(),
        "bouts": pa.int32(),
        "observed_s": pa.float64(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
DRIFT = Table(
    "drift",
    2,
    {
        "camera": pa.string(),
        # a number of `models.drift.WATCHED` or `models.scene_drift.SHOWN`
        "watched": pa.string(),
        # of this night, in spreads of ordinary nights; NaN where it cannot be compared
        "deviation": pa.float64(),
        # over nights, and what it must pass for an alarm
        "sum": pa.float64(),
        "bound": pa.float64(),
        "alarm": pa.bool_(),
        # local date from which on the sum has grown; then hours of the home's clock in a light that was not there before
        "since": pa.string(),
        "reference_nights": pa.int32(),
        "hours": pa.list_(pa.int32()),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
    migrations={1: lambda frame: frame.assign(hours=[[] for _ in range(len(frame))])},
)
FIXTURES = Table(
    "fixtures",
    1,
    {
        "camera": pa.string(),
        "first": TIME,
        "last": TIME,
        "share": pa.float32(),
        "hours": pa.int32(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
DELETIONS = Table(
    "deletions",
    1,
    {
        "camera": pa.string(),
        "chunk": pa.string(),
        "start": TIME,
        "end": TIME,
        "bytes": pa.int64(),
        "md5": pa.string(),
        "reason": pa.string(),
        "deleted_at": TIME,
        "state": pa.string(),
    },
    by_camera=True,
    rebuild="catml retention --delete",
)
TABLES = {
    table.name: table
    for table in (
        COVERAGE,
        FRAMES,
        SCENES,
        DETECTIONS,
        POSES,
        IDENTITIES,
        MOMENTS,
        REMEMBERED,
        ANIMALS,
        BOUTS,
        BUDGET,
        DRIFT,
        FIXTURES,
        DELETIONS,
        DEVICE_EVENTS,
        DEVICE_COVERAGE,
        EPISODES,
        FORECASTS,
        HABITS,
        OBSERVED,
        ANOMALIES,
        COUNTS,
    )
}


def fingerprint_of(**parts: Any) -> str:
    """One SHA-256 over named parts that JSON can hold (inputs, parameters, model): equal parts, equal fingerprint."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
