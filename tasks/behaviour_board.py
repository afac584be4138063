"""What TensorBoard shows of the training of the behaviour network: `tensorboard --logdir data/training`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from home.behaviour_params import BehaviourTrainParams
from home.look import THEME, rgb
from models.behaviour.figures import by_class, reliability
from models.detector.curves import confusion_picture
from tasks.events import Events

__all__ = ["BehaviourBoard", "reliability_picture"]

POINTS = 1000  # moments in the projector
SPRITE = 16
SIDE, MARGIN = 640, 90


class BehaviourBoard(Events):
    """The events of one training; use it in a `with`.

    Args:
        folder: of the events.
        names: of the behaviours.
        params: of the training.
    """

    def __init__(self, folder: Path, names: Sequence[str], params: BehaviourTrainParams) -> None:
        super().__init__(folder, params)
        self.names, self.params = list(names), params

    def epoch(self, number: int, loss: float) -> None:
        """Show how far it has learned."""
        self.writer.add_scalar("losses/train", loss, number)

    def end(
        self, network: Any, figures: Mapping[str, float], tables: Mapping[str, Any], told: NDArray, truth: NDArray
    ) -> None:
        """Show what was learned.

        Args:
            network: the trained one.
            figures: of the training.
            tables: its confusions.
            told: probabilities of the moments it was measured on `[N, K]`.
            truth: their behaviours `[N]`.
        """
        last = self.params.epochs
        for name, value in figures.items():
            self.writer.add_scalar(f"figures/{name}", value, last)
        for tag, table in tables.items():
            counts = np.array(table)
            self.image(tag.replace("_", " "), confusion_picture(counts, self.names), last)
            for name, (precision, recall, f1) in zip(self.names, by_class(counts), strict=True):
                if np.isfinite(recall):
                    self.writer.add_scalar(f"{tag.replace('_', ' ')} by behaviour, F1/{name}", f1, last)
                    self.writer.add_scalar(f"{tag.replace('_', ' ')} by behaviour, recall/{name}", recall, last)
                if np.isfinite(precision):
                    self.writer.add_scalar(f"{tag.replace('_', ' ')} by behaviour, precision/{name}", precision, last)
        self.image("reliability", reliability_picture(reliability(truth, told)), last)
        for k, name in enumerate(self.names):
            self.writer.add_histogram(f"probability of what it is/{name}", told[truth == k, k], last)
        self.histograms(network.body, last)
        self._points(told, truth, last)
        _add_graph(self.writer, network)
        self.writer.flush()

    def _points(self, told: NDArray, truth: NDArray, step: int) -> None:
        """What it says of moments, as points: those that it takes for one another lie together."""
        step_ = max(1, len(truth) // POINTS)
        rows, logs = np.arange(0, len(truth), step_), np.log(told + 1e-4)
        if len(rows) < 2:
            return
        colours = np.array([rgb(THEME["accent"][0]), rgb(THEME["text"][0])], np.uint8)
        right = told.argmax(axis=1) == truth
        sprites = np.stack([np.full((SPRITE, SPRITE, 3), colours[0 if right[row] else 1]) for row in rows])
        said = [[self.names[truth[row]], self.names[told[row].argmax()], f"{told[row].max():.2f}"] for row in rows]
        self.points("moments", logs[rows].astype(np.float32), ["is", "said", "certainty"], said, sprites, step)


def _add_graph(writer: Any, network: Any) -> None:
    import torch

    with torch.no_grad():
        writer.add_graph(network, torch.zeros(1, 2 * len(network.mean)))


def reliability_picture(bins: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Certainty against the share that is right, RGB `uint8 [H,W,3]`: on the line it promises what it holds.

    Args:
        bins: from `models.behaviour.figures.reliability`; the area of a point goes with how many moments it stands for.
    """
    picture = np.full((SIDE + 2 * MARGIN, SIDE + 2 * MARGIN, 3), rgb(THEME["page"][0]), np.uint8)
    ink, line, accent = (tuple(map(int, rgb(THEME[name][0]))) for name in ("text", "line", "accent"))

    def at(x: float, y: float) -> tuple[int, int]:
        return MARGIN + round(x * SIDE), MARGIN + round((1 - y) * SIDE)

    for tenth in range(0, 11, 2):
        cv2.line(picture, at(tenth / 10, 0), at(tenth / 10, 1), line, 2)
        cv2.line(picture, at(0, tenth / 10), at(1, tenth / 10), line, 2)
        for place in (at(tenth / 10, -0.06), at(-0.09, tenth / 10)):
            cv2.putText(picture, f"{tenth / 10:.1f}", (place[0] - 20, place[1] + 8), 0, 0.8, ink, 2, cv2.LINE_AA)
    cv2.line(picture, at(0, 0), at(1, 1), ink, 2, cv2.LINE_AA)
    most = np.nanmax(bins[:, 0]) or 1.0
    for count, sure, right in bins:
        if count:
            cv2.circle(picture, at(sure, right), round(6 + 22 * (count / most) ** 0.5), accent, -1, cv2.LINE_AA)
    cv2.putText(picture, "certainty (across) and share that is right (up)", (MARGIN, 50), 0, 0.9, ink, 2, cv2.LINE_AA)
    return picture
