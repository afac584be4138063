"""Snapshots: from the camera, else from the newest footage, with a grid and zones where they belong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import av
import numpy as np
import pytest

from home.clock import UTC, Span
from home.config import Camera
from home.coverage import record
from home.errors import FootageError, WrongUse
from home.footage import ChunkName
from ingest.newest import newest_chunk
from ingest.snapshot import LONGEST, MARGIN, as_png, take, with_grid
from tests.clips import paint
from tests.conftest import HomeFactory

TODAY = dt.date(2026, 3, 10)
MORNING = dt.datetime(2026, 3, 9, 7, tzinfo=UTC)


def grey(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def test_from_the_camera(home_factory: HomeFactory, tmp_path: Path) -> None:
    clip = paint(tmp_path / "clip.mp4", 1)
    taken = take(home_factory(cameras=f"  kitchen:\n    url: file://{clip}\n"), "kitchen", TODAY)
    assert taken.picture.shape == (240, 320, 3) and (taken.source, taken.warning) == ("the camera", "")


def test_from_its_footage_where_the_camera_is_off(home_factory: HomeFactory, tmp_path: Path) -> None:
    home = home_factory(cameras="  kitchen:\n    url: rtsp://127.0.0.1:1/live\n")
    for hours in (0, 5):
        start = MORNING + dt.timedelta(hours=hours)
        home.footage.put(ChunkName("kitchen", start).key, paint(tmp_path / "clip.mp4", 2, start=start))
    taken = take(home, "kitchen", TODAY)
    assert taken.source == "its footage of 2026-03-09 13:00"  # 12:00 UTC in Berlin
    assert "nobody answers" in taken.warning


def test_neither_is_told_with_a_remedy(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  kitchen: {}\n  hall:\n    url: rtsp://127.0.0.1:1/live\n")
    with pytest.raises(FootageError, match="kitchen has no `url` and no footage; import some: catml import FILE"):
        take(home, "kitchen", TODAY)
    with pytest.raises(FootageError, match=r"nobody answers .* and it has no footage yet"):
        take(home, "hall", TODAY)
    with pytest.raises(WrongUse, match="it has: kitchen, hall"):
        take(home, "cellar", TODAY)


def test_old_footage_is_found_by_the_ledger(home_factory: HomeFactory) -> None:
    home = home_factory()
    assert newest_chunk(home, "kitchen", TODAY) is None
    long_ago = dt.datetime(2024, 6, 1, 12, tzinfo=UTC)
    home.footage.write(ChunkName("kitchen", long_ago).key, b"x")
    record(home.tables, "kitchen", [Span(long_ago, long_ago + dt.timedelta(minutes=5))], home.zone)
    found = newest_chunk(home, "kitchen", TODAY)
    assert found is not None and found[0].start == long_ago
    assert newest_chunk(home, "hall", TODAY) is None


@pytest.mark.parametrize(("height", "width"), [(240, 320), (1600, 1200), (1080, 1920)])
def test_the_frame_keeps_its_shape(height: int, width: int) -> None:
    framed = with_grid(grey(height, width), Camera())
    tall, wide = framed.shape[0] - 2 * MARGIN, framed.shape[1] - 2 * MARGIN
    assert max(tall, wide) == LONGEST and wide / tall == pytest.approx(width / height, rel=0.002)


def test_lines_and_zones_lie_where_the_labels_say() -> None:
    camera = Camera(zones={"food_bowl": [[0.2, 0.6], [0.4, 0.6], [0.4, 0.8], [0.2, 0.8]]})
    plain, drawn = (with_grid(grey(960, 1280), each)[MARGIN:-MARGIN, MARGIN:-MARGIN] for each in (Camera(), camera))
    brightness = plain.astype(int).mean(2)
    for tenth in range(1, 10):  # a line at each tenth, none in between
        assert abs(brightness[40, 128 * tenth] - 128) > 20 and abs(brightness[40, 128 * tenth - 64] - 128) < 3
        assert abs(brightness[96 * tenth, 40] - 128) > 20 and abs(brightness[96 * tenth - 48, 40] - 128) < 3
    changed = np.abs(drawn.astype(int) - plain).max(2) > 20
    rows, columns = np.nonzero(changed)
    # In pixels of 1280 x 960: x 256 to 512, y 576 to 768, and the width of its line.
    assert (columns.min(), columns.max()) == pytest.approx((256, 512), abs=3)
    assert (rows.min(), rows.max()) == pytest.approx((576, 768), abs=3)


def test_the_file_is_a_png(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.png"
    path.write_bytes(as_png(with_grid(grey(240, 320), Camera())))
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (960 + 2 * MARGIN, 1280 + 2 * MARGIN, 3) and (picture[0, 0] == 255).all()
