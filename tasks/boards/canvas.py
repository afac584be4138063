"""Small charts as pixels, in the house's colours and hatches: TensorBoard shows pictures, not pages.

TensorBoard shows a picture some 400 pixels wide until it is chosen: what is written on one is large.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import THEME, Mark, ink_on, mark_of, rgb

__all__ = ["LINE", "Canvas", "Picture", "jpeg", "legend_lines", "png", "wrapped"]

Picture = NDArray[np.uint8]
"""RGB [h, w, 3]."""
TEXT, LINE = 17, 26  # pixels
_FINER = 6  # a hatch is drawn so much larger and then made small: its strokes are thinner than two pixels
_STROKE, _STRENGTH = 1.3, 0.6  # as on the pages, `home.look.svg_patterns`


class Canvas:
    """A white picture to draw on.

    Args:
        width, height: pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.picture: Picture = np.full((height, width, 3), rgb(THEME["page"][0]), np.uint8)

    def words(
        self, text: str, x: float, y: float, size: int = TEXT, *, right: bool = False, muted: bool = False
    ) -> int:
        """Write a line that stands on `y`, from `x` on or up to it; returns its width."""
        width = _wide(text, size)
        place = (round(x - width if right else x), round(y))
        cv2.putText(self.picture, text, place, rgb(THEME["muted" if muted else "text"][0]), _face(), size, 400)
        return width

    def block(self, name: str, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle with the colour and the hatch of a mark."""
        left, top, right, bottom = round(x), round(y), round(x + width), round(y + height)
        if right <= left or bottom <= top:
            return
        tile = _tile(mark_of(name))
        rows, columns = np.arange(top, bottom) % tile.shape[0], np.arange(left, right) % tile.shape[1]
        self.picture[top:bottom, left:right] = tile[rows[:, None], columns[None, :]]

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """Outline a rectangle."""
        corners = (round(x), round(y)), (round(x + width) - 1, round(y + height) - 1)
        cv2.rectangle(self.picture, *corners, rgb(THEME["line"][0]), 1)

    def legend(self, named: Mapping[str, str], x: float, y: float, right: float) -> None:
        """Samples of marks, each with what it is called, in lines from `x` to `right`."""
        left = x
        for name, label in named.items():
            needed = 28 + _wide(label, TEXT - 1)
            if left > x and left + needed > right:
                left, y = x, y + LINE
            self.block(name, left, y, 22, 16)
            self.frame(left, y, 22, 16)
            self.words(label, left + 28, y + 14, TEXT - 1)
            left += needed + 18


def legend_lines(named: Mapping[str, str], width: float) -> int:
    """How many lines `Canvas.legend` needs."""
    lines, left = 1, 0.0
    for label in named.values():
        needed = 28 + _wide(label, TEXT - 1)
        if left > 0 and left + needed > width:
            lines, left = lines + 1, 0.0
        left += needed + 18
    return lines


def wrapped(text: str, width: float, size: int = TEXT) -> list[str]:
    """A text in lines of at most so many pixels, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _wide(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def png(picture: Picture) -> bytes:
    """A chart as PNG."""
    # Without a filter, a quarter smaller than with what is chosen by itself: these are flat colours and repeated tiles.
    wanted = {cv2.IMWRITE_PNG_COMPRESSION: 9, cv2.IMWRITE_PNG_FILTER: cv2.IMWRITE_PNG_FILTER_NONE}
    return _encoded(".png", picture, wanted)


def jpeg(picture: Picture) -> bytes:
    """A photograph as JPEG."""
    return _encoded(".jpg", picture, {cv2.IMWRITE_JPEG_QUALITY: 82})


def _encoded(kind: str, picture: Picture, wanted: dict[int, int]) -> bytes:
    flat = [number for pair in wanted.items() for number in pair]
    return bytes(cv2.imencode(kind, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), flat)[1].tobytes())


@lru_cache
def _face() -> cv2.FontFace:
    """OpenCV's own scalable letters: those of its older fonts know no umlaut."""
    return cv2.FontFace("sans")


@lru_cache(4096)
def _wide(text: str, size: int) -> int:
    left, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), _face(), size, 400)
    return int(left + width)


@lru_cache
def _tile(mark: Mark) -> Picture:
    """The square that fills a mark when it is repeated."""
    fill = mark.light
    ink = mark.stroke[0] if mark.stroke else ink_on(fill)
    size = mark.hatch.size * _FINER
    share = np.zeros((size, size), np.uint8)
    stroke = round(_STROKE * _FINER)
    for x1, y1, x2, y2 in mark.hatch.lines:
        ends = [(round(x * _FINER), round(y * _FINER)) for x, y in ((x1, y1), (x2, y2))]
        cv2.line(share, ends[0], ends[1], 255, stroke, cv2.LINE_AA)
    for x, y, radius in mark.hatch.circles:
        centre = (round(x * _FINER), round(y * _FINER))
        cv2.circle(share, centre, round(radius * _FINER), 255, -1 if mark.hatch.filled else stroke, cv2.LINE_AA)
    small = cv2.resize(share, (mark.hatch.size, mark.hatch.size), interpolation=cv2.INTER_AREA)
    weight = small[:, :, None] / 255 * (1.0 if mark.stroke else _STRENGTH)
    mixed = np.array(rgb(fill)) * (1 - weight) + np.array(rgb(ink)) * weight
    return np.asarray(np.round(mixed), np.uint8)
