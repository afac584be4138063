"""Stage `pose_evaluate`: every measured animal read by the network that never saw it, beside the mean pose."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from home.errors import WrongUse
from home.markdown import table
from home.pose_params import PoseExportParams, PoseTrainParams
from home.store import write_file
from models.detector.bootstrap import Estimate
from models.pose.animals import Animal, read_animals
from models.pose.crop import to_crop
from models.pose.judge import by_keypoint, judged, mean_pose
from models.pose.keypoints import KEYPOINTS
from models.pose.listing import read_listed
from models.pose.network import read_weights
from models.pose.readings import Readings, crops_of, joined, readings
from models.pose.reliability import confidence, crossed, fitted, hidden_joints, reliability, unmarked_joints
from models.pose.sheet import pose_sheet
from simulate.light import STYLES
from tasks.pose_prepare import drawn_close_ups
from tasks.pose_train import pose_weights
from tasks.training import run

__all__ = ["evaluation_page", "main", "pose_evaluate"]

RENDERED_SEED = 9
"""Far from that of any training: pictures drawn to fit and to test confidence."""
SHOWN = 24


def pose_evaluate(params: PoseExportParams, training: PoseTrainParams, listed: Path) -> dict[str, float]:
    """Measure the folds that were trained, and fit how confidence is told.

    `pose_export.evaluation` gets `evaluation.json` (figures with intervals, and the numbers of confidence that the export
    takes), `evaluation.md` and `predictions.png`.

    Returns:
        The figures by name.

    Raises:
        WrongUse: there is no list, or no fold was trained.
    """
    animals = [animal for animal in read_listed(listed) if animal.measured]
    done = {
        fold: path for fold in sorted({each.fold for each in animals}) if (path := _of_fold(training, fold)).is_file()
    }
    if not done:
        raise WrongUse(
            f"no fold was trained: no {_of_fold(training, 0)}; `python -m tasks.pose_train --set pose_train.fold=0` does it"
        )
    folder = Path(params.evaluation)
    networks = {fold: read_weights(path) for fold, path in done.items()}
    drawn = {style: _drawn(folder / f"drawn-{style}", params.rendered, style) for style in STYLES}
    held_out = [[each for each in animals if each.fold == fold] for fold in done]
    real = [readings(network, mine) for network, mine in zip(networks.values(), held_out, strict=True)]
    rendered = {
        style: [readings(network, cats) for network in networks.values()] for style, cats in drawn.items() if cats
    }
    learned = rendered.get(STYLES[0], [])
    sure = fitted([*real, *learned])
    tree = _tree(joined(real), [each for mine in held_out for each in mine], crossed(real, learned), params.draws)
    tree["sure"], tree["folds"] = sure, sorted(done)
    for style, parts in rendered.items():
        told = joined(parts)
        said = confidence(told, sure)
        tree["drawn"][style] = {**reliability(told, said), **hidden_joints(told, said)}
    write_file(folder / "evaluation.json", (json.dumps(tree, indent=1) + "\n").encode())
    write_file(folder / "evaluation.md", evaluation_page(tree).encode())
    sheet = _sheet(next(iter(networks.values())), held_out[0], sure)
    write_file(folder / "predictions.png", cv2.imencode(".png", sheet[..., ::-1])[1].tobytes())
    return {"animals": float(len(joined(real))), **{name: told["value"] for name, told in tree["network"].items()}}


def _of_fold(training: PoseTrainParams, fold: int) -> Path:
    return pose_weights(training.model_copy(update={"fold": fold}))


def _drawn(folder: Path, count: int, style: str) -> list[Animal]:
    return read_animals(drawn_close_ups(folder, count, RENDERED_SEED, style)) if count else []


def _tree(told: Readings, animals: Sequence[Animal], said: np.ndarray, times: int) -> dict[str, Any]:
    """Everything that is measured on the real animals."""
    plain = mean_pose(told, animals)
    points = by_keypoint(told, times)
    return {
        "animals": len(told),
        "network": _rounded(judged(told, said.mean(1), times)),
        "mean pose": _rounded(judged(plain, np.ones(len(told)), times)),
        "keypoints": {name: {"marked": count, **_rounded({"pck": figure})["pck"]} for name, (count, figure) in points.items()},
        "confidence": {**reliability(told, said), **unmarked_joints(told, said)},
        "drawn": {},
    }  # fmt: skip


def _rounded(figures: dict[str, Estimate]) -> dict[str, dict[str, float]]:
    return {
        name: {key: round(value, 4) for key, value in dataclasses.asdict(figure).items()}
        for name, figure in figures.items()
    }


def _sheet(network: Any, animals: Sequence[Animal], sure: Sequence[float]) -> np.ndarray:
    """Held-out animals with what was found in orange, and what people marked in blue."""
    import torch

    network.sure.copy_(torch.tensor(list(sure)))
    shown = animals[:: max(1, len(animals) // SHOWN)][:SHOWN]
    crops, true = [], []
    for animal, (crop, square, (height, width)) in zip(shown, crops_of(shown, network.size), strict=True):
        places = to_crop(animal.keypoints[:, :2], square, height, width)
        crops.append(crop)
        true.append(np.concatenate([places, animal.keypoints[:, 2:]], 1))
    with torch.no_grad():
        told = network.told(torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255).numpy()
    return pose_sheet(crops, list(told[:, : 3 * len(KEYPOINTS)].reshape(len(crops), -1, 3)), true)


def evaluation_page(tree: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    told = {name: {key: _said(figure) for key, figure in tree[name].items()} for name in ("network", "mean pose")}
    points = [[name.replace("_", " "), row["marked"], _said(row)] for name, row in tree["keypoints"].items()]
    sets = {"photos, left out": tree["confidence"], **{f"drawn, {style}": row for style, row in tree["drawn"].items()}}
    return "\n\n".join(
        [
            f"{tree['animals']} animals, each read in its true box by a network that never saw its picture; folds "
            f"{', '.join(map(str, tree['folds']))}. Intervals: 95 of 100 resamples of the pictures.",
            table(["", "PCK@0.1", "OKS-AP"], [[name, row["pck"], row["oks_ap"]] for name, row in told.items()]),
            table(["keypoint", "marked", "PCK@0.1"], points),
            "A joint is *read* from a confidence of 0.5 on. Errors in longer sides of the box.",
            table(["", *_COLUMNS.values()], [[name, *(row.get(key, "") for key in _COLUMNS)] for name, row in sets.items()]),
        ]
    ) + "\n"  # fmt: skip


_COLUMNS = {
    "read": "seen joints read",
    "right_of_read": "right of these",
    "mean_error_of_read": "their mean error",
    "mean_error_of_all": "mean error of all",
    "ece": "ECE",
    "auc_seen": "AUC seen or hidden",
    "hidden_but_sure": "hidden, read",
    "auc_marked": "AUC marked or not",
    "unmarked_but_sure": "unmarked, read",
}


def _said(figure: Mapping[str, float]) -> str:
    return str(Estimate(figure["value"], figure["low"], figure["high"]))


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.pose_evaluate`."""
    return run(
        lambda params: pose_evaluate(params.pose_export, params.pose_train, Path(params.pose_prepare.animals)), argv
    )


if __name__ == "__main__":
    raise SystemExit(main())
