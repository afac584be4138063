"""Single photos of known behaviour as moments: no burst, no neighbour in time, no zone; folders named for what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.arrays import read_arrays, write_arrays
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS, known
from home.folder import PROJECT
from models.behaviour.body import Moments
from models.behaviour.evidence import evidence
from models.detector.labels import KINDS
from models.detector.pictures import read_image
from models.detector.predict import Detector
from models.detector.split import copy_groups, difference_hash
from models.pose.predict import PoseReader

__all__ = ["LEAST", "SAME_BITS", "Photographed", "dealt", "labelled_photos", "read_photographed", "write_photographed"]

LEAST = 0.1  # score from which a box is taken: a folder's photos show a cat each
SAME_BITS = 6  # of 64 in which hashes of one photo differ, as `prepare` has it
EVERYWHERE = np.array([0, 0, 1, 1], np.float32)


@dataclass(frozen=True)
class Photographed:
    """Photos as moments.

    Attributes:
        names: of the evidence `[M]`.
        values, known: evidence and mask `[N, M]`.
        truth: index of the behaviour in BEHAVIOURS `[N]`.
        fold: number of the part that it is measured with `[N]`; copies of one photo have one.
        found: whether the detector found a cat; else the whole photo was read `[N]`.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    known: NDArray[np.bool_]
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]
    found: NDArray[np.bool_]


def labelled_photos(folders: Sequence[str], rename: Sequence[str]) -> list[tuple[Path, int]]:
    """The photos of folders `FOLDER/BEHAVIOUR/*` and their behaviour, in order of folders and names.

    Args:
        folders: on this machine.
        rename: `name: behaviour` for folders that the ethogram has no name for, e.g. `loafing: other`.

    Raises:
        WrongUse: a folder is missing or holds no photo, or is named for no behaviour.
    """
    names = dict(line.split(": ", 1) for line in rename)
    found = []
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise WrongUse(f"behaviour_prepare.photos: found no folder {str(folder)!r}")
        for inner in sorted(each for each in folder.iterdir() if each.is_dir()):
            label = BEHAVIOURS.index(known("behaviour", names.get(inner.name, inner.name), BEHAVIOURS))
            found += [(path, label) for path in sorted(inner.iterdir()) if path.suffix.lower() in KINDS]
    if folders and not found:
        raise WrongUse(
            f"behaviour_prepare.photos: {', '.join(folders)} hold no photo; they must be FOLDER/BEHAVIOUR/*.jpg"
        )
    return found


def write_photographed(path: Path, photos: Sequence[tuple[Path, int]], pose_model: Path, folds: int, seed: int) -> None:
    """Read photos as the night reads a sample, and keep their moments. Same photos and networks, same bytes.

    Args:
        path: an `.npz`.
        photos: from `labelled_photos`.
        pose_model: ONNX file.
        folds: parts to measure with.
        seed: of the parts.
    """
    detector = Detector.load(threads=1, mode="accurate")
    reader = PoseReader.load(PROJECT / pose_model, runtime="onnxruntime")
    boxes, aspects, keypoints, looks, found, hashes = [], [], [], [], [], []
    for file, _ in photos:
        picture = read_image(file)
        seen = detector.detect([picture], LEAST)[0]
        box = seen.boxes[0] if len(seen) else EVERYWHERE
        read = reader.read(picture, box[None], coats_too=False)
        boxes.append(box)
        aspects.append(picture.shape[1] / picture.shape[0])
        keypoints.append(read.keypoints[0])
        looks.append(read.looks[0])
        found.append(bool(len(seen)))
        hashes.append(difference_hash(picture))
    count = len(photos)
    moments = Moments(
        np.arange(count, dtype=float), np.arange(count), np.array(boxes, float), np.array(aspects),
        np.array(keypoints, float), looks=np.array(looks, float),
    )  # fmt: skip
    told = evidence(moments)
    truth = np.array([label for _, label in photos], np.int64)
    photographed = Photographed(
        told.names,
        told.values,
        told.known,
        truth,
        dealt(copy_groups(hashes, SAME_BITS), truth, folds, seed),
        np.array(found),
    )
    write_arrays(path, vars(photographed))


def read_photographed(path: Path) -> Photographed:
    """What `write_photographed` wrote."""
    return read_arrays(path, Photographed)


def dealt(groups: Sequence[int], truth: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """A part for each photo `[N]`: those of one group go together, and each behaviour is dealt out evenly."""
    order = np.random.default_rng((seed, 47)).permutation(len(groups))
    parts: dict[int, int] = {}
    counts = np.zeros(len(BEHAVIOURS), int)
    for index in order:
        if groups[index] not in parts:
            parts[groups[index]] = int(counts[truth[index]] % folds)
            counts[truth[index]] += 1
    return np.array([parts[group] for group in groups], np.int64)
