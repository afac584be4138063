"""The files of one training: fp32, fp16, INT8, each held against the network as PyTorch runs it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from home.training_params import EvaluateParams, ExportParams
from models.detector.export import describe_export, to_onnx
from models.detector.fidelity import Fidelity, largest_difference, lost_too_much
from models.detector.judge import judge, of_pictures, versus
from models.detector.pictures import Picture, read_image
from models.detector.precision import calibration_inputs, to_fp16, to_int8
from models.detector.predict import Detector
from models.detector.torch_network import TorchNetwork

__all__ = ["Variants"]

COMPARED = 16  # pictures on which outputs are compared number by number


class Variants:
    """Makes the files of a training in a folder; `make` one after another.

    Args:
        params: of the export.
        weights: the trained `.pt`.
        listed: all pictures; INT8 is calibrated on those of `train`, files are compared on those of `measuring.split`.
        classes: what the weights tell apart.
        measuring: score, threads and resamples of the comparison.
        room: an empty folder.
        figures: that go into each description.

    Raises:
        ModelError: the weights are missing, damaged or of other classes.
    """

    def __init__(
        self,
        params: ExportParams,
        weights: Path,
        listed: Sequence[Picture],
        classes: Sequence[str],
        measuring: EvaluateParams,
        room: Path,
        figures: dict[str, float],
    ) -> None:
        self._params, self._measuring, self._classes, self._figures = params, measuring, classes, figures
        self._onnx = room / "detector.onnx"
        to_onnx(
            weights, room, image_size=params.image_size, head=params.head, opset=params.opset, classes=classes
        ).replace(self._onnx)
        self._learned = [picture.path for picture in listed if picture.split == "train"]
        self._held_out = of_pictures("held out", [picture for picture in listed if picture.split == measuring.split])
        self._network = TorchNetwork(weights, head=params.head, threads=measuring.threads)
        described = describe_export(self._onnx, params, classes=classes)
        torch = Detector(self._onnx, described, threads=1, classes=classes, network=self._network)
        self._torch = judge("torch", torch, self._held_out, confidence=measuring.confidence, times=measuring.draws)

    def make(self, precision: str) -> Fidelity:
        """Write one file with its description; one that lost too much is taken away again, and says so."""
        file, told = self._onnx, self._onnx.with_name("model.json")
        kept: list[str] = []
        if precision != "fp32":
            file = self._onnx.with_name(f"detector-{precision}.onnx")
            told = file.with_suffix(".json")
            kept = self._convert(precision, file)
        suffix = "" if precision == "fp32" else f"-{precision}"
        named = self._params.model_copy(update={"name": self._params.name + suffix})
        describe_export(file, named, self._figures, classes=self._classes).write(told)
        result = self._against(precision, file, kept)
        if result.refused and precision != "fp32":
            file.unlink()
            told.unlink()
        return result

    def _convert(self, precision: str, file: Path) -> list[str]:
        if precision == "fp16":
            to_fp16(self._onnx, file)
            return []
        step = max(1, len(self._learned) // self._params.calibration)  # spread over the list: every source is in
        chosen = self._learned[::step][: self._params.calibration]
        return to_int8(self._onnx, file, calibration_inputs(map(read_image, chosen), self._params.image_size))

    def _against(self, precision: str, file: Path, kept: Sequence[str]) -> Fidelity:
        confidence, times = self._measuring.confidence, self._measuring.draws
        detector = Detector.load(file, threads=self._measuring.threads, classes=self._classes)
        verdict = judge(precision, detector, self._held_out, confidence=confidence, times=times)
        change = versus(self._torch, verdict, self._held_out, confidence=confidence, times=times)
        batches = calibration_inputs(islice(self._held_out.images(), COMPARED), self._params.image_size)
        pixels, score = largest_difference(self._network, detector.network, batches, self._params.head)
        refused = lost_too_much(change, self._params.most_lost)
        return Fidelity(precision, file.stat().st_size / 1e6, pixels, score, change, kept, refused)
