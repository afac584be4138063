"""`catml watch`: what the cameras see, as it happens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, QuietOption, SetOption, opened


def watch(
    cameras: Annotated[list[str] | None, typer.Argument(metavar="CAMERA", help="Only these (default: all).")] = None,
    metrics_port: Annotated[
        int,
        typer.Option("--metrics-port", metavar="PORT", min=0, max=65535, help="/metrics on this machine; 0: none."),
    ] = 0,
    home: HomeOption = Path(),
    set_: SetOption = None,
    quiet: QuietOption = False,
) -> None:
    """Watch the cameras live, until stopped: who is there, and what the rules of home.yaml make an event.

    A camera that bears one connection only is read through `relay:` of home.yaml (docs/live.md).
    """
    import logging
    import os
    import sys

    from ingest.watch.all_day import watch as watch_all_day

    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("catml").setLevel(logging.WARNING if quiet else logging.INFO)
    house = opened(home, set_)
    recogniser = None
    if house.config.cats:
        from tasks.gallery import recogniser_of  # brings pandas along: only where there is somebody to know

        recogniser = recogniser_of(house)
    status = watch_all_day(house, cameras or [], recogniser, metrics_port)
    sys.stderr.flush()
    os._exit(status)  # a thread that waits for a silent camera cannot be ended otherwise
