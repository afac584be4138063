"""The card that goes with a behaviour network (Mitchell et al., "Model Cards for Model Reporting", FAT* 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from home.behaviour_params import BehaviourPrepareParams, BehaviourTrainParams
from home.markdown import table
from models.behaviour.classifier import ClassifierDescription
from models.behaviour.figures import by_class
from models.detector.description import SHORT

__all__ = ["behaviour_card"]

_LIMITS = """\
- It learned from drawn cats that play each behaviour on purpose, filmed and read as the night does; real cats move in more
  ways. How far that carries to real footage is only known from what is told above.
- It says what a cat does, never how it is: nothing here is a diagnosis.
- Eating and the litter box are told best where their zones are marked; zones in wrong places mislead it, less than they might,
  for a part of its moments had them in wrong places.
- Single photos are told much worse than moments: no movement, no neighbour in time, no zone.
- Certainty was fitted on drawn moments of other homes; of photos and real footage it promises too much."""


def behaviour_card(
    description: ClassifierDescription,
    figures: Mapping[str, float],
    tables: Mapping[str, Any],
    prepared: BehaviourPrepareParams,
    training: BehaviourTrainParams,
    counts: Sequence[int],
) -> str:
    """The card as Markdown.

    Args:
        description: of the exported file.
        figures: of `behaviour_train`.
        tables: `confusion` of the moments, `photos_confusion` and `listed_confusion` where there were photos.
        prepared: what it learned from.
        training: how.
        counts: moments of each behaviour that it learned from.
    """
    names = description.behaviours
    parts = [
        f"# {description.name}",
        f"Says what a cat does in a moment, from {len(description.evidence)} named numbers (`models/behaviour/evidence.py`): "
        f"{', '.join(names)}. ONNX, `float32 [N,{2 * len(description.evidence)}]`: the numbers, then which of them are known; "
        f"its output is divided by {description.temperature:.3g}, then made probabilities. SHA-256 "
        f"`{description.fingerprint[:SHORT]}…`.",
        "Licence: AGPL-3.0, as CatML.",
        "## How well",
        f"{figures['moments']:.0f} moments of {figures['homes']:.0f} drawn homes that it neither learned from nor was "
        "calibrated on (`python -m tasks.behaviour_train`).",
        table(["macro-F1", "value"], [[_MEANING[name], figures[name]] for name in _MEANING if name in figures]),
        _by_class(names, np.array(tables["confusion"])),
        _confused(names, np.array(tables["confusion"])),
    ]
    if "photos" in figures:
        parts += [
            f"{figures['photos']:.0f} photos in {prepared.folds} parts, each part by a network that saw the others: macro-F1 "
            f"{figures['photos_macro_f1']:.3f} ({figures['photos_macro_f1_low']:.3f}–{figures['photos_macro_f1_high']:.3f}), "
            f"calibration error {figures['photos_ece']:.3f}. Whatever it may say of a cat is allowed: what is none of the four "
            "is wrong.",
            _confused(names, np.array(tables["photos_confusion"])),
        ]
    if "listed" in figures:
        parts += [
            f"{figures['listed']:.0f} cats in other pictures, measured the same way: macro-F1 {figures['listed_macro_f1']:.3f} "
            f"({figures['listed_macro_f1_low']:.3f}–{figures['listed_macro_f1_high']:.3f}), calibration error "
            f"{figures['listed_ece']:.3f}. Of cats that play, groom, hunt and scratch these are the only real ones.",
            _by_class(names, np.array(tables["listed_confusion"])),
        ]
    shown = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    parts += [
        "## What it learned from",
        f"{prepared.homes} homes drawn by CatML, whose cats play every behaviour for {prepared.least_s} to {prepared.most_s} s "
        f"(`python -m tasks.behaviour_prepare`), read by the detector and the pose network that ship; moments: {shown}.",
        *_photos(prepared, figures),
        f"Width {training.hidden}, {training.epochs} epochs, AdamW {training.rate:g}, seed {training.seed}.",
        "## Where it fails",
        _LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def _photos(prepared: BehaviourPrepareParams, figures: Mapping[str, float]) -> list[str]:
    """Where the photos are from."""
    said = []
    if "photos" in figures or "listed" in figures:
        sources = "; ".join(prepared.sources) or "not stated (name them in `behaviour_prepare.sources`)"
        said.append(f"Photos, none of which is part of it: {sources}.")
    if "listed" in figures:
        said.append(f"What the {figures['listed']:.0f} cats in other pictures do stands in `{prepared.listed}`.")
    return [" ".join(said)] if said else []


_MEANING = {
    "macro_f1": "all moments",
    "macro_f1_day": "by day",
    "macro_f1_night": "by night, in infrared",
    "macro_f1_no_zones": "without any zone",
    "ece": "calibration error (ECE, ten bins)",
}


def _by_class(names: Sequence[str], confusion: np.ndarray) -> str:
    rows = [
        [name, int(confusion[k].sum()), *(f"{value:.2f}" for value in each)]
        for k, (name, each) in enumerate(zip(names, by_class(confusion), strict=True))
        if confusion[k].sum()
    ]
    return table(["behaviour", "moments", "precision", "recall", "F1"], rows)


def _confused(names: Sequence[str], confusion: np.ndarray) -> str:
    rows = [[f"**{name}**", *confusion[k]] for k, name in enumerate(names) if confusion[k].sum()]
    return table(["is \\ said", *names], rows)
