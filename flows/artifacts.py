"""What a night leaves to read in Prefect: a table of its units, and each new day's page with its first sentences.

No picture and no cat's name goes into an artifact: whose server it is, a flow cannot know.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.stages import STATUSES, Result
from home.day import sentences
from home.day.day import FOLDER, Animal, Day
from home.day.reading import read_day
from home.folder import Home

SUMMARY = "nightly-summary"
_TOLD_AT_MOST = 5


def show_summary(results: Sequence[Result]) -> None:
    """A table with a row for each unit of the night's work."""
    rows = [
        {
            "stage": result.stage,
            "date": result.date.isoformat() if result.date else "",
            "camera": result.camera or "",
            "result": result.status,
            "told": str(result).partition(": ")[2] if result.status in ("done", "left out", "failed") else "",
            "warnings": " | ".join(result.outcome.warnings) if result.outcome else "",
        }
        for result in results
    ]
    create_table_artifact(key=SUMMARY, table=rows, description=f"The night's work: {_counts(results)}.")


def show_days(home: Home, results: Sequence[Result]) -> None:
    """For each page that this night has written: where it lies, and what it says first."""
    for result in results:
        if result.stage == "report" and result.date and result.status == "done":
            _show_day(home, result.date)


def verdict(results: Sequence[Result]) -> State[Any]:
    """How the night ended: failed if a unit has, and then which; else completed, with the warnings there were."""
    failed = [str(result) for result in results if result.status == "failed"]
    if failed:
        return Failed(message=f"{len(failed)} of {len(results)} failed. {_some(failed)}")
    warnings = [warning for result in results if result.outcome for warning in result.outcome.warnings]
    return Completed(message=". ".join([_counts(results), *([f"Warnings: {_some(warnings)}"] if warnings else [])]))


def _counts(results: Sequence[Result]) -> str:
    counted = Counter(result.status for result in results)
    return ", ".join(f"{counted[status]} {status}" for status in STATUSES if counted[status])


def _some(told: Sequence[str]) -> str:
    more = len(told) - _TOLD_AT_MOST
    return "; ".join([*told[:_TOLD_AT_MOST], *([f"and {more} more"] if more > 0 else [])])


def _show_day(home: Home, date: dt.date) -> None:
    day = nameless(read_day(home, date))
    said = [*sentences.opening(day), *sentences.in_sight(day), *sentences.could_not_be_seen(day)]
    page = home.root / "data" / FOLDER / f"{date.isoformat()}.html"
    create_link_artifact(
        key=f"day-{date.isoformat()}",
        link=page.resolve().as_uri(),
        link_text=f"Day page of {date.isoformat()}",
        description="\n\n".join(said),
    )


def nameless(day: Day) -> Day:
    """A day whose cats are called by letters, in the order of home.yaml, instead of by their names."""
    named = [animal.key for animal in day.animals if animal.cat != "unknown"]
    if len(named) == 1:
        called = {named[0]: ("the cat", "The cat")}
    else:
        called = {key: (f"cat {chr(ord('A') + place)}",) * 2 for place, key in enumerate(named)}
    return replace(day, animals=tuple(_renamed(animal, called.get(animal.key)) for animal in day.animals))


def _renamed(animal: Animal, called: tuple[str, str] | None) -> Animal:
    return replace(animal, name=called[0], subject=called[1]) if called else animal
