"""Runs that can no longer say that they have ended.

A run that is killed, with its worker or without, stays `Running` in Prefect's record for ever; so does one whose worker
is ended in good order (Prefect 3.8.8). Who starts or ends the worker of a home puts that right.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import time
from pathlib import Path
from typing import Any

from flows.up.api import Api

# A turn of the ingest flow that was missed while the home was down has nothing left to do.
LATE = dt.timedelta(minutes=10)
_ENDS_WITHIN_S = 10.0
_LOOKS, _LOOK_EVERY_S = 10, 0.02


def put_right(api: Api, pool: str) -> list[str]:
    """Tell Prefect of the runs whose process is gone, and drop missed turns of `ingest`. The worker must not run.

    Returns:
        Names of the runs that were unended.

    Raises:
        CatMLError: if the server does not answer.
    """
    gone = [run for run in api.unended(pool) if process_of(run) is None]
    for run in gone:
        api.end(run["id"], "CRASHED", "its process is gone: the worker, or this machine, was stopped meanwhile")
    for run in api.late("ingest", dt.datetime.now(dt.UTC) - LATE):
        api.end(run["id"], "CANCELLED", "the home was down then")
    return [str(run["name"]) for run in gone]


def end_all(api: Api, pool: str) -> list[str]:
    """End the runs that are at work without their worker, and tell Prefect of all that are unended.

    Returns:
        Names of the runs that were unended.

    Raises:
        CatMLError: if the server does not answer.
    """
    left = api.unended(pool)
    processes = [process for run in left if (process := process_of(run)) is not None]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(OSError):
                os.kill(process, number)
        until = time.monotonic() + _ENDS_WITHIN_S
        while any(process_of(run) for run in left) and time.monotonic() < until:
            time.sleep(0.1)
    for run in left:
        api.end(run["id"], "CRASHED", "the home was stopped meanwhile (catml up --stop)")
    return [str(run["name"]) for run in left]


def process_of(run: dict[str, Any]) -> int | None:
    """The process of a run, None if it is gone.

    Args:
        run: as the API gives it; a process worker writes `infrastructure_pid`, the number alone or after a colon.
    """
    number = str(run.get("infrastructure_pid") or "").rpartition(":")[2]
    if not number.isdigit():
        return None
    try:
        os.kill(int(number), 0)
        # A number may be of another process by now; where that can be seen (Linux), it is looked at.
        file = Path(f"/proc/{number}/environ")
        return int(number) if not file.exists() or str(run["id"]).encode() in _environment(file) else None
    except OSError:
        return None


def _environment(file: Path) -> bytes:
    """What a process found. It is empty for a moment while a program begins, and for good once it has ended."""
    for _ in range(_LOOKS):
        if found := file.read_bytes():
            return found
        time.sleep(_LOOK_EVERY_S)
    return b""
