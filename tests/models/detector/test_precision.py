"""Smaller numbers say the same as PyTorch's outputs do; what lost too much is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.detector.bootstrap import Difference
from models.detector.fidelity import largest_difference, lost_too_much
from models.detector.predict import DEFAULT_WEIGHTS
from models.network import open_network

pytest.importorskip("onnx", reason="conversion needs the extra `train`")

from models.detector.precision import calibration_inputs, tail_of, to_fp16, to_int8


def pictures(count: int = 4) -> list[np.ndarray]:
    """Blurred noise of 96 x 64 with a bright thing on it: the weights have something to look at."""
    rng = np.random.default_rng(0)
    images = np.kron(rng.integers(0, 255, (count, 8, 12, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8)
    images[:, 20:40, 30:70] = 230
    return list(images)


def test_fp16_halves_the_file_and_keeps_the_boxes(tmp_path: Path) -> None:
    changed = to_fp16(DEFAULT_WEIGHTS, tmp_path / "half.onnx")
    assert len(changed) > 100
    assert (tmp_path / "half.onnx").stat().st_size < 0.56 * DEFAULT_WEIGHTS.stat().st_size
    networks = [open_network(path, runtime="onnxruntime") for path in (DEFAULT_WEIGHTS, tmp_path / "half.onnx")]
    pixels, score = largest_difference(*networks, calibration_inputs(pictures(), 96), "raw")
    assert pixels < 0.5 and 0 < score < 0.01  # 11 bits of a weight: a thousandth


def test_int8_is_a_third_of_the_file_and_its_tail_stays(tmp_path: Path) -> None:
    import onnx

    kept = to_int8(DEFAULT_WEIGHTS, tmp_path / "small.onnx", calibration_inputs(pictures(), 96))
    assert len(kept) == 6 and all("/model.23/" in name for name in kept)  # box and score of three levels
    assert (tmp_path / "small.onnx").stat().st_size < 0.4 * DEFAULT_WEIGHTS.stat().st_size
    weights = {tensor.name: tensor for tensor in onnx.load(str(tmp_path / "small.onnx")).graph.initializer}
    whole = [name for name in weights if name.startswith("model.23.cv3") and name.endswith(".2.weight")]
    assert whole and all(weights[name].data_type == onnx.TensorProto.FLOAT for name in whole)
    networks = [open_network(path, runtime="onnxruntime") for path in (DEFAULT_WEIGHTS, tmp_path / "small.onnx")]
    _, score = largest_difference(*networks, calibration_inputs(pictures(), 96), "raw")
    assert 0 < score < 0.2


def test_the_same_weights_and_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.onnx", "b.onnx"):
        to_int8(DEFAULT_WEIGHTS, tmp_path / name, calibration_inputs(pictures(2), 64))
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_int8_without_pictures_and_files_that_are_no_model_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no pictures to calibrate INT8 with"):
        to_int8(DEFAULT_WEIGHTS, tmp_path / "x.onnx", [])
    (tmp_path / "broken.onnx").write_bytes(b"\x89PNG")
    with pytest.raises(ModelError, match=r"broken\.onnx' cannot be read as an ONNX model"):
        to_fp16(tmp_path / "broken.onnx", tmp_path / "x.onnx")
    assert not (tmp_path / "x.onnx").exists()


def test_the_tail_ends_at_the_last_convolutions() -> None:
    import onnx

    model = onnx.load(str(DEFAULT_WEIGHTS))
    kinds = {node.name: node.op_type for node in model.graph.node}
    tail = tail_of(model)
    assert sum(kinds[name] == "Conv" for name in tail) == 6
    assert model.graph.node[0].name not in tail


@pytest.mark.parametrize(
    ("value", "low", "high", "refused"),
    [
        (-0.02, -0.03, -0.011, True),  # surely lost
        (-0.02, -0.06, 0.01, True),  # likelier lost than not
        (-0.009, -0.03, 0.01, False),
        (0.0, 0.0, 0.0, False),
    ],
)
@pytest.mark.parametrize("name", ["ap50", "ap75", "recall"])
def test_more_than_a_point_lost_is_refused(name: str, value: float, low: float, high: float, refused: bool) -> None:
    change = {name: Difference(value, low, high, below=0.5), "precision": Difference(-0.5, -0.6, -0.4, below=1.0)}
    told = lost_too_much(change, 0.01)
    assert bool(told) == refused
    assert not refused or name.lower() in told.lower()
