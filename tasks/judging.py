"""What the classifier says of the moments of a camera's day, from that day's own tables alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.champion import behaviour_model
from home.ethogram import UNKNOWN
from home.folder import Home
from home.look import BEHAVIOURS
from home.manifest import CameraManifest, read_manifest
from home.names import with_names
from home.tables import DETECTIONS, FRAMES, IDENTITIES, POSES, fingerprint_of
from models.behaviour.body import Moments
from models.behaviour.bout_model import read_bout_model
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import ZONE_KINDS, Evidence, evidence
from models.behaviour.smoother import with_share
from tasks.moments import moments_of, sorted_samples

__all__ = ["Judged", "as_told", "eyes_of", "judged", "load_classifier", "made_from", "read_moments"]

VERSION = 2  # raised when the same input would be judged otherwise


@dataclass(frozen=True)
class Judged:
    """N moments of a camera's day, by track, then by time.

    Attributes:
        samples: rows of the detections with their cats.
        whose: the cat with whose past each is compared `[N]`: its own, or that of a home's only cat.
        own: their evidence.
        told: how likely each behaviour is `[N,B]`.
        names: of the behaviours `[B]`.
        best: the likeliest, index into BEHAVIOURS `[N]`, negative where that has no such behaviour.
        length_s: of the burst after each sample `[N]`.
        posed: how many of them have a pose.
    """

    samples: pd.DataFrame
    whose: pd.Series
    own: Evidence
    told: NDArray[np.float64]
    names: list[str]
    best: NDArray[np.int8]
    length_s: NDArray[np.float64]
    posed: int


def load_classifier(home: Home) -> BehaviourReader:
    """The classifier that params.yaml names, or the home's own that stands for it, loaded once in a process.

    Raises:
        ModelError: if it cannot be loaded.
    """
    return _load(str(behaviour_model(home)))


@lru_cache(maxsize=4)
def _load(source: str) -> BehaviourReader:
    return BehaviourReader.load(source)


def made_from(home: Home, date: dt.date, camera: str, reader: BehaviourReader) -> str | None:
    """The fingerprint of all that `judged` is made from; None if nobody has looked at that day.

    No other day is in it, so that a day that is judged again changes those after it only where it says something else.
    """
    tables = home.tables
    found = tables.fingerprint(DETECTIONS, date, camera)
    if found is None:
        return None
    posed = _posed(home, date, camera)
    return fingerprint_of(
        version=VERSION, detections=found, poses=posed, zones=_zones(home, camera), aspect=_aspect(home, date, camera),
        identities=tables.fingerprint(IDENTITIES, date) if posed else None, model=reader.fingerprint,
        lone=_lone(home, date),
    )  # fmt: skip


def eyes_of(home: Home, date: dt.date, camera: str, reader: BehaviourReader) -> str:
    """The networks that looked at a camera's day, as one short text: days with the same one can be compared."""
    detector = home.tables.notes(DETECTIONS, date, camera).get("model")
    network = home.tables.notes(POSES, date, camera).get("network")
    return fingerprint_of(detector=detector, pose=network, classifier=reader.fingerprint)[:16]


def read_moments(home: Home, date: dt.date, camera: str) -> tuple[pd.DataFrame, Moments]:
    """The samples of a camera's local day, and the moment of each, from the tables."""
    tables = home.tables
    samples = sorted_samples(with_names(home, tables.read(DETECTIONS, date, camera), date, camera))
    poses = tables.read(POSES, date, camera) if _posed(home, date, camera) else POSES.empty()
    return samples, moments_of(samples, tables.read(FRAMES, date, camera), poses, _aspect(home, date, camera))


def as_told(reader: BehaviourReader, own: Evidence) -> NDArray[np.float64]:
    """How likely each behaviour of the classifier is in a home `[N, K]`."""
    told, names = reader.probabilities(own).astype(np.float64), reader.description.behaviours
    if not reader.description.share:
        return told
    life = read_bout_model()  # it learned from moments that are chosen; a life has other shares
    shares = np.array([life.share[life.behaviours.index(name)] for name in names])
    return with_share(told, np.array(reader.description.share), shares)


def judged(home: Home, date: dt.date, camera: str, reader: BehaviourReader) -> Judged:
    """Judge the moments of a camera's local day."""
    samples, moments = read_moments(home, date, camera)
    own = evidence(moments, _zones(home, camera))
    told, names = as_told(reader, own), reader.description.behaviours
    order = {name: place for place, name in enumerate(BEHAVIOURS)}
    best = told.argmax(axis=1) if len(told) else np.zeros(0, np.int64)
    length = np.zeros(len(samples)) if moments.burst_s is None else np.nan_to_num(moments.burst_s).max(axis=1)
    places = np.array([order.get(name, -1) for name in names], np.int8)
    whose = samples["cat"].astype(str).replace({UNKNOWN: _lone(home, date)})
    posed = 0 if moments.keypoints is None else int(np.isfinite(moments.keypoints[..., 2]).all(axis=1).sum())
    return Judged(samples, whose, own, told, names, places[best], length, posed)


def _lone(home: Home, date: dt.date) -> str:
    """Whose a cat is that nobody recognised: the only one of home.yaml, if none is known by its looks; else nobody's."""
    cats = list(home.config.cats)
    return cats[0] if len(cats) == 1 and home.tables.fingerprint(IDENTITIES, date) is None else UNKNOWN


def _posed(home: Home, date: dt.date, camera: str) -> str | None:
    """What the poses were made from. Those that an earlier night read are of no use once there is no network for new ones."""
    return home.tables.fingerprint(POSES, date, camera) if home.params.pose.model else None


def _zones(home: Home, camera: str) -> dict[str, list[list[tuple[float, float]]]]:
    return {kind: home.camera(camera).zones_of(kind) for kind in ZONE_KINDS}


def _aspect(home: Home, date: dt.date, camera: str) -> float:
    """Width over height of the camera's pictures, as most of the day's chunks have it."""
    chunks = read_manifest(home.data, date).cameras.get(camera, CameraManifest()).chunks
    shapes = pd.Series([chunk.width / chunk.height for chunk in chunks], dtype=float)
    return float(shapes.mode().iloc[0]) if len(shapes) else 4 / 3
