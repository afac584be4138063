"""Which pictures train, which choose, which measure: decided by names, safe against copies of one picture."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.pictures import Picture

__all__ = ["assign", "copy_groups", "difference_hash"]


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

    The split of a measured picture hangs on its name and the seed only: adding pictures moves none of the others. A
    group of copies goes where its strictest member goes (test before val before train); a copy in a folder that only
    trains is then left out, so that nothing measured is ever trained on.

    Args:
        pictures: of all folders.
        groups: from `copy_groups`, one per picture.
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
            note = f"copy of a {final} picture"
            final = final if picture.source in measured else "left out"
        result.append(replace(picture, split=final, note=note))
    return result


def _by_name(picture: Picture, seed: int, test_share: float, val_share: float) -> str:
    digest = hashlib.sha256(f"{seed}/{picture.source}/{picture.path.name}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return "test" if share < test_share else "val" if share < test_share + val_share else "train"
