"""One camera's live watching under Prefect: that it goes on is seen to, looked at for a while, and told.

The watcher is a plain process that outlives this run, its worker and the server. A run that is killed costs no event.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from flows.live import look_on
from flows.turn import turn
from flows.up.keeper import notes
from flows.up.parts import environment, watching
from home.errors import WrongUse
from home.folder import Home, open_home


@flow(name="watch", flow_run_name="watch {camera}", persist_result=False)
def watch(camera: str, home: Path = Path(), minutes: float = 5) -> State[Any]:
    """See that a camera is watched, look on for a while, and leave what was seen.

    Args:
        camera: A camera of home.yaml that has a `url`.
        home: The home's folder, with home.yaml. A relative one is seen from the folder the worker runs in.
        minutes: How long to look on. The watcher goes on afterwards.
    """
    opened = open_home(home)
    if opened.camera(camera).recorded_url is None:
        raise WrongUse(f"{camera} has no `url` in {opened.root / 'home.yaml'}: it only gets imports")
    if not opened.config.rules:
        return Completed(name="Skipped", message="home.yaml has no `rules`: nothing is watched for")
    with turn(opened, f"watch-{camera}", wait=False) as ours:
        if not ours:
            return Completed(name="Skipped", message=f"another run looks on at {camera} already")
        seen = look_on(opened, camera, 60 * minutes, lambda: _start(opened))
        key = f"watch-{camera.replace('_', '-')}"
        create_table_artifact(key=key, table=[seen.row()], description=f"{camera}, live")
    if seen.is_well:
        return Completed(message=f"{camera}: {len(seen.tracks)} tracks, {seen.events} events")
    return Failed(message=f"{camera} is not watched; see {watching(opened).log}")


def _start(home: Home) -> None:
    """Start the home's watcher; nothing happens where it runs, or where another service is to run it."""
    if notes(home).get("watching", True) and watching(home).start(environment(home)) is not None:
        get_run_logger().warning("no watcher was at work; it was started: %s", watching(home).log)
