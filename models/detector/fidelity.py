"""Whether an exported file still says what the trained network says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.detector.adapters import Output
from models.detector.bootstrap import Difference
from models.network import Network

__all__ = ["Fidelity", "largest_difference", "lost_too_much"]

LIKELY = 0.05  # candidates below this score never become a box: where they lie does not matter


@dataclass(frozen=True)
class Fidelity:
    """One exported file against the network it was made of.

    Attributes:
        precision: `fp32`, `fp16` or `int8`.
        megabytes: size of the file, 10^6 bytes.
        pixels: largest difference of a side of a likely box, in pixels of the canvas.
        score: largest difference of a score.
        change: change of each figure on the same pictures.
        kept_fp32: names of the convolutions that stayed fp32.
        refused: why it is not shipped; empty where it is.
    """

    precision: str
    megabytes: float
    pixels: float
    score: float
    change: dict[str, Difference]
    kept_fp32: Sequence[str] = ()
    refused: str = ""

    def as_tree(self) -> dict[str, Any]:
        """For JSON, rounded to what is known."""
        change = {
            name: {key: None if np.isnan(value) else round(value, 4) for key, value in asdict(gap).items()}
            for name, gap in self.change.items()
        }
        rounded = {
            "megabytes": round(self.megabytes, 2),
            "pixels": round(self.pixels, 4),
            "score": round(self.score, 6),
        }
        return {**asdict(self), **rounded, "change": change, "kept_fp32": list(self.kept_fp32)}


def largest_difference(
    first: Network, second: Network, batches: Iterable[NDArray[np.float32]], kind: Output
) -> tuple[float, float]:
    """Largest difference in pixels and in score, candidate by candidate.

    Args:
        first: the network that is right.
        second: the other one.
        batches: inputs `float32 [1,3,H,W]`.
        kind: how outputs are read; of `end2end` the candidates are compared in their order.
    """
    pixels = score = 0.0
    for batch in batches:
        told, said = (_candidates(network.run(batch)[0], kind) for network in (first, second))
        gap = np.abs(told - said)
        likely = told[:, 4:].max(1) >= LIKELY
        pixels = max(pixels, float(gap[likely, :4].max(initial=0)))
        score = max(score, float(gap[:, 4:].max(initial=0)))
    return pixels, score


_JUDGED = {"ap50": "AP50", "ap75": "AP75", "recall": "recall"}


def lost_too_much(change: dict[str, Difference], most: float) -> str:
    """What was lost beyond `most`, in words; empty where nothing was.

    A file is refused where the middle of the paired interval of AP50, AP75 or recall at the working score is below:
    then it is likelier than not that it lost more. AP alone hears nothing of a file whose scores all sank. (Asking for certainty would let every loss pass on few pictures, asking for proof of none would
    refuse every file.)
    """
    lost = [
        f"{_JUDGED[name]} {gap} over {most:g}"
        for name, gap in change.items()
        if name in _JUDGED and gap.value < -most and (gap.low + gap.high) / 2 < -most
    ]
    return "; ".join(lost)


def _candidates(output: NDArray[np.float32], kind: Output) -> NDArray[np.float32]:
    """Candidates `[A,4+C]` of one picture."""
    return output.T if kind == "raw" else output[:, :5]
