"""What every stage gives back, and how a stage runs as a program (`python -m tasks.<stage>`)."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from home.errors import CatMLError, WrongUse
from home.folder import Home, open_home
from home.manifest import manifest_dates
from home.tables import COVERAGE, DEVICE_COVERAGE, HABITS

Progress = Callable[[str, float, float], None]
"""Called with what is being done, and how much of how much (seconds of footage)."""

Per = Literal["camera", "day", "night", "home"]
"""What a stage is called with after the home: a date and a camera, a date, all dates of the night, or nothing."""


def silent(what: str, done: float, of: float) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Outcome:
    """What a stage did with one unit of work.

    Attributes:
        stage: name of the stage.
        date: local date, None for a stage of the whole night.
        camera: id of the camera, None for a stage of the whole day.
        skipped: True if nothing it is made from has changed, or if it is left out.
        left_out: why the home does without this stage; empty if it does not.
        facts: numbers worth telling, e.g. rows, seconds of footage, rows in quarantine.
        warnings: what a person should know; the night goes on.
    """

    stage: str
    date: dt.date | None = None
    camera: str | None = None
    skipped: bool = False
    left_out: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        unit = " ".join(str(part) for part in (self.stage, self.date, self.camera) if part is not None)
        facts = [f"{name} {value}" for name, value in self.facts.items() if value not in ("", [], {}, None)]
        if self.left_out:
            return f"{unit}: left out: {self.left_out}"
        told = "unchanged" if self.skipped else ", ".join(facts)
        return f"{unit}: {told or 'done'}"


def run_stage(
    function: Callable[..., Outcome], *, per: Per, argv: Sequence[str] | None = None, leaves: str | tuple[str, ...] = ""
) -> int:
    """Run a stage as a program, over every date and camera the home has unless some are named.

    Dates come from the manifests, those of the stage `manifest` from the ledger of what was recorded; those of `counts`
    from the ledger of devices too, those of `forecast` from what was learned for the dates after them.

    Args:
        function: the stage, `f(home, date, camera, *, force, progress)`, without the camera if it runs per day, without
            both if it runs per home; `f(home, dates, *, progress)` if it runs per night.
        per: what it is called with.
        argv: the arguments after the program's name; None for those of this process.
        leaves: folders of the home that are there afterwards even if the stage was left out: DVC asks for its outs.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong use or configuration. What was done and what went wrong is told on
        standard error, one line each.
    """
    options = _parser(function, per).parse_args(argv)
    try:
        home = open_home(options.home, parse_overrides(options.set))
        for folder in filter(None, (leaves,) if isinstance(leaves, str) else leaves):
            (home.root / folder).mkdir(parents=True, exist_ok=True)
        for unit in _asked(home, function.__name__, per, options):
            extra = {} if per == "night" else {"force": options.force}
            outcome = function(home, *unit, progress=silent, **extra)
            for warning in outcome.warnings:
                print(f"warning: {warning}", file=sys.stderr)
            if not options.quiet:
                print(outcome, file=sys.stderr)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    return 0


def parse_overrides(texts: Sequence[str]) -> dict[str, str]:
    """`--set stage.param=value` options as a mapping of dotted path to value.

    Raises:
        WrongUse: if one is not of that form.
    """
    overrides = {}
    for text in texts:
        dotted, separator, value = text.partition("=")
        if not separator or dotted.count(".") != 1 or not all(dotted.split(".")):
            raise WrongUse(f"--set {text!r}: it must be stage.param=value, e.g. --set detect.confidence=0.3")
        overrides[dotted] = value
    return overrides


def _parser(function: Callable[..., Outcome], per: Per) -> argparse.ArgumentParser:
    about = (function.__doc__ or "").strip().splitlines()[0]
    parser = argparse.ArgumentParser(prog=f"python -m tasks.{function.__name__}", description=about)
    parser.add_argument("--home", type=Path, default=Path(), metavar="DIR", help="the home's folder (default: here)")
    parser.add_argument("--set", action="append", default=[], metavar="STAGE.PARAM=VALUE", help="for this run only")
    parser.add_argument("--quiet", action="store_true", help="tell of warnings and errors only")
    if per != "home":
        parser.add_argument(
            "--date", type=_date, action="append", help="a local date, YYYY-MM-DD (default: all there are)"
        )
    if per != "night":
        parser.add_argument("--force", action="store_true", help="work again even where nothing has changed")
    if per == "camera":
        parser.add_argument("--camera", action="append", metavar="ID", help="a camera of home.yaml (default: all)")
    return parser


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; it must be YYYY-MM-DD, e.g. 2026-03-01") from None


def units(per: Per, dates: Sequence[dt.date], cameras: Sequence[str]) -> list[tuple[object, ...]]:
    """The positional arguments, after the home, of every call of a stage."""
    if per == "home":
        return [()]
    if per == "night":
        return [(list(dates),)]
    if per == "day":
        return [(date,) for date in dates]
    return [(date, camera) for date in dates for camera in cameras]


def _asked(home: Home, stage: str, per: Per, options: argparse.Namespace) -> list[tuple[object, ...]]:
    """The units that the command line names: all there are, unless it says which."""
    if per == "home":
        return units(per, [], [])
    cameras = (options.camera if per == "camera" else None) or list(home.config.cameras)
    for camera in cameras:
        home.camera(camera)
    found = home.tables.dates(COVERAGE) if stage == "manifest" else manifest_dates(home.data)
    if stage == "counts":
        found = [*found, *home.tables.dates(DEVICE_COVERAGE)]
    if stage == "forecast":
        found = [*found, *(date - dt.timedelta(days=1) for date in home.tables.dates(HABITS))]
    return units(per, sorted(set(options.date or found)), cameras)
