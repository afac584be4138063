"""The pictures that `extract` keeps for `detect` and `pose` save time and change nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from home.folder import Home, open_home
from home.tables import DETECTIONS, FRAMES
from home.video import frames_at
from simulate.home import simulate_home
from tasks.detect import detect
from tasks.extract import extract
from tasks.manifest import manifest
from tasks.pose import pose
from tasks.sample_pictures import LONGEST, compressed, path_of, picture
from tests.clips import paint

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DATE = START.date()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A minute of one camera, larger than what is kept of it, through `extract`."""
    root = tmp_path_factory.mktemp("pictures")
    made = simulate_home(root / "data" / "footage", START, 1, seed=3, cameras=1, size=(960, 540))
    (root / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  {next(iter(made.cameras))}: {{}}\n")
    home = open_home(root, {"extract.sample_period_s": "2"})
    manifest(home, DATE)
    extract(home, DATE, camera_of(home))
    return home


def camera_of(home: Home) -> str:
    return next(iter(home.config.cameras))


def detections(home: Home) -> bytes:
    detect(home, DATE, camera_of(home), force=True)
    return home.tables.store.read(DETECTIONS.key(DATE, camera_of(home)))


def test_detections_are_the_same_without_them_and_pose_deletes_them(seen: Home) -> None:
    path = path_of(seen, DATE, camera_of(seen))
    frames = seen.tables.read(FRAMES, DATE, camera_of(seen))
    assert path.stat().st_size > frames["kept"].sum() * 1000, "it holds a picture for each kept sample"
    with_pictures = detections(seen)
    assert len(seen.tables.read(DETECTIONS, DATE, camera_of(seen))) > 5, "there is a cat in it"
    assert path.exists(), "`pose` looks at them too"
    pose(seen, DATE, camera_of(seen))
    assert not path.exists()
    assert detections(seen) == with_pictures


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken"])
def test_a_damaged_file_of_pictures_is_passed_over(seen: Home, content: bytes) -> None:
    before = detections(seen)
    path_of(seen, DATE, camera_of(seen)).write_bytes(content)
    assert detections(seen) == before


def test_pictures_of_other_frames_are_not_looked_at(seen: Home) -> None:
    before = detections(seen)
    other = open_home(seen.root, {"extract.sample_period_s": "2", "extract.heartbeat_s": "30"})
    extract(other, DATE, camera_of(seen), force=True)
    pictures = path_of(seen, DATE, camera_of(seen)).read_bytes()
    extract(seen, DATE, camera_of(seen), force=True)
    path_of(seen, DATE, camera_of(seen)).write_bytes(pictures)
    assert detections(seen) == before


def test_the_same_frames_give_the_same_file(seen: Home) -> None:
    path, twice = path_of(seen, DATE, camera_of(seen)), []
    for _ in range(2):
        extract(seen, DATE, camera_of(seen), force=True)
        twice.append(path.read_bytes())
    assert twice[0] == twice[1]


def test_what_is_kept_of_a_frame_is_what_is_decoded_again(tmp_path: Path) -> None:
    clip = paint(tmp_path / "wide.mp4", 2, size=(1280, 720))
    frame = next(frames_at(str(clip), [0.0]))
    small = picture(frame, 320)
    assert small.shape == (360, LONGEST, 3), "a smaller detector scales it itself"
    assert np.array_equal(small, picture(compressed(frame.reduced(LONGEST)), 320))
    full = picture(frame, 1280)
    assert full.shape == (720, 1280, 3), "a larger detector sees more than what is kept"


def test_a_jpeg_camera_needs_no_second_jpeg(tmp_path: Path) -> None:
    clip = paint(tmp_path / "esp.mp4", 2, size=(1280, 720), codec="mjpeg")
    frame = next(frames_at(str(clip), [0.0]))
    assert np.array_equal(picture(frame, LONGEST), frame.rgb(LONGEST))
