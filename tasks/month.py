"""Stage `month`: the habit report of a local month, of each cat and of the home, as HTML, PDF and JSON."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from home.errors import StoreMissing
from home.ethogram import BEHAVIOURS
from home.folder import Home, today
from home.speech.month import Month, month_of
from home.speech.speech import Speech
from home.tables import (
    ANOMALIES,
    BOUTS,
    COUNTS,
    COVERAGE,
    DEVICE_COVERAGE,
    DEVICE_EVENTS,
    FORECASTS,
    HABITS,
    fingerprint_of,
)
from tasks.month_report.build import cat_numbers, home_numbers
from tasks.month_report.evidence import shown_alarms
from tasks.month_report.links import FOLDER, links_of
from tasks.month_report.page import Content, drawn, render
from tasks.month_report.pdf import MISSING, Print, can_print, printer
from tasks.month_report.reading import Known, anything, first_read, read_known, slice_of
from tasks.month_report.sources import sources_of
from tasks.report import page_dates
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["FOLDER", "HOME", "main", "month", "months_known", "reports_before"]

AHEAD = 8  # reports that are put together before the first of them is printed
VERSION = 5  # raised when the same input would give another report
HOME = "home"
"""Name of the report of all cats together."""


def month(
    home: Home,
    months: Sequence[Month] = (),
    cats: Sequence[str] = (),
    *,
    paper: bool = True,
    force: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Write `data/months/YYYY-MM/CAT.html`, `.pdf` and `.json`, and `home.*` beside them.

    Args:
        home: the home.
        months: which; left empty, every one of which anything was counted.
        cats: ids of those that are wanted, `home` for all cats together; left empty, all of them.
        paper: write the PDFs too, which take longest.
        force: write them again even where nothing has changed.
        progress: is told of each report.

    Raises:
        StoreError, TableError: if a table cannot be read, is damaged, or a report cannot be written.
    """
    wanted = sorted(set(months)) or months_known(home)
    names = list(cats) or [*home.config.cats, HOME]
    now = today(home)
    prints = {each: _fingerprint(home, each, now) for each in wanted}
    new = [
        each
        for each in wanted
        if force or any(not _is_written(home, each, name, prints[each], paper) for name in names)
    ]
    if not new:
        return Outcome("month", skipped=True)
    known, number = read_known(home, new, now), len(new) * len(names)
    printed = paper and can_print()
    waiting, done = deque[_Report](), 0
    with printer(number if printed else 0) as begin:
        for each in new:
            for content in _contents(known, each, names, prints[each]):
                waiting.append(_report(home, each, content, begin if printed else None))
                if len(waiting) > AHEAD:
                    done += _write(home, waiting.popleft())
                progress("month reports", done, number)
        while waiting:
            done += _write(home, waiting.popleft())
            progress("month reports", done, number)
    return Outcome("month", facts={"reports": done}, warnings=[MISSING] if paper and not printed else [])


def months_known(home: Home) -> list[Month]:
    """Every month of which anything was counted, in order."""
    return [month for month, _ in groupby(map(month_of, home.tables.dates(COUNTS)))]


def reports_before(home: Home, dates: Collection[dt.date]) -> list[Month]:
    """Months whose reports, as they lie there, rest on other tables than today's of any of these dates.

    Raises:
        StoreError, TableError: if the tables or the reports cannot be read.
    """
    near = {around for date in dates for around in _resting_on(month_of(date))}
    names, now = [*home.config.cats, HOME], today(home)
    there = {each: [name for name in names if home.data.find(f"{FOLDER}/{each}/{name}.html")] for each in sorted(near)}
    return [
        each
        for each, written in there.items()
        if written
        and not all(_is_written(home, each, name, _fingerprint(home, each, now), paper=False) for name in written)
    ]


def _resting_on(month: Month) -> list[Month]:
    """The months whose report looks at this one: its own and the two after it, and the one before, whose last night foretells it."""
    return [month.before, month, month.after, month.after.after]


def _contents(known: Known, month: Month, names: Sequence[str], fingerprint: str) -> Iterator[Content]:
    home, until = known.home, min(known.until, month.after.first)
    sources, links = sources_of(home, month, until), links_of(home, month)
    speech = Speech(home.config.language, home.zone)
    wanted = home.config.cats if HOME in names else names
    own = {cat: cat_numbers(known, cat, month, sources, fingerprint) for cat in wanted}
    events = {cat: numbers.events for cat, numbers in own.items()}
    for name in names:
        numbers = own[name] if name != HOME else home_numbers(known, month, sources, fingerprint, list(own.values()))
        histories = {
            behaviour: slice_of(history, month.first, until)
            for (cat, behaviour), history in known.histories.items()
            if cat == name and behaviour in BEHAVIOURS
        }
        yield Content(
            numbers=numbers,
            histories=histories,
            observed=anything(
                [
                    slice_of(each, month.first, until + dt.timedelta(days=1))
                    for (cat, _), each in known.histories.items()
                    if cat == name
                ]
            ),
            shown=shown_alarms(home, numbers.alarms, events, links, speech),
            looked=numbers.looked_days,
            links=links,
            cats=list(own.values()) if name == HOME else (),
        )


@dataclass(frozen=True)
class _Report:
    """A report that is put together: its files without their endings, and its PDF, which may still be in print."""

    base: str
    numbers: bytes
    page: bytes
    pdf: Callable[[], bytes] | None


def _report(home: Home, month: Month, content: Content, begin: Print | None) -> _Report:
    base = f"{FOLDER}/{month}/{content.numbers.cat or HOME}"
    numbers = content.numbers.model_dump_json(indent=1).encode() + b"\n"
    filled = drawn(home, content)
    pdf = begin(render(filled, paper=True), f"{base} {content.numbers.fingerprint}") if begin else None
    return _Report(base, numbers, render(filled).encode(), pdf)


def _write(home: Home, report: _Report) -> int:
    """Write one report, its page last: where the page is, all is there. Returns 1."""
    home.data.write(f"{report.base}.json", report.numbers)
    if report.pdf is not None:
        home.data.write(f"{report.base}.pdf", report.pdf())
    elif home.data.find(f"{report.base}.pdf") is not None:
        home.data.delete(f"{report.base}.pdf")  # of numbers that are no more
    home.data.write(f"{report.base}.html", report.page)
    return 1


def _fingerprint(home: Home, month: Month, now: dt.date) -> str:
    """Over everything that a report of the month says."""
    tables, config = home.tables, home.config
    ledgers = (COUNTS, ANOMALIES, FORECASTS, HABITS, DEVICE_EVENTS, DEVICE_COVERAGE, BOUTS)
    until = min(now, month.after.first)
    dated = {
        table.name: [
            (str(date), tables.fingerprint(table, date))
            for date in tables.dates(table)
            if first_read(month) <= date <= month.after.first
        ]
        for table in ledgers
    }
    return fingerprint_of(
        stage="month",
        version=VERSION,
        until=str(until),
        tables=dated,
        coverage=[
            (camera, str(date), tables.fingerprint(COVERAGE, date, camera))
            for date in month.dates
            if date < until
            for camera in tables.cameras(COVERAGE, date)
        ],
        pages=[str(date) for date in page_dates(home) if month.first <= date <= month.last],
        config=config.model_dump(exclude={"recording", "retention", "relay"}),
        width=home.params.report.picture_width,
    )


def _is_written(home: Home, month: Month, name: str, fingerprint: str, paper: bool) -> bool:
    base = f"{FOLDER}/{month}/{name}"
    try:
        page = home.data.read(f"{base}.html")[:1024].decode(errors="replace")
    except StoreMissing:
        return False
    kinds = ("json", "pdf") if paper and can_print() else ("json",)
    return fingerprint in page and all(home.data.find(f"{base}.{kind}") is not None for kind in kinds)


def main() -> None:
    """`python -m tasks.month`."""
    raise SystemExit(run_stage(month, per="home", leaves=f"data/{FOLDER}"))


if __name__ == "__main__":
    main()
