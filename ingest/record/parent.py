"""Who started a process that must not outlive it."""

from __future__ import annotations

import os

_PARENT = "CATML_PARENT"


def for_children() -> dict[str, str]:
    """The environment of the processes that this one starts: they know it by it."""
    return os.environ | {_PARENT: str(os.getpid())}


def started_by() -> int:
    """The id of the process whose end is this one's, for comparison with `os.getppid()`.

    A parent may be gone before its child is far enough to ask who it was: the supervisor has told it beforehand.
    """
    told = os.environ.get(_PARENT, "")
    return int(told) if told.isdecimal() else os.getppid()
