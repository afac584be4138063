"""The numbers of a model card by subgroup: each set of pictures, by day and by night, and each size of animal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from home.markdown import table
from models.detector.marks import SIZES

__all__ = ["subgroup_tables"]

_COLUMNS = {
    "ap50": "AP50",
    "ap75": "AP75",
    "recall": "recall",
    "precision": "precision",
    "false_per_100": "false per 100 empty",
}


def subgroup_tables(evaluation: Mapping[str, Any]) -> list[str]:
    """Tables in Markdown, with a sentence before each; nothing where nothing was measured.

    Args:
        evaluation: what `tasks.evaluation_page.as_tree` gives. The first model of each set is the one of the card.
    """
    sets: Mapping[str, Any] = evaluation.get("sets", {})
    own = {name: next(iter(models.values()))["figures"] for name, models in sets.items() if models}
    boxed = {name: figures for name, figures in own.items() if "found" not in figures}
    if not own:
        return []
    parts = ["With 95 % intervals by bootstrap over pictures, by set:"]
    counts = evaluation.get("counts", {})
    rows = [
        [name, _count(counts.get(name, {}), "pictures"), _count(counts.get(name, {}), "animals")]
        + [_cell(figures, column) for column in _COLUMNS]
        for name, figures in boxed.items()
    ]
    parts.append(table(["set", "pictures", "animals", *_COLUMNS.values()], rows))
    alone = [
        [name, kind, *(_cell(figures, column) for column in _COLUMNS)]
        for name, models in sets.items()
        for kind, figures in next(iter(models.values())).get("by_class", {}).items()
    ]
    if alone:
        parts += ["Each class alone, as if there were no other:", table(["set", "class", *_COLUMNS.values()], alone)]
    bounds = [f"{name} ({least:g} to {min(most, 1):g})" for name, (least, most) in SIZES.items()]
    sizes = [[name, *(_cell(figures, f"recall_{size}") for size in SIZES)] for name, figures in boxed.items()]
    parts += [
        "Recall by size of the animal, the root of its box's share of the picture:",
        table(["set", *bounds], sizes),
    ]
    if "clips" in own and "found" in own["clips"]:
        found = own["clips"]["found"]
        low, high = (100 * (found[key] or 0) for key in ("low", "high"))
        parts.append(
            f"In clips it finds an animal in {100 * found['value']:.0f} % ({low:.0f}–{high:.0f}) of the seconds."
        )
    return [
        *parts,
        "How much of an animal is hidden was not written down for these pictures: there is no figure by occlusion.",
    ]


def _count(counts: Mapping[str, Any], name: str) -> str:
    return str(int(counts[name])) if name in counts else ""


def _cell(figures: Mapping[str, Any], name: str) -> str:
    figure = figures.get(name)
    if figure is None or figure["low"] is None:
        return ""
    digits = 1 if name == "false_per_100" else 3
    return f"{figure['value']:.{digits}f} ({figure['low']:.{digits}f}–{figure['high']:.{digits}f})"
