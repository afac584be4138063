"""`mode: fast|accurate` picks between the files and sizes that a folder of weights offers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from home.errors import ModelError
from models.detector import DEFAULT_WEIGHTS, Detector
from models.detector.description import ModelDescription
from models.detector.modes import Offer, in_mode, write_modes
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
        (
            {"accurate": {"file": "gone.onnx", "input_size": 64}},
            r"names gone\.onnx at 64 pixels in fp32; it must be a file",
        ),
        ({"accurate": {"file": "large.onnx", "input_size": 100}}, "multiples of 32"),
        ({"accurate": {"file": "large.onnx", "input_size": 64, "precision": "fp8"}}, "in fp8; .* fp32 or bf16"),
        ({"accurate": None}, "no entry for mode 'accurate' that can be used"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        in_mode(two(tmp_path, **changes), "accurate")


def test_what_is_written_is_read_and_other_files_keep_theirs(tmp_path: Path) -> None:
    onnx = two(tmp_path)
    offers = {"fast": Offer(onnx, 96, "bf16"), "accurate": Offer(tmp_path / "large.onnx", 128, "fp32")}
    write_modes(tmp_path / "large.onnx", {mode: offers["accurate"] for mode in ("fast", "accurate")})
    before = write_modes(onnx, offers).read_bytes()  # type: ignore[arg-type]
    assert [in_mode(onnx, mode) for mode in ("fast", "accurate")] == list(offers.values())
    assert in_mode(tmp_path / "large.onnx", "fast") == offers["accurate"]
    assert write_modes(onnx, offers).read_bytes() == before  # type: ignore[arg-type]


def test_both_modes_of_the_shipped_weights_run() -> None:
    for mode in ("fast", "accurate"):
        offer = in_mode(DEFAULT_WEIGHTS, mode)
        assert offer.file.is_file() and offer.input_size is not None
        assert Detector.load(mode=mode).input_size == offer.input_size
