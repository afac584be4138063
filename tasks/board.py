"""What TensorBoard shows of a training run: `tensorboard --logdir data/training`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from home.training_params import TrainParams
from models.detector.curves import SCORE, confusion, confusion_picture, counts_by_score
from models.detector.embedding import crops_of, vectors_of
from models.detector.sheet import Tile, contact_sheet
from models.detector.trainer import Epoch, Seen
from tasks.events import Events

__all__ = ["Board"]

LOOKS = 10  # epochs of a run whose curves, histograms and pictures are shown
SHEETS, SHOWN = 2, 6  # sheets of samples, and pictures on each: TensorBoard shows a sheet some 350 pixels wide
POINTS = 300  # animals in the projector
SPRITE = 48  # pixels of an animal in the projector


FIGURES = {
    "train/box_loss": "losses/train box",
    "train/cls_loss": "losses/train class",
    "train/l1_loss": "losses/train edge",
    "val/box_loss": "losses/val box",
    "val/cls_loss": "losses/val class",
    "val/l1_loss": "losses/val edge",
    "metrics/mAP50(B)": "accuracy/AP50",
    "metrics/mAP50-95(B)": "accuracy/AP50-95",
    "metrics/precision(B)": "accuracy/precision at the best F1",
    "metrics/recall(B)": "accuracy/recall at the best F1",
    "lr/pg0": "learning rate",
}
"""What Ultralytics calls its figures, and what they are called on the board; the rates of its other groups follow the first."""


class Board(Events):
    """The events of one run of the detector; use it in a `with`.

    Args:
        folder: of the events.
        classes: what is told apart.
        params: of the run.
    """

    def __init__(self, folder: Path, classes: Sequence[str], params: TrainParams) -> None:
        super().__init__(folder, params)
        self.classes, self.params = list(classes), params

    def add(self, epoch: Epoch) -> None:
        """Show an epoch: figures always, pictures of ten epochs of the run, the network and its animals at the end."""
        for name, value in epoch.figures.items():
            if name in FIGURES or not name.startswith("lr/"):
                self.writer.add_scalar(FIGURES.get(name, name), value, epoch.number)
        if epoch.last or epoch.number % max(1, self.params.epochs // LOOKS) == 0:
            self._curves(epoch)
            self._pictures(epoch)
            self.histograms(epoch.network.model, epoch.number)
        if epoch.last:
            _add_network(self.writer, epoch.network, self.params.image_size)
            self._animals(epoch)
        self.writer.flush()

    def _curves(self, epoch: Epoch) -> None:
        for number, name in enumerate(self.classes):
            counts = counts_by_score(epoch.seen, number)
            if counts is not None:
                none = np.zeros_like(counts.right)
                self.writer.add_pr_curve_raw(
                    f"precision and recall/{name}", counts.right, counts.wrong, none, counts.missed,
                    counts.precision, counts.recall, epoch.number, num_thresholds=len(none),
                )  # fmt: skip

    def _pictures(self, epoch: Epoch) -> None:
        table = confusion(epoch.seen, len(self.classes))
        self.image("confusion matrix", confusion_picture(table, self.classes), epoch.number)
        kept = [one for one in epoch.seen if one.image is not None]
        full, empty = ([one for one in kept if bool(len(one.true)) == there] for there in (True, False))
        for sheet in range(SHEETS):
            with_animal = full[sheet::SHEETS][: SHOWN - 1]
            shown = with_animal + empty[sheet::SHEETS][: SHOWN - len(with_animal)]
            if shown:
                picture = contact_sheet([self._tile(one) for one in shown], columns=2, side=320)
                self.image(f"samples, blue people's, orange the network's/sheet {sheet + 1}", picture, epoch.number)

    def _tile(self, one: Seen) -> Tile:
        sure = one.scores >= SCORE
        told = [
            f"{self.classes[kind]} {score:.2f}"
            for kind, score in zip(one.found_classes[sure], one.scores[sure], strict=True)
        ]
        assert one.image is not None
        return Tile(one.image, one.true, one.found[sure], told, f"{len(one.true)} there, {int(sure.sum())} found")

    def _animals(self, epoch: Epoch) -> None:
        crops = crops_of(epoch.seen, POINTS)
        if len(crops) < 2:
            return
        sprites = np.stack([cv2.resize(crop.image, (SPRITE, SPRITE), interpolation=cv2.INTER_AREA) for crop in crops])
        rows = [[self.classes[crop.kind], crop.fate, f"{crop.score:.2f}"] for crop in crops]
        self.points(
            "animals", vectors_of(epoch.network, crops), ["class", "fate", "score"], rows, sprites, epoch.number
        )


def _add_network(writer: Any, network: Any, side: int) -> None:
    """The network as it is exported, traced on an empty picture."""
    from copy import deepcopy

    import torch

    own, blank = deepcopy(network).cpu().float().eval(), torch.zeros(1, 3, side, side)
    own.end2end = False
    own.model[-1].export, own.model[-1].format = True, "onnx"  # one tensor, as in the exported file
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of tracing, about shapes that are fixed here
        own(blank)  # it remembers its grid of this size, and both tracings find the same
        writer.add_graph(own, blank)
