"""`make demo`: a simulated home, the night's work on it, and how the found bouts compare with the true diary."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table as Grid

from home.clock import local_date
from home.errors import CatMLError, WrongUse
from home.folder import Home, open_home
from home.look import duration, mark_of
from home.new import init
from home.params import Params, SimulateParams, as_yaml
from home.store import write_file
from home.tables import BOUTS
from simulate.grade import Found, Grade, Score, grade
from simulate.routine import read_diary
from tasks.night import run_night
from tasks.simulate import MARK, simulate

MINUTES = 14  # one round of all a simulated cat does, and asleep again
START = "2026-03-01T16:30:00Z"  # in the evening, when the lamps are on

ABLE = ("sleeping", "eating", "using_litter_box")
"""What the rules can name; all else is `other`, in the grade too."""


def demo(folder: Path, minutes: int, console: Console) -> tuple[Home, Grade]:
    """Simulate, run the night, grade. What is there of an earlier demo is used again.

    Raises:
        WrongUse: if the folder holds anything but an earlier demo.
    """
    _prepare(folder, minutes)
    began = time.monotonic()
    with _bar(console) as progress:
        outcome = simulate(open_home(folder), progress=progress)
    home = open_home(folder)
    footage = f"{minutes} minutes of {len(home.config.cameras)} cameras"
    told = "are there from an earlier demo" if outcome.skipped else f"simulated in {time.monotonic() - began:.0f} s"
    console.print(f"{footage} {told}; now the night's work:")
    began, date = time.monotonic(), local_date(dt.datetime.fromisoformat(START), home.zone)
    with _bar(console) as progress:
        for outcome in run_night(home, [date], progress=progress):
            console.print(f"  {outcome}", highlight=False)
            for warning in outcome.warnings:
                console.print(f"  warning: {warning}", highlight=False)
    console.print(f"  done in {time.monotonic() - began:.0f} s")
    return home, compare(home, date)


def _prepare(folder: Path, minutes: int) -> None:
    settings = folder / "home.yaml"
    if (folder / "pyproject.toml").exists() or (folder.is_dir() and any(folder.iterdir()) and not _own(settings)):
        raise WrongUse(f"{folder} holds something that is not an earlier demo; name another folder with --home")
    folder.mkdir(parents=True, exist_ok=True)
    if not settings.exists():
        write_file(settings, f"{MARK}\ntimezone: Europe/Berlin\nplace:\n  latitude: 52.5\n  longitude: 13.4\n".encode())
    params = Params(simulate=SimulateParams(start=START, minutes=minutes, cameras=2, cats=1, seed=1))
    write_file(folder / "params.yaml", as_yaml(params).encode())
    init(folder)


def _own(settings: Path) -> bool:
    return settings.exists() and settings.read_text(encoding="utf-8").startswith(MARK)


def compare(home: Home, date: dt.date) -> Grade:
    """The day's bouts against the home's diary."""
    rows = home.tables.read(BOUTS, date)
    found = [Found(row.behaviour, row.start.to_pydatetime(), row.end.to_pydatetime()) for row in rows.itertuples()]
    return grade(read_diary(home.root / "data" / "diary.csv"), found, ABLE)


def show(result: Grade, console: Console) -> None:
    """A sentence and a small table."""
    presence = result.presence
    console.print(
        f"\nOf {duration(presence.true_s)} in sight of a camera, the cat was seen for {duration(presence.both_s)}."
    )
    table = Grid("behaviour", "true", "found", "of it right", "of the truth found", "bouts true / found")
    for score in [*result.scores, presence]:
        table.add_row(
            mark_of(score.behaviour).label if score is not presence else "in sight",
            duration(score.true_s),
            duration(score.found_s),
            _percent(score.precision),
            _percent(score.recall),
            _bouts(score),
        )
    console.print(table)
    console.print("Playing, walking and sitting count as other: naming them comes with the learned behaviour models.")


def _bouts(score: Score) -> str:
    return f"{score.true_bouts} / {score.found_bouts}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[str, float, float], None]]:
    """A progress bar at a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)


def main() -> None:
    """`python -m tasks.demo`."""
    parser = argparse.ArgumentParser(description="Simulate a home, run the night's work on it and grade it.")
    parser.add_argument("--home", type=Path, default=Path("demo-home"), help="folder of the simulated home")
    parser.add_argument("--minutes", type=int, default=MINUTES, help="minutes of footage per camera")
    options = parser.parse_args()
    console = Console(soft_wrap=True)
    try:
        home, result = demo(options.home, options.minutes, console)
        show(result, console)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except KeyboardInterrupt:
        print("\nstopped; run it again to start over", file=sys.stderr)
        raise SystemExit(130) from None
    for page in sorted((home.root / "data" / "reports").glob("*.html")):
        console.print(f"\nThe day page: {page.resolve()}")


if __name__ == "__main__":
    main()
