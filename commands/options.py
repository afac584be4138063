"""What the commands have in common: their options, and how a home is opened from them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from home.errors import WrongUse

if TYPE_CHECKING:
    from home.folder import Home


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; it must be YYYY-MM-DD, e.g. 2026-03-01") from None


HomeOption = Annotated[Path, typer.Option("--home", metavar="DIR", help="The home's folder.", show_default="here")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.PARAM=VALUE", help="A parameter for this run only; may be given again."),
]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="One JSON object on standard output.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Only warnings and errors.")]
DateOption = Annotated[
    dt.date | None, typer.Option("--date", parser=_date, metavar="YYYY-MM-DD", help="A local date of the home.")
]
LaterOption = Annotated[
    bool, typer.Option("--later", metavar="", help="Leave past days as they are; catml refresh puts it into them.")
]
FirstDateOption = Annotated[
    dt.date | None, typer.Option("--start", parser=_date, metavar="YYYY-MM-DD", help="The first local date.")
]
ExportedOption = Annotated[
    dt.date | None,
    typer.Option(
        "--exported", parser=_date, metavar="YYYY-MM-DD", help="When the log was made, if its name is silent."
    ),
]


def opened(folder: Path, overrides: list[str] | None = None) -> Home:
    """The home that --home and --set name."""
    from home.folder import open_home
    from tasks.stage import parse_overrides

    return open_home(folder, parse_overrides(overrides or []))


def not_to_come(date: dt.date | None, home: Home) -> None:
    """Refuse a --date that is still to come."""
    from home.folder import today

    if date is not None and date > today(home):
        raise WrongUse(f"--date {date} is still to come; today is {today(home)} in {home.config.timezone}")


def moment(text: str, home: Home, option: str = "--start") -> dt.datetime:
    """A moment that was typed, local unless it carries an offset, as UTC."""
    from home.clock import parse_moment

    try:
        return parse_moment(text, home.zone)
    except ValueError as error:
        reason = str(error) if "clocks" in str(error) else f"{text!r} is not a time, e.g. 2026-03-01T08:00 (local)"
        raise WrongUse(f"{option}: {reason}") from None
