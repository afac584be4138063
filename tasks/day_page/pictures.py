"""Pictures out of the footage, small enough to live inside a page."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from home.errors import FootageError, StoreMissing
from home.store import Store
from home.video import still
from tasks.day_page.day import Bout
from tasks.stage import Progress

# A page that a phone still opens: about 300 pictures of the default width. Bytes of JPEG, before base64 adds a third.
ROOM = 9_000_000
JPEG_QUALITY = 78
NO_ROOM = "Left out, to keep this page small enough to open."


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI, with its size in pixels; `missing` says why there is none, and is empty if there is."""

    uri: str = ""
    width: int = 0
    height: int = 0
    missing: str = ""


def album(footage: Store, bouts: Iterable[Bout], width: int, progress: Progress) -> dict[Bout, Picture]:
    """The picture of every bout.

    When the page is full, named behaviours have had theirs before `other`, and earlier bouts before later ones.
    """
    order = sorted(bouts, key=lambda bout: (bout.behaviour == "other", bout.span))
    pictures: dict[Bout, Picture] = {}
    room = ROOM
    for number, bout in enumerate(order):
        progress("report pictures", number, len(order))
        pictures[bout] = picture(footage, bout.chunk, bout.offset_s, width) if room > 0 else Picture(missing=NO_ROOM)
        room -= len(pictures[bout].uri) * 3 // 4
    progress("report pictures", len(order), len(order))
    return pictures


def picture(footage: Store, chunk: str, offset_s: float, width: int) -> Picture:
    """One frame of a chunk. Footage that is gone or cannot be read gives the reason instead: the page goes on."""
    try:
        source = footage.open(chunk)
        try:
            return encoded(still(source, offset_s), width)
        finally:
            if not isinstance(source, str):
                source.close()
    except StoreMissing:
        return Picture(missing="The footage of this moment is no longer kept.")
    except FootageError as error:
        return Picture(missing=f"The footage of this moment cannot be read: {error}.")


def encoded(rgb: NDArray[np.uint8], width: int) -> Picture:
    """RGB uint8 [h, w, 3] as a JPEG at most `width` pixels wide; never enlarged."""
    height, full = rgb.shape[:2]
    if full > width:
        rgb = cv2.resize(rgb, (width, max(1, round(height * width / full))), interpolation=cv2.INTER_AREA).astype(
            np.uint8
        )
    _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    uri = "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
    return Picture(uri, rgb.shape[1], rgb.shape[0])
