"""The detectors that are measured: the trained one, those of the folds, and others beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from home.errors import WrongUse
from home.training_params import EvaluateParams, ExportParams
from models.detector.export import describe_export, to_onnx
from models.detector.judge import Finder
from models.detector.predict import Detector

__all__ = ["OUT_OF_FOLD", "TRAINED", "Candidate", "fold_weights", "folded", "named_models", "trained_model"]

TRAINED, OUT_OF_FOLD = "trained", "out of fold"


@dataclass(frozen=True)
class Candidate:
    """A detector to measure: one model, or one for each fold."""

    name: str
    models: Finder | Sequence[Finder]


def trained_model(weights: Path, room: Path, export: ExportParams, classes: Sequence[str], threads: int) -> Detector:
    """Trained weights through the same ONNX file, runtime and reading that the night uses.

    Args:
        weights: the trained `.pt`.
        room: a folder for the ONNX file; it must outlive nothing but this call.
        export: how they will be exported.
        classes: what they must tell apart.
        threads: CPU threads.

    Raises:
        ModelError: the weights cannot be exported, or are of other classes.
    """
    onnx = to_onnx(weights, room, image_size=export.image_size, head=export.head, opset=export.opset, classes=classes)
    describe_export(onnx, export, classes=classes).write(onnx.with_name("model.json"))
    return Detector.load(onnx, threads=threads, classes=classes)


def named_models(lines: Sequence[str], classes: Sequence[str], params: EvaluateParams, cache: Path) -> list[Candidate]:
    """The detectors that `evaluate.models` names, each `file` or `name: file`.

    Raises:
        ModelError: one cannot be loaded.
        WrongUse: two have one name.
    """
    named = [_named(line) for line in lines]
    names = [name for name, _ in named]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise WrongUse(f"evaluate.models: two models are called {twice!r}; write `another name: file`")
    return [
        Candidate(name, Detector.load(file, threads=params.threads, classes=classes, cache=cache))
        for name, file in named
    ]


def folded(folder: Path, room: Path, export: ExportParams, classes: Sequence[str], threads: int) -> Candidate:
    """The models of all folds as one candidate: each picture is answered by the one that did not see it.

    Raises:
        WrongUse: there are none, or one between is missing.
        ModelError: one cannot be loaded.
    """
    models: list[Finder] = []
    for number, weights in enumerate(fold_weights(folder)):
        if weights.suffix == ".onnx":
            models.append(Detector.load(weights, threads=threads, classes=classes))
        else:
            inner = room / f"fold{number}"
            inner.mkdir()
            models.append(trained_model(weights, inner, export, classes, threads))
    return Candidate(OUT_OF_FOLD, models)


def fold_weights(folder: Path) -> list[Path]:
    """The weights of fold 0, 1, … of a folder: `[run-]foldK.onnx`, `.pt`, or a folder of that name that holds them.

    Raises:
        WrongUse: there are none, a number is missing between, or two files are of one fold.
    """
    found: dict[int, list[Path]] = {}
    for path in sorted(folder.glob("*fold*")):
        if match := re.fullmatch(r"(?:.*-)?fold(\d+)(?:\.onnx|\.pt)?", path.name):
            inner = [path] if path.is_file() else [path / "detector.onnx", path / "weights" / "last.pt"]
            found.setdefault(int(match[1]), []).extend([file for file in inner if file.is_file()][:1])
    missing = [number for number in range(max(found, default=0) + 1) if len(found.get(number, [])) != 1]
    if missing:
        there = ", ".join(path.name for paths in found.values() for path in paths) or "nothing"
        raise WrongUse(
            f"{str(folder)!r}: fold {missing[0]} has {len(found.get(missing[0], []))} models (found {there}); it must have "
            f"one, e.g. fold{missing[0]}.onnx, or the run of `--set train.fold={missing[0]}`"
        )
    return [found[number][0] for number in sorted(found)]


def _named(line: str) -> tuple[str, str]:
    name, colon, file = line.partition(": ")
    return (name.strip(), file.strip()) if colon else (Path(line).stem, line)
