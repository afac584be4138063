"""The gallery of a day page: every bout with its still, what was read on it, and where it lies in the footage."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from home import look
from home.day.day import FOLDER, Animal, Bout, Day
from home.folder import Home
from tasks.day_page.held import Held
from tasks.day_page.held_words import of_bout
from tasks.day_page.overlay import Keypoints, overlay
from tasks.day_page.pictures import WHOLE, Box, Picture, Still, near

__all__ = ["Card", "Group", "Shown", "group_id", "groups_of", "stills_of"]


@dataclass(frozen=True)
class Card:
    """One bout in the gallery.

    Attributes:
        box: of the animal on the picture, which may be a part of the frame; None if the row has none.
        of: what the picture is of (`Still`).
        pose: the skeleton over it, empty if none was read.
        held: its posture in a sentence, empty where none is read.
        unusual: what was unusual about it, each once.
        clip: where the chunk lies, seen from the page, empty if it is not on this disk.
    """

    bout: Bout
    who: str
    when: str
    over_midnight: str
    picture: Picture
    box: Box | None
    of: str
    pose: Markup
    held: str
    unusual: tuple[str, ...]
    clip: str


@dataclass(frozen=True)
class Group:
    """The bouts of one behaviour of one animal, in order of time."""

    id: str
    title: str
    behaviour: str
    cards: list[Card]


@dataclass(frozen=True)
class Shown:
    """What the cards of one animal are filled with: stills, pictures and poses by bout, and how it held itself."""

    stills: Mapping[Bout, Still]
    pictures: Mapping[Bout, Picture]
    poses: Mapping[Bout, Keypoints]
    held: Held


def stills_of(home: Home, day: Day, poses: Mapping[Bout, Keypoints]) -> dict[Bout, Still]:
    """The still of each bout: the whole frame or, where a pose lies over it, the part around the animal."""
    width = home.params.report.picture_width
    return {
        bout: Still(bout.chunk, bout.offset_s, width, near(bout.box) if bout in poses and bout.box else WHOLE)
        for animal in day.animals
        for bout in animal.bouts
    }


def group_id(animal: Animal, behaviour: str) -> str:
    """The page's anchor for the bouts of one behaviour."""
    return f"bouts-{animal.key}-{look.css_name(behaviour)}"


def groups_of(home: Home, animal: Animal, day: Day, shown: Shown) -> list[Group]:
    """The bouts of an animal, behaviour after behaviour in the order of its budget."""
    order = [share.behaviour for share in animal.budget]
    known = sorted(
        animal.bouts,
        key=lambda bout: (order.index(bout.behaviour) if bout.behaviour in order else len(order), bout.span),
    )
    return [
        Group(
            group_id(animal, behaviour),
            f"{animal.name}: {look.mark_of(behaviour).label.lower()}",
            behaviour,
            [_card(home, animal, day, bout, shown) for bout in bouts],
        )
        for behaviour, bouts in groupby(known, key=lambda bout: bout.behaviour)
    ]


def _card(home: Home, animal: Animal, day: Day, bout: Bout, shown: Shown) -> Card:
    still, picture, held = shown.stills[bout], shown.pictures[bout], shown.held.by_bout.get(bout.anchor, Held())
    drawn = bout in shown.poses and not picture.missing
    return Card(
        bout=bout,
        who=animal.name,
        when=day.from_to(bout.span),
        over_midnight=_over_midnight(bout),
        picture=picture,
        box=_on_picture(bout.box, still) if bout.box else None,
        of=str(still),
        pose=overlay(shown.poses[bout], still.view, picture.width, picture.height) if drawn else Markup(""),
        held=of_bout(held),
        unusual=tuple(dict.fromkeys(moment.unusual for moment in held.strange)),
        clip=_clip(home, bout.chunk, bout.offset_s),
    )


def _on_picture(box: Box, still: Still) -> Box:
    return (*still.view.place(*box[:2]), *still.view.place(*box[2:]))


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
