"""A still with a grid from 0 to 1 and the zones there are, to read off the corners of a new one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from home.config import Camera
from home.errors import CatMLError, FootageError
from home.folder import Home
from home.frame import Picture
from home.look import BEHAVIOURS, THEME, rgb
from home.video import still
from ingest.camera import look
from ingest.newest import newest_chunk
from ingest.record.address import as_fetched

LONGEST = 1280  # side of the picture, pixels: labels stay readable on small streams, and large ones fit a screen
MARGIN = 44  # around it, for the labels
FONT = cv2.FONT_HERSHEY_SIMPLEX
ZONE_COLOURS = {
    "food_bowl": "eating",
    "litter_box": "using_litter_box",
    "bed": "sleeping",
    "scratching_post": "scratching",
}


@dataclass(frozen=True)
class Snapshot:
    """A still of a camera.

    Attributes:
        picture: uint8 [h, w, 3] RGB, upright.
        source: where it is from, for people.
        warning: why it is not from the camera itself, if it should be; else empty.
    """

    picture: Picture
    source: str
    warning: str = ""


def take(home: Home, camera: str, today: dt.date) -> Snapshot:
    """A still from the camera, else from its newest footage.

    Raises:
        WrongUse: if home.yaml has no such camera.
        FootageError: if there is neither.
    """
    settings = home.camera(camera)
    warning = ""
    if settings.url is not None:
        try:
            return Snapshot(look(as_fetched(home, camera)).picture, "the camera")
        except CatMLError as error:
            warning = str(error)
    found = newest_chunk(home, camera, today)
    if found is None:
        right = "and it has no footage yet" if warning else "import some: catml import FILE --camera " + camera
        raise FootageError(f"{warning or f'{camera} has no `url` and no footage'}; {right}")
    name, entry = found
    local = name.start.astimezone(home.zone)
    return Snapshot(still(home.footage.open(entry.key), 0.0), f"its footage of {local:%Y-%m-%d %H:%M}", warning)


def with_grid(picture: Picture, camera: Camera) -> Picture:
    """The still in a frame of labels, with grid lines every 0.1 and the camera's zones.

    Args:
        picture: uint8 [h, w, 3] RGB.
        camera: whose zones are drawn.

    Returns:
        uint8 [H, W, 3] RGB, the still scaled to 1280 pixels with a margin around it.
    """
    scale = LONGEST / max(picture.shape[:2])
    width, height = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    inside = np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)
    zones = {
        name: np.round(np.array(corners) * (width, height)).astype(np.int32) for name, corners in camera.zones.items()
    }
    for name, points in zones.items():
        _draw_zone(inside, name, points)
    _draw_lines(inside)
    for name, points in zones.items():
        _name_zone(inside, name, points)
    framed = cv2.copyMakeBorder(inside, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    _label(framed, width, height)
    return np.asarray(framed, np.uint8)


def as_png(picture: Picture) -> bytes:
    """The picture as a PNG file."""
    _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return data.tobytes()


def _draw_zone(picture: Picture, name: str, points: NDArray[np.int32]) -> None:
    kind = ZONE_COLOURS.get(name.rstrip("_0123456789"))
    colour = rgb(BEHAVIOURS[kind].light if kind else THEME["accent"][0])
    filled = picture.copy()
    cv2.fillPoly(filled, [points], colour)
    cv2.addWeighted(filled, 0.3, picture, 0.7, 0, dst=picture)
    cv2.polylines(picture, [points], True, colour, 3, cv2.LINE_AA)


def _name_zone(picture: Picture, name: str, points: NDArray[np.int32]) -> None:
    """In the middle of the zone, white on black, and never off the picture."""
    (wide, high), _ = cv2.getTextSize(name, FONT, 0.6, 1)
    middle = points.mean(0).astype(int)
    left = int(np.clip(middle[0] - wide // 2, 6, max(6, picture.shape[1] - wide - 6)))
    base = int(np.clip(middle[1] + high // 2, high + 6, picture.shape[0] - 6))
    cv2.rectangle(picture, (left - 5, base - high - 5), (left + wide + 5, base + 6), (20, 20, 20), -1)
    cv2.putText(picture, name, (left, base), FONT, 0.6, (255, 255, 255), 1, cv2.LINE_AA)


def _draw_lines(picture: Picture) -> None:
    """Every 0.1 a thin line, white with a dark edge so that it shows on any picture; the middle is thicker."""
    height, width = picture.shape[:2]
    lines = picture.copy()
    for tenth in range(1, 10):
        x, y = round(width * tenth / 10), round(height * tenth / 10)
        thick = 2 if tenth == 5 else 1
        for colour, extra in (((0, 0, 0), 2), ((255, 255, 255), 0)):
            cv2.line(lines, (x, 0), (x, height), colour, thick + extra)
            cv2.line(lines, (0, y), (width, y), colour, thick + extra)
    cv2.addWeighted(lines, 0.45, picture, 0.55, 0, dst=picture)


def _label(framed: NDArray[np.uint8] | cv2.typing.MatLike, width: int, height: int) -> None:
    for tenth in range(11):
        text = f"{tenth / 10:.1f}"
        (wide, high), _ = cv2.getTextSize(text, FONT, 0.5, 1)
        x, y = MARGIN + round(width * tenth / 10), MARGIN + round(height * tenth / 10)
        for row in (MARGIN - 10, MARGIN + height + 10 + high):
            cv2.putText(framed, text, (x - wide // 2, row), FONT, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        for column in (MARGIN - wide - 6, MARGIN + width + 6):
            cv2.putText(framed, text, (column, y + high // 2), FONT, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    for text, place in (("x", (MARGIN + width // 2 - 60, 14)), ("y", (4, MARGIN + height // 2 - 40))):
        cv2.putText(framed, text, place, FONT, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
