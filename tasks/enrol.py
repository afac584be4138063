"""Cats get to be known: by photos, which are checked and kept, and by tracks that an owner names."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from home.correcting import said_of
from home.corrections import Correction, add, corrections
from home.errors import WrongUse
from home.ethogram import UNKNOWN, known_cat
from home.folder import Home
from home.gallery import Photo, keep, photo_of, photos
from home.look import counted
from home.pointing import point
from home.terminal import Terminal
from models.detector.labels import KINDS
from models.enrolling import alone_on
from tasks.detect import load_detector

__all__ = ["Enrolled", "add_photos", "name_tracks", "tell_cats", "tell_enrolled"]


@dataclass(frozen=True)
class Enrolled:
    """What became of one photo: its file as it was given, the photo as it is kept or why it is not, and if it was there."""

    file: str
    photo: Photo | None = None
    reason: str = ""
    there: bool = False


def add_photos(home: Home, cat: str, paths: Sequence[Path]) -> list[Enrolled]:
    """Keep photos of a cat, those on which the home's detector finds one animal and no other.

    Args:
        home: the home.
        cat: its id or name in home.yaml.
        paths: pictures, or folders of pictures.

    Raises:
        WrongUse: if home.yaml has no such cat.
        ModelError: if the detector cannot be loaded.
        StoreError: if a photo cannot be kept.
    """
    key = _cat(home, cat)
    return [_enrolled(home, key, path) for path in _pictures(paths)]


def name_tracks(home: Home, cat: str, names: Sequence[str], by: str, note: str, now: dt.datetime) -> list[Correction]:
    """Say of tracks or bouts which cat they are; all are kept, or none if one of them is not there.

    Args:
        home: the home.
        cat: its id or name in home.yaml, or `unknown`.
        names: `CAMERA/DATE/NUMBER` or the id of a bout, each.
        by, note: who says so, and in their words.
        now: UTC.

    Raises:
        WrongUse: if home.yaml has no such cat, or there is no such track or bout.
        StoreError, TableError: if the tables cannot be read or the corrections cannot be kept.
    """
    key = known_cat(cat, _names(home))
    found = [point(home, [name]) for name in names]
    return add(home.database, [row for each in found for row in said_of(each, {"cat": key}, now, by, note)])


def tell_enrolled(terminal: Terminal, cat: str, done: Sequence[Enrolled]) -> dict[str, Any]:
    """Say what became of each photo, and return it for JSON."""
    for each in done:
        if each.photo is None:
            terminal.warn(f"{each.file}: {each.reason}")
            continue
        box = [
            round(share * side)
            for share, side in zip(each.photo.box, (each.photo.width, each.photo.height) * 2, strict=True)
        ]
        was = "was there already" if each.there else f"kept as data/{each.photo.key}"
        where = f"{box[2] - box[0]} x {box[3] - box[1]} pixels from {box[0]}, {box[1]}"
        terminal.say(f"{each.file}: an animal ({each.photo.confidence:.2f}), {where}; {was}")
    new = sum(each.photo is not None and not each.there for each in done)
    terminal.say(
        f"\n{counted(new, 'new photo')} of {cat}; {counted(sum(e.photo is None for e in done), 'photo')} left out."
    )
    return {"photos": [asdict(each) for each in done]}


def tell_cats(home: Home, terminal: Terminal) -> None:
    """List the cats of home.yaml, and what each is known by.

    Raises:
        StoreError, TableError: if photos or corrections cannot be read.
    """
    named = Counter(each.value for each in corrections(home.database) if each.field == "cat")
    rows = [(key, cat.name, len(photos(home.data, key)), named[key]) for key, cat in home.config.cats.items()]
    if not rows:
        terminal.say(
            "home.yaml has no cats; add them under `cats:`, each under an id of your choice:\n\ncats:\n  miso:\n    name: Miso"
        )
    terminal.table(
        ("cat", "name", "photos", "named"), [(key, name, str(kept), str(said)) for key, name, kept, said in rows]
    )
    terminal.result({"cats": [dict(zip(("id", "name", "photos", "named"), row, strict=True)) for row in rows]})


def _names(home: Home) -> dict[str, str]:
    return {key: cat.name for key, cat in home.config.cats.items()}


def _cat(home: Home, cat: str) -> str:
    key = known_cat(cat, _names(home))
    if key == UNKNOWN:
        raise WrongUse(
            f"{UNKNOWN!r} is nobody in particular; name a cat of home.yaml: {', '.join(home.config.cats) or 'it has none yet'}"
        )
    return key


def _pictures(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(inside for inside in path.iterdir() if inside.suffix.lower() in KINDS)
        else:
            yield path


def _enrolled(home: Home, cat: str, path: Path) -> Enrolled:
    try:
        content = path.read_bytes()
    except OSError as error:
        return Enrolled(str(path), reason=f"{error.strerror}")
    rgb = _decoded(content)
    if rgb is None:
        return Enrolled(
            str(path), reason="no picture that can be read; it must be JPEG, PNG, WebP or BMP (a HEIC: save it as JPEG)"
        )
    detector = load_detector(home)
    found = alone_on(rgb, detector, home.params.detect.confidence, cat)
    if isinstance(found, str):
        return Enrolled(str(path), reason=found)
    photo = photo_of(cat, path.name, content, (rgb.shape[1], rgb.shape[0]), *found, detector.fingerprint)
    return Enrolled(str(path), photo, there=not keep(home.data, photo, content))


def _decoded(content: bytes) -> NDArray[np.uint8] | None:
    """Upright RGB, or None if it is no picture."""
    try:
        bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # an empty file
        return None
    return None if bgr is None else np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
