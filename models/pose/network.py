"""The pose network while it learns: a backbone that knows pictures, a map of places for each joint, and whether it is seen.

Top-down with maps of places after Xiao et al., "Simple Baselines for Human Pose Estimation and Tracking" (ECCV 2018); the
place is the mean over the map's peak (Sun et al., "Integral Human Pose Regression", ECCV 2018), so that a cell of eight
pixels is fine enough. The backbone is EfficientNet-Lite0 (Tan and Le, "EfficientNet", ICML 2019), whose coarse levels come back up to
the finer ones (Lin et al., "Feature Pyramid Networks", CVPR 2017).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from home.errors import ModelError
from models.photo.network import MEAN, NAME, SPREAD, learned
from models.pose.keypoints import KEYPOINTS

__all__ = ["LOOKS", "network_class", "new_network", "read_weights"]

Tensor = Any
"""A `torch.Tensor`; PyTorch is imported where it works, not where a module is."""

FINE, MIDDLE, LAST = 4, 10, 15
"""Blocks of the backbone whose output is used: strides 8, 16 and 32."""
WIDTHS = {FINE: 40, MIDDLE: 112, LAST: 320}
BETWEEN, UP = 96, 64
"""Channels on the way back up, and of what arrives at stride 8."""
STRIDE = 8
LOOKS = UP + WIDTHS[LAST]
"""Numbers that say what an animal looks like: around its joints, and the whole of it."""
PEAK = 2
"""Cells around the highest one that the place is the mean of."""
DROPPED = 0.2
"""Chance with which the last block is left out of a step, those before it less often: as the backbone was trained."""


@cache
def network_class() -> Any:
    """The network, as a class.

    Raises:
        ModelError: PyTorch or the backbone is not installed.
    """
    try:
        import torch
        from efficientnet_lite_pytorch import EfficientNet
        from torch import nn
        from torch.nn import functional
    except ImportError as error:
        raise ModelError(f"{error.name} is not installed: pip install 'catml[train]'") from error

    def block(into: int, out: int) -> Any:
        return nn.Sequential(nn.Conv2d(into, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.SiLU(inplace=True))

    class Backbone(nn.Module):
        """EfficientNet-Lite0 up to its last block: from crops to the levels that are used, by number."""

        def __init__(self) -> None:
            super().__init__()
            whole = EfficientNet.from_name(NAME)
            self.stem = nn.Sequential(whole._conv_stem, whole._bn0, nn.ReLU6(inplace=True))
            self.blocks = whole._blocks

        def forward(self, crops: Tensor) -> dict[int, Tensor]:
            value, levels = self.stem((crops * 255 - MEAN) / SPREAD), {}
            for number, each in enumerate(self.blocks):
                value = each(value, drop_connect_rate=DROPPED * number / len(self.blocks))
                if number in WIDTHS:
                    levels[number] = value
            return levels

    class PoseNetwork(nn.Module):
        """From crops `[N,3,S,S]` to scores of places `[N,20,C]` over cells, and of being seen `[N,20]`."""

        sure: Any

        def __init__(self, size: int) -> None:
            super().__init__()
            points = len(KEYPOINTS)
            self.size, self.side = size, size // STRIDE
            self.backbone = Backbone()
            self.across = nn.ModuleDict({str(level): nn.Conv2d(WIDTHS[level], BETWEEN, 1) for level in WIDTHS})
            self.middle, self.up = block(BETWEEN, BETWEEN), block(BETWEEN, UP)
            self.stem = block(UP, UP)
            self.places = nn.Conv2d(UP, points, 1)
            self.seen = nn.Parameter(torch.zeros(points, UP))
            self.seen_whole = nn.Linear(WIDTHS[LAST], points)
            # confidence = sigmoid(sure · (seen, log of the peak, 1)), set after training by what was right
            self.register_buffer("sure", torch.tensor([1.0, 0.0, 0.0]))

        def levels(self, crops: Tensor) -> tuple[Tensor, Tensor]:
            """What the whole of each animal looks like `[N,320]`, and its cells at stride 8 `[N,64,S/8,S/8]`."""
            found = self.backbone(crops)
            value = self.across[str(LAST)](found[LAST])
            value = self.middle(self._raised(value) + self.across[str(MIDDLE)](found[MIDDLE]))
            value = self.up(self._raised(value) + self.across[str(FINE)](found[FINE]))
            return found[LAST].float().mean((2, 3)), value

        @staticmethod
        def _raised(level: Tensor) -> Tensor:
            return functional.interpolate(level, scale_factor=2.0, mode="nearest")

        def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
            """Scores of places before the softmax `[N,20,cells]`, and of being seen."""
            places, seen, _ = self._read(*self.levels(crops))
            return places, seen

        def _read(self, whole: Tensor, cells: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            features = self.stem(cells)
            maps = self.places(features).float().flatten(2)
            shares = maps.softmax(2)
            at = torch.einsum("npc,nfc->npf", shares, features.float().flatten(2))
            return maps, (at * self.seen).sum(2) + self.seen_whole(whole), shares

        def told(self, crops: Tensor) -> Tensor:
            """What an exported file tells: `[N, 60 + looks]`, x y confidence of each joint in 0..1 of the crop, looks."""
            whole, cells = self.levels(crops)
            maps, seen, shares = self._read(whole, cells)
            x, y, peak = self.placed(maps)
            sure = torch.sigmoid(self.sure[0] * seen + self.sure[1] * torch.log(peak + 1e-6) + self.sure[2])
            points = torch.stack([x, y, sure], 2).flatten(1)
            return torch.cat([points, self._looks(whole, cells, shares, sure)], 1)

        def placed(self, maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """x and y in 0..1 of the crop and the share of the map around its peak, each `[N,20]`."""
            shares = maps.softmax(2)
            best = shares.argmax(2, keepdim=True)
            columns = torch.arange(self.side, device=maps.device, dtype=torch.float32).repeat(self.side)
            rows = torch.arange(self.side, device=maps.device, dtype=torch.float32).repeat_interleave(self.side)
            near = ((columns - columns[best]).abs() <= PEAK) & ((rows - rows[best]).abs() <= PEAK)
            peak = shares * near
            mass = peak.sum(2)
            x, y = ((peak * way).sum(2) / mass for way in (columns, rows))
            return (x + 0.5) / self.side, (y + 0.5) / self.side, mass

        def _looks(self, whole: Tensor, cells: Tensor, shares: Tensor, sure: Tensor) -> Tensor:
            """Where the joints are thought to be, and the whole animal; each of length 1, then both."""
            weight = (shares * sure[:, :, None]).sum(1).reshape(-1, 1, self.side, self.side)
            weight = functional.avg_pool2d(weight, 3, stride=1, padding=1) + 1e-6
            around = (cells.float() * weight).sum((2, 3)) / weight.sum((2, 3))
            both = [functional.normalize(part, dim=1) for part in (around, whole)]
            return torch.cat(both, 1) / 2**0.5

    return PoseNetwork


def new_network(taught: bool, size: int) -> Any:
    """A network that begins with what its backbone learned from ImageNet, or with nothing.

    Args:
        taught: whether it does; the weights are those of `models.photo.network`, Apache License 2.0.
        size: side of its crops, pixels.

    Raises:
        ModelError: PyTorch, the backbone or its weights are not installed.
    """
    network = network_class()(size)
    if taught:
        whole = learned()
        for own, theirs in (
            (network.backbone.stem[0], whole._conv_stem),
            (network.backbone.stem[1], whole._bn0),
            (network.backbone.blocks, whole._blocks),
        ):
            own.load_state_dict(theirs.state_dict())
    return network


def read_weights(path: Path) -> Any:
    """The network of trained weights, in evaluation mode on the CPU.

    Raises:
        ModelError: the file is missing or damaged.
    """
    import torch

    if not path.is_file():
        raise ModelError(f"no trained pose at {str(path)!r}; `python -m tasks.pose_train` writes it")
    try:
        tree = torch.load(path, map_location="cpu", weights_only=True)
        network = network_class()(tree["image_size"])
        network.load_state_dict(tree["weights"])
    except Exception as error:  # whatever torch raised on bytes that are no weights
        raise ModelError(f"{str(path)!r} holds no pose network: {error}") from error
    return network.eval()
