"""Stage `behaviour_train`: the behaviour network from prepared moments, calibrated and measured on homes it never saw."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.behaviour_params import BehaviourPrepareParams, BehaviourTrainParams
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from home.folder import PROJECT
from models.behaviour.card import behaviour_card
from models.behaviour.classifier import BehaviourReader, ClassifierDescription
from models.behaviour.figures import confusion, expected_calibration_error, macro_f1
from models.behaviour.learn import Examples, LearnSettings, calibrate, learn, to_onnx
from models.behaviour.replay import FILE, write_replay
from models.detector.bootstrap import draws
from models.detector.description import fingerprint_of
from models.drift import learn_trained, write_trained
from tasks.behaviour_board import BehaviourBoard
from tasks.behaviour_figures import measured
from tasks.behaviour_prepare import homes_of, photos_of
from tasks.drift import LOOKS
from tasks.drilled import Drilled, read_drilled
from tasks.photographed import Photographed, read_photographed
from tasks.replaying import replay_of
from tasks.training import run

__all__ = ["behaviour_train", "examples_of", "main"]

DRAWS = 1000  # resamples of the photos


def behaviour_train(params: BehaviourTrainParams, prepared: BehaviourPrepareParams) -> dict[str, float]:
    """Train, calibrate on half of the held-out homes, measure on the other half, and write the ONNX file.

    Beside it goes what `catml train behaviour` needs: a few of the moments (`models.behaviour.replay`).

    Every behaviour weighs the same: `share` of the description says so, and `behave` puts the shares of a life in its place.

    Photos are measured in parts, each by a network that learned from the others and from all homes.

    Returns:
        Macro-F1 of moments and the calibration error, with zones and without, by day and by night; of the photos too.

    Raises:
        WrongUse: homes are missing, fewer than two are held out, or a behaviour has no moment.
    """
    files, held_out = homes_of(prepared)
    for file in (*files, *held_out):
        if not file.is_file():
            raise WrongUse(f"no moments at {str(file)!r}; `python -m tasks.behaviour_prepare` writes them")
    if len(held_out) < 2:
        raise WrongUse(
            f"behaviour_prepare.held_out: found {len(held_out)}; it takes two homes, to calibrate and to measure"
        )
    learns, half = [read_drilled(file) for file in files], len(held_out) // 2
    calibrates, asked = ([read_drilled(file) for file in part] for part in (held_out[:half], held_out[half:]))
    examples, photos = examples_of(learns, params), _photos(prepared)
    folder = Path(params.folder)
    room = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    room.mkdir(parents=True)
    try:
        with BehaviourBoard(Path(prepared.folder).with_name("run-tensorboard"), BEHAVIOURS, params) as board:
            board.begin(0)
            settings = LearnSettings(**params.learning())
            taught = _with_photos(examples, photos, params)
            network = learn(taught, learns[0].names, BEHAVIOURS, settings, look=board.epoch)
            to_onnx(network, room / "behaviour.onnx")
            described = _described(
                network, room / "behaviour.onnx", learns[0].names, examples_of(calibrates, params), params
            )
            told = measured(BehaviourReader.load(room / "behaviour.onnx"), asked)
            figures, tables = told.figures, {"confusion": told.confusion.tolist()}
            if photos is not None:
                more, confused = _photo_figures(examples, photos, params, settings)
                figures, tables = figures | more, tables | confused
            board.end(network, figures, tables, told.told, told.truth)
        _write_looks(room / LOOKS, learns, prepared)
        described.model_copy(update={"metric": figures}).write(room / "model.json")
        (room / "metrics.json").write_text(json.dumps({"figures": figures, **tables}, indent=1) + "\n")
        write_replay(room / FILE, replay_of(learns, calibrates, asked, params))
        moments = np.concatenate([home.truth[home.right] for home in learns])
        counts = np.bincount(moments, minlength=len(BEHAVIOURS)).tolist()
        card = behaviour_card(described, figures, tables, prepared, params, counts)
        (room / "README.md").write_text(card, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        room.replace(folder)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return figures


def _described(
    network: Any, onnx: Path, names: Sequence[str], calibrates: Examples, params: BehaviourTrainParams
) -> ClassifierDescription:
    """The description of the exported network, calibrated; it is written beside it, without figures yet."""
    described = ClassifierDescription(
        name=params.name,
        evidence=list(names),
        behaviours=list(BEHAVIOURS),
        temperature=calibrate(network, calibrates),
        share=[1 / len(BEHAVIOURS)] * len(BEHAVIOURS),
        fingerprint=fingerprint_of(onnx),
    )
    described.write(onnx.with_name("model.json"))
    return described


def examples_of(homes: Sequence[Drilled], params: BehaviourTrainParams) -> Examples:
    """Rows of all homes; behaviours weigh the same in sum, rows with zones elsewhere `wrong_zones` of the others."""
    truth = np.concatenate([home.truth for home in homes])
    weight = np.concatenate([np.where(home.right, 1.0, params.wrong_zones) for home in homes])
    total = np.bincount(truth, weight, len(BEHAVIOURS))
    weight = weight * (len(truth) / len(BEHAVIOURS) / np.maximum(total, 1e-9))[truth]
    return Examples(
        np.concatenate([home.values for home in homes]),
        np.concatenate([home.known for home in homes]).astype(np.float32),
        truth,
        weight.astype(np.float32),
    )


def _photos(prepared: BehaviourPrepareParams) -> Photographed | None:
    """The photos to learn from, None where no folder is named."""
    if (file := photos_of(prepared)) is None:
        return None
    if not file.is_file():
        raise WrongUse(f"no photos at {str(file)!r}; `python -m tasks.behaviour_prepare` reads them")
    return read_photographed(file)


def _with_photos(
    examples: Examples, photos: Photographed | None, params: BehaviourTrainParams, left_out: int | None = None
) -> Examples:
    """The examples and the photos of all parts but one; those of a behaviour weigh `photos` of its moments in sum."""
    if photos is None:
        return examples
    rows = np.flatnonzero(photos.fold != (-1 if left_out is None else left_out))
    truth = photos.truth[rows]
    own = np.bincount(truth, minlength=len(BEHAVIOURS))
    total = np.bincount(examples.truth, examples.weight, len(BEHAVIOURS))
    weight = (params.photos * total / np.maximum(own, 1))[truth]
    return Examples(
        np.concatenate([examples.values, photos.values[rows]]),
        np.concatenate([examples.known, photos.known[rows].astype(np.float32)]),
        np.concatenate([examples.truth, truth]),
        np.concatenate([examples.weight, weight.astype(np.float32)]),
    )


def _photo_figures(
    examples: Examples, photos: Photographed, params: BehaviourTrainParams, settings: LearnSettings
) -> tuple[dict[str, float], dict[str, Any]]:
    """What networks that saw the other parts say of each photo as it is; without a zone, burst or neighbour.

    Returns:
        Figures and tables: `photos…` of those in folders, `listed…` of those on the list.
    """
    import torch

    said = np.zeros((len(photos.truth), len(BEHAVIOURS)))
    for part in np.unique(photos.fold):
        network = learn(_with_photos(examples, photos, params, int(part)), photos.names, BEHAVIOURS, settings)
        rows = photos.fold == part
        asked = np.concatenate([photos.values[rows], photos.known[rows]], axis=1).astype(np.float32)
        with torch.no_grad():
            said[rows] = network(torch.from_numpy(asked)).exp().numpy()
    figures: dict[str, float] = {}
    tables: dict[str, Any] = {}
    for kind, of in (("photos", ~photos.listed), ("listed", photos.listed)):
        if (rows := of & (photos.view == 0)).any():
            truth, told = photos.truth[rows], said[rows]
            figures |= _told(kind, truth, told)
            tables[f"{kind}_confusion"] = confusion(truth, told.argmax(axis=1), len(BEHAVIOURS)).tolist()
    return figures, tables


def _told(kind: str, truth: NDArray[np.int64], said: NDArray[np.float64]) -> dict[str, float]:
    """How many, macro-F1 with what 95 of 100 resamples give, and calibration error."""
    best = said.argmax(axis=1)
    low, high = np.quantile([_weighted_f1(truth, best, each) for each in draws(len(best), times=DRAWS)], (0.025, 0.975))
    figures = {
        kind: float(len(best)), f"{kind}_macro_f1": macro_f1(truth, best), f"{kind}_macro_f1_low": float(low),
        f"{kind}_macro_f1_high": float(high), f"{kind}_ece": expected_calibration_error(truth, said),
    }  # fmt: skip
    return {name: round(value, 4) for name, value in figures.items()}


def _weighted_f1(truth: NDArray[np.int64], found: NDArray[np.int64], weight: NDArray[np.int64]) -> float:
    """Macro-F1 of photos that were drawn so many times."""
    rows = np.repeat(np.arange(len(truth)), weight.astype(int))
    return macro_f1(truth[rows], found[rows])


def _write_looks(path: Path, homes: Sequence[Drilled], prepared: BehaviourPrepareParams) -> None:
    """What the animals looked like that were learned from, if they were looked at: stage `drift` compares others with them."""
    columns = [place for place, name in enumerate(homes[0].names) if name.startswith("look_")]
    network = PROJECT / prepared.pose
    if not columns or not network.is_file():
        return
    rows = [home.right & home.known[:, columns].all(axis=1) for home in homes]
    looks = np.concatenate([home.values[own][:, columns] for home, own in zip(homes, rows, strict=True)]).astype(float)
    if len(looks):
        write_trained(path, learn_trained(looks, fingerprint_of(network)[:16]))


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.behaviour_train`."""
    return run(lambda params: behaviour_train(params.behaviour_train, params.behaviour_prepare), argv)


if __name__ == "__main__":
    raise SystemExit(main())
