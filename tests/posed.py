"""Moments of drawn cats without drawing them: true keypoints of any posture, from any side, as evidence takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.behaviour.body import Moments
from simulate.cat import heading_matrix
from simulate.flesh import keypoints
from simulate.pose import POSTURES, STRIDE_M
from simulate.skeleton import Manner
from simulate.view import View

VIEW = View((0.0, -2.0, 0.7), (0.0, 0.0, 0.1), 50, 1600, 1000)
WALKS_M_S = {"walk": 0.45, "stalk": 0.12}
BURST_S = np.arange(1, 11) / 5


def frame(posture: str, t: float, heading: float, view: View = VIEW) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints `[20,3]`, all sure, and a box around them, `t` seconds into a posture."""
    way, phase = np.zeros(3), t
    if posture in WALKS_M_S:
        run = WALKS_M_S[posture] * t
        way, phase = run * np.array([np.cos(heading), np.sin(heading), 0]), run / STRIDE_M[posture]
    points = keypoints(POSTURES[posture](phase, Manner())) @ heading_matrix(heading).T + way
    flat = view.project(points)[0] / [view.width, view.height]
    return np.column_stack([flat, np.ones(20)]), np.concatenate([flat.min(axis=0) - 0.02, flat.max(axis=0) + 0.02])


def moments(postures: Sequence[str], headings: Sequence[float], view: View = VIEW, start: float = 0.3) -> Moments:
    """A moment of each posture, 2 s at 5 frames a second, each a track of its own."""
    count = len(postures)
    frames = [
        [frame(posture, start + later, heading, view) for later in (0.0, *BURST_S)]
        for posture, heading in zip(postures, headings, strict=True)
    ]
    points = np.array([[own[0] for own in row] for row in frames])
    boxes = np.array([[own[1] for own in row] for row in frames])
    return Moments(
        np.zeros(count), np.arange(count), boxes[:, 0], view.width / view.height, points[:, 0],
        np.tile(BURST_S, (count, 1)), boxes[:, 1:], points[:, 1:], np.full(count, 0.5),
    )  # fmt: skip
