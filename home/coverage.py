"""The ledger of what was recorded: every second of every camera is `recorded`, `gap`, `private` or `off`.

Recorders and imports add what they know (`record`, `tell_gaps`); `complete` fills the rest of the day, so that the sum
is always the whole local day. Rows of a partition never overlap, whatever is told in whatever order.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import heapq
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from home.clock import Span, local_dates, local_day, merge
from home.config import Camera
from home.errors import StoreError
from home.locks import locked
from home.partitions import Tables
from home.tables import COVERAGE

STATES = ("recorded", "gap", "private", "off")
# Why there is no footage, and how people are told: `No footage 09:00 to 09:20 (the camera did not answer)`.
REASONS = {
    "camera_down": "the camera did not answer",
    "stalled": "the camera sent nothing",
    "auth_failed": "the camera refused user or password",
    "not_found": "the camera has no such stream",
    "spool_full": "the spool was full",
    "corrupt": "the file was damaged",
    "clock_step": "this machine's clock was set",
    "waiting": "recorded, waits for the store",
    "recorder_down": "the recorder was down",
    "owner's hours": "private hours",
    "imports only": "no recording was planned",
}
# What is said of a time until somebody knows better; of two of these the first one counts.
_UNTIL_TOLD = ("waiting", "recorder_down")
# Chunks of one recording follow each other to the frame; this much between two is rounding, not a gap.
SEAM_S = 1.0


class Stretch(NamedTuple):
    """A time of a camera, and what the ledger says of it."""

    span: Span
    state: str
    reason: str


def record(tables: Tables, camera: str, spans: list[Span], zone: ZoneInfo) -> None:
    """Add recorded spans of a camera to the ledger; adding the same again changes nothing.

    What is recorded wins over every gap that was told of it before or will be.
    """
    tell(tables, camera, spans, [], zone)


def tell_gaps(tables: Tables, camera: str, gaps: list[tuple[Span, str]], zone: ZoneInfo) -> None:
    """Add gaps of a camera, each with its reason, to the ledger; adding the same again changes nothing.

    Of two reasons for the same time the one that was told first stays, but for `waiting` and `recorder_down`: every
    other is better.
    """
    tell(tables, camera, [], gaps, zone)


def tell(tables: Tables, camera: str, recorded: list[Span], gaps: list[tuple[Span, str]], zone: ZoneInfo) -> None:
    """Add what was recorded and what was not with one writing a day; a day that has it already is not written.

    Args:
        tables: where the ledger is.
        camera: id of the camera.
        recorded: UTC spans.
        gaps: UTC spans, each with its reason, one of `REASONS`.
        zone: of the home.

    Raises:
        StoreError, TableError: if the ledger cannot be read or written; days before that one are written.
    """
    new = [Stretch(span, "recorded", "") for span in recorded] + [Stretch(span, "gap", why) for span, why in gaps]
    by_date: dict[dt.date, list[Stretch]] = {}
    for stretch in new:
        for date in local_dates(stretch.span, zone):
            inside = stretch.span.overlap(local_day(date, zone))
            if inside:
                by_date.setdefault(date, []).append(stretch._replace(span=inside))
    for date, told in sorted(by_date.items()):
        # An import and the uploader are two processes: one's rows must not get lost under the other's.
        with _alone(tables, camera):
            old = _stretches(tables.read(COVERAGE, date, camera))
            rows = _together(old, told)
            if rows != old:
                tables.write(COVERAGE, _frame(camera, rows), date, camera)


def complete(
    tables: Tables,
    camera: str,
    settings: Camera,
    date: dt.date,
    zone: ZoneInfo,
    untold: Iterable[tuple[Span, str]] = (),
) -> pd.DataFrame:
    """The whole local day of a camera, without holes or overlaps, in order.

    Private hours win over everything that was not recorded. What nobody has told of is `off` for a camera that only
    gets imports, else a `gap` with the reason `recorder_down`.

    Args:
        tables: where the ledger is.
        camera: id of the camera.
        settings: of the camera.
        date: local date.
        zone: of the home.
        untold: gaps with their reasons that are known and not in the ledger yet.

    Returns:
        Columns of the coverage table; the durations sum to 23, 24 or 25 hours.
    """
    return _frame(camera, whole_day(tables, camera, settings, date, zone, untold))


def whole_day(
    tables: Tables,
    camera: str,
    settings: Camera,
    date: dt.date,
    zone: ZoneInfo,
    untold: Iterable[tuple[Span, str]] = (),
) -> list[Stretch]:
    """What `complete` says, as stretches."""
    day = local_day(date, zone)
    told = _stretches(tables.read(COVERAGE, date, camera))
    private = [Stretch(span, "private", "owner's hours") for span in settings.private_spans(day, zone)]
    rest = (
        Stretch(day, "off", "imports only") if settings.recorded_url is None else Stretch(day, "gap", "recorder_down")
    )
    recorded = [stretch for stretch in told if stretch.state == "recorded"]
    known = [Stretch(inside, "gap", why) for span, why in untold if (inside := span.overlap(day))]
    gaps = _better_first(stretch for stretch in [*told, *known] if stretch.state == "gap")
    return _uppermost([*recorded, *private, *gaps, rest])


def recorded_spans(rows: pd.DataFrame) -> list[Span]:
    """The recorded spans of coverage rows, sorted."""
    return sorted(stretch.span for stretch in _stretches(rows) if stretch.state == "recorded")


def reason_words(reason: str) -> str:
    """A reason of the ledger as people say it: `recorder_down` is `the recorder was down`."""
    return REASONS.get(reason, reason.replace("_", " "))


def _together(old: list[Stretch], new: list[Stretch]) -> list[Stretch]:
    """What is known and what is new, without overlaps, in order. Footage wins; of gaps the better, then the older."""
    everything = [*old, *new]
    spans = merge([stretch.span for stretch in everything if stretch.state == "recorded"], SEAM_S)
    gaps = _better_first(stretch for stretch in everything if stretch.state == "gap")
    others = [stretch for stretch in everything if stretch.state not in ("recorded", "gap")]
    return sorted([*others, *_uppermost([*(Stretch(span, "recorded", "") for span in spans), *gaps])])


def _better_first(gaps: Iterable[Stretch]) -> list[Stretch]:
    return sorted(gaps, key=lambda gap: _UNTIL_TOLD.index(gap.reason) if gap.reason in _UNTIL_TOLD else -1)


def _uppermost(layers: list[Stretch]) -> list[Stretch]:
    """What is seen of layers from above, the first one on top: no overlaps, in order, neighbours that are alike joined."""
    edges = sorted({edge for layer in layers for edge in (layer.span.start, layer.span.end)})
    beginning = sorted(range(len(layers)), key=lambda number: layers[number].span.start, reverse=True)
    seen: list[Stretch] = []
    lying: list[int] = []
    for start, end in itertools.pairwise(edges):
        while beginning and layers[beginning[-1]].span.start <= start:
            heapq.heappush(lying, beginning.pop())
        while lying and layers[lying[0]].span.end <= start:
            heapq.heappop(lying)
        if not lying:
            continue
        top = layers[lying[0]]
        if seen and seen[-1].span.end == start and seen[-1][1:] == top[1:]:
            seen[-1] = top._replace(span=Span(seen[-1].span.start, end))
        else:
            seen.append(top._replace(span=Span(start, end)))
    return seen


def _stretches(rows: pd.DataFrame) -> list[Stretch]:
    starts, ends = ([moment.to_pydatetime() for moment in rows[name]] for name in ("start", "end"))
    told = zip(map(Span, starts, ends), rows["state"], rows["reason"], strict=True)
    return sorted(itertools.starmap(Stretch, told), key=lambda stretch: (stretch.span.start, stretch.span.end))


def _frame(camera: str, stretches: list[Stretch]) -> pd.DataFrame:
    rows = [(camera, span.start, span.end, state, reason) for span, state, reason in stretches]
    frame = pd.DataFrame(rows, columns=list(COVERAGE.columns))
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})


@contextlib.contextmanager
def _alone(tables: Tables, camera: str) -> Iterator[None]:
    """Keep the other processes of this home from changing a camera's ledger meanwhile; one machine runs them all."""
    path = tables.store.root / "data" / "cache" / f"coverage-{camera}.lock"
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(path))
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; the ledger is written under this lock") from error
        yield
