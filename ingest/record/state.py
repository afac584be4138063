"""What a process of the recorder says of itself: a small file that others read at any time."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any


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
