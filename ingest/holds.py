"""The command `catml hold`: footage that stays whatever `retention` says is asked for, let go, and listed."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from home.clock import UTC
from home.errors import WrongUse
from home.folder import Home
from home.footage import CHUNK_S, find_chunks
from home.holds import Hold, add_hold, read_holds, release
from home.look import counted
from home.terminal import Terminal

__all__ = ["hold"]


def hold(
    home: Home,
    terminal: Terminal,
    camera: str | None = None,
    start: str | None = None,
    end: str | None = None,
    note: str = "",
    release_id: int | None = None,
) -> None:
    """The command: add a hold, release one, or list them.

    Raises:
        WrongUse: as `add_hold` and `release`; or if only some of camera, start and end were given.
        TableError, StoreError: if data/holds.json cannot be read or written.
    """
    asked = [camera, start, end]
    if release_id is not None and not any(asked):
        found = release(home, release_id)
        terminal.say(f"Hold {found.id} is released: {_told(home, found)} is treated by its age again.")
    elif release_id is None and camera and start and end:
        found = add_hold(home, camera, start, end, note, dt.datetime.now(UTC))
        # A chunk that begins longer before cannot reach into it.
        first = found.start - dt.timedelta(seconds=2 * CHUNK_S)
        chunks = sum(name.start >= first for name, _ in find_chunks(home.footage, camera, found.span))
        if not chunks:
            terminal.warn(f"there is no footage of that time in {home.config.store.footage}; is it the right one?")
        terminal.say(f"Hold {found.id} keeps {_told(home, found)}: {counted(chunks, 'chunk')}, until it is released.")
    elif release_id is None and not any(asked):
        holds = read_holds(home)
        if not holds:
            terminal.say("Nothing is held. catml hold CAMERA START END holds the footage of a time.")
        rows = [(str(h.id), h.camera, _local(home, h.start), _local(home, h.end), h.note) for h in holds]
        terminal.table(("hold", "camera", "from", "to", "note"), rows)
    else:
        raise WrongUse("catml hold CAMERA START END, catml hold --list, or catml hold --release NUMBER")
    terminal.result({"holds": [asdict(each) for each in read_holds(home)]})


def _told(home: Home, found: Hold) -> str:
    note = f" ({found.note})" if found.note else ""
    return f"{found.camera} from {_local(home, found.start)} to {_local(home, found.end)}{note}"


def _local(home: Home, moment: dt.datetime) -> str:
    return f"{moment.astimezone(home.zone):%Y-%m-%d %H:%M:%S %Z}"
