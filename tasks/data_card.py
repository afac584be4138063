"""The card of the training data: what is in it, how it is split, what was held against it, and examples to look at.

After Gebru et al., "Datasheets for Datasets", CACM 64(12), 2021 (arXiv:1803.09010).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

import cv2
import numpy as np

from home.markdown import table
from models.detector.pictures import Picture, read_image
from models.detector.sheet import Tile, contact_sheet
from tasks.label_suite import Verdict

__all__ = ["data_card", "example_sheet"]

SPLITS = ("train", "val", "test", "left out")
SIZES = (0.0, 0.05, 0.1, 0.2, 0.4, 1.01)  # edges, as shares of the picture's side
EXAMPLES = 6  # pictures in a row of the sheet; a source has one row or, where there are few, more
BLANK = Tile(np.full((1, 1, 3), 255, np.uint8), np.zeros((0, 4), np.float32))


def data_card(
    pictures: Sequence[Picture], classes: Sequence[str], verdicts: Sequence[Verdict], terms: Sequence[str]
) -> str:
    """The card as Markdown.

    Args:
        pictures: all, with split and fold.
        classes: what is learned, in order.
        verdicts: of the suite on the labels.
        terms: `source: what it is and its terms`; one that is missing is said to be missing.
    """
    boxes = sum(len(picture.boxes) for picture in pictures)
    parts = [
        "# The training data",
        f"{len(pictures)} pictures with {boxes} boxes of {', '.join(classes)}, written by `python -m tasks.prepare`. "
        "`pictures.csv` lists every picture with its split, its fold and its boxes.",
        "![examples of each source](examples.png)",
        "## Where it comes from",
        table(["source", "pictures", "without a box", *SPLITS, "terms"], _sources(pictures, terms)),
        f"Near copies (64-bit difference hash) and frames of one clip ({_clips(pictures)}) stay on one side of every split; a "
        "copy of a measured picture in a folder that only trains is left out.",
        "## Classes",
        table(["class", "boxes", *SPLITS], _classes(pictures, classes)),
        "## Size of the boxes",
        "Square root of the box's area, as a share of the picture's side.",
        table(["source", *_ranges()], _sizes(pictures)),
        "## Folds",
        "For out-of-fold prediction: `python -m tasks.train --set train.fold=0` trains without fold 0.",
        table(["fold", "measured pictures", "boxes", "copies elsewhere"], _folds(pictures)),
        "## Left out",
        table(["reason", "pictures"], _left_out(pictures)),
        "## What was checked",
        table(["expectation", "rows", "it holds that"], [[v.expectation, str(v.rows), v.right] for v in verdicts]),
    ]
    return "\n\n".join(parts) + "\n"


def example_sheet(pictures: Sequence[Picture]) -> bytes:
    """Some pictures of each source with their boxes, as PNG; which ones hangs on their names only."""
    tiles = []
    most = EXAMPLES * max(1, 3 // len({picture.source for picture in pictures}))
    for source, group in groupby(sorted(pictures, key=lambda picture: picture.source), lambda picture: picture.source):
        members = sorted(group, key=lambda picture: hashlib.sha256(picture.path.name.encode()).hexdigest())
        empty = [picture for picture in members if not len(picture.boxes)]
        chosen = [picture for picture in members if len(picture.boxes)][: most - min(len(empty), most // 6)]
        chosen += empty[: most - len(chosen)]
        tiles += [Tile(read_image(p.path), p.boxes, caption=_caption(source, p)) for p in chosen]
        tiles += [BLANK] * (-len(tiles) % EXAMPLES)
    sheet = contact_sheet(tiles, columns=EXAMPLES)
    return cv2.imencode(".png", sheet[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def _caption(source: str, picture: Picture) -> str:
    counts = Counter(picture.classes)
    return f"{source}: {', '.join(f'{count} {name}' for name, count in counts.items()) or 'none'}"


def _sources(pictures: Sequence[Picture], terms: Sequence[str]) -> list[list[str]]:
    said = {name.strip(): text.strip() for name, _, text in (line.partition(":") for line in terms)}
    rows = []
    for source in dict.fromkeys(picture.source for picture in pictures):
        own = [picture for picture in pictures if picture.source == source]
        empty = sum(not len(picture.boxes) for picture in own)
        splits = [str(sum(picture.split == split for picture in own)) for split in SPLITS]
        rows.append([source, str(len(own)), str(empty), *splits, said.get(source, "not stated (`export.sources`)")])
    return rows


def _clips(pictures: Sequence[Picture]) -> str:
    frames = Counter((picture.source, picture.clip) for picture in pictures if picture.clip)
    several = [count for count in frames.values() if count > 1]
    return f"{sum(several)} of {len(several)} clips, by their names" if several else "none is known by its name"


def _classes(pictures: Sequence[Picture], classes: Sequence[str]) -> list[list[str]]:
    counts = Counter((name, picture.split) for picture in pictures for name in picture.classes)
    return [
        [name, str(sum(counts[name, split] for split in SPLITS)), *(str(counts[name, split]) for split in SPLITS)]
        for name in classes
    ]


def _ranges() -> list[str]:
    edges = [f"{100 * edge:.0f}" for edge in SIZES[1:-1]]
    return [
        f"under {edges[0]} %",
        *(f"{low} to {high} %" for low, high in pairwise(edges)),
        f"{edges[-1]} % and more",
    ]


def _sizes(pictures: Sequence[Picture]) -> list[list[str]]:
    rows = []
    for source in dict.fromkeys(picture.source for picture in pictures):
        boxes = np.concatenate([picture.boxes for picture in pictures if picture.source == source])
        sides = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
        rows.append([source, *(str(count) for count in np.histogram(sides, SIZES)[0])])
    return rows


def _folds(pictures: Sequence[Picture]) -> list[list[str]]:
    rows = []
    for fold in sorted({picture.fold for picture in pictures} - {-1}):
        own = [picture for picture in pictures if picture.fold == fold]
        measured = [picture for picture in own if picture.measured]
        boxes = sum(len(picture.boxes) for picture in measured)
        rows.append([str(fold), str(len(measured)), str(boxes), str(len(own) - len(measured))])
    return rows


def _left_out(pictures: Sequence[Picture]) -> list[list[str]]:
    reasons = Counter(picture.note for picture in pictures if picture.split == "left out")
    return [[reason, str(count)] for reason, count in sorted(reasons.items())] or [["nothing", "0"]]
