"""The stages of the night as Prefect tasks: the very functions of `tasks.night`, with what Prefect adds to them."""

from __future__ import annotations

import datetime as dt
import logging
import time
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
TOLD_EVERY_S = 5 * MINUTE
RETRIED = (StoreUnreachable,)
"""What may be gone when it is tried again. A wrong camera, a damaged table or a missing model is as wrong in a minute."""


@dataclass(frozen=True)
class Patience:
    """What Prefect allows one unit of a stage.

    Attributes:
        timeout_s: it is ended after this long, several times what a day takes on a small machine.
        delays_s: pauses before each further try.
    """

    timeout_s: float
    delays_s: tuple[float, ...]


PATIENCE = {
    "manifest": Patience(2 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "extract": Patience(6 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "detect": Patience(12 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "pose": Patience(12 * HOUR, (10, MINUTE, 5 * MINUTE)),
    "identify": Patience(30 * MINUTE, (10, MINUTE)),
    "behave": Patience(HOUR, (10, MINUTE)),
    "bouts": Patience(30 * MINUTE, (10, MINUTE)),
    "counts": Patience(30 * MINUTE, (10, MINUTE)),
    "anomalies": Patience(30 * MINUTE, (10, MINUTE)),
    "forecast": Patience(30 * MINUTE, (10, MINUTE)),
    "drift": Patience(30 * MINUTE, (10, MINUTE)),
    "report": Patience(HOUR, (10, MINUTE)),
    "tensorboard": Patience(30 * MINUTE, (10, MINUTE)),
    "version": Patience(6 * HOUR, (MINUTE,)),
}
STATUSES = ("done", "unchanged", "left out", "not tried", "failed")
RUN_NAME = {"camera": "{date} {camera}", "day": "{date}", "night": "the whole night"}


@dataclass
class Watch:
    """What a unit tells its progress to: a line in its log now and then, and its end when its time is up.

    Prefect's own `timeout_seconds` throws an exception into a thread, wherever it is; in 3.8.8 it also hit threads that
    a stage had just started, and the run hung. This one comes between two frames, and only there.

    Attributes:
        timeout_s: from the first call on, over all tries.
    """

    timeout_s: float
    _began: float | None = None
    _told: float = 0.0

    def __call__(self, what: str, done: float, of: float) -> None:
        """Take note of `done` of `of`.

        Raises:
            TimeoutError: if it takes too long.
        """
        now = time.monotonic()
        if self._began is None:
            self._began = self._told = now
        share = done / of if of else 1.0
        if now - self._began > self.timeout_s:
            raise TimeoutError(f"{what}: {share:.0%} done after {self.timeout_s / HOUR:g} h, which is all it may take")
        if now - self._told > TOLD_EVERY_S:
            self._told = now
            get_run_logger().info("%s: %.0f %%", what, 100 * share)


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
            if self.outcome.left_out:
                return "left out"
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
        cache_policy=NO_CACHE,
        persist_result=False,
    )


TASKS = {stage.name: as_task(stage) for stage in NIGHT}


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
    options: dict[str, Any] = {"progress": [Watch(PATIENCE[stage.name].timeout_s) for _ in tried]}
    if stage.per != "night":
        options["force"] = unmapped(force)
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
