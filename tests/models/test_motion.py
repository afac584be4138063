"""The movement gate on drawn rooms. A picture is 640x480 with sensor noise of sigma 4 per pixel, as a cheap indoor
camera has in the evening: averaged to 160x120 that is sigma 1, four times the noise a 1280x960 camera would leave."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from models.motion import Background, MotionSettings, thumbnail

HIGH, WIDE = 480, 640
CAT = (34, 17)  # half axes in pixels: 0.59 % of the picture
SMALL_CAT = (24, 12)  # 0.3 % of the picture, 57 pixels of a 160x120 thumbnail


class Room:
    """A furnished room and its camera; every picture has fresh noise, the same seed gives the same pictures."""

    def __init__(self, seed: int, noise: float = 4.0) -> None:
        self.random = np.random.default_rng(seed)
        self.noise = noise
        coarse = self.random.uniform(30, 200, (9, 12)).astype(np.float32)
        self.walls = cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_NEAREST)
        self.walls += 8 * cv2.GaussianBlur(self.random.normal(0, 8, (HIGH, WIDE)).astype(np.float32), (0, 0), 3)

    def picture(self, cat: tuple[float, float] | None = None, size=CAT, level: float = -30.0, add=0.0, gain=1.0):
        scene = self.walls.copy()
        if cat is not None:
            mask = np.zeros_like(scene)
            cv2.ellipse(mask, (round(cat[0]), round(cat[1])), size, 0, 0, 360, 1, -1)
            scene += level * mask
        scene = gain * (scene + add) + self.random.normal(0, self.noise, scene.shape)
        return np.clip(scene, 0, 255).astype(np.uint8)


def watch(background: Background, pictures, dt_s: float = 1.0) -> np.ndarray:
    return np.array([background.update(thumbnail(picture), dt_s) for picture in pictures])


def settled(room: Room, samples: int = 10, dt_s: float = 1.0) -> Background:
    background = Background()
    watch(background, (room.picture() for _ in range(samples)), dt_s)
    return background


@pytest.mark.parametrize("noise", [0.0, 2.0, 4.0, 10.0])
def test_a_still_room_is_still_from_the_second_sample_on(noise):
    room = Room(1, noise)
    seen = watch(Background(), (room.picture() for _ in range(60)))
    assert seen[0] == 0
    assert seen.max() < MotionSettings().min_area / 2, "sensor noise is no movement"


@pytest.mark.parametrize("dt_s", [1.0, 5.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_small_dark_cat_on_a_dark_floor_is_seen_walking(seed, dt_s):
    # 8 grey levels below the floor, and walking half its length a second: as faint and slow as a walking cat gets.
    room = Room(seed)
    room.walls[:] = 0.25 * room.walls + 10
    background = settled(room, dt_s=dt_s)
    step = CAT[0] * dt_s
    path = [(60 + (step * i) % 520, 240 + 60 * np.sin(i / 3)) for i in range(20)]
    seen = watch(background, (room.picture(at, SMALL_CAT, -8) for at in path), dt_s)
    assert np.mean([background.moves(m) for m in seen]) >= 0.95


def test_movement_is_the_share_of_the_picture_that_the_animal_covers():
    room = Room(2)
    background = settled(room)
    first, second = watch(background, [room.picture((150, 120)), room.picture((450, 330))])
    # The floor that the cat uncovered is background again: only the animal itself counts. The blur and
    # the average add a rim of one to one and a half thumbnail pixels around an oval of 8 by 4: up to 1.8 times its area.
    # 0.6 would be a third of it lost; counting the uncovered floor too would make the second 2 to 3.6.
    share = np.pi * CAT[0] * CAT[1] / (HIGH * WIDE)
    assert 0.6 * share < first < 1.8 * share
    assert 0.6 * share < second < 1.8 * share


def test_a_cat_that_lies_down_is_still_after_one_sample_and_seen_when_it_turns_over():
    room = Room(3)
    background = settled(room)
    lies = watch(background, (room.picture((300, 200)) for _ in range(40)))
    assert background.moves(lies[0])
    assert not any(background.moves(m) for m in lies[1:])
    turned = watch(background, (room.picture((300, 200), (24, 24)) for _ in range(3)))
    assert background.moves(turned[0])
    assert not background.moves(turned[2])


def test_slow_creeping_adds_up():
    # A hunting cat: 2 pixels a second, half a thumbnail pixel. Never a change from one sample to the next, but one
    # against the last sample that was kept.
    room = Room(4)
    background = settled(room)
    watch(background, [room.picture((200, 200))])
    seen = watch(background, (room.picture((200 + 2 * i, 200)) for i in range(60)))
    assert sum(background.moves(m) for m in seen) >= 5


def test_a_cat_that_sleeps_for_an_hour_is_learnt_and_seen_when_it_leaves():
    room = Room(5)
    background = settled(room)
    watch(background, (room.picture((300, 200)) for _ in range(60)), dt_s=60)
    left = watch(background, (room.picture() for _ in range(4)))
    assert background.moves(left[0])
    assert not any(background.moves(m) for m in left[1:])


def test_play_in_one_place_is_not_learnt_as_noise():
    # Five minutes within a cat's length, back and forth every second: the worst case for a noise level per pixel.
    room = Room(6)
    background = settled(room)
    seen = watch(background, (room.picture((300 + 25 * (i % 2) + 8 * (i % 3), 220)) for i in range(300)))
    assert np.mean([background.moves(m) for m in seen[-100:]]) > 0.9


def test_a_clock_in_the_picture_is_learnt_in_two_minutes():
    room = Room(7)

    def picture(second: int) -> np.ndarray:
        shown = cv2.cvtColor(room.picture(), cv2.COLOR_GRAY2RGB)
        cv2.putText(shown, f"12:{second // 60:02}:{second % 60:02}", (20, 36), 0, 0.8, (255, 255, 255), 2)
        return shown

    background = Background()
    seen = watch(background, (picture(second) for second in range(240)))
    # Letters of 17 in 480 rows; a camera's are smaller. Minutes may be seen to change: that is no more than a heartbeat.
    assert any(background.moves(m) for m in seen[:60]), "the clock is large enough to be movement"
    assert sum(background.moves(m) for m in seen[120:]) <= 3
    # A cat that walks right through the clock is larger than its digits.
    for i in range(4):
        shown = picture(240 + i)
        cv2.ellipse(shown, (60 + 60 * i, 40), CAT, 0, 0, 360, (20, 20, 20), -1)
        assert background.moves(background.update(thumbnail(shown), 1.0))


@pytest.mark.parametrize(("gain", "add"), [(1.5, 0.0), (0.6, 0.0), (1.0, 25.0), (0.8, 15.0)])
def test_exposure_jumps_are_no_movement(gain, add):
    room = Room(8)
    room.walls *= 0.8  # no pixel clips: clipped ones do change their contrast
    background = settled(room)
    seen = watch(background, (room.picture(gain=gain, add=add) for _ in range(10)))
    assert seen.max() < MotionSettings().min_area
    assert background.moves(watch(background, [room.picture((300, 200), gain=gain, add=add)])[0])


def test_dusk_is_no_movement():
    # From day to a fifth of the light within 40 minutes, uneven: one side of the room darkens first.
    room = Room(9)
    background = settled(room)
    walls, ramp = room.walls.copy(), np.linspace(0.6, 1.4, WIDE, dtype=np.float32)
    seen = []
    for i in range(480):
        room.walls = walls * np.clip(1 - 0.8 * (i / 480) * ramp, 0.05, 1)
        seen += list(watch(background, [room.picture()], dt_s=5.0))
    assert np.mean([background.moves(m) for m in seen]) < 0.02


def test_a_lamp_is_movement_once_and_a_cat_in_its_light_is_seen():
    room = Room(10)
    background = settled(room)
    light = np.zeros((HIGH, WIDE), np.float32)
    cv2.circle(light, (450, 240), 140, 60, -1)
    room.walls += cv2.GaussianBlur(light, (0, 0), 20)
    seen = watch(background, (room.picture() for _ in range(8)))
    assert background.moves(seen[0])
    assert not any(background.moves(m) for m in seen[1:])
    assert background.moves(watch(background, [room.picture((450, 240))])[0])


def test_the_infrared_switch_is_movement_once():
    room = Room(11)
    background = settled(room)
    # Other materials shine in infrared: the same edges with other greys, and more noise.
    room.walls = 255 - np.roll(room.walls, 53, axis=1) * 0.7
    room.noise = 8.0
    seen = watch(background, (room.picture() for _ in range(8)))
    assert seen[0] > 0.3
    assert not any(background.moves(m) for m in seen[2:])
    assert background.moves(watch(background, [room.picture((300, 200))])[0])


def test_flicker_of_coding_at_keyframes_is_no_movement():
    # Between keyframes a coder repeats the picture exactly; each keyframe quantises afresh, here JPEG at quality 50.
    room = Room(12)
    coded = []
    for _ in range(12):
        _, data = cv2.imencode(".jpg", room.picture(), [cv2.IMWRITE_JPEG_QUALITY, 50])
        coded += [cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)] * 5
    assert watch(Background(), coded).max() < MotionSettings().min_area


def test_a_large_cat_close_by_does_not_blind_the_gate():
    room = Room(13)
    background = settled(room)
    # Half of the picture, and never quite in the same place twice.
    close = [room.picture((300 + 50 * np.sin(2.4 * i), 240 + 40 * np.cos(1.7 * i)), (260, 180), 50) for i in range(30)]
    assert all(background.moves(m) for m in watch(background, close))
    watch(background, (room.picture() for _ in range(4)))
    assert background.moves(watch(background, [room.picture((100, 100), SMALL_CAT)])[0])


def test_the_same_thumbnails_give_the_same_numbers():
    pictures = [Room(14).picture((100 + 9 * i, 200)) for i in range(10)]
    assert np.array_equal(watch(Background(), pictures), watch(Background(), pictures))


def test_a_new_picture_size_begins_anew():
    background = settled(Room(15))
    assert background.update(np.zeros((90, 160), np.uint8), 1.0) == 0
    assert background.update(np.zeros((90, 160), np.uint8), 1.0) == 0


def test_one_thumbnail_costs_well_under_a_millisecond():
    room = Room(16)
    thumbs = [thumbnail(room.picture()) for _ in range(5)] * 20
    background = Background()
    spent = []
    for thumb in thumbs:
        begun = time.perf_counter()
        background.update(thumb, 1.0)
        spent.append(time.perf_counter() - begun)
    assert np.median(spent) < 1e-3, "0.12 ms on an idle core; the rest is room for a busy machine"


def test_thumbnail_averages_area_and_keeps_the_shape():
    checks = np.kron(np.indices((120, 160)).sum(0) % 2, np.ones((8, 8)))[..., None].repeat(3, 2) * 200
    assert thumbnail(np.zeros((1200, 1600, 3), np.uint8)).shape == (120, 160)
    assert thumbnail(np.zeros((1280, 720, 3), np.uint8)).shape == (160, 90), "the longer side counts"
    assert thumbnail(np.zeros((50, 60), np.uint8)).shape == (50, 60), "nothing is enlarged"
    assert np.all(thumbnail(checks.astype(np.uint8), width=80) == 100), "16 pixels: half of them 200, half 0"


@pytest.mark.parametrize("shape", [(0, 5), (4, 4, 4), (3,)])
def test_thumbnail_refuses_what_is_no_picture(shape):
    with pytest.raises(ValueError, match="expected an RGB"):
        thumbnail(np.zeros(shape, np.uint8))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="min_area must be a share"):
        MotionSettings(min_area=0)
    with pytest.raises(ValueError, match="learn_s must be above 0"):
        MotionSettings(learn_s=-1)
    with pytest.raises(ValueError, match="expected a grey uint8"):
        Background().update(np.zeros((4, 4), np.float32), 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="dt_s must be 0 or more"):
        Background().update(np.zeros((4, 4), np.uint8), -1.0)
