"""What was unusual on a local date, with pictures: those that the day page holds. No footage is opened for them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pandas as pd

from home.day.day import Bout
from home.day.sentences import as_sentence
from home.look import mark_of, rgb
from tasks.boards.canvas import Canvas, Picture, jpeg, wrapped
from tasks.boards.event_file import EventFile
from tasks.boards.reading import Night
from tasks.day_page.pictures import WHOLE, View, kept, near

__all__ = ["examples"]

MOST = 3  # pictures of one finding
_WIDTH, _EDGE, _LINE = 480, 12, 24
_LEAST = 0.4  # of a frame: a picture of the page is small, and would be enlarged more than it can bear


@dataclass(frozen=True)
class Example:
    """Something unusual: how it is called, what is said of it, and the bouts it rests on."""

    tag: str
    sentence: str
    bouts: tuple[Bout, ...]


def examples(night: Night, page: str) -> EventFile:
    """The pictures of a local date; empty where nothing was unusual, or the page holds none of it.

    Args:
        night: the date.
        page: its day page, empty where there is none.
    """
    shown = EventFile(night.date, night.home.zone)
    album = {str(of): picture.uri for of, picture in kept(page)}
    for example in [*_findings(night), *_moments(night)]:
        stills = [still for bout in example.bouts if (still := _still(album, bout)) is not None][:MOST]
        if stills:
            picture = _sheet(stills, example.sentence)
            shown.image(example.tag, jpeg(picture), picture.shape[1], picture.shape[0])
    return shown


def _findings(night: Night) -> Iterator[Example]:
    """Of a cat against its own past, the strangest of each kind; it rests on bouts of this day that its evidence names."""
    bouts = {(animal.cat, bout.id): bout for animal in night.day.animals for bout in animal.bouts}
    begun = {
        (str(row.cat), row.start): [bouts[str(row.cat), name] for name in row.bouts if (str(row.cat), name) in bouts]
        for row in night.episodes.itertuples()
    }
    told = set()
    for row in night.anomalies.sort_values("score", ascending=False, kind="stable").itertuples():
        name = night.home.config.cats[row.cat].name
        tag = f"unusual days, examples/{name}, {_of(row.of)}"
        resting = [bout for moment in row.evidence for bout in begun.get((row.cat, _stamp(moment)), [])]
        if tag not in told and resting:
            told.add(tag)
            yield Example(tag, f"{name}: {row.sentence}", tuple(dict.fromkeys(resting)))


def _moments(night: Night) -> Iterator[Example]:
    """Of each animal the bout in which most moments were unusual for it."""
    for animal in night.day.animals:
        held = night.held.get(animal.key)
        strange = held.strange if held else []
        if strange:
            often = [moment.anchor for moment in strange]
            anchor = max(dict.fromkeys(often), key=often.count)
            first = next(moment for moment in strange if moment.anchor == anchor)
            bout = next(bout for bout in animal.bouts if bout.anchor == anchor)
            words = as_sentence(f"{night.day.from_to(bout.span)}: {first.unusual}")
            yield Example(f"unusual moments, examples/{animal.name}", words, (bout,))


def _of(what: str) -> str:
    return "at night" if what == "night" else mark_of(what).label.lower()


def _stamp(moment: Any) -> pd.Timestamp:
    """A moment of a list, which has lost its zone on the way through pandas."""
    stamp = pd.Timestamp(moment)
    return stamp if stamp.tzinfo else stamp.tz_localize("UTC")


def _still(album: Mapping[str, str], bout: Bout) -> Picture | None:
    """What the page shows of a bout: of a whole frame the part around the animal, marked."""
    moment = f"{bout.chunk} {bout.offset_s:.3f} "
    of = next((of for of in album if of.startswith(moment)), None)
    if of is None:
        return None
    data = np.frombuffer(base64.b64decode(album[of].partition(",")[2]), np.uint8)
    found = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if found is None:
        return None
    picture = np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
    whole = float(of.split(" ")[-1]) == WHOLE.share
    return _marked(picture, bout) if bout.box and whole else picture


def _marked(picture: Picture, bout: Bout) -> Picture:
    assert bout.box is not None
    height, width = picture.shape[:2]
    corners = [(round(bout.box[k] * width), round(bout.box[k + 1] * height)) for k in (0, 2)]
    cv2.rectangle(picture, corners[0], corners[1], rgb(mark_of(bout.behaviour).light), 2, cv2.LINE_AA)
    part = near(bout.box)
    share = max(part.share, _LEAST)
    left, top = (min(max(0.0, at + (part.share - share) / 2), 1 - share) for at in (part.x, part.y))
    return View(left, top, share).cut(picture)


def _sheet(stills: list[Picture], sentence: str) -> Picture:
    """The pictures below each other, with the sentence under them."""
    fitted = [
        cv2.resize(still, (_WIDTH, round(still.shape[0] * _WIDTH / still.shape[1])), interpolation=cv2.INTER_AREA)
        for still in stills
    ]
    lines = wrapped(sentence, _WIDTH - 2 * _EDGE)
    foot = Canvas(_WIDTH, _LINE * len(lines) + 2 * _EDGE)
    for number, line in enumerate(lines):
        foot.words(line, _EDGE, _EDGE + _LINE * number + 16)
    return np.asarray(np.vstack([*fitted, foot.picture]), np.uint8)
