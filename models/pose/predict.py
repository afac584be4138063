"""Read the pose of the animals of a picture with an ONNX network: one look gives joints, looks and the coat."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.coat import COAT, COATS, coat
from models.detector.description import fingerprint_of
from models.network import Network, Runtime, open_network
from models.pose.crop import cut, square_around, to_crop, to_picture
from models.pose.description import PoseDescription, read_pose_description

__all__ = ["DEFAULT_WEIGHTS", "PoseReader", "Read"]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "pose.onnx"
"""The pose network that CatML ships."""

_WHOLE = np.array([0, 0, 1, 1], np.float32)


@dataclass(frozen=True)
class Read:
    """What was read of the animals of one picture, in the order of their boxes.

    Attributes:
        keypoints: `float32 [N,K,3]`: x and y as shares 0..1 of the picture, confidence 0..1. A point that cannot be
            seen has a low confidence, and its place is a guess.
        looks: `float32 [N,D]`: what the network sees in the animal, of length 1 each; behaviour is read with it.
        coats: `float32 [N,COAT]`: its fur, as `models.coat` measures it; cats are told apart by it.
    """

    keypoints: NDArray[np.float32]
    looks: NDArray[np.float32]
    coats: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keypoints)


class PoseReader:
    """A pose network that is ready to run; make one with `PoseReader.load`.

    Attributes:
        description: how it is read and what is known of it.
        fingerprint: SHA-256 over the weights and how they are read: two readers with the same one read the same.
        weights: SHA-256 of the ONNX file: looks of two readers with the same one can be compared, whatever runs them.
    """

    def __init__(self, onnx: Path, description: PoseDescription, network: Network) -> None:
        self._network = network
        self.description = description
        signature = network.signature
        side, numbers = description.input_size, description.numbers
        if signature.kind != "tensor(float)" or signature.input[1:] != [3, side, side]:
            raise ModelError(
                f"{str(onnx)!r} takes {signature.kind} {signature.input}, its description says tensor(float) "
                f"[N, 3, {side}, {side}]"
            )
        if signature.output[1:] != [numbers]:
            raise ModelError(
                f"{str(onnx)!r} gives {signature.output}, expected [N, {numbers}]: x, y and confidence of "
                f"{len(description.keypoints)} keypoints and {description.looks} looks, as its description says"
            )
        self.weights = fingerprint_of(onnx)
        reading = f"{self.weights}\n{description.reading()}\n{COATS}"
        if network.runtime != "onnxruntime":  # rounds elsewhere: not the same to the last bit
            reading += f"\n{network.runtime}"
        self.fingerprint = hashlib.sha256(reading.encode()).hexdigest()

    @classmethod
    def load(
        cls,
        source: str | Path = DEFAULT_WEIGHTS,
        *,
        threads: int = 1,
        cache: str | Path | None = None,
        runtime: Runtime = "auto",
        callers: int = 1,
    ) -> PoseReader:
        """Load a pose network.

        Args:
            source: an ONNX file with a `model.json` (or `NAME.json`) beside it, or a `.pt` that was trained here.
            threads: threads that one run may use.
            cache: folder where a converted `.pt` is kept; needed for a `.pt` only.
            runtime: what runs it; `auto` takes OpenVINO where it is installed.
            callers: threads that will ask it at once.

        Raises:
            ModelError: the file is missing, damaged, of another kind or not described.
        """
        onnx = _onnx_file(Path(source), Path(cache) if cache is not None else None)
        network = open_network(onnx, threads=threads, callers=callers, runtime=runtime)
        description = read_pose_description(onnx)
        if description is None:
            raise ModelError(
                f"nothing says how to read {str(onnx)!r}: put its model.json beside it (name, input_size, keypoints, looks)"
            )
        return cls(onnx, description, network)

    @property
    def input_size(self) -> int:
        """Side in pixels of the crop that the network sees."""
        return self.description.input_size

    def read(self, picture: NDArray[np.uint8], boxes: NDArray[np.float32], *, coats_too: bool = True) -> Read:
        """Read every animal of a picture; the answer for a box does not depend on the other boxes.

        Args:
            picture: RGB `uint8 [h,w,3]`, as large as there is: a crop is scaled down, never up from a small frame.
            boxes: `float32 [N,4]` x1 y1 x2 y2 as shares 0..1 of the picture.
            coats_too: whether coats are measured; where they are not, they are NaN.

        Raises:
            ValueError: picture or boxes have another shape or type, or a box is empty.
        """
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
            raise ValueError(f"picture is {picture.dtype} {list(picture.shape)}, expected uint8 [h, w, 3]")
        boxes = np.asarray(boxes, np.float32)
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(f"boxes are {list(boxes.shape)}, expected [N, 4]")
        if not (boxes[:, 2:] > boxes[:, :2]).all():
            raise ValueError(f"a box is empty; found {boxes.tolist()}, expected x1 < x2 and y1 < y2")
        points = len(self.description.keypoints)
        keypoints = np.zeros((len(boxes), points, 3), np.float32)
        looks = np.zeros((len(boxes), self.description.looks), np.float32)
        coats = np.full((len(boxes), COAT), np.nan, np.float32)
        for number, box in enumerate(boxes):
            keypoints[number], looks[number], coats[number] = self._one(picture, box, coats_too)
        return Read(keypoints, looks, coats)

    def _one(
        self, picture: NDArray[np.uint8], box: NDArray[np.float32], coat_too: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | float]:
        height, width = picture.shape[:2]
        square = square_around(box, height, width, self.description.around)
        crop = cut(picture, square, self.input_size)
        batch = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        told = self._network.run(batch)[0]
        ends = 3 * len(self.description.keypoints)
        points = told[:ends].reshape(-1, 3).copy()
        points[:, 2] = np.clip(points[:, 2], 0, 1)
        fur: NDArray[np.float32] | float = np.nan
        if coat_too:
            own, whole = (
                to_crop(np.reshape(corners, (2, 2)), square, height, width).ravel() for corners in (box, _WHOLE)
            )
            fur = coat(crop, points, own, whole)
        points[:, :2] = to_picture(points[:, :2], square, height, width)
        return points, told[ends:], fur


def _onnx_file(source: Path, cache: Path | None) -> Path:
    """The ONNX file of a source; weights that were trained here are exported once into `cache`."""
    if not source.is_file() or source.suffix not in (".onnx", ".pt"):
        raise ModelError(f"no pose network at {str(source)!r}; give an .onnx file, or a .pt that was trained here")
    if source.suffix == ".onnx":
        return source
    if cache is None:
        raise ModelError(f"{str(source)!r} must be converted to ONNX: name a cache folder to keep the result in")
    target = cache / f"{source.stem}-{fingerprint_of(source)[:16]}.onnx"
    if not target.with_suffix(".json").is_file():
        from models.pose.export import describe_pose, export_pose

        size = export_pose(source, target).size
        describe_pose(target, source.stem, size).write(target.with_suffix(".json"))
    return target
