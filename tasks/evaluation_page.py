"""What was measured, as tables to read and as figures for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from home.markdown import table
from models.detector.bootstrap import Difference, Estimate
from models.detector.judge import PictureSet, Verdict
from models.detector.marks import SIZES

__all__ = ["Evaluation", "as_markdown", "as_tree", "flat"]

COLUMNS = {
    "ap50": "AP50",
    "ap75": "AP75",
    "ap50_95": "AP50-95",
    "recall": "recall",
    "precision": "precision",
    "false_per_100": "false per 100 empty",
}
HEADLINES = ("ap50", "ap75", "recall", "precision", "false_per_100")  # whose intervals go into the short figures
OF_CLASS = ("ap50", "recall")  # what the short figures say of each class


@dataclass(frozen=True)
class Evaluation:
    """Every model on every set.

    Attributes:
        sets: in the order of the tables.
        verdicts: in the order of the tables, set by set.
        gaps: for (set, model) what the model has more than the set's first one.
        confidence: score from which a box counts as said.
    """

    sets: list[PictureSet]
    verdicts: list[Verdict]
    gaps: dict[tuple[str, str], dict[str, Difference]]
    confidence: float

    def of(self, name: str) -> list[Verdict]:
        """The verdicts on one set."""
        return [verdict for verdict in self.verdicts if verdict.set_name == name]


def as_markdown(evaluation: Evaluation) -> str:
    """All tables; each figure with the interval that 95 of 100 resamples of the pictures fall into."""
    parts = [
        "# How well the detectors see",
        f"Recall, precision and false cats are at a score of {evaluation.confidence:g} and an overlap of 0.5. In brackets: "
        "95 % intervals by bootstrap over pictures (clips: over clips). Differences are paired, on the same resamples.",
    ]
    for each in evaluation.sets:
        verdicts = evaluation.of(each.name)
        if verdicts:
            parts += [f"## {each.name}", _counts(each)]
            parts += _clips(verdicts) if each.truth is None else _tables(evaluation, verdicts)
    return "\n\n".join(parts) + "\n"


def as_tree(evaluation: Evaluation) -> dict[str, Any]:
    """The same as one object: `sets.<set>.<model>` with `figures` and `against_first`."""
    tree: dict[str, Any] = {}
    for each in evaluation.sets:
        tree[each.name] = {
            verdict.model: {
                "figures": {name: _rounded(asdict(figure)) for name, figure in verdict.figures.items()},
                "by_class": {
                    kind: {name: _rounded(asdict(figure)) for name, figure in figures.items()}
                    for kind, figures in verdict.by_class.items()
                },
                "against_first": {
                    name: _rounded(asdict(gap))
                    for name, gap in evaluation.gaps.get((each.name, verdict.model), {}).items()
                },
            }
            for verdict in evaluation.of(each.name)
        }
    counts = {each.name: size_of(each) for each in evaluation.sets}
    return {"confidence": evaluation.confidence, "counts": counts, "sets": tree}


def flat(verdict: Verdict, pictures: PictureSet) -> dict[str, float]:
    """A verdict as plain figures, for `dvc metrics diff` and `model.json`."""
    told: dict[str, float] = {**size_of(pictures)}
    for name, figure in verdict.figures.items():
        told[name] = round(figure.value, 4)
        if name in HEADLINES and not np.isnan(figure.low):
            told |= {f"{name}_low": round(figure.low, 4), f"{name}_high": round(figure.high, 4)}
    for kind, figures in verdict.by_class.items():
        told |= {f"{name}_of_{kind}": round(figures[name].value, 4) for name in OF_CLASS if name in figures}
    return told


def size_of(pictures: PictureSet) -> dict[str, float]:
    """Number of pictures, of animals, and of pictures without one."""
    if pictures.truth is None:
        return {"pictures": len(pictures.names), "clips": len(set(pictures.groups))}
    empty = sum(not len(boxes) for boxes in pictures.truth)
    return {"pictures": len(pictures.truth), "animals": sum(map(len, pictures.truth)), "empty_pictures": empty}


def _counts(pictures: PictureSet) -> str:
    told = {name: int(value) for name, value in size_of(pictures).items()}
    if pictures.truth is None:
        return f"{told['pictures']} seconds of {told['clips']} clips, each of which shows an animal all the time."
    return f"{told['pictures']} pictures, {told['animals']} animals, {told['empty_pictures']} pictures without one."


def _tables(evaluation: Evaluation, verdicts: Sequence[Verdict]) -> list[str]:
    gaps = [evaluation.gaps.get((verdict.set_name, verdict.model), {}) for verdict in verdicts]
    several = len(verdicts) > 1
    head = ["model", *COLUMNS.values(), *([f"AP50 against {verdicts[0].model}"] if several else [])]
    rows = []
    for verdict, gap in zip(verdicts, gaps, strict=True):
        last = [str(gap["ap50"]) if "ap50" in gap else ""] if several else []
        rows.append([verdict.model, *(_cell(verdict, name) for name in COLUMNS), *last])
    bounds = {
        name: f"{least:g} to {most:g}" if np.isfinite(most) else f"{least:g} up"
        for name, (least, most) in SIZES.items()
    }
    sizes = [[verdict.model, *(_cell(verdict, f"recall_{name}") for name in SIZES)] for verdict in verdicts]
    parts = [table(head, rows)]
    if verdicts[0].by_class:
        alone = [
            [verdict.model, kind, *(_told(figures.get(name), name) for name in COLUMNS)]
            for verdict in verdicts
            for kind, figures in verdict.by_class.items()
        ]
        parts += ["Each class alone, as if there were no other:", table(["model", "class", *COLUMNS.values()], alone)]
    if any(f"recall_{name}" in verdict.figures for name in SIZES for verdict in verdicts):
        parts += ["Recall by size, the root of the box's share of the picture:"]
        parts += [table(["model", *(f"{name}, {bounds[name]}" for name in SIZES)], sizes)]
    return parts


def _clips(verdicts: Sequence[Verdict]) -> list[str]:
    rows = []
    for verdict in verdicts:
        found = verdict.figures.get("found", Estimate(*[float("nan")] * 3))
        rows.append([verdict.model, f"{100 * found.value:.0f} % ({100 * found.low:.0f}–{100 * found.high:.0f})"])
    return [table(["model", "seconds in which an animal is found"], rows)]


def _cell(verdict: Verdict, name: str) -> str:
    return _told(verdict.figures.get(name), name)


def _told(figure: Estimate | None, name: str) -> str:
    if figure is None:
        return ""
    return f"{figure.value:.1f} ({figure.low:.1f}–{figure.high:.1f})" if name == "false_per_100" else str(figure)


def _rounded(figures: dict[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else round(value, 4) for name, value in figures.items()}
