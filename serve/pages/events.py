"""Events: what was unusual, what it rests on, and whether that was right."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from nicegui import ui
from starlette.requests import Request

from home.clock import local_date
from home.ethogram import BEHAVIOURS
from home.findings import judged_findings
from home.folder import Home, today
from home.look import MARKS, clock_time, day_name, short_day
from home.precision import DAYS as PRECISION_DAYS
from home.precision import of_kind, precision
from home.tables import ANOMALIES, BOUTS
from home.verdicts import Verdict, finding_name, verdicts
from serve.pages.frame import called, framed, home_of, may_change, outer, read, show, template
from serve.pages.quiet import quiet
from serve.pages.rules import right, rules
from serve.pages.seen import LIVE_DAYS, MOST, Seen, one, recent, verdict
from serve.paging import Partitions

DAYS = 60
LEAST_DAYS, LONGEST_DAYS = 10, 10_000  # a figure beyond these is more than a cat's past can tell
PROOFS = 6  # that are shown at once; the others behind a word
_SAME = pd.Timedelta(seconds=1)


@dataclass(frozen=True)
class Proof:
    """An event that a finding rests on: when, and its bout where a camera saw it."""

    when: str
    date: dt.date
    time: str
    bout: Any


@dataclass(frozen=True)
class Finding:
    """A row of the anomalies table, in words.

    Attributes:
        when: the time it is of.
        said: when it could first be said.
        about: the behaviour whose mark it has; empty for none.
        rare: how rare it is, in words; empty where nobody knows.
        name: what verdicts call it.
    """

    row: Any
    who: str
    when: str
    said: str
    about: str
    rare: str
    proofs: list[Proof]
    name: str


@ui.page("/events", title="Events · CatML", response_timeout=30)
async def page(request: Request, event: str = "") -> None:
    """The page; an alert leads to its event, which then stands first."""
    home, change = home_of(request), may_change(request)
    found, looked, judged = await read(_filled, home, outer(request).state.partitions)
    said = await read(verdicts, home.database, "finding")
    rightly = await read(_rightly, home) if said else {}
    live, held = await read(recent, home), await read(verdicts, home.database, "event")
    asked = await read(one, home, event) if event else None
    live = [asked, *(each for each in live if each.name != asked.name)] if asked else live
    with framed(request, "Events"):
        show("events.html", found=found, looked=looked, judged=judged, days=DAYS, live=len(live), live_days=LIVE_DAYS)
        if asked:
            _seen_row(home, live.pop(0), held, change, "asked")
        for number, each in enumerate(found, 1):
            with ui.element("section").classes("finding").props(f"aria-labelledby=finding-{number}"):
                words = rightly.get(of_kind(each.row.kind), "")
                ui.html(template("finding.html", each=each, number=number, right=words), sanitize=False)
                verdict(home, "finding", each.name, said.get(each.name), f"{each.who}: {each.row.sentence}", change)
                ui.html(template("proofs.html", each=each, most=PROOFS), sanitize=False)
        ui.html(template("seen.html", live=live, days=LIVE_DAYS, most=MOST, noted=bool(found)), sanitize=False)
        for seen in live[:MOST]:
            _seen_row(home, seen, held, change)
        await rules(request)
        await quiet(request, home.config.rules)


def _seen_row(home: Home, seen: Seen, held: Mapping[str, Verdict], change: bool, classes: str = "") -> None:
    with ui.element("div").classes(f"seen-row {classes}"):
        ui.html(template("seen_row.html", seen=seen), sanitize=False)
        verdict(home, "event", seen.name, held.get(seen.name), seen.words, change)


def _filled(home: Home, partitions: Partitions) -> tuple[list[Finding], dt.date | None, int]:
    """The findings of the last weeks, newest first; the last date that was looked at for any; how many could be judged."""
    now = today(home)
    dates = [date for date in home.tables.dates(ANOMALIES) if 0 <= (now - date).days < DAYS]
    found = [_finding(home, partitions, row) for date in reversed(dates) for row in _rows(partitions, date)]
    judged = sum(any(partitions.notes(ANOMALIES, date).get("judged", {}).values()) for date in dates)
    return found, max(dates, default=None), judged


def _rows(partitions: Partitions, date: dt.date) -> list[Any]:
    return list(partitions.read(ANOMALIES, date).sort_values(["raised", "score"], ascending=False).itertuples())


def _finding(home: Home, partitions: Partitions, row: Any) -> Finding:
    proofs = [_proof(home, partitions, row, pd.Timestamp(moment)) for moment in row.evidence]
    mark = row.of if row.of in MARKS else ""
    name = finding_name(row.cat, row.kind, row.of, row.raised.to_pydatetime())
    return Finding(
        row, called(home, row.cat), _span(home, row), _moment(home, row.raised), mark, _rare(row.score), proofs, name
    )


def _rightly(home: Home) -> dict[str, str]:
    """How often each kind of what was unusual was right, in words, where anybody said so."""
    now = dt.datetime.now(dt.UTC)
    found = precision(home.database, now, findings=judged_findings(home, now, PRECISION_DAYS))
    return {each.rule: right(each) for each in found if each.share is not None}


def _rare(score: float) -> str:
    """How rare it is among ordinary days, to two digits; empty where a limit was passed that has nothing to do with them."""
    days = math.exp(min(score, math.log(LONGEST_DAYS)))
    if not days >= LEAST_DAYS:
        return ""
    if days >= LONGEST_DAYS:
        return f"Fewer than one ordinary day in {LONGEST_DAYS:,} lies so far out."
    return f"About one ordinary day in {int(float(f'{days:.2g}')):,} lies so far out."


def _proof(home: Home, partitions: Partitions, row: Any, moment: pd.Timestamp) -> Proof:
    """The event that began then; a cat's bout of that behaviour began with it, or a device told of it alone."""
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment
    date = local_date(moment.to_pydatetime(), home.zone)
    bouts = partitions.read(BOUTS, date)
    mine = bouts[(bouts["cat"] == row.cat) & ((bouts["start"] - moment).abs() <= _SAME)]
    mine = mine[mine["behaviour"] == row.of] if row.of in BEHAVIOURS else mine  # to be up at night is any of them
    time = clock_time(moment, home.zone)
    return Proof(f"{short_day(date)}, {time}", date, time, next(mine.itertuples(), None))


def _moment(home: Home, moment: pd.Timestamp) -> str:
    there = moment.to_pydatetime()
    return f"{day_name(local_date(there, home.zone))}, {clock_time(there, home.zone)}"


def _span(home: Home, row: Any) -> str:
    first, last = (local_date(edge.to_pydatetime(), home.zone) for edge in (row.start, row.end - _SAME))
    times = [clock_time(edge.to_pydatetime(), home.zone) for edge in (row.start, row.end)]
    times[1] = "24:00" if times[1] == "00:00" else times[1]
    if first == last:
        return f"{day_name(first)}, {times[0]} to {times[1]}"
    return f"{day_name(first)}, {times[0]} to {day_name(last)}, {times[1]}"
