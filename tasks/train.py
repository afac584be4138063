"""Stage `train`: the detector learns from the listed pictures; its curves go to TensorBoard and CSV."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from home.errors import ModelError, WrongUse
from home.training_params import SHIPPED, TrainParams
from models.detector.classes import read_classes
from models.detector.library import load_yolo
from models.detector.listing import read_listing
from models.detector.pictures import Picture
from models.detector.split import everything, without_fold, without_measured
from models.detector.start import START
from models.detector.train import device_of, fit
from models.detector.trainer import Epoch
from tasks.run_record import NAMES, write_record
from tasks.training import run

__all__ = ["check_start", "main", "run_folder", "train", "trained_weights", "training_split"]


def run_folder(params: TrainParams) -> Path:
    """Where this run leaves what it makes: `train.runs`, with the fold where one is left out."""
    folder = Path(params.runs)
    return folder if params.fold is None else folder.with_name(f"{folder.name}-fold{params.fold}")


def trained_weights(params: TrainParams) -> Path:
    """Where this stage leaves what it learned."""
    return run_folder(params) / "weights" / "last.pt"


def training_split(pictures: Sequence[Picture], params: TrainParams) -> tuple[list[Picture], list[Picture]]:
    """The pictures that a run trains on, and those its curves are drawn of.

    With a fold those are its measured pictures; the curves steer nothing, so they stay unseen by what is trained.

    Raises:
        WrongUse: there is no such fold.
    """
    if params.fold is not None:
        folds = {picture.fold for picture in pictures} - {-1}
        if params.fold not in folds:
            raise WrongUse(
                f"train.fold: found {params.fold}; the list of pictures has the folds {', '.join(map(str, sorted(folds)))}"
            )
        pictures = without_fold(pictures, params.fold)
        return _of(pictures, "train"), _of(pictures, "test")
    watched = _of(pictures, "val")
    if not params.measured:
        return _of(without_measured(pictures), "train"), watched
    return _of(everything(pictures) if params.everything else pictures, "train"), watched


def _of(pictures: Sequence[Picture], split: str) -> list[Picture]:
    return [picture for picture in pictures if picture.split == split]


def told_aside(line: str) -> None:
    """Say it on standard error."""
    print(f"train: {line}", file=sys.stderr, flush=True)


def train(params: TrainParams, pictures: Path, tell: Callable[[str], None] = told_aside) -> dict[str, float]:
    """Train on a list of pictures, or go on where the same training was interrupted.

    The run's folder gets `weights/last.pt`, `results.csv` with a line an epoch, and `metadata.json`; `metrics.json` with
    the figures of the last epoch and TensorBoard's events lie beside it.

    Args:
        params: how.
        pictures: the list that `prepare` wrote.
        tell: hears a line an epoch.

    Returns:
        The figures of the last epoch by name: losses, rates, validation.

    Raises:
        WrongUse: there is no list, no animal in one of the splits, or no such fold.
        ModelError: Ultralytics is not installed, or training failed.
        StoreError: the disk is full.
    """
    from tasks.board import Board

    folder, classes = run_folder(params), read_classes(pictures)
    learns, watched = training_split(read_listing(pictures), params)
    last: dict[str, float] = {}
    with Board(folder.with_name(f"{folder.name}-tensorboard"), classes, params) as board:

        def look(epoch: Epoch) -> None:
            last.clear()
            last.update(epoch.figures)
            tell(f"epoch {epoch.number} of {params.epochs}: {_sentence(last)}")
            board.add(epoch)

        def begins(done: int) -> None:
            if done:
                tell(f"goes on after epoch {done} of {params.epochs}")
            board.begin(done)

        fit(learns, watched, _from(params), folder, classes=classes, look=look, begins=begins)
    write_record(folder, pictures, learns, watched, params, device_of(params.device))
    return {"epochs": params.epochs, **last}


def check_start(params: TrainParams) -> None:
    """Look whether a training could begin, before pictures are looked at for a long time.

    Raises:
        WrongUse: there is no such device.
        ModelError: Ultralytics is not installed, or the start cannot be read.
    """
    # What ships is in order, and PyTorch takes seconds to import: a wrong folder is told sooner.
    if params.start != SHIPPED or not importlib.util.find_spec("ultralytics"):
        load_yolo(_from(params).start)
    if params.device not in ("auto", "cpu"):
        device_of(params.device)


def _from(params: TrainParams) -> TrainParams:
    """The parameters with a start that the engine can read."""
    if Path(params.start).suffix == ".onnx":
        raise ModelError(
            f"train.start: {params.start!r} is an exported file, whose layers were merged; give the detector.pt that lies "
            "beside it"
        )
    return params.model_copy(update={"start": str(START)}) if params.start == SHIPPED else params


def _sentence(figures: dict[str, float]) -> str:
    said = {NAMES.get(name, name).replace("_", " "): value for name, value in figures.items()}
    return ", ".join(
        f"{name} {said[name]:.4g}" for name in ("train box loss", "train class loss", "val ap50") if name in said
    )


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.train`."""
    return run(lambda params: train(params.train, Path(params.prepare.pictures)), argv)


if __name__ == "__main__":
    raise SystemExit(main())
