"""Stage `evaluate`: the trained detector, as it will be shipped, against the held-out pictures."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from home.training_params import EvaluateParams, ExportParams
from models.detector.classes import read_classes
from models.detector.export import describe_export, to_onnx
from models.detector.listing import read_listing
from models.detector.measure import measure
from models.detector.predict import Detector
from tasks.train import trained_weights
from tasks.training import run

__all__ = ["evaluate", "main"]


def evaluate(params: EvaluateParams, weights: Path, pictures: Path, export: ExportParams) -> dict[str, float]:
    """Measure weights through the same ONNX file, runtime and reading that the night uses.

    Args:
        params: which split, and from which score a box counts as said.
        weights: the trained `.pt`.
        pictures: the list of pictures.
        export: how the weights will be exported.

    Returns:
        The figures of `models.detector.measure.Quality` by name, also written as JSON to `params.metrics`.

    Raises:
        WrongUse: there is no list, or its split is empty.
        ModelError: the weights cannot be exported.
    """
    measured = read_listing(pictures, params.split)
    with tempfile.TemporaryDirectory() as folder:
        onnx = to_onnx(weights, Path(folder), image_size=export.image_size, head=export.head, opset=export.opset)
        describe_export(onnx, export).write(onnx.with_name("model.json"))
        detector = Detector.load(onnx, threads=params.threads, classes=read_classes(pictures))
        figures = measure(detector, measured, confidence=params.confidence).figures()
    target = Path(params.metrics)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return figures


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.evaluate`."""
    return run(
        lambda params: evaluate(
            params.evaluate, trained_weights(params.train), Path(params.prepare.pictures), params.export
        ),
        argv,
    )


if __name__ == "__main__":
    raise SystemExit(main())
