"""Stage `pose_prepare`: which animals the pose network learns from, and which it is measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from home.errors import WrongUse
from home.pose_params import PosePrepareParams
from models.pose.animals import in_folds, read_animals
from models.pose.listing import write_listed
from tasks.prepare import check_allowed
from tasks.simulated_pictures import SOURCE, drawn_once
from tasks.training import run

__all__ = ["main", "pose_prepare"]


def pose_prepare(params: PosePrepareParams) -> dict[str, float]:
    """Read the folders, draw what is to be drawn, make folds, and write the list of animals; no picture is copied.

    Where no folder is named, the drawn animals are measured too, so that the pipeline can be tried.

    Returns:
        Animals by source, and those of each fold.

    Raises:
        WrongUse: a folder is marked as only for tests, cannot be read, or there is no animal to measure.
        FootageError: a picture cannot be read.
    """
    check_allowed(params.folders, "pose_prepare")
    animals = [animal for folder in params.folders for animal in read_animals(Path(folder))]
    measured = [Path(folder).name for folder in params.folders] or [SOURCE]
    if SOURCE in measured and params.folders:
        raise WrongUse(f"pose_prepare.folders: a folder is called {SOURCE!r}, as what is drawn; rename it")
    if params.simulated:
        animals += read_animals(drawn_close_ups(Path(params.animals).parent / SOURCE, params.simulated, params.seed))
    animals = in_folds(
        animals, species=params.species, sources=measured, folds=params.folds, copy_bits=params.copy_bits,
        seed=params.seed,
    )  # fmt: skip
    folds = Counter(f"fold {animal.fold}" for animal in animals if animal.measured)
    if len(folds) < params.folds:
        raise WrongUse(
            f"{sum(folds.values())} animals of the species {params.species!r} make {len(folds)} folds, pose_prepare.folds asks "
            f"for {params.folds}: name folders with more of them, or ask for fewer"
        )
    write_listed(animals, Path(params.animals))
    counts = Counter(f"{animal.source} {animal.species}" for animal in animals)
    return {name: float(count) for name, count in [*counts.items(), *sorted(folds.items())]}


def drawn_close_ups(folder: Path, count: int, seed: int, style: str = "soft") -> Path:
    """A folder of drawn cats; one that is there and right is kept. Two seeds share none."""
    from simulate.close_ups import write_close_ups

    first = seed * 1_000_000
    return drawn_once(
        folder,
        {"count": count, "seed": first, "style": style},
        lambda at: write_close_ups(at, count, first, style=style),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.pose_prepare`."""
    return run(lambda params: pose_prepare(params.pose_prepare), argv)


if __name__ == "__main__":
    raise SystemExit(main())
