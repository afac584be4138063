"""Does something move? A grey thumbnail against a background that learns, cheap enough for every sample of a day.

A pixel has moved where it differs from both the learnt background and the last thumbnail that was kept. The first
alone would call a cat that has lain down moving until it is learnt, the second alone would count the floor that a
cat uncovers; together they see the animal where it is now. The threshold follows the noise of each pixel, and the
light of the whole picture (exposure, gain, sunset) is taken out first, so that what is left is movement.

A false alarm costs one run of the detector, a miss loses a cat: where the two pull apart, this gate is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.burnt_clock import BurntClock

__all__ = ["Background", "MotionSettings", "thumbnail"]

# |d| of a normal distribution lies below 0.3186 sigma in a quarter of all cases. The quarter, not the usual median:
# an animal close to the camera moves more than half of the picture.
_QUARTER = 0.3186
_STRIDE = 4  # light and noise are measured on every fourth row and column: 1,200 of 19,200 pixels are plenty


@dataclass(frozen=True)
class MotionSettings:
    """What counts as movement. Levels are grey levels 0..255 of a thumbnail averaged over 3x3 pixels.

    Attributes:
        min_area: share of the picture that must move, 0..1. A cat of 0.3 % of the picture that moves by a third of its
            length changes 0.1 %, less where it turns or blends in. Coding and noise of still rooms reached 0.036 %.
        min_contrast: a smaller difference is never movement, levels. A dark cat on a dark floor differs by about 8
            levels, 3.5 at the corners of its blurred shape; the coding of a good stream flickers by 1 to 2.
        noise_factor: how many standard deviations of a pixel's own noise are movement. At 4.5, 1 in 150,000 still
            pixels errs: one in eight pictures has one such pixel, and `min_area` asks for a dozen.
        max_noise: the noise of a pixel is never taken for more than this, levels: times `noise_factor` it is what a
            cat that plays in one place for minutes, and is being learnt as noise, must still stand out by.
        learn_s: the background takes over 63 % of a lasting change in this time, seconds.
        reference_s: a kept thumbnail older than this is replaced, seconds; the heartbeat of a still scene.
        drift: a change slower than this, levels a second, is the light of the day and no movement: 3 a minute. Lower it
            and shadows alarm, raise it and a creeping dark cat (8 levels) fades into its floor.
        scene_change: a picture that changed by more than this share (lamp, infrared switch, camera turned) becomes
            the background at once.
    """

    min_area: float = 0.0006
    min_contrast: float = 2.5
    noise_factor: float = 4.5
    max_noise: float = 3.0
    learn_s: float = 120.0
    reference_s: float = 60.0
    drift: float = 0.05
    scene_change: float = 0.3

    def __post_init__(self) -> None:
        for name in ("min_area", "scene_change"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must be a share between 0 and 1, got {getattr(self, name)!r}")
        for name in ("min_contrast", "noise_factor", "max_noise", "learn_s", "reference_s", "drift"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)!r}")


def thumbnail(picture: NDArray[np.uint8], width: int = 160) -> NDArray[np.uint8]:
    """The small grey picture that movement is judged on, each pixel the average of what it covers.

    Args:
        picture: RGB `[H,W,3]` or grey `[H,W]`.
        width: pixels of the longer side, so that an upright picture gives as many pixels as a lying one. A picture
            that is smaller already keeps its size.

    Returns:
        grey `[h,w]`.

    Raises:
        ValueError: the picture is empty or of another shape.
    """
    if picture.ndim not in (2, 3) or picture.size == 0 or (picture.ndim == 3 and picture.shape[2] != 3):
        raise ValueError(f"expected an RGB [H,W,3] or grey [H,W] picture, got shape {picture.shape}")
    high, wide = picture.shape[:2]
    scale = min(1.0, width / max(high, wide))
    small = cv2.resize(
        picture, (max(1, round(wide * scale)), max(1, round(high * scale))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) if small.ndim == 3 else small, np.uint8)


class Background:
    """What one camera shows when nothing moves. Its state is a few arrays: same thumbnails, same answers.

    Args:
        settings: what counts as movement.

    Attributes:
        moved: which pixels of the last thumbnail moved, 255 or 0, `[h,w]`; empty where nothing is known yet.
    """

    def __init__(self, settings: MotionSettings | None = None) -> None:
        self.settings = settings or MotionSettings()
        self._previous: NDArray[Any] | None = None
        self.moved: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)

    def moves(self, movement: float) -> bool:
        """Whether so much movement is worth a sample."""
        return movement >= self.settings.min_area

    def update(self, thumb: NDArray[np.uint8], dt_s: float) -> float:
        """Take in the next thumbnail.

        Args:
            thumb: grey `[h,w]`, see `thumbnail`.
            dt_s: seconds since the one before; ignored for the first.

        Returns:
            share of the picture that moved, 0..1. 0 for the first thumbnail and for one of another size: nothing is
            known yet (the caller keeps such a sample anyway, as the heartbeat of what begins).

        Raises:
            ValueError: `thumb` is not grey uint8, or time runs backwards.
        """
        if thumb.ndim != 2 or thumb.dtype != np.uint8:
            raise ValueError(f"expected a grey uint8 [h,w] thumbnail, got {thumb.dtype} {thumb.shape}")
        if dt_s < 0:
            raise ValueError(f"dt_s must be 0 or more, got {dt_s!r}")
        # Three by three pixels: the noise of one pixel falls to a third, a cat of 8x8 keeps its contrast.
        now = cv2.blur(thumb.astype(np.float32), (3, 3), borderType=cv2.BORDER_REPLICATE)
        if self._previous is None or self._previous.shape != now.shape:
            self._begin(now)
            self.moved = np.zeros((0, 0), np.uint8)
            return 0.0
        self._follow_light(now)
        step = cv2.absdiff(now, self._previous)
        self._follow_sigma(step)
        difference = cv2.min(cv2.absdiff(now, self._background), cv2.absdiff(now, self._reference))
        moved = cv2.compare(difference, self._threshold(), cv2.CMP_GT)  # 0 or 255
        self._clock.learn(moved, dt_s)
        self.moved = self._clock.without(moved)
        movement = cv2.countNonZero(self.moved) / now.size
        self._learn_noise(step, dt_s)
        self._learn(now, moved, movement, dt_s)
        return movement

    def _begin(self, now: NDArray[Any]) -> None:
        self._previous, self._reference, self._background = now, now, now.copy()
        self._noise = np.zeros_like(now)  # of each pixel; of the whole picture:
        self._sigma: float | None = None
        self._clock = BurntClock(now.shape)
        self._age_s = 0.0

    def _follow_light(self, now: NDArray[Any]) -> None:
        """Express what is remembered in the light of the present picture, so that a change of exposure is no movement.

        Memory is moved to the picture, not the picture to memory: dividing by a small gain would multiply the noise.
        """
        assert self._previous is not None
        gain, offset = _light(_sparse(self._previous), _sparse(now))
        self._previous = cv2.addWeighted(self._previous, gain, self._previous, 0, offset)
        self._reference = cv2.addWeighted(self._reference, gain, self._reference, 0, offset)
        self._background = cv2.addWeighted(self._background, gain, self._background, 0, offset)

    def _follow_sigma(self, step: NDArray[Any]) -> None:
        """Noise of the whole picture now; it grows at night. It may rise slowly only: movement is no noise."""
        sparse = _sparse(step)
        quarter = float(np.partition(sparse, sparse.size // 4, axis=None)[sparse.size // 4])
        sigma = min(quarter / _QUARTER, self.settings.max_noise)
        self._sigma = sigma if self._sigma is None else min(sigma, 1.25 * self._sigma + 0.05)

    def _threshold(self) -> NDArray[Any]:
        settings = self.settings
        lowest = max(settings.min_contrast, settings.noise_factor * (self._sigma or 0.0))
        return np.maximum(settings.noise_factor * self._noise, np.float32(lowest))

    def _learn_noise(self, step: NDArray[Any], dt_s: float) -> None:
        """One sigma of a pixel is the size of change that 68 % of its samples stay below, found by small steps up and
        down (sigma-delta estimation, Manzanera & Richefeu 2007); a cat that crosses leaves no trace in it."""
        rise = min(0.02 * dt_s, 0.1)
        steps = np.full(256, 1 - rise * 0.32 / 0.68, np.float32)
        steps[255] = 1 + rise
        louder = cv2.compare(step, self._noise, cv2.CMP_GT)
        noise = cv2.multiply(self._noise, cv2.LUT(louder, steps))
        self._noise = np.clip(noise, np.float32(0.2), np.float32(self.settings.max_noise))

    def _learn(self, now: NDArray[Any], moved: NDArray[Any], movement: float, dt_s: float) -> None:
        settings = self.settings
        self._age_s += dt_s
        self._previous = now
        if movement > settings.scene_change:
            self._background, self._reference, self._age_s = now.copy(), now, 0.0
            return
        if self.moves(movement) or self._age_s >= settings.reference_s:
            self._reference, self._age_s = now, 0.0
        else:  # a shadow that wanders with the sun
            drift = np.float32(settings.drift * dt_s)
            self._reference = self._reference + np.clip(now - self._reference, -drift, drift)
        # Not where it moves: an animal that plays in one place would become half background.
        rate = 1 - float(np.exp(-dt_s / settings.learn_s))
        cv2.accumulateWeighted(now, self._background, rate, mask=cv2.bitwise_not(moved))


def _sparse(picture: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(picture[::_STRIDE, ::_STRIDE])


def _light(before: NDArray[Any], after: NDArray[Any]) -> tuple[float, float]:
    """Gain and offset that turn most of one picture into the other, whatever moved in the rest.

    Least trimmed squares from the median shift. The gain is the ratio of spreads, not a regression's slope: noise
    makes a slope too small, a little each time, and a remembered picture would fade away over a hundred samples.
    """
    usable = np.maximum(before, after) < 250  # a clipped pixel says nothing about the light
    if np.count_nonzero(usable) < 16:
        return 1.0, 0.0
    gain, offset = 1.0, _middle(after - before)
    for _ in range(3):
        residual = np.abs(after - np.float32(gain) * before - np.float32(offset))
        near = usable & (residual <= max(2.5 * _middle(residual), 1.0))
        (mean_before, spread_before), (mean_after, spread_after) = _moments(before, near), _moments(after, near)
        # One grey level of spread on both sides: an evenly dark picture has a gain of 1.
        gain = float(np.clip(np.hypot(spread_after, 1.0) / np.hypot(spread_before, 1.0), 0.25, 4.0))
        offset = mean_after - gain * mean_before
    return gain, offset


def _middle(values: NDArray[Any]) -> float:
    return float(np.partition(values, values.size // 2, axis=None)[values.size // 2])


def _moments(picture: NDArray[Any], mask: NDArray[np.bool_]) -> tuple[float, float]:
    mean, spread = cv2.meanStdDev(picture, mask=mask.view(np.uint8))
    return float(mean[0, 0]), float(spread[0, 0])
