"""From a photo and the boxes of its animals to what each does: two looks at it, and a linear reading of both.

A general network of pictures (EfficientNet-Lite0, `models.photo.network`) says how the animal and how the whole photo look;
the reading is a softmax over a weighted sum of that. It knows the bowl, the litter and the bed that a network which only ever
learned cats does not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from home.arrays import read_arrays
from home.errors import ModelError
from home.ethogram import BEHAVIOURS
from models.detector.description import described, fingerprint_of
from models.detector.letterbox import reduced
from models.network import Network, Runtime, open_network
from models.pose.crop import cut, square_around

__all__ = ["DEFAULT_WEIGHTS", "Looks", "PhotoDescription", "PhotoReader", "Reading"]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "photo.onnx"
"""What CatML ships; `reading.npz` lies beside it."""
READING = "reading.npz"
_WHOLE = np.array([0, 0, 1, 1], np.float32)


class PhotoDescription(BaseModel):
    """The `model.json` beside the ONNX file.

    Attributes:
        name: what pages call this model.
        input_size: side of a crop in pixels.
        metric: figures of photos that it did not learn from, by name.
        fingerprint: SHA-256 of the ONNX file.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    input_size: int = Field(224, ge=32)
    metric: dict[str, float] = {}
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")

    def write(self, path: Path) -> None:
        """Write as `model.json`, keys in the order of this class."""
        path.write_text(json.dumps(self.model_dump(), indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Reading:
    """How looks are read: logits are `looks @ weight + bias`.

    Attributes:
        behaviours: the behaviours that photos were labelled with; of others a photo says nothing.
        weight: `float32 [2D,K]`, of the animal's looks, then of the whole photo's.
        bias: `float32 [K]`.
    """

    behaviours: tuple[str, ...]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, looks: NDArray[np.floating]) -> NDArray[np.float64]:
        """Of looks `[N,2D]`, `[N,K]`."""
        logits = looks.astype(np.float64) @ self.weight + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class Looks:
    """The network of pictures: how an animal and the photo around it look."""

    def __init__(self, source: str | Path, *, threads: int = 1, runtime: Runtime = "auto", callers: int = 1) -> None:
        """Open it.

        Args:
            source: an ONNX file that takes RGB 0..1 `[N,3,S,S]` and gives `[N,D]`.
            threads: threads that one run may use.
            runtime: what runs it.
            callers: threads that will ask it at once.

        Raises:
            ModelError: it is missing, damaged or of another kind.
        """
        self._network: Network = open_network(source, threads=threads, runtime=runtime, callers=callers)
        takes, gives = self._network.signature.input, self._network.signature.output
        if len(takes) != 4 or takes[1] != 3 or takes[2] != takes[3] or takes[2] < 1 or len(gives) != 2 or gives[1] < 1:
            raise ModelError(f"{str(source)!r} takes {takes} and gives {gives}, expected [N, 3, S, S] and [N, D]")
        self.side, self.width = takes[2], gives[1]
        self.runtime = self._network.runtime

    def of(
        self, picture: NDArray[np.uint8], boxes: NDArray[np.float32], whole: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Looks of each animal and of the photo around it.

        Args:
            picture: RGB `uint8 [h,w,3]`.
            boxes: `float32 [N,4]` x1 y1 x2 y2 as shares 0..1 of the picture.
            whole: from `whole`, where somebody has looked already.

        Returns:
            `float32 [N,2D]`: of the crop that the pose network sees too, then of the whole photo.
        """
        if not len(boxes):
            return np.zeros((0, 2 * self.width), np.float32)
        whole = self.whole(picture) if whole is None else whole
        return np.stack([np.concatenate([self._one(picture, box), whole]) for box in boxes])

    def whole(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Looks of the photo around the animals `float32 [D]`: of one that is reduced to twice what the network sees."""
        return self._one(reduced(picture, 2 * self.side), _WHOLE, 1.0)

    def _one(self, picture: NDArray[np.uint8], box: NDArray[np.float32], around: float = 1.25) -> NDArray[np.float32]:
        crop = cut(picture, square_around(box, picture.shape[0], picture.shape[1], around), self.side)
        return self._network.run(np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32) / np.float32(255))[0]


class PhotoReader:
    """Ready to read photos; make one with `PhotoReader.load`.

    Attributes:
        description: what is known of it.
        fingerprint: SHA-256 over network and reading: two with the same one say the same.
    """

    def __init__(self, looks: Looks, reading: Reading, description: PhotoDescription, fingerprint: str) -> None:
        if reading.weight.shape != (2 * looks.width, len(reading.behaviours)):
            raise ModelError(
                f"{READING} weighs {list(reading.weight.shape)}, expected {[2 * looks.width, len(reading.behaviours)]}: "
                "the looks of an animal and of its photo, for each behaviour"
            )
        self._looks, self._reading = looks, reading
        self._places = [BEHAVIOURS.index(name) for name in reading.behaviours]
        self.description, self.fingerprint = description, fingerprint

    @classmethod
    def load(
        cls, source: str | Path = DEFAULT_WEIGHTS, *, threads: int = 1, runtime: Runtime = "auto", callers: int = 1
    ) -> PhotoReader:
        """Load it.

        Args:
            source: an ONNX file with `model.json` and `reading.npz` beside it.
            threads, runtime, callers: as of `Looks`.

        Raises:
            ModelError: a file is missing, damaged, or of another kind.
        """
        onnx = Path(source)
        looks = Looks(onnx, threads=threads, runtime=runtime, callers=callers)
        description = described(onnx, PhotoDescription, "a reader of photos")
        if description is None:
            raise ModelError(f"nothing says what {str(onnx)!r} is: put its model.json beside it")
        file = onnx.with_name(READING)
        try:
            reading = read_arrays(file, Reading)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{str(file)!r} holds no reading of photos ({type(error).__name__})") from error
        both = f"{fingerprint_of(onnx)}\n{fingerprint_of(file)}\n{looks.runtime}"
        return cls(looks, reading, description, hashlib.sha256(both.encode()).hexdigest())

    @property
    def behaviours(self) -> tuple[str, ...]:
        """Those that can be told of a photo."""
        return self._reading.behaviours

    def whole(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """How the photo looks around its animals, which can be seen before they are found: for `probabilities`."""
        return self._looks.whole(picture)

    def probabilities(
        self, picture: NDArray[np.uint8], boxes: NDArray[np.float32], whole: NDArray[np.float32] | None = None
    ) -> NDArray[np.float64]:
        """How likely each animal does each of BEHAVIOURS `[N,8]`, rows sum to 1; what no photo was labelled with is 0.

        Args:
            picture: RGB `uint8 [h,w,3]`, upright.
            boxes: `float32 [N,4]` x1 y1 x2 y2 as shares 0..1 of the picture.
            whole: from `whole`, where somebody has looked already.
        """
        told = np.zeros((len(boxes), len(BEHAVIOURS)))
        told[:, self._places] = self._reading.probabilities(self._looks.of(picture, boxes, whole))
        return told
