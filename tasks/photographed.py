"""Single photos of known behaviour as moments: no burst, no neighbour in time, no zone.

Photos come from folders that are named for what they show, and from a list that says of cats in other pictures what they do.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
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
from models.pose.views import recoloured

__all__ = [
    "LEAST", "LIST_COLUMNS", "SAME_BITS", "Photo", "Photographed", "dealt", "labelled_photos", "listed_photos",
    "read_photographed", "write_photographed",
]  # fmt: skip

LEAST = 0.1  # score from which a box is taken: a folder's photos show a cat each
SAME_BITS = 6  # of 64 in which hashes of one photo differ, as `prepare` has it
EVERYWHERE = np.array([0, 0, 1, 1], np.float32)
LIST_COLUMNS = ("picture", "x0", "y0", "x1", "y1", "behaviour")
SEEN_TIMES = 500
"""About so often a behaviour is seen in all views of its photos: rare ones from many sides, frequent ones twice."""
JITTER, SMALLEST, LARGEST = 0.08, 60, 220  # of a view: shares of the box; longer side of the cat in pixels


@dataclass(frozen=True)
class Photo:
    """A cat in a picture.

    Attributes:
        path: the picture.
        behaviour: index in BEHAVIOURS.
        box: x0 y0 x1 y1 of the cat in pixels; None: the detector finds it.
    """

    path: Path
    behaviour: int
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Photographed:
    """Views of photos as moments.

    Attributes:
        names: of the evidence `[M]`.
        values, known: evidence and mask `[N, M]`.
        truth: index of the behaviour in BEHAVIOURS `[N]`.
        fold: number of the part that it is measured with `[N]`; copies of one photo have one.
        found: whether the cat's place is known, from the list or the detector; else the whole photo was read `[N]`.
        listed: whether the photo is of the list `[N]`.
        view: 0 for the photo as it is; others are the same one mirrored, smaller, in other light `[N]`.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    known: NDArray[np.bool_]
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]
    found: NDArray[np.bool_]
    listed: NDArray[np.bool_]
    view: NDArray[np.int64]


def labelled_photos(folders: Sequence[str], rename: Sequence[str]) -> list[Photo]:
    """The photos of folders `FOLDER/BEHAVIOUR/*`, in order of folders and names.

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
            found += [Photo(path, label) for path in sorted(inner.iterdir()) if path.suffix.lower() in KINDS]
    if folders and not found:
        raise WrongUse(
            f"behaviour_prepare.photos: {', '.join(folders)} hold no photo; they must be FOLDER/BEHAVIOUR/*.jpg"
        )
    return found


def listed_photos(file: Path, pictures: Path) -> list[Photo]:
    """The cats of a list, in its order: CSV with the columns `picture x0 y0 x1 y1 behaviour`, boxes in pixels.

    Args:
        file: the list.
        pictures: the folder that its pictures are named from.

    Raises:
        WrongUse: list or picture is missing, a column too, or a line holds no box or no behaviour; says which line.
    """
    where = f"behaviour_prepare.listed: {str(file)!r}"
    if not file.is_file():
        raise WrongUse(f"{where} is not there")
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            if missing := set(LIST_COLUMNS) - set(rows.fieldnames or ()):
                names = ", ".join(sorted(missing))
                raise WrongUse(f"{where} has no column {names}; it must have {' '.join(LIST_COLUMNS)}")
            return [_listed(row, pictures, f"{where}, line {number}") for number, row in enumerate(rows, start=2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(f"{where} is no CSV in UTF-8 ({error})") from error


def _listed(row: dict[str, str], pictures: Path, where: str) -> Photo:
    path = pictures / row["picture"]
    if not path.is_file():
        raise WrongUse(f"{where}: found no picture {str(path)!r}")
    try:
        x0, y0, x1, y1 = (float(row[name]) for name in LIST_COLUMNS[1:5])
        label = BEHAVIOURS.index(known("behaviour", row["behaviour"], BEHAVIOURS))
    except (TypeError, ValueError, WrongUse) as error:
        raise WrongUse(f"{where}: {error}") from error
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        raise WrongUse(f"{where}: the box {x0:g} {y0:g} {x1:g} {y1:g} is empty; x0 < x1 and y0 < y1 are right")
    return Photo(path, label, (x0, y0, x1, y1))


def write_photographed(path: Path, photos: Sequence[Photo], pose_model: Path, folds: int, seed: int) -> None:
    """Read photos as the night reads a sample, and keep their moments. Same photos and networks, same bytes.

    Args:
        path: an `.npz`.
        photos: from `labelled_photos` and `listed_photos`.
        pose_model: ONNX file.
        folds: parts to measure with.
        seed: of the parts and views.

    Raises:
        WrongUse: a box lies outside of its picture.
    """
    detector = Detector.load(threads=1, mode="accurate")
    reader = PoseReader.load(PROJECT / pose_model, runtime="onnxruntime")
    truth = np.array([photo.behaviour for photo in photos], np.int64)
    listed = np.array([photo.box is not None for photo in photos])
    times = np.clip(SEEN_TIMES // np.maximum(np.bincount(truth, minlength=len(BEHAVIOURS)), 1), 2, 10)[truth]
    boxes, aspects, keypoints, looks, found, hashes = [], [], [], [], [], []
    for number, photo in enumerate(photos):
        picture = read_image(photo.path)
        hashes.append(difference_hash(picture))
        box = _box_of(photo, picture, detector)
        found.append(box is not None)
        rng = np.random.default_rng((seed, 53, number))
        for view in range(times[number]):
            seen, at = _view(picture, EVERYWHERE if box is None else box, view, rng)
            read = reader.read(seen, at[None], coats_too=False)
            boxes.append(at)
            aspects.append(seen.shape[1] / seen.shape[0])
            keypoints.append(read.keypoints[0])
            looks.append(read.looks[0])
    count = len(boxes)
    moments = Moments(
        np.arange(count, dtype=float), np.arange(count), np.array(boxes, float), np.array(aspects),
        np.array(keypoints, float), looks=np.array(looks, float),
    )  # fmt: skip
    told = evidence(moments)
    of = np.repeat(np.arange(len(photos)), times)
    photographed = Photographed(
        told.names,
        told.values,
        told.known,
        truth[of],
        _parts(copy_groups(hashes, SAME_BITS), truth, listed, folds, seed)[of],
        np.array(found)[of],
        listed[of],
        np.concatenate([np.arange(each) for each in times]),
    )
    write_arrays(path, vars(photographed))


def _box_of(photo: Photo, picture: NDArray[np.uint8], detector: Detector) -> NDArray[np.float32] | None:
    """Where the cat is, as shares of the picture; None where the detector sees none."""
    if photo.box is None:
        seen = detector.detect([picture], LEAST)[0]
        return seen.boxes[0] if len(seen) else None
    height, width = picture.shape[:2]
    if photo.box[0] >= width or photo.box[1] >= height:
        raise WrongUse(
            f"behaviour_prepare.listed: the box {' '.join(f'{edge:g}' for edge in photo.box)} lies outside of "
            f"{str(photo.path)!r}, which is {width} x {height}"
        )
    return np.clip(np.array(photo.box) / (width, height, width, height), 0, 1).astype(np.float32)


def _view(
    picture: NDArray[np.uint8], box: NDArray[np.float32], view: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """View 0 is the photo as it is; of others every second is mirrored, all as a camera further off might have shown them."""
    if view == 0:
        return picture, box
    if view % 2:
        picture, box = picture[:, ::-1], np.array([1 - box[2], box[1], 1 - box[0], box[3]], np.float32)
    sides = np.tile(box[2:] - box[:2], 2)
    box = np.clip(box + rng.uniform(-JITTER, JITTER, 4) * sides, 0, 1).astype(np.float32)
    longest = float((sides[:2] * picture.shape[1::-1]).max())
    smaller = min(1.0, rng.uniform(SMALLEST, LARGEST) / longest)
    shown = cv2.resize(np.ascontiguousarray(picture), None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
    return recoloured(rng, np.asarray(shown, np.uint8)), box


def _parts(
    groups: Sequence[int], truth: NDArray[np.int64], listed: NDArray[np.bool_], folds: int, seed: int
) -> NDArray[np.int64]:
    """A part for each photo: those of folders dealt out as if there were no list, and copies among the list go with them."""
    of, fold = np.asarray(groups), np.zeros(len(truth), np.int64)
    for kind in (~listed, listed):
        fold[kind] = dealt(of[kind].tolist(), truth[kind], folds, seed)
    first = dict(zip(of[~listed].tolist(), fold[~listed].tolist(), strict=True))
    return np.array([first.get(group, part) for group, part in zip(groups, fold, strict=True)], np.int64)


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
