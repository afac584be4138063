"""Stage `export`: the trained weights as ONNX in several precisions, each held against PyTorch, with their card."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from home.errors import ModelError, WrongUse
from home.training_params import EvaluateParams, ExportParams, TrainParams
from tasks.train import run_folder, trained_weights
from tasks.training import run

if TYPE_CHECKING:
    from models.detector.fidelity import Fidelity

__all__ = ["export", "main", "refused", "write_exports"]


def told_aside(line: str) -> None:
    """Say it on standard error."""
    print(f"export: {line}", file=sys.stderr, flush=True)


def export(
    params: ExportParams,
    training: TrainParams,
    pictures: Path,
    metrics: Path,
    measuring: EvaluateParams | None = None,
    tell: Callable[[str], None] = told_aside,
) -> dict[str, float]:
    """Write the model's folder: weights in each precision, `model.json`, `modes.json`, `metrics.json`, `training.json`, the card.

    `export.folder=models/detector/weights` makes it the detector that CatML ships. Both modes are the fp32 file at the
    size of the export, `accurate` with its second view, until `python -m bench.models --write` has measured better ones.

    A file of less precision that lost too much is a result, and no failure: it is told, and stands in the card as refused.

    Returns:
        The figures that went into the description.

    Raises:
        WrongUse, ModelError: as `write_exports`; ModelError also if fp32 was refused.
    """
    made = write_exports(params, training, pictures, metrics, measuring)
    if told := refused(made, params):
        if made[0].refused:
            raise ModelError(told)
        tell(told)
    figures: dict[str, float] = json.loads(metrics.read_text(encoding="utf-8"))
    return figures


def write_exports(
    params: ExportParams,
    training: TrainParams,
    pictures: Path,
    metrics: Path,
    measuring: EvaluateParams | None = None,
) -> list[Fidelity]:
    """Write the model's folder without the files that lost too much against PyTorch; `refused` tells of them.

    Args:
        params: name, head, precisions and place of the export.
        training: how the weights were trained; says where they are.
        pictures: the list of pictures they were trained on.
        metrics: JSON of the stage `evaluate`.
        measuring: the pictures and the score that the files are compared on; says where the tables are.

    Returns:
        Each file, and what it lost; fp32 first. Without fp32 nothing is written.

    Raises:
        WrongUse: the list or the figures are missing.
        ModelError: the weights are missing, damaged or of other classes.
    """
    from models.detector.classes import read_classes
    from models.detector.listing import read_listing
    from models.detector.start import write_start
    from models.detector.variants import Variants

    if not metrics.is_file():
        raise WrongUse(f"no figures at {str(metrics)!r}; `python -m tasks.evaluate` writes them")
    figures: dict[str, float] = json.loads(metrics.read_text(encoding="utf-8"))
    listed, classes = read_listing(pictures), read_classes(pictures)
    measuring = measuring or EvaluateParams()
    folder, room = Path(params.folder), Path(f"{params.folder}.part-{os.getpid()}")
    training = training.model_copy(update={"start": _named(training.start)})
    room.mkdir(parents=True)
    try:
        variants = Variants(params, trained_weights(training), listed, classes, measuring, room, figures)
        made = [variants.make(precision) for precision in dict.fromkeys(["fp32", *params.precisions])]
        write_start(trained_weights(training), room / "detector.pt")
        _describe(params, training, listed, measuring, made, room)
        if not made[0].refused:
            _move(room, folder)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return made


def _describe(
    params: ExportParams,
    training: TrainParams,
    listed: Sequence[Any],
    measuring: EvaluateParams,
    made: Sequence[Fidelity],
    room: Path,
) -> None:
    """What goes beside the weights: figures, configuration, card; nothing of it is written by hand."""
    from models.detector.card import model_card
    from models.detector.description import read_description
    from models.detector.modes import Offer, write_modes

    description = read_description(room / "detector.onnx")
    assert description is not None
    table = Path(measuring.folder) / "evaluation.json"
    tree = json.loads(table.read_text(encoding="utf-8")) if table.is_file() else {}
    told = {"figures": description.metric, "evaluation": tree, "exports": [each.as_tree() for each in made]}
    (room / "metrics.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (room / "training.json").write_text(
        json.dumps(_made_with(params, training), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    fast = Offer(room / "detector.onnx", params.image_size)
    write_modes(fast.file, {"fast": fast, "accurate": replace(fast, second_size=params.second_size)})
    card = model_card(
        description, listed, training, sources=params.sources, notes=params.notes, evaluation=tree, exports=made
    )
    (room / "README.md").write_text(card, encoding="utf-8")


def _made_with(params: ExportParams, training: TrainParams) -> dict[str, Any]:
    """The configuration, and of the run's own record what says with what it ran."""
    record = run_folder(training) / "metadata.json"
    run = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    run = {key: run[key] for key in ("commit", "packages", "python", "device", "pictures", "weights") if key in run}
    if "pictures" in run:
        run["pictures"].pop("list", None)
    return {
        "train": training.model_dump(exclude={"runs"}),
        "export": params.model_dump(exclude={"folder", "sources"}),
        "run": run,
    }


def _named(start: str) -> str:
    """What the run began from, without the path that it has on this machine."""
    return Path(start).name if Path(start).is_absolute() else start


def _move(room: Path, folder: Path) -> None:
    """Put what was made in the place of what was there; files of another export are not left among them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {file.name for file in room.iterdir()}
    for name in sorted(made):
        (room / name).replace(folder / name)
    for old in folder.glob("detector*"):
        if old.name not in made:
            old.unlink()


def refused(made: Sequence[Fidelity], params: ExportParams) -> str:
    """A sentence on the files that were refused, empty where none was."""
    worse = [each for each in made if each.refused]
    if worse:
        told = "; ".join(f"{each.precision}: {each.refused}" for each in worse)
        kept = [each.precision for each in made if not each.refused] if not made[0].refused else []
        there = f"{', '.join(kept)} written to {params.folder!r}" if kept else "nothing is written"
        return (
            f"an exported file lost more than `export.most_lost` and is refused ({told}); {there}. Leave it out of "
            "`export.precisions`, calibrate INT8 with more pictures (`export.calibration`), or allow it"
        )
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.export`."""
    return run(
        lambda params: export(
            params.export,
            params.train,
            Path(params.prepare.pictures),
            Path(params.evaluate.metrics),
            params.evaluate,
        ),
        argv,
    )


if __name__ == "__main__":
    raise SystemExit(main())
