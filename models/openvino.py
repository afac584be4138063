"""OpenVINO on the CPU: the same ONNX files, faster on processors that compute in bfloat16 or INT8. An extra.

Properties of its CPU device: https://docs.openvino.ai/2026/openvino-workflow/running-inference/inference-devices-and-modes/cpu-device.html
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.network import Precision, Signature

__all__ = ["OpenVinoNetwork"]

SHAPES = 8
"""Shapes of input for which a network is kept compiled: about 50 MB each."""

_NOISE = ("Exception from ", "Check ", "FrontEnd API failed")
"""How the lines begin in which the library says where in its own code it gave up."""


class OpenVinoNetwork:
    """An ONNX file that OpenVINO runs on the CPU.

    It is compiled for each shape of input that comes, when it comes: that takes seconds, runs a quarter to a half
    faster, and is needed. Compiled for any height and width, OpenVINO 2026.4.1 answers a network in INT8 wrongly
    (`tests/models/test_openvino.py`); a home's cameras have few shapes.

    Attributes:
        signature: what it takes and gives.
        runtime: `openvino`, or `openvino bf16` where it computes in bfloat16: other boxes, in the last digits.
    """

    def __init__(self, path: str | Path, *, threads: int, callers: int = 1, precision: Precision = "fp32") -> None:
        if threads < 1 or callers < 1:
            raise ValueError(f"threads and callers must be 1 or more, got {threads!r} and {callers!r}")
        if not Path(path).is_file():
            raise ModelError(f"no ONNX model at {str(path)!r}; give the path of a .onnx file")
        library = _library()
        self._path, self._core = str(path), library.Core()
        half = precision == "bf16" and "BF16" in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self.runtime = "openvino bf16" if half else "openvino"
        self._settings = _settings(threads, callers, half)
        try:
            self._model = _read(library, self._path)
        except Exception as error:  # the library's own exceptions are RuntimeErrors of many texts
            raise self._refused(error) from error
        entry, leaves = self._model.input(0), self._model.output(0)
        kind = "tensor(float)" if entry.get_element_type() == library.Type.f32 else "tensor(other)"
        self.signature = Signature(_sizes(entry), kind, _sizes(leaves), _metadata(self._model))
        self._compiled: OrderedDict[tuple[int, ...], _Compiled] = OrderedDict()
        self._compiling = threading.Lock()

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output for a batch `float32 [N,3,H,W]`.

        Raises:
            ModelError: the network cannot be compiled for this shape.
        """
        return self.compiled(batch.shape).run(batch)

    def compiled(self, shape: tuple[int, ...]) -> _Compiled:
        """The network for inputs of one shape."""
        with self._compiling:
            if shape not in self._compiled:
                try:
                    model = self._model.clone()
                    model.reshape(list(shape))
                    made = self._core.compile_model(model, "CPU", self._settings)
                except Exception as error:
                    raise self._refused(error) from error
                self._compiled[shape] = _Compiled(made)
                if len(self._compiled) > SHAPES:
                    self._compiled.popitem(last=False)
            self._compiled.move_to_end(shape)
            return self._compiled[shape]

    def _refused(self, error: Exception) -> ModelError:
        return ModelError(f"{self._path!r} is not an ONNX model that OpenVINO can run: {_reason(error)}")


class _Compiled:
    """A network for one shape; each thread that runs it has a request of its own, because a request serves one."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self._requests = threading.local()

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if not hasattr(self._requests, "own"):
            self._requests.own = self.network.create_infer_request()
        return np.array(self._requests.own.infer({0: batch})[self.network.output(0)], np.float32)


def _library() -> Any:
    """OpenVINO, which tells nobody that it was imported.

    Its package counts each import with a web service through `openvino_telemetry`, unless a file in the user's own
    folder forbids it. Where that module cannot be imported it takes an empty one of its own: a None in `sys.modules`
    is how Python says that (https://docs.python.org/3/reference/import.html#the-module-cache).
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
        import openvino.frontend
    except ImportError as error:
        raise ModelError(f"OpenVINO cannot be imported ({error}): pip install 'catml[openvino]'") from error
    return openvino


def _settings(threads: int, callers: int, half: bool) -> dict[str, Any]:
    """A stream for each caller, or one would wait for the other; each with its threads.

    Threads are not pinned to cores: the recorder and the decoder share them, and a thread that may not move waits.
    The precision is always said: left alone, a processor with bfloat16 computes in it.
    """
    return {
        "NUM_STREAMS": callers,
        "INFERENCE_NUM_THREADS": threads * callers,
        "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
        "ENABLE_CPU_PINNING": False,
    }


def _read(library: Any, path: str) -> Any:
    """The model, read as ONNX and as nothing else: asked in general, every reader there is complains of a broken file."""
    reader = library.frontend.FrontEndManager().load_by_framework("onnx")
    model = reader.convert(reader.load(path))
    if not model.inputs:  # what it makes of an empty file
        raise RuntimeError("it holds no network")
    return model


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith(_NOISE)]
    return said[0] if said else type(error).__name__


def _sizes(port: Any) -> list[int]:
    shape = port.get_partial_shape()
    return [dimension.get_length() if dimension.is_static else -1 for dimension in shape]


def _metadata(model: Any) -> dict[str, str]:
    """What the ONNX file says of itself."""
    told = model.get_rt_info()  # no dictionary: it has no get
    return {key: value.astype(str) for key, value in told["framework"].items()} if "framework" in told else {}
