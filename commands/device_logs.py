"""`catml import-log`: what feeders, litter boxes and others wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.options import ExportedOption, HomeOption, JsonOption, QuietOption, SetOption, opened


def import_log(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="CSV files, or folders with CSV files.")],
    kind: Annotated[Literal["surepet", "litter-robot", "csv"], typer.Option("--kind", help="Whose format it is.")],
    cat: Annotated[
        list[str] | None,
        typer.Option("--cat", metavar="CAT|NAME=CAT", help="Whose all rows are, or who a name in the log is."),
    ] = None,
    device: Annotated[
        str,
        typer.Option("--device", metavar="ID", help="The device, where the log does not say it; of home.yaml for csv."),
    ] = "",
    exported: ExportedOption = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take the logs of feeders and litter boxes in, and count their days anew.

    Importing twice changes nothing. A log with a mistake is refused with its file and line, and nothing of it is kept.
    """
    import datetime as dt

    from home.terminal import Terminal
    from ingest.device_logs.taking import import_logs
    from ingest.device_logs.telling import tell_logs
    from tasks.counts import count_days

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    done = import_logs(house, paths, kind, dt.datetime.now(dt.UTC), cats=cat or [], device=device, exported=exported)
    with terminal.progress() as progress:
        for outcome in count_days(house, done.dates, progress=progress):
            for warning in outcome.warnings:
                terminal.warn(warning)
    tell_logs(terminal, done, house)
