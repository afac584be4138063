"""From picture to canvas and back."""

from __future__ import annotations

import numpy as np
import pytest

from models.detector.letterbox import PAD, fit, place, reduced, to_picture


def put(
    image: np.ndarray, side: int, stride: int | None = None, *, levels: float = 1.0, bgr: bool = False
) -> np.ndarray:
    box = fit(*image.shape[:2], side, stride=stride)
    out = np.full((3, *box.canvas), np.nan, np.float32)
    place(image, box, out, levels=levels, bgr=bgr)
    return out


def test_a_wide_picture_gets_grey_above_and_below() -> None:
    """40 x 80 into 64: half as high as wide, so 32 rows of picture between 16 rows of grey each."""
    canvas = put(np.full((40, 80, 3), 255, np.uint8), 64)
    np.testing.assert_allclose(canvas[:, :16], PAD / 255, rtol=1e-6)
    np.testing.assert_allclose(canvas[:, 16:48], 1.0, rtol=1e-6)
    np.testing.assert_allclose(canvas[:, 48:], PAD / 255, rtol=1e-6)


def test_a_free_model_gets_as_little_grey_as_its_stride_allows() -> None:
    assert fit(960, 1280, 416, stride=32).canvas == (320, 416)  # 312 rows of picture
    assert fit(1280, 720, 416, stride=32).canvas == (416, 256)  # 234 columns
    assert fit(100, 100, 416, stride=32).canvas == (416, 416)


def test_a_frame_of_the_right_size_is_not_resampled() -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    np.testing.assert_array_equal(np.round(put(image, 64) * 255).astype(np.uint8), image.transpose(2, 0, 1))


def test_colour_order_and_levels() -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    assert put(red, 64, levels=255.0)[:, 5, 5].tolist() == pytest.approx([200, 0, 0])
    assert put(red, 64, levels=255.0, bgr=True)[:, 5, 5].tolist() == pytest.approx([0, 0, 200])


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (33, 517), (1, 1000), (416, 416)])
@pytest.mark.parametrize("stride", [None, 32])
def test_boxes_come_back(shape: tuple[int, int], stride: int | None) -> None:
    """A box on the canvas where a part of the picture lies is that part of the picture."""
    box = fit(*shape, 416, stride=stride)
    share = np.array([[0.25, 0.1, 0.75, 0.6]], np.float32)
    shift = np.array([box.left, box.top] * 2)
    on_canvas = share * np.array([box.size[1], box.size[0]] * 2) + shift
    np.testing.assert_allclose(to_picture(on_canvas.astype(np.float32), box), share, atol=1e-4)


def test_what_lies_on_the_border_is_cut_off() -> None:
    box = fit(100, 200, 64)
    everything = np.array([[-5, -5, 70, 70]], np.float32)
    assert to_picture(everything, box).tolist() == [[0, 0, 1, 1]]


@pytest.mark.parametrize(("shape", "longest", "expected"), [
    ((1200, 1600), 448, (336, 448)), ((900, 100), 448, (448, 50)), ((300, 200), 448, (300, 200)), ((896, 896), 448, (448, 448)),
    ((4000, 3), 100, (100, 1)), ((5000, 1), 100, (100, 1)),
])  # fmt: skip
def test_a_picture_is_reduced_to_its_longest_side(
    shape: tuple[int, int], longest: int, expected: tuple[int, int]
) -> None:
    ramp = np.linspace(0, 255, shape[0], dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(ramp, (*shape, 3)).astype(np.uint8)
    small = reduced(picture, longest)
    assert small.shape == (*expected, 3)
    assert (np.diff(small[:, 0, 0].astype(int)) >= 0).all()
    assert abs(float(small.mean()) - float(picture.mean())) < 1
