"""The researcher's way from folders of pictures to a detector that runs: prepare, train, evaluate, export, load."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError, WrongUse
from home.training_params import EvaluateParams, ExportParams, PrepareParams, TrainParams
from models.detector import Detector
from models.detector.listing import read_listing
from tasks.evaluate import evaluate
from tasks.export import export
from tasks.prepare import main, prepare
from tasks.train import train, trained_weights


def draw(folder: Path, count: int, *, empty: int = 0, seed: int = 0) -> Path:
    """Pictures of 64 x 64 with a bright ellipse on noise, and `empty` ones without."""
    rng = np.random.default_rng(seed)
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for number in range(count + empty):
        image = cv2.resize(rng.integers(0, 120, (8, 8, 3), np.uint8), (64, 64), interpolation=cv2.INTER_CUBIC)
        label = ""
        if number < count:
            x, y = rng.uniform(0.3, 0.7, 2)
            cv2.ellipse(image, (int(64 * x), int(64 * y)), (14, 9), 0, 0, 360, (240, 240, 240), -1)
            label = f"0 {x:.4f} {y:.4f} {28 / 64:.4f} {18 / 64:.4f}\n"
        cv2.imwrite(str(folder / "images" / f"{number:03d}.png"), image)
        (folder / "labels" / f"{number:03d}.txt").write_text(label)
    return folder


def settings(root: Path, **changes: object) -> PrepareParams:
    fields = {
        "folders": [str(root / "photos"), str(root / "rooms")],
        "measured": [str(root / "photos")],
        "most_empty": 2,
        "simulated": 0,
        "copy_bits": 0,
        "pictures": str(root / "work" / "pictures.csv"),
    }
    return PrepareParams.model_validate(fields | changes)


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


@dataclass(frozen=True)
class Trained:
    root: Path
    pictures: Path
    training: TrainParams
    last: dict[str, float]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One epoch of the smallest YOLO26 on two dozen pictures of 64 pixels: a few seconds, and not yet a detector."""
    pytest.importorskip("ultralytics", reason="training needs the extra `train`")
    root = tmp_path_factory.mktemp("training")
    draw(root / "photos", 24, empty=6)
    draw(root / "rooms", 0, empty=4, seed=1)
    params = settings(root, val_share=0.3)
    prepare(params)
    training = TrainParams(epochs=1, image_size=64, batch=4, warmup_epochs=0, plain_epochs=0, runs=str(root / "run"))
    pictures = Path(params.pictures)
    return Trained(root, pictures, training, train(training, pictures))


def test_training_leaves_weights_curves_and_no_pictures(trained: Trained) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = Path(trained.training.runs)
    assert trained_weights(trained.training).is_file()
    assert not (run / "pictures").exists()
    assert trained.last["epochs"] == 1
    assert np.isfinite(trained.last["train/box_loss"])
    with (run / "results.csv").open() as file:
        assert [row["epoch"].strip() for row in csv.DictReader(file)] == ["1"]
    events = EventAccumulator(str(run.with_name("run-tensorboard")))
    events.Reload()
    assert [event.step for event in events.Scalars("losses/train box")] == [1]
    assert events.Scalars("losses/train box")[0].value == pytest.approx(trained.last["train/box_loss"], rel=1e-5)


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
    assert sum(tag.startswith("weights/") for tag in tags["histograms"]) > 10
    assert len(tags["images"]) == 3
    for tag in tags["images"]:
        picture = cv2.imdecode(np.frombuffer(events.Images(tag)[-1].encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None and picture.std() > 5, tag
    assert 'tensor_name: "animals:00001"' in (folder / "projector_config.pbtxt").read_text()
    rows = (folder / "00001/animals/metadata.tsv").read_text().splitlines()
    vectors = (folder / "00001/animals/tensors.tsv").read_text().splitlines()
    assert rows[0].split("\t") == ["class", "fate", "score"] and len(rows) - 1 == len(vectors)
    assert cv2.imread(str(folder / "00001/animals/sprite.png")).shape[0] % 48 == 0


def test_a_run_is_recorded(trained: Trained) -> None:
    """Figures for `dvc metrics`, curves for `dvc plots`, and what it was made with."""
    run = Path(trained.training.runs)
    figures = json.loads(run.with_name("run.json").read_text())
    assert figures["epoch"] == 1 and figures["pictures"] == len(read_listing(trained.pictures, "train"))
    assert figures["train_box_loss"] == pytest.approx(trained.last["train/box_loss"], rel=1e-4)
    with (run / "curves.csv").open() as file:
        assert [row["val_ap50"] for row in csv.DictReader(file)] == [f"{figures['val_ap50']:g}"]
    made = json.loads((run / "metadata.json").read_text())
    assert made["params"]["epochs"] == 1 and "torch" in made["packages"] and len(made["weights"]["md5"]) == 32


@pytest.mark.parametrize("head", ["raw", "end2end"])
def test_what_was_trained_is_measured_exported_and_runs(trained: Trained, tmp_path: Path, head: str) -> None:
    out = ExportParams.model_validate(
        {"head": head, "image_size": 64, "folder": str(tmp_path / "out"), "sources": ["photos: drawn here; ours"]}
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
        "detector.onnx", "model.json", "detector-fp16.onnx", "detector-fp16.json", "detector-int8.onnx",
        "detector-int8.json", "metrics.json", "training.json", "README.md"
    }  # fmt: skip
    fp32, fp16, _ = json.loads((tmp_path / "out" / "metrics.json").read_text())["exports"]
    assert fp32["score"] < 1e-4 and fp32["pixels"] < 0.01  # the same network, added up in another order
    assert fp16["megabytes"] < 0.6 * fp32["megabytes"]
    assert json.loads((tmp_path / "out" / "training.json").read_text())["train"]["epochs"] == 1
    card = (tmp_path / "out" / "README.md").read_text()
    assert "drawn here; ours" in card
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    found = detector.detect([picture], 0.0)[0]
    assert 0 < len(found) <= 300
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()
    # no path of the machine that trained may travel in the weights
    assert str(trained.root).encode() not in (tmp_path / "out" / "detector.onnx").read_bytes()


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


def test_export_without_figures_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"no figures at .*tasks\.evaluate"):
        export(ExportParams(), TrainParams(), tmp_path / "pictures.csv", tmp_path / "metrics.json")


def test_running_a_model_does_not_import_torch() -> None:
    code = (
        "import sys, numpy as np; from models.detector import Detector; "
        "Detector.load().detect([np.zeros((64, 64, 3), np.uint8)]); "
        "import tasks.prepare, tasks.train, tasks.evaluate, tasks.export; "
        "assert not {'torch', 'ultralytics', 'tensorboardX', 'onnx'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
