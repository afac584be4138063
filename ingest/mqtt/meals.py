"""Meals as the watcher sees them, from one look to the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from ingest.mqtt.facts import Meal

__all__ = ["Meals"]


@dataclass(frozen=True)
class _Run:
    """How long a cat has been seen to eat without a break."""

    first: dt.datetime
    last: dt.datetime
    cameras: tuple[str, ...]


class Meals:
    """The last meal of each cat that was seen live."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._meals: dict[str, Meal] = {}

    def look(self, cat: str, at: dt.datetime, camera: str | None, least_s: float, gap_s: float) -> Meal | None:
        """Take note of a look.

        Args:
            cat: its id.
            at: of the look, or of its frame where it is seen to eat.
            camera: that sees it eat; None where none does.
            least_s: what is shorter is no meal: a cat that passes the bowl does not eat.
            gap_s: a shorter break does not end a meal.

        Returns:
            The last meal; one that goes on has no end.
        """
        run = self._runs.get(cat)
        if run is not None and not 0 <= (at - run.last).total_seconds() <= gap_s:
            del self._runs[cat]
            meal = self._meals.get(cat)
            if meal is not None and meal.end is None:
                self._meals[cat] = replace(meal, end=run.last)
            run = None
        if camera is not None:
            run = _Run(at, at, ()) if run is None else run
            run = _Run(run.first, at, tuple(sorted({*run.cameras, camera})))
            self._runs[cat] = run
            if (run.last - run.first).total_seconds() >= least_s:
                self._meals[cat] = Meal(run.first, None, run.cameras)
        return self._meals.get(cat)
