"""Every model against every set: folders, folds, clips, simulated pictures; what is written, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError, WrongUse
from home.training_params import EvaluateParams, ExportParams
from models.detector.description import ModelDescription
from models.detector.judge import judge, of_pictures
from models.detector.listing import write_listing
from models.detector.pictures import Picture, read_folder
from models.detector.predict import Detections, Detector
from tasks.evaluate import evaluate, measure_all, write_evaluation
from tasks.evaluation_html import as_html
from tasks.evaluation_page import Evaluation, as_markdown, as_tree, flat
from tasks.measured_models import fold_weights, folded, named_models
from tasks.measured_sets import clip_set, measured_sets, rendered_sets
from tests.models.detector.networks import brightest_detector

SIDE = 64


def seer(path: Path) -> Path:
    """A detector that boxes the brightest 8 x 8 cell; its score is that cell's brightness."""
    path.parent.mkdir(parents=True, exist_ok=True)
    brightest_detector(path, SIDE)
    told = ModelDescription(name=path.stem, input_size=SIDE, classes=["cat"], output="end2end")
    told.write(path.with_suffix(".json"))
    return path


def draw(folder: Path, cells: list[tuple[int, int] | None], grey: int = 40) -> Path:
    """Pictures of 64 x 64 with one bright 8 x 8 cell that is an animal; None: none, and all dark."""
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for number, cell in enumerate(cells):
        image, label = np.full((SIDE, SIDE, 3), grey, np.uint8), ""
        if cell:
            x, y = cell
            image[8 * y : 8 * y + 8, 8 * x : 8 * x + 8] = 250
            label = f"0 {(x + 0.5) / 8} {(y + 0.5) / 8} 0.125 0.125\n"
        cv2.imwrite(str(folder / "images" / f"{number:03d}.png"), image)
        (folder / "labels" / f"{number:03d}.txt").write_text(label)
    return folder


def test_a_detector_that_sees_all_has_full_marks_and_one_glance_at_the_wrong_ones_shows_what_is_wrong(
    tmp_path: Path,
) -> None:
    """Two folders: in one all is plain; in the other a label is missing, and an animal is as dark as the floor."""
    plain = draw(tmp_path / "plain", [(1, 1), (5, 2), None, (6, 6)])
    hard = draw(tmp_path / "hard", [(1, 1), (5, 2), None, (6, 6)])
    (hard / "labels" / "000.txt").write_text("")
    cv2.imwrite(str(hard / "images" / "001.png"), np.full((SIDE, SIDE, 3), 40, np.uint8))
    params = EvaluateParams(models=[f"one: {seer(tmp_path / 'seer.onnx')}"], folders=[str(plain), str(hard)], draws=50)
    sets = measured_sets(params, None, tmp_path)
    done = measure_all(named_models(params.models, ["cat"], params, tmp_path), sets, params)
    tree = as_tree(done)
    full = tree["sets"]["plain"]["one"]["figures"]
    assert {full[name]["value"] for name in ("ap50", "ap75", "ap50_95", "recall", "precision")} == {1.0}
    assert full["false_per_100"] == {"value": 0.0, "low": 0.0, "high": 100.0}  # one picture rules out nothing
    assert tree["counts"]["hard"] == {"pictures": 4, "animals": 2, "empty_pictures": 2}
    less = tree["sets"]["hard"]["one"]["figures"]
    assert (less["recall"]["value"], less["false_per_100"]["value"]) == (0.5, 50.0)
    written = {path.name for path in write_evaluation(done, tmp_path / "out")}
    assert written == {
        "evaluation.html",
        "evaluation.md",
        "evaluation.json",
        "worst-misses-hard.png",
        "worst-false-hard.png",
    } | (
        {"worst-false-plain.png"} & written  # a dark cell of score 0.16 on the empty picture is shown, though not said
    )
    assert "| one | 1.000 (1.000–1.000) |" in as_markdown(done)
    page = (tmp_path / "out" / "evaluation.html").read_text("utf-8")
    assert "<b>one</b> finds 50 in 100" in page and "Only 2 animals and 2 pictures without one" in page
    assert all(name in page for name in written if name.endswith(".png")) and "http" not in page
    again = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    write_evaluation(done, tmp_path / "out")
    assert again == {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_each_picture_is_answered_by_the_model_of_its_fold() -> None:
    """Three folds whose models say their own number as a score."""

    class Says:
        def __init__(self, score: float) -> None:
            self.score = score

        def detect(self, images, confidence=0.25):
            return [Detections(np.zeros((1, 4), np.float32), np.float32([self.score]), np.array(["cat"]))]

    image = np.zeros((8, 8, 3), np.uint8)
    pictures = of_pictures("p", [Picture(Path(f"{fold}.png"), "s", fold=fold) for fold in (2, 0, 1, 0)])
    pictures = type(pictures)(**{**vars(pictures), "images": lambda: [image] * 4})
    verdict = judge("folds", [Says(0.25), Says(0.5), Says(0.75)], pictures, confidence=0.3, times=10)
    assert [float(one.scores[0]) for one in verdict.found] == [0.75, 0.25, 0.5, 0.25]
    with pytest.raises(ValueError, match=r"2\.png: its fold is 2; there are models of the folds 0 to 1"):
        judge("folds", [Says(0.1), Says(0.2)], pictures, confidence=0.3, times=10)


def test_each_of_several_classes_has_figures_of_its_own() -> None:
    """A finder that boxes the whole picture and calls everything a cat."""

    class CallsAllCats:
        def detect(self, images, confidence=0.25):
            whole = np.array([[0, 0, 1, 1]], np.float32)
            return [Detections(whole, np.float32([0.9]), np.array(["cat"])) for _ in images]

    whole, image = np.array([[0, 0, 1, 1]], np.float32), np.zeros((8, 8, 3), np.uint8)
    shown = ("cat", "cat", "cat", "dog")
    listed = [Picture(Path(f"{n}.png"), "s", boxes=whole, classes=[kind]) for n, kind in enumerate(shown)]
    pictures = replace(of_pictures("p", listed), images=lambda: [image] * 4)
    verdict = judge("cats", CallsAllCats(), pictures, confidence=0.3, times=50)
    assert verdict.figures["recall"].value == 0.75
    assert {kind: told["recall"].value for kind, told in verdict.by_class.items()} == {"cat": 1.0, "dog": 0.0}
    assert verdict.by_class["cat"]["false_per_100"].value == 100, "the one picture without a cat has one too"
    assert flat(verdict, pictures)["recall_of_dog"] == 0.0
    told = Evaluation([pictures], [verdict], {}, 0.3)
    assert "| cats | dog |" in as_markdown(told)
    assert as_tree(told)["sets"]["p"]["cats"]["by_class"]["cat"]["recall"]["value"] == 1.0
    assert "<td>dog" in as_html(told, {}).decode()
    only = replace(pictures, classes=[("cat",)] * 4)
    assert not judge("cats", CallsAllCats(), only, confidence=0.3, times=5).by_class


def test_the_models_of_the_folds_are_found_under_each_of_their_names(tmp_path: Path) -> None:
    seer(tmp_path / "fold0.onnx")
    seer(tmp_path / "fold1" / "detector.onnx")
    seer(tmp_path / "run-fold2" / "detector.onnx")
    assert [path.relative_to(tmp_path).as_posix() for path in fold_weights(tmp_path)] == [
        "fold0.onnx", "fold1/detector.onnx", "run-fold2/detector.onnx"
    ]  # fmt: skip
    assert len(folded(tmp_path, tmp_path, ExportParams(), ["cat"], 1).models) == 3  # type: ignore[arg-type]
    seer(tmp_path / "fold4.onnx")
    with pytest.raises(WrongUse, match=r"fold 3 has 0 models .*it must have one, e\.g\. fold3\.onnx"):
        fold_weights(tmp_path)


def test_seconds_of_clips_are_drawn_clip_by_clip(tmp_path: Path) -> None:
    """Three seconds with a bright walker, and three of a dark room in which nothing can be seen."""
    for name, level in (("bright.mp4", 250), ("dark.mp4", 20)):
        frames = [np.full((SIDE, SIDE, 3), level, np.uint8)] * 30
        _film(tmp_path / name, frames)
    pictures = clip_set(tmp_path)
    assert (len(pictures.names), pictures.groups) == (6, ["bright.mp4"] * 3 + ["dark.mp4"] * 3)
    verdict = judge("one", Detector.load(seer(tmp_path / "m.onnx")), pictures, confidence=0.5, times=100)
    assert verdict.marks is None
    assert (verdict.figures["found"].value, verdict.figures["found"].low, verdict.figures["found"].high) == (0.5, 0, 1)
    with pytest.raises(WrongUse, match="no clips in"):
        clip_set(tmp_path / "nowhere")


def _film(path: Path, frames: list[np.ndarray]) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def test_rendered_nights_are_told_from_days(tmp_path: Path) -> None:
    parts = {each.name: each for each in rendered_sets(tmp_path, 12, 40)}
    assert set(parts) <= {"rendered day", "rendered night"}
    assert sum(len(each.names) for each in parts.values()) == 12
    for name, each in parts.items():
        for image in each.images():
            assert (np.ptp(image.astype(int), axis=2).mean() < 3) == (name == "rendered night")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "nothing to measure on: name evaluate.folders"),
        ({"folders": ["nowhere"]}, "nowhere"),
        ({"folders": ["a/cats", "b/cats"]}, "two sets are called 'cats'"),
    ],
)
def test_sets_that_cannot_be_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, list[str]], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        draw(tmp_path / name / "cats", [(1, 1)])
    with pytest.raises(WrongUse, match=told):
        measured_sets(EvaluateParams.model_validate(changes), None, tmp_path)


@pytest.mark.parametrize(
    ("content", "told"), [(None, "found no file"), (b"", "found an empty file"), (b"PK", "last.pt")]
)
def test_broken_weights_are_told_by_their_own_name(tmp_path: Path, content: bytes | None, told: str) -> None:
    pytest.importorskip("ultralytics", reason="export needs the extra `train`")
    weights, listed = tmp_path / "run" / "last.pt", tmp_path / "pictures.csv"
    weights.parent.mkdir()
    if content is not None:
        weights.write_bytes(content)
    pictures = read_folder(draw(tmp_path / "photos", [(1, 1)] * 3))
    write_listing([Picture(**{**vars(picture), "split": "test"}) for picture in pictures], listed)
    with pytest.raises(ModelError, match=told) as refused:
        evaluate(EvaluateParams(folder=str(tmp_path / "out")), weights, listed, ExportParams())
    assert str(weights) in str(refused.value)
