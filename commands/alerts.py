"""`catml alerts`, `alerts snooze`, `unsnooze`, `right`, `wrong`, `try`: what people were told, and what they say to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.options import HomeOption, JsonOption, QuietOption, opened

AlertArgument = Annotated[str, typer.Argument(metavar="ALERT", help="The first letters of its id in catml alerts.")]


def alerts(
    context: typer.Context,
    number: Annotated[int, typer.Option("--number", "-n", min=1, metavar="N", help="So many, newest first.")] = 20,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List what was told and what was not and why, what is snoozed, and how often each rule was right."""
    if context.invoked_subcommand is not None:
        return
    from home.terminal import Terminal
    from ingest.alerts.telling import tell_alerts

    terminal = Terminal(as_json, quiet)
    terminal.result(tell_alerts(opened(home), terminal, number))


def snooze(
    what: Annotated[str, typer.Argument(metavar="RULE|CAT|all", help="A rule, a cat, or all alerts.")],
    length: Annotated[str, typer.Option("--for", metavar="TIME", help="30min, 2h or 1d.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")] = "",
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell nothing of a rule or a cat for a while. A fault that lasts is told afterwards."""
    from home.terminal import Terminal
    from ingest.alerts.telling import tell_snoozed

    terminal = Terminal(as_json, quiet)
    terminal.result(tell_snoozed(opened(home), terminal, what, length, by))


def unsnooze(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the snooze, in catml alerts.")],
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """End a snooze now."""
    from home.terminal import Terminal
    from ingest.alerts.telling import tell_unsnoozed

    terminal = Terminal(as_json, quiet)
    terminal.result(tell_unsnoozed(opened(home), terminal, number))


def right(
    alert: AlertArgument, home: HomeOption = Path(), as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Say that an alert was right."""
    _judge(alert, "right", home, as_json, quiet)


def wrong(
    alert: AlertArgument, home: HomeOption = Path(), as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Say that an alert was wrong."""
    _judge(alert, "wrong", home, as_json, quiet)


def try_(
    channel: Annotated[list[str] | None, typer.Argument(metavar="CHANNEL", help="Only these (default: all).")] = None,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Send a test on each channel, now."""
    from home.terminal import Terminal
    from ingest.alerts.telling import tell_tried

    terminal = Terminal(as_json, quiet)
    told = tell_tried(opened(home), terminal, channel or [])
    terminal.result(told)
    raise typer.Exit(int(any(why for why in told["channels"].values())))


def _judge(name: str, verdict: Literal["right", "wrong"], home: Path, as_json: bool, quiet: bool) -> None:
    from home.terminal import Terminal
    from ingest.alerts.telling import tell_judged

    terminal = Terminal(as_json, quiet)
    terminal.result(tell_judged(opened(home), terminal, name, verdict))
