"""The shipped detector beside others on the held-out pictures: what it finds, what it makes up, what it costs.

    python -m bench.detector [--model FILE]… [--split val] [--size 320 --size 448] [--threads 2]

Models are the shipped one and, where it is there, a COCO-trained YOLOX, unless some are named. `--size` also runs
models of free input size at other sizes. Times are per picture, decoded before, scaled and read out included.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from home.errors import CatMLError
from home.training_params import PrepareParams
from models.detector.measure import LOWEST, quality
from models.detector.pictures import Picture, read_folder, read_image
from models.detector.predict import DEFAULT_WEIGHTS, Detector
from models.detector.split import assign

COCO = Path("../shared/data/weights/yolox_nano_416_coco.onnx")


def held_out(folder: Path, split: str) -> list[Picture]:
    """The pictures of a folder that `tasks.prepare` puts in a split with its default seed and shares.

    The split of a picture hangs on its name alone, so the copies that `prepare` looks for elsewhere do not matter.
    """
    params = PrepareParams()
    pictures = read_folder(folder)
    if split == "all":
        return pictures
    split_of = assign(
        pictures,
        list(range(len(pictures))),
        measured=[folder.name],
        test_share=params.test_share,
        val_share=params.val_share,
        seed=params.seed,
    )
    return [picture for picture in split_of if picture.split == split]


def row(detector: Detector, pictures: list[Picture], images: list[np.ndarray], confidence: float) -> str:
    """One line of the table."""
    times = []
    found = []
    for image in images:
        start = time.perf_counter()
        found += detector.detect([image], LOWEST)
        times.append(time.perf_counter() - start)
    q = quality(found, [picture.boxes for picture in pictures], confidence=confidence)
    return (
        f"| {detector.description.name} | {detector.input_size} | {q.ap50:.3f} | {q.ap75:.3f} | {q.recall:.2f} "
        f"| {q.precision:.2f} | {q.false_per_100:.1f} | {1000 * float(np.median(times)):.1f} |"
    )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, action="append", help="an ONNX detector")
    parser.add_argument("--pictures", type=Path, default=Path("../shared/data/detect/voc"), help="a labelled folder")
    parser.add_argument("--split", choices=["train", "val", "test", "all"], default="test")
    parser.add_argument("--size", type=int, action="append", default=[], help="also at this input size")
    parser.add_argument("--confidence", type=float, default=0.3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    try:
        pictures = held_out(options.pictures, options.split)
        images = [read_image(picture.path) for picture in pictures]
        print(f"{len(pictures)} pictures, {sum(len(p.boxes) for p in pictures)} animals, {options.split} split")
        print("| model | size | AP50 | AP75 | recall | precision | false per 100 empty | ms |\n" + "|---" * 8 + "|")
        for path in options.model or [path for path in (DEFAULT_WEIGHTS, COCO) if path.is_file()]:
            for size in [None, *options.size]:
                try:
                    detector = Detector.load(path, threads=options.threads)
                    if size is not None:
                        description = detector.description.model_copy(update={"input_size": size})
                        detector = Detector(path, description, threads=options.threads, classes=detector.classes)
                except CatMLError:
                    if size is None:
                        raise
                    continue  # a model of fixed size runs at its own only
                print(row(detector, pictures, images, options.confidence), flush=True)
    except CatMLError as error:
        print(f"error: {error}")
        return error.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
