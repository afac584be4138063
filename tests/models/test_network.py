"""What runs a network: chosen by name, refused where it is not installed, and the same answer from each."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.detector.predict import DEFAULT_WEIGHTS, Detector
from models.network import chosen_runtime, open_network

THERE = importlib.util.find_spec("openvino") is not None


def test_auto_takes_openvino_where_it_is_installed() -> None:
    assert chosen_runtime("auto") == ("openvino" if THERE else "onnxruntime")
    assert chosen_runtime("onnxruntime") == "onnxruntime"


@pytest.mark.skipif(THERE, reason="OpenVINO is installed here")
def test_openvino_that_is_asked_for_and_missing_is_told_with_the_way_to_it() -> None:
    with pytest.raises(ModelError, match=r"'openvino', which is not installed: pip install 'catml\[openvino\]'"):
        open_network(DEFAULT_WEIGHTS, runtime="openvino")


def test_a_network_says_what_it_takes_and_gives() -> None:
    network = open_network(DEFAULT_WEIGHTS, runtime="onnxruntime")
    assert (network.signature.input, network.signature.kind) == ([-1, 3, -1, -1], "tensor(float)")
    assert network.run(np.zeros((1, 3, 64, 96), np.float32)).shape == (1, 5, 64 * 96 // 64 + 64 * 96 // 256 + 6)


def test_openvino_says_the_same_as_onnx_runtime() -> None:
    """Both compute in fp32 and add in another order: a thousandth of a score, a twentieth of a pixel."""
    pytest.importorskip("openvino")
    batch = np.random.default_rng(0).random((1, 3, 96, 64), np.float32)
    first, second = (open_network(DEFAULT_WEIGHTS, runtime=name) for name in ("onnxruntime", "openvino"))
    assert first.signature.input == second.signature.input
    told, said = first.run(batch)[0], second.run(batch)[0]
    assert np.abs(told[4] - said[4]).max() < 1e-3 and np.abs(told[:4] - said[:4]).max() < 0.05
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    detectors = [Detector.load(runtime=name) for name in ("onnxruntime", "openvino")]
    assert len({detector.fingerprint for detector in detectors}) == 2  # not the same to the last bit
    counts = {len(detector.detect([picture], 0.1)[0]) for detector in detectors}
    assert len(counts) == 1


@pytest.mark.parametrize("content", [b"", b"\x89PNG"])
def test_openvino_refuses_what_is_no_model(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("openvino")
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"broken\.onnx' is not an ONNX model that OpenVINO can run"):
        open_network(path, runtime="openvino")
