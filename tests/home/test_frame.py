"""How far a picture is from grey: the same however its colours are stored."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from home.frame import Frame

RED, BLUE = (200, 40, 40), (40, 40, 200)


def painted(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((96, 160, 3), colour, np.uint8)


def stored(rgb: np.ndarray, form: str) -> Frame:
    if form == "jpeg":
        return Frame(0.0, True, 0, None, cv2.imencode(".jpg", rgb[..., ::-1])[1].tobytes())
    return Frame(0.0, True, 0, av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=form))


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "yuv420p10le", "rgb24", "jpeg"])
def test_red_and_blue_are_told_and_grey_is_none(form: str) -> None:
    blue, red, any_ = stored(painted(RED), form).colours()
    # BT.601: Cr is 0.713 (R - Y), Cb 0.564 (B - Y) of full range, an eighth less where black is 16; Y of this red is 88.
    assert red == pytest.approx(80, rel=0.15) and blue == pytest.approx(-27, rel=0.15)
    assert any_ == pytest.approx(np.hypot(blue, red), abs=0.5)
    blue, red, _ = stored(painted(BLUE), form).colours()
    assert blue > 60 and red < -5
    assert stored(painted((90, 90, 90)), form).colours() == pytest.approx((0, 0, 0), abs=1.5)


@pytest.mark.parametrize("form", ["gray", "gray10le"])
def test_a_camera_without_colours_gives_grey(form: str) -> None:
    assert stored(painted(RED), form).colours() == pytest.approx((0, 0, 0), abs=1.0)


def test_half_of_each_colour_is_far_from_grey_and_on_average_between() -> None:
    rgb = np.concatenate([painted((200, 100, 100)), painted((55, 155, 155))])  # of one brightness, opposite
    blue, red, any_ = stored(rgb, "yuv444p").colours()
    assert abs(red) < 3 and abs(blue) < 3 and any_ > 40
