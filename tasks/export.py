"""Stage `export`: the trained weights as ONNX, with their description and their card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from home.errors import WrongUse
from home.training_params import ExportParams, TrainParams
from models.detector.card import model_card
from models.detector.classes import read_classes
from models.detector.export import describe_export, to_onnx
from models.detector.listing import read_listing
from tasks.train import trained_weights
from tasks.training import run

__all__ = ["export", "main"]


def export(params: ExportParams, training: TrainParams, pictures: Path, metrics: Path) -> dict[str, float]:
    """Write `detector.onnx`, `model.json` and `README.md` into `params.folder`.

    Args:
        params: name, head and place of the export.
        training: how the weights were trained; says where they are.
        pictures: the list of pictures they were trained on.
        metrics: JSON of the stage `evaluate`.

    Returns:
        The figures that went into the description.

    Raises:
        WrongUse: the list or the figures are missing.
        ModelError: the weights are missing or cannot be exported.
    """
    if not metrics.is_file():
        raise WrongUse(f"no figures at {str(metrics)!r}; `python -m tasks.evaluate` writes them")
    figures: dict[str, float] = json.loads(metrics.read_text(encoding="utf-8"))
    folder = Path(params.folder)
    made = to_onnx(
        trained_weights(training), folder, image_size=params.image_size, head=params.head, opset=params.opset
    )
    onnx = folder / "detector.onnx"
    made.replace(onnx)
    description = describe_export(onnx, params, figures, classes=read_classes(pictures))
    description.write(folder / "model.json")
    card = model_card(description, read_listing(pictures), training, sources=params.sources, notes=params.notes)
    (folder / "README.md").write_text(card, encoding="utf-8")
    return figures


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.export`."""
    return run(
        lambda params: export(
            params.export, params.train, Path(params.prepare.pictures), Path(params.evaluate.metrics)
        ),
        argv,
    )


if __name__ == "__main__":
    raise SystemExit(main())
