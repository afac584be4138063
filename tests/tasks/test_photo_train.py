"""From photos of known behaviour to a reader of photos."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.behaviour_params import BehaviourPrepareParams
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from models.photo.predict import PhotoReader
from tasks.photo_train import photo_train, reader_of
from tests.models.photo.networks import mean_colour

FILES = ("photo.onnx", "reading.npz", "model.json", "metrics.json", "README.md")


def photos(root: Path, each: int = 8, grain: float = 40) -> str:
    """Cats asleep are bluish, those that eat reddish; the fields of each photo differ by `grain`, as those of no other."""
    rng = np.random.default_rng(0)
    for name, colour in (("sleeping", (135, 105, 105)), ("eating", (105, 105, 135))):
        (root / name).mkdir(parents=True)
        for number in range(each):
            fields = np.clip(rng.normal(colour, grain, (4, 4, 3)), 0, 255).astype(np.uint8)
            picture = cv2.resize(fields, (64, 64), interpolation=cv2.INTER_NEAREST)
            cv2.imwrite(str(root / name / f"{number}.png"), picture)
    return str(root)


def test_a_reader_is_learned_measured_and_described(tmp_path: Path) -> None:
    network = mean_colour(tmp_path / "colours.onnx", fields=4)
    params = BehaviourPrepareParams(
        photos=[photos(tmp_path / "photos")], folds=4, folder=str(tmp_path / "out" / "moments")
    )
    figures = photo_train(params, network)
    folder = reader_of(params)
    first = {name: (folder / name).read_bytes() for name in FILES}
    assert figures["photos"] == 16 and figures["macro_f1_low"] <= figures["macro_f1"] <= figures["macro_f1_high"]
    assert figures["macro_f1"] > 0.7 and figures["scenes"] > 8
    assert np.sum(json.loads(first["metrics.json"])["confusion"]) == 16
    blue = np.full((64, 64, 3), (90, 90, 150), np.uint8)
    told = PhotoReader.load(folder / "photo.onnx").probabilities(blue, np.array([[0.2, 0.2, 0.8, 0.8]], np.float32))
    assert BEHAVIOURS[told[0].argmax()] == "sleeping"
    photo_train(params, network)
    assert {name: (folder / name).read_bytes() for name in FILES} == first
    assert [each.name for each in folder.parent.iterdir()] == ["photo"]


def test_too_few_photos_are_named(tmp_path: Path) -> None:
    params = BehaviourPrepareParams(photos=[photos(tmp_path / "photos", 2)], folder=str(tmp_path / "moments"))
    with pytest.raises(WrongUse, match="4 photos of 2 behaviours; it takes two, and 5 photos of each"):
        photo_train(params, mean_colour(tmp_path / "colour.onnx"))


def test_photos_of_one_scene_are_too_few(tmp_path: Path) -> None:
    """Both measured and learned from they would say nothing of another room."""
    params = BehaviourPrepareParams(photos=[photos(tmp_path / "photos", 5, grain=1)], folder=str(tmp_path / "moments"))
    with pytest.raises(WrongUse, match="photos of sleeping look so much alike that they make 1 parts"):
        photo_train(params, mean_colour(tmp_path / "colours.onnx", fields=4))
    assert not list(tmp_path.glob("photo.part-*"))
