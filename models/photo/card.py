"""The card that goes with the reader of photos (Mitchell et al., "Model Cards for Model Reporting", FAT* 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from home.behaviour_params import BehaviourPrepareParams
from home.markdown import table
from models.detector.description import SHORT
from models.photo.predict import PhotoDescription

__all__ = ["photo_card"]

_LIMITS = """\
- It tells only what its photos were labelled with. A cat that plays, grooms, scratches or hunts is called one of these too.
- All photos are of one collection. Photos of cats that walk are mostly of one tiled room, those of litter boxes mostly pictures
  that others had put on the web: what kind of picture it is tells a part of the answer, and how large a part was not measured.
  In rooms that it does not know it is worse, as the second row shows, and more so where scenes are joined sooner (macro-F1 0.72).
- Frames of real clips it reads badly (docs/reading.md): it is for photos that somebody takes, and unproven beyond this collection.
- It sees one moment: a cat that walks past its bowl may look as one that eats. It says nothing of how a cat is."""


def photo_card(
    description: PhotoDescription,
    names: Sequence[str],
    tables: Mapping[str, Any],
    counts: Sequence[int],
    prepared: BehaviourPrepareParams,
) -> str:
    """The card as Markdown.

    Args:
        description: with its figures.
        names: of the behaviours, in the order of the tables.
        tables: `confusion` and `scenes_confusion`.
        counts: photos of each behaviour.
        prepared: which photos.
    """
    own = description.metric
    rows = [
        [
            what, f"{own[f'{key}macro_f1']:.3f} ({own[f'{key}macro_f1_low']:.3f}–{own[f'{key}macro_f1_high']:.3f})",
            f"{own[f'{key}right']:.3f}", f"{own[f'{key}ece']:.3f}",
        ]
        for what, key in (("copies of a photo go together", ""), ("photos of one scene go together", "scenes_"))
    ]  # fmt: skip
    confused = [
        table(
            ["is \\ said", *names],
            [[f"**{name}**", *row] for name, row in zip(names, tables[f"{key}confusion"], strict=True)],
        )
        for key in ("", "scenes_")
    ]
    learned = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    parts = [
        f"# {description.name}",
        f"Says what a cat does on a single photo: {', '.join(names)}. `photo.onnx` tells how a picture of "
        f"{description.input_size} x {description.input_size} looks in 1280 numbers, RGB 0..1; it is asked of the cat (a "
        "square of 1.25 of its box) and of the whole photo. `reading.npz` weighs both. SHA-256 of the network "
        f"`{description.fingerprint[:SHORT]}…`.",
        "Licence: the network is EfficientNet-Lite0 (Tan and Le, ICML 2019) as its authors at Google trained it on ImageNet, "
        "in the PyTorch form of ML Illustrated (Copyright 2020), Apache License 2.0; it was cut before its classes, averaged over "
        "the picture, and its weights were rounded to fp16. The reading: AGPL-3.0, as CatML.",
        "## How well",
        f"{own['photos']:.0f} photos in {prepared.folds} parts, each by a reading of the others; its strength and its certainty "
        f"are chosen within those (`python -m tasks.photo_train`). In {own['found']:.0f} of them the detector sees a cat, the "
        "others are read as a whole. Intervals: 95 of 100 resamples of copies, or of scenes.",
        table(["parts", "macro-F1", "right", "calibration error (ECE)"], rows),
        "Copies together:",
        confused[0],
        f"Scenes together ({own['scenes']:.0f} of them, by how the whole photos look):",
        confused[1],
        "## What it learned from",
        f"Photos of a student thesis (no licence stated; they are not part of it): {learned}. The detector that finds the cats has "
        "seen them in its training, with boxes and without any behaviour; the network has not seen them.",
        "## Where it fails",
        _LIMITS,
    ]
    return "\n\n".join(parts) + "\n"
