"""What the pose network is told: where each known joint is, and whether it is seen."""

from __future__ import annotations

from typing import Any

Tensor = Any

__all__ = ["pose_loss"]

SEEN_WEIGHT = 0.05
"""Of being seen against places: the latter is a cross-entropy over hundreds of cells. Our choice."""


def pose_loss(
    network: Any, crops: Tensor, points: Tensor, known: Tensor, *, spread: float, hidden: float
) -> tuple[Tensor, Tensor]:
    """Losses of place and of being seen of a batch.

    A joint that nobody marked teaches nothing. One that is hidden teaches where it is, a little, and that it is not seen.

    Args:
        network: from `models.pose.network`.
        crops: `[N,3,S,S]` 0..1.
        points: `[N,20,3]` x y as shares of the crop; 1 seen, -1 hidden, 0 unknown.
        known: `[N]` true where being seen may be learned: of photos with nothing laid over them only what is seen is
            marked, and a network that learned from these would say of every photo that all is seen.
        spread: standard deviation of the spot around a joint, cells of 8 pixels.
        hidden: weight of the place of a hidden joint.
    """
    from torch.nn import functional

    maps, seen = network(crops)
    state = points[..., 2]
    inside = ((points[..., :2] >= 0) & (points[..., :2] < 1)).all(2)
    weight = ((state > 0) + hidden * (state < 0)) * inside
    target = _spots(network.side, points, spread)
    logs = maps.log_softmax(2)
    place = -(target * logs).sum(2)
    judged = (state != 0) & known[:, None]
    told = functional.binary_cross_entropy_with_logits(seen, (state > 0).float(), reduction="none")
    return (
        (place * weight).sum() / weight.sum().clamp(min=1),
        SEEN_WEIGHT * (told * judged).sum() / judged.sum().clamp(min=1),
    )


def _spots(side: int, points: Tensor, spread: float) -> Tensor:
    """A normal distribution around each joint over the cells of a map `[N,20,cells]`."""
    import torch

    cells = torch.arange(side, device=points.device, dtype=torch.float32) + 0.5

    def along(way: int) -> Tensor:
        far = (points[..., way, None] * side - cells) / spread
        shares = torch.exp(-(far**2) / 2)
        return shares / shares.sum(2, keepdim=True).clamp(min=1e-9)

    return (along(1)[..., :, None] * along(0)[..., None, :]).flatten(2)
