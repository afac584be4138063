"""The same network with smaller numbers: fp16 weights, and INT8 weights and activations.

What stays in fp32 under INT8 is the *tail*: the last convolutions of the head and all that follows them. There boxes in
pixels and scores in 0..1 meet in one array, for which one scale is too coarse, and 256 steps of a score are too few.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.detector.letterbox import fit, place

__all__ = ["calibration_inputs", "tail_of", "to_fp16", "to_int8"]

_STRIDE = 32

LEAST_WEIGHTS = 64
"""Numbers that an array must hold to be worth a conversion: below are shapes, grids and a few biases."""


def to_fp16(onnx: Path, target: Path) -> list[str]:
    """Write the model with its weights kept in fp16: half the file.

    It is computed in fp32: a processor has no fast fp16, and a runtime turns the weights back once, when it opens the
    file. Whatever runs the fp32 model runs this one, as fast.

    Returns:
        Names of the weights that became fp16.

    Raises:
        ModelError: it cannot be read as ONNX.
    """
    import onnx as library
    from onnx import TensorProto, helper, numpy_helper

    model = _read(onnx)
    graph, kept, changed = model.graph, [], []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or math.prod(tensor.dims) < LEAST_WEIGHTS:
            kept.append(tensor)
            continue
        stored = f"{tensor.name}_fp16"
        kept.append(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), stored))
        changed.append((stored, tensor.name))
    casts = [
        helper.make_node("Cast", [stored], [name], f"{name}_fp32", to=TensorProto.FLOAT) for stored, name in changed
    ]
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    library.checker.check_model(model)
    library.save(model, str(target))
    return [name for _, name in changed]


def to_int8(onnx: Path, target: Path, inputs: Iterable[NDArray[np.float32]]) -> list[str]:
    """Write the model with static INT8: convolutions quantised per channel, activations by what these inputs show.

    Args:
        onnx: the fp32 model.
        target: where the INT8 model is written.
        inputs: batches `float32 [1,3,H,W]` as the model gets them, from training pictures.

    Returns:
        Names of the convolutions that stayed fp32.

    Raises:
        ModelError: it cannot be quantised, or there were no inputs.
    """
    import logging

    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    model = _read(onnx)
    tail = tail_of(model)
    batches = list(inputs)
    if not batches:
        raise ModelError(f"{str(onnx)!r}: no pictures to calibrate INT8 with; the list has no training pictures")
    logging.getLogger().disabled = True  # the library recommends its own preprocessing at every run
    try:
        quantize_static(
            model,
            str(target),
            _reader(model.graph.input[0].name, batches),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=sorted(tail),
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )
    except Exception as error:  # whatever the quantiser met
        raise ModelError(f"{str(onnx)!r} could not be quantised to INT8: {error}") from error
    finally:
        logging.getLogger().disabled = False
    return sorted(node.name for node in model.graph.node if node.op_type == "Conv" and node.name in tail)


def calibration_inputs(images: Iterable[NDArray[np.uint8]], side: int) -> Iterator[NDArray[np.float32]]:
    """Pictures RGB `uint8 [H,W,3]` as the network gets them: letterboxed to `side`, `float32 [1,3,H,W]` in 0..1."""
    for image in images:
        height, width = image.shape[:2]
        box = fit(height, width, side, stride=_STRIDE)
        batch = np.zeros((1, 3, *box.canvas), np.float32)
        place(image, box, batch[0], levels=1, bgr=False)
        yield batch


def tail_of(model: Any) -> set[str]:
    """Names of the nodes from the outputs back to the first convolution on each way, that one included."""
    by_output = {output: node for node in model.graph.node for output in node.output}
    seen: set[str] = set()
    waiting = [output.name for output in model.graph.output]
    while waiting:
        node = by_output.get(waiting.pop())
        if node is not None and node.name not in seen:
            seen.add(node.name)
            if node.op_type not in ("Conv", "Shape"):  # a shape is the same whatever the numbers
                waiting.extend(node.input)
    return seen


def _read(onnx: Path) -> Any:
    import onnx as library

    try:
        return library.load(str(onnx))
    except Exception as error:  # protobuf's own
        raise ModelError(f"{str(onnx)!r} cannot be read as an ONNX model: {error}") from error


def _reader(name: str, batches: list[NDArray[np.float32]]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        """Gives the batches one by one, and from the start again where it is rewound."""

        def __init__(self) -> None:
            self.rewind()

        def rewind(self) -> None:
            self._left = iter(batches)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            batch = next(self._left, None)
            return None if batch is None else {name: batch}

    return Reader()
