"""`catml record`, `import`, `coverage`, `retention`, `hold`: footage comes in, and goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import (
    DateOption,
    HomeOption,
    JsonOption,
    QuietOption,
    SetOption,
    moment,
    not_to_come,
    opened,
)
from home.errors import WrongUse


def record(
    cameras: Annotated[list[str] | None, typer.Argument(metavar="CAMERA", help="Only these (default: all).")] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    quiet: QuietOption = False,
) -> None:
    """Record the cameras, all day, until stopped.

    Footage waits on this disk until the store has it; a camera that goes away is waited for.
    """
    from home.terminal import Terminal
    from ingest.record.all_day import record as record_all_day

    raise typer.Exit(record_all_day(opened(home, set_), cameras or [], Terminal(quiet=quiet)))


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


def coverage(
    date: DateOption = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", metavar="ID", help="Only this camera; may be given again.")
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw what was recorded of a day, and why not where it was not; without a date of today."""
    from home.folder import today
    from home.terminal import Terminal
    from ingest.coverage_chart import tell_coverage

    house = opened(home, set_)
    not_to_come(date, house)
    tell_coverage(Terminal(as_json, quiet), house, date or today(house), camera)


def retention(
    delete: Annotated[bool, typer.Option("--delete", metavar="", help="Delete it; without this nothing is.")] = False,
    share: Annotated[
        float | None,
        typer.Option(
            "--share", min=0.0, max=1.0, metavar="SHARE", help="Let so much of a camera go, this once.",
            show_default="retention.most_share",
        ),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Show which old footage would go, or delete it."""
    from home.folder import today
    from home.terminal import Terminal
    from ingest.retention_telling import retention as run

    house = opened(home, set_)
    raise typer.Exit(run(house, today(house), delete, share, Terminal(as_json, quiet)))


def hold(
    camera: Annotated[str | None, typer.Argument(metavar="CAMERA", help="A camera of home.yaml.")] = None,
    start: Annotated[str | None, typer.Argument(metavar="START", help="E.g. 2026-03-01T08:00, local.")] = None,
    end: Annotated[str | None, typer.Argument(metavar="END")] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What for.")] = "",
    list_: Annotated[bool, typer.Option("--list", metavar="", help="List what is held.")] = False,
    release: Annotated[int | None, typer.Option("--release", metavar="NUMBER", help="Let a hold go.")] = None,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Keep the footage of a time for ever, whatever `retention` says."""
    from home.terminal import Terminal
    from ingest.holds import hold as change

    if list_ and (camera or release is not None):
        raise WrongUse("--list stands alone")
    change(opened(home), Terminal(as_json, quiet), camera, start, end, note, release)
