"""The month's habit reports under Prefect: of each cat and of the home, from what its days counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import Task, flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.stages import worth_another_try
from flows.turn import turn
from home.folder import open_home
from tasks.month import FOLDER, month
from tasks.stage import parse_overrides
from tasks.telling_month import asked_month

WRITTEN = "monthly-report"

# The very function of the stage `month`. Its tables may be on a store that is gone for a minute.
WRITE: Any = Task(
    month, name="month", retries=2, retry_delay_seconds=[10, 60], retry_condition_fn=worth_another_try,
    cache_policy=NO_CACHE, persist_result=False,
)  # fmt: skip


@flow(name="report", persist_result=False)
def report(
    home: Path = Path(), months: tuple[str, ...] = (), force: bool = False, overrides: tuple[str, ...] = ()
) -> list[str]:
    """Write the habit reports of a month: of each cat and of the home, as HTML, PDF and JSON.

    Args:
        home: The home's folder, with home.yaml. A relative one is seen from the folder the worker runs in.
        months: Local months, each as YYYY-MM. Left empty: the last full one.
        force: Write them again even where nothing has changed.
        overrides: Parameters for this run only, each as stage.param=value, e.g. report.picture_width=320
    """
    opened, told = open_home(home, parse_overrides(overrides)), list[str]()
    with turn(opened):
        asked: list[str | None] = [*sorted(set(months))] or [None]
        for wanted in [asked_month(opened, text) for text in asked]:
            outcome = WRITE(opened, [wanted], force=force)
            for warning in outcome.warnings:
                get_run_logger().warning(warning)
            # No cat's name goes into an artifact: whose server it is, a flow cannot know.
            told.append(f"{wanted}: {outcome}; they lie in data/{FOLDER}/{wanted} of the home")
            get_run_logger().info(told[-1])
    create_markdown_artifact("\n".join(f"- {sentence}" for sentence in told), key=WRITTEN)
    return told
