"""What must hold at the three boundaries (manifests, detections, bouts and counts), as rules of Great Expectations.

A rule is plain data until it is used: Great Expectations takes three seconds to import, and most runs need none of it.
https://greatexpectations.io/expectations lists the kinds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd
import pyarrow as pa

from home.clock import Span
from home.ethogram import UNKNOWN
from home.look import BEHAVIOURS
from home.manifest import Chunk
from home.tables import BOUTS, BUDGET, COUNTS, DETECTIONS, TIME

# Times are stored in microseconds and durations as floats: what differs by less is the same.
ROUNDING = dt.timedelta(milliseconds=1)
# Seconds of a budget are sums over a day of bouts that were rounded one by one.
SUM_ROUNDING_S = 1.0
# Of local time: in zones that go back by half an hour, one of the day's hours has half an hour more.
HOUR_S = 5400.0


@dataclass(frozen=True)
class Rule:
    """One expectation that every row must meet.

    Attributes:
        kind: the class of Great Expectations, e.g. `ExpectColumnValuesToBeBetween`.
        right: what would be right, for people: `x1 is 0 to 1`.
        settings: its arguments.
    """

    kind: str
    right: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Around:
    """What the rows are held against.

    Attributes:
        day: UTC span of the local date.
        cameras: ids of the cameras a row may come from.
        chunks: the day's chunks by key; empty where the manifest is not known.
        classes: classes the detector keeps.
        cats: ids of the cats of the home.
    """

    day: Span
    cameras: list[str]
    chunks: dict[str, Span] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    cats: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Suite:
    """The expectations of one boundary.

    Attributes:
        name: of the suite, and of the folder of its quarantine.
        columns: name to Arrow type, in order.
        minimum_rows: a table with fewer rows fails as a whole.
        rules: for the rows, given what they are held against.
        prepare: adds the columns that rules need beyond the table's own.
        days_alike: rules know nothing of the day, so that the rows of many days can be held against them at once.
    """

    name: str
    columns: dict[str, pa.DataType]
    minimum_rows: int
    rules: Callable[[Around], list[Rule]]
    prepare: Callable[[pd.DataFrame, Around], pd.DataFrame]
    days_alike: bool = False

    def table_rules(self, exact: bool = True) -> list[Rule]:
        """The expectations of the whole table; an empty one passes every rule for rows, so its rows are counted."""
        names, least = list(self.columns), self.minimum_rows
        columns = {"column_set": names, "exact_match": exact}
        return [
            Rule("ExpectTableColumnsToMatchSet", f"the columns are {', '.join(names)}", columns),
            Rule("ExpectTableRowCountToBeBetween", f"there are {least} rows or more", {"min_value": least}),
        ]


def chunk_rows(camera: str, chunks: list[Chunk]) -> pd.DataFrame:
    """Chunks of a manifest as rows of the suite `manifests`, one each, in their order."""
    rows = [{"camera": camera, **asdict(chunk)} for chunk in chunks]
    return pd.DataFrame(rows, columns=list(MANIFESTS.columns))


def _manifest_rules(around: Around) -> list[Rule]:
    return [
        *_present(*MANIFESTS.columns),
        _one_of("camera", around.cameras),
        _matches("key", r"^[^/]+/chunk-\d{8}-\d{6}(?:-\d+)?\.mp4$", "CAMERA/chunk-YYYYmmdd-HHMMSS.mp4"),
        Rule("ExpectColumnValuesToBeUnique", "key stands once", {"column": "key"}),
        _matches("md5", r"^[0-9a-f]{32}$", "32 hex digits"),
        *(_at_least(column, 1) for column in ("size", "width", "height")),
        Rule(
            "ExpectColumnValuesToBeBetween", "fps is more than 0", {"column": "fps", "min_value": 0, "strict_min": True}
        ),
        *_span_rules(around),
    ]


def _detection_rules(around: Around) -> list[Rule]:
    rules = [
        *_present("ts", "camera", "chunk", "offset_s", "burst", "track_id", "class", "confidence", *_BOX),
        _one_of("camera", around.cameras),
        _one_of("class", around.classes),
        _between("ts", around.day.start, around.day.end, "ts is on the local day", strict_max=True),
        _at_least("offset_s", 0),
        *(_between(column, 0, 1) for column in ("confidence", "cat_confidence", *_BOX)),
        *_BOX_ORDER,
    ]
    if around.chunks:
        rules += [
            *_present("chunk_start"),
            _ordered("chunk_start", "ts", "ts is not before its chunk begins", or_equal=True),
            _ordered("ts", "chunk_end", "ts is not after its chunk ends", or_equal=True),
        ]
    return rules


def _bout_rules(around: Around) -> list[Rule]:
    own = [name for name in BOUTS.columns if name not in ("cameras", "evidence", *_BOX)]
    return [
        *_present(*own),
        _one_of("behaviour", list(BEHAVIOURS)),
        _one_of("camera", around.cameras),
        _between("strange_cameras", 0, 0, "cameras names cameras of home.yaml only, at least one"),
        *_span_rules(around),
        _at_least("duration_s", 0),
        _between("duration_excess_s", 0, ROUNDING.total_seconds(), "duration_s is at most end - start"),
        *(_between(column, 0, 1) for column in ("confidence", *_BOX)),
        *_BOX_ORDER,
        Rule("ExpectColumnValuesToBeUnique", "bout_id stands once", {"column": "bout_id"}),
    ]


def _budget_rules(around: Around) -> list[Rule]:
    longest = around.day.seconds + SUM_ROUNDING_S
    return [
        *_present(*BUDGET.columns),
        _one_of("behaviour", [*BEHAVIOURS, "unseen", "gap"]),
        _between("seconds", 0, longest, "seconds are not more than the day has"),
        _between("observed_s", 0, longest, "observed_s is not more than the day has"),
        _at_least("bouts", 0),
    ]


def _counts_rules(around: Around) -> list[Rule]:
    longest = HOUR_S + SUM_ROUNDING_S
    return [
        *_present("place", "hours_seen"),
        _one_of("cat", [*around.cats, UNKNOWN]),
        _one_of("behaviour", list(BEHAVIOURS)),
        _ordered("day_start", "hour", "hour begins on the local day, not before it", or_equal=True),
        _ordered("hour", "day_end", "hour begins on the local day, before it ends"),
        Rule("ExpectColumnValuesToBeUnique", "cat, behaviour and hour stand once", {"column": "place"}),
        _between("least", 0, None, "events, seconds and unknown_events are 0 or more"),
        _between("observed_s", 0, longest, "observed_s is not more than an hour has"),
        _between("of_one_s", 0, longest, "seconds of one cat are not more than an hour has"),
    ]


def _detections_prepared(frame: pd.DataFrame, around: Around) -> pd.DataFrame:
    if not around.chunks:
        return frame
    starts = {key: span.start - ROUNDING for key, span in around.chunks.items()}
    ends = {key: span.end + ROUNDING for key, span in around.chunks.items()}
    return frame.assign(
        chunk_start=pd.to_datetime(frame["chunk"].map(starts), utc=True),
        chunk_end=pd.to_datetime(frame["chunk"].map(ends), utc=True),
    )


def _bouts_prepared(frame: pd.DataFrame, around: Around) -> pd.DataFrame:
    known = set(around.cameras)
    strange = [1 if names is None or len(names) == 0 else len(set(names) - known) for names in frame["cameras"]]
    if not all(isinstance(frame[name].dtype, pd.DatetimeTZDtype) for name in ("start", "end")):
        raise TypeError("start and end must be times in UTC")
    excess = (frame["duration_s"] - (frame["end"] - frame["start"]).dt.total_seconds()).clip(lower=0)
    # A list cannot be counted by value; how many of its names are strange can.
    return frame.assign(strange_cameras=strange, duration_excess_s=excess)


def _counts_prepared(frame: pd.DataFrame, around: Around) -> pd.DataFrame:
    # Several animals may be unknown at one time: their seconds add up.
    # Great Expectations takes its time for each rule, and a log of months has hundreds of days: few rules, each for several columns,
    # and none that knows its day, so that many days are checked at once.
    return frame.assign(
        day_start=around.day.start,
        day_end=around.day.end,
        of_one_s=frame["seconds"].where(frame["cat"] != UNKNOWN),
        place=frame["cat"] + " " + frame["behaviour"] + " " + frame["hour"].astype(str) + f" of {around.day.start:%F}",
        hours_seen=(frame["seconds"] + frame["observed_s"]) / 3600,
        least=frame[["events", "seconds", "unknown_events"]].min(axis=1),
    )


def _as_it_is(frame: pd.DataFrame, around: Around) -> pd.DataFrame:
    return frame


def _present(*columns: str) -> list[Rule]:
    told = {
        "chunk_start": "chunk is in the day's manifest",
        "place": "cat, behaviour and hour are present",
        "hours_seen": "seconds and observed_s are present",
    }
    return [
        Rule("ExpectColumnValuesToNotBeNull", told.get(name, f"{name} is present"), {"column": name})
        for name in columns
    ]


def _between(column: str, low: Any, high: Any, right: str = "", **options: Any) -> Rule:
    settings = {"column": column, "min_value": low, "max_value": high, **options}
    return Rule("ExpectColumnValuesToBeBetween", right or f"{column} is {low} to {high}", settings)


def _at_least(column: str, low: float) -> Rule:
    return Rule("ExpectColumnValuesToBeBetween", f"{column} is {low} or more", {"column": column, "min_value": low})


def _one_of(column: str, values: list[str]) -> Rule:
    right = f"{column} is one of {', '.join(values) or '(none)'}"
    return Rule("ExpectColumnValuesToBeInSet", right, {"column": column, "value_set": values})


def _matches(column: str, pattern: str, right: str) -> Rule:
    return Rule("ExpectColumnValuesToMatchRegex", f"{column} is {right}", {"column": column, "regex": pattern})


def _ordered(low: str, high: str, right: str = "", or_equal: bool = False) -> Rule:
    settings = {"column_A": high, "column_B": low, "or_equal": or_equal, "ignore_row_if": "either_value_is_missing"}
    return Rule("ExpectColumnPairValuesAToBeGreaterThanB", right or f"{low} is less than {high}", settings)


def _span_rules(around: Around) -> list[Rule]:
    """Something that begins, ends, and has a part in the local day; over midnight it may reach beyond."""
    begins = {"column": "start", "max_value": around.day.end, "strict_max": True}
    ends = {"column": "end", "min_value": around.day.start, "strict_min": True}
    return [
        _ordered("start", "end", "start is before end"),
        Rule("ExpectColumnValuesToBeBetween", "start is before the local day ends", begins),
        Rule("ExpectColumnValuesToBeBetween", "end is after the local day begins", ends),
    ]


_BOX = ("x1", "y1", "x2", "y2")
_BOX_ORDER = [_ordered("x1", "x2"), _ordered("y1", "y2")]
_CHUNK_TYPES = {"int": pa.int64(), "float": pa.float64(), "str": pa.string(), "dt.datetime": TIME}
_CHUNK_COLUMNS = {item.name: _CHUNK_TYPES[str(item.type)] for item in fields(Chunk)}

# A camera without footage has no manifest rows to check; one that has chunks and no row was read wrongly.
MANIFESTS = Suite("manifests", {"camera": pa.string(), **_CHUNK_COLUMNS}, 1, _manifest_rules, _as_it_is)
# A day without cats has no detections and no bouts, and is a good day.
SUITES = {
    "manifests": MANIFESTS,
    "detections": Suite("detections", DETECTIONS.columns, 0, _detection_rules, _detections_prepared),
    "bouts": Suite("bouts", BOUTS.columns, 0, _bout_rules, _bouts_prepared),
    # A day that is counted has a row for each cat, behaviour and hour, also where nothing happened.
    "counts": Suite("counts", COUNTS.columns, 1, _counts_rules, _counts_prepared, days_alike=True),
    "budget": Suite("budget", BUDGET.columns, 0, _budget_rules, _as_it_is),
}
