"""The day page put together: what its template is filled with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from home import look
from home.day import drawing, sentences
from home.day.axis import Axis, nights, zooms
from home.day.day import NOT_BEHAVIOURS, Animal, Day, Fixture, Share
from home.day.drawing import Timeline
from home.day.unusual import NOTE as PAST_NOTE
from home.ethogram import UNKNOWN
from home.folder import Home
from models.posture import NOTE
from tasks.day_page.cards import Shown, group_id, groups_of, stills_of
from tasks.day_page.held import Held, held_of
from tasks.day_page.held_drawing import NAMES, drawn_held
from tasks.day_page.held_words import comfort_words, opening_of, share_words
from tasks.day_page.overlay import poses_of
from tasks.day_page.pictures import NO_ROOM, Album, Picture, Still, album
from tasks.stage import Progress

TEMPLATES = Path(__file__).parent
STYLE = Path(drawing.__file__).parent
MOST_UNUSUAL = 6


@dataclass(frozen=True)
class Row:
    """One line of a time budget; `link` leads to what the figures were counted from."""

    share: Share
    link: str


@dataclass(frozen=True)
class Budget:
    """The day of one animal as bars and a table."""

    animal: Animal
    rows: list[Row]
    day: Markup
    sight: Markup | None


@dataclass(frozen=True)
class Posture:
    """How one animal held itself: a sentence, drawings, and what they show in words.

    Attributes:
        read: words, seconds and share of what could be read, for each posture.
        unread: why nothing could be said, and for how long.
        comfort: sentences.
        unusual: when, what, and the bout it lies in; `more` are not listed.
    """

    animal: Animal
    opening: str
    drawings: list[Markup]
    read: list[tuple[str, float, str]]
    unread: list[tuple[str, float]]
    comfort: list[str]
    unusual: list[tuple[str, str, str]]
    more: int


@dataclass(frozen=True)
class Ledger:
    """One camera's day in words: state, how long in all, and every stretch with its reason."""

    camera: str
    name: str
    lines: list[tuple[str, float, list[str]]]


def render(home: Home, day: Day, fingerprint: str, progress: Progress, was: str = "") -> tuple[bytes, dict[str, int]]:
    """The page as UTF-8 bytes, and how many bouts and pictures it holds. Same home, same day, same bytes.

    Args:
        home: the home.
        day: what is to be told.
        fingerprint: of all that it is made from.
        progress: is told of pictures that are read.
        was: the page as it was, whose pictures are taken over; empty if there is none.
    """
    poses, held, source = poses_of(home, day), held_of(home, day), Album(home.footage, was)
    stills = stills_of(home, day, poses)
    pictures = album(source, stills, progress)
    page = _environment().get_template("day.html").render(
        day=day,
        params=home.params,
        fingerprint=fingerprint,
        css=Markup(look.css_variables() + _ink_rules() + (STYLE / "day.css").read_text(encoding="utf-8")),
        patterns=drawing.patterns(),
        opening=sentences.opening(day),
        honest=[*sentences.changed(day), *sentences.in_sight(day), *sentences.could_not_be_seen(day)],
        missing=sentences.missing_footage(day),
        change=sentences.clock_change(day),
        timelines=_timelines(home, day),
        shaded=home.config.place is not None,
        legend=_legend(day),
        budgets=[_budget(animal, day) for animal in day.animals],
        ledgers=[_ledger(camera, day) for camera in day.coverage],
        postures=[_posture(animal, day, held[animal.key]) for animal in day.animals if animal.key in held],
        note=NOTE,
        unusual_note=PAST_NOTE if any(one.severity for one in day.unusual) else "",
        overlays=bool(poses),
        unnamed=bool(home.config.cats) and any(animal.cat == UNKNOWN and animal.bouts for animal in day.animals),
        groups=[
            group
            for animal in day.animals
            for group in groups_of(home, animal, day, Shown(stills, pictures, poses, held.get(animal.key, Held())))
        ],
        without_room=sum(found.missing == NO_ROOM for found in pictures.values()),
        fixtures=[(fixture, _fixture_picture(home, day, fixture, source)) for fixture in day.fixtures],
    )  # fmt: skip
    return page.encode(), {"bouts": len(pictures), "pictures": sum(not found.missing for found in pictures.values())}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = (
        look.duration,
        look.times,
        look.counted,
        look.sureness,
        look.footage_offset,
        look.day_name,
        look.mark_of,
        sentences.as_sentence,
        sentences.unbroken,
    )
    environment.filters.update({function.__name__: function for function in words})
    environment.filters["drawn_as"] = drawing.drawn_as
    environment.globals["swatch"] = drawing.swatch
    return environment


def _ink_rules() -> str:
    """Per mark: the colour of its outline, of the letter on it, and of what a box around it is drawn with."""
    names = [look.css_name(name) for name in look.MARKS]
    return "".join(f".on-{name}{{--fill:var(--{name});--ink:var(--{name}-ink)}}" for name in names)


def _timelines(home: Home, day: Day) -> list[tuple[str, Markup]]:
    """The day from midnight to midnight and, where its footage is short, each stretch of footage again, larger."""
    place = home.config.place
    dark = nights(day.span, place) if place else []
    whole = Axis(day.span, day.zone)
    drawn = [("", Timeline(whole, whole.day_ticks(), dark).draw(day, f"Timeline of {look.day_name(day.date)}"))]
    for span in zooms(day.recorded, day.span):
        axis = Axis(span, day.zone)
        title = f"The footage from {day.from_to(span)}, larger"
        drawn.append((title, Timeline(axis, axis.zoom_ticks(), dark).draw(day, title)))
    return drawn


def _legend(day: Day) -> list[str]:
    """What the drawings of this day show, in the ethogram's order."""
    shown = {bout.behaviour for animal in day.animals for bout in animal.bouts}
    states = {part.state for row in day.coverage.values() for part in row}
    if day.animals:
        states |= {"unseen"} | ({"gap"} if day.without_footage else set())
    ordered = [*(name for name in look.BEHAVIOURS if name in shown), *sorted(shown - set(look.BEHAVIOURS))]
    return [*ordered, *(name for name in ("unseen", *look.STATES) if name in states)]


def _budget(animal: Animal, day: Day) -> Budget:
    rows = [Row(share, _link(animal, share)) for share in animal.budget]
    links = {row.share.behaviour: row.link for row in rows}
    seen = [share for share in animal.budget if share.behaviour not in NOT_BEHAVIOURS]
    whole = drawing.bar(list(animal.budget), day.span.seconds, f"The whole day of {animal.name}", links)
    sight = (
        drawing.bar(seen, animal.seen_s, f"The time in which {animal.name} was in sight", links)
        if animal.seen_s
        else None
    )
    return Budget(animal, rows, whole, sight)


def _posture(animal: Animal, day: Day, held: Held) -> Posture:
    stretches = zooms(day.recorded, day.span)
    axes = [Axis(span, day.zone) for span in stretches] or [Axis(day.span, day.zone)]
    drawings = [
        drawn_held(held, axis, axis.zoom_ticks() if stretches else axis.day_ticks(), f"How {animal.name} held itself")
        for axis in axes
    ]
    read = [(NAMES[name], seconds, share_words(seconds, held.read_s)) for name, seconds in held.postures]
    unusual = [(day.from_to(moment.span), moment.unusual, moment.anchor) for moment in held.strange[:MOST_UNUSUAL]]
    more = len(held.strange) - len(unusual)
    words = comfort_words(day, held)
    return Posture(animal, opening_of(animal, held), drawings, read, held.unread, words, unusual, more)


def _link(animal: Animal, share: Share) -> str:
    if share.behaviour in NOT_BEHAVIOURS:
        return "#footage"
    return (
        f"#{group_id(animal, share.behaviour)}"
        if any(bout.behaviour == share.behaviour for bout in animal.bouts)
        else ""
    )


def _fixture_picture(home: Home, day: Day, fixture: Fixture, source: Album) -> tuple[Picture, str]:
    """The thing itself: the middle of the first chunk of the day in which it stood there."""
    for chunk in day.manifest.chunks(fixture.camera):
        shared = chunk.span.overlap(fixture.seen)
        if shared:
            middle = (shared.start - chunk.start).total_seconds() + shared.seconds / 2
            still = Still(chunk.key, middle, home.params.report.picture_width)
            return source.find(still), str(still)
    return Picture(missing="No footage of this day shows it."), ""


def _ledger(camera: str, day: Day) -> Ledger:
    lines = []
    for state in look.STATES:
        parts = [part for part in day.coverage[camera] if part.state == state]
        # Only a gap has a reason of its own; the other states are their reason.
        told = [f"{day.from_to(part.span)}{f' ({part.reason})' if state == 'gap' else ''}" for part in parts]
        if parts:
            lines.append((state, sum(part.span.seconds for part in parts), told))
    return Ledger(camera, day.cameras[camera], lines)
