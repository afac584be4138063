"""A drawn cat: in its box, on its feet, and the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from simulate.cat import Stance, draw_cat
from simulate.coat import COATS, Part
from simulate.compose import COVERED, Sighting, place_cats
from simulate.flesh import KEYPOINTS, Body, flesh
from simulate.light import light_for
from simulate.pose import PERIODS, POSTURES, STRIDE_M
from simulate.skeleton import Manner
from simulate.view import View

VIEW = View((0.0, -1.4, 0.6), (0.0, 0.0, 0.15), 45, 200, 150)
DAY = light_for(12, VIEW)
BODY = Body(COATS["grey_tabby"])


def seen(posture: str, heading: float, wall_at: float = np.inf, t: float = 0.3) -> Sighting | None:
    """The cat on an empty picture, behind a wall `wall_at` metres from the camera that hides its left half."""
    sprite = draw_cat(BODY, Stance(posture, t, (0.0, 0.0, 0.0), heading), VIEW, DAY)
    assert sprite is not None
    depth = np.full((VIEW.height, VIEW.width), np.inf, np.float32)
    depth[:, : VIEW.width // 2] = wall_at
    (sighting,), _ = place_cats(np.full((*depth.shape, 3), 0.5, np.float32), depth, [sprite], VIEW)
    return sighting


@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize("heading", [0.4, -1.6])
def test_the_box_holds_the_visible_keypoints(posture: str, heading: float) -> None:
    sighting = seen(posture, heading)
    assert sighting is not None
    x1, y1, x2, y2 = sighting.box
    points = sighting.keypoints[sighting.keypoints[:, 2] > 0]
    assert sighting.keypoints.shape == (len(KEYPOINTS), 3)
    assert len(points) >= 2, "a curled cat seen from behind shows its withers and the root of its tail, others more"
    assert ((points[:, :2] >= (x1, y1)) & (points[:, :2] <= (x2, y2))).all()


def test_left_and_right_change_sides_when_the_cat_turns() -> None:
    facing, away = seen("stand", -np.pi / 2), seen("stand", np.pi / 2)
    assert facing is not None and away is not None
    left, right = KEYPOINTS.index("left_front_paw"), KEYPOINTS.index("right_front_paw")
    assert facing.keypoints[left, 0] > facing.keypoints[right, 0], "its left is on our right when it looks at us"
    assert away.keypoints[left, 0] < away.keypoints[right, 0]
    eyes = [KEYPOINTS.index(name) for name in ("left_eye", "right_eye", "nose")]
    assert facing.keypoints[eyes, 2].all()
    assert not away.keypoints[eyes, 2].any(), "from behind no face is seen"


def test_what_stands_before_the_cat_hides_it() -> None:
    whole, half = seen("walk", 0.0), seen("walk", 0.0, wall_at=0.5)
    assert whole is not None and half is not None
    assert whole.shown > 0.97
    assert 0.2 < half.shown < 0.8
    assert half.box[0] == pytest.approx(0.5, abs=0.02), "the box ends where the wall does"
    hidden = half.keypoints[:, 0] < 0.48
    assert hidden.any() and not half.keypoints[hidden, 2].any()


def test_the_box_is_tight() -> None:
    sprite = draw_cat(BODY, Stance("sit", 0.0, (0.0, 0.0, 0.0), 0.5), VIEW, DAY)
    sighting = seen("sit", 0.5, t=0.0)
    assert sprite is not None and sighting is not None
    rows, cols = np.nonzero(sprite.cover > COVERED)
    expected = np.array([cols.min(), rows.min(), cols.max() + 1, rows.max() + 1]) + [sprite.left, sprite.top] * 2
    assert np.allclose(np.multiply(sighting.box, (VIEW.width, VIEW.height) * 2), expected)


@pytest.mark.parametrize("posture", POSTURES)
def test_no_posture_sinks_into_the_ground(posture: str) -> None:
    for t in np.linspace(0, 1, 7):
        body = flesh(POSTURES[posture](float(t), Manner()), BODY)
        lowest = (body.centre[:, 2] - body.radius).min()
        assert -0.025 < lowest < 0.30, "2 cm of fur may press into a cushion; a leap rises 25 cm"


@pytest.mark.parametrize("posture", PERIODS)
def test_resting_postures_repeat(posture: str) -> None:
    """What repeats is drawn once: a period that is wrong would show as a jerk."""
    first, again = (POSTURES[posture](t, Manner()) for t in (0.7, 0.7 + PERIODS[posture]))
    for name in ("spine", "head", "head_axes", "legs", "tail"):
        assert np.allclose(getattr(first, name), getattr(again, name), atol=1e-9)


def test_feet_on_the_ground_do_not_slide() -> None:
    """In the first half of a stride the left hind foot stands: carried back as fast as the body moves on."""
    early, late = (POSTURES["walk"](t, Manner()).legs[2, 3, 0] for t in (0.1, 0.5))
    assert early - late == pytest.approx(0.4 * STRIDE_M["walk"], rel=0.02)


def test_coats_look_different_and_black_is_dark() -> None:
    means = {}
    for name in ("black", "white", "ginger"):
        sprite = draw_cat(Body(COATS[name]), Stance("sit", 0.0, (0.0, 0.0, 0.0), 0.4), VIEW, DAY)
        assert sprite is not None
        means[name] = sprite.colour[sprite.cover > 0.99].mean(axis=0)
    assert means["black"].mean() < 0.15 < 0.5 < means["white"].mean()
    assert means["ginger"][0] > 1.5 * means["ginger"][2], "ginger is far more red than blue"


def test_sleepers_have_their_eyes_shut() -> None:
    for posture, shut in (("curl", True), ("sprawl", True), ("sit", False)):
        parts = set(flesh(POSTURES[posture](0.0, Manner()), BODY).part)
        assert (int(Part.EYE) not in parts) is shut


def test_a_cat_behind_the_camera_is_not_drawn() -> None:
    assert draw_cat(BODY, Stance("sit", 0.0, (0.0, -3.0, 0.0), 0.0), VIEW, DAY) is None
