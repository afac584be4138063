"""What `catml simulate` says at its end: sentences, a small table, a path to look at."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from dataclasses import asdict

from home.folder import Home
from home.look import counted, duration
from home.terminal import Terminal
from tasks.simulate import TRUTH
from tasks.stage import Outcome

COLUMNS = ("cat", "sleep a day", "meals a day", "visits a day", "in sight", "recorded there")


def tell_simulated(terminal: Terminal, home: Home, outcome: Outcome, footage_start: dt.datetime) -> None:
    """Say what was simulated.

    Args:
        terminal: where to.
        home: opened after the simulation.
        outcome: of the stage.
        footage_start: UTC.
    """
    days, cameras = outcome.facts.get("days", 0), counted(len(home.config.cameras), "camera")
    lives = counted(len(home.config.cats), "cat") + (f" for {counted(days, 'day')}" if days else "")
    filmed = f"{duration(outcome.facts['footage_s'])} of {cameras}"
    done = "were filmed before" if outcome.skipped else "are filmed"
    terminal.say(f"{lives}; {filmed} {done}, from {footage_start.astimezone(home.zone):%Y-%m-%d %H:%M} on.")
    rows = _rows(home) if days else []
    if rows:
        terminal.table(COLUMNS, rows)
        terminal.say(f"To look at: {(home.root / 'data' / TRUTH / 'index.html').resolve()}")
    terminal.result({"outcome": asdict(outcome), "footage_start": footage_start.isoformat()})


def _rows(home: Home) -> list[tuple[str, ...]]:
    """Means of the true daily counts of each cat."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    dates: dict[str, set[str]] = defaultdict(set)
    text = home.data.read(f"{TRUTH}/counts.csv").decode()
    for row in csv.DictReader(io.StringIO(text)):
        cat = row["cat"]
        dates[cat].add(row["date"])
        sums[cat][f"{row['behaviour']}_s"] += int(row["seconds"])
        sums[cat][row["behaviour"]] += int(row["bouts"])
        for name in ("seconds", "in_sight_s", "seen_s"):
            sums[cat][name] += int(row[name])
    return [
        (
            home.config.cats[cat].name or cat,
            duration(own["sleeping_s"] / len(dates[cat])),
            f"{own['eating'] / len(dates[cat]):.1f}",
            f"{own['using_litter_box'] / len(dates[cat]):.1f}",
            f"{own['in_sight_s'] / own['seconds']:.0%}",
            f"{own['seen_s'] / own['seconds']:.0%}",
        )
        for cat, own in sums.items()
    ]
