"""The network while it learns: a YOLO that may hear a teacher beside the boxes.

What a large detector learned from a hundred thousand pictures is in all that it says, not in its few sure boxes: how sure
it is of every class in every cell, and what it sees there. A small network that has to say the same of the same augmented
picture learns that too (Hinton et al. 2015, arXiv:1503.02531; over long schedules and on the very same view: Beyer et al.
2022, arXiv:2106.05237; what is answered for in each cell: Zhang and Ma 2021; features: Romero et al. 2015,
arXiv:1412.6550). The heads that answer the teacher are dropped when it has learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from models.detector.library import quiet_ultralytics

Tensor = Any
"""A `torch.Tensor`; PyTorch is imported where it works, not where a module is."""

__all__ = ["LESSON", "TAUGHT", "lesson_loss", "pupil_class"]

TAUGHT = "taught"
"""What a batch calls the teacher's words: one tensor `[B,1+C+F,h,w]` a stride."""
LESSON = "lesson_loss"
_WIDTH = 96
_FOCUS = 1.5


@cache
def pupil_class() -> Any:
    """The network, as a class: an Ultralytics `DetectionModel` with, while it learns, heads that answer a teacher."""
    quiet_ultralytics()
    import torch
    from torch import nn
    from ultralytics.nn.tasks import DetectionModel, yaml_model_load

    class Answer(nn.Module):
        """From one level of the network's neck to objectness, classes and features of the teacher."""

        def __init__(self, width: int, classes: int, features: int) -> None:
            super().__init__()
            self.stem = nn.Sequential(
                nn.Conv2d(width, _WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(_WIDTH), nn.SiLU(inplace=True)
            )
            self.objectness = nn.Conv2d(_WIDTH, 1, 1)
            self.classes = nn.Conv2d(_WIDTH, classes, 1)
            self.features = nn.Conv2d(_WIDTH, features, 1)
            # Most cells hold nothing: to begin with the rare ones is what makes the first steps violent.
            for layer, rare in ((self.objectness, -5.0), (self.classes, -3.0)):
                nn.init.constant_(layer.bias if layer.bias is not None else layer.weight, rare)

        def forward(self, level: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            seen = self.stem(level)
            return self.objectness(seen), self.classes(seen), self.features(seen)

    class Pupil(DetectionModel):
        """A detector that may hear a teacher beside the boxes."""

        def __init__(
            self,
            cfg: str | dict[str, Any],
            classes: int,
            *,
            both_heads: bool,
            taught: tuple[int, int] | None,
            weight: float,
        ) -> None:
            """Build the network.

            Args:
                cfg: an Ultralytics architecture.
                classes: how many it learns to tell apart.
                both_heads: also the head that needs no merging of its boxes.
                taught: classes and features of the teacher; None where there is none.
                weight: what the teacher's words weigh against the boxes.
            """
            tree = yaml_model_load(cfg) if isinstance(cfg, str) else cfg
            super().__init__({**tree, "end2end": both_heads}, ch=3, nc=classes, verbose=False)
            self.answers: nn.ModuleList | None = None
            self.weight = weight
            if taught is not None:
                layers: Any = self.model
                widths = [branch[0].conv.in_channels for branch in layers[-1].cv2]
                self.answers = nn.ModuleList(Answer(width, *taught) for width in widths)
            # Convolutions in bfloat16 take two thirds of the time where the channels lie side by side.
            self.to(memory_format=torch.channels_last)

        def loss(self, batch: dict[str, Any], preds: Any = None) -> tuple[Tensor, dict[str, Tensor]]:
            """The loss of boxes and, where the batch has a teacher's words, of the lesson; and both by name.

            Boxes are compared in float32: bfloat16 has eight bits, a pixel of a wide picture.
            """
            preds = _full(self.forward(batch["img"]) if preds is None else preds)
            with torch.autocast(batch["img"].device.type, enabled=False):
                loss, items = super().loss(batch, preds)
            if self.answers is None or TAUGHT not in batch:
                return loss, items
            seen = preds.get("one2many", preds)["feats"]
            answers = [answer(level) for answer, level in zip(self.answers, seen, strict=True)]
            with torch.autocast(batch["img"].device.type, enabled=False):
                lesson = self.weight * lesson_loss(answers, batch[TAUGHT])
            return loss.sum() + lesson * len(batch["img"]), {**items, LESSON: lesson.detach()}

        def remember(self, answers: dict[str, Tensor] | None) -> None:
            """Go on with the heads of an earlier run that had the same teacher; others begin anew."""
            if self.answers is None or answers is None:
                return
            own = self.answers.state_dict()
            if all(name in own and own[name].shape == value.shape for name, value in answers.items()):
                self.answers.load_state_dict(answers)

        def plain(self) -> DetectionModel:
            """This very network as a detector alone, as Ultralytics keeps and exports it."""
            self.answers = None
            self.__class__ = DetectionModel  # type: ignore[assignment]
            # Its export reshapes weights in place, which it can only where they lie as they always did
            return self.to(memory_format=torch.contiguous_format)

    return Pupil


def lesson_loss(answers: Sequence[tuple[Tensor, Tensor, Tensor]], taught: Sequence[Tensor]) -> Tensor:
    """How far the answers are from the teacher's words, a number.

    Objectness by cross entropy, weighted by how wrong it is (quality focal loss, Li et al. 2020, arXiv:2006.04388);
    classes by cross entropy where the teacher sees something; features, each normalised, by mean square.
    """
    import torch
    from torch.nn import functional

    total = torch.zeros((), device=taught[0].device)
    for (objectness, classes, features), words in zip(answers, taught, strict=True):
        grid = (objectness.shape[-2], objectness.shape[-1])
        words = functional.interpolate(words, size=grid, mode="bilinear", align_corners=False)
        thing, named, sight = words.split([1, classes.shape[1], features.shape[1]], dim=1)
        objectness, classes = objectness.float(), classes.float()
        wrong = (objectness.sigmoid() - thing).abs() ** _FOCUS
        things = thing.sum()
        seen = functional.binary_cross_entropy_with_logits(objectness, thing, reduction="none") * wrong
        names = functional.binary_cross_entropy_with_logits(classes, named, reduction="none").sum(1, keepdim=True)
        total = total + seen.sum() / (things + 1) + 0.5 * (names * thing).sum() / (things + 1)
        total = total + functional.mse_loss(_normal(features.float()), _normal(sight))
    return total / len(taught)


def _normal(values: Tensor) -> Tensor:
    """Each channel with mean 0 and deviation 1 over the batch."""
    centred = values - values.mean((0, 2, 3), keepdim=True)
    return centred * (centred.square().mean((0, 2, 3), keepdim=True) + 1e-4).rsqrt()


def _full(preds: Any) -> Any:
    """Predictions in float32; the features, which only the teacher's heads read, as they are."""
    import torch

    if isinstance(preds, torch.Tensor):
        return preds.float()
    if isinstance(preds, dict):
        return {name: value if name == "feats" else _full(value) for name, value in preds.items()}
    return type(preds)(_full(value) for value in preds)
