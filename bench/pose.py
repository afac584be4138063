"""What one look at one animal costs: cutting it out, the network, and the way back.

    python -m bench.pose [--model pose.onnx] [--threads 1] [--times 200]

The picture is drawn, 1600x1200, the boxes of three sizes; how many joints are seen does not change the time. CPU time is
told beside the time on the clock: on a machine that does other things only the former says what the network costs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from home.errors import CatMLError
from home.markdown import table
from models.network import chosen_runtime
from models.pose.predict import DEFAULT_WEIGHTS, PoseReader

SHARES = (0.08, 0.2, 0.5)  # longer side of a box, of the picture's width
WARM = 10


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What one look at one animal costs.")
    parser.add_argument("--model", type=Path, default=DEFAULT_WEIGHTS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args(argv)
    try:
        rows = measured(options.model, options.threads, options.times)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    print(table(["runtime", "box, pixels", "CPU ms", "P50 ms", "P95 ms"], rows))
    return 0


def measured(model: Path, threads: int, times: int) -> list[list[str]]:
    """A row for each runtime and size of box."""
    picture = np.random.default_rng(0).integers(0, 255, (1200, 1600, 3), np.uint8)
    rows = []
    for runtime in dict.fromkeys(["onnxruntime", chosen_runtime("auto")]):
        reader = PoseReader.load(model, threads=threads, runtime=runtime)
        for share in SHARES:
            box = np.array([[0.3, 0.3, 0.3 + share, 0.3 + share]], np.float32)
            took, cpu = [], 0.0
            for number in range(WARM + times):
                begins, spent = time.perf_counter(), time.process_time()
                reader.read(picture, box)
                if number >= WARM:
                    took.append(1000 * (time.perf_counter() - begins))
                    cpu += 1000 * (time.process_time() - spent)
            middle, late = np.percentile(took, (50, 95))
            rows.append([runtime, f"{1600 * share:.0f}", f"{cpu / times:.1f}", f"{middle:.1f}", f"{late:.1f}"])
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
