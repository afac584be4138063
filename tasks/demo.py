"""`make demo`: a simulated home, the night's work on it, and its grade against the true diary; a failing one is a failure."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from home.clock import local_date
from home.errors import CatMLError, WrongUse
from home.folder import Home, open_home
from home.look import duration, mark_of
from home.new import init
from home.params import Params, SimulateParams, as_yaml
from home.store import write_file
from home.terminal import Terminal
from simulate.grade import Grade, Score
from tasks.introducing import Named, introduce, named_time
from tasks.metrics import graded_home
from tasks.night import run_night
from tasks.simulate import MARK, simulate

MINUTES = 20  # of the day's liveliest
START = "2026-03-01T00:00:00+01:00"
SEED = 5  # the first whose liveliest minutes show a meal, a visit to the litter box and sleep
# Floors under what ships reaches here (0.60, 1.00, 0.60, 0.83): whatever sees worse fails. The detector misses the Siamese in
# its bed and on the window sill, thirteen minutes of thirty-three; the floors rise with it.
SEEN, TRUE, BUDGET_RIGHT, BOUTS_RIGHT = 0.55, 0.95, 0.55, 0.7
NAMED, NAMED_RIGHT = 0.2, 0.95  # 0.26 and 1.00 are reached


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
    introduce(home, SEED)
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
    params = Params(simulate=SimulateParams(start=START, days=1, minutes=minutes, cameras=3, cats=2, seed=SEED))
    write_file(folder / "params.yaml", as_yaml(params).encode())
    init(folder)


def day_of(home: Home) -> dt.date:
    """The local date the simulated footage begins on."""
    return local_date(dt.datetime.fromisoformat(START), home.zone)


def tell(result: Grade, home: Home, terminal: Terminal) -> bool:
    """A small table, the grade line by line, a path to look at; whether every line of the grade is reached."""
    columns = ("behaviour", "true", "found", "right", "of truth", "bouts*")
    rows = [_row(mark_of(score.behaviour).label, score) for score in result.scores]
    terminal.table(columns, [*rows, _row("in sight", result.presence)])
    terminal.say(
        "* true / found / same. Seconds count once for each cat. A bout is the same where at least half of both times is shared. What the ethogram "
        "has no name for (walking, sitting, looking out of the window and so on) is something else.\n"
    )
    lines = grades(result, named_time(home))
    terminal.table(
        ("the grade", "", "at least", ""),
        [(line.what, f"{line.reached:.0%}", f"{line.asked:.0%}", "" if line.passed else "failed") for line in lines],
    )
    passed = all(line.passed for line in lines)
    terminal.say("Passed.\n" if passed else "")
    terminal.say(f"The day page: {(home.root / 'data' / 'reports' / f'{day_of(home)}.html').resolve()}")
    return passed


@dataclass(frozen=True)
class Line:
    """One line of the grade; shares 0..1."""

    what: str
    reached: float
    asked: float

    @property
    def passed(self) -> bool:
        """Whether as much was reached as is asked for."""
        return self.reached >= self.asked


def grades(result: Grade, named: Named) -> list[Line]:
    """What a home that works reaches at least."""
    presence = result.presence
    return [
        Line("detection: of the time a cat was in sight, seen", presence.recall or 0.0, SEEN),
        Line("detection: of the time a cat was said to be in sight, true", presence.precision or 0.0, TRUE),
        Line("identity: of the time given to a cat, given a name", named.named, NAMED),
        Line("identity: of the time with a name, the right one", named.right, NAMED_RIGHT),
        Line("time budget: time given to the right behaviour", result.budget, BUDGET_RIGHT),
        Line("bouts of what has a name: found, and nothing else (F1)", result.bouts, BOUTS_RIGHT),
    ]


def _row(name: str, score: Score) -> tuple[str, ...]:
    shares = ("–" if share is None else f"{share:.0%}" for share in (score.precision, score.recall))
    counts = f"{score.true_bouts} / {score.found_bouts} / {score.same_bouts}"
    return (name, duration(score.true_s), duration(score.found_s), *shares, counts)


def main() -> None:
    """`python -m tasks.demo`."""
    parser = argparse.ArgumentParser(description="Simulate a home, run the night's work on it and grade it.")
    parser.add_argument("--home", type=Path, default=Path("demo-home"), help="folder of the simulated home")
    parser.add_argument("--minutes", type=int, default=MINUTES, help="minutes of footage per camera")
    options = parser.parse_args()
    terminal = Terminal()
    try:
        home = demo(options.home, options.minutes, terminal)
        result = graded_home(home)
        assert result is not None  # it was simulated, with its diary
        if not tell(result, home, terminal):
            print("error: the demo's grade is not reached, see the lines that say `failed`", file=sys.stderr)
            raise SystemExit(1)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except KeyboardInterrupt:
        print("\nstopped; run it again to go on", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
