"""The day that the cats of a simulated home live by: sun, season, and the habits of their people.

Sun times follow the sky and drift with the season; people's habits follow the wall clock of the home's zone, so they move
by an hour of UTC where the clocks change. Everything is in UTC seconds since 1970.

Sources:
    Parker 2019: Parker et al., Daily rhythms in food intake and locomotor activity in a colony of domestic cats, Animal
        Biotelemetry 7:25. Two peaks, in the morning "especially before sunrise and food renewal" and in the evening
        "following the end of the work day … and before sunset"; two troughs, midday and the middle of the night; feeding
        is less rhythmic than moving about.
    Parker 2022: Parker et al., Seasonal effects on locomotor and feeding rhythms in indoor cats, J. Veterinary Behavior
        48:56-67. Spontaneous peaks follow the twilight of the season, those that people cause stay at people's hours;
        most movement in spring and autumn, least in winter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
from astral import Observer
from astral.sun import sunrise, sunset
from numpy.typing import NDArray

from home.clock import local_day
from home.config import Place

__all__ = ["LocalDay", "People", "Rhythm"]

SLOT_S = 300
NEVER = 2**60

# The bumps of the activity drive over a ground of 0.35: height, spread in minutes, offset in minutes. Their times and
# order are Parker's (2019, 2022); heights and spreads are our choice, so that a peak is about 5 times a trough.
GROUND = 0.35
DAWN = (1.3, 70, -40)  # around sunrise, most of it before
DUSK = (1.0, 80, -20)  # around sunset
MORNING = (0.7, 40, -10)  # around the first feeding
EVENING = (0.9, 80, 0)  # around the coming home

# Parker 2022: least in winter, most in spring and autumn; the size of the swing is our choice.
WINTER_LOSS, SUMMER_LOSS = 0.12, 0.04
EVEN_DAY_H = 12.0  # daylight of the equinoxes, hours
LONGER_H = 4.5  # by which midsummer is longer and midwinter shorter in central Europe

JITTER_S = 8 * 60  # people are this punctual (standard deviation); our choice


@dataclass(frozen=True)
class People:
    """The habits of a home's people, hours of the wall clock (0 to 24) on working days and on weekends; all our choice.

    Attributes:
        wake, bed: when they get up and go to sleep.
        leave, back: when they are out on working days.
        feedings: when bowls are filled; none: by a machine that nobody hears.
    """

    wake: tuple[float, float] = (6.6, 8.2)
    bed: tuple[float, float] = (22.8, 23.6)
    leave: float = 8.4
    back: float = 17.6
    feedings: tuple[tuple[float, float], ...] = ((6.9, 8.5), (18.2, 18.2))


@dataclass(frozen=True)
class LocalDay:
    """One local date of the home.

    Attributes:
        date: local.
        start, end: UTC seconds; 23, 24 or 25 hours apart.
        weekend: people sleep in and stay in.
        sunrise, sunset: UTC seconds; None where the sun does not rise or set that day.
        feedings: UTC seconds at which bowls are filled.
        season: how active cats are in it, 1 at the equinoxes.
        drive: how active a cat is, per slot of 5 minutes; its mean is the season's factor, about 1.
        night: per slot, whether people sleep.
        company: per slot, whether people are in and awake.
    """

    date: dt.date
    start: int
    end: int
    weekend: bool
    sunrise: int | None
    sunset: int | None
    feedings: tuple[int, ...]
    season: float
    drive: list[float]
    night: list[bool]
    company: list[bool]


@dataclass
class Rhythm:
    """The days of one home, made as they are asked for; each depends on the seed and its date alone.

    Attributes:
        zone: of the home.
        place: for the sun; without it the sun rises at 06:00 and sets at 18:00 the year round.
        seed: of the people's small unpunctualities.
        people: their habits.
    """

    zone: ZoneInfo
    place: Place | None
    seed: int
    people: People = field(default_factory=People)
    _days: dict[dt.date, LocalDay] = field(default_factory=dict, repr=False)
    _now: LocalDay | None = field(default=None, repr=False)

    def at(self, moment: int) -> LocalDay:
        """The local day of a UTC second."""
        if self._now is None or not self._now.start <= moment < self._now.end:
            self._now = self.day(dt.datetime.fromtimestamp(moment, self.zone).date())
        return self._now

    def day(self, date: dt.date) -> LocalDay:
        """The local day of a date."""
        if date not in self._days:
            self._days[date] = self._made(date)
        return self._days[date]

    def feeding_after(self, moment: int) -> int:
        """The first feeding after a UTC second; a time that never comes where people do not feed."""
        if not self.people.feedings:
            return NEVER
        day = self.at(moment)
        while not (later := [feeding for feeding in day.feedings if feeding > moment]):
            day = self.day(day.date + dt.timedelta(days=1))
        return later[0]

    def _made(self, date: dt.date) -> LocalDay:
        span = local_day(date, self.zone)
        start, end = int(span.start.timestamp()), int(span.end.timestamp())
        weekend = date.weekday() >= 5
        rng = Random(f"{self.seed}/people/{date}")
        people = self.people
        feedings = sorted(self._wall(date, hours[weekend]) + int(rng.gauss(0, JITTER_S)) for hours in people.feedings)
        wake = self._wall(date, people.wake[weekend]) + int(rng.gauss(0, JITTER_S))
        bed = self._wall(date, people.bed[weekend]) + int(rng.gauss(0, 2 * JITTER_S))
        leave, back = (self._wall(date, hour) + int(rng.gauss(0, JITTER_S)) for hour in (people.leave, people.back))
        rise, fall = self._sun(date)
        slots = np.arange(start, end, SLOT_S) + SLOT_S // 2
        asleep = (slots < wake) | (slots >= bed)
        out = (slots >= leave) & (slots < back) & (not weekend)
        bumps = [(rise, DAWN), (fall, DUSK), (feedings[0] if feedings else None, MORNING), (back, EVENING)]
        season = _season(rise, fall)
        drive = _drive(slots, bumps) * season
        return LocalDay(
            date, start, end, weekend, rise, fall, tuple(feedings), season, drive.tolist(), asleep.tolist(),
            (~asleep & ~out).tolist(),
        )  # fmt: skip

    def _wall(self, date: dt.date, hours: float) -> int:
        """The UTC second at which the home's clocks show an hour of a date."""
        minutes = round(hours * 60)
        local = dt.datetime.combine(date, dt.time(minutes // 60, minutes % 60), self.zone)
        return int(local.timestamp())

    def _sun(self, date: dt.date) -> tuple[int | None, int | None]:
        if self.place is None:
            return self._wall(date, 6), self._wall(date, 18)
        observer = Observer(self.place.latitude, self.place.longitude)
        try:
            rise, fall = (event(observer, date, tzinfo=self.zone) for event in (sunrise, sunset))
        except ValueError:  # a polar day or night
            return None, None
        return int(rise.timestamp()), int(fall.timestamp())


def _drive(
    slots: NDArray[np.int64], bumps: Sequence[tuple[int | None, tuple[float, float, float]]]
) -> NDArray[np.float64]:
    total = np.full(len(slots), GROUND)
    for centre, (height, spread, offset) in bumps:
        if centre is not None:
            total += height * np.exp(-0.5 * ((slots - centre - 60 * offset) / (60 * spread)) ** 2)
    return total / total.mean()


def _season(rise: int | None, fall: int | None) -> float:
    """How active cats are in the season: 1 at the equinoxes, less in winter than in summer."""
    if rise is None or fall is None:
        return 1.0 - WINTER_LOSS / 2
    longer = np.clip(((fall - rise) / 3600 - EVEN_DAY_H) / LONGER_H, -1.5, 1.5)
    return float(1.0 - (SUMMER_LOSS * longer if longer > 0 else -WINTER_LOSS * longer))
