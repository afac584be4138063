"""Facts, gathered beside the talk with the broker: a store or a database that hangs holds nobody up."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from home.config import HomeConfig
from home.document import load_document
from home.errors import CatMLError, ConfigError, redacted
from home.folder import Home
from ingest.mqtt.facts import CatFacts, Coverage, Facts, Meal, Sighting
from ingest.mqtt.heard import Heard
from ingest.mqtt.night import read_night
from ingest.record.day_so_far import day_so_far
from ingest.record.spool import open_spool
from ingest.record.state import WELL, say_of

__all__ = ["Gatherer"]

LOOK_EVERY_S = 2.0  # at home.yaml, the outbox and the recorders
LEDGER_EVERY_S = 300.0  # every change is a line in Home Assistant's history
NIGHT_EVERY_S = 300.0
_log = logging.getLogger("catml.mqtt")
T = TypeVar("T")


class Gatherer:
    """Gathers until it is stopped; `facts` are the last ones, always whole, and `ready` says that there are some.

    What cannot be asked now is told once. Of a cat's past the last answer stays true; of today's coverage and of faults
    nothing is said until there is an answer again.
    """

    def __init__(self, home: Home, stop: threading.Event) -> None:
        self.facts = Facts(home)
        self.ready = threading.Event()
        self._stop = stop
        self._heard = Heard(home.database)
        self._night: dict[str, CatFacts] = {}
        self._coverage: dict[str, Coverage] = {}
        self._due: dict[str, float] = {}
        self._troubles: dict[str, str] = {}
        self._file = self._changing = _stamp(home)

    def run(self) -> None:
        """Gather until stopped."""
        while not self._stop.is_set():
            self.look()
            self.ready.set()
            self._stop.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Gather once what is due."""
        home = self._reread(self.facts.home)
        if self._is_due("night", NIGHT_EVERY_S, home):
            self._night = self._asked("tables", lambda: read_night(home), self._night)
        if self._is_due("ledger", LEDGER_EVERY_S, home):
            self._coverage = self._asked("ledger", lambda: _coverage(home), {})
        now = dt.datetime.now(dt.UTC)
        heard = self._asked("database", lambda: self._catch_up(now), False)
        cats = {cat: self._joined(cat, self._night.get(cat, CatFacts())) for cat in home.config.cats}
        faults = tuple(self._heard.faults.values()) if heard else None
        self.facts = Facts(home, cats, self._coverage, self._asked("recorders", lambda: _recording(home), {}), faults)

    def _catch_up(self, now: dt.datetime) -> bool:
        return self._heard.catch_up(now)

    def _joined(self, cat: str, night: CatFacts) -> CatFacts:
        """The night's, with what events have told since."""
        seen = [each for each in (night.seen, self._heard.seen.get(cat)) if each is not None]
        meals = [each for each in (night.meal, self._heard.meals.get(cat)) if each is not None]
        return replace(night, seen=max(seen, key=_at, default=None), meal=max(meals, key=_start, default=None))

    def _is_due(self, what: str, every_s: float, home: Home) -> bool:
        now = time.monotonic()
        if home is self.facts.home and now < self._due.get(what, now):
            return False
        self._due[what] = now + every_s
        return True

    def _asked(self, what: str, work: Callable[[], T], otherwise: T) -> T:
        try:
            found = work()
        except (CatMLError, OSError) as error:
            told = redacted(str(error))
            if self._troubles.get(what) != told:
                self._troubles[what] = told
                _log.warning("Home Assistant is not told of what is in the %s: %s", what, told)
            return otherwise
        if self._troubles.pop(what, None) is not None:
            _log.info("the %s can be read again", what)
        return found

    def _reread(self, home: Home) -> Home:
        """The home as home.yaml is now; one that is wrong while somebody writes it is as it was."""
        stamp, before = _stamp(home), self._changing
        self._changing = stamp
        # A file of half its cats is whole too: one that is written is left alone until it stays as it is.
        if stamp == self._file or stamp != before:
            return home
        self._file = stamp
        try:
            return replace(home, config=load_document(home.root / "home.yaml", HomeConfig))
        except (ConfigError, OSError):
            _log.warning(
                "home.yaml was changed and is wrong now: it goes on as it was; `catml check` says what is wrong"
            )
            return home


def _at(sighting: Sighting) -> dt.datetime:
    return sighting.at


def _start(meal: Meal) -> dt.datetime:
    return meal.start


def _stamp(home: Home) -> tuple[int, int] | None:
    try:
        found = (home.root / "home.yaml").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _coverage(home: Home) -> dict[str, Coverage]:
    now = dt.datetime.now(dt.UTC)
    days = {camera: day_so_far(home, camera, now) for camera in home.config.recorded_cameras}
    return {camera: Coverage(day.span.end, day.seconds) for camera, day in days.items()}


def _recording(home: Home) -> dict[str, bool]:
    spool = open_spool(home)
    said = {camera: say_of(spool, camera) for camera in home.config.recorded_cameras}
    return {camera: state["state"] in WELL for camera, state in said.items() if state is not None}
