"""Two styles show the same cats in the same places, drawn differently; one of them is for tests alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from simulate.light import STYLES, TESTS_ONLY
from simulate.routine import Episode
from simulate.scenery import Scenery
from simulate.training import TEST_MARK, write_detection_set, write_test_set

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIZE = (320, 180)


def test_same_scene_other_drawing() -> None:
    diary = [Episode("miso", "eating", NOON, NOON + timedelta(seconds=60), "living-room", "food_bowl")]
    frames = {}
    for style in STYLES:
        scenery = Scenery(2, cameras=1, size=SIZE, style=style, people=False)
        camera = scenery.camera("living-room", diary)
        frames[style] = camera.frame(NOON + timedelta(seconds=10))
    soft, flat = (frames[style] for style in STYLES)
    straight = [
        frame.camera.lens.straight(np.array(frame.truth["miso"].box).reshape(2, 2) * SIZE) for frame in (soft, flat)
    ]
    assert np.allclose(*straight, atol=8), "the same cat in the same place, but for the lens"
    assert np.abs(soft.yuv.astype(int) - flat.yuv).mean() > 6


def test_the_test_style_is_refused_for_training(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'flat' is never trained on"):
        write_detection_set(tmp_path, 1, 1, style=TESTS_ONLY)
    assert list(tmp_path.iterdir()) == []
    write_test_set(tmp_path, 2, 101, size=96)
    assert len(list((tmp_path / "images").iterdir())) == 2
    assert "No model may be trained" in (tmp_path / TEST_MARK).read_text()


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="style 'oil': soft or flat"):
        Scenery(1, style="oil")
