"""How simulated cats live: a semi-Markov routine for each, played together because they share a home.

A cat sleeps, wakes when it has slept enough, a need is due or bowls are filled, does what is due, fills the time until it
is tired again, and goes back to sleep. What comes next depends on what it does, on how long ago it ate and so on, on the
hour and the season (`rhythm`), on its own traits (`traits`) and on its health (`illness`).
"""

from __future__ import annotations

import datetime as dt
import heapq
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from home.clock import Span
from home.config import Place
from simulate.cat_life import CatLife
from simulate.illness import Illness
from simulate.places import House
from simulate.rhythm import People, Rhythm
from simulate.routine import Episode

__all__ = ["Household", "clipped", "lived_diary", "liveliest"]

SHOWN_S = 10  # a behaviour that is in sight for less is hardly seen


@dataclass(frozen=True)
class Household:
    """Who lives where.

    Attributes:
        cameras: the zones each camera sees, by camera id; `food_bowl`, `litter_box`, `bed`, `scratching_post` are used.
            What no camera sees is there too, out of sight.
        cats: names.
        zone: time zone of the home.
        seed: same seed, same lives.
        place: for the sun; without it the sun rises at 06:00 and sets at 18:00.
        people: their habits.
    """

    cameras: Mapping[str, Collection[str]]
    cats: Sequence[str]
    zone: ZoneInfo
    seed: int
    place: Place | None = None
    people: People = field(default_factory=People)


def lived_diary(
    household: Household, start: dt.datetime, end: dt.datetime, illnesses: Sequence[Illness] = ()
) -> list[Episode]:
    """The true diary of a household from `start` to `end`; years take seconds.

    A later `end` adds to it and changes nothing before; an illness changes nothing before its onset. Subtypes: sleeping
    `curled`, `stretched`; playing `toy`; scratching `post`, `leg` (a hind leg at the own body); using_litter_box
    `urinating`, `defecating`; other `sitting`, `loafing`, `standing`, `hunched`, `walking`,
    `away`.

    Args:
        household: who lives where.
        start: with a zone; every cat begins out of sight and tired.
        end: with a zone, after `start`.
        illnesses: of these cats.

    Returns:
        Episodes by cat, then time: without gap or overlap for each cat, in whole seconds of UTC.

    Raises:
        ValueError: if there is no camera, cat or time, or a cat is ill that does not live here.
    """
    if not household.cameras or not household.cats:
        raise ValueError(f"a diary needs cameras and cats, got {list(household.cameras)} and {list(household.cats)}")
    if end <= start:
        raise ValueError(f"a diary from {start} until {end}: it must end after its start")
    strangers = {illness.cat for illness in illnesses} - set(household.cats)
    if strangers:
        raise ValueError(f"{sorted(strangers)} cannot be ill: the cats are {list(household.cats)}")
    first, last = math.floor(start.timestamp()), math.floor(end.timestamp())
    rhythm = Rhythm(household.zone, household.place, household.seed, household.people)
    house = House(household.cameras)
    lives = [
        CatLife(cat, household.seed, rhythm, house, [i for i in illnesses if i.cat == cat], first)
        for cat in household.cats
    ]
    # The cat whose next step is earliest goes first, so that what is taken is taken in the order of time.
    turns = [(life.now, number) for number, life in enumerate(lives)]
    while turns and turns[0][0] < last:
        _, number = turns[0]
        lives[number].step()
        heapq.heapreplace(turns, (lives[number].now, number))
    return [episode for life in lives for episode in _episodes(life, last)]


def _episodes(life: CatLife, last: int) -> list[Episode]:
    return [
        Episode(life.cat, behaviour, _moment(begin), _moment(min(end, last)), camera, zone, subtype)
        for behaviour, begin, end, camera, zone, subtype in life.bouts
        if begin < last
    ]


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def clipped(diary: Sequence[Episode], start: dt.datetime, end: dt.datetime) -> list[Episode]:
    """The part of a diary between two moments; episodes that reach beyond are cut."""
    return [
        Episode(e.cat, e.behaviour, max(e.start, start), min(e.end, end), e.camera, e.zone, e.subtype)
        for e in diary
        if e.start < end and e.end > start
    ]


def liveliest(diary: Sequence[Episode], day: Span, minutes: int) -> Span:
    """The stretch of a day in which the cats show most behaviours to the cameras, in steps of 5 minutes; the first of equals.

    Args:
        diary: the truth.
        day: where it is looked for; the stretch may begin at its start at the earliest and end at its end at the latest.
        minutes: length.
    """
    length = dt.timedelta(minutes=minutes)
    here = [e for e in clipped(diary, day.start, day.end) if e.camera is not None]
    best, most = day.start, (-1, -1.0)
    start = day.start
    while start + length <= day.end:
        shown = clipped(here, start, start + length)
        kinds = {(e.cat, e.behaviour) for e in shown if e.behaviour != "other" and e.seconds >= SHOWN_S}
        score = (len(kinds), sum(e.seconds for e in shown if e.behaviour != "sleeping"))
        if score > most:
            best, most = start, score
        start += dt.timedelta(minutes=5)
    return Span(best, best + length)
