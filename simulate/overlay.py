"""The truth drawn over a rendered frame, to see that it is right."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from simulate.camera import Frame
from simulate.compose import NOTHING, OUTSIDE

BONES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 4), (2, 17), (18, 19), (5, 9), (6, 10), (7, 11), (8, 12), (9, 13), (10, 14),
         (11, 15), (12, 16))  # fmt: skip
"""Pairs of KEYPOINTS that Animal-Pose joins by a line."""

BOX, SEEN, HIDDEN = (255, 255, 255), (60, 220, 60), (60, 60, 255)  # BGR


def overlaid(frame: Frame) -> NDArray[np.uint8]:
    """The frame (h, w, 3), BGR, with boxes, behaviours and keypoints: green if seen, red rings if hidden."""
    picture = np.asarray(cv2.cvtColor(frame.yuv, cv2.COLOR_YUV2BGR_I420), np.uint8)
    size = (picture.shape[1], picture.shape[0])
    for name, seen in frame.truth.items():
        corners = np.multiply(seen.box, size * 2).round().astype(int)
        cv2.rectangle(picture, tuple(map(int, corners[:2])), tuple(map(int, corners[2:])), BOX, 1)
        doing = frame.doing[name]
        words = f"{name}: {doing.behaviour} {doing.subtype or ''}"
        place = (int(corners[0]), max(int(corners[1]) - 5, 12))
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, BOX, 1, cv2.LINE_AA)
        points = [(int(x), int(y)) for x, y in np.floor(seen.keypoints[:, :2] * size)]
        for a, b in BONES:
            if OUTSIDE not in (seen.hidden[a], seen.hidden[b]):
                cv2.line(picture, points[a], points[b], SEEN, 1, cv2.LINE_AA)
        for point, hidden in zip(points, seen.hidden, strict=True):
            cv2.circle(picture, point, 3, HIDDEN if hidden else SEEN, -1 if hidden == NOTHING else 1, cv2.LINE_AA)
    return picture
