"""What runs a network: chosen by name, refused where it is not installed, and the same answer from each."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from home.errors import ModelError
from models.detector.predict import DEFAULT_WEIGHTS
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
