"""The table of runtimes: every contender is measured, what was measured is kept, and what is recommended is the fastest
that is as good as the best."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.contenders import Run, contenders, measure_size
from bench.models import advise, main, recommended, rows_of
from home.errors import WrongUse
from models.detector.description import ModelDescription, fingerprint_of, read_description
from models.detector.modes import in_mode
from models.detector.pictures import Picture, read_folder
from models.detector.predict import Detections
from tests.models.detector.networks import constant_detector

CAT = [0.25, 0.25, 0.75, 0.75]


def folder_of(root: Path, count: int = 12) -> Path:
    """Pictures of two shapes with a cat in the middle."""
    for kind in ("images", "labels"):
        (root / kind).mkdir(parents=True)
    for number in range(count):
        shape = (48, 64, 3) if number % 2 else (64, 64, 3)
        cv2.imwrite(str(root / "images" / f"{number:02d}.png"), np.full(shape, 90 + number, np.uint8))
        (root / "labels" / f"{number:02d}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    return root


def model(root: Path) -> Path:
    """A detector of any size, and the same as its INT8; both say that the cat of a 64 x 64 canvas is in the middle."""
    for name in ("detector", "detector-int8"):
        onnx = constant_detector(root / f"{name}.onnx", np.array([[16, 16, 48, 48, 0.9, 0]], np.float32))
        told = ModelDescription(
            name=name, input_size=64, classes=["cat"], output="end2end", fingerprint=fingerprint_of(onnx)
        )
        told.write(onnx.with_suffix(".json"))
    return root / "detector.onnx"


def test_one_run_measures_all_and_a_second_goes_on_from_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx, folder, keep = model(tmp_path), folder_of(tmp_path / "photos"), tmp_path / "kept"
    command = ["--model", str(onnx), "--folder", str(folder), "--split", "all", "--keep", str(keep), "--threads", "1"]
    assert main([*command, "--size", "64"]) == 0
    first = capsys.readouterr().out
    rows = [line.split("|")[1].strip() for line in first.splitlines() if line.startswith("| O")]
    assert rows[:2] == ["ONNX Runtime fp32", "ONNX Runtime INT8"] and len(list(keep.iterdir())) == 1
    assert main([*command, "--size", "64", "--size", "96", "--write"]) == 0
    said = capsys.readouterr()
    assert "64: measured before" in said.err and "96: 0 of 12" in said.err
    table = [line for line in first.splitlines() if line.startswith("|")]
    assert [line for line in said.out.splitlines() if line.startswith("|")][: len(table)] == table  # figures and times
    assert in_mode(onnx, "accurate").input_size == 64  # at 96 the constant box lies beside the cat
    assert set(json.loads((tmp_path / "modes.json").read_text())["detector.onnx"]) == {"fast", "accurate"}


def test_what_is_measured_is_what_the_detector_says(tmp_path: Path) -> None:
    onnx, pictures = model(tmp_path), read_folder(folder_of(tmp_path / "photos"))
    told = read_description(onnx)
    assert told is not None
    all_of = list(contenders(onnx, told, None, 1))
    for _ in range(2):  # measured, then read
        runs = measure_size(all_of, told, 64, None, pictures, 1, tmp_path / "kept", lambda _: None)
        for run in runs:
            assert run.ms.shape == (12,) and (run.ms > 0).all()
            sides = [[round(float(side), 2) for side in one.boxes[0]] for one in run.found]
            # a picture of 64 x 48 fills its canvas of 64 x 64 but for 8 rows at the top and at the bottom
            assert sides == [CAT if number % 2 == 0 else [0.25, 0.17, 0.75, 0.83] for number in range(12)]


def run(file: Path, name: str, size: int, ms: float, right: float) -> Run:
    """A run that finds the cats of the first `right` of 100 pictures, and nothing else."""
    box = Detections(np.float32([CAT]), np.float32([0.9]), np.array(["cat"]))
    nothing = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, str))
    found = [box if number < 100 * right else nothing for number in range(100)]
    return Run(name, file, "bf16" if "bf16" in name else "fp32", size, np.full(100, ms), found)


def test_the_fastest_that_is_as_good_is_fast_and_the_best_is_accurate(tmp_path: Path) -> None:
    """320 is fast and five points behind; INT8 at 416 is half a point behind; 640 is best and takes too long."""
    pictures = [Picture(Path(f"{n}.png"), "s", boxes=np.float32([CAT]), classes=("cat",)) for n in range(100)]
    plain, small = model(tmp_path), tmp_path / "detector-int8.onnx"
    sizes = [
        [run(plain, "ONNX Runtime fp32", 320, 10, 0.75)],
        [
            run(plain, "ONNX Runtime fp32", 416, 20, 0.80),
            run(small, "ONNX Runtime INT8", 416, 15, 0.80),
            run(plain, "OpenVINO bf16", 416, 5, 0.80),
            run(small, "OpenVINO INT8", 416, 4, 0.60),
        ],
        [run(plain, "ONNX Runtime fp32", 640, 50, 0.90), run(plain, "OpenVINO bf16", 640, 20, 0.90)],
    ]
    rows = [row for runs in sizes for row in rows_of(runs, pictures)]
    chosen = recommended(rows, pictures)
    assert (chosen["fast"].name, chosen["accurate"].name) == ("ONNX Runtime INT8 at 416", "ONNX Runtime fp32 at 640")
    told = advise(rows, pictures, plain)
    assert "OpenVINO INT8" not in told and "accurate`: ONNX Runtime fp32 at 640" in told  # 20 points lost
    assert (in_mode(plain, "fast").file, in_mode(plain, "fast").precision) == (small, "fp32")
    assert (in_mode(plain, "accurate").input_size, in_mode(plain, "accurate").precision) == (640, "bf16")
    (tmp_path / "other").mkdir()
    with pytest.raises(WrongUse, match=r"detector-int8\.onnx' is recommended as fast and is not there"):
        advise(rows, pictures, tmp_path / "other" / "detector.onnx")
    slow = rows_of([run(plain, "ONNX Runtime fp32", 640, 50, 0.9)], pictures)
    assert advise(slow, pictures, None) == "None keeps to 12 MB and 35 ms: nothing is recommended."
