"""What every stage gives back, and how a stage runs as a program (`python -m tasks.<stage>`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Progress = Callable[[str, float, float], None]
"""Called with what is being done, and how much of how much (seconds of footage)."""


def silent(what: str, done: float, of: float) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Outcome:
    """What a stage did with one unit of work.

    Attributes:
        stage: name of the stage.
        date: local date, None for a stage of the whole night.
        camera: id of the camera, None for a stage of the whole day.
        skipped: True if nothing it is made from has changed.
        facts: numbers worth telling, e.g. rows, seconds of footage, rows in quarantine.
        warnings: what a person should know; the night goes on.
    """

    stage: str
    date: dt.date | None = None
    camera: str | None = None
    skipped: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
