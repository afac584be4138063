"""Stage `prepare`: which pictures the detector learns from, chooses by and is measured on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from home.errors import FootageError, WrongUse
from home.store import write_file
from home.training_params import PrepareParams
from models.detector.classes import class_maps, write_classes
from models.detector.clips import groups_with_clips, with_clips
from models.detector.labels import Folder, open_folder
from models.detector.listing import write_listing
from models.detector.pictures import Picture, pictures_of, read_image
from models.detector.predict import Detector
from models.detector.split import assign, assign_folds, copy_groups, difference_hash
from models.detector.teacher import complete
from tasks.simulated_pictures import SOURCE, simulated_folder
from tasks.training import run

__all__ = ["check_allowed", "main", "prepare"]

SHOWN = 5  # of the pictures that cannot be read, so many are named


def prepare(params: PrepareParams, terms: Sequence[str] = ()) -> dict[str, float]:
    """Read the folders, judge their labels, split them, and write the list of pictures; no picture is copied.

    Beside the list lie `classes.txt`, the data card `README.md` and `examples.png`.

    Args:
        params: which folders, and how.
        terms: `folder: what it is and its terms`, for the card.

    Returns:
        Pictures and animals per split, e.g. `{"train": 2310, "train animals": 2702, …}`.

    Raises:
        WrongUse: a folder is marked as only for tests, has no pictures or only one, a label is wrong, nobody labelled a picture and no teacher is
            named, a class has no box, two folders have one name, or a measured folder is not among the folders.
        FootageError: a picture cannot be read.
    """
    from tasks.data_card import data_card, example_sheet
    from tasks.label_suite import check_labels

    _check_folders(params)
    out = Path(params.pictures).parent
    check_allowed(params.folders, "prepare")
    folders = [open_folder(Path(folder)) for folder in params.folders]
    if params.simulated:
        made = simulated_folder(out, count=params.simulated, size=params.simulated_size, seed=_first(params))
        folders.append(open_folder(made))
    classes = params.classes or _all_names(folders)
    maps = class_maps(classes, params.rename, [folder.path.name for folder in folders])
    _check_readable(folders, teacher=bool(params.teacher))
    verdicts = check_labels(folders, maps)
    pictures = [picture for folder in folders for picture in pictures_of(folder, maps[folder.path.name])]
    _check_classes(pictures, classes, folders)
    pictures = _split(pictures, params)
    if params.teacher:
        pictures = _taught(pictures, Detector.load(params.teacher, classes=classes))
    write_file(out / "examples.png", example_sheet(pictures))
    write_file(out / "README.md", data_card(pictures, classes, verdicts, terms).encode())
    write_classes(classes, out / "classes.txt")
    write_listing(pictures, Path(params.pictures))
    return _counts(pictures)


def _check_folders(params: PrepareParams) -> None:
    if not params.folders and not params.simulated:
        raise WrongUse("prepare.folders is empty and prepare.simulated is 0: name a folder of labelled pictures")
    names = Counter([Path(folder).name for folder in params.folders] + [SOURCE] * bool(params.simulated))
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise WrongUse(f"prepare.folders: two folders are called {twice[0]!r}; rename one, for its name is its source")
    known = [*params.folders, *[SOURCE] * bool(params.simulated)]
    strange = [folder for folder in params.measured if folder not in known]
    if strange:
        raise WrongUse(f"prepare.measured: {strange[0]!r} is not among prepare.folders; add it there too")


def check_allowed(folders: Sequence[str], section: str) -> None:
    """Refuse folders that are marked as only for tests: a model that has trained on them would pass.

    Raises:
        WrongUse: one is; `section` of params.yaml names it.
    """
    from simulate.training import TEST_MARK

    for folder in map(Path, folders):
        marks = [at / TEST_MARK for at in (folder, *folder.absolute().parents)] + sorted(folder.rglob(TEST_MARK))
        for mark in marks:
            if mark.is_file():
                raise WrongUse(
                    f"{section}.folders: {str(folder)!r} holds pictures that no model may be trained on, says {mark}; take "
                    f"the folder out of {section}.folders, and name it as a test set instead (catml eval)"
                )


def _first(params: PrepareParams) -> int:
    """The seed of the first simulated picture: two seeds share none of the most that can be asked for."""
    return params.seed * 1_000_000


def _all_names(folders: Sequence[Folder]) -> list[str]:
    names = list(dict.fromkeys(name for folder in folders for name in folder.names))
    if not names:
        raise WrongUse(
            f"{', '.join(str(folder.path) for folder in folders)}: no folder names its classes. Say what is learned with --class "
            "NAME (prepare.classes in params.yaml), or beside the pictures: `names: [NAME]` in a data.yaml, or lines of a "
            "classes.txt"
        )
    return names


def _check_readable(folders: Sequence[Folder], *, teacher: bool) -> None:
    for folder in folders:
        if len(folder.images) < 2:
            raise WrongUse(
                f"{str(folder.path)!r} has one picture, {folder.images[0].name}: one cannot both be learned from and be "
                "measured on; a detector learns from some hundred"
            )
    unseen = [(folder, [path for path in folder.images if path not in folder.looked]) for folder in folders]
    missing = [(folder, paths) for folder, paths in unseen if paths]
    if missing and not teacher:
        first = missing[0][1][0]
        counts = ", ".join(f"{len(paths)} of its {len(folder.images)} pictures" for folder, paths in missing)
        raise WrongUse(
            f"nobody labelled {', '.join(folder.path.name for folder, _ in missing)}: {counts} have no label file, the first "
            f"is {first}. Label them (a picture without an animal has an empty file), or name a teacher (prepare.teacher)"
        )


def _check_classes(pictures: Sequence[Picture], classes: Sequence[str], folders: Sequence[Folder]) -> None:
    counts = Counter(name for picture in pictures for name in picture.classes)
    for name in classes:
        if counts[name] < 2:
            owns = Counter(label.own for folder in folders for label in folder.labels)
            told = ", ".join(f"{own} {count}" for own, count in owns.most_common(10)) or "none"
            raise WrongUse(
                f"the class {name!r} has {counts[name] or 'no'} box, and needs two or more; the labels are of: {told}. "
                "Label some, take it out of prepare.classes, or say in prepare.rename what the folders call it"
            )


def _split(pictures: list[Picture], params: PrepareParams) -> list[Picture]:
    hashes = _hashes(pictures)
    pictures = with_clips(pictures, params.clips)
    groups = groups_with_clips(pictures, copy_groups(hashes, params.copy_bits))
    all_ = list(dict.fromkeys(picture.source for picture in pictures))
    measured = [Path(folder).name for folder in params.measured] or all_
    pictures = assign(
        pictures, groups, measured=measured, test_share=params.test_share, val_share=params.val_share, seed=params.seed
    )
    _check_splits(pictures, groups)
    pictures = assign_folds(pictures, groups, folds=params.folds, seed=params.seed)
    return thin(pictures, params.most_empty, keep=measured)


def _hashes(pictures: Sequence[Picture]) -> list[int]:
    """Of all pictures; those that cannot be read are told together, not one a try."""
    hashes, broken = [], []
    for picture in pictures:
        try:
            hashes.append(difference_hash(read_image(picture.path)))
        except FootageError:
            broken.append(str(picture.path))
    if broken:
        more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        raise FootageError(
            f"{len(broken)} of {len(pictures)} pictures cannot be read: {', '.join(broken[:SHOWN])}{more}; save them again, or "
            "take them out with their labels"
        )
    return hashes


def _check_splits(pictures: Sequence[Picture], groups: Sequence[int]) -> None:
    """An animal to learn from, one to watch and one to measure on, and each class among those that are learned from."""
    shown = [(picture, group) for picture, group in zip(pictures, groups, strict=True) if len(picture.boxes)]
    lacking = [split for split in ("train", "val", "test") if not any(p.split == split for p, _ in shown)]
    if lacking:
        clips = len({(picture.source, picture.clip) for picture, _ in shown if picture.clip})
        raise WrongUse(
            f"the {len(shown)} pictures with a box come from {len({group for _, group in shown})} scenes ({clips} clips; copies "
            f"and frames of one clip stay together), and nothing is left for {' and '.join(lacking)}; three scenes are needed, "
            "and some hundred make a detector. Label others, or say in prepare.clips how frames are named"
        )
    for name in sorted({name for picture, _ in shown for name in picture.classes}):
        if not any(name in picture.classes for picture, _ in shown if picture.split == "train"):
            count = sum(picture.classes.count(name) for picture, _ in shown)
            raise WrongUse(
                f"the class {name!r} has {count} boxes, and all of them lie on pictures that are held out: label more of it, "
                "or draw another split with another prepare.seed"
            )


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
    return run(lambda params: prepare(params.prepare, params.export.sources), argv)


if __name__ == "__main__":
    raise SystemExit(main())
