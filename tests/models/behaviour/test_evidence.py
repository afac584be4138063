"""Evidence means what its name says, is blind to left and right, and survives whatever is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.behaviour import body
from models.behaviour.body import Moments
from models.behaviour.evidence import NAMES, evidence
from simulate.flesh import KEYPOINTS
from tests import posed

MIRROR = [KEYPOINTS.index(n.replace("left", "?").replace("right", "left").replace("?", "right")) for n in KEYPOINTS]
SIDE_ON, THREE_QUARTER = 0.2, -0.6
BOWL = [(0.66, 0.5), (0.8, 0.5), (0.8, 0.62), (0.66, 0.62)]


def moments(*names: str, heading: float = SIDE_ON) -> Moments:
    return posed.moments(names, [heading] * len(names))


def mirrored(own: Moments) -> Moments:
    def points(array: np.ndarray | None) -> np.ndarray:
        assert array is not None
        return array[..., MIRROR, :] * [-1, 1, 1] + [1, 0, 0]

    def boxes(array: np.ndarray | None) -> np.ndarray:
        assert array is not None
        return array[..., [2, 1, 0, 3]] * [-1, 1, -1, 1] + [1, 0, 1, 0]

    return replace(own, boxes=boxes(own.boxes), keypoints=points(own.keypoints), burst_boxes=boxes(own.burst_boxes),
                   burst_keypoints=points(own.burst_keypoints))  # fmt: skip


def test_parts_are_the_points_of_their_names() -> None:
    def named(part: tuple[int, ...]) -> set[str]:
        return {KEYPOINTS[index].split("_", 1)[-1] for index in part}

    assert named(body.HEAD) == {"eye", "nose", "ear"}
    assert named(body.FORELEGS) == {"front_elbow", "front_knee", "front_paw"}
    assert named(body.HINDLEGS) == {"back_elbow", "back_knee", "back_paw"}
    assert [KEYPOINTS[i] for i in (*body.THROAT, *body.WITHERS, *body.RUMP)] == ["throat", "withers", "tailbase"]


def test_a_mirrored_picture_gives_the_same_numbers() -> None:
    own = moments("eat", "walk", "lick_flank", "bat", "curl", "sit", heading=THREE_QUARTER)
    bowl = {"food_bowl": [BOWL]}
    other = {"food_bowl": [[(1 - x, y) for x, y in BOWL]]}
    first, second = evidence(own, bowl), evidence(mirrored(own), other)
    assert (first.known == second.known).all()
    for name in NAMES:
        # Zones are measured on a grid, of which the mirror cuts other cells.
        near = 0.05 if name.startswith("food_bowl_of") else 1e-4
        assert np.allclose(first.column(name), second.column(name), atol=near, equal_nan=True), name


def test_size_on_the_picture_and_its_shape_do_not_count() -> None:
    own = moments("stand", "eat")
    assert own.keypoints is not None
    half = replace(own, boxes=own.boxes * 0.5, keypoints=own.keypoints * [0.5, 0.5, 1], burst_s=None)
    square = replace(
        own, boxes=own.boxes * [1.6, 1, 1.6, 1], keypoints=own.keypoints * [1.6, 1, 1], aspect=1.0, burst_s=None
    )
    reference = evidence(replace(own, burst_s=None))
    for other in (half, square):
        found = evidence(other)
        same = [name for name in NAMES if name not in ("size", "at_edge")]
        for name in same:
            assert np.allclose(found.column(name), reference.column(name), atol=1e-3, equal_nan=True), name


def test_numbers_say_what_a_posture_is() -> None:
    names = ("eat", "sit", "stand", "lick_flank", "curl", "hunch", "loaf", "scratch_leg")
    found = evidence(moments(*names))
    by = {name: dict(zip(names, found.column(name), strict=True)) for name in NAMES}
    assert by["head_over_rump"]["eat"] < 0 < by["head_over_rump"]["sit"]  # head in the bowl, haunches higher
    assert by["withers_over_rump"]["sit"] > 0.3 > by["withers_over_rump"]["stand"]
    assert by["shoulder_height"]["stand"] > by["shoulder_height"]["loaf"]
    assert by["neck"]["stand"] < 0 < by["neck"]["lick_flank"]  # the head turned back to the flank
    assert by["nose_to_hindpaw"]["curl"] < by["nose_to_hindpaw"]["stand"]
    assert by["hindpaw_lift"]["scratch_leg"] > 0.3 > by["hindpaw_lift"]["sit"]
    assert by["nose_under_ears"]["hunch"] > by["nose_under_ears"]["loaf"]


def test_strokes_have_their_frequency_and_their_limb() -> None:
    names = ("eat", "lick_flank", "bat", "dig", "stand")
    found = evidence(moments(*names))

    def strongest(part: str, posture: str) -> tuple[float, float]:
        row = names.index(posture)
        beats = {hz: float(found.column(f"{part}_{hz:g}_hz")[row]) for hz in (0.5, 1.0, 1.5, 2.0, 2.5)}
        best = max(beats, key=lambda hz: beats[hz])
        return best, beats[best]

    assert strongest("head", "eat")[0] == 2.0  # nods twice a second
    assert strongest("head", "lick_flank")[0] in (1.0, 1.5)  # 1.25 strokes a second
    assert strongest("forepaw", "dig")[0] == 2.0
    assert strongest("forepaw", "bat")[0] in (0.5, 1.0)  # each paw 0.75 a second
    assert strongest("head", "eat")[1] > 5 * strongest("head", "stand")[1]
    fast, slow = found.column("forepaw_speed"), found.column("hindpaw_speed")
    assert fast[names.index("dig")] > 5 * slow[names.index("dig")]


def test_a_walk_is_movement_of_the_body_and_not_of_the_head() -> None:
    own = moments("walk", heading=0.0)
    found = evidence(own)
    # 0.45 m/s of a cat whose box has the area of a square of about 0.45 m, for 2 s.
    assert 0.7 < found.column("body_speed")[0] < 1.3
    assert found.column("body_way")[0] == pytest.approx(2 * found.column("body_speed")[0], rel=0.1)
    assert found.column("head_speed")[0] < 0.2 * found.column("body_speed")[0]


def test_a_single_still_is_read_with_most_of_its_mask_off() -> None:
    own = moments("sit")
    still = Moments(own.ts, own.track, own.boxes, own.aspect, own.keypoints)
    found = evidence(still)
    assert not found.known[
        :, [list(NAMES).index(n) for n in ("speed_before", "head_2_hz", "stirring", "bed_of_box")]
    ].any()
    assert np.isfinite(found.values).all()
    assert np.allclose(found.column("head_height"), evidence(own).column("head_height"))
    bare = evidence(Moments(own.ts, own.track, own.boxes))
    assert bare.known.sum() == 3  # size, shape, and whether it touches the edge
    assert len(evidence(Moments(np.zeros(0), np.zeros(0, int), np.zeros((0, 4)))).values) == 0


def test_points_of_low_confidence_count_for_nothing() -> None:
    own = moments("stand")
    assert own.keypoints is not None
    wild = own.keypoints.copy()
    wild[:, list(body.FOREPAWS)] = [0.0, 0.0, 0.05]  # not labelled: in the corner of the picture
    found = evidence(replace(own, keypoints=wild))
    assert np.isnan(found.column("forepaws_apart")[0])
    assert np.allclose(found.column("hip_height"), evidence(own).column("hip_height"))


def test_one_lost_frame_does_not_hide_the_strokes() -> None:
    own = moments("eat")
    assert own.burst_keypoints is not None
    lost = own.burst_keypoints.copy()
    lost[:, 4] = np.nan
    found = evidence(replace(own, burst_keypoints=lost))
    beats = [found.column(f"head_{hz}_hz")[0] for hz in ("0.5", "1", "1.5", "2", "2.5")]
    assert int(np.argmax(beats)) == 3


def test_neighbours_are_of_the_same_track_and_not_hours_away() -> None:
    ts = np.array([0.0, 5, 10, 300, 305, 0, 60])
    track = np.array([1, 1, 1, 1, 1, 2, 2])
    boxes = np.tile([0.2, 0.4, 0.4, 0.6], (7, 1))
    boxes[2] += [0.2, 0, 0.2, 0]  # a body size to the right, in 5 s
    found = evidence(Moments(ts, track, boxes))
    assert np.allclose(found.column("moved_before"), [np.nan, 0, 1, np.nan, 0, np.nan, 0], atol=1e-6, equal_nan=True)
    assert np.allclose(found.column("speed_after"), [0, 0.2, np.nan, 0, np.nan, 0, np.nan], atol=1e-6, equal_nan=True)
    assert found.column("still_since")[6] == pytest.approx(np.log10(61), abs=1e-5)
    assert found.column("still_until")[5] == pytest.approx(np.log10(61), abs=1e-5)


def test_the_head_is_in_the_bowl_or_beside_it() -> None:
    own = moments("eat", "stand")
    found = evidence(own, {"food_bowl": [BOWL]})
    away = found.column("food_bowl_from_head")
    assert away[0] < away[1]
    assert np.isnan(found.column("litter_box_of_box")).all()
    around = evidence(own, {"food_bowl": [[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]]})
    assert (around.column("food_bowl_from_head") == 0).all()
    assert np.allclose(around.column("food_bowl_of_box"), 1, atol=0.02)


def test_looks_are_the_last_columns() -> None:
    own = replace(moments("sit"), looks=np.array([[0.5, -1.0]]))
    found = evidence(own)
    assert found.names[-2:] == ("look_0", "look_1")
    assert found.values[0, -2:].tolist() == [0.5, -1.0]
