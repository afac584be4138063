"""`catml cats`, `cats add`, `cats name`: which cats there are, and what each is known by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, LaterOption, QuietOption, SetOption, opened


def cats(
    context: typer.Context,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the cats of this home, with their photos and how often an owner named one."""
    if context.invoked_subcommand is not None:
        return
    from home.terminal import Terminal
    from tasks.enrol import tell_cats

    tell_cats(opened(home), Terminal(as_json, quiet))


def add(
    cat: Annotated[str, typer.Argument(metavar="CAT", help="Its id or name in home.yaml.")],
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO…", help="Pictures, or folders with pictures.")],
    home: HomeOption = Path(),
    later: LaterOption = False,
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Keep photos of a cat to know it by, on past days too.

    Each must show one animal and no other. They are copied into data/cats of the home and go nowhere else.
    Past days are read again from the tables, without footage.
    """
    from home.terminal import Terminal
    from tasks.enrol import add_photos, tell_enrolled
    from tasks.refresh import LATER, refreshed

    house, terminal = opened(home, set_), Terminal(as_json, quiet)
    done = add_photos(house, cat, photos)
    told = tell_enrolled(terminal, cat, done)
    if later:
        terminal.say(LATER)
    elif any(each.photo is not None and not each.there for each in done):
        told |= refreshed(house, terminal)
    terminal.result(told)
    raise typer.Exit(int(any(each.photo is None for each in done)))


def name(
    cat: Annotated[str, typer.Argument(metavar="CAT", help="Its id or name in home.yaml, or `unknown`.")],
    tracks: Annotated[list[str], typer.Argument(metavar="TRACK…", help="CAMERA/DATE/NUMBER, or a bout's id.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="In your own words.")] = "",
    home: HomeOption = Path(),
    later: LaterOption = False,
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say which cat a track or a bout is: a correction, which `catml corrections` lists and takes back.

    The cat is known by it on past days too: they are read again from the tables, without footage.
    """
    import datetime as dt

    from home.terminal import Terminal
    from tasks.correct import tell_correct
    from tasks.enrol import name_tracks
    from tasks.refresh import LATER, refreshed

    house, terminal = opened(home, set_), Terminal(as_json, quiet)
    told = tell_correct(house, terminal, name_tracks(house, cat, tracks, by, note, dt.datetime.now(dt.UTC)))
    if later:
        terminal.say(LATER)
    else:
        told |= refreshed(house, terminal)
    terminal.result(told)
