"""Poses over the stills of bouts, as inline SVG that the reader can switch off: drawn as `models.pose.sheet` draws them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from home.day.day import Bout, Day
from home.day.drawing import element
from home.folder import Home
from home.nested import array_of
from home.tables import POSES
from models.pose.keypoints import KEYPOINTS
from models.pose.sheet import strokes
from tasks.day_page.pictures import Box, View

__all__ = ["overlay", "poses_of"]

_SAME_S = 1e-3
Keypoints = NDArray[np.float32]


def poses_of(home: Home, day: Day) -> dict[Bout, Keypoints]:
    """The keypoints `[20,3]` of each bout's still, where a pose was read on it; nothing where no network reads poses."""
    if not home.params.pose.model:
        return {}
    found = {}
    bouts = [(bout, bout.box) for animal in day.animals for bout in animal.bouts if bout.box is not None]
    for camera in sorted({bout.camera for bout, _ in bouts}):
        rows = home.tables.read(POSES, day.date, camera)
        rows = rows[~rows["burst"]]
        for bout, box in bouts:
            mine = _posed(rows, bout, box) if bout.camera == camera else rows.iloc[:0]
            if len(mine):
                found[bout] = np.asarray(array_of(mine["keypoints"].iloc[:1], (len(KEYPOINTS), 3))[0], np.float32)
    return found


def _posed(rows: pd.DataFrame, bout: Bout, box: Box) -> pd.DataFrame:
    """The pose that was read in the bout's box: of two animals on one still it is told by where it is."""
    there = (rows["chunk"] == bout.chunk) & ((rows["offset_s"] - bout.offset_s).abs() < _SAME_S)
    same = np.isclose(rows.loc[there, ["x1", "y1", "x2", "y2"]].to_numpy(np.float64), box, atol=1e-4).all(axis=1)
    return rows[there][same]


def overlay(keypoints: Keypoints, view: View, width: int, height: int) -> Markup:
    """The skeleton over a picture of that size; dots are as large as one is sure, joints that are not sure are left out.

    Drawn twice, dark and wide under light and thin, it reads on dark fur and on light. Empty if no joint is sure enough.
    """
    drawn = strokes(keypoints)
    if not drawn.dots:
        return Markup("")
    places = [view.place(x, y) for x, y, _ in drawn.dots]
    ends = [(view.place(x1, y1), view.place(x2, y2)) for x1, y1, x2, y2 in drawn.lines]
    path = "".join(f"M{a * width:.1f} {b * height:.1f}L{c * width:.1f} {d * height:.1f}" for (a, b), (c, d) in ends)
    lines = [element("path", d=path, class_=kind) for kind in ("under", "over") if path]
    dots = [
        element("circle", cx=f"{x * width:.1f}", cy=f"{y * height:.1f}", r=f"{width / 240 * (0.8 + 1.2 * sure):.2f}")
        for (x, y), (_, _, sure) in zip(places, drawn.dots, strict=True)
    ]
    words = f"Keypoints: {len(drawn.dots)} of {len(keypoints)} joints are sure enough to be drawn"
    return element(
        "svg", *lines, *dots, class_="pose", viewBox=f"0 0 {width} {height}", role="img", aria_label=words
    )  # fmt: skip
