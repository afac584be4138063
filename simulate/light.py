"""Light in a room: the warm day through a window, lamps in the evening, a camera's own infrared at night."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from simulate.view import View, single, unit

Float32 = NDArray[np.float32]


STYLES = ("soft", "flat")
TESTS_ONLY = "flat"
"""The style of drawing that no model is ever trained on: whoever does well on it has not learned our way of drawing.

It has hard steps of shade, one colour to a surface, dark outlines, other tones, a stronger lens and a blotchy sensor. Rooms,
cats, movement and truth are the same.
"""

LAMP_SLOT_MIN, LAMP_OFF, LAMP_ON = 30, 0.2, 0.08  # our choice


@dataclass(frozen=True)
class Light:
    """`towards` points from the room to the main light; colours are RGB factors on what a surface reflects.

    `style` of STYLES is how the things it falls on are drawn.
    """

    name: str  # day, evening or night
    towards: tuple[float, float, float]
    key: tuple[float, float, float]
    ambient: tuple[float, float, float]
    infrared: bool = False
    style: str = "soft"

    @property
    def flat(self) -> bool:
        """Whether things are drawn in the style for tests."""
        return self.style == TESTS_ONLY

    def shade(self, normal: Float32, wrap: float = 0.0) -> Float32:
        """Light (..., 3) on surfaces with unit `normal` (..., 3); `wrap` 0..1 lets it creep around soft things."""
        lit = np.clip((normal @ unit(self.towards).astype(np.float32) + wrap) / (1 + wrap), 0, 1)[..., None]
        sky = (0.72 + 0.28 * normal[..., 2:3]).astype(np.float32)
        if self.flat:
            lit, sky = np.round(lit * 2.5) / np.float32(2.5), np.round(sky * 3) / np.float32(3)
        return (lit * single(self.key) + sky * single(self.ambient)).astype(np.float32)


def light_for(hour: float, view: View, window_side: float = -1.0) -> Light:
    """The light of a room at a local `hour` (0..24): day from the window side, lamp from 18 to 22, infrared in the dark."""
    if 7 <= hour < 18:
        noon = 1 - abs(hour - 12.5) / 6
        key = (0.62 + 0.08 * noon, 0.58 + 0.10 * noon, 0.50 + 0.14 * noon)
        return Light("day", (window_side, -0.7, 1.1 + 0.5 * noon), key, (0.62, 0.63, 0.65))
    if 18 <= hour < 22:
        return Light("evening", (-window_side, -0.5, 1.2), (0.66, 0.50, 0.32), (0.46, 0.39, 0.30))
    towards = -unit(np.subtract(view.target, view.eye))
    return Light("night", (float(towards[0]), float(towards[1]), float(towards[2])), (0.85,) * 3, (0.16,) * 3, True)


def drawn_in(light: Light, style: str) -> Light:
    """The same light for another style.

    Raises:
        ValueError: if there is no such style.
    """
    if style not in STYLES:
        raise ValueError(f"style {style!r}: {' or '.join(STYLES)} can be drawn")
    return replace(light, style=style)


def light_at(local: datetime, view: View, seed: int) -> Light:
    """The light at a local moment: as `light_for` says, with lamps that are switched off and on in between.

    In the evening a lamp is off for one half hour in five; at night somebody lights it for some minutes now and then.
    Half hours begin at another minute in each home.
    """
    slot, within = divmod(local.timestamp() / 60 + 7 * (seed % 30), LAMP_SLOT_MIN)
    rng = np.random.default_rng((seed, 43, int(slot)))
    light = light_for(local.hour + (0.5 if local.minute >= 30 else 0.0), view)
    luck, begin, lasts = rng.random(), rng.uniform(0, 20), rng.uniform(2, 6)
    if light.name == "evening" and luck < LAMP_OFF:
        return light_for(2, view)
    if light.name == "night" and luck < LAMP_ON and begin <= within < begin + lasts:
        return light_for(20, view)
    return light


def falloff(light: Light, depth: Float32, x: Float32, y: Float32) -> Float32:
    """How much of the light reaches points at `depth` metres, seen at `x`, `y` (-1..1 from edge to edge), broadcast.

    Infrared comes from the camera: it fades with distance and towards the edges. Other light slopes from its side.
    """
    if light.flat:
        edge = 1 - np.float32(0.16) * (x**2 + y**2)
        return edge * (np.clip(3.2 / np.clip(depth, 0.8, 12), 0.35, 1.1) if light.infrared else np.ones_like(depth))
    if light.infrared:
        return np.clip(2.4 / np.clip(depth, 0.5, 12), 0.2, 1.25) * np.exp(-0.55 * (x**2 + y**2))
    return 1 + np.float32(0.16 * np.sign(light.towards[0])) * x + 0 * y


def exposed(picture: Float32, light: Light) -> Float32:
    """Reflected light (h, w, 3) as the camera stores it: 0..1, sRGB-like tones, grey under infrared."""
    if light.flat and not light.infrared:
        grey = picture.mean(axis=-1, keepdims=True)
        return np.clip(np.maximum(grey + 1.3 * (picture - grey), 0) ** np.float32(0.82), 0, 1)
    if light.infrared:
        grey = picture @ single([0.45, 0.35, 0.20])
        picture = np.repeat(np.sqrt(np.maximum(grey, 0) * 1.1)[..., None] * 0.95, 3, axis=-1)
    return np.clip(picture, 0, 1)
