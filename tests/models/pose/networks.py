"""Pose networks of a few lines whose answer is known: every joint is where the crop is brightest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.pose.description import PoseDescription
from models.pose.keypoints import KEYPOINTS

CELL = 8  # pixels of a cell; a place is told as the middle of one


def brightest_pose(path: Path, side: int = 64) -> Path:
    """A network of three looks (mean red, green, blue); confidence is the brightness of the brightest cell.

    Its `model.json` lies beside it.
    """
    cells = side // CELL
    constants: dict[str, np.ndarray] = {
        "flat": np.array([0, -1]),
        "columns": np.array([cells], np.int64),
        "cells": np.array(cells, np.float32),
        "half": np.array(0.5, np.float32),
        "times": np.array([1, len(KEYPOINTS)]),
    }
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["grey"], keepdims=1, axes=[1]),
        helper.make_node("AveragePool", ["grey"], ["pooled"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Reshape", ["pooled", "flat"], ["row"]),
        helper.make_node("ReduceMax", ["row"], ["sure"], keepdims=1, axes=[1]),
        helper.make_node("ArgMax", ["row"], ["place"], axis=1, keepdims=1),
        helper.make_node("Mod", ["place", "columns"], ["column"]),
        helper.make_node("Div", ["place", "columns"], ["line"]),
        helper.make_node("Concat", ["column", "line"], ["corner"], axis=1),
        helper.make_node("Cast", ["corner"], ["corner_f"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["corner_f", "half"], ["middle"]),
        helper.make_node("Div", ["middle", "cells"], ["share"]),
        helper.make_node("Concat", ["share", "sure"], ["point"], axis=1),
        helper.make_node("Tile", ["point", "times"], ["points"]),
        helper.make_node("ReduceMean", ["images"], ["looks"], keepdims=0, axes=[2, 3]),
        helper.make_node("Concat", ["points", "looks"], ["output"], axis=1),
    ]
    values = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side, side])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 3 * len(KEYPOINTS) + 3])]
    graph = helper.make_graph(nodes, "brightest pose", inputs, outputs, values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    described = PoseDescription(name="brightest", input_size=side, keypoints=list(KEYPOINTS), looks=3)
    described.write(path.with_name("model.json"))
    return path
