"""What a process of the recorder says of itself: a small file that others read at any time."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.record.spool import Spool

# A recorder writes its state every 2 s; one that has not for so long is dead, or hangs.
FRESH_S = 10.0
WELL = ("recording", "private")


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write a state: readers see the old one or the new one. A disk that refuses is no reason to stop recording."""
    data = json.dumps(state, default=str).encode()
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        # On a full disk there is no room for a second file, but the blocks of the first are there.
        with contextlib.suppress(OSError):
            path.write_bytes(data)


def read_state(path: Path) -> dict[str, Any] | None:
    """A state; None if there is none, or none that is whole."""
    try:
        state = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def say_of(spool: Spool, camera: str) -> dict[str, Any] | None:
    """The state of a camera's recorder; None if none has said anything for 10 s, or it has stopped."""
    state = read_state(spool.root / camera / "state.json")
    if state is None or state.get("state") == "stopped":
        return None
    try:
        updated = dt.datetime.fromisoformat(str(state["updated"]))
    except (KeyError, ValueError):
        return None
    return state if abs((dt.datetime.now(dt.UTC) - updated).total_seconds()) < FRESH_S else None
