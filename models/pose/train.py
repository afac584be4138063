"""Train the pose network: a loop of its own, which goes on exactly where it was killed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import WrongUse
from home.pose_params import PoseTrainParams
from models.detector.checkpoint import read_state, save_whole
from models.detector.description import fingerprint_of
from models.detector.train import device_of
from models.pose.steps import Batch, begin_chance, follow, optimizer_of, started, stepped
from models.pose.views import Sample, seen_as

__all__ = ["STATE", "Epoch", "fit"]

STATE = "state.pt"
_WHERE_NOT_WHAT = {"runs", "threads", "device"}


@dataclass(frozen=True)
class Epoch:
    """What one epoch has come to.

    Attributes:
        number: from 1.
        last: no other follows.
        figures: losses and rates by name.
        network: the averaged network, a `torch.nn.Module` in evaluation mode; not to be changed.
    """

    number: int
    last: bool
    figures: dict[str, float]
    network: Any


def fit(
    samples: Sequence[Sample],
    params: PoseTrainParams,
    folder: Path,
    *,
    look: Callable[[Epoch], None],
    begins: Callable[[int], None],
) -> Path:
    """Train, or go on where the same run was interrupted; on one CPU thread it ends with the same weights either way.

    Args:
        samples: to learn from.
        params: how.
        folder: gets `last.pt`, and `state.pt` until the end.
        look: hears of each epoch, when it is saved.
        begins: hears, before the first, how many epochs are done already.

    Returns:
        Path of the trained weights; `models.pose.network.read_weights` reads them.

    Raises:
        WrongUse: there is nothing to learn from, or no such device.
        ModelError: PyTorch or the backbone is not installed, or the start cannot be read.
        StoreError: the disk is full.
    """
    if not samples:
        raise WrongUse("there is no animal to learn from: name folders (pose_prepare.folders) or draw some")
    import torch

    device = torch.device("cpu" if (asked := device_of(params.device)) == "cpu" else f"cuda:{asked}")
    before = torch.get_num_threads()
    torch.set_num_threads(params.threads)
    try:
        run = _Run(samples, params, folder, device)
        begins(run.done)
        for epoch in range(run.done + 1, params.epochs + 1):
            figures = run.epoch(epoch)
            run.save(epoch)
            look(Epoch(epoch, epoch == params.epochs, figures, run.average))
        return run.finish()
    finally:
        torch.set_num_threads(before)


class _Run:
    """The state of a training between two epochs."""

    def __init__(self, samples: Sequence[Sample], params: PoseTrainParams, folder: Path, device: Any) -> None:
        self.params, self.folder, self.device, self.samples = params, folder, device, samples
        self.fingerprint = _fingerprint(samples, params)
        self.photos = [number for number, sample in enumerate(samples) if sample.real]
        self.drawn = [number for number, sample in enumerate(samples) if not sample.real]
        self.network, self.average = started(params, device)
        self.optimizer = optimizer_of(self.network, params)
        self.steps = math.ceil(len(self._order(1)) / params.batch)
        self.done = 0
        folder.mkdir(parents=True, exist_ok=True)
        state = read_state(folder / STATE, self.fingerprint)
        if state is not None:
            self.done = state["epoch"]
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])

    def epoch(self, number: int) -> dict[str, float]:
        """One pass; all chance in it hangs on the seed and its number, so that it can be repeated."""
        params, losses = self.params, []
        begin_chance(f"{params.seed}/{number}")
        order = self._order(number)
        self.network.train()
        for step in range(self.steps):
            past = (number - 1) * self.steps + step
            self._set_rate(past)
            batch = self._batch(order[step * params.batch : (step + 1) * params.batch], number)
            losses.append(stepped(self.network, self.optimizer, batch, params, self.device))
            # the average follows fast at first, slowly later
            follow(self.average, self.network, min(params.average, (past + 1) / (past + 10)))
        place, seen = np.mean(losses, axis=0)
        return {"place_loss": float(place), "seen_loss": float(seen), "rate": self.optimizer.param_groups[1]["lr"]}

    def save(self, number: int) -> None:
        """Keep everything that the next epoch hangs on."""
        state = {
            "fingerprint": self.fingerprint,
            "epoch": number,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        save_whole(state, self.folder / STATE)

    def finish(self) -> Path:
        """Write the averaged weights; the next call begins anew."""
        target = self.folder / "last.pt"
        weights = {name: value.cpu() for name, value in self.average.state_dict().items()}
        save_whole({"image_size": self.params.image_size, "weights": weights}, target)
        (self.folder / STATE).unlink(missing_ok=True)
        return target

    def _order(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng((self.params.seed, epoch))
        chosen = rng.permutation(np.array(self.drawn, np.int64))[: self.params.drawn]
        return rng.permutation(np.concatenate([np.array(self.photos, np.int64), chosen]))

    def _batch(self, numbers: NDArray[np.int64], epoch: int) -> Batch:
        size = self.params.image_size
        crops = np.empty((len(numbers), size, size, 3), np.uint8)
        points = np.empty((len(numbers), 20, 3), np.float32)
        for row, number in enumerate(numbers):
            rng = np.random.default_rng((self.params.seed, epoch, int(number)))
            cover = self.samples[int(rng.integers(len(self.samples)))]
            crops[row], points[row] = seen_as(
                self.samples[number], size, rng, cheap=self.params.cheap_cameras, cover=cover
            )
        real = np.array([self.samples[number].real for number in numbers])
        # of a photo with nothing laid over it only what is seen is marked: it says nothing of what hidden looks like
        return crops, points, ~real | (points[..., 2] < 0).any(axis=1)

    def _set_rate(self, step: int) -> None:
        warm = self.params.warmup_epochs * self.steps
        part = step / max(1, self.params.epochs * self.steps)
        rate = (
            self.params.rate
            * min(1.0, (step + 1) / max(1.0, warm))
            * (0.01 + 0.99 * (1 + math.cos(math.pi * part)) / 2)
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]


def _fingerprint(samples: Sequence[Sample], params: PoseTrainParams) -> str:
    """Changes with whatever changes the result: 64 hexadecimal digits."""
    told = params.model_dump(exclude=_WHERE_NOT_WHAT | {"start"})
    start = Path(params.start)
    told["start"] = fingerprint_of(start) if start.is_file() else params.start
    digest = hashlib.sha256(json.dumps(told).encode())
    for sample in samples:
        digest.update(sample.jpeg)
        digest.update(sample.points.tobytes())
        digest.update(bytes([sample.real]))
    return digest.hexdigest()
