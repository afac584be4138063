"""The trained network as PyTorch itself runs it: what every exported file is held against."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.detector.adapters import Output
from models.detector.library import load_yolo
from models.network import Signature

__all__ = ["TorchNetwork"]


class TorchNetwork:
    """Weights of Ultralytics, run by PyTorch in fp32 on the CPU.

    Raises:
        ModelError: Ultralytics is not installed, or cannot read the weights.
    """

    runtime = "torch"

    def __init__(self, weights: Path, *, head: Output, threads: int) -> None:
        self._model = _opened(weights, head)
        self._threads = threads
        self.signature = Signature([-1, 3, -1, -1], "tensor(float)", [-1, -1, -1])

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The output for a batch `float32 [N,3,H,W]`."""
        return _answer(self._model, batch, self._threads)


def _opened(weights: Path, head: Output) -> Any:
    """The network with the head that is exported; the file itself is not touched."""
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / weights.name
        shutil.copyfile(weights, copy)
        model = load_yolo(str(copy)).model.float().eval()
    if hasattr(model, "end2end"):
        model.end2end = head == "end2end"
    return model


def _answer(model: Any, batch: NDArray[np.float32], threads: int) -> NDArray[np.float32]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.no_grad():
            answer = model(torch.from_numpy(batch))
    finally:
        torch.set_num_threads(before)
    answer = answer[0] if isinstance(answer, (tuple, list)) else answer
    return np.asarray(answer.numpy(), np.float32)
