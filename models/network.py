"""A network that is ready to run, whatever runs it: ONNX Runtime, or OpenVINO where it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError

__all__ = ["Network", "Precision", "Runtime", "Signature", "chosen_runtime", "open_network"]

Runtime = Literal["auto", "onnxruntime", "openvino"]
Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class Signature:
    """What a network takes and gives.

    Attributes:
        input: shape of its input `[N,3,H,W]`, -1 where it is open.
        kind: type of the input, `tensor(float)` in the contract.
        output: shape of its first output, -1 where open.
        metadata: what its file says of itself.
    """

    input: list[int]
    kind: str
    output: list[int]
    metadata: Mapping[str, str] = field(default_factory=dict)


class Network(Protocol):
    """A network of one input; safe to be run by several threads at once.

    Attributes:
        signature: what it takes and gives.
        runtime: what computes it, and how: two of one name give the same bits for the same file and input.
    """

    signature: Signature
    runtime: str

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output for a batch `float32 [N,3,H,W]`."""
        ...


def chosen_runtime(runtime: Runtime) -> Literal["onnxruntime", "openvino"]:
    """The runtime that is used: `auto` takes OpenVINO where it is installed.

    Raises:
        ModelError: OpenVINO is asked for and not installed.
    """
    there = importlib.util.find_spec("openvino") is not None
    if runtime == "openvino" and not there:
        raise ModelError(
            "detect.runtime is 'openvino', which is not installed: pip install 'catml[openvino]', or use auto"
        )
    return "openvino" if there and runtime != "onnxruntime" else "onnxruntime"


def open_network(
    path: str | Path,
    *,
    threads: int = 2,
    callers: int = 1,
    runtime: Runtime = "auto",
    precision: Precision = "fp32",
) -> Network:
    """Open an ONNX file on the CPU with a bounded number of threads.

    Args:
        path: the ONNX file.
        threads: threads that one run may use, 1 or more.
        callers: threads that will run it at once; OpenVINO makes room for so many, and more of them wait in turn.
        runtime: which library runs it.
        precision: `bf16` lets OpenVINO compute in bfloat16 where the processor has it; ONNX Runtime computes in fp32.

    Raises:
        ModelError: the file is missing or no model that can be run, or the runtime is not installed.
        ValueError: `threads` or `callers` is below 1.
    """
    if chosen_runtime(runtime) == "openvino":
        from models.openvino import OpenVinoNetwork

        return OpenVinoNetwork(path, threads=threads, callers=callers, precision=precision)
    from models.onnx import OnnxNetwork

    return OnnxNetwork(path, threads=threads)
