"""The commands that run all day beside the recorder: plain programs that end on Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, opened
from home.errors import WrongUse


def deliver(
    once: Annotated[bool, typer.Option("--once", metavar="", help="Send what is due, and end.")] = False,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", metavar="", help="List what receivers will not take, and why.")
    ] = False,
    retry: Annotated[
        list[str] | None,
        typer.Option("--retry", metavar="NUMBER", help="Let one wait again, or `all`; may be given again."),
    ] = None,
    metrics_port: Annotated[
        int,
        typer.Option("--metrics-port", metavar="PORT", min=0, max=65535, help="/metrics on this machine; 0: none."),
    ] = 0,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Pass events on, until Ctrl-C: to the addresses in `deliver:` of home.yaml, and all else that the home has set up."""
    from home.terminal import Terminal
    from ingest.deliver.telling import again, tell_aside

    if sum((once, set_aside, bool(retry))) > 1:
        raise WrongUse("--once, --set-aside and --retry stand alone")
    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    if set_aside:
        return tell_aside(house, terminal)
    if retry:
        return again(house, retry, terminal)

    from ingest.deliver.all_day import deliver as deliver_all_day

    if deliver_all_day(house, terminal, once=once, metrics_port=metrics_port):
        sys.stderr.flush()
        os._exit(0)  # a thread that waits for a receiver cannot be ended otherwise
    return None


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
    from home.log import open_log
    from ingest.watch.all_day import watch as watch_all_day

    with open_log(quiet=quiet):
        house = opened(home, set_)
        recogniser = None
        if house.config.cats:
            from tasks.gallery import recogniser_of  # brings pandas along: only where there is somebody to know

            recogniser = recogniser_of(house)
        status = watch_all_day(house, cameras or [], recogniser, metrics_port)
    sys.stderr.flush()
    os._exit(status)  # a thread that waits for a silent camera cannot be ended otherwise
