"""Find the animals of pictures with an ONNX detector."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.detector.adapters import candidates
from models.detector.description import ModelDescription, describe, fingerprint_of, read_description
from models.detector.fusion import fused
from models.detector.letterbox import Letterbox, fit, place, to_picture
from models.detector.modes import Mode, in_mode
from models.detector.source import to_onnx_file
from models.network import Network, Precision, Runtime, Signature, open_network

__all__ = ["DEFAULT_WEIGHTS", "Detections", "Detector"]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "detector.onnx"
"""The detector that CatML ships."""

_STRIDE = 32
"""Coarsest grid of every YOLO of the contract, in pixels: canvas sides are multiples of it."""

_WEAK = 0.1
"""Share of the lowest score from which a box of one of two views is looked at."""


@dataclass(frozen=True)
class Detections:
    """What was found in one picture, best first.

    Attributes:
        boxes: `float32 [N,4]` x1 y1 x2 y2 as shares 0..1 of the picture.
        scores: `float32 [N]` 0..1.
        classes: `[N]` names.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.scores)


class Detector:
    """A detector that is ready to run; make one with `Detector.load`.

    Attributes:
        description: how it is read and what is known of it.
        classes: names of the classes it returns.
        fingerprint: SHA-256 over the weights, how they are read and the classes asked for: two detectors with the
            same one give the same boxes for the same picture.
    """

    def __init__(
        self,
        onnx: Path,
        description: ModelDescription | None,
        *,
        threads: int,
        classes: Sequence[str],
        runtime: Runtime = "onnxruntime",
        precision: Precision = "fp32",
        callers: int = 1,
        network: Network | None = None,
    ) -> None:
        self._network = network or open_network(
            onnx, threads=threads, callers=callers, runtime=runtime, precision=precision
        )
        signature = self._network.signature
        if description is None:
            description = describe(onnx, dict(signature.metadata), (signature.input, signature.output))
        self.description = description
        self.classes = tuple(classes)
        self._wanted = _numbers(description, self.classes, onnx)
        self._batch, sides = _input_shape(signature, onnx)
        if sides is not None and sides != (description.input_size,) * 2:
            raise ModelError(
                f"{str(onnx)!r} takes pictures of {sides[0]} x {sides[1]}, its description says {description.input_size}"
            )
        if sides is not None and description.second_size:
            raise ModelError(f"{str(onnx)!r} takes pictures of one size only: it can have no second_size")
        self._stride = _STRIDE if sides is None else None
        asked = ",".join(self.classes)
        reading = f"{fingerprint_of(onnx)}\n{description.reading()}\n{asked}"
        if self._network.runtime != "onnxruntime":  # rounds elsewhere: not the same boxes to the last bit
            reading += f"\n{self._network.runtime}"
        self.fingerprint = hashlib.sha256(reading.encode()).hexdigest()

    @classmethod
    def load(
        cls,
        source: str | Path = DEFAULT_WEIGHTS,
        *,
        threads: int = 2,
        classes: Sequence[str] = ("cat",),
        cache: str | Path | None = None,
        runtime: Runtime = "onnxruntime",
        mode: Mode = "fast",
        callers: int = 1,
    ) -> Detector:
        """Load a detector.

        Args:
            source: an ONNX file, with a `model.json` beside it or with Ultralytics' own metadata in it; a `.pt`
                file of Ultralytics; or the name of a model in its hub such as `yolo26n.pt`. Only a hub name makes
                the network asked, and only the two latter import Ultralytics.
            threads: threads that one run may use.
            classes: names of the classes to return.
            cache: folder where a converted `.pt` is kept; needed for a `.pt` only.
            runtime: what runs it; `auto` takes OpenVINO where it is installed.
            mode: which of the files and sizes that a `modes.json` beside the file offers.
            callers: threads that will ask it at once.

        Raises:
            ModelError: the weights are missing, damaged, of another kind, or have none of these classes; or a
                `.pt` was given without Ultralytics installed, or a hub name without a network.
        """
        offer = in_mode(to_onnx_file(source, cache=Path(cache) if cache is not None else None), mode)
        description = read_description(offer.file)
        if offer.input_size is not None and description is not None:
            sides = {"input_size": offer.input_size, "second_size": offer.second_size}
            description = description.model_copy(update={**sides, "mode": mode})
        return cls(
            offer.file,
            description,
            threads=threads,
            classes=classes,
            runtime=runtime,
            precision=offer.precision,
            callers=callers,
        )

    @property
    def network(self) -> Network:
        """What runs it."""
        return self._network

    @property
    def input_size(self) -> int:
        """Longer side in pixels that a picture is scaled to: frames of this size are not resampled."""
        return self.description.input_size

    def detect(self, images: Sequence[NDArray[np.uint8]], confidence: float = 0.25) -> list[Detections]:
        """Find animals.

        A picture's answer does not depend on the pictures it comes with. Pictures of one size are batched where the
        model has a fixed batch; a free batch runs one by one, which costs nothing on a CPU and keeps every bit.

        Args:
            images: RGB `uint8 [H,W,3]` each, of any size. Cheapest are frames whose longer side is `input_size`.
            confidence: lowest score to return, 0..1.

        Returns:
            One `Detections` per picture, in their order.

        Raises:
            ValueError: a picture has another shape or type.
        """
        for index, image in enumerate(images):
            if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
                raise ValueError(f"image {index} is {image.dtype} {list(image.shape)}, expected uint8 [H, W, 3]")
        if not (second := self.description.second_size):
            return self._look(images, self.input_size, confidence)
        # What is above `confidence` on the mean of both views may be well below it in one of them.
        looks = (self._look(images, side, confidence * _WEAK) for side in (self.input_size, second))
        pairs = zip(*looks, strict=True)
        return [
            Detections(*fused([(one.boxes, one.scores, one.classes) for one in pair], confidence)) for pair in pairs
        ]

    def _look(self, images: Sequence[NDArray[np.uint8]], side: int, confidence: float) -> list[Detections]:
        """One view of every picture."""
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, image in enumerate(images):
            groups[image.shape[:2]].append(index)
        found: dict[int, Detections] = {}
        for (height, width), members in groups.items():
            box = fit(height, width, side, stride=self._stride)
            for start in range(0, len(members), self._batch):
                part = members[start : start + self._batch]
                found.update(zip(part, self._run([images[i] for i in part], box, confidence), strict=True))
        return [found[index] for index in range(len(images))]

    def _run(self, images: list[NDArray[np.uint8]], box: Letterbox, confidence: float) -> list[Detections]:
        batch = np.zeros((self._batch, 3, *box.canvas), np.float32)
        for image, out in zip(images, batch, strict=False):
            place(image, box, out, levels=self.description.levels, bgr=self.description.colour == "bgr")
        output = self._network.run(batch)
        return [self._read(output[index], box, confidence) for index in range(len(images))]

    def _read(self, output: NDArray[np.float32], box: Letterbox, confidence: float) -> Detections:
        kind = self.description.output
        boxes, scores, numbers = candidates(output, kind, box.canvas, self._wanted, confidence)
        boxes = to_picture(boxes, box)
        inside = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        names = np.array(self.description.classes)[numbers[inside]]
        return Detections(boxes[inside], scores[inside], names)


def _numbers(description: ModelDescription, classes: tuple[str, ...], onnx: Path) -> NDArray[np.int64]:
    missing = [name for name in classes if name not in description.classes]
    if missing or not classes:
        known = ", ".join(description.classes[:20]) + (" …" if len(description.classes) > 20 else "")
        raise ModelError(f"{str(onnx)!r} has no class {', '.join(missing) or '(none asked for)'}; it has: {known}")
    return np.array(sorted(description.classes.index(name) for name in classes), np.int64)


def _input_shape(signature: Signature, onnx: Path) -> tuple[int, tuple[int, int] | None]:
    """Batch (1 where open) and sides (None where open) of the model's input."""
    shape = signature.input
    if len(shape) != 4 or signature.kind != "tensor(float)" or shape[1] not in (3, -1):
        raise ModelError(f"{str(onnx)!r} takes {signature.kind} {shape}; a detector takes tensor(float) [N, 3, S, S]")
    batch, _, height, width = shape
    return max(batch, 1), (height, width) if height > 0 and width > 0 else None
