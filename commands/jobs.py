"""`catml nightly`, `weekly`, `report`, `refresh`: the jobs, plainly, without a server; `up`: all of them, with one."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import DateOption, HomeOption, JsonOption, QuietOption, SetOption, not_to_come, opened

if TYPE_CHECKING:
    from home.folder import Home
    from home.terminal import Terminal


def nightly(
    date: DateOption = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", metavar="ID", help="Only this camera; may be given again.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Work again even where nothing has changed.")
    ] = False,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the cats in the footage, and what they did.

    Writes the tables and the page of a day; without a date, of every day of the look-back whose footage is new.
    """
    from home.flow_faults import told_if_it_fails
    from home.folder import today
    from home.terminal import Terminal
    from ingest.retention import housekeep
    from tasks.night import dates_of_night, run_night
    from tasks.report import expire
    from tasks.telling import tell_days

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    not_to_come(date, house)
    for name in camera or []:
        house.camera(name)
    dates, outcomes = dates_of_night(house, date, today(house)), []
    with told_if_it_fails(house, "nightly"), terminal.progress() as progress:
        for outcome in run_night(house, dates, camera, force=force, progress=progress):
            outcomes.append(outcome)
            if not outcome.skipped:
                terminal.note(str(outcome))
            for warning in outcome.warnings:
                terminal.warn(warning)
    for stage, why in dict.fromkeys((outcome.stage, outcome.left_out) for outcome in outcomes if outcome.left_out):
        terminal.note(f"{stage} is left out: {why}")
    for kept in housekeep(house, today(house)):
        if kept.deleted:
            terminal.note(str(kept))
        for warning in kept.warnings:
            terminal.warn(warning)
    expired = expire(house, today(house))
    if expired:
        keep = house.params.report.keep_days
        terminal.note(f"{len(expired)} day pages written over {keep} days ago are deleted; their CSVs stay")
    told = tell_days(terminal, house, dates)
    units = [asdict(outcome) for outcome in outcomes]
    terminal.result({"dates": dates, "outcomes": units, "expired": expired, **told})


def report(
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="A month.", show_default="the last full one")
    ] = None,
    cat: Annotated[
        list[str] | None, typer.Option("--cat", metavar="ID", help="Only of this cat, or of home; may be given again.")
    ] = None,
    no_pdf: Annotated[
        bool, typer.Option("--no-pdf", metavar="", help="Leave out the PDFs, which take longest.")
    ] = False,
    date: DateOption = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Write it again even where nothing has changed.")
    ] = False,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the habit report of a month, or with --date the page of a day anew.

    A report of each cat and one of the home, each as HTML, as PDF and as JSON, from what was counted. The month that is
    going on may be asked for too.
    """
    from home.errors import WrongUse
    from home.terminal import Terminal

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    not_to_come(date, house)
    if date is None:
        from tasks.telling_month import report_month

        terminal.result(report_month(terminal, house, month, cat or [], paper=not no_pdf, force=force))
        return
    if month or cat:
        raise WrongUse("--date is of the page of a day, which has all cats; --month and --cat are of the habit report")
    from tasks.report import report as write
    from tasks.telling import tell_days

    with terminal.progress() as progress:
        outcome = write(house, date, force=force, progress=progress)
    for warning in outcome.warnings:
        terminal.warn(warning)
    terminal.result({"date": date, "outcome": asdict(outcome), **tell_days(terminal, house, [date])})


def weekly(
    date: DateOption = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Work again even where nothing has changed.")
    ] = False,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Learn each cat's habits anew, and say when it will likely eat, use the litter box and nap next.

    From what was known when the date began; without one, today. Where no forecast is surely better than what happened at the
    same hour of the last days, none is given.
    """
    from home.flow_faults import told_if_it_fails
    from home.folder import today
    from home.terminal import Terminal
    from tasks.forecast import forecast
    from tasks.habits import habits
    from tasks.telling_habits import tell_habits
    from tasks.tensorboard import tensorboard_of_week

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    not_to_come(date, house)
    day = date or today(house)
    with told_if_it_fails(house, "weekly"), terminal.progress() as progress:
        outcome = habits(house, day, force=force, progress=progress)
        forecast(house, day - dt.timedelta(days=1), force=force, progress=progress)
    tensorboard_of_week(house, day, force=force)
    if outcome.left_out:
        terminal.warn(f"nothing is learned: {outcome.left_out}")
    told = {} if outcome.left_out else tell_habits(terminal, house, day)
    terminal.result({"date": day, "outcome": asdict(outcome), **told})


def refresh(
    date: DateOption = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Put what you said, and the cats that are known now, into past days.

    Who, what and how are read again from the tables; the footage is not touched and may be gone.
    """
    from home.terminal import Terminal
    from tasks.refresh import refreshed

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    not_to_come(date, house)
    terminal.result(refreshed(house, terminal, None if date is None else [date]))


def up(
    stop: Annotated[bool, typer.Option("--stop", metavar="", help="End it; recorders finish their chunks.")] = False,
    stay: Annotated[
        bool, typer.Option("--stay", metavar="", help="Stay in the foreground, as systemd and Docker want it.")
    ] = False,
    no_record: Annotated[
        bool, typer.Option("--no-record", metavar="", help="Another service records the cameras: catml record.")
    ] = False,
    no_pages: Annotated[
        bool, typer.Option("--no-pages", metavar="", help="Another service serves the pages: catml serve.")
    ] = False,
    no_watch: Annotated[
        bool, typer.Option("--no-watch", metavar="", help="Another service watches the cameras: catml watch.")
    ] = False,
    no_deliver: Annotated[
        bool, typer.Option("--no-deliver", metavar="", help="Another service passes events on: catml deliver.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="PORT", min=0, max=65535, show_default="4200", help="For Prefect; 0: any."),
    ] = None,
    pages_port: Annotated[
        int | None,
        typer.Option("--pages-port", metavar="PORT", min=0, max=65535, show_default="8000", help="For pages; 0: any."),
    ] = None,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Start the whole home on this machine: recorders, schedules and the worker, with pages to look at them.

    Where home.yaml has rules, its cameras are watched live too. It works on in the background; called again, it says how it is.
    """
    from flows.up.command import stop as end
    from flows.up.command import up as bring_up
    from flows.up.keeper import Wanted
    from home.terminal import Terminal

    terminal, house = Terminal(as_json, quiet), opened(home)
    if stop:
        raise typer.Exit(end(house, terminal))
    wanted = Wanted(port, not no_record, not no_watch, not no_deliver, not no_pages, pages_port)
    if not (stay or no_pages or as_json):
        _tell_password(house, terminal)
    raise typer.Exit(bring_up(house, wanted, terminal, stay))


def _tell_password(home: Home, terminal: Terminal) -> None:
    """Of the owner, the first time: on this terminal, and in no log."""
    from serve.login import first_password

    if (password := first_password(home)) is not None:
        terminal.say(f"Log in to its pages as owner with the password {password}")
        terminal.say("It is shown this once; `catml password owner` sets another one.\n")
