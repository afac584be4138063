"""From the tables of a camera's day to moments: each sample of a track, with the burst after it and what is missing masked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.nested import array_of
from models.behaviour.body import POINTS, Moments
from tasks.labelling import epoch, stirring

__all__ = ["moments_of", "sorted_samples"]

_APART_S = 1e6


def sorted_samples(detections: pd.DataFrame) -> pd.DataFrame:
    """The samples of all tracks in the order of moments: by track, then by time."""
    return detections[~detections["burst"]].sort_values(["track_id", "ts"], kind="stable").reset_index(drop=True)


def moments_of(samples: pd.DataFrame, frames: pd.DataFrame, poses: pd.DataFrame, aspect: float) -> Moments:
    """The moments of a camera's day.

    Args:
        samples: from `sorted_samples`.
        frames: the same partition of that table.
        poses: the same partition of that table; empty where none were read.
        aspect: width of the picture over its height.
    """
    ts, track = epoch(samples["ts"]), samples["track_id"].to_numpy(np.int64)
    boxes = _boxes(samples)
    stirs = stirring(epoch(frames["ts"]), frames["movement"].to_numpy(), ts)
    if poses.empty:
        return Moments(ts, track, boxes, aspect, stirring=stirs)
    poses = poses.assign(s=epoch(poses["ts"])).sort_values(["track_id", "s"], kind="stable").reset_index(drop=True)
    own = poses[~poses["burst"]]
    names = ["track_id", "ts"]
    place = pd.MultiIndex.from_frame(samples[names]).get_indexer(pd.MultiIndex.from_frame(own[names]))
    own, place = own[place >= 0], place[place >= 0]
    keypoints = np.full((len(samples), POINTS, 3), np.nan)
    keypoints[place] = array_of(own["keypoints"], (POINTS, 3))
    size = len(own["look"].iloc[0]) if len(own) else 0
    looks = np.full((len(samples), size), np.nan)
    looks[place] = array_of(own["look"], (size,))
    burst = _burst(poses[poses["burst"]], ts, track)
    return Moments(ts, track, boxes, aspect, keypoints, *burst, stirring=stirs, looks=looks)


Bursts = tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, NDArray[np.float64] | None]


def _burst(rows: pd.DataFrame, ts: NDArray[np.float64], track: NDArray[np.int64]) -> Bursts:
    """Seconds, boxes and keypoints of the frames after each sample, NaN where there are fewer; None without any."""
    if rows.empty or not len(ts):
        return None, None, None
    # Each frame belongs to the last sample of its track before it. Track after track, further apart than a day is long:
    numbers, begin = rows["track_id"].to_numpy(), ts.min()
    line, asked = track * _APART_S + (ts - begin), numbers * _APART_S + (rows["s"].to_numpy() - begin)
    moment = np.searchsorted(line, asked, side="right") - 1
    known = (moment >= 0) & (track[moment] == numbers)
    rows, moment = rows[known], moment[known]
    if rows.empty:
        return None, None, None
    turn = np.arange(len(rows)) - np.searchsorted(moment, moment)  # rows come in the order of moments
    shape = (len(ts), int(turn.max()) + 1)
    seconds, boxes = np.full(shape, np.nan), np.full((*shape, 4), np.nan)
    keypoints = np.full((*shape, POINTS, 3), np.nan)
    seconds[moment, turn] = rows["s"].to_numpy() - ts[moment]
    boxes[moment, turn] = _boxes(rows)
    keypoints[moment, turn] = array_of(rows["keypoints"], (POINTS, 3))
    return seconds, boxes, keypoints


def _boxes(rows: pd.DataFrame) -> NDArray[np.float64]:
    return rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float64)
