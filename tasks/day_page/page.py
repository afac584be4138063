"""The day page put together: what its template is filled with."""

from __future__ import annotations

import os
import urllib.parse
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from home import look
from home.folder import Home
from tasks.day_page import drawing, sentences
from tasks.day_page.axis import Axis, nights, zooms
from tasks.day_page.day import NOT_BEHAVIOURS, Animal, Bout, Day, Fixture, Share
from tasks.day_page.drawing import Timeline
from tasks.day_page.pictures import NO_ROOM, Picture, album, picture
from tasks.stage import Progress

TEMPLATES = Path(__file__).parent
FOLDER = "reports"


@dataclass(frozen=True)
class Card:
    """One bout in the gallery; `clip` is where the chunk lies, seen from the page, empty if it is not on this disk."""

    bout: Bout
    who: str
    when: str
    over_midnight: str
    picture: Picture
    clip: str


@dataclass(frozen=True)
class Group:
    """The bouts of one behaviour of one animal, in order of time."""

    id: str
    title: str
    behaviour: str
    cards: list[Card]


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
class Ledger:
    """One camera's day in words: state, how long in all, and every stretch with its reason."""

    camera: str
    name: str
    lines: list[tuple[str, float, list[str]]]


def render(home: Home, day: Day, fingerprint: str, progress: Progress) -> tuple[bytes, dict[str, int]]:
    """The page as UTF-8 bytes, and how many bouts and pictures it holds. Same home, same day, same bytes."""
    pictures = album(home.footage, [bout for animal in day.animals for bout in animal.bouts], _width(home), progress)
    page = _environment().get_template("day.html").render(
        day=day,
        params=home.params,
        fingerprint=fingerprint,
        css=Markup(look.css_variables() + _ink_rules() + (TEMPLATES / "day.css").read_text(encoding="utf-8")),
        patterns=drawing.patterns(),
        opening=sentences.opening(day),
        honest=[*sentences.in_sight(day), *sentences.could_not_be_seen(day)],
        missing=sentences.missing_footage(day),
        change=sentences.clock_change(day),
        timelines=_timelines(home, day),
        shaded=home.config.place is not None,
        legend=_legend(day),
        budgets=[_budget(animal, day) for animal in day.animals],
        ledgers=[_ledger(camera, day) for camera in day.coverage],
        groups=[group for animal in day.animals for group in _groups(home, animal, day, pictures)],
        without_room=sum(found.missing == NO_ROOM for found in pictures.values()),
        fixtures=[(fixture, _fixture_picture(home, day, fixture)) for fixture in day.fixtures],
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


def _width(home: Home) -> int:
    return home.params.report.picture_width


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


def _link(animal: Animal, share: Share) -> str:
    if share.behaviour in NOT_BEHAVIOURS:
        return "#footage"
    return (
        f"#{_group_id(animal, share.behaviour)}"
        if any(bout.behaviour == share.behaviour for bout in animal.bouts)
        else ""
    )


def _group_id(animal: Animal, behaviour: str) -> str:
    return f"bouts-{animal.key}-{look.css_name(behaviour)}"


def _groups(home: Home, animal: Animal, day: Day, pictures: dict[Bout, Picture]) -> list[Group]:
    order = [share.behaviour for share in animal.budget]
    known = sorted(
        animal.bouts,
        key=lambda bout: (order.index(bout.behaviour) if bout.behaviour in order else len(order), bout.span),
    )
    groups = []
    for behaviour, bouts in groupby(known, key=lambda bout: bout.behaviour):
        cards = [
            Card(
                bout,
                animal.name,
                day.from_to(bout.span),
                _over_midnight(bout),
                pictures[bout],
                _clip(home, bout.chunk, bout.offset_s),
            )
            for bout in bouts
        ]
        groups.append(
            Group(
                _group_id(animal, behaviour),
                f"{animal.name}: {look.mark_of(behaviour).label.lower()}",
                behaviour,
                cards,
            )
        )
    return groups


def _over_midnight(bout: Bout) -> str:
    """What a bout that was clipped to the day says; empty for most."""
    parts = ["from the day before"] * bout.continues_before + ["into the next day"] * bout.continues_after
    return f"Goes on {look.listed(parts)}." if parts else ""


def _clip(home: Home, chunk: str, offset_s: float) -> str:
    """A link from the page to the moment in the chunk, where footage and page lie on the same disk."""
    if home.footage.folder is None or home.data.folder is None:
        return ""
    relative = os.path.relpath(home.footage.folder / chunk, home.data.folder / FOLDER)
    return f"{urllib.parse.quote(Path(relative).as_posix())}#t={int(offset_s)}"


def _fixture_picture(home: Home, day: Day, fixture: Fixture) -> Picture:
    """The thing itself: the middle of the first chunk of the day in which it stood there."""
    for chunk in day.manifest.chunks(fixture.camera):
        shared = chunk.span.overlap(fixture.seen)
        if shared:
            middle = (shared.start - chunk.start).total_seconds() + shared.seconds / 2
            return picture(home.footage, chunk.key, middle, _width(home))
    return Picture(missing="No footage of this day shows it.")


def _ledger(camera: str, day: Day) -> Ledger:
    lines = []
    for state in look.STATES:
        parts = [part for part in day.coverage[camera] if part.state == state]
        # Only a gap has a reason of its own; the other states are their reason.
        told = [f"{day.from_to(part.span)}{f' ({part.reason})' if state == 'gap' else ''}" for part in parts]
        if parts:
            lines.append((state, sum(part.span.seconds for part in parts), told))
    return Ledger(camera, day.cameras[camera], lines)
