"""The command line: `catml`, its commands in `commands/`, and how it ends."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import Annotated, Any, NoReturn

import typer

from commands import (
    alerts,
    boards,
    cats,
    corrections,
    device_logs,
    footage,
    jobs,
    labels,
    live,
    models,
    serving,
    setting_up,
    simulation,
    training,
)
from home.errors import CatMLError, ConfigError

# Nothing phones home: every library that could is told not to, before any is imported.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "FASTAPI_OTEL_AUTO_CONFIGURE": "false",
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


def _version(asked: bool) -> None:
    if asked:
        import importlib.metadata

        try:
            print(f"catml {importlib.metadata.version('catml')}")
        except importlib.metadata.PackageNotFoundError:
            print("catml, run from its source without being installed")
        raise typer.Exit


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


# In the order of a home's life, which is the order of --help.
app.command()(setting_up.init)
cameras = typer.Typer(help="Find cameras.", no_args_is_help=True)
cameras.command()(setting_up.discover)
app.add_typer(cameras, name="cameras")
app.command()(setting_up.check)
app.command()(setting_up.snapshot)
app.command()(setting_up.mediamtx)
app.command()(footage.record)
app.command()(live.watch)
app.command("import")(footage.import_)
app.command("import-log")(device_logs.import_log)
app.command()(jobs.nightly)
app.command()(jobs.weekly)
app.command()(jobs.report)
app.command()(jobs.refresh)
app.command()(boards.tensorboard)
app.command()(jobs.up)
app.command()(live.deliver)
app.command()(serving.serve)
keys_app = typer.Typer(help="Keys with which programs ask the API.", no_args_is_help=True)
keys_app.command()(serving.add)
keys_app.command("list")(serving.list_)
keys_app.command()(serving.remove)
app.add_typer(keys_app, name="keys")
app.command()(serving.password)
app.command()(corrections.correct)
app.command("corrections")(corrections.corrections)
cats_app = typer.Typer(invoke_without_command=True)
cats_app.callback()(cats.cats)
cats_app.command()(cats.add)
cats_app.command()(cats.name)
app.add_typer(cats_app, name="cats")
labels_app = typer.Typer(help="What people saw in the footage, to and from BORIS.", no_args_is_help=True)
labels_app.command()(labels.export)
labels_app.command("import")(labels.import_)
labels_app.command()(labels.agree)
app.add_typer(labels_app, name="labels")
app.command("eval")(models.evaluate)
app.command()(footage.coverage)
app.command()(footage.retention)
app.command()(footage.hold)
app.command()(simulation.simulate)
training_app = typer.Typer(help="Train on your own pictures and corrections.", no_args_is_help=True)
training_app.command("detector")(training.detector)
training_app.command("behaviour")(training.behaviour)
app.add_typer(training_app, name="train")
app.command()(training.promote)
alerts_app = typer.Typer(invoke_without_command=True)
alerts_app.callback()(alerts.alerts)
for command in (alerts.snooze, alerts.unsnooze, alerts.right, alerts.wrong):
    alerts_app.command()(command)
alerts_app.command("try")(alerts.try_)
app.add_typer(alerts_app, name="alerts")


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
