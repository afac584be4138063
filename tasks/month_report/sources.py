"""What could have told of a month: each camera and device, the share of each date in which it did, and why not in the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from home.clock import Span, local_day, merge, subtract
from home.config import Camera
from home.coverage import whole_day
from home.device_coverage import ANY, Witness, witnesses
from home.folder import Home
from home.speech.month import Month
from home.tables import COVERAGE, DEVICE_COVERAGE
from tasks.month_report.numbers import Gap, Source

__all__ = ["NO_LOG", "sources_of"]

NO_LOG = "no_log"
SHORTEST_S = 60.0  # a gap that is shorter is none that people ask about; our choice


def sources_of(home: Home, month: Month, until: dt.date) -> list[Source]:
    """Every camera, then every device, of which a month should have had something.

    Raises:
        StoreError, TableError: if the ledgers cannot be read.
    """
    dates = [date for date in month.dates if date < until]
    return [*_cameras(home, dates), *_devices(home, dates)]


def _cameras(home: Home, dates: list[dt.date]) -> Iterator[Source]:
    gone = {camera for date in dates for camera in home.tables.cameras(COVERAGE, date)} - set(home.config.cameras)
    for camera, settings in {**home.config.cameras, **dict.fromkeys(sorted(gone), Camera())}.items():
        shares, rows = dict[dt.date, float](), list[tuple[Span, str, str]]()
        for date in dates:
            recorded = 0.0
            for span, state, reason in whole_day(home.tables, camera, settings, date, home.zone):
                if state == "recorded":
                    recorded += span.seconds
                else:
                    rows.append((span, state, reason))
            shares[date] = recorded / local_day(date, home.zone).seconds
        # A camera that only gets imports and got none was never meant to see anything.
        if settings.recorded_url is not None or any(shares.values()):
            yield Source(
                id=camera,
                name=settings.name or camera,
                kind="camera",
                cats=[],
                shares=shares,
                gaps=_joined(camera, rows),
            )


def _devices(home: Home, dates: list[dt.date]) -> Iterator[Source]:
    known = witnesses(home.tables)
    ledgers = {date: home.tables.read(DEVICE_COVERAGE, date) for date in dates} if known else {}
    for device in dict.fromkeys(each.device for each in known):
        shares, rows = dict[dt.date, float](), list[tuple[Span, str, str]]()
        for date in dates:
            in_use = _in_use(home, [each for each in known if each.device == device], local_day(date, home.zone))
            if in_use is None:
                continue
            own = ledgers[date][ledgers[date]["device"] == device]
            spans = {
                state: merge([
                    Span(row.start.to_pydatetime(), row.end.to_pydatetime())
                    for row in own[own["state"] == state].itertuples()
                ])
                for state in ("reported", "gap")
            }  # fmt: skip
            reported = [both for span in spans["reported"] if (both := span.overlap(in_use))]
            shares[date] = sum(span.seconds for span in reported) / in_use.seconds
            silent = [
                (span, "gap", "silent") for part in spans["gap"] for span in subtract(part, reported) if span.seconds
            ]
            unknown = subtract(in_use, [*reported, *(span for span, _, _ in silent)])
            rows += [*silent, *((span, "gap", NO_LOG) for span in unknown)]
        if shares:
            settings = home.config.devices.get(device)
            name = (settings.name if settings else None) or device
            told_of = {each.cat for each in known if each.device == device}
            cats = [] if ANY in told_of else sorted(told_of)
            yield Source(id=device, name=name, kind="device", cats=cats, shares=shares, gaps=_joined(device, rows))


def _in_use(home: Home, known: list[Witness], day: Span) -> Span | None:
    settings = home.config.devices.get(known[0].device)
    until = local_day(settings.until, home.zone).start if settings and settings.until else day.end
    return Span(min(each.since for each in known), until).overlap(day) if until > day.start else None


def _joined(source: str, rows: list[tuple[Span, str, str]]) -> list[Gap]:
    """Stretches that go on over midnight as one, the shortest left out, in order."""
    found = []
    for state, reason in dict.fromkeys((state, reason) for _, state, reason in rows):
        spans = merge([span for span, *why in rows if why == [state, reason]], 1.0)
        found += [
            Gap(source=source, start=span.start, end=span.end, state=state, reason=reason)
            for span in spans
            if span.seconds >= SHORTEST_S
        ]
    return sorted(found, key=lambda gap: (gap.start, gap.reason))
