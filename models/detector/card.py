"""The card that goes with a model: what it is, what it learned from, how well it does, where it fails.

After Mitchell et al., "Model Cards for Model Reporting", FAT* 2019 (arXiv:1810.03993).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from home.markdown import table
from home.training_params import EvaluateParams, TrainParams
from models.detector.description import SHORT, ModelDescription
from models.detector.fidelity import Fidelity
from models.detector.pictures import Picture
from models.detector.subgroups import subgroup_tables

__all__ = ["model_card", "terms_of"]

_MEANING = {
    "pictures": "pictures measured on",
    "animals": "{what} in them",
    "ap50": "average precision at an overlap of 0.5",
    "ap75": "average precision at an overlap of 0.75",
    "recall": "share of the {what} found, by boxes of a score of {score:g} and more",
    "precision": "share of these boxes that are {what}",
    "empty_pictures": "pictures without {what} among them",
    "false_per_100": "of 100 pictures without {what}, those with a box",
}

_LIMITS = """\
- It finds cats, and does not tell one cat from another, nor what a cat does.
- Small cats (under a tenth of the picture's side), cats in the dark or in infrared light, cats that lie curled up on
  a cushion of their colour, and cats seen from straight above are missed most.
- A dog, a plush toy or a cushion may be taken for a cat.
- A score is a ranking, not a probability: nothing here was calibrated."""

_LIMITS_OF_ANY = """\
- It knows what it was shown: other cameras, light, distances and kinds of {what} may look like nothing to it.
- Things that look like {what} may be taken for it; what was never among its pictures was never learned as something else.
- A score is a ranking, not a probability: nothing here was calibrated."""


def model_card(
    description: ModelDescription,
    pictures: Sequence[Picture],
    training: TrainParams,
    *,
    sources: Sequence[str],
    notes: Sequence[str],
    evaluation: Mapping[str, Any] | None = None,
    exports: Sequence[Fidelity] = (),
) -> str:
    """The card as Markdown.

    Args:
        description: of the exported file.
        pictures: the whole list, all splits.
        training: how it was trained.
        sources: `name: what it is and its terms` for each source; one that is missing is said to be missing.
        notes: sentences to add.
        evaluation: what `tasks.evaluation_page.as_tree` gives: every model on every set, with intervals.
        exports: the files beside it, held against PyTorch.
    """
    size = description.input_size
    what = ", ".join(f"`{name}`" for name in description.classes)
    parts = [
        f"# {description.name}",
        f"Finds {what} in pictures. ONNX, RGB `float32 [N,3,{size},{size}]` in 0..1, letterboxed with 114; "
        f"output `{description.output}`, mode `{description.mode}`. SHA-256 `{description.fingerprint[:SHORT]}…`.",
        "Licence: AGPL-3.0, as CatML and Ultralytics, with which it was trained. The pictures it learned from are not "
        "part of it and have terms of their own, named below.",
        "## How well",
        *how_well(description, training, evaluation or {}),
        *_files(exports),
        "## What it learned from",
        table(["source", "train", "val", "test", "left out", "terms"], _sources(pictures, sources)),
        f"Start `{training.start}`, {training.epochs} epochs at {training.image_size} pixels, batch {training.batch}, "
        f"AdamW {training.rate:g}, seed {training.seed} (`python -m tasks.prepare`, then `python -m tasks.train`).",
        "## Where it fails",
        _LIMITS if description.classes == ["cat"] else _LIMITS_OF_ANY.format(what=what),
    ]
    if notes:
        parts += ["## Notes", "\n".join(f"- {note}" for note in notes)]
    return "\n\n".join(parts) + "\n"


def how_well(description: ModelDescription, training: TrainParams, evaluation: Mapping[str, Any]) -> list[str]:
    """The figures of the description, and every set and subgroup of the evaluation."""
    what = "cats" if description.classes == ["cat"] else "animals"
    score = evaluation.get("confidence", EvaluateParams().confidence)
    figures = [
        [name, f"{value:g}", _MEANING[name].format(what=what, score=score)]
        for name, value in description.metric.items()
        if name in _MEANING
    ]
    seen = (
        "These weights were trained on all pictures. The figures are those of models trained likewise, each without a "
        "fifth of them, on the fifth that it did not see (`python -m tasks.evaluate`)."
        if training.everything
        else "Measured by `python -m tasks.evaluate` on held-out pictures, which were not trained on."
    )
    return [table(["figure", "", "meaning"], figures), seen, *subgroup_tables(evaluation)]


def _files(exports: Sequence[Fidelity]) -> list[str]:
    if not exports:
        return []
    rows = [
        [
            each.precision,
            f"{each.megabytes:.1f}",
            f"{each.pixels:.2g}",
            f"{each.score:.2g}",
            *(str(each.change[name]) if name in each.change else "" for name in ("ap50", "ap75")),
            "refused" if each.refused else "shipped",
        ]
        for each in exports
    ]
    head = ["file", "MB", "largest difference, px", "in score", "change of AP50", "change of AP75", ""]
    left = next((each.kept_fp32 for each in exports if each.kept_fp32), ())
    told = [f"INT8 leaves {len(left)} convolutions in fp32: {', '.join(f'`{name}`' for name in left)}."] if left else []
    return [
        "## The files",
        "Each against PyTorch, on the same pictures, with paired intervals.",
        table(head, rows),
        *told,
    ]


def _sources(pictures: Sequence[Picture], sources: Sequence[str]) -> list[list[str]]:
    terms = terms_of(sources)
    rows = []
    for source in dict.fromkeys(picture.source for picture in pictures):
        splits = [picture.split for picture in pictures if picture.source == source]
        counts = [str(splits.count(split)) for split in ("train", "val", "test", "left out")]
        rows.append([source, *counts, terms.get(source, "not stated (name it in `export.sources`)")])
    return rows


def terms_of(sources: Sequence[str]) -> dict[str, str]:
    """`name: what it is and its terms` lines by name."""
    return {name.strip(): text.strip() for name, _, text in (line.partition(":") for line in sources)}
