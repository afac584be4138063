"""Stage `photo_train`: the reader of single photos, learned from photos of known behaviour and measured on those it never saw."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.arrays import write_arrays
from home.behaviour_params import BehaviourPrepareParams
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from models.behaviour.figures import confusion, expected_calibration_error, macro_f1
from models.detector.bootstrap import draws
from models.detector.description import fingerprint_of
from models.detector.pictures import read_image
from models.detector.predict import Detector
from models.detector.split import copy_groups, difference_hash
from models.photo.card import photo_card
from models.photo.learn import learn_reading, likeness_groups, out_of_fold
from models.photo.network import SIDE, write_network
from models.photo.predict import DEFAULT_WEIGHTS, READING, Looks, PhotoDescription
from tasks.photographed import EVERYWHERE, LEAST, SAME_BITS, dealt, labelled_photos
from tasks.training import run

__all__ = ["main", "photo_train", "reader_of"]

DRAWS = 1000


def reader_of(params: BehaviourPrepareParams) -> Path:
    """The folder that the reader is written to: beside the moments."""
    return Path(params.folder).with_name("photo")


def photo_train(params: BehaviourPrepareParams, network: Path | None = None) -> dict[str, float]:
    """Look at the photos, learn the reading, measure it, and write both with a card.

    Measured twice, each part by a reading of the others: in the parts that the behaviour network is measured in, where only
    copies of a photo go together, and in parts where photos of one scene do.

    Args:
        params: which photos; parts and seed.
        network: an ONNX file of looks; None takes the one that ships, or makes it where it is missing.

    Raises:
        ModelError: the network is missing and cannot be made.
        WrongUse: no folder is named, one is missing, a behaviour has fewer photos than there are parts, or they look alike.
    """
    photos = labelled_photos(params.photos, params.rename)
    truth = np.array([photo.behaviour for photo in photos], np.int64)
    labels, places = np.unique(truth, return_inverse=True)
    if len(labels) < 2 or np.bincount(places).min() < params.folds:
        raise WrongUse(
            f"behaviour_prepare.photos: {len(photos)} photos of {len(labels)} behaviours; it takes two, and {params.folds} "
            "photos of each at least"
        )
    target = reader_of(params)
    room = target.with_name(f"{target.name}.part-{os.getpid()}")
    room.mkdir(parents=True)
    try:
        onnx, source = room / DEFAULT_WEIGHTS.name, network or DEFAULT_WEIGHTS
        if source.is_file():
            shutil.copyfile(source, onnx)
        else:
            write_network(onnx)
        looks, hashes, found = _looked_at([photo.path for photo in photos], Looks(onnx, runtime="onnxruntime"))
        names = [BEHAVIOURS[label] for label in labels]
        fold = dealt(copy_groups(hashes, SAME_BITS), truth, params.folds, params.seed)
        scenes = likeness_groups(looks[:, looks.shape[1] // 2 :])
        by_scene = dealt(scenes, truth, params.folds, params.seed)
        _spread_out(places, by_scene, names)
        figures: dict[str, float] = {"photos": len(photos), "found": found, "scenes": len(set(scenes))}
        tables = {}
        for name, parts, groups in (
            ("", fold, copy_groups(hashes, SAME_BITS)),
            ("scenes_", by_scene, scenes),
        ):
            said = out_of_fold(looks, places, parts, names)
            figures |= {f"{name}{key}": value for key, value in _figures(places, said, groups).items()}
            tables[f"{name}confusion"] = confusion(places, said.argmax(axis=1), len(names)).tolist()
        figures = {name: round(value, 4) for name, value in figures.items()}
        # Those of one scene go together here too: what ships must be as sure as it may be of a room it has not seen.
        reading = learn_reading(looks, places, by_scene, names)
        write_arrays(room / READING, vars(reading))
        described = PhotoDescription(
            name="catml-photo", input_size=SIDE, metric=figures, fingerprint=fingerprint_of(onnx)
        )
        described.write(room / "model.json")
        (room / "metrics.json").write_text(json.dumps({"figures": figures, **tables}, indent=1) + "\n")
        card = photo_card(described, names, tables, np.bincount(places).tolist(), params)
        (room / "README.md").write_text(card, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        room.replace(target)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return figures


def _looked_at(files: Sequence[Path], looks: Looks) -> tuple[NDArray[np.float32], list[int], int]:
    """Looks `[N,F]` and hashes of the photos, and in how many the detector saw a cat; others are looked at as a whole."""
    detector = Detector.load(threads=1, mode="accurate")
    told, hashes, found = [], [], 0
    for file in files:
        picture = read_image(file)
        seen = detector.detect([picture], LEAST)[0]
        told.append(looks.of(picture, seen.boxes[:1] if len(seen) else EVERYWHERE[None])[0])
        hashes.append(difference_hash(picture))
        found += bool(len(seen))
    return np.array(told), hashes, found


def _spread_out(truth: NDArray[np.int64], fold: NDArray[np.int64], names: Sequence[str]) -> None:
    """Raises WrongUse where a behaviour is not in three parts: one to measure with, one to choose with, one to learn from."""
    for number, name in enumerate(names):
        if (parts := len(set(fold[truth == number].tolist()))) < 3:
            raise WrongUse(
                f"behaviour_prepare.photos: photos of {name} look so much alike that they make {parts} parts; it takes "
                "three: add photos from other places"
            )


def _figures(truth: NDArray[np.int64], said: NDArray[np.float64], groups: Sequence[int]) -> dict[str, float]:
    """Macro-F1 with what 95 of 100 resamples of the groups give, accuracy and calibration error."""
    best, rows = said.argmax(axis=1), np.arange(len(truth))
    each = [np.repeat(rows, weight.astype(int)) for weight in draws(len(truth), groups=groups, times=DRAWS)]
    low, high = np.quantile([macro_f1(truth[drawn], best[drawn]) for drawn in each], (0.025, 0.975))
    return {
        "macro_f1": macro_f1(truth, best), "macro_f1_low": float(low), "macro_f1_high": float(high),
        "right": float((best == truth).mean()), "ece": expected_calibration_error(truth, said),
    }  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.photo_train`."""
    return run(lambda params: photo_train(params.behaviour_prepare), argv)


if __name__ == "__main__":
    raise SystemExit(main())
