"""Trained weights as files that ship: what is written, that it says what PyTorch says, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import WrongUse
from home.training_params import EvaluateParams, ExportParams, TrainParams
from models.detector import Detector
from models.detector.listing import read_listing, write_listing
from models.detector.pictures import Picture
from tasks.evaluate import evaluate
from tasks.export import export
from tasks.train import trained_weights
from tests.trained import EPOCHS, Trained


@pytest.mark.parametrize("head", ["raw", "end2end"])
def test_what_was_trained_is_measured_exported_and_runs(trained: Trained, tmp_path: Path, head: str) -> None:
    out = ExportParams.model_validate(
        {
            "head": head,
            "image_size": 64,
            "folder": str(tmp_path / "out"),
            "sources": ["photos: drawn here; ours"],
            "most_lost": 0.3,
        }  # what so small a network loses to INT8 is no matter here
    )
    measuring = EvaluateParams(metrics=str(tmp_path / "metrics.json"), folder=str(tmp_path / "evaluation"), draws=20)
    figures = evaluate(measuring, trained_weights(trained.training), trained.pictures, out)
    assert json.loads((tmp_path / "metrics.json").read_text()) == figures
    assert figures["pictures"] == len(read_listing(trained.pictures, "test"))
    export(out, trained.training, trained.pictures, tmp_path / "metrics.json", measuring)
    detector = Detector.load(tmp_path / "out" / "detector.onnx")
    assert detector.description.output == head
    assert detector.description.metric == figures
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "detector.onnx", "detector.pt", "model.json", "modes.json", "detector-fp16.onnx", "detector-fp16.json", "detector-int8.onnx",
        "detector-int8.json", "metrics.json", "training.json", "README.md"
    }  # fmt: skip
    fp32, fp16, _ = json.loads((tmp_path / "out" / "metrics.json").read_text())["exports"]
    assert fp32["score"] < 1e-4 and fp32["pixels"] < 0.01  # the same network, added up in another order
    assert fp16["megabytes"] < 0.7 * fp32["megabytes"]  # of so small a file a third is no weights
    assert json.loads((tmp_path / "out" / "training.json").read_text())["train"]["epochs"] == EPOCHS
    assert "drawn here; ours" in (tmp_path / "out" / "README.md").read_text()
    # no path of the machine that trained may travel
    assert not [path for path in (tmp_path / "out").iterdir() if str(trained.root).encode() in path.read_bytes()]
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    found = detector.detect([picture], 0.0)[0]
    assert 0 < len(found) <= 300
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()


def test_a_file_that_lost_more_than_is_allowed_is_refused_and_the_others_are_written(
    trained: Trained, tmp_path: Path
) -> None:
    """INT8 that was calibrated with black pictures has no room for bright ones; calibrated with those it learned from, it does.

    A network of five layers loses more to INT8 than a real one: the calibrated file may.
    """
    out = ExportParams(image_size=64, folder=str(tmp_path / "out"), precisions=["fp16", "int8"], most_lost=0.3)
    measuring = EvaluateParams(metrics=str(tmp_path / "metrics.json"), folder=str(tmp_path / "evaluation"), draws=100)
    (tmp_path / "metrics.json").write_text("{}")
    export(out, trained.training, trained.pictures, tmp_path / "metrics.json", measuring)
    assert (tmp_path / "out" / "detector-int8.onnx").is_file()

    told: list[str] = []
    export(out, trained.training, darkened(trained, tmp_path), tmp_path / "metrics.json", measuring, told.append)
    assert re.search(r"refused \(int8: .* over 0\.3.*\); fp32, fp16 written to", told[0])
    assert "export.calibration" in told[0]
    assert {path.name for path in (tmp_path / "out").glob("detector*")} == {
        "detector.onnx", "detector.pt", "detector-fp16.onnx", "detector-fp16.json"
    }  # fmt: skip
    exports = json.loads((tmp_path / "out" / "metrics.json").read_text())["exports"]
    assert [bool(each["refused"]) for each in exports] == [False, False, True]
    assert "| refused |" in (tmp_path / "out" / "README.md").read_text()


def darkened(trained: Trained, folder: Path) -> Path:
    """The list with every picture that was learned from in the dark; those that are measured are as they were."""
    black = folder / "black.png"
    cv2.imwrite(str(black), np.zeros((64, 64, 3), np.uint8))
    listed = [
        Picture(**{**vars(picture), "path": black}) if picture.split == "train" else picture
        for picture in read_listing(trained.pictures)
    ]
    write_listing(listed, folder / "pictures.csv")
    return folder / "pictures.csv"


def test_export_without_figures_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"no figures at .*tasks\.evaluate"):
        export(ExportParams(), TrainParams(), tmp_path / "pictures.csv", tmp_path / "metrics.json")
