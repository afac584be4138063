"""What TensorBoard shows of the training of the pose network: `tensorboard --logdir data/training`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from home.pose_params import PoseTrainParams
from models.pose.animals import Animal
from models.pose.keypoints import KEYPOINTS
from models.pose.measure import NEAR
from models.pose.readings import Readings, crops_of
from models.pose.sheet import pose_sheet
from models.pose.train import Epoch
from tasks.events import Events

__all__ = ["PoseBoard"]

LOOKS = 10  # epochs of a run whose pictures and histograms are shown
SHOWN = 12  # animals on the sheet
POINTS = 200  # animals in the projector
SPRITE = 48
TAGS = {
    "place_loss": "losses/place",
    "seen_loss": "losses/seen",
    "pck": "accuracy/PCK@0.1",
    "oks_ap": "accuracy/OKS-AP",
}


class PoseBoard(Events):
    """The events of one run; use it in a `with`.

    Args:
        folder: of the events.
        watched: the animals that are shown.
        params: of the run.
    """

    def __init__(self, folder: Path, watched: Sequence[Animal], params: PoseTrainParams) -> None:
        super().__init__(folder, params)
        self.watched, self.params = list(watched), params

    def add(self, epoch: Epoch, told: Readings, figures: dict[str, float]) -> None:
        """Show an epoch: figures always, pictures of ten epochs of the run, the network and its animals at the end."""
        for name, value in figures.items():
            if name != "epoch":
                self.writer.add_scalar(TAGS.get(name, "learning rate"), value, epoch.number)
        far = told.errors()
        for number, name in enumerate(KEYPOINTS):
            marked = ~np.isnan(far[:, number])
            if marked.any():
                share = float(np.mean(far[marked, number] < NEAR))
                self.writer.add_scalar(f"PCK@0.1 by keypoint/{name}", share, epoch.number)
        if epoch.last or epoch.number % max(1, self.params.epochs // LOOKS) == 0:
            self._sheet(epoch)
            self.histograms(epoch.network.backbone.blocks, epoch.number)
            self.writer.add_histogram("confidence/peak", told.peak.ravel(), epoch.number)
            self.writer.add_histogram("confidence/seen, logits", told.seen.ravel(), epoch.number)
        if epoch.last:
            _add_network(self.writer, epoch.network)
            self._animals(epoch)
        self.writer.flush()

    def _sheet(self, epoch: Epoch) -> None:
        shown = self.watched[:: max(1, len(self.watched) // SHOWN)][:SHOWN]
        crops = [crop for crop, _, _ in crops_of(shown, epoch.network.size)]
        poses = [row[: 3 * len(KEYPOINTS)].reshape(-1, 3) for row in _told(epoch.network, crops)]
        self.image("samples", pose_sheet(crops, poses, columns=4), epoch.number)

    def _animals(self, epoch: Epoch) -> None:
        shown = self.watched[:POINTS]
        if len(shown) < 2:
            return
        crops = [crop for crop, _, _ in crops_of(shown, epoch.network.size)]
        rows = [[animal.source, animal.path.stem, str(animal.fold)] for animal in shown]
        sprites = np.stack([cv2.resize(crop, (SPRITE, SPRITE), interpolation=cv2.INTER_AREA) for crop in crops])
        looks = _told(epoch.network, crops)[:, 3 * len(KEYPOINTS) :]
        self.points("looks", looks, ["source", "picture", "fold"], rows, sprites, epoch.number)


def _add_network(writer: Any, network: Any) -> None:
    """The network, traced on an empty crop."""
    import torch

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of tracing, about shapes that are fixed here
        writer.add_graph(network, torch.zeros(1, 3, network.size, network.size))


def _told(network: Any, crops: Sequence[np.ndarray]) -> np.ndarray:
    import torch

    with torch.no_grad():
        batch = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
        return np.asarray(network.told(batch).numpy())
