"""What detectors of different families put out, as boxes, scores and classes.

Each decoder takes the output of one picture and gives every candidate above a score:
boxes `float32 [N,4]` x1 y1 x2 y2 in pixels of the canvas, scores `float32 [N]`, class numbers `int64 [N]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from home.errors import ModelError
from models.detector.boxes import overlap

__all__ = ["Candidates", "Output", "candidates", "suppress"]

Output = Literal["end2end", "raw", "yolox"]
Candidates = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]

_STRIDES = (8, 16, 32)
_MOST = 1000
"""Candidates of one picture that go into suppression: far above any number of animals, far below what makes it slow."""


def candidates(
    output: NDArray[np.float32], kind: Output, canvas: tuple[int, int], wanted: NDArray[np.int64], confidence: float
) -> Candidates:
    """Decode one picture's output and keep the wanted classes, best first, each animal once.

    Args:
        output: one picture's output, without the batch dimension.
        kind: `end2end` `[M,6]` x1 y1 x2 y2 score class (YOLO26, YOLOv10); `raw` `[4+C,A]` centre, size and class
            scores (YOLOv8, YOLO11); `yolox` `[A,5+C]` grid offsets, log sizes, objectness and class scores
            (Ge et al. 2021, arXiv:2107.08430).
        canvas: height and width of the model's input in pixels.
        wanted: numbers of the classes to keep.
        confidence: lowest score to keep, 0..1.

    Raises:
        ModelError: the output has another shape than `kind` says.
    """
    boxes, scores, classes = _DECODERS[kind](output, canvas, wanted, confidence)
    order = np.argsort(-scores, kind="stable")[:_MOST]
    boxes, scores, classes = boxes[order], scores[order], classes[order]
    if kind == "end2end":
        return boxes, scores, classes
    kept = suppress(boxes, scores, classes)
    return boxes[kept], scores[kept], classes[kept]


def suppress(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], classes: NDArray[np.int64], *, limit: float = 0.6
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression within each class.

    Args:
        boxes: `[N,4]` x1 y1 x2 y2.
        scores: `[N]`, in falling order.
        classes: `[N]`.
        limit: overlap (intersection over union) above which the lower score goes; of 0.3 to 0.7 the value with the best
            average precision on the val part of the pictures and on two sets beside it.

    Returns:
        Numbers of the boxes to keep, in falling order of score.
    """
    alive = np.ones(len(scores), bool)
    kept = []
    for index in range(len(scores)):
        if not alive[index]:
            continue
        kept.append(index)
        rivals = alive & (classes == classes[index])
        rivals[: index + 1] = False
        if rivals.any():
            alive[rivals] = overlap(boxes[index : index + 1], boxes[rivals])[0] <= limit
    return np.array(kept, np.intp)


def _end2end(
    output: NDArray[np.float32], canvas: tuple[int, int], wanted: NDArray[np.int64], confidence: float
) -> Candidates:
    if output.ndim != 2 or output.shape[1] != 6:
        raise ModelError(f"the output is {list(output.shape)} per picture; an end2end detector gives [M, 6]")
    classes = output[:, 5].astype(np.int64)
    keep = (output[:, 4] >= confidence) & np.isin(classes, wanted)
    return output[keep, :4], output[keep, 4], classes[keep]


def _raw(
    output: NDArray[np.float32], canvas: tuple[int, int], wanted: NDArray[np.int64], confidence: float
) -> Candidates:
    if output.ndim != 2 or output.shape[0] < 4 + wanted.max(initial=0) + 1:
        raise ModelError(f"the output is {list(output.shape)} per picture; a raw detector gives [4 + classes, A]")
    best, scores = _best_wanted(output[4:], wanted)
    keep = scores >= confidence
    return _corners(output[:2, keep], output[2:4, keep]), scores[keep], best[keep]


def _yolox(
    output: NDArray[np.float32], canvas: tuple[int, int], wanted: NDArray[np.int64], confidence: float
) -> Candidates:
    grid, steps = _grid(canvas)
    if output.ndim != 2 or output.shape[0] != len(steps):
        expected = f"[{len(steps)}, 5 + classes]"
        raise ModelError(f"the output is {list(output.shape)} per picture; YOLOX gives {expected} for {canvas}")
    best, scores = _best_wanted(output[:, 5:].T * output[:, 4], wanted)
    keep = scores >= confidence
    steps = steps[keep]
    centre = (output[keep, :2] + grid[keep]) * steps[:, None]
    return _corners(centre.T, (np.exp(output[keep, 2:4]) * steps[:, None]).T), scores[keep], best[keep]


def _best_wanted(
    scores: NDArray[np.float32], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Of scores `[C,A]` the best wanted class of each anchor and its score."""
    among = scores[wanted]
    return wanted[among.argmax(0)], among.max(0)


def _corners(centre: NDArray[np.float32], size: NDArray[np.float32]) -> NDArray[np.float32]:
    """Centres `[2,N]` and sizes `[2,N]` as corners `[N,4]`."""
    return np.concatenate([centre - size / 2, centre + size / 2]).T.astype(np.float32)


def _grid(canvas: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cell offsets `[A,2]` (x, y) and strides `[A]` of a canvas, finest level first."""
    cells, steps = [], []
    for stride in _STRIDES:
        y, x = np.mgrid[: canvas[0] // stride, : canvas[1] // stride]
        cells.append(np.stack([x.ravel(), y.ravel()], 1))
        steps.append(np.full(x.size, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(steps).astype(np.float32)


_Decoder = Callable[[NDArray[np.float32], tuple[int, int], NDArray[np.int64], float], Candidates]
_DECODERS: dict[Output, _Decoder] = {"end2end": _end2end, "raw": _raw, "yolox": _yolox}
