"""The tables of what cameras showed, from frames to moments, and what is remembered of them."""

from __future__ import annotations

import pyarrow as pa

from home.look import BEHAVIOURS
from home.table import TIME, Table

__all__ = ["DETECTIONS", "FRAMES", "IDENTITIES", "MOMENTS", "POSES", "REMEMBERED", "SCENES"]

FRAMES = Table(
    "frames",
    2,
    {
        "ts": TIME,
        "camera": pa.string(),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "keyframe": pa.bool_(),
        "movement": pa.float32(),
        "kept": pa.bool_(),
        # where it moves on a kept sample (`models.movement_map`), empty where nothing does, or nothing is known
        "moved": pa.binary(),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
    migrations={1: lambda frame: frame.assign(moved=b"")},
)
SCENES = Table(
    "scenes",
    1,
    {
        # an hour of UTC in which there was footage; the middle of its looks (`models.scene`)
        "start": TIME,
        "camera": pa.string(),
        "looks": pa.int32(),
        # mean and spread of the grey levels, 0..255; distances from grey towards blue and red, and in any direction
        "brightness": pa.float32(),
        "contrast": pa.float32(),
        "blue": pa.float32(),
        "red": pa.float32(),
        "saturation": pa.float32(),
        # where edges run in which direction
        "layout": pa.binary(),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
)
DETECTIONS = Table(
    "detections",
    1,
    {
        "ts": TIME,
        "camera": pa.string(),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "burst": pa.bool_(),
        "track_id": pa.int64(),
        "class": pa.string(),
        "confidence": pa.float32(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
        "cat": pa.string(),
        "cat_confidence": pa.float32(),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
)
POSES = Table(
    "poses",
    2,
    {
        "ts": TIME,
        "camera": pa.string(),
        "track_id": pa.int64(),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        # of the burst after a sample; the sample's own row is none
        "burst": pa.bool_(),
        "x1": pa.float32(),
        "y1": pa.float32(),
        "x2": pa.float32(),
        "y2": pa.float32(),
        # of each keypoint x, y and confidence, all 0..1
        "keypoints": pa.list_(pa.list_(pa.float32())),
        # what the network sees in the animal, for its behaviour; and its fur, for its name; on the sample's row only
        "look": pa.list_(pa.float32()),
        "coat": pa.list_(pa.float32()),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
    migrations={1: lambda frame: frame.assign(coat=[[] for _ in range(len(frame))])},
)
IDENTITIES = Table(
    "identities",
    1,
    {
        "camera": pa.string(),
        "track_id": pa.int64(),
        "start": TIME,
        "end": TIME,
        "cat": pa.string(),
        # that it is this cat; of `unknown`, that it is none of the home's
        "cat_confidence": pa.float32(),
        # looks at it that counted
        "looks": pa.int64(),
        # said by a person, and not recognised
        "said": pa.bool_(),
    },
    by_camera=False,
    rebuild="catml nightly --date DATE",
)
MOMENTS = Table(
    "moments",
    1,
    {
        "start": TIME,
        "end": TIME,
        "camera": pa.string(),
        "chunk": pa.string(),
        "offset_s": pa.float64(),
        "track_id": pa.int64(),
        "cat": pa.string(),
        "behaviour": pa.string(),
        "confidence": pa.float32(),
        **{f"p_{behaviour}": pa.float32() for behaviour in BEHAVIOURS},
        # nothing where the cat cannot be read
        "posture": pa.string(),
        "comfort": pa.float32(),
        "anomaly": pa.float32(),
        # in words: why this comfort, why this anomaly
        "reasons": pa.list_(pa.string()),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
)
REMEMBERED = Table(
    "remembered",
    1,
    {
        "start": TIME,
        "camera": pa.string(),
        "track_id": pa.int64(),
        "cat": pa.string(),
        "behaviour": pa.string(),
        # confidence of the box, and of the behaviour
        "seen": pa.float32(),
        "confidence": pa.float32(),
        # of the evidence, NaN where it was not known; the partition's notes say which
        "numbers": pa.list_(pa.float32()),
        "look": pa.list_(pa.float32()),
    },
    by_camera=True,
    rebuild="catml nightly --date DATE",
)
