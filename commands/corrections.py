"""`catml correct`, `corrections`: an owner says what it really was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import HomeOption, JsonOption, LaterOption, QuietOption, SetOption, opened

if TYPE_CHECKING:
    from home.corrections import Correction
    from home.folder import Home
    from home.terminal import Terminal

ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="In your own words.")]


def correct(
    of: Annotated[
        list[str],
        typer.Argument(metavar="BOUT | CAMERA TIME [END] | CAMERA/DATE/TRACK", help="What was read wrong."),
    ],
    behaviour: Annotated[
        str | None, typer.Option("--behaviour", metavar="NAME", help="What the cat really did.")
    ] = None,
    cat: Annotated[str | None, typer.Option("--cat", metavar="CAT", help="Which cat it really was.")] = None,
    posture: Annotated[str | None, typer.Option("--posture", metavar="NAME", help="How it held itself.")] = None,
    not_an_animal: Annotated[
        bool, typer.Option("--not-an-animal", metavar="", help="It was a cushion, a toy, a shadow.")
    ] = False,
    track: Annotated[
        int | None, typer.Option("--track", metavar="NUMBER", help="Of CAMERA START END: which animal.")
    ] = None,
    by: ByOption = "",
    note: NoteOption = "",
    home: HomeOption = Path(),
    later: LaterOption = False,
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say what a bout, a moment or a track really was.

    A bout's id stands on its card of the day page and in the day's CSV; CAMERA TIME is the
    bout at that time, CAMERA START END only that part of it. Saying it twice changes nothing.
    The pages of its days are written again at once.
    """
    import datetime as dt

    from home.correcting import correct as keep
    from home.corrections import Field
    from home.terminal import Terminal
    from tasks.correct import tell_correct

    given: dict[Field, str | None] = {"behaviour": behaviour, "cat": cat, "posture": posture}
    said = {field: value for field, value in given.items() if value is not None}
    if not_an_animal:
        said["not_an_animal"] = "true"
    house, terminal = opened(home, set_), Terminal(as_json, quiet)
    kept = keep(house, of, said, dt.datetime.now(dt.UTC), track=track, by=by, note=note)
    terminal.result(tell_correct(house, terminal, kept) | _retold(house, terminal, kept, later))


def corrections(
    withdraw: Annotated[
        list[int] | None, typer.Option("--withdraw", metavar="NUMBER", help="Take one back; may be given again.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", metavar="", help="Show those that were taken back too.")] = False,
    home: HomeOption = Path(),
    later: LaterOption = False,
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List what was corrected, or take it back."""
    import datetime as dt

    from home.terminal import Terminal
    from tasks.correct import tell_corrections, withdrawn

    house, terminal = opened(home, set_), Terminal(as_json, quiet)
    done = withdrawn(house, terminal, withdraw or [], dt.datetime.now(dt.UTC))
    told = tell_corrections(house, terminal, every, listed=not done)
    terminal.result(told | (_retold(house, terminal, done, later) if done else {}))


def _retold(house: Home, terminal: Terminal, said: list[Correction], later: bool) -> dict[str, Any]:
    """Put what was said, or is said no longer, into the days it is of."""
    from tasks.refresh import LATER, concerned, refreshed

    if later:
        terminal.say(LATER)
        return {}
    return refreshed(house, terminal, concerned(house, said))
