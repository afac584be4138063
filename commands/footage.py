"""`catml import`: footage comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, moment, opened


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders with files.")],
    camera: Annotated[str, typer.Option("--camera", metavar="ID", help="The camera they are footage of.")],
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="TIME", help="When it begins, e.g. 2026-03-01T08:00, if the file is silent."),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take existing footage in.

    Importing twice changes nothing; footage of a time that is recorded already is left out and told.
    """
    from home.terminal import Terminal
    from ingest.existing import import_footage
    from ingest.telling import tell_import

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    begin = moment(start, house) if start else None
    with terminal.progress() as progress:
        done = import_footage(house, paths, camera, begin, progress)
    tell_import(terminal, done, house)
    raise typer.Exit(done.exit_status)
