"""The order of the night: one list. The command line runs it plainly, in this process; the flow runs the same list under Prefect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from home.folder import Home
from tasks.anomalies import anomalies
from tasks.behave import behave
from tasks.bouts import bouts
from tasks.counts import counts
from tasks.detect import detect
from tasks.drift import drift
from tasks.extract import extract
from tasks.forecast import forecast
from tasks.identify import identify
from tasks.manifest import manifest
from tasks.pose import pose
from tasks.report import report
from tasks.stage import Outcome, Per, Progress, silent, units
from tasks.tensorboard import boards_over, tensorboard
from tasks.version import version


@dataclass(frozen=True)
class Stage:
    """One stage and what it is called with: once per camera and day, per day, or per night."""

    name: str
    function: Callable[..., Outcome]
    per: Per


NIGHT = (
    Stage("manifest", manifest, "day"),
    Stage("extract", extract, "camera"),
    Stage("detect", detect, "camera"),
    Stage("pose", pose, "camera"),
    Stage("identify", identify, "day"),
    Stage("behave", behave, "camera"),
    Stage("bouts", bouts, "day"),
    Stage("counts", counts, "day"),
    Stage("anomalies", anomalies, "day"),
    Stage("forecast", forecast, "day"),
    Stage("drift", drift, "day"),
    Stage("report", report, "day"),
    Stage("tensorboard", tensorboard, "day"),
    Stage("version", version, "night"),
)


def dates_of_night(home: Home, date: dt.date | None, today: dt.date) -> list[dt.date]:
    """The local dates a night works on: the one asked for, else the look-back, oldest first, yesterday last."""
    if date is not None:
        return [date]
    return [today - dt.timedelta(days=back) for back in range(home.params.nightly.look_back_days, 0, -1)]


def dates_of_stage(home: Home, stage: Stage, dates: Sequence[dt.date]) -> list[dt.date]:
    """What a stage works on when these dates are read: a board shows weeks, so that those after them are looked at again too."""
    return boards_over(home, dates) if stage.name == "tensorboard" else list(dates)


def run_night(
    home: Home,
    dates: list[dt.date],
    cameras: list[str] | None = None,
    *,
    force: bool = False,
    progress: Progress = silent,
) -> Iterator[Outcome]:
    """Run every stage over every unit of its work, one after the other, in this process.

    Args:
        home: the home.
        dates: local dates, oldest first.
        cameras: only these; None for all of home.yaml.
        force: work again even where nothing has changed.
        progress: is told of long work.

    Yields:
        What each stage did with each unit, as it happens.

    Raises:
        CatMLError: of the first stage that fails; what was written before stays good.
    """
    chosen = cameras or list(home.config.cameras)
    for stage in NIGHT:
        for unit in units(stage.per, dates_of_stage(home, stage, dates), chosen):
            options = {} if stage.per == "night" else {"force": force}
            yield stage.function(home, *unit, progress=progress, **options)
