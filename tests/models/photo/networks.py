"""Networks of pictures of a line or two: how a picture looks is its mean colour, or that of each of sixteen fields."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper


def mean_colour(path: Path, side: int = 32, fields: int = 1) -> Path:
    """From `[N,3,side,side]` to `[N,3·fields²]`."""
    cell = [side // fields] * 2
    nodes = [
        helper.make_node("AveragePool", ["images"], ["pooled"], kernel_shape=cell, strides=cell),
        helper.make_node("Flatten", ["pooled"], ["looks"]),
    ]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side, side])]
    outputs = [helper.make_tensor_value_info("looks", TensorProto.FLOAT, ["batch", 3 * fields**2])]
    graph = helper.make_graph(nodes, "mean colour", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
