"""Stage `prepare`: which pictures the detector learns from, chooses by and is measured on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from home.errors import WrongUse
from home.training_params import PrepareParams
from models.detector.listing import write_listing
from models.detector.pictures import Picture, read_folder, read_image
from models.detector.predict import Detector
from models.detector.split import assign, copy_groups, difference_hash
from models.detector.teacher import complete
from tasks.training import run

__all__ = ["main", "prepare"]


def prepare(params: PrepareParams) -> dict[str, float]:
    """Read the folders, split them, and write the list of pictures; no picture is copied.

    Returns:
        Pictures and animals per split, e.g. `{"train": 2310, "train animals": 2702, …}`.

    Raises:
        WrongUse: a folder has no pictures, a label cannot be read, nobody labelled a folder and no teacher is named,
            two folders have one name, or a measured folder is not among the folders.
        FootageError: a picture cannot be read.
    """
    _check_folders(params)
    pictures = [picture for folder in params.folders for picture in read_folder(Path(folder))]
    groups = copy_groups([difference_hash(read_image(picture.path)) for picture in pictures], params.copy_bits)
    measured = [Path(folder).name for folder in params.measured]
    pictures = assign(
        pictures, groups, measured=measured, test_share=params.test_share, val_share=params.val_share, seed=params.seed
    )
    pictures = thin(pictures, params.most_empty, keep=measured)
    if params.teacher:
        pictures = _taught(pictures, Detector.load(params.teacher))
    unlabelled = {picture.source for picture in pictures if not picture.labelled and picture.split != "left out"}
    if unlabelled:
        raise WrongUse(
            f"nobody labelled {', '.join(sorted(unlabelled))}: label it, or name a teacher (prepare.teacher)"
        )
    write_listing(pictures, Path(params.pictures))
    return _counts(pictures)


def _check_folders(params: PrepareParams) -> None:
    names = Counter(Path(folder).name for folder in params.folders)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise WrongUse(f"prepare.folders: two folders are called {twice[0]!r}; rename one, for its name is its source")
    strange = [folder for folder in params.measured if folder not in params.folders]
    if strange:
        raise WrongUse(f"prepare.measured: {strange[0]!r} is not among prepare.folders; add it there too")


def thin(pictures: Sequence[Picture], most: int, *, keep: Sequence[str]) -> list[Picture]:
    """Leave out pictures without an animal beyond `most` per source: they are easy, and each costs as much as another.

    Which ones stay hangs on their names only. Sources in `keep` are not thinned.
    """
    empty: dict[str, list[Path]] = {}
    for picture in pictures:
        if picture.labelled and not len(picture.boxes) and picture.split == "train" and picture.source not in keep:
            empty.setdefault(picture.source, []).append(picture.path)
    extra = {path for paths in empty.values() for path in sorted(paths, key=_shuffled)[most:]}
    return [
        replace(picture, split="left out", note="enough pictures without an animal")
        if picture.path in extra
        else picture
        for picture in pictures
    ]


def _shuffled(path: Path) -> str:
    return hashlib.sha256(path.name.encode()).hexdigest()


def _taught(pictures: Sequence[Picture], teacher: Detector) -> list[Picture]:
    """Let the teacher complete what trains; what is measured stays as people labelled it."""
    trains = [picture for picture in pictures if picture.split == "train"]
    better = {picture.path: picture for picture in complete(trains, teacher)}
    return [better.get(picture.path, picture) for picture in pictures]


def _counts(pictures: Sequence[Picture]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for picture in pictures:
        counts[picture.split] += 1
        counts[f"{picture.split} animals"] += len(picture.boxes)
    return dict(counts)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.prepare`."""
    return run(lambda params: prepare(params.prepare), argv)


if __name__ == "__main__":
    raise SystemExit(main())
