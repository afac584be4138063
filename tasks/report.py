"""Stage `report`: the day page, one HTML file that needs nothing else, and its bouts as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

from home.clock import UTC
from home.day.day import FOLDER, Day
from home.day.reading import read_day
from home.errors import StoreMissing
from home.folder import Home
from home.tables import (
    ANIMALS,
    BOUTS,
    BUDGET,
    COVERAGE,
    DETECTIONS,
    FIXTURES,
    FRAMES,
    IDENTITIES,
    MOMENTS,
    POSES,
    fingerprint_of,
)  # fmt: skip
from tasks.day_page.page import render
from tasks.stage import Outcome, Progress, run_stage, silent
from tasks.tensorboard import forget_pictures

VERSION = 4  # raised when the same input would give another page
COLUMNS = (
    "cat", "animal", "behaviour", "start_local", "end_local", "start_utc", "end_utc", "duration_s", "confidence", "cameras",
    "camera", "chunk", "offset_s", "x1", "y1", "x2", "y2", "continues_before", "continues_after", "evidence", "bout_id",
)  # fmt: skip
_HEAD = 1024
_FINGERPRINT = re.compile(r'<meta name="catml-fingerprint" content="([0-9a-f]{64})">')


def report(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write the day page of a local day, `data/reports/DATE.html`, and `DATE.csv` beside it.

    A page that is written again keeps the pictures it has; no footage is opened for them. A moment whose footage can no
    longer be read, and that had no picture, is told in words instead. A day of which nothing at all is
    known, not even that a camera was down, gets no page.

    Raises:
        StoreError: if the tables cannot be read or the page cannot be written.
    """
    day = read_day(home, date)
    fingerprint = _fingerprint(home, day)
    page, sheet = f"{FOLDER}/{date.isoformat()}.html", f"{FOLDER}/{date.isoformat()}.csv"
    known = (
        day.analysed
        or day.manifest.cameras
        or any(home.tables.cameras(table, date) for table in (COVERAGE, DETECTIONS))
    )
    unchanged = _written(home, page) == fingerprint and home.data.find(sheet) is not None
    if not force and (unchanged or not known):
        return Outcome("report", date, skipped=True)
    content, facts = render(home, day, fingerprint, progress, _page(home, page))
    home.data.write(sheet, as_csv(day))
    home.data.write(page, content)
    return Outcome("report", date, facts={**facts, "bytes": len(content), "page": f"data/{page}"})


def sheet(home: Home, date: dt.date) -> None:
    """Write the CSV of a local day alone.

    Raises:
        StoreError: if the tables cannot be read or the file cannot be written.
    """
    home.data.write(f"{FOLDER}/{date.isoformat()}.csv", as_csv(read_day(home, date)))


def expire(home: Home, today: dt.date) -> list[dt.date]:
    """Delete the day pages that were written over `report.keep_days` ago: they hold pictures. The CSVs stay; what TensorBoard shows of
    their pictures goes with them.

    The age of the page counts, not of the day it shows: footage of last year that is imported today is read today.

    Returns:
        The dates whose page is gone.
    """
    oldest = today - dt.timedelta(days=home.params.report.keep_days)
    pages = {date: f"{FOLDER}/{date.isoformat()}.html" for date in page_dates(home)}
    old = [date for date, page in pages.items() if home.data.modified(page).astimezone(home.zone).date() < oldest]
    for date in old:
        home.data.delete(pages[date])
    forget_pictures(home, pages.keys() - set(old))
    return old


def page_dates(home: Home) -> list[dt.date]:
    """Every date that has a day page, sorted."""
    names = [entry.key.removeprefix(f"{FOLDER}/") for entry in home.data.list(f"{FOLDER}/")]
    return sorted(dt.date.fromisoformat(name[:-5]) for name in names if re.fullmatch(r"\d{4}-\d\d-\d\d\.html", name))


def page_of(home: Home, date: dt.date) -> tuple[str, str]:
    """The day page as it is there, and the fingerprint of what it was made from; both empty if there is none."""
    page = f"{FOLDER}/{date.isoformat()}.html"
    return _page(home, page), _written(home, page) or ""


def as_csv(day: Day) -> bytes:
    """The bouts of a day, in the order of the page: local times with their offset, the same in UTC."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    for animal in day.animals:
        for bout in animal.bouts:
            edges = (bout.span.start, bout.span.end)
            times = [
                edge.astimezone(zone).isoformat(timespec="milliseconds") for zone in (day.zone, UTC) for edge in edges
            ]
            box = [f"{edge:.4f}" for edge in bout.box] if bout.box else [""] * 4
            flags = [str(flag).lower() for flag in (bout.continues_before, bout.continues_after)]
            figures = [f"{bout.duration_s:.3f}", f"{bout.confidence:.3f}", " ".join(bout.cameras)]
            source = [bout.camera, bout.chunk, f"{bout.offset_s:.3f}"]
            writer.writerow(
                [
                    animal.cat,
                    animal.number,
                    bout.behaviour,
                    *times,
                    *figures,
                    *source,
                    *box,
                    *flags,
                    bout.evidence,
                    bout.id,
                ]
            )
    return sink.getvalue().encode()


def _fingerprint(home: Home, day: Day) -> str:
    """Over everything the page says: tables, coverage, footage that could not be used, and what home.yaml calls things."""
    tables, config, params, cameras = home.tables, home.config, home.params, day.cameras
    return fingerprint_of(
        stage="report",
        version=VERSION,
        tables=[tables.fingerprint(table, day.date) for table in (BOUTS, BUDGET, ANIMALS, FIXTURES)],
        held=[(camera, tables.fingerprint(MOMENTS, day.date, camera)) for camera in cameras if params.behave.model],
        posed=[(camera, tables.fingerprint(POSES, day.date, camera)) for camera in cameras if params.pose.model],
        known=tables.fingerprint(IDENTITIES, day.date) if params.pose.model else None,
        drifted=day.drifted,
        unusual=day.unusual,
        notes=[tables.fingerprint(table, day.date, camera) for table in (FRAMES, DETECTIONS) for camera in cameras],
        coverage=day.coverage,
        unread=day.unread,
        names=[day.cameras, {cat: settings.name for cat, settings in config.cats.items()}],
        place=[config.timezone, config.place],
        store=config.store.footage,
        params=[params.report.picture_width, params.extract, params.detect, params.identify.least, params.bouts],
    )


def _written(home: Home, key: str) -> str | None:
    """What the page that is there was made from; None if there is none."""
    found = _FINGERPRINT.search(_page(home, key)[:_HEAD])
    return found[1] if found else None


def _page(home: Home, key: str) -> str:
    """The page as it is there; empty if there is none."""
    try:
        return home.data.read(key).decode(errors="replace")
    except StoreMissing:
        return ""


def main() -> None:
    """`python -m tasks.report`."""
    raise SystemExit(run_stage(report, per="day"))


if __name__ == "__main__":
    main()
