"""The 20 keypoints, how they are joined, which is the mirror of which, and how exactly each can be placed."""

from __future__ import annotations

__all__ = ["DRAWN", "KEYPOINTS", "MIRROR", "SIGMAS", "SKELETON"]

KEYPOINTS = (
    "left_eye", "right_eye", "nose", "left_ear", "right_ear",
    "left_front_elbow", "right_front_elbow", "left_back_elbow", "right_back_elbow",
    "left_front_knee", "right_front_knee", "left_back_knee", "right_back_knee",
    "left_front_paw", "right_front_paw", "left_back_paw", "right_back_paw", "throat", "withers", "tailbase",
)  # fmt: skip
"""Names and order of Animal-Pose (Cao et al., ICCV 2019); left is the animal's own. A front knee is its wrist, a back
elbow its stifle, a back knee its hock, an ear its base."""

SKELETON = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 4), (2, 17), (18, 19), (5, 9), (6, 10), (7, 11), (8, 12), (9, 13),
            (10, 14), (11, 15), (12, 16))  # fmt: skip
"""Pairs of keypoints that Animal-Pose joins by a line."""

DRAWN = (*SKELETON, (17, 18), (18, 5), (18, 6), (19, 7), (19, 8))
"""Those, and what ties head and legs to the back, so that a reader sees one animal and no heap of strokes: our choice."""


def _mirrored(name: str) -> str:
    side, _, rest = name.partition("_")
    return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, name)


MIRROR = tuple(KEYPOINTS.index(_mirrored(name)) for name in KEYPOINTS)
"""For each keypoint the one that it becomes in a picture that is flipped left to right."""

_ROLE = {
    "eye": 0.025, "nose": 0.026, "ear": 0.035, "front_elbow": 0.072, "front_knee": 0.062, "front_paw": 0.062,
    "back_elbow": 0.087, "back_knee": 0.089, "back_paw": 0.089, "throat": 0.079, "withers": 0.079, "tailbase": 0.107,
}  # fmt: skip

SIGMAS = tuple(_ROLE[name.removeprefix("left_").removeprefix("right_")] for name in KEYPOINTS)
"""How far people who mark a keypoint scatter, as a share of the root of the animal's area: for object keypoint similarity
(Lin et al., ECCV 2014, and the evaluation of COCO). Nobody measured them on cats: our choice is the number of the human
joint that answers to each (front elbow and wrist: elbow and wrist; stifle and hock: knee and ankle; throat and withers:
shoulder; root of the tail: hip)."""
