"""What TensorBoard shows of a training run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from home.training_params import TrainParams
from models.detector.trainer import Epoch

__all__ = ["Board"]


class Board:
    """The events of one run; use it in a `with`.

    Args:
        folder: of the events.
        classes: what is told apart.
        params: of the run.
    """

    def __init__(self, folder: Path, classes: Sequence[str], params: TrainParams) -> None:
        self.folder, self.classes, self.params = folder, list(classes), params
        self.writer: Any = None

    def __enter__(self) -> Board:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.writer is not None:
            self.writer.close()

    def begin(self, done: int) -> None:
        """The run begins after so many epochs; what an earlier try has written of later ones is taken back."""
        from tensorboardX import SummaryWriter  # comes with the extra `train`

        self.writer = SummaryWriter(str(self.folder), flush_secs=5, purge_step=done + 1 if done else None)

    def add(self, epoch: Epoch) -> None:
        """Show an epoch."""
        for name, value in epoch.figures.items():
            self.writer.add_scalar(name, value, epoch.number)
