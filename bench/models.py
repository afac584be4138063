"""Which runtime, precision and input size serve best: what each finds, what it costs, and what is recommended.

    python -m bench.models [--weights last.pt] [--model detector.onnx] [--folder DIR] [--size 320 …] [--threads 2]

Beside the ONNX file, `detector-fp16.onnx` and `detector-int8.onnx` are measured where they lie in its folder, PyTorch
where `--weights` are given, OpenVINO where it is installed. Times are per picture, decoded before, scaled and read out
included; INT8 keeps the calibration of the size it was exported for.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.detector import held_out
from home.errors import CatMLError
from models.detector.bootstrap import Estimate, draws, estimates
from models.detector.description import read_description
from models.detector.marks import mark
from models.detector.measure import LOWEST
from models.detector.pictures import Picture, read_image
from models.detector.predict import DEFAULT_WEIGHTS, Detector
from models.network import Network, Precision, chosen_runtime, open_network

LARGEST_MB, SLOWEST_MS = 12.0, 35.0  # what a small computer is promised


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    size: int
    megabytes: float
    ms: np.ndarray
    ap50: Estimate
    ap75: Estimate

    @property
    def fits(self) -> bool:
        """Whether it keeps what is promised."""
        return self.megabytes <= LARGEST_MB and float(np.median(self.ms)) <= SLOWEST_MS

    def __str__(self) -> str:
        middle, slow = np.percentile(self.ms, (50, 95))
        return (
            f"| {self.name} | {self.size} | {1000 / self.ms.mean():.0f} | {middle:.1f} | {slow:.1f} "
            f"| {self.megabytes:.1f} | {self.ap50} | {self.ap75} |"
        )


def networks(onnx: Path, weights: Path | None, threads: int) -> Iterator[tuple[str, Path, Network]]:
    """Every runtime and precision that is there: its name, its file, and the network."""
    if weights is not None:
        from models.detector.torch_network import TorchNetwork

        described = read_description(onnx)
        yield (
            "torch fp32",
            weights,
            TorchNetwork(weights, head=described.output if described else "raw", threads=threads),
        )
    files = {
        name: onnx.with_name(f"{onnx.stem}{end}.onnx")
        for name, end in (("fp32", ""), ("fp16", "-fp16"), ("INT8", "-int8"))
    }
    there = {name: file for name, file in files.items() if file.is_file()}
    for name, file in there.items():
        yield f"ONNX Runtime {name}", file, open_network(file, threads=threads, runtime="onnxruntime")
    if chosen_runtime("auto") == "openvino":
        precisions: list[tuple[str, Path, Precision]] = [("fp32", onnx, "fp32"), ("bf16", onnx, "bf16")]
        precisions += [("INT8", there["INT8"], "fp32")] if "INT8" in there else []
        for name, file, precision in precisions:
            yield f"OpenVINO {name}", file, open_network(file, threads=threads, runtime="openvino", precision=precision)


def measured(name: str, file: Path, detector: Detector, pictures: list[Picture], images: list[np.ndarray]) -> Row:
    """Run all pictures once, the first twice: it warms up."""
    detector.detect(images[:1], LOWEST)
    times, found = [], []
    for image in images:
        start = time.perf_counter()
        found += detector.detect([image], LOWEST)
        times.append(1000 * (time.perf_counter() - start))
    told = estimates(mark(found, [picture.boxes for picture in pictures]), draws(len(pictures)), confidence=0.3)
    size = file.stat().st_size / 1e6
    return Row(name, detector.input_size, size, np.array(times), told["ap50"], told["ap75"])


def recommendation(rows: list[Row]) -> str:
    """Of the rows that fit, the best by AP50 and AP75; of those that cannot be told from it, the fastest."""
    fitting = [row for row in rows if row.fits]
    if not fitting:
        return f"None keeps to {LARGEST_MB:g} MB and {SLOWEST_MS:g} ms."
    best = max(fitting, key=lambda row: row.ap50.value + row.ap75.value)
    near = [
        row for row in fitting if best.ap50.value - row.ap50.value <= 0.01 and best.ap75.value - row.ap75.value <= 0.01
    ]
    fast = min(near, key=lambda row: float(np.median(row.ms)))
    return (
        f"Recommended: {fast.name} at {fast.size}, the fastest within a point of {best.name} at {best.size}, the best of "
        f"those that keep to {LARGEST_MB:g} MB and {SLOWEST_MS:g} ms."
    )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=DEFAULT_WEIGHTS, help="an ONNX detector with its model.json")
    parser.add_argument("--weights", type=Path, help="the .pt it was made of: measures PyTorch too")
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/detect/voc"), help="a labelled folder")
    parser.add_argument("--split", choices=["train", "val", "test", "all"], default="val", help="val while choosing")
    parser.add_argument("--size", type=int, action="append", help="input size; may be given again (320, 416, 640)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    try:
        pictures = held_out(options.folder, options.split)
        images = [read_image(picture.path) for picture in pictures]
        description = read_description(options.model)
        if description is None:
            raise CatMLError(f"{str(options.model)!r} has no model.json beside it")
        print(f"{len(pictures)} pictures, {sum(len(p.boxes) for p in pictures)} animals, {options.threads} threads\n")
        print("| | size | pictures/s | P50 ms | P95 ms | MB | AP50 | AP75 |\n" + "| --- " * 8 + "|")
        rows = []
        for name, file, network in networks(options.model, options.weights, options.threads):
            for size in options.size or [320, 416, 640]:
                told = description.model_copy(update={"input_size": size})
                detector = Detector(file, told, threads=options.threads, classes=told.classes, network=network)
                rows.append(measured(name, file, detector, pictures, images))
                print(rows[-1], flush=True)
        print(f"\n{recommendation(rows)}")
    except CatMLError as error:
        print(f"error: {error}")
        return error.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
