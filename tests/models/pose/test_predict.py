"""A pose is told in the picture's own shares, for each box by itself, by files that are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.pose.crop import Square, cut, square_around, to_crop, to_picture
from models.pose.keypoints import KEYPOINTS, MIRROR, SIGMAS, SKELETON
from models.pose.predict import PoseReader
from simulate.flesh import KEYPOINTS as RENDERED
from simulate.overlay import BONES
from tests.models.pose.networks import brightest_pose


@pytest.fixture
def reader(tmp_path: Path) -> PoseReader:
    return PoseReader.load(brightest_pose(tmp_path / "pose.onnx"), runtime="onnxruntime")


def picture(height: int, width: int, bright: tuple[int, int]) -> np.ndarray:
    """Dark, with a white spot of 60 pixels around x y: it fills a cell of the crop, and the grey beyond is darker."""
    image = np.full((height, width, 3), 20, np.uint8)
    x, y = bright
    image[max(y - 30, 0) : y + 30, max(x - 30, 0) : x + 30] = 255
    return image


def test_rendered_and_real_keypoints_are_the_same_and_mirrored_twice_are_themselves() -> None:
    assert KEYPOINTS == RENDERED and SKELETON == BONES
    assert [MIRROR[MIRROR[number]] for number in range(20)] == list(range(20))
    assert KEYPOINTS[MIRROR[KEYPOINTS.index("left_back_paw")]] == "right_back_paw"
    assert MIRROR[KEYPOINTS.index("nose")] == KEYPOINTS.index("nose")
    assert len(SIGMAS) == 20 and SIGMAS[0] < SIGMAS[13] < SIGMAS[19]


@pytest.mark.parametrize(
    ("box", "spot"),
    [
        ((0.25, 0.2, 0.75, 0.8), (300, 200)),  # inside
        ((0.0, 0.0, 0.3, 0.3), (30, 40)),  # its crop reaches beyond the upper left corner
        ((0.9, 0.5, 1.0, 1.0), (630, 460)),  # a narrow box: the crop reaches far beyond the right edge
    ],
)
def test_a_spot_is_found_where_it_is(reader: PoseReader, box: tuple[float, ...], spot: tuple[int, int]) -> None:
    read = reader.read(picture(480, 640, spot), np.array([box], np.float32))
    # a cell of the network is 8 of 64 pixels of the crop: the brightest lies on the spot, its middle half a cell away at most
    off = np.abs(read.keypoints[0, :, :2] * (640, 480) - spot)
    cell = square_around(np.array(box, np.float32), 480, 640).side / 8
    assert off.max() <= max(cell / 2, 30 - cell / 2) + 1
    assert read.keypoints.shape == (1, 20, 3) and read.looks.shape == (1, 3)
    assert read.keypoints[..., 2].min() > 0.1


def test_boxes_do_not_disturb_each_other(reader: PoseReader) -> None:
    image = picture(480, 640, (100, 100))
    boxes = np.array([[0.0, 0.0, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9]], np.float32)
    both = reader.read(image, boxes)
    for number in range(2):
        alone = reader.read(image, boxes[number : number + 1])
        assert np.array_equal(alone.keypoints[0], both.keypoints[number])
        assert np.array_equal(alone.looks[0], both.looks[number])
        assert np.array_equal(alone.coats[0], both.coats[number], equal_nan=True)
    nothing = reader.read(image, np.zeros((0, 4), np.float32))
    assert nothing.keypoints.shape == (0, 20, 3) and nothing.looks.shape == (0, 3)


def test_there_and_back_is_the_same_place() -> None:
    square = square_around(np.array([0.1, 0.5, 0.3, 0.6], np.float32), 480, 640)
    assert square.side == round(1.25 * 128)
    points = np.array([[0.12, 0.52], [0.29, 0.59]], np.float32)
    assert np.allclose(to_picture(to_crop(points, square, 480, 640), square, 480, 640), points, atol=1e-6)


def test_a_crop_keeps_its_colours_and_is_grey_beyond_the_picture() -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    image[..., 0] = 200
    crop = cut(image, Square(-20, 0, 40), 40)
    assert (crop[:, :20] == 114).all()
    assert (crop[:, 20:, 0] == 200).all() and (crop[:, 20:, 1] == 0).all()
    assert (cut(image, Square(100, 100, 10), 8) == 114).all()  # nothing of the picture in it


def test_wrong_pictures_and_boxes_are_told(reader: PoseReader) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        reader.read(np.zeros((8, 8), np.uint8), np.zeros((0, 4), np.float32))
    with pytest.raises(ValueError, match=r"expected \[N, 4\]"):
        reader.read(np.zeros((8, 8, 3), np.uint8), np.zeros((2, 5), np.float32))
    with pytest.raises(ValueError, match="a box is empty"):
        reader.read(np.zeros((8, 8, 3), np.uint8), np.array([[0.5, 0, 0.5, 1]], np.float32))


def test_files_that_are_not_what_they_say_are_refused(tmp_path: Path, reader: PoseReader) -> None:
    onnx, told = tmp_path / "pose.onnx", tmp_path / "model.json"
    with pytest.raises(ModelError, match="no pose network at"):
        PoseReader.load(tmp_path / "none.onnx")
    text = told.read_text()
    told.write_text(text.replace('"looks": 3', '"looks": 4'))
    with pytest.raises(ModelError, match=r"expected \[N, 64\]"):
        PoseReader.load(onnx, runtime="onnxruntime")
    told.write_text(text.replace('"fingerprint": ""', f'"fingerprint": "{"0" * 64}"'))
    with pytest.raises(ModelError, match="damaged or exchanged"):
        PoseReader.load(onnx, runtime="onnxruntime")
    told.write_text(text.replace('"nose"', '"left_eye"'))
    with pytest.raises(ModelError, match="does not describe a pose network"):
        PoseReader.load(onnx, runtime="onnxruntime")
    told.unlink()
    with pytest.raises(ModelError, match=r"put its model\.json beside it"):
        PoseReader.load(onnx, runtime="onnxruntime")


def test_the_fingerprint_hangs_on_weights_and_reading(tmp_path: Path, reader: PoseReader) -> None:
    told = tmp_path / "model.json"
    again = PoseReader.load(tmp_path / "pose.onnx", runtime="onnxruntime")
    assert again.fingerprint == reader.fingerprint
    told.write_text(told.read_text().replace('"name": "brightest"', '"name": "other"'))
    assert PoseReader.load(tmp_path / "pose.onnx", runtime="onnxruntime").fingerprint == reader.fingerprint
    told.write_text(told.read_text().replace('"around": 1.25', '"around": 1.5'))
    assert PoseReader.load(tmp_path / "pose.onnx", runtime="onnxruntime").fingerprint != reader.fingerprint
