"""A detector of anybody's own pictures: the stages prepare, train, evaluate and export on one folder after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from home.errors import WrongUse
from home.params import Params
from home.training_params import SHIPPED
from models.detector.classes import read_classes
from tasks.evaluate import evaluate
from tasks.export import export
from tasks.prepare import prepare
from tasks.train import check_start, train, trained_weights

__all__ = ["OWN", "OwnDetector", "own_params", "train_own"]

OWN = {"train.start": f'"{SHIPPED}"', "train.image_size": "320"}
"""What other pictures than drawn ones ask for, where nobody said: `params.yaml` is made for those."""


@dataclass(frozen=True)
class OwnDetector:
    """What came of it.

    Attributes:
        onnx: the file to run.
        classes: what it tells apart.
        counts: pictures and animals per split.
        figures: on the pictures that were held out.
    """

    onnx: Path
    classes: list[str]
    counts: dict[str, float]
    figures: dict[str, float]


def own_params(params: Params, data: Sequence[Path], folder: Path, name: str, classes: Sequence[str]) -> Params:
    """The parameters of a training on these folders alone, all that it writes below one folder.

    Args:
        params: of the home; what is not said here is taken from them.
        data: folders of labelled pictures.
        folder: where all is written.
        name: what tables and pages call the model.
        classes: what it tells apart; none: all that the folders name.

    Raises:
        WrongUse: a folder is not there.
    """
    for path in data:
        if not path.is_dir():
            raise WrongUse(f"--data {str(path)!r} is no folder; it must hold images/ and labels/, see docs/training.md")
    tree = params.model_dump()
    tree["prepare"] |= {
        "folders": [str(path) for path in data], "simulated": 0, "classes": list(classes), "measured": [],
        "pictures": str(folder / "pictures.csv"),
    }  # fmt: skip
    tree["train"] |= {"runs": str(folder / "run"), "fold": None, "everything": False}
    tree["evaluate"] |= {"metrics": str(folder / "metrics.json"), "folder": str(folder / "evaluation")}
    tree["evaluate"] |= {"models": [], "folders": [], "rendered": 0, "clips": "", "folds": ""}
    tree["export"] |= {"folder": str(folder / "export"), "name": name, "image_size": tree["train"]["image_size"]}
    return Params.model_validate(tree)


def train_own(params: Params, tell: Callable[[str], None]) -> OwnDetector:
    """Run the stages one after the other; what was interrupted goes on from its last epoch.

    Args:
        params: from `own_params`.
        tell: hears what is done.

    Raises:
        WrongUse: the pictures or their labels cannot be trained on; what is wrong is told before anything is trained.
        ModelError: training or export failed.
        StoreError: the disk is full.
    """
    check_start(params.train)
    pictures, metrics = Path(params.prepare.pictures), Path(params.evaluate.metrics)
    tell(f"looking at the pictures of {', '.join(params.prepare.folders)}")
    counts = prepare(params.prepare, params.export.sources)
    classes = read_classes(pictures)
    tell(f"{counts['train']:g} pictures to learn {', '.join(classes)} from, {counts['test']:g} held out")
    train(params.train, pictures, tell)
    tell("measuring and exporting")
    figures = evaluate(params.evaluate, trained_weights(params.train), pictures, params.export)
    export(params.export, params.train, pictures, metrics, params.evaluate, tell)
    return OwnDetector(Path(params.export.folder) / "detector.onnx", classes, counts, figures)
