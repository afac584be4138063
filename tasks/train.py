"""Stage `train`: the detector learns from the listed pictures; its curves go to TensorBoard and CSV."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from home.errors import WrongUse
from home.training_params import TrainParams
from models.detector.classes import read_classes
from models.detector.listing import read_listing
from models.detector.pictures import Picture
from models.detector.split import everything, without_fold
from models.detector.train import fit
from models.detector.trainer import Epoch
from tasks.training import run

__all__ = ["main", "run_folder", "train", "trained_weights", "training_split"]


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
    return _of(everything(pictures) if params.everything else pictures, "train"), _of(pictures, "val")


def _of(pictures: Sequence[Picture], split: str) -> list[Picture]:
    return [picture for picture in pictures if picture.split == split]


def train(params: TrainParams, pictures: Path) -> dict[str, float]:
    """Train on a list of pictures, or go on where the same training was interrupted.

    The run's folder gets `weights/last.pt` and `results.csv` with a line an epoch; TensorBoard events lie beside it.

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
            told = ", ".join(f"{name} {value:.4g}" for name, value in last.items() if not name.startswith("lr/"))
            print(f"train: epoch {epoch.number} of {params.epochs}: {told}", file=sys.stderr, flush=True)
            board.add(epoch)

        def begins(done: int) -> None:
            if done:
                print(f"train: goes on after epoch {done} of {params.epochs}", file=sys.stderr, flush=True)
            board.begin(done)

        fit(learns, watched, params, folder, classes=classes, look=look, begins=begins)
    return {"epochs": params.epochs, **last}


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.train`."""
    return run(lambda params: train(params.train, Path(params.prepare.pictures)), argv)


if __name__ == "__main__":
    raise SystemExit(main())
