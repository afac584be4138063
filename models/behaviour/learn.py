"""Train the behaviour network on labelled moments, calibrate it, and write it as the ONNX file that is asked.

A small network on named evidence. In training whole kinds of evidence go missing at random (the pose, the burst, neighbours
in time, zones, looks), so that one network reads a night with everything and a single photo with little, and a zone stays
evidence beside others. After training its scores are divided by a temperature (Guo et al., "On calibration of modern neural
networks", ICML 2017) that is fitted on groups of moments that it did not learn from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.errors import WrongUse
from models.behaviour.evidence import NEIGHBOURS, ZONES
from models.behaviour.geometry import GEOMETRY
from models.behaviour.strokes import STROKES

__all__ = ["KINDS", "Examples", "LearnSettings", "calibrate", "fit", "learn", "network_class", "to_onnx"]

Array = NDArray[np.float32]

KINDS: dict[str, tuple[str, ...]] = {
    "pose": (*GEOMETRY, *STROKES),
    "burst": tuple(STROKES),
    "neighbours": tuple(NEIGHBOURS),
    "zones": tuple(ZONES),
}
"""What may be missing together; `looks` are all the numbers whose name begins with `look_`."""

CLIP = 5.0  # deviations from the mean beyond which a number says no more


@dataclass(frozen=True)
class LearnSettings:
    """How the network is trained.

    Attributes:
        hidden: width of its two layers.
        looks: width that looks are brought down to before they meet the rest: there are many, and few animals.
        epochs, batch, rate, decay: of AdamW with one cycle of the rate.
        dropout: share of the hidden numbers left out in training.
        missing: share of the examples that lose each kind of evidence.
        missing_looks: share that lose their looks.
        seed: same seed, same network.
    """

    hidden: int = 96
    looks: int = 24
    epochs: int = 40
    batch: int = 256
    rate: float = 0.003
    decay: float = 0.02
    dropout: float = 0.2
    missing: float = 0.25
    missing_looks: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """N labelled moments.

    Attributes:
        values, known: evidence and its mask `float32 [N, M]`, as `columns` of the classifier gives them.
        truth: index of the behaviour `int64 [N]`.
        weight: how much each counts `float32 [N]`.
    """

    values: Array
    known: Array
    truth: NDArray[np.int64]
    weight: Array

    def __len__(self) -> int:
        return len(self.truth)


@cache
def network_class() -> Any:
    """The network, as a class."""
    import torch
    from torch import nn

    class BehaviourNetwork(nn.Module):
        """From values and masks `[N, 2M]` to log-probabilities `[N, K]`."""

        looks: Any  # PyTorch's own types leave open whether a name is a tensor or a module
        rest: Any

        def __init__(self, mean: Any, spread: Any, looks: Any, behaviours: int, settings: LearnSettings) -> None:
            super().__init__()
            count, many = len(mean), int(looks.sum())
            for name, value in (("mean", mean), ("spread", spread), ("looks", looks.nonzero()[:, 0])):
                self.register_buffer(name, value)
            self.register_buffer("rest", (~looks).nonzero()[:, 0])
            self.few = nn.Linear(many, settings.looks) if many else None
            into = 2 * (count - many) + (settings.looks + 1 if many else 0)
            drop = nn.Dropout(settings.dropout)
            self.body = nn.Sequential(
                nn.Linear(into, settings.hidden), nn.GELU(), drop,
                nn.Linear(settings.hidden, settings.hidden), nn.GELU(), drop,
                nn.Linear(settings.hidden, behaviours),
            )  # fmt: skip

        def forward(self, asked: Any) -> Any:
            values, known = asked.chunk(2, dim=1)
            values = ((values - self.mean) / self.spread).clamp(-CLIP, CLIP) * known
            parts = [values[:, self.rest], known[:, self.rest]]
            if self.few is not None:
                there = known[:, self.looks[:1]]
                parts += [self.few(values[:, self.looks]) * there, there]
            return torch.log_softmax(self.body(torch.cat(parts, 1)), dim=1)

    return BehaviourNetwork


def learn(
    examples: Examples,
    names: Sequence[str],
    behaviours: Sequence[str],
    settings: LearnSettings,
    look: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Any:
    """Train a network on the CPU.

    Args:
        examples: what it learns from.
        names: of the evidence, in order `[M]`.
        behaviours: of which `truth` is an index.
        settings: how.
        look: hears of each epoch, from 1, and its mean loss.

    Returns:
        The network, ready to be asked.

    Raises:
        WrongUse: a behaviour has no example.
    """
    missing = [name for k, name in enumerate(behaviours) if not (examples.truth == k).any()]
    if missing:
        raise WrongUse(f"no moment of {', '.join(missing)} among {len(examples)}: a behaviour is learned from examples")
    import torch

    torch.manual_seed(settings.seed)
    known = examples.known.sum(axis=0) + 1e-9
    mean = (examples.values * examples.known).sum(axis=0) / known
    spread = np.sqrt((((examples.values - mean) * examples.known) ** 2).sum(axis=0) / known) + 1e-3
    looks = torch.tensor([name.startswith("look_") for name in names])
    network = network_class()(
        torch.tensor(mean, dtype=torch.float32),
        torch.tensor(spread, dtype=torch.float32),
        looks,
        len(behaviours),
        settings,
    )
    return fit(network, examples, names, settings, look)


def fit(
    network: Any,
    examples: Examples,
    names: Sequence[str],
    settings: LearnSettings,
    look: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Any:
    """Let a network learn on the CPU, from the weights that it has; the seed of the order is the caller's."""
    import torch

    steps = settings.epochs * -(-len(examples) // settings.batch)
    optimizer = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=settings.decay)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.rate, total_steps=steps)
    data = [torch.from_numpy(each) for each in (examples.values, examples.known, examples.truth, examples.weight)]
    leave = _leaving(names, settings)
    network.train()
    for epoch in range(1, settings.epochs + 1):
        losses = []
        for part in torch.randperm(len(examples)).split(settings.batch):
            values, mask, truth, weight = (each[part] for each in data)
            told = network(torch.cat([values, leave(mask)], 1))
            loss = (torch.nn.functional.nll_loss(told, truth, reduction="none") * weight).sum() / weight.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
            losses.append(float(loss.detach()))
        look(epoch, float(np.mean(losses)))
    return network.eval()


def _leaving(names: Sequence[str], settings: LearnSettings) -> Callable[[Any], Any]:
    """A function that takes kinds of evidence away from the masks of a batch `[B, M]`, at random."""
    import torch

    kinds = [np.isin(names, kind) for kind in KINDS.values()]
    kinds.append(np.array([name.startswith("look_") for name in names]))
    named = torch.tensor(np.stack(kinds), dtype=torch.float32)
    share = torch.tensor([settings.missing] * len(KINDS) + [settings.missing_looks])

    def leave(mask: Any) -> Any:
        gone = (torch.rand(len(mask), len(share)) < share).float()
        return mask * (1 - (gone @ named).clamp(max=1))

    return leave


def calibrate(network: Any, examples: Examples) -> float:
    """The temperature that makes examples it did not learn from likeliest."""
    import torch

    asked = torch.from_numpy(np.concatenate([examples.values, examples.known], axis=1))
    truth, weight = torch.from_numpy(examples.truth), torch.from_numpy(examples.weight)
    with torch.no_grad():
        scores = network(asked)
        tried = torch.logspace(-0.7, 0.9, 81)
        losses = [
            float((torch.nn.functional.cross_entropy(scores / each, truth, reduction="none") * weight).sum())
            for each in tried
        ]
    return float(tried[int(np.argmin(losses))])


def to_onnx(network: Any, path: Path, *, opset: int = 17) -> None:
    """Write the network with a free number of moments; same network, same bytes."""
    import torch

    asked = torch.zeros(1, 2 * len(network.mean))
    torch.onnx.export(
        network, (asked,), str(path), input_names=["evidence"], output_names=["log_probability"],
        dynamic_axes={"evidence": {0: "moments"}, "log_probability": {0: "moments"}}, opset_version=opset, dynamo=False,
    )  # fmt: skip
