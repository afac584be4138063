"""The stages of the night as Prefect tasks: the very functions of `tasks.night`, with what Prefect adds to them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect import Task, unmapped
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_run_logger

from home.errors import StoreUnreachable
from home.folder import Home
from tasks.night import NIGHT, Stage
from tasks.stage import Outcome

MINUTE, HOUR = 60, 3600
RETRIED = (StoreUnreachable,)
"""What may be gone when it is tried again. A wrong camera, a damaged table or a missing model is as wrong in a minute."""


@dataclass(frozen=True)
class Patience:
    """What Prefect allows one unit of a stage.

    Attributes:
        timeout_s: it is ended after this long, several times what a day takes on a small machine.
        delays_s: pauses before it is tried again.
    """

    timeout_s: float
    delays_s: tuple[float, ...]


PATIENCE = {
    "manifest": Patience(2 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "extract": Patience(6 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "detect": Patience(12 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "bouts": Patience(30 * MINUTE, (10, MINUTE)),
    "report": Patience(HOUR, (10, MINUTE)),
    "version": Patience(6 * HOUR, (MINUTE,)),
}
STATUSES = ("done", "unchanged", "not tried", "failed")
RUN_NAME = {"camera": "{date} {camera}", "day": "{date}", "night": "the whole night"}


@dataclass(frozen=True)
class Result:
    """What became of one unit of the night's work.

    Attributes:
        date: local date, None for a stage of the whole night.
        camera: id of the camera, None for a stage of the whole day.
        outcome: what the stage did; None if it failed or was not tried.
        error: why it failed; empty if it did not.
    """

    stage: str
    date: dt.date | None
    camera: str | None
    outcome: Outcome | None = None
    error: str = ""

    @property
    def status(self) -> str:
        """One of STATUSES; `not tried` is what builds on something that has failed."""
        if self.outcome:
            return "unchanged" if self.outcome.skipped else "done"
        return "failed" if self.error else "not tried"

    def __str__(self) -> str:
        unit = " ".join(str(part) for part in (self.stage, self.date, self.camera) if part is not None)
        return str(self.outcome) if self.outcome else f"{unit}: {self.error or self.status}"


def worth_another_try(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether what went wrong may be gone in a minute."""
    return isinstance(state.result(raise_on_failure=False), RETRIED)


def as_task(stage: Stage) -> Task[..., Outcome]:
    """A stage as a Prefect task. What can be skipped is decided by the stage, from fingerprints, and by it alone."""
    patience = PATIENCE[stage.name]
    return Task(
        stage.function,
        name=stage.name,
        task_run_name=f"{stage.name} {RUN_NAME[stage.per]}",
        retries=len(patience.delays_s),
        retry_delay_seconds=list(patience.delays_s),
        retry_condition_fn=worth_another_try,
        timeout_seconds=patience.timeout_s,
        cache_policy=NO_CACHE,
        persist_result=False,
    )


TASKS = {stage.name: as_task(stage) for stage in NIGHT}


def _not_about_threads(record: logging.LogRecord) -> bool:
    """Prefect warns, once a task, that a timeout cannot break into one call in a thread: between two frames is enough."""
    return "running in a worker thread" not in str(record.msg)


logging.getLogger("prefect.task_runs").addFilter(_not_about_threads)


def run_everywhere(
    stage: Stage, home: Home, units: Sequence[tuple[Any, ...]], force: bool, before: Sequence[Result]
) -> list[Result]:
    """Run a stage over its units side by side, as many at once as the flow's task runner allows, and wait for all.

    Args:
        stage: of `tasks.night.NIGHT`.
        home: the home.
        units: the arguments of each call after the home, from `tasks.night.units`.
        force: work again even where nothing has changed.
        before: results of the stages before. A day of a camera is left out where one of them, or its day, has failed.

    Returns:
        A result for each unit; those that were left out come first.
    """
    lost = {(result.date, result.camera) for result in before if result.status in ("failed", "not tried")}
    tried = [unit for unit in units if stage.per != "camera" or not lost & {unit, (unit[0], None)}]
    options: dict[str, Any] = {} if stage.per == "night" else {"force": unmapped(force)}
    columns = [list(column) for column in zip(*tried, strict=True)]
    futures = TASKS[stage.name].map(unmapped(home), *columns, **options) if tried else []
    results = [Result(stage.name, *_place(stage, unit)) for unit in units if unit not in tried]
    for unit, future in zip(tried, futures, strict=True):
        found = future.result(raise_on_failure=False)
        made = {"outcome": found} if isinstance(found, Outcome) else {"error": f"{type(found).__name__}: {found}"}
        results.append(Result(stage.name, *_place(stage, unit), **made))
        _tell(results[-1])
    return results


def _place(stage: Stage, unit: tuple[Any, ...]) -> tuple[dt.date | None, str | None]:
    if stage.per == "night":
        return None, None
    return unit[0], unit[1] if stage.per == "camera" else None


def _tell(result: Result) -> None:
    logger = get_run_logger()
    logger.log(logging.ERROR if result.error else logging.INFO, str(result))
    for warning in result.outcome.warnings if result.outcome else []:
        logger.warning(warning)
