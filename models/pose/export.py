"""From trained weights to the ONNX file that CatML runs, and what it has lost on the way."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.detector.description import fingerprint_of
from models.detector.precision import to_fp16
from models.network import open_network
from models.pose.description import PoseDescription
from models.pose.keypoints import KEYPOINTS
from models.pose.network import LOOKS, read_weights

__all__ = ["describe_pose", "export_pose", "lost"]


def export_pose(
    weights: Path, target: Path, *, sure: Sequence[float] | None = None, opset: int = 17, exact: bool = False
) -> Any:
    """Write an ONNX file with free batch, its weights kept in fp16 and computed in fp32; same weights, same bytes.

    Args:
        weights: from `models.pose.train.fit`.
        target: the ONNX file.
        sure: the numbers of `models.pose.readings.sureness`; None keeps those of the weights.
        opset: ONNX operator set.
        exact: keep the weights in fp32: a file to hold against PyTorch.

    Returns:
        The network that was exported.

    Raises:
        ModelError: the weights are missing or damaged, or cannot be exported.
    """
    import torch

    network = read_weights(weights)
    if sure is not None:
        network.sure.copy_(torch.tensor(list(sure)))
    network.forward, plain = network.told, network.forward
    blank = torch.zeros(1, 3, network.size, network.size)
    open_ = {"images": {0: "batch"}, "output": {0: "batch"}}
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as room, warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of tracing, about shapes that are fixed here
            made = Path(room) / "pose.onnx"
            torch.onnx.export(
                network, (blank,), str(made), input_names=["images"], output_names=["output"], dynamic_axes=open_,
                opset_version=opset, dynamo=False,
            )  # fmt: skip
            if exact:
                shutil.move(made, target)
            else:
                to_fp16(made, target)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ModelError(f"{str(weights)!r} could not be exported to ONNX: {error}") from error
    finally:
        network.forward = plain
    return network


def describe_pose(onnx: Path, name: str, size: int, metric: dict[str, float] | None = None) -> PoseDescription:
    """The `model.json` of a file that `export_pose` made."""
    return PoseDescription(
        name=name, input_size=size, keypoints=list(KEYPOINTS), looks=LOOKS, metric=metric or {},
        fingerprint=fingerprint_of(onnx),
    )  # fmt: skip


def lost(
    network: Any, onnx: Path, crops: Sequence[NDArray[np.uint8]], *, within: float = 1.0
) -> tuple[float, float, float]:
    """How far the file is from PyTorch: sure joints in pixels of the crop, confidences, looks.

    Args:
        network, onnx: the same weights.
        crops: RGB `uint8 [S,S,3]` each.
        within: share of the joints that is told of. Rounded weights put a joint for which two places are almost equally
            likely at the other one, now and then.

    Returns:
        Pixels that this share of the sure joints is within, and what this share of all confidences is within; the largest
        difference of a look.
    """
    import torch

    file = open_network(onnx, threads=1, runtime="onnxruntime")
    ends, pixels, sureness, looks = 3 * len(KEYPOINTS), [0.0], [0.0], 0.0
    for crop in crops:
        batch = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        with torch.no_grad():
            told = network.told(torch.from_numpy(batch)).numpy()[0]
        gap = np.abs(told - file.run(batch)[0])
        points, sure = gap[:ends].reshape(-1, 3), told[2:ends:3] >= 0.3
        pixels += (points[sure, :2].max(axis=1) * network.size).tolist()
        sureness += points[:, 2].tolist()
        looks = max(looks, float(gap[ends:].max()))
    return float(np.quantile(pixels, within)), float(np.quantile(sureness, within)), looks
