"""OpenVINO on the CPU: the same ONNX files, several times as fast on processors with bfloat16. An extra.

Documented at docs.openvino.ai (2025 and 2026): `Core.read_model`, `Core.compile_model`, and the properties
INFERENCE_NUM_THREADS, NUM_STREAMS, INFERENCE_PRECISION_HINT and EXECUTION_MODE_HINT of the CPU device.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.network import Precision, Signature

__all__ = ["OpenVinoNetwork"]


def _library() -> Any:
    """OpenVINO with its telemetry off.

    The package `openvino-telemetry`, which comes along, asks a file in the user's own folder whether it may send. Its
    methods are emptied in this process, whatever that file says.
    """
    try:
        import openvino
    except ImportError as error:
        raise ModelError("OpenVINO is not installed: pip install 'catml[openvino]'") from error
    _silence()
    return openvino


def _silence() -> None:
    try:
        from openvino_telemetry import Telemetry
    except ImportError:
        return  # an installation without it
    for name in ("send_event", "send_error", "send_stack_trace", "start_session", "end_session", "force_shutdown"):
        if hasattr(Telemetry, name):
            setattr(Telemetry, name, lambda *_, **__: None)


class OpenVinoNetwork:
    """An ONNX file that OpenVINO runs on the CPU."""

    runtime = "openvino"

    def __init__(self, path: str | Path, *, threads: int, precision: Precision = "fp32") -> None:
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, got {threads!r}")
        if not Path(path).is_file():
            raise ModelError(f"no ONNX model at {str(path)!r}; give the path of a .onnx file")
        library = _library()
        settings = {
            "INFERENCE_NUM_THREADS": str(threads),
            "NUM_STREAMS": "1",
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        }
        try:
            model = library.Core().read_model(str(path))
            self._compiled = library.Core().compile_model(model, "CPU", settings)
        except Exception as error:  # the library's own exceptions are RuntimeErrors of many texts
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(f"{str(path)!r} is not an ONNX model that OpenVINO can run: {reason}") from error
        entry, leaves = self._compiled.input(0), self._compiled.output(0)
        kind = "tensor(float)" if str(entry.get_element_type()) in ("<Type: 'float32'>", "f32") else "tensor(other)"
        self.signature = Signature(_sizes(entry), kind, _sizes(leaves), _metadata(Path(path)))
        self._requests = threading.local()  # a request is not safe for two threads at once

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output for a batch `float32 [N,3,H,W]`."""
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        return np.array(self._requests.own.infer({0: batch})[self._compiled.output(0)], np.float32)


def _sizes(port: Any) -> list[int]:
    shape = port.get_partial_shape()
    return [dimension.get_length() if dimension.is_static else -1 for dimension in shape]


def _metadata(path: Path) -> dict[str, str]:
    """What the ONNX file says of itself; OpenVINO leaves it out where it reads a file."""
    from models.onnx import open_session

    if any(path.with_name(name).is_file() for name in (f"{path.stem}.json", "model.json")):
        return {}  # a description stands beside it: opening it twice would only cost time
    return dict(open_session(path, threads=1).get_modelmeta().custom_metadata_map)
