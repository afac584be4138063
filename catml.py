"""The command line. Each command opens the home, calls one plain function of a lower floor, and says what it did."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from home.errors import CatMLError, ConfigError, WrongUse

if TYPE_CHECKING:
    from home.folder import Home

# Nothing phones home: every library that could is told not to, before any is imported.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "ORT_DISABLE_TELEMETRY": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}

STOPPED = 130  # what shells end with after Ctrl-C: 128 and the signal's number

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; it must be YYYY-MM-DD, e.g. 2026-03-01") from None


def _version(asked: bool) -> None:
    if asked:
        import importlib.metadata

        try:
            print(f"catml {importlib.metadata.version('catml')}")
        except importlib.metadata.PackageNotFoundError:
            print("catml, run from its source without being installed")
        raise typer.Exit


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


@app.callback(invoke_without_command=True)
def catml(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """What your cats do at home, from cheap cameras, with proof.

    A home is a folder: [bold]catml init my-home[/bold] makes one, its home.yaml says how to go on.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), nl=False)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that becomes a home.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a new home: commented files to fill in."""
    from home.new import init as make
    from home.terminal import Terminal

    terminal, new = Terminal(as_json, quiet), make(folder)
    for warning in new.warnings:
        terminal.warn(warning)
    if new.written:
        zone = f", in the time zone {new.timezone}" if new.timezone else ""
        terminal.say(f"{folder} is a home now{zone}.")
    else:
        terminal.say(f"{folder} is a home already; nothing was changed.")
    files = [(name, "written" if name in new.written else "was there") for name in ("home.yaml", "params.yaml")]
    terminal.table(("file", ""), files)
    terminal.say(f"\nNext: write your cameras into {folder / 'home.yaml'}, then: catml check --home {folder}")
    terminal.result(asdict(new))


@app.command()
def check(
    home: HomeOption = Path(), set_: SetOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Look whether all is in reach and right."""
    from home.terminal import Terminal
    from ingest.check import check as look_at
    from ingest.check import verdict

    terminal, opened = Terminal(as_json, quiet), _open(home, set_)
    terminal.note("Looking; a camera that does not answer takes some seconds …")
    findings = list(look_at(opened))
    for finding in findings if quiet else []:
        if finding.state != "ok":
            terminal.warn(f"{finding.what}: {finding.found}; {finding.right}")
    terminal.say(f"{verdict(findings)}\n")
    told = [f"{finding.found}\n→ {finding.right}" if finding.right else finding.found for finding in findings]
    rows = [(finding.what, finding.state, text) for finding, text in zip(findings, told, strict=True)]
    terminal.table(("what", "state", "found, and what to do"), rows)
    failed = any(finding.state == "fail" for finding in findings)
    terminal.result({"ok": not failed, "findings": [asdict(finding) for finding in findings]})
    raise typer.Exit(1 if failed else 0)


@app.command()
def snapshot(
    camera: Annotated[str, typer.Argument(help="A camera of home.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to save it (PNG).")] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Save a still with a grid, to read off the corners of zones."""
    from home.folder import today
    from home.store import write_file
    from home.terminal import Terminal
    from ingest.snapshot import as_png, take, with_grid

    terminal, opened = Terminal(as_json, quiet), _open(home, set_)
    taken = take(opened, camera, today(opened))
    file = out or Path(f"{camera}-snapshot.png")
    settings = opened.camera(camera)
    try:
        write_file(file, as_png(with_grid(taken.picture, settings)))
    except OSError as error:
        raise WrongUse(f"{file} cannot be written ({error.strerror}); name another with --out") from None
    if taken.warning:
        terminal.warn(taken.warning)
    height, width = taken.picture.shape[:2]
    terminal.say(f"A still of {camera}, {width} x {height}, from {taken.source}: {file}")
    if settings.zones:
        terminal.say(f"Its zones are drawn: {', '.join(settings.zones)}.")
    terminal.say("\nA zone is written into home.yaml as its corners [x, y], in order around it:\n")
    terminal.say(f"cameras:\n  {camera}:\n    zones:\n      food_bowl: [[0.12, 0.70], [0.25, 0.70], [0.25, 0.85]]")
    terminal.result({"camera": camera, "file": file, "width": width, "height": height, "source": taken.source})


@app.command("import")
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

    terminal, opened = Terminal(as_json, quiet), _open(home, set_)
    begin = _moment(start, opened) if start else None
    with terminal.progress() as progress:
        done = import_footage(opened, paths, camera, begin, progress)
    tell_import(terminal, done, opened)
    raise typer.Exit(done.exit_status)


@app.command()
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
    from home.folder import today
    from home.terminal import Terminal
    from tasks.night import dates_of_night, run_night
    from tasks.report import expire
    from tasks.telling import tell_days

    terminal, opened = Terminal(as_json, quiet), _open(home, set_)
    _past(date, opened)
    for name in camera or []:
        opened.camera(name)
    dates, outcomes = dates_of_night(opened, date, today(opened)), []
    with terminal.progress() as progress:
        for outcome in run_night(opened, dates, camera, force=force, progress=progress):
            outcomes.append(outcome)
            if not outcome.skipped:
                terminal.note(str(outcome))
            for warning in outcome.warnings:
                terminal.warn(warning)
    expired = expire(opened, today(opened))
    if expired:
        keep = opened.params.report.keep_days
        terminal.note(f"{len(expired)} day pages written over {keep} days ago are deleted; their CSVs stay")
    told = tell_days(terminal, opened, dates)
    units = [asdict(outcome) for outcome in outcomes]
    terminal.result({"dates": dates, "outcomes": units, "expired": expired, **told})


@app.command()
def report(
    date: DateOption = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the page of a day anew.

    It shows what the nights have found; without a date it is of the newest day.
    """
    from home.folder import today
    from home.manifest import manifest_dates
    from home.terminal import Terminal
    from tasks.report import report as write
    from tasks.telling import tell_days

    terminal, opened = Terminal(as_json, quiet), _open(home, set_)
    _past(date, opened)
    day = date or max(manifest_dates(opened.data), default=today(opened) - dt.timedelta(days=1))
    with terminal.progress() as progress:
        outcome = write(opened, day, progress=progress)
    for warning in outcome.warnings:
        terminal.warn(warning)
    terminal.result({"date": day, "outcome": asdict(outcome), **tell_days(terminal, opened, [day])})


def _open(folder: Path, overrides: list[str] | None) -> Home:
    from home.folder import open_home
    from tasks.stage import parse_overrides

    return open_home(folder, parse_overrides(overrides or []))


def _past(date: dt.date | None, home: Home) -> None:
    from home.folder import today

    if date is not None and date > today(home):
        raise WrongUse(f"--date {date} is still to come; today is {today(home)} in {home.config.timezone}")


def _moment(text: str, home: Home) -> dt.datetime:
    from home.clock import parse_moment

    try:
        return parse_moment(text, home.zone)
    except ValueError as error:
        reason = str(error) if "clocks" in str(error) else f"{text!r} is not a time, e.g. 2026-03-01T08:00 (local)"
        raise WrongUse(f"--start: {reason}") from None


def main() -> None:
    """Run a command; every error made on purpose ends in a message and its exit status, never in a traceback."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        app(prog_name="catml")
    except KeyboardInterrupt:
        _stop(STOPPED)
    except SystemExit as end:  # Typer has told of a wrong option, or met a Ctrl-C
        _stop(end.code)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        if "--json" in sys.argv:
            _print_error(error)
        raise SystemExit(error.exit_status) from None


def _stop(code: str | int | None) -> NoReturn:
    if code == STOPPED:
        print("\nstopped; what is done stays, run it again to go on", file=sys.stderr)
    raise SystemExit(code)


def _print_error(error: CatMLError) -> None:
    import json

    tree: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, ConfigError):
        tree["problems"] = [asdict(problem) for problem in error.problems]
    print(json.dumps({"error": tree}, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
