"""The events of a training run, which TensorBoard shows: what every board of the house does alike."""

from __future__ import annotations

import contextlib
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from home.config import Section

__all__ = ["Events"]


class Events:
    """The events of one run; use it in a `with`.

    Args:
        folder: of the events.
        section: the parameters of the run, written down at its beginning.
    """

    def __init__(self, folder: Path, section: Section) -> None:
        self.folder, self._section = folder, section
        self.writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.writer is not None:
            with contextlib.suppress(OSError) if error else contextlib.nullcontext():
                self.writer.close()

    def begin(self, done: int) -> None:
        """The run begins after so many epochs; what an earlier try has written of later ones is taken back."""
        if not done:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.writer = _writer(self.folder, done)
        text = "\n".join(f"- {name}: `{value}`" for name, value in self._section.model_dump().items())
        self.writer.add_text("parameters", text, done)

    def image(self, tag: str, picture: np.ndarray, step: int) -> None:
        """Show a picture, RGB `uint8 [H,W,3]`."""
        self.writer.add_image(tag, picture, step, dataformats="HWC")

    def histograms(self, layers: Any, step: int) -> None:
        """Show the weights of each of a list of `torch.nn.Module`."""
        kept: dict[str, list[np.ndarray]] = defaultdict(list)
        for name, parameter in layers.named_parameters():
            number = int(name.split(".")[0])
            kind = type(layers[number]).__name__
            kept[f"weights/{number:02d} {kind}"].append(parameter.detach().float().cpu().numpy().ravel())
        for tag, values in kept.items():
            self.writer.add_histogram(tag, np.concatenate(values), step)

    def points(
        self,
        tag: str,
        vectors: np.ndarray,
        header: list[str],
        rows: Sequence[list[str]],
        sprites: np.ndarray,
        step: int,
    ) -> None:
        """Show vectors `[N,D]` in the projector, each with its row of words and its picture `uint8 [N,S,S,3]`."""
        _add_points(self.writer, tag, vectors, header, list(rows), sprites, step)


def _writer(folder: Path, done: int) -> Any:
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), flush_secs=5, purge_step=done + 1 if done else None)


def _add_points(
    writer: Any, tag: str, vectors: np.ndarray, header: list[str], rows: list[list[str]], sprites: np.ndarray, step: int
) -> None:
    import torch

    pictures = torch.from_numpy(sprites).permute(0, 3, 1, 2).float() / 255
    writer.add_embedding(torch.from_numpy(vectors), rows, pictures, step, tag=tag, metadata_header=header)
