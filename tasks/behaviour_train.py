"""Stage `behaviour_train`: the behaviour network from prepared moments, calibrated and measured on homes it never saw."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.behaviour_params import BehaviourPrepareParams, BehaviourTrainParams
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from models.behaviour.classifier import BehaviourReader, ClassifierDescription
from models.behaviour.evidence import ZONES, Evidence
from models.behaviour.figures import confusion, expected_calibration_error, macro_f1
from models.behaviour.learn import Examples, LearnSettings, calibrate, learn, to_onnx
from models.detector.description import fingerprint_of
from tasks.behaviour_prepare import homes_of
from tasks.drilled import Drilled, read_drilled
from tasks.training import run

__all__ = ["behaviour_train", "main"]


def behaviour_train(params: BehaviourTrainParams, prepared: BehaviourPrepareParams) -> dict[str, float]:
    """Train, calibrate on half of the held-out homes, measure on the other half, and write the ONNX file.

    Every behaviour weighs the same: `share` of the description says so, and `behave` puts the shares of a life in its place.

    Returns:
        Macro-F1 of moments and the calibration error, with zones and without, by day and by night.

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
    names = learns[0].names
    network = learn(_examples(learns, params), names, BEHAVIOURS, LearnSettings(**params.learning()))
    folder = Path(params.folder)
    room = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    room.mkdir(parents=True)
    try:
        to_onnx(network, room / "behaviour.onnx")
        described = ClassifierDescription(
            name=params.name,
            evidence=list(names),
            behaviours=list(BEHAVIOURS),
            temperature=calibrate(network, _examples(calibrates, params)),
            share=[1 / len(BEHAVIOURS)] * len(BEHAVIOURS),
            fingerprint=fingerprint_of(room / "behaviour.onnx"),
        )
        described.write(room / "model.json")
        figures, table = _figures(BehaviourReader.load(room / "behaviour.onnx"), asked)
        described.model_copy(update={"metric": figures}).write(room / "model.json")
        (room / "metrics.json").write_text(
            json.dumps({"figures": figures, "confusion": table.tolist()}, indent=1) + "\n"
        )
        shutil.rmtree(folder, ignore_errors=True)
        room.replace(folder)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return figures


def _examples(homes: Sequence[Drilled], params: BehaviourTrainParams) -> Examples:
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


def _figures(reader: BehaviourReader, homes: Sequence[Drilled]) -> tuple[dict[str, float], NDArray[np.int64]]:
    """The figures, and the confusion of moments with zones where they belong: rows are true."""
    right = [home.right for home in homes]
    names, zones = homes[0].names, np.isin(homes[0].names, list(ZONES))
    values, known = (
        np.concatenate([getattr(home, what)[own] for home, own in zip(homes, right, strict=True)])
        for what in ("values", "known")
    )
    truth, night = (
        np.concatenate([getattr(home, what)[own] for home, own in zip(homes, right, strict=True)])
        for what in ("truth", "night")
    )
    told = reader.probabilities(Evidence(values, known, names))
    bare = reader.probabilities(Evidence(values, known & ~zones, names))
    figures = {"moments": float(len(truth)), "homes": float(len(homes))}
    parts = {"": truth >= 0, "_day": ~night, "_night": night}
    figures |= {
        f"macro_f1{name}": macro_f1(truth[part], told[part].argmax(axis=1))
        for name, part in parts.items()
        if part.any()
    }
    figures["macro_f1_no_zones"] = macro_f1(truth, bare.argmax(axis=1))
    figures["ece"] = expected_calibration_error(truth, told)
    return {name: round(value, 4) for name, value in figures.items()}, confusion(
        truth, told.argmax(axis=1), len(BEHAVIOURS)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.behaviour_train`."""
    return run(lambda params: behaviour_train(params.behaviour_train, params.behaviour_prepare), argv)


if __name__ == "__main__":
    raise SystemExit(main())
