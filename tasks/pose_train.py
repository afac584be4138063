"""Stage `pose_train`: the pose network learns from the listed animals; its curves go to TensorBoard and CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from home.errors import WrongUse
from home.pose_params import PoseTrainParams
from home.store import write_file
from models.detector.pictures import read_image
from models.pose.animals import Animal
from models.pose.listing import read_listed
from models.pose.measure import average_precision, pck, similarity
from models.pose.readings import Readings, readings
from models.pose.train import Epoch, fit
from models.pose.views import Sample, sample_of
from tasks.run_record import metrics_file
from tasks.simulated_pictures import SOURCE
from tasks.training import run

__all__ = ["main", "pose_train", "pose_weights", "run_folder"]

WATCHED = 200  # animals that the curves are drawn of


def run_folder(params: PoseTrainParams) -> Path:
    """Where this run leaves what it makes: `pose_train.runs`, with the fold where one is left out."""
    folder = Path(params.runs)
    return folder if params.fold is None else folder.with_name(f"{folder.name}-fold{params.fold}")


def pose_weights(params: PoseTrainParams) -> Path:
    """Where this stage leaves what it learned."""
    return run_folder(params) / "last.pt"


def told_aside(line: str) -> None:
    """Say it on standard error."""
    print(f"pose_train: {line}", file=sys.stderr, flush=True)


def pose_train(params: PoseTrainParams, listed: Path, tell: Callable[[str], None] = told_aside) -> dict[str, float]:
    """Train on a list of animals, or go on where the same training was interrupted.

    The run's folder gets `last.pt` and `curves.csv`; `metrics.json` of its name and TensorBoard's events lie beside it. With
    a fold the curves are drawn of the animals that it leaves out, else of some that it learns from; they steer nothing.

    Returns:
        The figures of the last epoch by name.

    Raises:
        WrongUse: there is no list, no such fold, or nothing to learn from.
        ModelError: PyTorch or the backbone is not installed, or the start cannot be read.
        StoreError: the disk is full.
    """
    from tasks.pose_board import PoseBoard

    animals, folder = read_listed(listed), run_folder(params)
    learns, watched = _split(animals, params)
    rows: list[dict[str, float]] = []
    curves = folder / "curves.csv"
    samples = _samples(learns)
    with PoseBoard(folder.with_name(f"{folder.name}-tensorboard"), watched, params) as board:

        def look(epoch: Epoch) -> None:
            told = readings(epoch.network, watched)
            rows.append({"epoch": epoch.number, **epoch.figures, **figures(told)})
            write_file(curves, _csv(rows))
            board.add(epoch, told, rows[-1])
            tell(f"epoch {epoch.number} of {params.epochs}: " + _sentence(rows[-1]))

        def begins(done: int) -> None:
            rows.extend(_kept(curves, done))
            if done:
                tell(f"goes on after epoch {done} of {params.epochs}")
            board.begin(done)

        fit(samples, params, folder, look=look, begins=begins)
    last = {**rows[-1], "animals": float(len(learns))} if rows else {}
    write_file(metrics_file(folder), (json.dumps(last, indent=1) + "\n").encode())
    return last


def figures(told: Readings) -> dict[str, float]:
    """How well the joints of these animals are placed."""
    likeness = similarity(told.found, told.true, told.area)
    return {
        "pck": float(pck(told.errors())[0]),
        "oks_ap": float(average_precision(likeness, told.peak.mean(1))[0]),
    }


def _split(animals: Sequence[Animal], params: PoseTrainParams) -> tuple[list[Animal], list[Animal]]:
    measured = [animal for animal in animals if animal.measured]
    if params.fold is None:
        return list(animals), measured[:: max(1, len(measured) // WATCHED)]
    folds = {animal.fold for animal in measured}
    if params.fold not in folds:
        raise WrongUse(
            f"pose_train.fold: found {params.fold}; the list of animals has the folds {', '.join(map(str, sorted(folds)))}"
        )
    left_out = [animal for animal in measured if animal.fold == params.fold]
    return [animal for animal in animals if animal.fold != params.fold], left_out


def _samples(animals: Sequence[Animal]) -> list[Sample]:
    samples, path, picture = [], None, np.zeros((1, 1, 3), np.uint8)
    for animal in animals:
        if animal.path != path:
            path, picture = animal.path, read_image(animal.path)
        samples.append(sample_of(animal, picture, real=animal.source != SOURCE))
    return samples


def _kept(curves: Path, done: int) -> list[dict[str, float]]:
    """The lines of the epochs that are done already."""
    if not done or not curves.is_file():
        return []
    with curves.open(encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return [row for row in rows if row["epoch"] <= done]


def _csv(rows: Sequence[dict[str, float]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[-1]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _sentence(row: dict[str, float]) -> str:
    return f"place {row['place_loss']:.3f}, seen {row['seen_loss']:.4f}, PCK@0.1 {row['pck']:.3f}, OKS-AP {row['oks_ap']:.3f}"


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.pose_train`."""
    return run(lambda params: pose_train(params.pose_train, Path(params.pose_prepare.animals)), argv)


if __name__ == "__main__":
    raise SystemExit(main())
