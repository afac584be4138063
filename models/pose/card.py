"""The card that goes with a pose network (Mitchell et al., "Model Cards for Model Reporting", FAT* 2019)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from home.markdown import table
from home.pose_params import PoseExportParams, PoseTrainParams
from models.detector.card import terms_of
from models.detector.description import SHORT
from models.pose.animals import Animal
from models.pose.description import PoseDescription

__all__ = ["pose_card"]

_WHOLE = (
    "These weights were trained on all animals. The figures are those of networks trained likewise, each without a part of the "
    "animals, on the part that it did not see (`python -m tasks.pose_evaluate`)."
)
_PART = (
    "These weights were trained without the animals of fold {fold}; the figures of that fold are theirs "
    "(`python -m tasks.pose_evaluate`)."
)

_LIMITS = """\
- It reads one animal in a box that is given; where another cat is in the box too, its joints may be taken for those of the first.
- Hind legs and the root of the tail are placed worst.
- A confidence is the share of joints that lie within a tenth of the box's longer side, on photos and drawn cats together;
  other cameras may be harder.
- What the network sees in an animal (`looks`) is a by-product of reading its joints: behaviour is read with it, cats are told
  apart by their coats (`models/coat.py`)."""

_STRANGERS = (
    "`strangers.npz` holds the coats of {cats} other cats, each as it was read on one picture ({sources}); which is what "
    "a cat that does not live in a home looks like there. What one cat differs from itself comes from {portraits} pictures of known drawn cats. No "
    "picture can be made of it again."
)


def pose_card(
    description: PoseDescription,
    animals: Sequence[Animal],
    training: PoseTrainParams,
    params: PoseExportParams,
    *,
    evaluation: str,
    lost: tuple[float, float, float],
    strangers: Mapping[str, int],
) -> str:
    """The card as Markdown.

    Args:
        description: of the exported file.
        animals: what it learned from.
        training: how.
        params: of the export: sources and notes.
        evaluation: the page of the figures.
        lost: against PyTorch: pixels of the crop, confidence, looks.
        strangers: whose coats ship beside it: cats by source, and how many `portraits`.
    """
    size = description.input_size
    of_source = {source: count for source, count in strangers.items() if source != "portraits"}
    counts = Counter((animal.source, animal.species) for animal in animals)
    terms = terms_of(params.sources)
    rows = [[source, species, count, terms.get(source, "not stated")] for (source, species), count in counts.items()]
    parts = [
        f"# {description.name}",
        f"Reads {len(description.keypoints)} keypoints and what an animal looks like from a crop of {description.around:g} longer "
        f"sides of its box. ONNX, RGB `float32 [N,3,{size},{size}]` in 0..1; output `[N,{description.numbers}]`: x, y and "
        f"confidence of each keypoint in 0..1 of the crop, then {description.looks} looks. SHA-256 "
        f"`{description.fingerprint[:SHORT]}…`.",
        "Licence: AGPL-3.0, as CatML. Its backbone began as EfficientNet-Lite0 (Tan and Le, ICML 2019), which Google trained on "
        "ImageNet, in the PyTorch form of ML Illustrated (Copyright 2020), Apache License 2.0. The pictures it learned from are "
        "not part of it and have terms of their own, named below.",
        "## How well",
        _WHOLE if training.fold is None else _PART.format(fold=training.fold),
        evaluation.strip(),
        f"The file keeps its weights in fp16. Against PyTorch: 98 in 100 joints within {lost[0]:.2g} pixels (of those from a "
        f"confidence of 0.3 on) and {lost[1]:.2g} in confidence; the others have two likely places. Looks: {lost[2]:.2g} at most.",
        "## What it learned from",
        table(["source", "species", "animals", "terms"], rows),
        f"Start `{Path(training.start).name}`, {training.epochs} epochs at {size} pixels, batch {training.batch}, AdamW {training.rate:g}, "
        f"seed {training.seed} (`python -m tasks.pose_prepare`, then `python -m tasks.pose_train`).",
        "## Strangers",
        _STRANGERS.format(
            cats=sum(of_source.values()),
            sources=", ".join(f"{source} {count}" for source, count in of_source.items()),
            portraits=strangers["portraits"],
        ),
        "## Where it fails",
        _LIMITS,
    ]
    if params.notes:
        parts += ["## Notes", "\n".join(f"- {note}" for note in params.notes)]
    return "\n\n".join(parts) + "\n"
