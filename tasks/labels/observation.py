"""One observation as a labelling program keeps it, and as the labels of this home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from home.errors import WrongUse
from home.ethogram import BEHAVIOURS, known, known_cat
from home.folder import Home
from home.labels import WATCHED, Label
from tasks.labels.media import Medium, Playlist, chunk_start

__all__ = ["NOBODY", "Event", "Observation", "State", "as_labels", "paired"]

NOBODY = "No focal subject"
"""What BORIS calls the subject of an event that has none."""


@dataclass(frozen=True)
class Event:
    """One key that was pressed.

    Attributes:
        where: of the file, for messages: `line 12`.
        seconds: of the player's clock, with the observation's offset taken off.
        subject, behaviour: in the labeller's words.
        kind: START, STOP or POINT; empty where every second one of a behaviour stops it.
    """

    where: str
    seconds: float
    subject: str
    behaviour: str
    kind: str = ""


@dataclass(frozen=True)
class State:
    """A behaviour from its start to its stop, in seconds of the player's clock, in the labeller's words."""

    where: str
    start: float
    end: float
    subject: str
    behaviour: str


@dataclass(frozen=True)
class Observation:
    """One sitting of a labeller.

    Attributes:
        name: unique in its file.
        media: path and length in seconds of each file, in the order they are played.
        events: in the order of the file.
        interval: of the player's clock, to which it was limited; None for the whole.
        date: local time at which its first video begins, `2026-03-01 08:00:00`; what is read does not need it.
        fps: frames per second of each file; likewise.
    """

    name: str
    media: list[tuple[str, float]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    interval: tuple[float, float] | None = None
    date: str = ""
    fps: list[float] = field(default_factory=list)


def paired(file: str, events: Sequence[Event]) -> list[State]:
    """Starts with their stops, by subject and behaviour.

    Raises:
        WrongUse: if one lacks the other, or is a point: says where, and what would be right.
    """
    open_: dict[tuple[str, str], Event] = {}
    states = []
    for event in sorted(events, key=lambda each: (each.seconds, each.kind != "STOP")):
        whose = (event.subject, event.behaviour)
        named = f"{file}, {event.where}: {event.behaviour!r} of {event.subject or NOBODY} at {event.seconds:.3f} s"
        if event.kind == "POINT":
            raise WrongUse(f"{named} is a point without a length; make it a state event in BORIS' ethogram")
        begun = open_.pop(whose, None)
        if event.kind == "START" and begun:
            raise WrongUse(
                f"{named} starts again without a STOP since {begun.where}; BORIS: Observations > Fix unpaired"
            )
        if event.kind == "STOP" and not begun:
            raise WrongUse(f"{named} stops what had no START; BORIS: Observations > Fix unpaired")
        if begun is None:
            open_[whose] = event
        elif event.seconds > begun.seconds:
            states.append(State(begun.where, begun.seconds, event.seconds, event.subject, event.behaviour))
    for event in open_.values():
        raise WrongUse(
            f"{file}, {event.where}: {event.behaviour!r} of {event.subject or NOBODY} has a START and no STOP; "
            "BORIS: Observations > Fix unpaired"
        )
    return sorted(states, key=lambda state: (state.start, state.subject))


def as_labels(home: Home, file: str, observation: Observation, renamed: Mapping[str, str]) -> list[Label]:
    """The labels of an observation, the time that was watched among them.

    Args:
        home: the home.
        file: its name, for messages.
        observation: as it was read.
        renamed: our name of a behaviour or a cat by the labeller's.

    Raises:
        WrongUse: if a video is not of this home, or a behaviour, subject or time cannot be: says where in the file.
    """
    if not observation.media:
        right = "label the home's chunks, opened from the footage folder"
        raise WrongUse(f"{file}: the observation {observation.name!r} has no video of player 1; {right}")
    media = [Medium(path, _start(home, file, path), seconds) for path, seconds in observation.media]
    playlist = Playlist(media)
    cats = {key: cat.name for key, cat in home.config.cats.items()}
    begin, end = observation.interval or (0.0, playlist.seconds)
    found = _each(playlist, State("", max(0.0, begin), min(end, playlist.seconds), "", WATCHED), "", WATCHED)
    busy: dict[str, State] = {}
    for state in paired(file, observation.events):
        named = f"{file}, {state.where}"
        if not 0 <= state.start <= state.end <= playlist.seconds + 1e-3:
            raise WrongUse(
                f"{named}: {state.start:.3f} to {state.end:.3f} s is not within the {playlist.seconds:.3f} s of video"
            )
        try:
            behaviour = known("behaviour", renamed.get(state.behaviour, state.behaviour), BEHAVIOURS)
            whom = renamed.get(state.subject, state.subject)
            subject = "" if whom in ("", NOBODY) else known_cat(whom, cats)
        except WrongUse as error:
            raise WrongUse(f"{named}: {error}") from None
        before = busy.get(subject)
        if before and before.end > state.start + 1e-3:
            both = f"{before.behaviour!r} until {before.end:.3f} s and {state.behaviour!r} from {state.start:.3f} s"
            raise WrongUse(
                f"{named}: {state.subject or NOBODY} does two things at once, {both}; name the cats as subjects, or make the behaviours exclude each other"
            )
        busy[subject] = state
        found += _parts(playlist, state, subject, behaviour)
    return found


def _parts(playlist: Playlist, state: State, subject: str, behaviour: str) -> list[Label]:
    """A state as labels: one from start to end, over a gap between two chunks of one camera too."""
    (first, start), (last, end) = playlist.moment(state.start), playlist.moment(state.end, ends=True)
    if first.camera == last.camera and start < end:
        return [Label(first.camera, start, end, subject, behaviour)]
    return _each(playlist, state, subject, behaviour)


def _each(playlist: Playlist, state: State, subject: str, behaviour: str) -> list[Label]:
    """A state as one label for every file it was seen in."""
    (first, start), (last, end) = playlist.moment(state.start), playlist.moment(state.end, ends=True)
    found = []
    for medium in playlist.media[playlist.media.index(first) : playlist.media.index(last) + 1]:
        begin, stop = start if medium is first else medium.span.start, end if medium is last else medium.span.end
        if begin < stop:
            found.append(Label(medium.camera, begin, stop, subject, behaviour))
    return found


def _start(home: Home, file: str, path: str) -> dt.datetime:
    try:
        return chunk_start(home, path)
    except WrongUse as error:
        raise WrongUse(f"{file}: {error}") from None
