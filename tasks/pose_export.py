"""Stage `pose_export`: the trained pose network as the ONNX file that CatML runs, held against PyTorch, with its card."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from home.errors import ModelError, WrongUse
from home.pose_params import PoseExportParams, PoseTrainParams
from models.detector.precision import to_fp16
from models.pose.card import pose_card
from models.pose.export import describe_pose, export_pose, lost
from models.pose.listing import read_listed
from models.pose.predict import PoseReader
from models.pose.readings import crops_of
from models.strangers import FILE
from tasks.coats import strangers_from
from tasks.pose_evaluate import evaluation_page
from tasks.pose_train import pose_weights
from tasks.training import run

__all__ = ["main", "pose_export"]

COMPARED = 64  # animals on which the file is held against PyTorch
MOST_PIXELS, MOST_SURE = 1.0, 0.02
"""What a joint and a confidence may lose before the file is refused: less than people scatter by. Our choice."""
WITHIN = 0.98
"""Share of the joints that may lose no more by rounding; before it all of them. Our choice."""


def pose_export(params: PoseExportParams, training: PoseTrainParams, listed: Path) -> dict[str, float]:
    """Write the model's folder: `pose.onnx`, `model.json`, `strangers.npz`, `metrics.json`, the card.

    `pose_export.folder=models/pose/weights` makes it the network that CatML ships.

    Returns:
        The figures that went into the description.

    Raises:
        WrongUse: the list or the figures are missing.
        ModelError: the weights are missing or damaged, or the file says something else than PyTorch.
    """
    told = Path(params.evaluation) / "evaluation.json"
    if not told.is_file():
        raise WrongUse(f"no figures at {str(told)!r}; `python -m tasks.pose_evaluate` writes them")
    tree = json.loads(told.read_text(encoding="utf-8"))
    animals = read_listed(listed)
    folder, room = Path(params.folder), Path(f"{params.folder}.part-{os.getpid()}")
    room.mkdir(parents=True)
    try:
        exact = room / "exact.onnx"
        network = export_pose(pose_weights(training), exact, sure=tree["sure"], opset=params.opset, exact=True)
        shown = [each for each in animals if each.measured]
        crops = [crop for crop, _, _ in crops_of(shown[:: max(1, len(shown) // COMPARED)][:COMPARED], network.size)]
        _hold("exported", lost(network, exact, crops))
        to_fp16(exact, room / "pose.onnx")
        exact.unlink()
        gap = lost(network, room / "pose.onnx", crops, within=WITHIN)
        _hold("rounded", gap)
        figures = {"animals": float(tree["animals"]), **{name: row["value"] for name, row in tree["network"].items()}}
        description = describe_pose(room / "pose.onnx", params.name, network.size, figures)
        description.write(room / "model.json")
        strangers, whose = strangers_from(
            PoseReader.load(room / "pose.onnx", runtime="onnxruntime"), animals, params.species, params.portraits,
            listed.parent / "portraits",
        )  # fmt: skip
        strangers.write(room / FILE)
        named = training.model_copy(update={"image_size": network.size})
        learned = [each for each in animals if training.fold is None or each.fold != training.fold]
        card = pose_card(
            description, learned, named, params, evaluation=evaluation_page(tree), lost=gap, strangers=whose
        )
        (room / "README.md").write_text(card, encoding="utf-8")
        (room / "metrics.json").write_text(json.dumps(tree, indent=1) + "\n", encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(room.iterdir()):
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return figures


def _hold(which: str, gap: tuple[float, float, float]) -> None:
    if gap[0] > MOST_PIXELS or gap[1] > MOST_SURE:
        raise ModelError(
            f"the {which} file places joints {gap[0]:.2g} pixels and tells confidence {gap[1]:.2g} apart from PyTorch, "
            f"allowed are {MOST_PIXELS:g} and {MOST_SURE:g}: nothing is written"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.pose_export`."""
    return run(
        lambda params: pose_export(params.pose_export, params.pose_train, Path(params.pose_prepare.animals)), argv
    )


if __name__ == "__main__":
    raise SystemExit(main())
