"""What `bench.models` holds against each other: every runtime and precision of a detector, one picture after the other."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.detector.description import ModelDescription, fingerprint_of
from models.detector.letterbox import fit
from models.detector.measure import LOWEST
from models.detector.pictures import Picture, read_image
from models.detector.predict import Detections, Detector
from models.network import Network, Precision, chosen_runtime, open_network

__all__ = ["Contender", "Run", "contenders", "measure_size"]

STRIDE = 32
MOST = 30  # boxes of a picture that are kept: no picture has so many animals


@dataclass(frozen=True)
class Contender:
    """One runtime in one precision: its name in the table, its file, and the network."""

    name: str
    file: Path
    network: Network
    precision: Precision = "fp32"


@dataclass(frozen=True)
class Run:
    """One contender at one size over all pictures.

    Attributes:
        name: of the contender.
        file: that it ran.
        precision: that it was told to compute in.
        size: input size, pixels.
        second: size of the second view, None where there is one.
        ms: time of each picture, decoded before, scaled and read out included.
        found: what it found on each picture, in the order of the pictures.
    """

    name: str
    file: Path
    precision: Precision
    size: int
    ms: np.ndarray
    found: list[Detections]
    second: int | None = None

    @property
    def views(self) -> str:
        """The sizes, for people."""
        return f"{self.size}+{self.second}" if self.second else str(self.size)

    @property
    def megabytes(self) -> float:
        """Size of the file, 10^6 bytes."""
        return self.file.stat().st_size / 1e6


def contenders(onnx: Path, told: ModelDescription, weights: Path | None, threads: int) -> Iterator[Contender]:
    """Whatever is there: PyTorch where weights are given, fp16 and INT8 where they lie beside, OpenVINO where installed."""
    files = {name: onnx.with_name(f"{onnx.stem}{end}.onnx") for name, end in _FILES.items()}
    there = {name: file for name, file in files.items() if file.is_file()}
    for name, file in there.items():  # fp32 is the first: the others are held against it
        yield Contender(f"ONNX Runtime {name}", file, open_network(file, threads=threads, runtime="onnxruntime"))
    if chosen_runtime("auto") == "openvino":
        for name, origin, precision in _IN_OPENVINO:
            if (file := there.get(origin)) is not None:
                network = open_network(file, threads=threads, runtime="openvino", precision=precision)
                if precision == "fp32" or precision in network.runtime:  # a processor without bfloat16 has no such row
                    yield Contender(f"OpenVINO {name}", file, network, precision)
    if weights is not None:
        from models.detector.torch_network import TorchNetwork

        yield Contender("PyTorch fp32", weights, TorchNetwork(weights, head=told.output, threads=threads))


_FILES = {"fp32": "", "fp16": "-fp16", "INT8": "-int8"}
_IN_OPENVINO: list[tuple[str, str, Precision]] = [
    ("fp32", "fp32", "fp32"), ("bf16", "fp32", "bf16"), ("INT8", "INT8", "fp32")
]  # fmt: skip


def measure_size(
    all_of: Sequence[Contender],
    told: ModelDescription,
    size: int,
    second: int | None,
    pictures: Sequence[Picture],
    threads: int,
    keep: Path,
    tell: Callable[[str], None],
) -> list[Run]:
    """Run all contenders at one size; what was kept of an earlier, equal run is taken instead.

    Each picture goes through all of them before the next one does: what else the machine does then slows all alike.
    Pictures are taken by shape, and the first of a shape goes through twice: shapes are compiled, and memory is warm.
    """
    told = told.model_copy(update={"input_size": size, "second_size": second})
    kept = keep / f"{size}-{_key(all_of, told, pictures, threads)}.npz"
    if kept.is_file():
        tell(f"{size}: measured before, {kept}")
        return _read(kept, all_of, told, len(pictures))
    detectors = [
        Detector(each.file, told, threads=threads, classes=told.classes, network=each.network) for each in all_of
    ]
    ms = np.zeros((len(all_of), len(pictures)))
    found: list[list[Detections]] = [[_NOTHING] * len(pictures) for _ in all_of]
    images = {number: read_image(picture.path) for number, picture in enumerate(pictures)}
    canvas = {number: fit(*image.shape[:2], size, stride=STRIDE).canvas for number, image in images.items()}
    warm = None
    for done, number in enumerate(sorted(images, key=lambda number: (canvas[number], number))):
        if done % 50 == 0:
            tell(f"{size}: {done} of {len(pictures)} pictures")
        for place, detector in enumerate(detectors):
            if canvas[number] != warm:
                detector.detect([images[number]], LOWEST)
            begin = time.perf_counter()
            (said,) = detector.detect([images[number]], LOWEST)
            ms[place, number] = 1000 * (time.perf_counter() - begin)
            found[place][number] = Detections(said.boxes[:MOST], said.scores[:MOST], said.classes[:MOST])
        warm = canvas[number]
    runs = [
        Run(each.name, each.file, each.precision, size, *both, second)
        for each, *both in zip(all_of, ms, found, strict=True)
    ]
    _write(kept, runs)
    return runs


_NOTHING = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, str))


def _key(all_of: Sequence[Contender], told: ModelDescription, pictures: Sequence[Picture], threads: int) -> str:
    parts = [f"{each.name} {each.network.runtime} {fingerprint_of(each.file)}" for each in all_of]
    parts += [told.reading(), str(threads), *(picture.path.as_posix() for picture in pictures)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _write(path: Path, runs: Sequence[Run]) -> None:
    arrays = {}
    for number, run in enumerate(runs):
        arrays |= {
            f"ms{number}": run.ms,
            f"count{number}": np.array([len(one) for one in run.found]),
            f"boxes{number}": np.concatenate([one.boxes for one in run.found]),
            f"scores{number}": np.concatenate([one.scores for one in run.found]),
            f"classes{number}": np.concatenate([one.classes for one in run.found]).astype(str),
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f".{path.name}")
    with whole.open("wb") as file:
        np.savez_compressed(file, **arrays)
    whole.replace(path)


def _read(path: Path, all_of: Sequence[Contender], told: ModelDescription, pictures: int) -> list[Run]:
    runs = []
    with np.load(path) as kept:
        for number, each in enumerate(all_of):
            cuts = np.cumsum(kept[f"count{number}"])[:-1]
            parts = [np.split(kept[f"{name}{number}"], cuts) for name in ("boxes", "scores", "classes")]
            found = [Detections(*one) for one in zip(*parts, strict=True)]
            assert len(found) == pictures
            sizes = told.input_size, kept[f"ms{number}"], found, told.second_size
            runs.append(Run(each.name, each.file, each.precision, *sizes))
    return runs
