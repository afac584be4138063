"""Detectors of a few lines whose answer is known, in each of the kinds of output that CatML reads.

The real thing finds cats; these find bright things, so that a test can say what must be found and where.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = list[int | str]


def constant_detector(
    path: Path,
    output: np.ndarray,
    *,
    sides: Shape = ["height", "width"],  # noqa: B006  never changed
    batch: int | str = "batch",
    metadata: dict[str, str] | None = None,
) -> Path:
    """A model that answers every picture with `output`; a millionth of the picture's mean is added, which moves no box."""
    rows = numpy_helper.from_array(output[None].astype(np.float32), "answer")
    tiny = numpy_helper.from_array(np.float32(1e-6), "tiny")
    shape = numpy_helper.from_array(np.array([-1, *[1] * output.ndim]), "shape")
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0, axes=[1, 2, 3]),
        helper.make_node("Reshape", ["mean", "shape"], ["column"]),
        helper.make_node("Mul", ["column", "tiny"], ["hint"]),
        helper.make_node("Add", ["answer", "hint"], ["output"]),
    ]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, *sides])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, *output.shape])]
    graph = helper.make_graph(nodes, "constant", inputs, outputs, [rows, tiny, shape])
    return _save(graph, path, metadata or {})


def brightest_detector(path: Path, side: int = 64) -> Path:
    """An end-to-end model that boxes the brightest 8 x 8 cell of a picture; its score is the cell's mean."""
    cells = side // 8
    constants: dict[str, np.ndarray] = {
        "one": np.array([1]),
        "flat": np.array([0, -1]),
        "columns": np.array([cells], np.int64),
        "eight": np.array(8, np.float32),
        "far": np.array([0, 0, 8, 8], np.float32),
    }
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["grey"], keepdims=1, axes=[1]),
        helper.make_node("AveragePool", ["grey"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Reshape", ["cells", "flat"], ["row"]),
        helper.make_node("ReduceMax", ["row"], ["score"], keepdims=1, axes=[1]),
        helper.make_node("ArgMax", ["row"], ["place"], axis=1, keepdims=1),
        helper.make_node("Mod", ["place", "columns"], ["x"]),
        helper.make_node("Div", ["place", "columns"], ["y"]),
        helper.make_node("Concat", ["x", "y", "x", "y"], ["corner"], axis=1),
        helper.make_node("Cast", ["corner"], ["corner_f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["corner_f", "eight"], ["corner_px"]),
        helper.make_node("Add", ["corner_px", "far"], ["box"]),
        helper.make_node("Sub", ["score", "score"], ["class"]),
        helper.make_node("Concat", ["box", "score", "class"], ["line"], axis=1),
        helper.make_node("Unsqueeze", ["line", "one"], ["output"]),
    ]
    values = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side, side])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 6])]
    return _save(helper.make_graph(nodes, "brightest", inputs, outputs, values), path, {})


def seeing_yolox(path: Path, *, side: int, classes: int) -> Path:
    """A YOLOX whose every cell is as sure of all classes as it is red, and which sees the mean colour of the cell."""
    red = np.zeros((1, 3, 1, 1), np.float32)
    red[0, 2] = 1 / 255  # its input is BGR, 0..255
    constants: dict[str, np.ndarray] = {
        "same": np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1),
        "red": red,
        "name": np.repeat(red, classes, axis=0),
        "place": np.zeros((4, 3, 1, 1), np.float32),
        "flat": np.array([1, 5 + classes, -1]),
    }
    nodes, levels = [], []
    for stride in (8, 16, 32):
        at = f"_{stride}"
        pool = {"kernel_shape": [stride, stride], "strides": [stride, stride]}
        nodes += [
            helper.make_node("AveragePool", ["images"], [f"pooled{at}"], **pool),
            helper.make_node("Conv", [f"pooled{at}", "same"], [f"seen{at}"]),
            helper.make_node("Conv", [f"seen{at}", "place"], [f"box{at}"]),
            helper.make_node("Conv", [f"seen{at}", "red"], [f"sure{at}"]),
            helper.make_node("Conv", [f"seen{at}", "name"], [f"named{at}"]),
            helper.make_node("Concat", [f"box{at}", f"sure{at}", f"named{at}"], [f"all{at}"], axis=1),
            helper.make_node("Reshape", [f"all{at}", "flat"], [f"rows{at}"]),
        ]
        levels.append(f"rows{at}")
    nodes += [
        helper.make_node("Concat", levels, ["columns"], axis=2),
        helper.make_node("Transpose", ["columns"], ["output"], perm=[0, 2, 1]),
    ]
    cells = sum((side // stride) ** 2 for stride in (8, 16, 32))
    values = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, cells, 5 + classes])]
    return _save(helper.make_graph(nodes, "yolox", inputs, outputs, values), path, {})


def _save(graph: onnx.GraphProto, path: Path, metadata: dict[str, str]) -> Path:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
