"""The researcher's way from folders of pictures to a detector that runs: prepare, train, evaluate, export, load."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError, WrongUse
from home.training_params import EvaluateParams, ExportParams, TrainParams
from models.detector import Detector
from models.detector.listing import read_listing
from tasks.evaluate import evaluate
from tasks.prepare import main, prepare
from tasks.train import train, trained_weights
from tests.trained import EPOCHS, Trained, draw, settings

EACH = range(1, EPOCHS + 1)


def test_prepare_lists_and_thins(tmp_path: Path) -> None:
    """5 empty rooms of which 2 may stay; photos are split, their empty ones too, for they measure false cats."""
    draw(tmp_path / "photos", 30, empty=10)
    draw(tmp_path / "rooms", 0, empty=5, seed=1)
    params = settings(tmp_path)
    counts = prepare(params)
    pictures = read_listing(Path(params.pictures))
    rooms = [picture.split for picture in pictures if picture.source == "rooms"]
    assert sorted(rooms) == ["left out"] * 3 + ["train"] * 2
    assert counts["train"] + counts["val"] + counts["test"] == 40 + 2
    again = settings(tmp_path, pictures=str(tmp_path / "again.csv"))
    prepare(again)
    assert Path(again.pictures).read_bytes() == Path(params.pictures).read_bytes()


def test_prepare_refuses_pictures_nobody_labelled(tmp_path: Path) -> None:
    draw(tmp_path / "photos", 3)
    draw(tmp_path / "rooms", 2, seed=1)
    for kind in (tmp_path / "rooms" / "labels").iterdir():
        kind.unlink()
    (tmp_path / "rooms" / "labels").rmdir()
    with pytest.raises(WrongUse, match=r"nobody labelled rooms: .*prepare\.teacher"):
        prepare(settings(tmp_path))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"measured": ["elsewhere"]}, r"prepare\.measured: 'elsewhere' is not among"),
        ({"folders": ["a/cats", "b/cats"], "measured": ["a/cats"]}, r"two folders are called 'cats'"),
    ],
)
def test_prepare_refuses_folders_it_cannot_tell_apart(tmp_path: Path, changes: dict, told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        prepare(settings(tmp_path, **changes))


def test_the_stage_runs_as_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 and its figures when done; 2 and the way out when a parameter leads nowhere."""
    folder, listed = draw(tmp_path / "photos", 6), tmp_path / "pictures.csv"
    (tmp_path / "params.yaml").write_text(
        f"prepare:\n  simulated: 0\n  folders:\n    - {folder}\n  measured:\n    - {folder}\n  pictures: {listed}\n"
    )
    assert main(["--home", str(tmp_path)]) == 0
    assert "animals" in capsys.readouterr().err
    assert len(read_listing(listed)) == 6
    assert main(["--home", str(tmp_path), "--set", 'prepare.measured=["elsewhere"]']) == 2
    assert "'elsewhere' is not among prepare.folders" in capsys.readouterr().err


def test_training_leaves_weights_curves_and_no_pictures(trained: Trained) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = Path(trained.training.runs)
    assert trained_weights(trained.training).is_file()
    assert not (run / "pictures").exists()
    assert trained.last["epochs"] == EPOCHS
    assert trained.last["metrics/mAP50(B)"] > 0.6  # bright ellipses on dark noise are easy: it learns
    assert np.isfinite(trained.last["train/box_loss"])
    with (run / "results.csv").open() as file:
        assert [row["epoch"].strip() for row in csv.DictReader(file)] == list(map(str, EACH))
    events = EventAccumulator(str(run.with_name("run-tensorboard")))
    events.Reload()
    assert [event.step for event in events.Scalars("losses/train box")] == list(EACH)
    assert events.Scalars("losses/train box")[-1].value == pytest.approx(trained.last["train/box_loss"], rel=1e-5)


def test_tensorboard_has_every_kind_of_event(trained: Trained) -> None:
    """Figures, precision and recall, what was mixed up, samples, weights, the network, and the animals as points."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = Path(trained.training.runs).with_name("run-tensorboard")
    events = EventAccumulator(str(folder), size_guidance={"images": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    assert {"losses/train box", "losses/val class", "accuracy/AP50", "learning rate"} <= set(tags["scalars"])
    assert not any("(B)" in tag or "pg1" in tag for tag in tags["scalars"])
    assert "precision and recall/cat" in tags["tensors"] and tags["graph"]
    assert sum(tag.startswith("weights/") for tag in tags["histograms"]) == 6  # five convolutions and the head
    assert len(tags["images"]) == 3
    for tag in tags["images"]:
        picture = cv2.imdecode(np.frombuffer(events.Images(tag)[-1].encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None and picture.std() > 5, tag
    assert f'tensor_name: "animals:{EPOCHS:05d}"' in (folder / "projector_config.pbtxt").read_text()
    rows = (folder / f"{EPOCHS:05d}/animals/metadata.tsv").read_text().splitlines()
    vectors = (folder / f"{EPOCHS:05d}/animals/tensors.tsv").read_text().splitlines()
    assert rows[0].split("\t") == ["class", "fate", "score"] and len(rows) - 1 == len(vectors)
    assert cv2.imread(str(folder / f"{EPOCHS:05d}/animals/sprite.png")).shape[0] % 48 == 0


def test_a_run_is_recorded(trained: Trained) -> None:
    """Figures for `dvc metrics`, curves for `dvc plots`, and what it was made with."""
    run = Path(trained.training.runs)
    figures = json.loads(run.with_name("run.json").read_text())
    assert figures["epoch"] == EPOCHS and figures["pictures"] == len(read_listing(trained.pictures, "train"))
    assert figures["train_box_loss"] == pytest.approx(trained.last["train/box_loss"], rel=1e-4)
    with (run / "curves.csv").open() as file:
        assert [row["val_ap50"] for row in csv.DictReader(file)][-1] == f"{figures['val_ap50']:g}"
    made = json.loads((run / "metadata.json").read_text())
    assert made["params"]["epochs"] == EPOCHS and "torch" in made["packages"] and len(made["weights"]["md5"]) == 32


def test_weights_that_saw_everything_are_judged_by_the_models_of_the_folds(trained: Trained, tmp_path: Path) -> None:
    """Every fold has a detector whose answer hangs on no training; the held-out set is left out of the tables."""
    out = ExportParams(image_size=64, sources=[])
    measuring = EvaluateParams(metrics=str(tmp_path / "metrics.json"), folder=str(tmp_path / "evaluation"), draws=20)
    weights = trained_weights(trained.training)
    with pytest.raises(WrongUse, match=r"train\.everything: nothing is left that these weights did not see; train the"):
        evaluate(measuring, weights, trained.pictures, out, saw_everything=True)
    for fold in range(5):
        shutil.copyfile(weights, tmp_path / f"fold{fold}.pt")
    with_folds = measuring.model_copy(update={"folds": str(tmp_path)})
    figures = evaluate(with_folds, weights, trained.pictures, out, saw_everything=True)
    assert figures["pictures"] == sum(picture.measured for picture in read_listing(trained.pictures))
    sets = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())["sets"]
    assert {name: list(models) for name, models in sets.items()} == {"all folds": ["out of fold"]}


def test_weights_of_ultralytics_are_a_source_and_converted_once(trained: Trained, tmp_path: Path) -> None:
    """The ONNX file must say the same as the network it was made from, run by PyTorch itself."""
    import torch
    from ultralytics import YOLO

    weights = trained_weights(trained.training)
    detector = Detector.load(weights, cache=tmp_path)
    (kept,) = tmp_path.glob("*.onnx")
    when = kept.stat().st_mtime_ns
    picture = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)
    found = Detector.load(weights, cache=tmp_path).detect([picture], 0.0)[0]
    assert kept.stat().st_mtime_ns == when
    assert detector.description.classes == ["cat"]
    network = YOLO(str(weights)).model.float().eval()
    with torch.no_grad():
        answer = network(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)[0][0].numpy()
    assert found.scores[0] == pytest.approx(answer[4].max(), rel=1e-3)


@pytest.mark.parametrize("name", ["yolo26n.pt", "no-such-model.pt"])
def test_a_hub_that_cannot_be_reached_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Port 9 of this machine refuses every connection, which is what a machine without a network meets."""
    pytest.importorskip("ultralytics", reason="training needs the extra `train`")
    for scheme in ("HTTP", "HTTPS", "ALL"):
        monkeypatch.setenv(f"{scheme}_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv(f"{scheme}_PROXY".lower(), "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ModelError, match=rf"'{name}' is no file here and could not be had from the model hub"):
        Detector.load(name, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_start_that_does_not_exist_is_told(trained: Trained, tmp_path: Path) -> None:
    wrong = trained.training.model_copy(update={"start": str(tmp_path / "nowhere.yaml"), "runs": str(tmp_path / "run")})
    with pytest.raises(ModelError, match="nowhere"):
        train(wrong, trained.pictures)


def test_nothing_to_learn_from_is_told(tmp_path: Path) -> None:
    draw(tmp_path / "photos", 0, empty=10)
    draw(tmp_path / "rooms", 0, empty=2, seed=1)
    with pytest.raises(WrongUse, match=r"the labels fail as a whole: found 0, but it must be that there is a label"):
        prepare(settings(tmp_path))
    listed = tmp_path / "pictures.csv"
    listed.write_text("split,source,picture,boxes,note\ntrain,s,a.jpg,,\n")
    with pytest.raises(WrongUse, match=r"the train split has .* no animal"):
        train(TrainParams(runs=str(tmp_path / "run")), listed)


def test_running_a_model_does_not_import_torch() -> None:
    code = (
        "import sys, numpy as np; from models.detector import Detector; "
        "Detector.load().detect([np.zeros((64, 64, 3), np.uint8)]); "
        "import tasks.prepare, tasks.train, tasks.evaluate, tasks.export; "
        "assert not {'torch', 'ultralytics', 'tensorboardX', 'onnx'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
