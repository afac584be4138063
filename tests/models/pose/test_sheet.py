"""What is drawn of a pose: one animal, and nothing that is a guess."""

from __future__ import annotations

import numpy as np

from models.pose.keypoints import KEYPOINTS
from models.pose.sheet import LEAST, strokes


def pose(sure: float = 0.9) -> np.ndarray:
    """Each joint in a place of its own."""
    places = np.arange(len(KEYPOINTS)) / len(KEYPOINTS)
    return np.stack([places, 1 - places, np.full(len(KEYPOINTS), sure)], axis=1).astype(np.float32)


def test_all_joints_hang_together() -> None:
    drawn = strokes(pose())
    joined = {drawn.dots[0][:2]}
    for _ in drawn.lines:
        joined |= {
            end for x1, y1, x2, y2 in drawn.lines if {(x1, y1), (x2, y2)} & joined for end in ((x1, y1), (x2, y2))
        }
    assert joined == {dot[:2] for dot in drawn.dots} and len(joined) == len(KEYPOINTS)


def test_a_guess_is_not_drawn_nor_a_line_to_it() -> None:
    keypoints = pose()
    keypoints[KEYPOINTS.index("withers"), 2] = LEAST - 0.01
    drawn = strokes(keypoints)
    guess = tuple(map(float, keypoints[KEYPOINTS.index("withers"), :2]))
    assert guess not in {dot[:2] for dot in drawn.dots}
    assert not any(guess in ((x1, y1), (x2, y2)) for x1, y1, x2, y2 in drawn.lines)
    assert not strokes(pose(LEAST - 0.01)).dots
