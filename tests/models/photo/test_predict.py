"""The reader of photos: what ships, and files that are no such reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.arrays import write_arrays
from home.errors import ModelError
from home.ethogram import BEHAVIOURS
from models.detector.description import fingerprint_of
from models.glance import MOST_OF_ZONES, of_a_photo
from models.photo.predict import READING, Looks, PhotoDescription, PhotoReader, Reading
from tests.models.photo.networks import mean_colour

BOXES = np.array([[0.1, 0.1, 0.5, 0.6], [0.4, 0.3, 0.9, 0.9]], np.float32)


@pytest.fixture(scope="module")
def shipped() -> PhotoReader:
    return PhotoReader.load(runtime="onnxruntime")


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)


def reader(folder: Path) -> Path:
    """A reader that calls a red cat asleep, if the photo is red too even more so."""
    folder.mkdir()
    onnx = mean_colour(folder / "photo.onnx")
    weight = np.zeros((6, 2), np.float32)
    weight[[0, 3], 0] = 8, 2
    write_arrays(folder / READING, vars(Reading(("sleeping", "other"), weight, np.array([-5, 0], np.float32))))
    PhotoDescription(name="red", input_size=32, fingerprint=fingerprint_of(onnx)).write(folder / "model.json")
    return onnx


def test_what_ships_tells_what_its_photos_were_labelled_with(shipped: PhotoReader, picture: np.ndarray) -> None:
    told = shipped.probabilities(picture, BOXES)
    assert told.shape == (2, 8) and told.sum(axis=1) == pytest.approx(1)
    assert set(shipped.behaviours) == {"sleeping", "eating", "using_litter_box", "other"}
    assert {BEHAVIOURS[k] for k in np.flatnonzero(told.max(axis=0))} == set(shipped.behaviours)
    assert shipped.probabilities(picture, BOXES[1:]) == pytest.approx(told[1:]), "the other boxes have no say"
    assert shipped.probabilities(picture, BOXES[:0]).shape == (0, 8)
    assert np.abs(told[0] - told[1]).max() > 0.01, "the animal has one, beside the photo"


def test_animal_and_photo_are_weighed_each(tmp_path: Path) -> None:
    red = np.zeros((100, 100, 3), np.uint8)
    red[30:70, 30:70, 0] = 255
    box = np.array([[0.35, 0.35, 0.65, 0.65]], np.float32)
    onnx = reader(tmp_path / "red")
    looks = Looks(onnx).of(red, box)
    assert looks[0] == pytest.approx([1, 0, 0, 0.16, 0, 0], abs=0.02)
    told = PhotoReader.load(onnx).probabilities(red, box)
    assert told[0, BEHAVIOURS.index("sleeping")] == pytest.approx(1 / (1 + np.exp(-(8 + 0.16 * 2 - 5))), abs=0.01)
    with pytest.raises(ModelError, match=r"holds no reading"):
        onnx.with_name(READING).write_bytes(b"PK")
        PhotoReader.load(onnx)
    with pytest.raises(ModelError, match=r"weighs \[4, 2\], expected \[6, 2\]"):
        write_arrays(onnx.with_name(READING), vars(Reading(("sleeping", "other"), np.zeros((4, 2)), np.zeros(2))))
        PhotoReader.load(onnx)


def test_zones_make_likelier_what_they_make_likelier_of_moments() -> None:
    read = np.zeros((1, 8))
    read[0, [BEHAVIOURS.index(name) for name in ("sleeping", "eating", "other")]] = 0.5, 0.3, 0.2
    names = ["eating", "other", "sleeping", "playing"]
    there, anywhere = np.array([[0.6, 0.2, 0.1, 0.1]]), np.array([[0.3, 0.2, 0.2, 0.3]])
    told = dict(zip(BEHAVIOURS, of_a_photo(read, there, anywhere, names)[0], strict=True))
    assert told["eating"] == pytest.approx(0.6 / 1.05) and told["sleeping"] == pytest.approx(0.25 / 1.05)
    assert told["playing"] == 0 and sum(told.values()) == pytest.approx(1)
    sure = of_a_photo(read, np.array([[1.0, 0, 0, 0]]), np.array([[0.0, 1, 0, 0]]), names)[0]
    assert sure[BEHAVIOURS.index("eating")] == pytest.approx(
        0.3 * MOST_OF_ZONES / (3 + 0.5 / 1 * 0.1 + 0.2 * 0.1), rel=0.02
    )
