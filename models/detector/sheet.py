"""Pictures with boxes as one contact sheet, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from home.look import THEME, rgb

__all__ = ["Tile", "contact_sheet", "drawn"]

EDGE = 4  # pixels between tiles
STRIP = 18  # pixels below a tile for its caption
TRUE, FOUND = rgb("#56B4E9"), rgb("#E69F00")
"""Okabe and Ito's sky blue and orange: told apart by colour-blind eyes, and on fur, floor and night alike."""


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet.

    Attributes:
        image: RGB `uint8 [H,W,3]`.
        true: boxes of people `[N,4]`, shares 0..1, drawn in sky blue.
        found: boxes of a detector `[M,4]`, drawn in orange, with `told` above each.
        told: a short text for each found box.
        caption: below the picture.
    """

    image: NDArray[np.uint8]
    true: NDArray[np.float32]
    found: NDArray[np.float32] | None = None
    told: Sequence[str] = ()
    caption: str = ""


def contact_sheet(tiles: Sequence[Tile], *, columns: int = 6, side: int = 200) -> NDArray[np.uint8]:
    """Tiles in rows, each fitted into a square of `side` pixels: RGB `uint8 [H,W,3]`."""
    columns = max(1, min(columns, len(tiles)))
    rows = max(1, -(-len(tiles) // columns))
    high, wide = side + STRIP + EDGE, side + EDGE
    sheet = np.full((rows * high + EDGE, columns * wide + EDGE, 3), rgb(THEME["page"][0]), np.uint8)
    for number, tile in enumerate(tiles):
        top, left = EDGE + number // columns * high, EDGE + number % columns * wide
        sheet[top : top + side, left : left + side] = drawn(tile, side)
        _write(sheet, tile.caption, (left + 2, top + side + 13), rgb(THEME["text"][0]), side - 4)
    return sheet


def drawn(tile: Tile, side: int) -> NDArray[np.uint8]:
    """One tile, its picture fitted into a square of `side` pixels on the page's surface."""
    height, width = tile.image.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(tile.image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas = np.full((side, side, 3), rgb(THEME["surface"][0]), np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    place = np.array([size[0], size[1]] * 2), np.array([left, top] * 2)
    for box in tile.true:
        _outline(canvas, box * place[0] + place[1], TRUE)
    found = tile.found if tile.found is not None else np.zeros((0, 4), np.float32)
    for number, box in enumerate(found):
        corners = box * place[0] + place[1]
        _outline(canvas, corners, FOUND)
        if number < len(tile.told):
            _label(canvas, tile.told[number], corners)
    return canvas


def _outline(canvas: NDArray[np.uint8], corners: NDArray, colour: tuple[int, int, int]) -> None:
    """A coloured line on a dark one, which shows on any ground."""
    x1, y1, x2, y2 = (round(value) for value in np.clip(corners, 0, canvas.shape[0] - 1))
    for ink, width in (((0, 0, 0), 3), (colour, 1)):
        cv2.rectangle(canvas, (x1, y1), (x2, y2), ink, width, cv2.LINE_AA)


def _label(canvas: NDArray[np.uint8], text: str, corners: NDArray) -> None:
    wide, high = 6 * len(text) + 4, 12
    x = int(np.clip(corners[0], 0, max(0, canvas.shape[1] - wide)))
    y = int(np.clip(corners[1] - high, 0, canvas.shape[0] - high))
    cv2.rectangle(canvas, (x, y), (x + wide, y + high), FOUND, -1)
    _write(canvas, text, (x + 2, y + high - 3), (0, 0, 0), wide)


def _write(canvas: NDArray[np.uint8], text: str, at: tuple[int, int], ink: tuple[int, int, int], room: int) -> None:
    """Text of 6 pixels a letter, cut to the room it has; the font has ASCII only."""
    plain = text.encode("ascii", "replace").decode()
    letters = max(1, room // 6)
    plain = plain if len(plain) <= letters else f"{plain[: letters - 2]}.."
    cv2.putText(canvas, plain, at, cv2.FONT_HERSHEY_SIMPLEX, 0.34, ink, 1, cv2.LINE_AA)
