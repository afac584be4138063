"""How each animal held itself over the day: what the moments of its tracks say, and for how long nothing could be said."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd

from home.clock import Span
from home.day.day import Animal, Day
from home.folder import Home
from home.look import POSTURES
from home.tables import ANIMALS, MOMENTS
from models.anomaly import UNUSUAL
from models.posture import NOT_READ
from tasks.said import read_said

__all__ = ["Held", "Low", "Moment", "held_of"]

LOW = 0.5  # comfort below which a sign of discomfort is clear (`models.posture`)
IN_A_ROW = 3  # moments for which comfort is low before it is told: a single one may be misread; our choice


@dataclass(frozen=True)
class Moment:
    """A moment of an animal, and for how long it speaks: until the next one, or until its bout ends.

    Attributes:
        posture: its name, empty where none is clear.
        comfort: 0..1; None where nothing is said of it.
        read: whether the cat's posture could be read at all.
        reasons: in words, for posture and comfort, or why there is none.
        unusual: in words, what is unusual for the cat; empty if nothing is.
        anchor: of its bout on the page.
    """

    span: Span
    behaviour: str
    posture: str
    comfort: float | None
    read: bool
    reasons: tuple[str, ...]
    unusual: str
    anchor: str


@dataclass(frozen=True)
class Low:
    """A stretch of low comfort: when, the mean, and the reasons that were given most."""

    span: Span
    comfort: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """The moments of an animal or of one of its bouts, in order of time."""

    moments: tuple[Moment, ...] = ()

    @cached_property
    def seconds(self) -> float:
        """How long its moments speak for."""
        return sum(moment.span.seconds for moment in self.moments)

    @cached_property
    def read_s(self) -> float:
        """For how long its posture could be read."""
        return sum(moment.span.seconds for moment in self.moments if moment.read)

    @cached_property
    def postures(self) -> list[tuple[str, float]]:
        """Seconds of each posture that was clear, and last those in which none was (an empty name), without zeros."""
        found = _seconds(self.moments, lambda moment: [moment.posture] if moment.read else [])
        return [(name, found[name]) for name in (*POSTURES, "") if name in found]

    @cached_property
    def unread(self) -> list[tuple[str, float]]:
        """Why nothing could be said, and for how long, the longest first."""
        found = _seconds(self.moments, lambda m: [] if m.read else [each.removeprefix(NOT_READ) for each in m.reasons])
        return _longest(found)

    @cached_property
    def told(self) -> tuple[Moment, ...]:
        """The moments of which comfort is told."""
        return tuple(moment for moment in self.moments if moment.comfort is not None)

    @cached_property
    def comfort(self) -> float | None:
        """The mean comfort over the time of which it is told."""
        return _mean(self.told)

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """What was seen for most of the time that could be read."""
        found = _seconds(self.moments, lambda moment: moment.reasons if moment.read else ())
        return tuple(words for words, seconds in _longest(found)[:2] if seconds > self.read_s / 2)

    @cached_property
    def low(self) -> list[Low]:
        """The stretches in which comfort was low for some moments in a row."""
        found = []
        for is_low, run in groupby(self.told, key=lambda moment: (moment.comfort or 0.0) < LOW):
            moments = list(run)
            if is_low and len(moments) >= IN_A_ROW:
                words = tuple(word for word, _ in _longest(_seconds(moments, lambda moment: moment.reasons))[:3])
                mean = _mean(moments)
                assert mean is not None
                found.append(Low(Span(moments[0].span.start, moments[-1].span.end), mean, words))
        return found

    @cached_property
    def strange(self) -> list[Moment]:
        """The moments that are unusual for this cat."""
        return [moment for moment in self.moments if moment.unusual]

    def parted(self, edges: Sequence[dt.datetime]) -> list[Held]:
        """What of it lies between each two of some moments in time, in order; cut to them."""
        parts: list[list[Moment]] = [[] for _ in edges[1:]]
        for moment in self.moments:
            first = max(0, bisect_right(edges, moment.span.start) - 1)
            for place in range(first, min(bisect_left(edges, moment.span.end), len(parts))):
                shared = moment.span.overlap(Span(edges[place], edges[place + 1]))
                if shared:
                    parts[place].append(replace(moment, span=shared))
        return [Held(tuple(part)) for part in parts]

    @cached_property
    def by_bout(self) -> dict[str, Held]:
        """What of it belongs to each bout, by its anchor."""
        ordered = sorted(self.moments, key=lambda moment: moment.anchor)
        return {anchor: Held(tuple(run)) for anchor, run in groupby(ordered, key=lambda moment: moment.anchor)}


def held_of(home: Home, day: Day) -> dict[str, Held]:
    """By animal (`Animal.key`); nothing where no network reads behaviour."""
    if not home.params.behave.model:
        return {}
    whose = home.tables.read(ANIMALS, day.date)
    parts = [home.tables.read(MOMENTS, day.date, camera) for camera in home.tables.cameras(MOMENTS, day.date)]
    if not parts or whose.empty:
        return {}
    rows = pd.concat(parts, ignore_index=True).drop(columns="cat").merge(whose, on=["camera", "track_id"])
    said = read_said(home, [day.date]).posture.rename(columns={"ts": "start", "value": "said", "by": "said_by"})
    sample = ["camera", "start", "track_id"]
    rows = rows.merge(said[[*sample, "said", "said_by"]], on=sample, how="left").sort_values(
        ["start", "camera", "track_id"], kind="stable"
    )
    keyed = {animal.key: animal for animal in day.animals}
    return {
        key: Held(tuple(_moments(own, keyed[key])))
        for (cat, number), own in rows.groupby(["cat", "animal"], sort=True)
        if (key := f"{cat}-{number}") in keyed
    }


def _moments(rows: pd.DataFrame, animal: Animal) -> Iterable[Moment]:
    """The moments of an animal, each cut to the bout that it lies in; one in no bout is left out."""
    starts: Sequence[dt.datetime] = [each.to_pydatetime() for each in rows["start"]]
    if not animal.bouts:
        return
    begins = [bout.span.start for bout in animal.bouts]  # in order of time, and none over another
    ends = [*starts[1:], animal.bouts[-1].span.end]
    for row, start, end in zip(rows.itertuples(), starts, ends, strict=True):
        bout = animal.bouts[max(0, bisect_right(begins, start) - 1)]
        if start not in bout.span or end <= start:
            continue
        told, comfort = [str(words) for words in row.reasons], row.comfort
        posture = row.posture
        if row.said in POSTURES:  # and what was read of it was wrong
            told, comfort, posture = [f"said by {row.said_by or 'its owner'}"], np.nan, row.said
        reasons = tuple(words for words in told if not words.startswith(UNUSUAL))
        yield Moment(
            span=Span(start, min(end, bout.span.end)),
            behaviour=bout.behaviour,
            posture=posture if posture in POSTURES else "",
            comfort=float(comfort) if np.isfinite(comfort) else None,
            read=not any(words.startswith(NOT_READ) for words in reasons),
            reasons=reasons,
            unusual=next((words for words in told if words.startswith(UNUSUAL)), ""),
            anchor=bout.anchor,
        )


def _seconds(moments: Iterable[Moment], words: Callable[[Moment], Iterable[str]]) -> dict[str, float]:
    """For how long each word holds."""
    found: dict[str, float] = {}
    for moment in moments:
        for word in words(moment):
            found[word] = found.get(word, 0.0) + moment.span.seconds
    return found


def _longest(found: dict[str, float]) -> list[tuple[str, float]]:
    """The longest first; of equal ones the one that was said first."""
    return sorted(found.items(), key=lambda pair: -pair[1])


def _mean(moments: Sequence[Moment]) -> float | None:
    seconds = sum(moment.span.seconds for moment in moments)
    return sum((moment.comfort or 0.0) * moment.span.seconds for moment in moments) / seconds if seconds else None
