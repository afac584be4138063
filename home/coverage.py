"""The ledger of what was recorded: every second of every camera is `recorded`, `gap`, `private` or `off`.

Recorders and imports add what they know (`record`); `complete` fills the rest of the day, so that the sum is always the
whole local day.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from home.clock import Span, intersect, local_dates, local_day, merge, subtract
from home.config import Camera
from home.tables import COVERAGE, Tables

STATES = ("recorded", "gap", "private", "off")
# Chunks of one recording follow each other to the frame; this much between two is rounding, not a gap.
SEAM_S = 1.0


def record(tables: Tables, camera: str, spans: list[Span], zone: ZoneInfo) -> None:
    """Add recorded spans of a camera to the ledger; adding the same again changes nothing."""
    by_date: dict[dt.date, list[Span]] = {}
    for span in spans:
        for date in local_dates(span, zone):
            inside = span.overlap(local_day(date, zone))
            if inside:
                by_date.setdefault(date, []).append(inside)
    for date, new in sorted(by_date.items()):
        rows = tables.read(COVERAGE, date, camera)
        old = recorded_spans(rows)
        merged = merge(old + new, SEAM_S)
        if merged != old:
            others = rows[rows["state"] != "recorded"]
            tables.write(COVERAGE, _sorted(pd.concat([_frame(camera, merged, "recorded", ""), others])), date, camera)


def complete(tables: Tables, camera: str, settings: Camera, date: dt.date, zone: ZoneInfo) -> pd.DataFrame:
    """The whole local day of a camera, without holes or overlaps, in order.

    Private hours win over everything that was not recorded. What nobody has told of is `off` for a camera that only
    gets imports, else a `gap` with the reason `recorder_down`.

    Returns:
        Columns of the coverage table; the durations sum to 23, 24 or 25 hours.
    """
    day = local_day(date, zone)
    rows = tables.read(COVERAGE, date, camera)
    recorded = recorded_spans(rows)
    parts = [_frame(camera, recorded, "recorded", "")]
    rest = subtract(day, recorded)
    private = intersect(rest, settings.private_spans(day, zone))
    parts.append(_frame(camera, private, "private", "owner's hours"))
    rest = [left for span in rest for left in subtract(span, private)]
    for row in rows[rows["state"] == "gap"].itertuples():
        told = intersect(rest, [Span(row.start.to_pydatetime(), row.end.to_pydatetime())])
        parts.append(_frame(camera, told, "gap", row.reason))
        rest = [left for span in rest for left in subtract(span, told)]
    state, reason = ("off", "imports only") if settings.url is None else ("gap", "recorder_down")
    parts.append(_frame(camera, rest, state, reason))
    return _sorted(pd.concat(parts))


def recorded_spans(rows: pd.DataFrame) -> list[Span]:
    """The recorded spans of coverage rows, sorted."""
    recorded = rows[rows["state"] == "recorded"].sort_values("start")
    return [Span(row.start.to_pydatetime(), row.end.to_pydatetime()) for row in recorded.itertuples()]


def _frame(camera: str, spans: list[Span], state: str, reason: str) -> pd.DataFrame:
    rows = [(camera, span.start, span.end, state, reason) for span in spans]
    frame = pd.DataFrame(rows, columns=list(COVERAGE.columns))
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["start", "end"], kind="stable").reset_index(drop=True)
