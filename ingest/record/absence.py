"""The time since the last frame that was recorded, and why there is none: told while it lasts, so that a kill hides little."""

from __future__ import annotations

import datetime as dt

from ingest.record.journal import Journal

# A gap that lasts is told in pieces; the ledger joins them.
TELL_S = 60.0


class Absence:
    """A gap that is going on, or none.

    Attributes:
        reason: why nothing is recorded now; empty while something is.
        seconds: of gaps so far, by reason.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._since: dt.datetime | None = None
        self.reason = ""
        self.seconds: dict[str, float] = {}

    def begin(self, since: dt.datetime, reason: str) -> None:
        """Nothing is recorded from `since` (UTC) on. If nothing was before either, only the reason is another one."""
        if self._since is None:
            self._since, self.reason = since, reason
        elif reason != self.reason:
            self.tell(since)
            self.reason = reason

    def tell(self, until: dt.datetime, at_least_s: float = 0.0) -> None:
        """Write down what lasted up to now (UTC), if that is long enough."""
        if self._since is None:
            return
        if (until - self._since).total_seconds() >= at_least_s:
            self.add(self._since, until, self.reason)
            self._since = until

    def step(self, now: dt.datetime, seconds: float) -> None:
        """The wall clock was set by so many seconds and says `now`: an hour that never was is a gap of its own."""
        if self._since is not None:
            before = now - dt.timedelta(seconds=seconds)
            self.tell(before)
            self.add(before, now, "clock_step")
            self._since = now

    def end(self, at: dt.datetime) -> None:
        """Something is recorded again from `at` (UTC) on."""
        self.tell(at)
        self._since, self.reason = None, ""

    def totals(self, now: dt.datetime) -> dict[str, float]:
        """Seconds of gaps until now (UTC), by reason."""
        going = 0.0 if self._since is None else max(0.0, (now - self._since).total_seconds())
        return self.seconds | ({self.reason: self.seconds.get(self.reason, 0.0) + going} if going else {})

    def add(self, start: dt.datetime, end: dt.datetime, reason: str) -> None:
        """A gap that is over; nothing where the clock was set back meanwhile."""
        if end > start:
            self._journal.gap(start, end, reason)
            self.seconds[reason] = self.seconds.get(reason, 0.0) + (end - start).total_seconds()
