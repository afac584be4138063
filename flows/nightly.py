"""The night's work under Prefect: the list of `tasks.night`, over every day of every camera."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.task_runners import ThreadPoolTaskRunner

from flows.artifacts import show_days, show_summary, verdict
from flows.stages import Result, run_everywhere
from flows.turn import turn
from home.flow_faults import told_if_it_fails
from home.folder import open_home, today
from ingest.retention import housekeep
from tasks.night import NIGHT, dates_of_night, dates_of_stage
from tasks.report import expire
from tasks.stage import parse_overrides, units

# One unit waits for the store, or for its next try, while another works; each already uses the threads of params.yaml.
SIDE_BY_SIDE: Any = ThreadPoolTaskRunner(max_workers=2)


@flow(name="nightly", task_runner=SIDE_BY_SIDE, persist_result=False)
def nightly(
    home: Path = Path(),
    dates: tuple[dt.date, ...] = (),
    cameras: tuple[str, ...] = (),
    force: bool = False,
    overrides: tuple[str, ...] = (),
) -> State[Any]:
    """Find out what the cats did: from footage to bouts and day pages. What has not changed is not done again.

    Args:
        home: The home's folder, with home.yaml. A relative one is seen from the folder the worker runs in.
        dates: Only these local days. Left empty: every day of the look-back that has new footage.
        cameras: Only these cameras of home.yaml. Left empty: all.
        force: Work again even where nothing has changed.
        overrides: Parameters for this run only, each as stage.param=value, e.g. detect.confidence=0.3
    """
    opened = open_home(home, parse_overrides(overrides))
    chosen = [camera for camera in cameras if opened.camera(camera)] or list(opened.config.cameras)
    with turn(opened), told_if_it_fails(opened, "nightly") as faults:
        days = sorted(set(dates)) or dates_of_night(opened, None, today(opened))
        results: list[Result] = []
        for stage in NIGHT:
            work = units(stage.per, dates_of_stage(opened, stage, days), chosen)
            results += run_everywhere(stage, opened, work, force, results)
        expire(opened, today(opened))
        for kept in housekeep(opened, today(opened)):
            for told in (*([str(kept)] if kept.deleted else []), *kept.warnings):
                get_run_logger().info(told)
        show_summary(results)
        show_days(opened, results)
        faults += [str(result) for result in results if result.status == "failed"]
    return verdict(results)
