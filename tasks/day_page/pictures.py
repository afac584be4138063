"""Pictures out of the footage, small enough to live inside a page."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from home.day.day import Bout
from home.errors import FootageError, StoreMissing
from home.store import Store
from home.video import still
from tasks.stage import Progress

# A page that a phone still opens: about 300 pictures of the default width. Bytes of JPEG, before base64 adds a third.
ROOM = 9_000_000
JPEG_QUALITY = 78
AROUND = 2.2  # of the longer side of a box: what a picture of an animal shows; our choice
LEAST_SHARE = 0.2  # of a frame: below this what a phone shows of 1600 pixels would have to be enlarged
_IMAGE = re.compile(r'<img src="(data:[^"]+)" width="(\d+)" height="(\d+)" data-of="([^"]*)"')
NO_ROOM = "Left out, to keep this page small enough to open."


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """The part of a frame that a picture shows: its left upper corner and its share of either side, 0..1."""

    x: float = 0.0
    y: float = 0.0
    share: float = 1.0

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A place on the frame as one on the picture, both 0..1."""
        return (x - self.x) / self.share, (y - self.y) / self.share

    def cut(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of a frame, RGB uint8 [h, w, 3]."""
        height, width = rgb.shape[:2]
        top, left = round(self.y * height), round(self.x * width)
        return rgb[top : top + max(1, round(self.share * height)), left : left + max(1, round(self.share * width))]


WHOLE = View()


def near(box: Box) -> View:
    """The surroundings of an animal: enough to see where it is, near enough to see how it holds itself."""
    share = min(1.0, max(LEAST_SHARE, AROUND * max(box[2] - box[0], box[3] - box[1])))
    corner = [min(max(0.0, (low + high - share) / 2), 1 - share) for low, high in ((box[0], box[2]), (box[1], box[3]))]
    return View(round(corner[0], 4), round(corner[1], 4), round(share, 4))


@dataclass(frozen=True)
class Still:
    """What a picture is of: a place in the footage, what of the frame it shows, and how many pixels it may be wide.

    `str()` of it is written beside the picture on the page, where the next one finds it.
    """

    chunk: str
    offset_s: float
    width: int
    view: View = WHOLE

    def __str__(self) -> str:
        return f"{self.chunk} {self.offset_s:.3f} {self.width} {self.view.x:g} {self.view.y:g} {self.view.share:g}"


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI, with its size in pixels; `missing` says why there is none, and is empty if there is."""

    uri: str = ""
    width: int = 0
    height: int = 0
    missing: str = ""


class Album:
    """Where the pictures of a page come from: the page as it was, else the footage.

    A page that is written again, because a cat has got its name, keeps its pictures, be the footage gone; and none is
    opened that was opened before.

    Args:
        footage: the store.
        page: the page as it was, empty if there is none.
    """

    def __init__(self, footage: Store, page: str = "") -> None:
        self._footage, self._kept = footage, dict(kept(page))

    def find(self, still: Still) -> Picture:
        """A picture. Footage that is gone or cannot be read gives the reason instead: the page goes on."""
        return self._kept.get(str(still)) or picture(self._footage, still)


def kept(page: str) -> Iterator[tuple[str, Picture]]:
    """The pictures of a page, by what they are of."""
    for found in _IMAGE.finditer(page):
        yield html.unescape(found[4]), Picture(found[1], int(found[2]), int(found[3]))


def album(source: Album, stills: Mapping[Bout, Still], progress: Progress) -> dict[Bout, Picture]:
    """The picture of every bout.

    When the page is full, named behaviours have had theirs before `other`, and earlier bouts before later ones.
    """
    bouts = list(stills)
    order = sorted(bouts, key=lambda bout: (bout.behaviour == "other", bout.span))
    pictures: dict[Bout, Picture] = {}
    room = ROOM
    for number, bout in enumerate(order):
        progress("report pictures", number, len(order))
        pictures[bout] = source.find(stills[bout]) if room > 0 else Picture(missing=NO_ROOM)
        room -= len(pictures[bout].uri) * 3 // 4
    progress("report pictures", len(order), len(order))
    return pictures


def picture(footage: Store, wanted: Still) -> Picture:
    """One frame of a chunk, or a part of it, out of the footage."""
    try:
        source = footage.open(wanted.chunk)
        try:
            return encoded(wanted.view.cut(still(source, wanted.offset_s)), wanted.width)
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
