"""How a cat holds itself on one frame: numbers that are the same for the mirrored picture, in body sizes (`body`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.behaviour.body import (
    EARS,
    EYES,
    FORELEGS,
    FOREPAWS,
    HEAD,
    HINDLEGS,
    HINDPAWS,
    NOSE,
    RUMP,
    TORSO,
    WITHERS,
    Body,
    direction,
    highest,
    length,
    lowest,
)  # fmt: skip

__all__ = ["GEOMETRY", "geometry"]

Array = NDArray[np.float64]

BEYOND_WITHERS = 0.45
"""Parts of the back that the head lies ahead of the withers, in the drawn cats. Seen from above, a cat that faces the camera
has its head lower in the picture than its withers, and these lower than its rump: against the line of its back that goes."""

GEOMETRY = {
    "head_height": "head above the lower edge of the box, in heights of the box: 0 at the ground, 1 at the top",
    "head_over_withers": "head above the withers, body sizes",
    "head_over_back": "head above the line of the back, drawn on beyond the withers to where a head is, body sizes",
    "head_over_rump": "head above the root of the tail, body sizes",
    "withers_over_rump": "withers above the root of the tail, body sizes: above 0 the cat sits or climbs",
    "back_length": "from withers to the root of the tail, body sizes: short if seen from the front or curled up",
    "arch": "upper edge of the box above head, withers and root of the tail, body sizes: the back rises between them",
    "neck": "cosine of the angle at the withers between head and root of the tail: -1 stretched, 1 turned back",
    "head_to_rump": "from the head to the root of the tail, body sizes",
    "head_aside": "head beside the middle of the box, in widths of the box",
    "nose_under_ears": "nose below the bases of the ears, body sizes: how far the face looks down",
    "profile": "nose beside the bases of the ears, body sizes: 0 from the front",
    "face_turned": "cosine between where the face points and the body's axis, in the picture: -1 looking back",
    "nose_to_forepaw": "from the nose to the nearer forepaw, body sizes",
    "nose_to_hindpaw": "from the nose to the nearer hind paw, body sizes",
    "nose_to_rump": "from the nose to the root of the tail, body sizes",
    "nose_height": "nose above the lowest paw, body sizes",
    "shoulder_height": "withers above the forepaws, body sizes",
    "hip_height": "root of the tail above the hind paws, body sizes",
    "forepaw_lift": "one forepaw above the other, body sizes",
    "hindpaw_lift": "one hind paw above the other, body sizes",
    "forepaw_to_head": "the higher forepaw above the head, body sizes",
    "hindpaw_over_rump": "the higher hind paw above the root of the tail, body sizes",
    "stance": "from the middle of the forepaws to that of the hind paws, body sizes",
    "forepaws_apart": "between the forepaws, body sizes",
    "hindpaws_apart": "between the hind paws, body sizes",
    "reach": "forepaws ahead of the withers, the way the cat faces, body sizes",
    "head_shown": "mean confidence of eyes, nose and ears",
    "eyes_shown": "mean confidence of the eyes",
    "legs_shown": "mean confidence of the legs",
    "torso_shown": "mean confidence of throat, withers and root of the tail",
}
"""What each number is, and its unit."""


def geometry(body: Body) -> Array:
    """Numbers `[N, len(GEOMETRY)]` of N cats, NaN where their points are not seen."""
    head, withers, rump = body.at(HEAD), body.at(WITHERS), body.at(RUMP)
    nose, ears, eyes = body.at(NOSE), body.at(EARS), body.at(EYES)
    fore, hind = body.each(FOREPAWS), body.each(HINDPAWS)
    forepaws, hindpaws = body.at(FOREPAWS), body.at(HINDPAWS)
    front = np.where(np.isnan(ears), eyes, ears)  # a face seen from below has no ears
    axis, (width, height) = withers - rump, np.maximum(body.sides, 1e-3).T
    facing = np.sign(head[:, 0] - np.where(np.isnan(rump[:, 0]), width / 2, rump[:, 0]))
    tops = np.stack([head[:, 1], withers[:, 1], rump[:, 1]], axis=1)
    return np.stack([
        1 - head[:, 1] / height,
        withers[:, 1] - head[:, 1],
        (withers + BEYOND_WITHERS * axis - head)[:, 1],
        rump[:, 1] - head[:, 1],
        rump[:, 1] - withers[:, 1],
        length(axis),
        np.where(np.isnan(tops).any(axis=1), np.nan, tops.min(axis=1)),
        (direction(head - withers) * direction(rump - withers)).sum(axis=1),
        length(head - rump),
        np.abs(head[:, 0] - width / 2) / width,
        nose[:, 1] - front[:, 1],
        np.abs(nose[:, 0] - front[:, 0]),
        (direction(nose - front) * direction(axis)).sum(axis=1),
        lowest(length(fore - nose[:, None])),
        lowest(length(hind - nose[:, None])),
        length(nose - rump),
        highest(np.concatenate([fore, hind], axis=1)[..., 1]) - nose[:, 1],
        forepaws[:, 1] - withers[:, 1],
        hindpaws[:, 1] - rump[:, 1],
        np.abs(fore[:, 0, 1] - fore[:, 1, 1]),
        np.abs(hind[:, 0, 1] - hind[:, 1, 1]),
        head[:, 1] - lowest(fore[..., 1]),
        rump[:, 1] - lowest(hind[..., 1]),
        length(forepaws - hindpaws),
        length(fore[:, 0] - fore[:, 1]),
        length(hind[:, 0] - hind[:, 1]),
        facing * (forepaws[:, 0] - withers[:, 0]),
        body.shown(HEAD),
        body.shown(EYES),
        body.shown((*FORELEGS, *HINDLEGS)),
        body.shown(TORSO),
    ], axis=1)  # fmt: skip
