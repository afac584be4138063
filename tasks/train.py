"""Stage `train`: the detector learns from the listed pictures; its curves go to TensorBoard and CSV."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from home.training_params import TrainParams
from models.detector.listing import read_listing
from models.detector.train import fit
from tasks.training import run

__all__ = ["main", "train", "trained_weights"]


def trained_weights(params: TrainParams) -> Path:
    """Where this stage leaves what it learned."""
    return Path(params.runs) / "weights" / "last.pt"


def train(params: TrainParams, pictures: Path) -> dict[str, float]:
    """Train on the `train` pictures of a list and watch on its `val` pictures.

    `runs` gets `weights/last.pt`, `results.csv` with a line an epoch, and TensorBoard events.

    Returns:
        The figures of the last epoch by name: losses, rates, validation.

    Raises:
        WrongUse: there is no list, or no animal in one of the splits.
        ModelError: Ultralytics is not installed, or training failed.
    """
    from tensorboardX import SummaryWriter  # comes with the extra `train`

    folder = Path(params.runs)
    last: dict[str, float] = {}
    with SummaryWriter(str(folder.with_name(f"{folder.name}-tensorboard")), flush_secs=5) as board:

        def report(epoch: int, figures: dict[str, float]) -> None:
            last.clear()
            last.update(figures)
            told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items() if not name.startswith("lr/"))
            print(f"train: epoch {epoch} of {params.epochs}: {told}", file=sys.stderr)
            for name, value in figures.items():
                board.add_scalar(name, value, epoch)

        fit(read_listing(pictures, "train"), read_listing(pictures, "val"), params, folder, report=report)
    return {"epochs": params.epochs, **last}


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.train`."""
    return run(lambda params: train(params.train, Path(params.prepare.pictures)), argv)


if __name__ == "__main__":
    raise SystemExit(main())
