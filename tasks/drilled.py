"""One drawn home in which cats play every behaviour, filmed and read by the stages of the night: moments whose truth is known."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.arrays import read_arrays, write_arrays
from home.clock import Span
from home.ethogram import BEHAVIOURS
from home.folder import PROJECT, Home, open_home
from home.tables import DETECTIONS, FRAMES, POSES
from models.behaviour.body import Moments
from models.behaviour.evidence import ZONE_KINDS, Evidence, evidence
from models.detector.boxes import overlap
from simulate.drill import WAYS, drill
from simulate.routine import Episode
from simulate.scenery import CAMERA_NAMES, Scenery
from tasks.detect import detect
from tasks.extract import extract
from tasks.filmed import Plan, filmed
from tasks.manifest import manifest
from tasks.moments import moments_of, sorted_samples
from tasks.pose import pose

__all__ = ["Drilled", "read_drilled", "write_drilled"]

DATE = dt.date(2026, 3, 2)
CAMERA = CAMERA_NAMES[0]
SIZE = (1280, 720)
FPS = 5
SAME = 0.3  # overlap of a box and a cat from which the box is of that cat
MOST_HIDDEN = 0.75  # nobody could say what a cat does of which less is seen
SHUFFLES = 2  # times that the zones are given to other places, so that none says all by itself

Polygons = Mapping[str, Sequence[Sequence[tuple[float, float]]]]


@dataclass(frozen=True)
class Drilled:
    """Moments of one home; each stands in several rows, with the zones as they are and with zones in wrong places.

    Attributes:
        names: of the evidence `[M]`.
        values, known: evidence and mask `[N, M]`.
        truth: index of the true behaviour in BEHAVIOURS `[N]`.
        moment: number of the moment `[N]`: rows of one number are one look.
        night: whether the camera saw infrared `[N]`.
        right: whether the zones are where they belong `[N]`.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    known: NDArray[np.bool_]
    truth: NDArray[np.int64]
    moment: NDArray[np.int64]
    night: NDArray[np.bool_]
    right: NDArray[np.bool_]


def write_drilled(
    path: Path,
    seed: int,
    pose_model: Path,
    seconds: tuple[int, int],
    *,
    style: str = "soft",
    ways: Sequence[tuple[str, str | None]] = WAYS,
) -> None:
    """Draw, film and read the home of a seed, and keep its moments; the footage is not kept. Same seed, same bytes.

    Args:
        path: an `.npz`.
        seed: of the home; also says how many cats it has and when it is filmed.
        pose_model: ONNX file.
        seconds: least and most of an episode.
        style: of drawing.
        ways: what is played.
    """
    cats = 1 + seed % 2
    start = dt.datetime.combine(DATE, dt.time(_hour(seed)), dt.UTC)
    scenery = Scenery(seed, 1, cats, SIZE, style=style)
    diary = drill(scenery.names, CAMERA, start, seed, seconds=seconds, ways=ways)
    span = Span(start, max(episode.end for episode in diary))
    with tempfile.TemporaryDirectory() as room:
        truth = filmed(Path(room) / "home", Plan(scenery, diary, (span,), FPS))
        home = _read(Path(room) / "home", scenery, pose_model)
        write_arrays(path, vars(_joined(home, scenery, truth, diary)))


def read_drilled(path: Path) -> Drilled:
    """What `write_drilled` wrote."""
    return read_arrays(path, Drilled)


def _hour(seed: int) -> int:
    """Every third home is filmed at night, the others over the day."""
    rng = np.random.default_rng((seed, 41))
    return int(rng.choice((0, 1, 2, 3, 22, 23)) if seed % 3 == 0 else rng.integers(6, 21))


def _read(folder: Path, scenery: Scenery, pose_model: Path) -> Home:
    """The home after the stages of the night up to `pose`."""
    zones = {name: [list(corner) for corner in polygon] for name, polygon in scenery.zones(CAMERA).items()}
    (folder / "home.yaml").write_text(f"timezone: UTC\ncameras: {json.dumps({CAMERA: {'zones': zones}})}\n")
    home = open_home(folder, {"pose.model": str((PROJECT / pose_model).resolve()), "nightly.threads": "1"})
    manifest(home, DATE)
    for stage in (extract, detect, pose):
        stage(home, DATE, CAMERA)
    return home


def _joined(home: Home, scenery: Scenery, truth: pd.DataFrame, diary: Sequence[Episode]) -> Drilled:
    tables = home.tables
    samples = sorted_samples(tables.read(DETECTIONS, DATE, CAMERA))
    moments = moments_of(
        samples, tables.read(FRAMES, DATE, CAMERA), tables.read(POSES, DATE, CAMERA), SIZE[0] / SIZE[1]
    )
    doing, night = _truth(samples, truth, diary)
    settings = home.config.cameras[CAMERA]
    zones = {kind: polygons for kind in ZONE_KINDS if (polygons := settings.zones_of(kind))}
    rng = np.random.default_rng((scenery.seed, 43))
    told = [_evidence(moments, zones)] + [_evidence(moments, _elsewhere(zones, rng)) for _ in range(SHUFFLES)]
    good, turns = np.flatnonzero(doing >= 0), len(told)
    return Drilled(
        told[0].names,
        np.concatenate([each.values[good] for each in told]),
        np.concatenate([each.known[good] for each in told]),
        np.tile(doing[good], turns),
        np.tile(good, turns),
        np.tile(night[good], turns),
        np.repeat(np.arange(turns) == 0, len(good)),
    )


def _evidence(moments: Moments, zones: Polygons) -> Evidence:
    return evidence(moments, {kind: [[(x, y) for x, y in p] for p in polygons] for kind, polygons in zones.items()})


def _elsewhere(zones: Polygons, rng: np.random.Generator) -> Polygons:
    """The zones with their kinds mixed up: a cat may sleep in its litter box, and sit where no bowl is."""
    kinds = list(zones)
    return {kind: zones[kinds[other]] for kind, other in zip(kinds, rng.permutation(len(kinds)), strict=True)}


def _truth(
    samples: pd.DataFrame, truth: pd.DataFrame, diary: Sequence[Episode]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What the cat of each sample does, -1 where it is no cat or hardly seen; and whether it is night."""
    doing, night = np.full(len(samples), -1), np.zeros(len(samples), bool)
    sides = ["x1", "y1", "x2", "y2"]
    at = {second: rows for second, rows in truth.groupby("second")}
    for index, row in enumerate(samples.itertuples()):
        there = at.get(int(row.ts.timestamp()))
        if there is None:
            continue
        shared = overlap(there[sides].to_numpy(np.float32), np.array([[row.x1, row.y1, row.x2, row.y2]], np.float32))
        best = there.iloc[int(shared[:, 0].argmax())]
        if shared.max() < SAME or best["hidden"] > MOST_HIDDEN:
            continue
        night[index] = best["light"] == "night"
        now = row.ts.to_pydatetime()
        own = next(e for e in diary if e.cat == best["cat"] and e.start <= now < e.end)
        doing[index] = BEHAVIOURS.index(own.behaviour)
    return doing, night
