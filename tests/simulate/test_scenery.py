"""Single moments, several processes and one long rendering show the same home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from simulate.filming import Film, shoot
from simulate.routine import scripted_diary
from simulate.scenery import Scenery, render_moments, seen_places

START = datetime(2026, 3, 1, 9, 4, 0, tzinfo=UTC)
SCENERY = Scenery(seed=4, cameras=1, cats=1, size=(160, 90))
DIARY = scripted_diary(START, 2, seen_places(1), SCENERY.names, 4)


def test_single_moments_are_those_of_the_whole() -> None:
    whole = list(SCENERY.camera("living-room", DIARY).frames(START, 40, 5))
    drawn = [frame.yuv for frame in whole]
    chosen = [190, 3, 117, 4]
    for k, frame in zip(
        chosen, render_moments(DIARY, "living-room", [whole[k].ts for k in chosen], SCENERY), strict=True
    ):
        assert np.array_equal(frame.yuv, drawn[k])
        assert frame.doing == whole[k].doing
        assert {name: seen.box for name, seen in frame.truth.items()} == {
            name: seen.box for name, seen in whole[k].truth.items()
        }


def test_moments_of_other_days_need_nothing_of_the_days_between() -> None:
    later = [START + timedelta(days=day, minutes=1) for day in (300, 0)]
    frames = list(render_moments(DIARY, "living-room", later, SCENERY))
    assert frames[0].doing == {} and frames[1].doing


def test_processes_change_no_byte(tmp_path: Path) -> None:
    """Two chunks, cut at 09:05, filmed by one process and by two."""
    for workers in (1, 2):
        shoot(Film(SCENERY, DIARY, tmp_path / str(workers), START + timedelta(seconds=55), 10), workers)
    one, two = (sorted((tmp_path / name).rglob("*.mp4")) for name in ("1", "2"))
    assert len(one) == 2
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_an_unknown_camera_is_refused() -> None:
    with pytest.raises(ValueError, match="'attic' is none of this home's: living-room"):
        SCENERY.camera("attic", DIARY)
