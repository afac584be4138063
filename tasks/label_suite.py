"""What must hold of labels before anything is trained on them, judged by Great Expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from home.errors import WrongUse
from models.detector.classes import ClassMap
from models.detector.labels import OVER, Folder, Label
from tasks.quality import judged, rule_name, said
from tasks.suites import Rule

__all__ = ["Verdict", "check_labels"]

SHOWN = 5  # of the labels that fail a rule, so many are told
MOST_BOXES = 500  # in one picture; more is a mistake of the program that wrote them


@dataclass(frozen=True)
class Verdict:
    """One expectation, and over how many rows it held."""

    expectation: str
    right: str
    rows: int


def check_labels(folders: Sequence[Folder], maps: Mapping[str, ClassMap]) -> list[Verdict]:
    """Hold the labels of all folders against the suite.

    Args:
        folders: as read.
        maps: which classes are learned, by name of the folder.

    Returns:
        Each expectation with the rows it held for.

    Raises:
        WrongUse: one does not hold; file, line and what would be right are told of the first labels that fail it.
    """
    rows = [(folder, label) for folder in folders for label in folder.labels]
    labels = pd.DataFrame(
        [_row(folder, label) for folder, label in rows], columns=["class", "x", "y", "width", "height"]
    )
    known = sorted({name for folder in folders for name in _known(folder, maps[folder.path.name])})
    places = [f"{label.file}:{label.line}: found {label.text!r}" for _, label in rows]
    verdicts = _judge("labels", labels, _label_rules(known), places)
    pictures = [(folder, path) for folder in folders for path in folder.images]
    counts = pd.Series([label.picture for _, label in rows], dtype=object).value_counts()
    frame = pd.DataFrame({"boxes": [int(counts.get(path, 0)) for _, path in pictures]})
    return verdicts + _judge("pictures", frame, _picture_rules(), [f"{path}:" for _, path in pictures])


def _row(folder: Folder, label: Label) -> tuple[str, float, float, float, float]:
    # A number that a folder's names do not reach stays a number, and is none of the known classes.
    named = label.own if folder.names or not label.own.isdigit() else _numbered(label.own)
    return named, label.x, label.y, label.width, label.height


def _numbered(own: str) -> str:
    return f"number {own}"


def _known(folder: Folder, classes: ClassMap) -> list[str]:
    """The classes a label of this folder may have."""
    renamed = list(classes.rename)
    if folder.names:
        return [*folder.names, *renamed]
    several = len(classes.classes) > 1 and "*" not in classes.rename
    owns = (
        range(len(classes.classes)) if several else {int(label.own) for label in folder.labels if label.own.isdigit()}
    )
    return [_numbered(str(own)) for own in owns] + [_numbered(own) for own in renamed]


def _label_rules(known: list[str]) -> list[Rule]:
    told = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
    return [
        Rule("ExpectTableRowCountToBeBetween", "there is a label", {"min_value": 1}),
        Rule("ExpectColumnValuesToBeInSet", f"the class is one of {told}", {"column": "class", "value_set": known}),
        *(_between(column, 0, 1, strict=False) for column in ("x", "y")),
        *(_between(column, 0, 1 + OVER, strict=True) for column in ("width", "height")),
    ]


def _picture_rules() -> list[Rule]:
    most = {"column": "boxes", "min_value": 0, "max_value": MOST_BOXES}
    return [
        Rule("ExpectTableRowCountToBeBetween", "there are two pictures or more", {"min_value": 2}),
        Rule("ExpectColumnMaxToBeBetween", "not every picture is empty", {"column": "boxes", "min_value": 1}),
        Rule("ExpectColumnValuesToBeBetween", f"a picture has at most {MOST_BOXES} boxes", most),
    ]


def _between(column: str, low: float, high: float, *, strict: bool) -> Rule:
    settings = {"column": column, "min_value": low, "max_value": high, "strict_min": strict}
    right = f"{column} is a share of the picture, {'more than 0, at most 1' if strict else '0 to 1'}"
    return Rule("ExpectColumnValuesToBeBetween", right, settings)


def _judge(name: str, frame: pd.DataFrame, rules: list[Rule], places: Sequence[str]) -> list[Verdict]:
    verdicts = []
    for rule, result in zip(rules, judged(name, frame, rules), strict=True):
        if not result.success:
            raise WrongUse(_failure(name, rule, result.result, places))
        verdicts.append(Verdict(rule_name(rule), rule.right, len(frame)))
    return verdicts


def _failure(name: str, rule: Rule, told: dict[str, Any], places: Sequence[str]) -> str:
    bad = sorted(int(row) for row in told.get("unexpected_index_list") or [])
    if not bad:
        return f"the {name} fail as a whole: found {said(told.get('observed_value'))}, but it must be that {rule.right}"
    more = f"\n… and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
    return "\n".join(f"{places[row]}; it must be that {rule.right}" for row in bad[:SHOWN]) + more
