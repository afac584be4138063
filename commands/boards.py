"""`catml tensorboard`: what nights, weeks and trainings found, as lines over time."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, opened


def tensorboard(
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="PORT", min=0, max=65535, show_default="6006", help="To listen on; 0: any."),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Open TensorBoard on what the nights and weeks of this home found, and on your trainings.

    For this machine only. Logs on S3 are copied first, those that are new. Ctrl-C ends it.
    """
    from home.stopping import told_to_stop
    from home.terminal import Terminal
    from tasks.boards.opening import gathered, opened_board, require_tensorboard

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    require_tensorboard()
    view = gathered(house, terminal.note)
    if view is None:
        terminal.say("There is nothing to show yet: catml nightly writes it night by night, and each training its own.")
        terminal.result({"url": None, "logs": None})
        return
    ended = told_to_stop(signal.SIGTERM)
    try:
        url = f"{opened_board(view, port)}?smoothing=0"
        terminal.say(f"TensorBoard: {url}")
        terminal.say("Choose `Wall` as horizontal axis to see dates. Ctrl-C ends it.")
        terminal.result({"url": url, "logs": view})
        ended.wait()
    except KeyboardInterrupt:
        terminal.note("TensorBoard has ended.")
