"""Stage `behaviour_prepare`: moments whose truth is known, from drawn homes that the night's own stages have read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from home.behaviour_params import BehaviourPrepareParams
from home.ethogram import BEHAVIOURS
from home.folder import PROJECT
from models.detector.description import fingerprint_of
from models.detector.predict import DEFAULT_WEIGHTS
from tasks.drilled import read_drilled, write_drilled
from tasks.photographed import labelled_photos, listed_photos, read_photographed, write_photographed
from tasks.simulated_pictures import drawn_once
from tasks.training import run

__all__ = ["behaviour_prepare", "homes_of", "main", "photos_of"]

FILE, PHOTOS = "moments.npz", "photos.npz"


def homes_of(params: BehaviourPrepareParams) -> tuple[list[Path], list[Path]]:
    """The files of the homes to learn from, and of those held out."""
    first = 1000 * (1 + params.seed)
    files = [Path(params.folder) / f"home-{first + number}" / FILE for number in range(params.homes + params.held_out)]
    return files[: params.homes], files[params.homes :]


def photos_of(params: BehaviourPrepareParams) -> Path | None:
    """The file of the photos, None where neither a folder nor a list is named."""
    return Path(params.folder) / "photos" / PHOTOS if params.photos or params.listed else None


def behaviour_prepare(params: BehaviourPrepareParams, tell: Callable[[str], None] = print) -> dict[str, float]:
    """Draw, film and read the homes; one that is there, of this renderer and these networks, is kept.

    Returns:
        Moments of each behaviour, in all homes.

    Raises:
        ModelError: the pose network cannot be loaded.
        WrongUse: a home cannot be read, or photos are missing or their behaviour is unknown.
    """
    pose = PROJECT / params.pose
    read_by = {"detector": fingerprint_of(DEFAULT_WEIGHTS), "pose": fingerprint_of(pose)}
    counts = np.zeros(len(BEHAVIOURS), np.int64)
    files = [file for part in homes_of(params) for file in part]
    for number, file in enumerate(files, start=1):
        seed = int(file.parent.name.split("-")[1])
        asked = {"seed": seed, "seconds": [params.least_s, params.most_s], **read_by}
        drawn_once(
            file.parent,
            asked,
            lambda at, seed=seed: write_drilled(at / FILE, seed, pose, (params.least_s, params.most_s)),  # type: ignore[misc]
        )
        drilled = read_drilled(file)
        counts += np.bincount(drilled.truth[drilled.right], minlength=len(BEHAVIOURS))
        tell(f"home {number} of {len(files)}: {int(drilled.right.sum())} moments")
    if (kept := photos_of(params)) is not None:
        photos = labelled_photos(params.photos, params.rename)
        photos += listed_photos(Path(params.listed), Path(params.pictures)) if params.listed else []
        shown = [[photo.path.as_posix(), photo.path.stat().st_size, photo.behaviour, photo.box] for photo in photos]
        drawn_once(
            kept.parent,
            {"photos": shown, "folds": params.folds, "seed": params.seed, **read_by},
            lambda at: write_photographed(at / PHOTOS, photos, pose, params.folds, params.seed),
        )
        photographed = read_photographed(kept)
        tell(f"{len(photos)} photos, a cat found in {int(photographed.found[photographed.view == 0].sum())}")
    return {name: float(count) for name, count in zip(BEHAVIOURS, counts, strict=True)}


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.behaviour_prepare`."""
    return run(lambda params: behaviour_prepare(params.behaviour_prepare), argv)


if __name__ == "__main__":
    raise SystemExit(main())
