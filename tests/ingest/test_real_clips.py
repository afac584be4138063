"""Real clips of real cats go in by stream copy, frame for frame; skipped where the data is not there."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from home.folder import Home
from home.video import still
from ingest.existing import import_footage
from tests.ingest.film import START

CLIPS = Path(__file__).resolve().parents[3] / "shared/data/video"
pytestmark = pytest.mark.skipif(
    not CLIPS.is_dir(), reason="../shared/data/video is not there: real clips are not tested"
)


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


# HEVC with B-frames, an edit list and 1/600 s ticks; a phone that was turned; pixels that are not square; a late start.
@pytest.mark.parametrize(
    ("name", "turned"),
    [
        ("cattree_sssseven", 0),
        ("meowter_my_cat", -90),
        ("handfeed_white_mstryjek", 0),
        ("eat_feedercam_vitortoniolo", 0),
        ("play_curtain_loftr", 0),
    ],
)
def test_frame_for_frame(cats_home: Home, name: str, turned: int) -> None:
    clip = CLIPS / f"{name}.mp4"
    report = import_footage(cats_home, [clip], "kitchen", START)
    assert (report.exit_status, report.warnings) == (0, [])
    assert cats_home.footage.folder is not None
    chunks = [cats_home.footage.folder / key for key in report.written]
    assert sum(frames(chunk) for chunk in chunks) == frames(clip)
    with av.open(str(clip)) as before, av.open(str(chunks[0])) as after:
        first, copied = next(before.decode(video=0)), next(after.decode(video=0))
        assert copied.pts == 0
        assert round(copied.rotation) == turned
        assert (first.to_ndarray(format="gray") == copied.to_ndarray(format="gray")).all()
        assert after.streams.video[0].sample_aspect_ratio == before.streams.video[0].sample_aspect_ratio


def test_a_turned_phone_is_seen_upright(cats_home: Home) -> None:
    (key,) = import_footage(cats_home, [CLIPS / "meowter_my_cat.mp4"], "kitchen", START).written
    assert still(cats_home.footage.open(key), 0).shape == (1280, 720, 3)
