"""Stage `tensorboard`: what nights and weeks found, as event files that TensorBoard draws.

    <store.tables>/tensorboard/house/             the day in words, what cameras recorded
    <store.tables>/tensorboard/cats/CAT/          a line for each figure of a cat, a point a day; its pictures
    <store.tables>/tensorboard/weeks/DATE/        parameters and results of a week's learning, for the HParams tab

Each date has a file of its own in each: a night that is read again replaces its own and no other. Same input, same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping

from home.errors import StoreMissing, TableError
from home.ethogram import UNKNOWN
from home.folder import Home
from home.tables import FORECASTS, HABITS, fingerprint_of
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["FOLDER", "boards_over", "forget_pictures", "tensorboard", "tensorboard_of_week"]

VERSION = 1  # raised when the same input would give other files
FOLDER = "tensorboard"  # in the store of the tables
HOUSE = "house"
NIGHT, PICTURES, WEEK = "night", "pictures", "week"
_DATE = re.compile(r"\.(\d{4}-\d\d-\d\d)\.(\w+)$")


def tensorboard(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write what TensorBoard shows of a local day and, where one has learned on it, of the week.

    A view of what others wrote: a partition that is damaged costs the day its board, and the night goes on.

    Raises:
        StoreError: if the tables cannot be read or the files cannot be written.
    """
    try:
        week = tensorboard_of_week(home, date, force=force)
        night = _night(home, date, force, progress)
    except TableError as error:
        return Outcome("tensorboard", date, warnings=[f"{date}: not on TensorBoard: {error}"])
    facts = {name: week.facts.get(name, 0) + night.get(name, 0) for name in {**week.facts, **night}}
    return Outcome("tensorboard", date, skipped=week.skipped and not night, facts=facts)


def tensorboard_of_week(home: Home, date: dt.date, *, force: bool = False) -> Outcome:
    """Write what TensorBoard shows of what was learned for a local date: nothing, where nothing was.

    The parameters beside it are those of the run that writes it first, until it is learned anew.

    Raises:
        StoreError, TableError: if the table `habits` cannot be read or is damaged, or the files cannot be written.
    """
    learned = home.tables.fingerprint(HABITS, date)
    if learned is None:
        return Outcome("tensorboard", date, skipped=True)
    foretold = home.tables.fingerprint(FORECASTS, date)
    fingerprint = fingerprint_of(stage="tensorboard", version=VERSION, learned=learned, foretold=foretold)
    if not force and _written(home, f"weeks/{date.isoformat()}", date, WEEK) == fingerprint:
        return Outcome("tensorboard", date, skipped=True)
    from tasks.boards.week_runs import week_runs

    runs = {run: shown.content(fingerprint) for run, shown in week_runs(home, date).items() if len(shown)}
    # The week's own last: it says that all are there.
    _write(home, date, WEEK, dict(sorted(runs.items())))
    return Outcome("tensorboard", date, facts={"files": len(runs), "bytes": sum(map(len, runs.values()))})


def boards_over(home: Home, dates: Collection[dt.date]) -> list[dt.date]:
    """These local dates, and every later one whose board shows any of them among its weeks, in order.

    Raises:
        StoreError: if the boards cannot be listed.
    """
    from tasks.boards.reading import WEEKS

    found = (_DATE.search(entry.key) for entry in home.tables.store.list(f"{FOLDER}/{HOUSE}/"))
    boards = {dt.date.fromisoformat(each[1]) for each in found if each and each[2] == NIGHT}
    later = dt.timedelta(days=7 * WEEKS)
    return sorted({*dates, *(board for board in boards if any(each < board < each + later for each in dates))})


def forget_pictures(home: Home, pages: Collection[dt.date]) -> None:
    """Delete what was taken from day pages that are no more.

    Args:
        home: the home.
        pages: dates whose page is there.

    Raises:
        StoreError: if the store cannot do it.
    """
    for entry in home.tables.store.list(f"{FOLDER}/"):
        found = _DATE.search(entry.key)
        if found and found[2] == PICTURES and dt.date.fromisoformat(found[1]) not in pages:
            home.tables.store.delete(entry.key)


def _night(home: Home, date: dt.date, force: bool, progress: Progress) -> dict[str, int]:
    """Write the runs of a date; empty where there is nothing to do."""
    from tasks.boards.reading import night_of
    from tasks.report import page_of

    page, made_from = page_of(home, date)
    night = night_of(home, date, made_from)
    if not night.known:
        return {}
    fingerprint = night.fingerprint(VERSION)
    if not force and _written(home, HOUSE, date, NIGHT) == fingerprint:
        return {}
    from tasks.boards.cat_run import cat_run
    from tasks.boards.examples import examples
    from tasks.boards.house_run import house_run

    cats = [*home.config.cats, UNKNOWN]
    runs = {}
    for number, cat in enumerate(cats):
        runs[f"cats/{cat}"] = cat_run(night, cat)
        progress("tensorboard", number + 1, len(cats) + 1)
    pictures = {HOUSE: examples(night, page)}
    files = {run: shown.content(fingerprint) for run, shown in runs.items() if len(shown)}
    shots = {run: shown.content(fingerprint) for run, shown in pictures.items() if len(shown)}
    _write(home, date, PICTURES, shots)
    # The house last: it says that all are there.
    _write(home, date, NIGHT, {**files, HOUSE: house_run(night).content(fingerprint)})
    progress("tensorboard", 1, 1)
    return {"files": len(files) + len(shots) + 1, "bytes": sum(map(len, [*files.values(), *shots.values()]))}


def _write(home: Home, date: dt.date, kind: str, files: Mapping[str, bytes]) -> None:
    """Write the files of a date and kind, and remove those of runs that have none any more."""
    from tasks.boards.event_file import file_name

    store, name = home.tables.store, file_name(date, home.zone, kind)
    wanted = {f"{FOLDER}/{run}/{name}": content for run, content in files.items()}
    for entry in store.list(f"{FOLDER}/"):
        found = _DATE.search(entry.key)
        if found and found.groups() == (date.isoformat(), kind) and entry.key not in wanted:
            store.delete(entry.key)
    for key, content in wanted.items():
        store.write(key, content)


def _written(home: Home, run: str, date: dt.date, kind: str) -> str:
    """What a file that is there was made from; empty if there is none."""
    from tasks.boards.event_file import file_name, fingerprint_in

    try:
        return fingerprint_in(home.tables.store.read(f"{FOLDER}/{run}/{file_name(date, home.zone, kind)}"))
    except StoreMissing:
        return ""


def main() -> None:
    """`python -m tasks.tensorboard`."""
    raise SystemExit(run_stage(tensorboard, per="day", leaves="data/tables/tensorboard"))


if __name__ == "__main__":
    main()
