"""One camera's recording under Prefect: that it goes on is seen to, watched for a while, and told.

The recorder is a plain process that outlives this run, its worker and the server. A run that is killed costs no frame.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from flows.turn import turn
from flows.up.keeper import notes
from flows.up.parts import environment, recording
from flows.watching import Watched, watch
from home.errors import CatMLError, WrongUse
from home.folder import Home, open_home

if TYPE_CHECKING:
    from ingest.record.day_so_far import Day


@flow(name="ingest", flow_run_name="ingest {camera}", persist_result=False)
def ingest(camera: str, home: Path = Path(), minutes: float = 5) -> State[Any]:
    """See that a camera is recorded, watch for a while, and leave what was seen.

    Args:
        camera: A camera of home.yaml that has a `url`.
        home: The home's folder, with home.yaml. A relative one is seen from the folder the worker runs in.
        minutes: How long to watch. The recorder goes on afterwards.
    """
    opened = open_home(home)
    if opened.camera(camera).recorded_url is None:
        raise WrongUse(f"{camera} has no `url` in {opened.root / 'home.yaml'}: it only gets imports")
    with turn(opened, f"ingest-{camera}", wait=False) as ours:
        if not ours:
            return Completed(name="Skipped", message=f"another run watches {camera} already")
        watched = watch(opened, camera, 60 * minutes, lambda: _start(opened), get_run_logger().info)
        show(opened, watched)
    if watched.is_well:
        return Completed(message=f"{camera}: {watched.recorded_s:.0f} s recorded in {watched.lasted_s:.0f} s")
    return Failed(message=f"not recorded. {watched.told}; see {recording(opened).log}")


def show(home: Home, watched: Watched) -> None:
    """A table with a row for the time that was watched, and one for the day so far."""
    rows = [_row("watched just now", watched.lasted_s, watched.recorded_s, watched.gap_s)]
    rows[0]["reconnects"] = str(watched.reconnects)
    day = _day(home, watched.camera)
    if day is not None:
        gaps = {name: seconds for name, seconds in day.seconds.items() if name not in ("recorded", "private")}
        until = f"{day.span.end.astimezone(home.zone):%H:%M}"
        rows.append(_row(f"today until {until}", day.span.seconds, day.seconds.get("recorded", 0), gaps))
        rows[1]["private"] = _hours(day.seconds.get("private", 0))
    key = f"ingest-{watched.camera.replace('_', '-')}"
    create_table_artifact(key=key, table=rows, description=watched.told)


def _row(what: str, of_s: float, recorded_s: float, gaps: dict[str, float]) -> dict[str, str]:
    told = ", ".join(f"{reason} {_hours(seconds)}" for reason, seconds in sorted(gaps.items()) if seconds >= 1)
    return {"what": what, "lasted": _hours(of_s), "recorded": _hours(recorded_s), "gaps": told or "none"}


def _hours(seconds: float) -> str:
    return str(dt.timedelta(seconds=round(seconds)))


def _start(home: Home) -> None:
    """Start all the home's recorders; nothing happens where they run, or where another service is to run them."""
    if notes(home).get("recording", True) and recording(home).start(environment(home)) is not None:
        get_run_logger().warning("no recorder was at work; the home's recording was started: %s", recording(home).log)


def _day(home: Home, camera: str) -> Day | None:
    # Brings pandas along: only now, so that watching takes half the memory.
    from ingest.record.day_so_far import day_so_far

    try:
        return day_so_far(home, camera, dt.datetime.now(dt.UTC))
    except CatMLError as error:  # a store that is down stops no recording, and is no reason to tell of nothing
        get_run_logger().warning("the ledger cannot be read: %s", error)
        return None
