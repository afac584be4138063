"""Coats: the same under another light's strength than another cat's, markings where they are, no colour where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.coat import COAT, IN_GREY, NAMES, coat

WHOLE = np.array([0, 0, 1, 1], np.float32)
BOX = np.array([0.1, 0.3, 0.9, 0.7], np.float32)
FLOOR, BLACK, GINGER = (120, 125, 110), (25, 23, 24), (205, 130, 70)


def points(sure: float = 0.9) -> np.ndarray:
    """A cat that lies from left to right: head at the left, the other joints along an ellipse that begins behind it."""
    turn = np.linspace(-2.2, 2.2, 20)
    found = np.stack([0.55 + 0.2 * np.cos(turn), 0.5 + 0.08 * np.sin(turn), np.full(20, sure)], 1)
    found[:5, :2] = [(0.22 + 0.01 * k, 0.5) for k in range(5)]
    return found.astype(np.float32)


def cat(
    colour: tuple[int, int, int], face: tuple[int, int, int] | None = None, floor: tuple[int, int, int] = FLOOR
) -> np.ndarray:
    picture = np.full((192, 192, 3), floor, np.uint8)
    cv2.ellipse(picture, (96, 96), (74, 36), 0, 0, 360, colour, -1)
    if face is not None:
        cv2.circle(picture, (46, 96), 24, face, -1)
    return picture


def told(picture: np.ndarray, sure: float = 0.9) -> dict[str, float]:
    return dict(zip(NAMES, coat(picture, points(sure), BOX, WHOLE).tolist(), strict=True))


def test_the_colour_is_the_fur_s_and_not_the_floor_s() -> None:
    ginger = told(cat(GINGER))
    truth = cv2.cvtColor(np.full((1, 1, 3), GINGER, np.uint8).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0] / 100
    assert [ginger[f"middle_{channel}"] for channel in "Lab"] == pytest.approx(truth.tolist(), abs=0.01)
    other = told(cat(GINGER, floor=(60, 140, 60)))
    own = [name for name in NAMES if "around" not in name and "grain" not in name]
    assert max(abs(ginger[name] - other[name]) for name in own) < 0.06
    assert abs(ginger["middle_b"] - told(cat(BLACK))["middle_b"]) > 0.3


def test_a_white_face_is_told_at_the_head_and_nowhere_else() -> None:
    marked, plain = told(cat(BLACK, face=(240, 240, 235))), told(cat(BLACK))
    assert marked["head_L"] > 0.3 and abs(plain["head_L"]) < 0.05
    assert marked["back_L"] < -0.05
    assert told(cat(BLACK, face=(240, 240, 235)), sure=0.1)["head_L"] == 0, "nobody knows where the head is"


def test_a_picture_without_colour_has_no_numbers_that_need_it() -> None:
    grey = cv2.cvtColor(cv2.cvtColor(cat(GINGER), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    found = coat(grey, points(), BOX, WHOLE)
    assert found.shape == (COAT,) and (np.isfinite(found) == IN_GREY).all()
    noisy = np.clip(grey + np.random.default_rng(0).normal(0, 6, (192, 192, 1)), 0, 255).astype(np.uint8)
    assert (np.isfinite(coat(noisy, points(), BOX, WHOLE)) == IN_GREY).all(), "a sensor's noise is no colour"
    assert np.isfinite(coat(cat(BLACK), points(), BOX, WHOLE)).all(), "a black cat on a grey-green floor is by day"


def test_what_lies_beyond_the_picture_counts_for_nothing() -> None:
    picture = cat(GINGER)
    there = np.array([0, 0, 1, 0.75], np.float32)
    blank = picture.copy()
    blank[144:] = (255, 0, 255)
    kept = np.array(["grain" not in name for name in NAMES])  # blurred over eight pixels, it reaches a little further
    first, second = (coat(each, points(), BOX, there) for each in (picture, blank))
    assert np.allclose(first[kept], second[kept], atol=0.01)
    assert not np.allclose(first[kept], coat(blank, points(), BOX, WHOLE)[kept], atol=0.01)
