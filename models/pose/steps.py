"""One step of the training of the pose network, in PyTorch."""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.pose_params import IMAGENET, NOTHING, PoseTrainParams
from models.pose.loss import pose_loss
from models.pose.network import network_class, new_network, read_weights

__all__ = ["Batch", "begin_chance", "follow", "optimizer_of", "started", "stepped"]

Batch = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.bool_]]
"""Crops RGB `[N,S,S,3]`, points `[N,20,3]`, and `[N]` whether being seen may be learned from each."""

MOST = 5.0
"""Length that a gradient is cut to: the first steps of a new head are violent."""


def started(params: PoseTrainParams, device: Any) -> tuple[Any, Any]:
    """The network that learns, and its average, as they begin.

    Raises:
        ModelError: the start cannot be read.
    """
    import torch

    torch.manual_seed(params.seed)
    network = new_network(params.start == IMAGENET, params.image_size)
    if params.start not in (IMAGENET, NOTHING):
        network.load_state_dict(read_weights(Path(params.start)).state_dict())  # whatever the size of its crops was
    network = network.to(device, memory_format=torch.channels_last)
    average = network_class()(params.image_size).to(device).eval().requires_grad_(False)
    average.load_state_dict(network.state_dict())
    return network, average


def optimizer_of(network: Any, params: PoseTrainParams) -> Any:
    """AdamW; what the backbone has learned changes more slowly than what is new."""
    import torch

    old = list(network.backbone.parameters())
    new = [each for name, each in network.named_parameters() if not name.startswith("backbone.")]
    groups = [{"params": old, "share": params.backbone}, {"params": new, "share": 1.0}]
    return torch.optim.AdamW(groups, lr=params.rate, weight_decay=params.decay)


def stepped(network: Any, optimizer: Any, batch: Batch, params: PoseTrainParams, device: Any) -> tuple[float, float]:
    """Learn from one batch; gives the losses of place and of being seen."""
    import torch

    crops, points, known = (torch.from_numpy(part).to(device) for part in batch)
    images = (crops.permute(0, 3, 1, 2).float() / 255).contiguous(memory_format=torch.channels_last)
    with _half(device):
        place, seen = pose_loss(network, images, points, known, spread=params.spread, hidden=params.hidden)
    optimizer.zero_grad(set_to_none=True)
    (place + seen).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), MOST)
    optimizer.step()
    return float(place.detach()), float(seen.detach())


def begin_chance(name: str) -> None:
    """Begin all chance anew: of views, and of the blocks that the backbone leaves out."""
    import torch

    random.seed(name)
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    np.random.seed(number)
    torch.manual_seed(number)


def follow(average: Any, network: Any, keep: float) -> None:
    """Move the average towards the network: `keep` of it stays."""
    import torch

    with torch.no_grad():
        theirs = network.state_dict()
        for name, mine in average.state_dict().items():
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs[name], 1 - keep)
            else:
                mine.copy_(theirs[name])


@contextlib.contextmanager
def _half(device: Any) -> Iterator[None]:
    """bfloat16 on a GPU. On a processor with bf16 it took longer than float32: most of the backbone is depthwise."""
    import torch

    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type != "cpu"):
        yield
