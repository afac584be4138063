"""The pose network while it learns: the detector's backbone, a map of places for each joint, and whether it is seen.

Top-down with maps of places after Xiao et al., "Simple Baselines for Human Pose Estimation and Tracking" (ECCV 2018); the
place is the mean over the map's peak (Sun et al., "Integral Human Pose Regression", ECCV 2018), so that a cell of eight
pixels is fine enough. `simcc` tells rows and columns apart instead (Li et al., "SimCC", ECCV 2022).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from models.detector.library import load_yolo, quiet_ultralytics
from models.pose.keypoints import KEYPOINTS

__all__ = ["LOOKS", "network_class", "new_network"]

Tensor = Any
"""A `torch.Tensor`; PyTorch is imported where it works, not where a module is."""

ARCHITECTURE = "yolo26n.yaml"
LAYERS = 17
"""Of YOLO26: the backbone and the way back up to the level of stride 8."""
FINE, LAST, UP = 2, 10, 16
"""Layers whose output is used: stride 4, the last of the backbone, stride 8."""
WIDTHS = {FINE: 64, LAST: 256, UP: 64}
LOOKS = 128 + WIDTHS[LAST]
"""Numbers that say what an animal looks like: its fur around the joints (layer 4), the whole of it (layer 10)."""
FUR, FUR_WIDTH = 4, 128
PEAK = 2
"""Cells around the highest one that the place is the mean of."""


@cache
def network_class() -> Any:
    """The network, as a class."""
    quiet_ultralytics()
    import torch
    from torch import nn
    from torch.nn import functional
    from ultralytics.nn.tasks import DetectionModel

    def block(into: int, out: int) -> Any:
        return nn.Sequential(nn.Conv2d(into, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.SiLU(inplace=True))

    class PoseNetwork(nn.Module):
        """From crops `[N,3,S,S]` to scores of places `[N,20,C]` over cells, and of being seen `[N,20]`."""

        layers: Any
        sure: Any

        def __init__(self, size: int, head: str) -> None:
            super().__init__()
            points = len(KEYPOINTS)
            self.size, self.head = size, head
            whole: Any = DetectionModel(ARCHITECTURE, nc=1, verbose=False).model
            self.layers = nn.ModuleList(list(whole)[:LAYERS])
            self.stride = 4 if head == "fine" else 8
            self.side = size // self.stride
            width = WIDTHS[UP]
            self.stem = block(width, width)
            if head == "fine":
                self.mixed = block(width + WIDTHS[FINE], width)
            self.places = nn.Conv2d(width, points, 1)
            if head == "simcc":
                self.bins = 2 * self.side
                self.columns, self.rows = (nn.Linear(self.side**2, self.bins) for _ in range(2))
            self.seen = nn.Parameter(torch.zeros(points, width))
            self.seen_whole = nn.Linear(WIDTHS[LAST], points)
            # confidence = sigmoid(sure · (seen, log of the peak, 1)), set after training by what was right
            self.register_buffer("sure", torch.tensor([1.0, 0.0, 0.0]))

        def levels(self, crops: Tensor) -> dict[int, Tensor]:
            """Outputs of the layers by number."""
            outputs: list[Tensor] = []
            value = crops
            for layer in self.layers:
                came = [layer.f] if isinstance(layer.f, int) else layer.f
                inputs = [value if number == -1 else outputs[number] for number in came]
                value = layer(inputs[0] if isinstance(layer.f, int) else inputs)
                outputs.append(value)
            return {number: outputs[number] for number in (FINE, FUR, LAST, UP)}

        def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
            """Scores of places before the softmax, `[N,20,cells]` (`simcc`: columns, then rows), and of being seen."""
            places, seen, _ = self._read(self.levels(crops))
            return places, seen

        def _read(self, levels: dict[int, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
            features = self.stem(levels[UP])
            if self.head == "fine":
                features = functional.interpolate(features, scale_factor=2.0, mode="nearest")
                features = self.mixed(torch.cat([features, levels[FINE]], 1))
            maps = self.places(features).float().flatten(2)
            shares = maps.softmax(2)
            at = torch.einsum("npc,nfc->npf", shares, features.float().flatten(2))
            seen = (at * self.seen).sum(2) + self.seen_whole(levels[LAST].float().mean((2, 3)))
            if self.head == "simcc":
                maps = torch.cat([self.columns(maps), self.rows(maps)], 2)
            return maps, seen, shares

        def told(self, crops: Tensor) -> Tensor:
            """What an exported file tells: `[N, 60 + looks]`, x y confidence of each joint in 0..1 of the crop, looks."""
            levels = self.levels(crops)
            maps, seen, shares = self._read(levels)
            x, y, peak = self.placed(maps)
            sure = torch.sigmoid(self.sure[0] * seen + self.sure[1] * torch.log(peak + 1e-6) + self.sure[2])
            points = torch.stack([x, y, sure], 2).flatten(1)
            return torch.cat([points, self._looks(levels, shares, sure)], 1)

        def placed(self, maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """x and y in 0..1 of the crop and the share of the map around its peak, each `[N,20]`."""
            if self.head == "simcc":
                (x, across), (y, down) = (self._along(part.softmax(2), self.bins) for part in maps.split(self.bins, 2))
                return x, y, across * down
            shares = maps.softmax(2)
            best = shares.argmax(2, keepdim=True)
            columns = torch.arange(self.side, device=maps.device, dtype=torch.float32).repeat(self.side)
            rows = torch.arange(self.side, device=maps.device, dtype=torch.float32).repeat_interleave(self.side)
            near = ((columns - columns[best]).abs() <= PEAK) & ((rows - rows[best]).abs() <= PEAK)
            peak = shares * near
            mass = peak.sum(2)
            x, y = ((peak * way).sum(2) / mass for way in (columns, rows))
            return (x + 0.5) / self.side, (y + 0.5) / self.side, mass

        def _along(self, shares: Tensor, bins: int) -> tuple[Tensor, Tensor]:
            ways = torch.arange(bins, device=shares.device, dtype=torch.float32)
            near = (ways - shares.argmax(2, keepdim=True)).abs() <= 2 * PEAK
            peak = shares * near
            mass = peak.sum(2)
            return ((peak * ways).sum(2) / mass + 0.5) / bins, mass

        def _looks(self, levels: dict[int, Tensor], shares: Tensor, sure: Tensor) -> Tensor:
            """Fur where the joints are thought to be, and the whole animal; each of length 1, then both."""
            fur = levels[FUR].float()
            weight = (shares * sure[:, :, None]).sum(1).reshape(-1, 1, self.side, self.side)
            if self.head == "fine":
                weight = functional.avg_pool2d(weight, 2)
            weight = functional.avg_pool2d(weight, 3, stride=1, padding=1) + 1e-6
            around = (fur * weight).sum((2, 3)) / weight.sum((2, 3))
            whole = levels[LAST].float().mean((2, 3))
            both = [functional.normalize(part, dim=1) for part in (around, whole)]
            return torch.cat(both, 1) / 2**0.5

    return PoseNetwork


def new_network(start: str, size: int, head: str) -> Any:
    """A network that begins with the backbone of a detector.

    Args:
        start: weights of YOLO26n (`.pt`), or its architecture (`.yaml`), which is nothing.
        size: side of its crops, pixels.
        head: `coarse`, `fine` or `simcc`.

    Raises:
        ModelError: the start cannot be read, or is another network.
    """
    network = network_class()(size, head)
    if Path(start).suffix != ".yaml":
        from home.errors import ModelError

        given = load_yolo(start).model.float().model[:LAYERS].state_dict()
        own = network.layers.state_dict()
        wrong = [name for name, value in own.items() if name not in given or given[name].shape != value.shape]
        if wrong:
            raise ModelError(f"{start!r} is no YOLO26n: found no {wrong[0]}; give weights of the project's detector")
        network.layers.load_state_dict({name: given[name] for name in own})
    return network
