"""All that a detector says of a picture, cell by cell, for a smaller one to learn from: not only its few sure boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.network import open_network

__all__ = ["CUT", "STRIDES", "DenseTeacher"]

CUT = "teacher.onnx"
"""The teacher with its second output, in the run's folder while it lasts."""
STRIDES = (8, 16, 32)
_PLACE = 4
"""Channels of a YOLOX cell that place its box: they stay with the teacher, people's boxes are better."""


class DenseTeacher:
    """A YOLOX as its authors export it (Ge et al. 2021, arXiv:2107.08430), which also tells what it sees with.

    Attributes:
        side: of its input, pixels.
        classes: how many it tells apart.
        features: channels of what its classification sees, before it names anything.
    """

    def __init__(self, file: str | Path, room: Path, *, threads: int = 1) -> None:
        """Open the ONNX file.

        Args:
            file: a YOLOX with strides 8, 16 and 32 and a fixed square input.
            room: a folder for the file with its second output.
            threads: CPU threads.

        Raises:
            ModelError: there is no such file, or it is no YOLOX.
        """
        path = Path(file)
        if not path.is_file():
            raise ModelError(f"train.teacher: no file {str(path)!r}; it must be a YOLOX as ONNX, or empty for none")
        room.mkdir(parents=True, exist_ok=True)
        told = room / CUT
        self.classes, self.features = _with_features(path, told)
        self._network = open_network(told, threads=threads, precision="bf16")
        self.side = self._network.signature.input[-1]

    def __call__(self, images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """What it says of square pictures.

        Args:
            images: RGB `uint8 [B,3,S,S]`.

        Returns:
            For each stride `float32 [B,1+C+F,side/stride,side/stride]`: objectness 0..1, class scores 0..1, features.
        """
        cells = [self.side // stride for stride in STRIDES]
        said = np.concatenate([self._network.run(self._input(image)) for image in images])[:, :, _PLACE:]
        parts = np.split(said, np.cumsum([count**2 for count in cells])[:-1], axis=1)
        return [
            np.ascontiguousarray(part.reshape(len(images), count, count, -1).transpose(0, 3, 1, 2))
            for part, count in zip(parts, cells, strict=True)
        ]

    def _input(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """BGR, 0..255, of its own size."""
        bgr: NDArray[Any] = image[::-1].transpose(1, 2, 0)
        if bgr.shape[0] != self.side:
            bgr = cv2.resize(np.ascontiguousarray(bgr), (self.side, self.side), interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(bgr.transpose(2, 0, 1)[None], np.float32)


def _with_features(path: Path, told: Path) -> tuple[int, int]:
    """Write the network so that each cell of its output is followed by what its classification sees there.

    Returns:
        How many classes and how many features a cell has.
    """
    import onnx
    from onnx import helper

    try:
        model = onnx.shape_inference.infer_shapes(onnx.load(path))
        graph = model.graph
        (output,) = graph.output
        sides = [dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim]
        cells, width = (dim.dim_value for dim in output.type.tensor_type.shape.dim[1:])
    except Exception as error:  # protobuf's and ONNX's own errors share no base class
        raise ModelError(f"train.teacher: {str(path)!r} is no ONNX detector: {error}") from error
    classes = width - _PLACE - 1
    if cells != sum((sides[-1] // stride) ** 2 for stride in STRIDES) or classes < 1:
        raise ModelError(
            f"train.teacher: {str(path)!r} puts out {[cells, width]} for pictures of {sides[-2:]}; a YOLOX puts out a row "
            "for each cell of the strides 8, 16 and 32"
        )
    widths = {each.name: each.type.tensor_type.shape.dim for each in graph.value_info}
    seen = [
        node.input[0]
        for node in graph.node
        if node.op_type == "Conv" and node.output[0] in widths and widths[node.output[0]][1].dim_value == classes
    ]
    seen.sort(key=lambda name: -widths[name][-1].dim_value)
    if len(seen) != len(STRIDES):
        raise ModelError(f"train.teacher: {str(path)!r} has {len(seen)} classifying layers; a YOLOX has {len(STRIDES)}")
    features = widths[seen[0]][1].dim_value
    graph.initializer.append(helper.make_tensor("told_shape", onnx.TensorProto.INT64, [3], [1, features, -1]))
    for level, name in enumerate(seen):
        graph.node.append(helper.make_node("Reshape", [name, "told_shape"], [f"told_flat{level}"]))
        graph.node.append(helper.make_node("Transpose", [f"told_flat{level}"], [f"told{level}"], perm=[0, 2, 1]))
    graph.node.append(helper.make_node("Concat", [f"told{level}" for level in range(len(seen))], ["told"], axis=1))
    graph.node.append(helper.make_node("Concat", [output.name, "told"], ["told_all"], axis=2))
    graph.output.pop()
    graph.output.append(helper.make_tensor_value_info("told_all", onnx.TensorProto.FLOAT, [1, cells, width + features]))
    onnx.save(model, told)
    return classes, features
