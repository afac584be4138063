"""When a camera may be recorded: the owner's private hours, in the home's wall-clock time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from home.clock import Span
from home.config import Camera

_DAY = dt.timedelta(days=1)


class PrivateHours:
    """The private hours of one camera, worked out for the days around the present only."""

    def __init__(self, camera: Camera, zone: ZoneInfo) -> None:
        self._camera = camera
        self._zone = zone
        self._known: Span | None = None
        self._spans: list[Span] = []

    def at(self, moment: dt.datetime) -> Span | None:
        """The private span that a UTC moment lies in, or None."""
        if not self._camera.private:
            return None
        if self._known is None or not self._known.start + _DAY <= moment < self._known.end - _DAY:
            # A span is known from its begin to its end, however the clock is set meanwhile.
            self._known = Span(moment - 2 * _DAY, moment + 2 * _DAY)
            self._spans = self._camera.private_spans(self._known, self._zone)
        return next((span for span in self._spans if moment in span), None)
