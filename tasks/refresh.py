"""Days long past, told again with what is known now: which cats there are, and what people said. No footage is touched.

Poses and detections hold all it takes: who a track is, what it did and how it held itself are read from the tables. A page
that is written again keeps its pictures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from home.clock import local_dates
from home.corrections import Correction
from home.ethogram import UNKNOWN
from home.folder import Home
from home.look import counted
from home.tables import BOUTS, IDENTITIES
from home.terminal import Terminal
from tasks.month import reports_before
from tasks.night import NIGHT, dates_of_stage
from tasks.report import page_dates, sheet
from tasks.stage import Outcome, Progress, silent, units

__all__ = ["LATER", "Changed", "concerned", "refresh", "refreshed"]

_AGAIN = ("identify", "behave", "bouts", "counts", "anomalies", "forecast", "report", "tensorboard")
STAGES = tuple(stage for stage in NIGHT if stage.name in _AGAIN)
LATER = "Past days are left as they are; catml refresh, or the next night for its own days, puts it into them."


@dataclass(frozen=True)
class Changed:
    """What became of a local day.

    Attributes:
        tracks: that have another name, or lost theirs.
        bouts: that came, went, or are of another cat or behaviour.
        page: the page was written again.
    """

    date: dt.date
    tracks: int
    bouts: int
    page: bool


def concerned(home: Home, said: Iterable[Correction]) -> list[dt.date]:
    """The days that corrections may change: a cat that is named is known by it on any day, all else stays near its time."""
    dates = home.tables.dates(BOUTS)
    wanted: set[dt.date] = set()
    for each in said:
        if each.field == "cat":
            return dates
        days = local_dates(each.span, home.zone)
        wanted |= {*days, days[0] - dt.timedelta(days=1), days[-1] + dt.timedelta(days=1)}  # a bout over midnight
    return [date for date in dates if date in wanted]


def refresh(
    home: Home, dates: Sequence[dt.date] | None = None, *, progress: Progress = silent
) -> tuple[list[Changed], list[Outcome]]:
    """Read who, what and how again on past days, from tables only, and write their pages.

    Args:
        home: the home.
        dates: local dates; None for all that have bouts. Those that a night has not worked on are left to it.
        progress: is told of long work.

    Returns:
        What became of each day, in order, and what each stage did.

    Raises:
        CatMLError: of the first stage that fails; what was written before stays good.
    """
    there = home.tables.dates(BOUTS)
    chosen = there if dates is None else sorted(set(dates) & set(there))
    before, pages = {date: (_named(home, date), _bouts(home, date)) for date in chosen}, set(page_dates(home))
    done: list[Outcome] = []
    for stage in STAGES:
        # A day whose page is gone for good gets none again, only its CSV.
        own = [date for date in chosen if stage.name != "report" or date in pages]
        work = units(stage.per, dates_of_stage(home, stage, own), list(home.config.cameras))
        for number, unit in enumerate(work):
            done.append(stage.function(home, *unit))
            progress(stage.name, number + 1, len(work))
    written = {outcome.date for outcome in done if outcome.stage == "report" and not outcome.skipped}
    found = []
    for date, (names, rows) in before.items():
        after = _bouts(home, date)
        if date not in pages and after != rows:
            sheet(home, date)
        renamed = sum(names.get(track, UNKNOWN) != cat for track, cat in _named(home, date).items())
        found.append(Changed(date, renamed, max(len(after - rows), len(rows - after)), date in written))
    return found, done


def refreshed(home: Home, terminal: Terminal, dates: Sequence[dt.date] | None = None) -> dict[str, Any]:
    """The command: refresh, and say which days changed.

    Returns:
        The days for JSON: `days`.
    """
    with terminal.progress() as progress:
        days, done = refresh(home, dates, progress=progress)
    for stage, why in dict.fromkeys((outcome.stage, outcome.left_out) for outcome in done if outcome.left_out):
        terminal.note(f"{stage} is left out: {why}")
    for warning in (warning for outcome in done for warning in outcome.warnings):
        terminal.warn(warning)
    new = [day for day in days if day.tracks or day.bouts or day.page]
    old = reports_before(home, [day.date for day in days if day.tracks or day.bouts])
    if not days:
        terminal.say("There is no past day yet that this could change.")
    else:
        terminal.say(f"{counted(len(days), 'past day')} read again, without footage; {len(new) or 'none'} changed.")
    columns = ("day", "tracks renamed", "bouts changed", "page")
    rows = [(str(day.date), str(day.tracks), str(day.bouts), "written again" if day.page else "") for day in new]
    terminal.table(columns, rows)
    for each in old:
        terminal.note(f"The habit report of {each} was made before; made anew by: catml report --month {each}")
    return {"days": [asdict(day) for day in new], "reports_before": [str(each) for each in old]}


def _named(home: Home, date: dt.date) -> dict[tuple[str, int], str]:
    rows = home.tables.read(IDENTITIES, date)
    return dict(zip(zip(rows["camera"], rows["track_id"], strict=True), rows["cat"], strict=True))


def _bouts(home: Home, date: dt.date) -> set[tuple[Any, ...]]:
    rows = home.tables.read(BOUTS, date)[["cat", "behaviour", "start", "end", "camera"]]
    return set(rows.itertuples(index=False, name=None))
