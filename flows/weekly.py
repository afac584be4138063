"""The week's learning under Prefect: each cat's habits from the counts of its days, and what comes next."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from prefect import Task, flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.stages import worth_another_try
from flows.turn import turn
from home.flow_faults import told_if_it_fails
from home.folder import open_home, today
from tasks.forecast import forecast
from tasks.habits import habits
from tasks.stage import parse_overrides
from tasks.telling_habits import habits_in_words
from tasks.tensorboard import tensorboard_of_week

FORECAST = "what-comes-next"

# The very functions of the stages. Their tables may be on a store that is gone for a minute.
LEARN: Any = Task(
    habits, name="habits", retries=2, retry_delay_seconds=[10, 60], retry_condition_fn=worth_another_try,
    cache_policy=NO_CACHE, persist_result=False,
)  # fmt: skip

FORETELL: Any = Task(
    forecast, name="forecast", retries=2, retry_delay_seconds=[10, 60], retry_condition_fn=worth_another_try,
    cache_policy=NO_CACHE, persist_result=False,
)  # fmt: skip

BOARD: Any = Task(
    tensorboard_of_week, name="tensorboard", retries=2, retry_delay_seconds=[10, 60],
    retry_condition_fn=worth_another_try, cache_policy=NO_CACHE, persist_result=False,
)  # fmt: skip


@flow(name="weekly", persist_result=False)
def weekly(
    home: Path = Path(), dates: tuple[dt.date, ...] = (), force: bool = False, overrides: tuple[str, ...] = ()
) -> list[str]:
    """Learn each cat's habits anew and say what comes next, or that nobody can tell.

    Args:
        home: The home's folder, with home.yaml. A relative one is seen from the folder the worker runs in.
        dates: The local days from which on it forecasts, from what was known when they began. Left empty: today.
        force: Learn again even where nothing has changed.
        overrides: Parameters for this run only, each as stage.param=value, e.g. habits.memory_days=56
    """
    opened, told = open_home(home, parse_overrides(overrides)), list[str]()
    with turn(opened), told_if_it_fails(opened, "weekly"):
        for date in sorted(set(dates)) or [today(opened)]:
            outcome = LEARN(opened, date, force=force)
            get_run_logger().info(str(outcome))
            FORETELL(opened, date - dt.timedelta(days=1), force=force)
            BOARD(opened, date, force=force)
            told += [outcome.left_out] if outcome.left_out else habits_in_words(opened, date)
    create_markdown_artifact("\n".join(f"- {sentence}" for sentence in told), key=FORECAST)
    return told
