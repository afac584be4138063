"""The night's work under Prefect: the list of `tasks.night`, over every day of every camera."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.task_runners import ThreadPoolTaskRunner

from flows.artifacts import show_days, show_summary, verdict
from flows.stages import Result, run_everywhere
from flows.turn import turn
from home.errors import WrongUse
from home.folder import Home, open_home, today
from tasks.night import NIGHT, dates_of_night, units
from tasks.stage import parse_overrides

# One waits for the store or for its next try while the other works; each already uses the threads of params.yaml.
UNITS_AT_ONCE = 2


@flow(name="nightly", task_runner=ThreadPoolTaskRunner(max_workers=UNITS_AT_ONCE), persist_result=False)
def nightly(
    home: Path = Path(),
    date: dt.date | None = None,
    until: dt.date | None = None,
    cameras: tuple[str, ...] = (),
    force: bool = False,
    overrides: tuple[str, ...] = (),
) -> State[Any]:
    """Find out what the cats did: from footage to bouts and day pages. What has not changed is not done again.

    Args:
        home: The home's folder, with home.yaml. A relative one is seen from the folder the worker runs in.
        date: One local day. Left empty: every day of the look-back that has new footage.
        until: The last day, where `date` is the first of several.
        cameras: Only these cameras of home.yaml. Left empty: all.
        force: Work again even where nothing has changed.
        overrides: Parameters for this run only, each as stage.param=value, e.g. detect.confidence=0.3
    """
    opened = open_home(home, parse_overrides(overrides))
    chosen = [camera for camera in cameras if opened.camera(camera)] or list(opened.config.cameras)
    with turn(opened):
        dates = _dates(opened, date, until)
        results: list[Result] = []
        for stage in NIGHT:
            results += run_everywhere(stage, opened, units(stage, dates, chosen), force, results)
        show_summary(results)
        show_days(opened, results)
    return verdict(results)


def _dates(home: Home, date: dt.date | None, until: dt.date | None) -> list[dt.date]:
    if until is None:
        return dates_of_night(home, date, today(home))
    if date is None or date > until:
        raise WrongUse(f"until {until}: `date` must be the first day, at or before it; it is {date or 'empty'}")
    return [date + dt.timedelta(days=later) for later in range((until - date).days + 1)]
