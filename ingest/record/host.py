"""This machine's two clocks: the wall's, which people and NTP set, and the monotonic one, which nobody does."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from fractions import Fraction

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# A jump of the wall clock against the monotonic one; NTP corrects less than this without a jump.
STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a packet came.

    Attributes:
        monotonic: seconds of the host's monotonic clock.
        utc: seconds since 1970 by the host's wall clock.
        waited: whether it was waited for, so that it did not lie in a buffer.
    """

    monotonic: float
    utc: float
    waited: bool


def now(waited: bool = True) -> Arrival:
    """This moment by both clocks, read so close together that nothing came between."""
    while True:
        before, utc, after = time.monotonic(), time.time(), time.monotonic()
        if after - before < 0.01:
            return Arrival(after, utc, waited)


def utc_of(ticks: int, tick: Fraction) -> dt.datetime:
    """UTC ticks as UTC, to the microsecond."""
    return EPOCH + dt.timedelta(microseconds=(ticks * tick.numerator * 2_000_000 // tick.denominator + 1) // 2)


class HostClock:
    """The host's wall clock against its monotonic one."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def step(self, offset: float) -> float:
        """By how many seconds the wall clock was set since the last call; 0 where it only went on or was slewed.

        Args:
            offset: wall clock minus monotonic clock, s.
        """
        before, self._offset = self._offset, offset
        return 0.0 if before is None or abs(offset - before) <= STEP_S else offset - before
