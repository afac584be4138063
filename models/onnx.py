"""ONNX Runtime sessions as every model of the house wants them: bounded, quiet, the same answer every time."""

from __future__ import annotations

import os
from pathlib import Path

# From 1.31 on its telemetry is on by default, and switching it off after the import comes too late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from home.errors import ModelError
from models.network import Signature

__all__ = ["OnnxNetwork", "fixed_dimension", "open_session"]


def open_session(path: str | Path, *, threads: int = 2) -> ort.InferenceSession:
    """Open an ONNX file on the CPU with a bounded number of threads.

    Threads sleep between runs instead of spinning: the recorder and the decoder share these cores. Parallelism is
    inside an operator only, so that the order of additions, and with it every bit of the answer, does not depend on
    what else the machine does.

    Args:
        path: the ONNX file.
        threads: threads that one run may use, 1 or more.

    Raises:
        ModelError: the file is missing or is not an ONNX model this runtime can run.
        ValueError: `threads` is below 1.
    """
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, got {threads!r}")
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"no ONNX model at {str(path)!r}; give the path of a .onnx file")
    ort.disable_telemetry_events()
    try:
        return ort.InferenceSession(str(path), _options(threads), providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own exceptions share no public base class
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{str(path)!r} is not an ONNX model that can be run: {reason}") from error


class OnnxNetwork:
    """An ONNX file that ONNX Runtime runs."""

    runtime = "onnxruntime"

    def __init__(self, path: str | Path, *, threads: int) -> None:
        self._session = open_session(path, threads=threads)
        entry, leaves = self._session.get_inputs()[0], self._session.get_outputs()[0]
        self._input, self._output = entry.name, leaves.name
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.signature = Signature(_sizes(entry.shape), entry.type, _sizes(leaves.shape), metadata)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output for a batch `float32 [N,3,H,W]`."""
        return np.asarray(self._session.run([self._output], {self._input: batch})[0])


def fixed_dimension(value: object) -> int | None:
    """Size of one input dimension, or None where the model leaves it open (a name or nothing)."""
    return value if isinstance(value, int) and value > 0 else None


def _sizes(shape: list[object]) -> list[int]:
    """Sizes of a shape, -1 where it is open."""
    return [fixed_dimension(value) or -1 for value in shape]


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
