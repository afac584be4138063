"""Which pictures train, which draw the curves, which measure: decided by names, safe against copies and clips."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.pictures import Picture

__all__ = ["assign", "assign_folds", "copy_groups", "difference_hash", "everything", "without_fold", "without_measured"]

_COPY = "copy of a "


def difference_hash(image: NDArray[np.uint8]) -> int:
    """64-bit difference hash of an RGB picture: does each of 9 x 8 grey cells grow brighter to the right?

    Copies that were scaled, stretched or saved again differ in a few bits. (N. Krawetz, "Kind of Like That", 2013,
    hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html)
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    cells = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    return int.from_bytes(np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes(), "big")


def copy_groups(hashes: Sequence[int], bits: int) -> list[int]:
    """Group pictures that are copies of each other.

    Args:
        hashes: one per picture, from `difference_hash`.
        bits: two pictures whose hashes differ in at most so many bits are copies, and so are copies of copies.

    Returns:
        For each picture the number of the first picture of its group.
    """
    codes = np.array(hashes, np.uint64)
    first = np.arange(len(codes))
    for index in range(len(codes)):
        near = np.flatnonzero(np.bitwise_count(codes[:index] ^ codes[index]) <= bits)
        roots = np.unique(np.append(first[near], index))
        first[np.isin(first, roots)] = roots[0]
    return first.tolist()


def assign(
    pictures: Sequence[Picture],
    groups: Sequence[int],
    *,
    measured: Sequence[str],
    test_share: float,
    val_share: float,
    seed: int,
) -> list[Picture]:
    """Give every picture its split.

    The split of a measured picture hangs on its name, or that of its clip, and the seed only: adding pictures moves none
    of the others. A group goes where its strictest member goes (test before val before train); a copy in a folder that only
    trains is then left out, so that nothing measured is ever trained on.

    Args:
        pictures: of all folders.
        groups: of copies and of frames of a clip, one per picture: `copy_groups`, `groups_with_clips`.
        measured: names of the sources that are split.
        test_share, val_share: shares 0..1 of their pictures.
        seed: another one gives another split.
    """
    order = {"train": 0, "val": 1, "test": 2}
    own = [
        _by_name(picture, seed, test_share, val_share) if picture.source in measured else "train"
        for picture in pictures
    ]
    strictest: dict[int, str] = {}
    for group, split in zip(groups, own, strict=True):
        strictest[group] = max(strictest.get(group, "train"), split, key=order.__getitem__)
    result = []
    for picture, group, split in zip(pictures, groups, own, strict=True):
        final, note = strictest[group], picture.note
        if final != split:
            note = f"{_COPY}{final} picture"
            final = final if picture.source in measured else "left out"
        result.append(replace(picture, split=final, note=note, measured=picture.source in measured))
    return _none_empty(result, groups, seed)


def assign_folds(pictures: Sequence[Picture], groups: Sequence[int], *, folds: int, seed: int) -> list[Picture]:
    """Give every measured picture its fold, and its copies with it.

    The fold hangs on the first name of the group, so that copies are predicted by one model that saw none of them.

    Args:
        pictures: from `assign`, which says which are measured.
        groups: from `copy_groups`, one per picture.
        folds: how many there are.
        seed: another one gives other folds.
    """
    shares: dict[int, float] = {}
    for picture, group in zip(pictures, groups, strict=True):
        if picture.measured:
            shares[group] = min(shares.get(group, 1.0), _share(picture, seed, "fold"))
    return [
        replace(picture, fold=int(shares[group] * folds) if group in shares else -1)
        for picture, group in zip(pictures, groups, strict=True)
    ]


def without_fold(pictures: Sequence[Picture], fold: int) -> list[Picture]:
    """The pictures as a fold splits them: its measured ones are `test`, their copies left out, all others `train`."""
    result = []
    for picture in pictures:
        split = picture.split
        if split != "left out" or picture.note.startswith(_COPY):
            split = "train" if picture.fold != fold else "test" if picture.measured else "left out"
        result.append(replace(picture, split=split))
    return result


def without_measured(pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures without any measured one and without copies of those; one that trains stays in its split."""
    return [replace(picture, split="left out") if picture.fold >= 0 else picture for picture in pictures]


def everything(pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures with all of them in `train`, what is left out for another reason than being a copy excepted."""
    return [
        replace(picture, split="train") if picture.split != "left out" or picture.note.startswith(_COPY) else picture
        for picture in pictures
    ]


def _none_empty(pictures: list[Picture], groups: Sequence[int], seed: int) -> list[Picture]:
    """Chance may give a small set no animal to learn from or to measure on: then the next group by name goes there."""
    for split in ("train", "val", "test"):
        if any(picture.split == split and len(picture.boxes) for picture in pictures):
            continue
        free = [n for n, picture in enumerate(pictures) if picture.measured and len(picture.boxes)]
        by_split = [[n for n in free if pictures[n].split == giver] for giver in ("train", "test", "val")]
        rich = [members for members in by_split if len({groups[n] for n in members}) > 1]
        if not rich:
            break
        moved = groups[min(rich[0], key=lambda n: _share(pictures[n], seed))]
        for n, picture in enumerate(pictures):
            if groups[n] == moved:
                stays = picture.measured or split == "train"
                own, note = (split, "") if stays else ("left out", f"{_COPY}{split} picture")
                pictures[n] = replace(picture, split=own, note=note)
    return pictures


def _share(picture: Picture, seed: int, what: str = "") -> float:
    """A number 0..1 that hangs on the name of the picture or of its clip, its source and the seed only."""
    digest = hashlib.sha256(f"{what}{seed}/{picture.source}/{picture.clip or picture.path.name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _by_name(picture: Picture, seed: int, test_share: float, val_share: float) -> str:
    share = _share(picture, seed)
    return "test" if share < test_share else "val" if share < test_share + val_share else "train"
