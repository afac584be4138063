"""Anybody's pictures become a detector by one command, and the night runs with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError
from home.folder import PROJECT
from home.params import Params
from home.training_params import SHIPPED
from models.detector import Detector
from tasks.own_detector import own_params, train_own
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


def shelf(root: Path) -> Path:
    """Three things on a shelf, told apart by their colour, one or two of them on a picture."""
    rng = np.random.default_rng(2)
    for kind in ("images", "labels"):
        (root / kind).mkdir(parents=True)
    (root / "data.yaml").write_text("names: [oat milk, tin of peas, soap]\n")
    colours = [(240, 240, 240), (40, 160, 40), (60, 80, 230)]
    for number in range(24):
        image = np.full((64, 64, 3), 90, np.uint8) + rng.integers(0, 12, (64, 64, 3), np.uint8)
        lines = []
        for place, kind in enumerate(rng.choice(3, 1 + number % 2, replace=False)):
            x, y = int(rng.integers(4, 12)) + 32 * place, int(rng.integers(4, 28))
            image[y : y + 30, x : x + 16] = colours[kind]
            lines.append(f"{kind} {(x + 8) / 64} {(y + 15) / 64} {16 / 64} {30 / 64}\n")
        cv2.imwrite(str(root / "images" / f"{number:03d}.png"), image)
        (root / "labels" / f"{number:03d}.txt").write_text("".join(lines))
    return root


def test_things_on_a_shelf_are_told_apart_by_name(tmp_path: Path) -> None:
    """Three classes, from the shipped detector, whose one class they begin as: the file names all three, in order."""
    pytest.importorskip("ultralytics", reason="training needs the extra `train`")
    params = own_params(Params(), [shelf(tmp_path / "shelf")], tmp_path / "out", "shelf", [])
    changes = {"epochs": 1, "image_size": 64, "batch": 8, "device": "cpu", "start": SHIPPED, "threads": 1}
    tree = params.model_dump()
    tree["train"] |= changes
    tree["prepare"] |= {"copy_bits": 0}
    tree["export"] |= {"image_size": 64, "precisions": ["fp32"]}
    tree["evaluate"] |= {"draws": 10}
    made = train_own(Params.model_validate(tree), lambda _: None)
    assert made.classes == ["oat milk", "tin of peas", "soap"]
    detector = Detector.load(made.onnx, classes=["soap", "oat milk"])
    found = detector.detect([np.zeros((64, 64, 3), np.uint8)], 0.0)[0]
    assert set(found.classes.tolist()) <= {"soap", "oat milk"} and len(found)
    with pytest.raises(ModelError, match=r"has no class cat; it has: oat milk, tin of peas, soap"):
        Detector.load(made.onnx, classes=["cat"])


@pytest.mark.parametrize("start", ["broken.pt", "empty.pt", "broken.onnx", "nowhere.pt"])
def test_a_start_that_cannot_be_read_is_told_before_pictures_are_looked_at(tmp_path: Path, start: str) -> None:
    pytest.importorskip("ultralytics", reason="training needs the extra `train`")
    (tmp_path / "broken.pt").write_bytes(b"PK\x03\x04 no weights")
    (tmp_path / "broken.onnx").write_bytes(b"\x08 no model")
    (tmp_path / "empty.pt").write_bytes(b"")
    data = draw(tmp_path / "lamps", 6)
    params = own_params(Params(), [data], tmp_path / "out", "lamps", ["lamp"])
    wrong = params.model_copy(update={"train": params.train.model_copy(update={"start": str(tmp_path / start)})})
    told: list[str] = []
    with pytest.raises(ModelError, match=start.replace(".", r"\.")):
        train_own(wrong, told.append)
    assert told == [] and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "nowhere"], "--data 'nowhere' is no folder; it must hold images/ and labels/"),
        (["--data", "empty"], "no pictures in 'empty'; a folder in YOLO format has images/ and labels/"),
        (["--data", "unnamed"], "unnamed: no folder names its classes. Say what is learned with --class NAME"),
        (["--data", "unnamed", "--class", "lamp"], "has one picture, 000.png"),
        (["--data", ".", "--size", "100"], "train.image_size: found 100; it should be a multiple of 32"),
    ],
)
def test_what_is_wrong_is_told_before_work_begins(tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "home" / "empty").mkdir(parents=True)
    draw(tmp_path / "home" / "unnamed", 1)
    ran = command(tmp_path / "home", *arguments)
    assert ran.returncode == 2 and told in ran.stderr
