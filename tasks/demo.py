"""`make demo`: a simulated home, the night's work on it, and how the found bouts compare with the true diary."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

from home.clock import local_date
from home.errors import CatMLError, WrongUse
from home.folder import Home, open_home
from home.look import duration, mark_of
from home.new import init
from home.params import Params, SimulateParams, as_yaml
from home.store import write_file
from home.tables import BOUTS
from home.terminal import Terminal
from models.behaviour.rules import RULED
from simulate.grade import Found, Grade, Score, grade
from simulate.routine import read_diary
from tasks.night import run_night
from tasks.simulate import MARK, simulate

MINUTES = 14  # one round of all a simulated cat does, and asleep again
START = "2026-03-01T16:30:00Z"  # in the evening, when the lamps are on


def demo(folder: Path, minutes: int, terminal: Terminal) -> Home:
    """Simulate a home and run the night on it. What is there of an earlier demo is used again.

    Raises:
        WrongUse: if the folder holds anything but an earlier demo.
    """
    prepare(folder, minutes)
    began = time.monotonic()
    with terminal.progress() as progress:
        made = simulate(open_home(folder), progress=progress)
    home = open_home(folder)
    footage = f"{minutes} minutes of {len(home.config.cameras)} cameras"
    told = "are there from an earlier demo" if made.skipped else f"simulated in {time.monotonic() - began:.0f} s"
    terminal.say(f"{footage} {told}. The night's work:")
    began = time.monotonic()
    with terminal.progress() as progress:
        for outcome in run_night(home, [day_of(home)], progress=progress):
            terminal.say(f"  {outcome}")
            for warning in outcome.warnings:
                terminal.warn(warning)
    terminal.say(f"  done in {time.monotonic() - began:.0f} s\n")
    return home


def prepare(folder: Path, minutes: int) -> None:
    """Make the demo's home, or make sure that it is one.

    Raises:
        WrongUse: if the folder holds anything else.
    """
    settings = folder / "home.yaml"
    own = settings.exists() and settings.read_text(encoding="utf-8").startswith(MARK)
    if (folder / "pyproject.toml").exists() or (folder.is_dir() and any(folder.iterdir()) and not own):
        raise WrongUse(f"{folder} holds something that is not an earlier demo; name another folder with --home")
    folder.mkdir(parents=True, exist_ok=True)
    if not own:
        place = "place:\n  latitude: 52.5\n  longitude: 13.4\n"
        write_file(settings, f"{MARK}\ntimezone: Europe/Berlin\n{place}".encode())
    params = Params(simulate=SimulateParams(start=START, minutes=minutes, cameras=2, cats=1, seed=1))
    write_file(folder / "params.yaml", as_yaml(params).encode())
    init(folder)


def day_of(home: Home) -> dt.date:
    """The local date the simulated footage begins on."""
    return local_date(dt.datetime.fromisoformat(START), home.zone)


def compare(home: Home) -> Grade:
    """The found bouts against the home's diary."""
    rows = home.tables.read(BOUTS, day_of(home))
    found = [Found(row.behaviour, row.start.to_pydatetime(), row.end.to_pydatetime()) for row in rows.itertuples()]
    named = [behaviour for behaviour in RULED if behaviour != "other"]
    return grade(read_diary(home.root / "data" / "diary.csv"), found, named)


def tell(result: Grade, home: Home, terminal: Terminal) -> None:
    """A sentence, a small table, a path to look at."""
    presence = result.presence
    terminal.say(
        f"Of {duration(presence.true_s)} in sight of a camera, the cat was seen for {duration(presence.both_s)}."
    )
    rows = [_row(mark_of(score.behaviour).label, score) for score in result.scores]
    columns = ("behaviour", "true", "found", "right", "of the truth", "bouts: true", "found")
    terminal.table(columns, [*rows, _row("in sight", presence)])
    terminal.say("Playing, walking and sitting count as something else: the rules cannot name them.\n")
    terminal.say(f"The day page: {(home.root / 'data' / 'reports' / f'{day_of(home)}.html').resolve()}")


def _row(name: str, score: Score) -> tuple[str, ...]:
    shares = ("–" if share is None else f"{share:.0%}" for share in (score.precision, score.recall))
    counts = (str(score.true_bouts), str(score.found_bouts))
    return (name, duration(score.true_s), duration(score.found_s), *shares, *counts)


def main() -> None:
    """`python -m tasks.demo`."""
    parser = argparse.ArgumentParser(description="Simulate a home, run the night's work on it and grade it.")
    parser.add_argument("--home", type=Path, default=Path("demo-home"), help="folder of the simulated home")
    parser.add_argument("--minutes", type=int, default=MINUTES, help="minutes of footage per camera")
    options = parser.parse_args()
    terminal = Terminal()
    try:
        home = demo(options.home, options.minutes, terminal)
        tell(compare(home), home, terminal)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except KeyboardInterrupt:
        print("\nstopped; run it again to go on", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
