"""The way of the pose network from pictures to the file that is run: drawn, learned, killed, measured, exported, read."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError, WrongUse
from home.pose_params import PoseExportParams, PosePrepareParams, PoseTrainParams
from models.pose.keypoints import KEYPOINTS
from models.pose.predict import PoseReader
from models.strangers import read_strangers
from tasks.pose_evaluate import pose_evaluate
from tasks.pose_export import pose_export
from tasks.pose_prepare import pose_prepare
from tasks.pose_train import pose_train, pose_weights
from tests.trained import needs_training

pytestmark = needs_training


class Killed(Exception):
    """Stands for a kill between two epochs."""


def photos(folder: Path, count: int = 14) -> Path:
    """Bright ellipses on noise; the joints lie on the ellipse, those of the belly are not marked."""
    rng = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(count):
        image = cv2.resize(rng.integers(0, 120, (8, 8, 3), np.uint8), (96, 96), interpolation=cv2.INTER_CUBIC)
        x, y = rng.uniform(38, 58, 2)
        cv2.ellipse(image, (int(x), int(y)), (30, 18), 0, 0, 360, (240, 240, 240), -1)
        turn = np.linspace(0, 2 * np.pi, len(KEYPOINTS), endpoint=False)
        points = [[x + 28 * np.cos(a), y + 16 * np.sin(a), int(k % 4 > 0)] for k, a in enumerate(turn)]
        cv2.imwrite(str(folder / "images" / f"{number}.png"), image)
        rows.append(
            {"file": f"{number}.png", "species": "cat", "width": 96, "height": 96,
             "bbox_xyxy": [x - 30, y - 18, x + 30, y + 18], "keypoints": points}
        )  # fmt: skip
    (folder / "annotations.json").write_text(json.dumps({"keypoint_names": KEYPOINTS, "annotations": rows}))
    return folder


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pose")
    params = PosePrepareParams(
        folders=[str(photos(root / "photos"))], simulated=4, folds=2, animals=str(root / "animals.jsonl")
    )
    told = pose_prepare(params)
    assert told["photos cat"] == 14 and told["fold 0"] + told["fold 1"] == 14 and told["simulated cat"] >= 4
    return Path(params.animals)


def training(listed: Path, runs: str, fold: int | None = 0) -> PoseTrainParams:
    return PoseTrainParams(
        start="nothing", image_size=64, epochs=3, batch=8, drawn=2, fold=fold, threads=1, device="cpu",
        runs=str(listed.parent / runs),
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(listed: Path) -> PoseTrainParams:
    params = training(listed, "run")
    told = pose_train(params, listed, lambda _: None)
    assert 0 <= told["pck"] <= 1 and told["place_loss"] > 0
    return params


def test_a_run_that_was_killed_ends_with_the_same_weights(listed: Path, trained: PoseTrainParams) -> None:
    import torch

    params, said = training(listed, "killed"), []

    def kill(line: str) -> None:
        said.append(line)
        if line.startswith("epoch 2"):
            raise Killed

    with pytest.raises(Killed):
        pose_train(params, listed, kill)
    pose_train(params, listed, said.append)
    assert any("goes on after epoch 2 of 3" in line for line in said)
    whole, again = (torch.load(pose_weights(each), weights_only=True)["weights"] for each in (trained, params))
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    curves = [(pose_weights(each).with_name("curves.csv")).read_text() for each in (trained, params)]
    assert curves[0] == curves[1] and len(curves[0].splitlines()) == 4


def test_from_weights_to_what_is_read(listed: Path, trained: PoseTrainParams) -> None:
    root = listed.parent
    params = PoseExportParams(
        rendered=2,
        draws=10,
        portraits=16,
        evaluation=str(root / "evaluation"),
        folder=str(root / "export"),
        name="tiny",
    )
    with pytest.raises(WrongUse, match="no figures"):
        pose_export(params, trained, listed)
    told = pose_evaluate(params, trained, listed)
    tree = json.loads((root / "evaluation" / "evaluation.json").read_text())
    assert tree["folds"] == [0] and tree["animals"] == told["animals"] < 14
    assert set(tree["drawn"]) == {"soft", "flat"} and 0 <= tree["confidence"]["ece"] <= 1
    assert (root / "evaluation" / "drawn-flat" / "only-for-tests").is_file()
    assert "mean pose" in (root / "evaluation" / "evaluation.md").read_text()
    sheet = cv2.imread(str(root / "evaluation" / "predictions.png"))
    assert sheet is not None and sheet.std() > 10
    pose_export(params, trained, listed)
    first = (root / "export" / "pose.onnx").read_bytes()
    strangers = (root / "export" / "strangers.npz").read_bytes()
    pose_export(params, trained, listed)
    assert (root / "export" / "pose.onnx").read_bytes() == first
    assert (root / "export" / "strangers.npz").read_bytes() == strangers
    kept = read_strangers(root / "export" / "strangers.npz")
    assert len(kept.coats) > 14 and set(kept.kinds.tolist()) == {0, 1} and np.diag(kept.within_grey).max() > 0
    assert "photos 14, drawn" in (root / "export" / "README.md").read_text()
    assert "## Where it fails" in (root / "export" / "README.md").read_text()
    reader = PoseReader.load(root / "export" / "pose.onnx", runtime="onnxruntime")
    picture = cv2.imread(str(root / "photos" / "images" / "3.png"))[..., ::-1].copy()
    read = reader.read(picture, np.array([[0.2, 0.3, 0.8, 0.7]], np.float32))
    assert read.keypoints.shape == (1, 20, 3) and np.isfinite(read.keypoints).all()
    assert np.linalg.norm(read.looks[0]) == pytest.approx(1, abs=1e-3)
    converted = PoseReader.load(pose_weights(trained), cache=root / "cache", runtime="onnxruntime")
    again = converted.read(picture, np.array([[0.2, 0.3, 0.8, 0.7]], np.float32))
    assert np.allclose(again.keypoints[..., :2], read.keypoints[..., :2], atol=1e-4)  # confidence is not fitted in it
    dark = reader.read(picture // 4, np.array([[0.2, 0.3, 0.8, 0.7]], np.float32))
    assert not np.allclose(read.looks, dark.looks, atol=1e-5)  # it looks at the picture


def test_wrong_folds_weights_and_folders_are_told(listed: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="has the folds 0, 1"):
        pose_train(training(listed, "none", fold=7), listed)
    empty = training(listed, "nothing")
    with pytest.raises(WrongUse, match="no fold was trained"):
        pose_evaluate(PoseExportParams(evaluation=str(tmp_path)), empty, listed)
    (tmp_path / "run-fold0").mkdir()
    damaged = empty.model_copy(update={"runs": str(tmp_path / "run")})
    pose_weights(damaged).write_bytes(b"no weights")
    with pytest.raises(ModelError, match="holds no pose network"):
        pose_evaluate(PoseExportParams(evaluation=str(tmp_path)), damaged, listed)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "only-for-tests").write_text("")
    with pytest.raises(WrongUse, match=r"pose_prepare\.folders"):
        pose_prepare(PosePrepareParams(folders=[str(tmp_path / "photos")]))
