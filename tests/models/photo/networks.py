"""A network of pictures of a few lines: how a picture looks is its mean colour."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper


def mean_colour(path: Path, side: int = 32) -> Path:
    """From `[N,3,side,side]` to `[N,3]`."""
    nodes = [helper.make_node("ReduceMean", ["images"], ["looks"], keepdims=0, axes=[2, 3])]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side, side])]
    outputs = [helper.make_tensor_value_info("looks", TensorProto.FLOAT, ["batch", 3])]
    graph = helper.make_graph(nodes, "mean colour", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
