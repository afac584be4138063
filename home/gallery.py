"""Photos by which cats are known: kept in the home's own folder, `data/cats/CAT/`, and nowhere else."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from home.errors import TableError
from home.store import Store

__all__ = ["ENDINGS", "Photo", "day_taken", "keep", "photo_of", "photos", "remove"]

VERSION = 1
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
"""Of files that the night can read again."""
_EXIF_WITHIN = 1 << 16  # bytes: EXIF is one segment of a JPEG, and no segment is longer
_EXIF_DATE = re.compile(rb"((?:19|20)\d\d:[01]\d:[0-3]\d) [0-2]\d:[0-5]\d:[0-6]\d\0")


@dataclass(frozen=True)
class Photo:
    """A photo of one cat, and nobody else.

    Attributes:
        key: of its file under `data/`.
        name: what its file was called.
        md5: of its bytes, 32 hex digits.
        width, height: pixels, upright.
        box: x1 y1 x2 y2 of the cat, shares 0..1 of the upright picture.
        confidence: how sure the detector was of that box.
        detector: its fingerprint.
        taken: local date on which it was taken, `2026-03-01`; empty where the photo does not say.
    """

    key: str
    name: str
    md5: str
    width: int
    height: int
    box: tuple[float, float, float, float]
    confidence: float
    detector: str
    taken: str = ""


def day_taken(content: bytes) -> str:
    """The earliest date in the EXIF of a JPEG, `2026-03-01`; empty without one. A later one is of an editor."""
    begin = content.find(b"Exif\0\0", 0, _EXIF_WITHIN)
    dates = _EXIF_DATE.findall(content[begin : begin + _EXIF_WITHIN]) if begin >= 0 else []
    return min(dates).decode().replace(":", "-") if dates else ""


def photos(data: Store, cat: str) -> list[Photo]:
    """The photos of a cat, by key.

    Args:
        data: the home's own folder (`Home.data`).
        cat: its id.

    Raises:
        TableError: if what is written beside one of them cannot be read.
    """
    return [_read(data, entry.key) for entry in data.list(f"cats/{cat}/") if entry.key.endswith(".json")]


def photo_of(
    cat: str,
    name: str,
    content: bytes,
    size: tuple[int, int],
    box: tuple[float, float, float, float],
    confidence: float,
    detector: str,
) -> Photo:
    """A photo as it is kept: under its own checksum, so that the same one is kept once.

    Args:
        cat: its id.
        name: what the file was called.
        content: its bytes.
        size: width and height, upright.
        box, confidence: of the animal on it.
        detector: fingerprint of who found it.
    """
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    ending = f".{name.rpartition('.')[2].lower()}"
    key = f"cats/{cat}/{md5[:16]}{ending if ending in ENDINGS else '.jpg'}"
    return Photo(key, name, md5, *size, box, confidence, detector, day_taken(content))


def remove(data: Store, photo: Photo) -> None:
    """Know a cat by a photo no longer."""
    data.delete(_beside(photo))
    data.delete(photo.key)


def _beside(photo: Photo) -> str:
    return f"{photo.key.rpartition('.')[0]}.json"


def keep(data: Store, photo: Photo, content: bytes) -> bool:
    """Keep a photo, and what is known of it; False if it was there already."""
    beside = _beside(photo)
    if data.find(beside) is not None:
        return False
    data.write(photo.key, content)
    data.write(
        beside, (json.dumps({"schema_version": VERSION, **asdict(photo)}, indent=1, ensure_ascii=False) + "\n").encode()
    )
    return True


def _read(data: Store, key: str) -> Photo:
    try:
        tree = json.loads(data.read(key))
        if tree.pop("schema_version") != VERSION:
            raise ValueError("schema_version")
        x1, y1, x2, y2 = map(float, tree["box"])
        return Photo(**{**tree, "box": (x1, y1, x2, y2)})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        right = "delete it and the photo beside it, and add that again: catml cats add CAT PHOTO"
        raise TableError(f"data/{key}: not of version {VERSION} ({type(error).__name__}: {error}); {right}") from None
