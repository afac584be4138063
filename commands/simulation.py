"""`catml simulate`: a home whose truth is known."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from commands.options import FirstDateOption, HomeOption, JsonOption, QuietOption, SetOption, opened


def simulate(
    days: Annotated[int | None, typer.Option("--days", min=0, metavar="N", help="Days of the diary.")] = None,
    cats: Annotated[int | None, typer.Option("--cats", min=1, max=4, metavar="N", help="How many cats.")] = None,
    cameras: Annotated[
        int | None, typer.Option("--cameras", min=1, max=4, metavar="N", help="How many cameras.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, metavar="S", help="Same seed, same home.")] = None,
    start: FirstDateOption = None,
    footage: Annotated[
        str | None,
        typer.Option("--footage", metavar="START/MINUTES", help="What is filmed, e.g. 2026-03-05T18:00/30 (local)."),
    ] = None,
    ill: Annotated[
        list[str] | None,
        typer.Option("--ill", metavar="'CAT KIND ONSET [DAYS]'", help="An illness to be found; may be given again."),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Simulate a home: the true diary of its cats, and footage of a part of it.

    Makes the folder if it is not there (30 days, 2 cats, 3 cameras). In one that is, what is not given here is as its
    params.yaml says. Without --footage a lively part of the first day is filmed.
    """
    from home.terminal import Terminal
    from tasks.simulate import footage_start
    from tasks.simulate import simulate as make
    from tasks.simulated_home import keep_params, simulated_home
    from tasks.telling_simulated import tell_simulated

    terminal = Terminal(as_json, quiet)
    simulated_home(home)
    noon = start and dt.datetime.combine(start, dt.time(12), opened(home).zone).isoformat()
    given = {"days": days, "cats": cats, "cameras": cameras, "seed": seed, "start": noon, "footage": footage}
    asked = {**given, "illnesses": ill}
    overrides = [f"simulate.{name}={json.dumps(value)}" for name, value in asked.items() if value is not None]
    house = opened(home, [*overrides, *(set_ or [])])
    with terminal.progress() as progress:
        outcome = make(house, progress=progress)
    keep_params(house)
    tell_simulated(terminal, opened(home), outcome, footage_start(house))
