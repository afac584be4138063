"""Anybody's pictures become a detector by one command, and the night runs with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from home.folder import PROJECT
from models.detector import Detector
from tests.trained import draw


def command(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(PROJECT / "catml.py"), "train", "detector", *map(str, arguments), "--home", str(home)]
    return subprocess.run(words, capture_output=True, text=True, cwd=home)


def test_one_command_from_a_folder_to_a_detector(tmp_path: Path) -> None:
    """One epoch of YOLO26n on a dozen pictures of `lamp`: no detector yet, but a whole one, that says `lamp`."""
    pytest.importorskip("ultralytics", reason="training needs the extra `train`")
    data = draw(tmp_path / "lamps", 14, empty=2)
    (data / "data.yaml").write_text("names: [lamp]\n")
    sets = ("train.batch=8", "train.threads=1", "train.device=cpu", "prepare.copy_bits=0")
    small = [*(word for each in sets for word in ("--set", each)), "--json"]
    ran = command(tmp_path, "--data", data, "--name", "lamps", "--epochs", "1", "--size", "64", *small)
    assert ran.returncode == 0, ran.stderr
    made = json.loads(ran.stdout)
    assert made["classes"] == ["lamp"] and made["figures"]["pictures"] == made["counts"]["test"]
    onnx = tmp_path / "data/training/lamps/export/detector.onnx"
    assert Path(made["onnx"]) == onnx and "epoch 1 of 1" in ran.stderr
    detector = Detector.load(onnx, classes=["lamp"])
    assert detector.description.name == "lamps" and detector.description.input_size == 64
    found = detector.detect([np.zeros((64, 64, 3), np.uint8)], 0.0)[0]
    assert set(found.classes.tolist()) == {"lamp"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "nowhere"], "--data 'nowhere' is no folder; it must hold images/ and labels/"),
        (["--data", ".", "--size", "100"], "train.image_size: found 100; it should be a multiple of 32"),
    ],
)
def test_what_is_wrong_is_told_before_work_begins(tmp_path: Path, arguments: list[str], told: str) -> None:
    ran = command(tmp_path, *arguments)
    assert ran.returncode == 2 and told in ran.stderr
