"""`mode: fast|accurate` picks between the files and sizes that a folder of weights offers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from home.errors import ModelError
from models.detector import DEFAULT_WEIGHTS, Detector
from models.detector.description import ModelDescription
from models.detector.modes import in_mode
from tests.models.detector.networks import brightest_detector


def two(folder: Path, **changes: object) -> Path:
    """A folder with a model of 64 and one of 128 pixels, and the table of both."""
    for name, side in (("detector", 64), ("large", 128)):
        brightest_detector(folder / f"{name}.onnx", side)
        told = ModelDescription(name=name, input_size=side, classes=["cat"], output="end2end")
        told.write(folder / f"{name}.json")
    table = {
        "fast": {"file": "detector.onnx", "input_size": 64},
        "accurate": {"file": "large.onnx", "input_size": 128},
    }
    (folder / "modes.json").write_text(json.dumps({"detector.onnx": table | changes}))
    return folder / "detector.onnx"


def test_the_mode_picks_the_file_and_the_size(tmp_path: Path) -> None:
    onnx = two(tmp_path)
    fast, accurate = (Detector.load(onnx, mode=mode) for mode in ("fast", "accurate"))
    assert (fast.input_size, accurate.input_size) == (64, 128)
    assert (fast.description.name, accurate.description.name) == ("detector", "large")
    assert fast.fingerprint != accurate.fingerprint  # what was found in one mode is not taken for the other's
    assert Detector.load(tmp_path / "large.onnx").input_size == 128  # a file that is named itself is that file


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"accurate": {"file": "gone.onnx", "input_size": 64}}, r"names gone\.onnx at 64 pixels; it must be a file"),
        ({"accurate": {"file": "large.onnx", "input_size": 100}}, "a multiple of 32"),
        ({"accurate": None}, "no entry for mode 'accurate' that can be used"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        in_mode(two(tmp_path, **changes), "accurate")


def test_both_modes_of_the_shipped_weights_run() -> None:
    for mode in ("fast", "accurate"):
        file, size = in_mode(DEFAULT_WEIGHTS, mode)
        assert file.is_file() and size is not None
        assert Detector.load(mode=mode).input_size == size
