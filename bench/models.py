"""Which runtime, precision and input size serve best: what each finds, what it costs, and what is recommended.

    python -m bench.models [--model detector.onnx] [--weights last.pt] [--size 320 --size 448+320 …] [--threads 2] [--write]

One run over PyTorch (where `--weights` are given), ONNX Runtime fp32, fp16 and INT8 (where the files lie beside the
model) and OpenVINO fp32, bf16 and INT8 (where it is installed), at 320, 416 and 640. Each picture goes through all of them
before the next, so that other work on the machine slows all alike: compare rows of one size. What is measured is kept
in `--keep`; called again after an interruption it goes on with the next size.

The pictures are the val split of `--folder`, or with `--list pictures.csv --fold 2` those of a fold, for weights that were
trained without it. `--write` puts the recommendation into the `modes.json` beside the model, or beside another one with
the same files, `--write models/detector/weights/detector.onnx`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.contenders import Run, contenders, measure_size
from bench.detector import held_out
from home.errors import CatMLError, WrongUse
from models.detector.bootstrap import Difference, Estimate, differences, draws, estimates
from models.detector.description import read_description
from models.detector.fidelity import lost_too_much
from models.detector.listing import read_listing
from models.detector.marks import mark
from models.detector.modes import Mode, Offer, write_modes
from models.detector.pictures import Picture
from models.detector.predict import DEFAULT_WEIGHTS

LARGEST_MB, SLOWEST_MS, MOST_LOST = 12.0, 35.0, 0.01  # what a small computer is promised; a point
CONFIDENCE, TIMES = 0.3, 1000
HEAD = ("", "size", "pictures/s", "P50 ms", "P95 ms", "speed", "MB", "AP50", "AP75", "AP50 against fp32")


@dataclass(frozen=True)
class Row:
    """One line of the table: a run, its figures, and what it has more than ONNX Runtime fp32 at its size."""

    run: Run
    figures: dict[str, Estimate]
    against: dict[str, Difference]
    speed: float

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.run.name} at {self.run.views}"

    @property
    def middle_ms(self) -> float:
        """Time that half of the pictures take less than."""
        return float(np.median(self.run.ms))

    @property
    def score(self) -> float:
        """What rows are ranked by."""
        return self.figures["ap50"].value + self.figures["ap75"].value

    def cells(self) -> list[str]:
        """As text, in the order of HEAD."""
        ms = self.run.ms
        times = [
            f"{1000 / ms.mean():.0f}",
            f"{self.middle_ms:.1f}",
            f"{np.percentile(ms, 95):.1f}",
            f"×{self.speed:.2f}",
        ]
        found = [str(self.figures[name]) for name in ("ap50", "ap75")]
        return [
            self.run.name,
            self.run.views,
            *times,
            f"{self.run.megabytes:.1f}",
            *found,
            str(self.against["ap50"]),
        ]


def rows_of(runs: Sequence[Run], pictures: Sequence[Picture]) -> list[Row]:
    """The runs of one size with their figures; the first is what the others are held against."""
    truth, classes = [picture.boxes for picture in pictures], [picture.classes for picture in pictures]
    marks = [mark(run.found, truth, classes) for run in runs]
    weights = draws(len(pictures), times=TIMES)
    return [
        Row(
            run,
            estimates(own, weights, confidence=CONFIDENCE),
            differences(marks[0], own, weights, confidence=CONFIDENCE),
            float(np.median(runs[0].ms) / np.median(run.ms)),
        )
        for run, own in zip(runs, marks, strict=True)
    ]


def recommended(rows: Sequence[Row], pictures: Sequence[Picture]) -> dict[Mode, Row]:
    """Of the rows of ONNX Runtime, which everybody has: `accurate` the best, `fast` the fastest that is as good.

    As good: not more than a point of AP50 or AP75 behind the best of those that keep to 12 MB and 35 ms, by the paired
    bootstrap (`models.detector.fidelity.lost_too_much`).
    """
    able = [row for row in rows if row.run.name.startswith("ONNX") and row.run.megabytes <= LARGEST_MB]
    quick = [row for row in able if row.middle_ms <= SLOWEST_MS]
    if not quick:
        return {}
    best = max(quick, key=lambda row: row.score)
    equal = [row for row in quick if not _behind(best, row, pictures)]
    return {
        "fast": min(equal, key=lambda row: row.middle_ms),
        "accurate": max(able, key=lambda row: row.score),
    }


def in_openvino(row: Row, rows: Sequence[Row], pictures: Sequence[Picture]) -> Row | None:
    """What OpenVINO computes the file of a row in: bfloat16 where it is faster and no more than a point is lost."""
    same = [r for r in rows if "OpenVINO" in r.run.name and (r.run.file, r.run.views) == (row.run.file, row.run.views)]
    equal = [each for each in same if not _behind(row, each, pictures)]
    return min(equal, key=lambda each: each.middle_ms, default=None)


def _behind(best: Row, row: Row, pictures: Sequence[Picture]) -> str:
    truth, classes = [picture.boxes for picture in pictures], [picture.classes for picture in pictures]
    first, second = (mark(each.run.found, truth, classes) for each in (best, row))
    return lost_too_much(
        differences(first, second, draws(len(pictures), times=TIMES), confidence=CONFIDENCE), MOST_LOST
    )


def advise(rows: Sequence[Row], pictures: Sequence[Picture], onnx: Path | None) -> str:
    """The recommendation in words; it becomes the modes of `onnx`, where one is given."""
    chosen = recommended(rows, pictures)
    if not chosen:
        return f"None keeps to {LARGEST_MB:g} MB and {SLOWEST_MS:g} ms: nothing is recommended."
    lines, offers = [], {}
    for mode, row in chosen.items():
        other = in_openvino(row, rows, pictures)
        there = f"; where OpenVINO is installed, {other.run.name}, ×{other.speed:.2f}" if other else ""
        lines.append(f"- `{mode}`: {row.name} ({row.run.file.name}), {row.middle_ms:.1f} ms{there}")
        file = onnx.with_name(row.run.file.name) if onnx else row.run.file
        if not file.is_file():
            raise WrongUse(f"--write: {str(file)!r} is recommended as {mode} and is not there; export it first")
        offers[mode] = Offer(file, row.run.size, other.run.precision if other else "fp32", row.run.second)
    told = f"Written to {write_modes(onnx, offers)}." if onnx else "`--write` makes these the modes of the model."
    return "\n".join(["Recommended:", "", *lines, "", told])


def _pictures(options: argparse.Namespace) -> list[Picture]:
    if options.fold is None:
        return held_out(options.folder, options.split)
    chosen = [picture for picture in read_listing(options.list) if picture.fold == options.fold]
    if not chosen:
        raise WrongUse(f"{str(options.list)!r} has no pictures of fold {options.fold}")
    return chosen


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=DEFAULT_WEIGHTS, help="an ONNX detector with its model.json")
    parser.add_argument("--weights", type=Path, help="the .pt it was made of: measures PyTorch too")
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/detect/voc"), help="a labelled folder")
    parser.add_argument("--split", choices=["train", "val", "test", "all"], default="val", help="val while choosing")
    parser.add_argument("--list", type=Path, default=Path("data/training/full/pictures.csv"), help="of tasks.prepare")
    parser.add_argument("--fold", type=int, help="measure on this fold of the list, which the weights never saw")
    parser.add_argument(
        "--size", action="append", help="320, or 448+320 for two views; may be given again (320 416 640)"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("data/cache/bench-models"), help="what was measured")
    parser.add_argument(
        "--write", type=Path, nargs="?", const=Path(), metavar="MODEL", help="make it the modes of this model (--model)"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = _options(argv)
    try:
        pictures = _pictures(options)
        told = read_description(options.model)
        if told is None:
            raise CatMLError(f"{str(options.model)!r} has no model.json beside it")
        all_of = list(contenders(options.model, told, options.weights, options.threads))
        print(f"{len(pictures)} pictures, {sum(len(p.boxes) for p in pictures)} animals, {options.threads} threads;")
        print(f"load of the machine when it began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
        print("| " + " | ".join(HEAD) + " |\n" + "| --- " * len(HEAD) + "|", flush=True)
        rows: list[Row] = []
        for sizes in options.size or ["320", "416", "640"]:
            size, second = _sizes(sizes)
            runs = measure_size(all_of, told, size, second, pictures, options.threads, options.keep, _tell)
            made = rows_of(runs, pictures)
            print("\n".join("| " + " | ".join(row.cells()) + " |" for row in made), flush=True)
            rows += made
        target = options.model if options.write == Path() else options.write
        print(f"\n{advise(rows, pictures, target)}")
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    return 0


def _sizes(asked: str) -> tuple[int, int | None]:
    first, plus, second = asked.partition("+")
    if not first.isdigit() or (plus and not second.isdigit()):
        raise WrongUse(f"--size: found {asked!r}; write one size, 320, or those of two views, 448+320")
    return int(first), int(second) if plus else None


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
