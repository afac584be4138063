"""Stage `pose` on rendered and painted footage, with networks of a few lines: they find the brightest thing there is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from home.folder import Home, open_home
from home.nested import array_of
from home.tables import DETECTIONS, POSES
from models.coat import COAT
from tasks.detect import detect
from tasks.extract import extract
from tasks.manifest import manifest
from tasks.pose import pose
from tasks.sample_pictures import path_of
from tests.clips import Place, paint_chunk, walking
from tests.models.detector.networks import brightest_detector
from tests.models.pose.networks import brightest_pose
from tests.plain import PLAIN

DATE = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SIDE = 64
DESCRIBED = (
    '{"name": "brightest", "input_size": 64, "classes": ["cat"], "output": "end2end", "colour": "rgb", "levels": 1,'
    ' "mode": "fast", "default": false, "metric": {}, "fingerprint": ""}'
)


def lies(_: float) -> float:
    """A square that is there and does not move."""
    return 0.4


def resting(seconds: float) -> float:
    """A square that lies for half a minute, then walks."""
    return 0.1 if seconds < 30 else 0.1 + (seconds - 30) / 40


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A kitchen whose detector and pose network see the brightest 8 x 8 cell of 64 x 64."""
    (tmp_path / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen: {}\n")
    (tmp_path / "detector").mkdir()
    (tmp_path / "pose").mkdir()
    brightest_detector(tmp_path / "detector" / "detector.onnx", SIDE)
    (tmp_path / "detector" / "model.json").write_text(DESCRIBED)
    brightest_pose(tmp_path / "pose" / "pose.onnx")
    return turned(tmp_path)


def turned(root: Path, **more: str) -> Home:
    options = {name.replace("__", "."): value for name, value in more.items()}
    model = {"pose.model": "pose/pose.onnx", "detect.model": "detector/detector.onnx"}
    return open_home(root, {**model, "detect.runtime": "onnxruntime", "pose.runtime": "onnxruntime", **options})


def filmed(home: Home, place: Place, seconds: float = 20, **options: object) -> None:
    paint_chunk(home.root / "data" / "footage", "kitchen", NOON, seconds, place, **options)
    manifest(home, DATE)
    extract(home, DATE, "kitchen")
    detect(home, DATE, "kitchen")


def test_a_moving_animal_has_a_pose_on_every_frame_of_its_bursts(home: Home) -> None:
    filmed(home, walking)
    facts = pose(home, DATE, "kitchen").facts
    poses = home.tables.read(POSES, DATE, "kitchen")
    # Samples at 0, 5, 10 and 15 s, bursts of 2 s at 5 fps; on the first sample nothing is known to move yet.
    assert (facts["samples"], facts["bursts"], len(poses)) == (4, 3, 4 + 3 * 10)
    bursts = poses[poses["burst"]]
    assert sorted(set(bursts["offset_s"].round(1))) == pytest.approx(
        [at + n / 5 for at in (5, 10, 15) for n in range(1, 11)]
    )
    assert (poses["ts"] == [NOON + dt.timedelta(seconds=float(offset)) for offset in poses["offset_s"]]).all()
    # The square is where `walking` says, on frames of the bursts as on samples: 0.19 wide, found to a cell of an eighth.
    middle = np.array([walking(offset) for offset in poses["offset_s"]]) + 0.09
    assert (poses["x1"] + poses["x2"]).to_numpy() / 2 == pytest.approx(middle, abs=0.13)
    joints = array_of(poses["keypoints"], (20, 3))
    assert np.abs(joints[:, 0, 0] - middle).max() < 0.13 and joints[:, :, 2].min() > 0.8
    assert poses["track_id"].nunique() == 1
    assert [len(look) for look in poses["look"]] == [0 if burst else 3 for burst in poses["burst"]]
    assert [len(coat) for coat in poses["coat"]] == [0 if burst else COAT for burst in poses["burst"]]


def test_an_animal_that_lies_still_costs_one_look_a_sample(home: Home) -> None:
    filmed(home, lies)
    samples = home.tables.read(DETECTIONS, DATE, "kitchen")
    assert pose(home, DATE, "kitchen").facts["bursts"] == 0
    poses = home.tables.read(POSES, DATE, "kitchen")
    assert poses["offset_s"].tolist() == samples["offset_s"].tolist()


def test_a_burst_begins_when_the_animal_does(home: Home) -> None:
    filmed(home, resting, seconds=60)
    pose(home, DATE, "kitchen")
    poses = home.tables.read(POSES, DATE, "kitchen")
    assert poses.loc[poses["burst"], "offset_s"].min() == pytest.approx(35.2)


def test_a_burst_ends_at_the_end_of_the_chunk_and_where_the_next_begins(home: Home) -> None:
    short = turned(home.root, extract__sample_period_s="1", pose__burst_s="2")
    filmed(short, walking, seconds=6.4, gop_s=1)
    pose(short, DATE, "kitchen")
    offsets = short.tables.read(POSES, DATE, "kitchen")["offset_s"].round(1).tolist()
    # Every frame from the first movement to the last frame at 6.2 s, each once.
    assert offsets == pytest.approx([0.0, *np.arange(1, 6.3, 0.2)])


def test_motion_jpeg_has_bursts_too(home: Home) -> None:
    filmed(home, walking, codec="mjpeg", fps=4)
    pose(home, DATE, "kitchen")
    poses = home.tables.read(POSES, DATE, "kitchen")
    # Five frames a second are asked for and four are there: none is looked at twice.
    assert poses["offset_s"].is_unique and len(poses) == 4 + 3 * 8


def test_it_is_read_once_and_again_when_the_model_changes(home: Home) -> None:
    filmed(home, walking)
    first = pose(home, DATE, "kitchen")
    content = home.tables.store.read(POSES.key(DATE, "kitchen"))
    assert not first.skipped and pose(home, DATE, "kitchen").skipped
    assert pose(home, DATE, "kitchen", force=True).facts == first.facts
    assert home.tables.store.read(POSES.key(DATE, "kitchen")) == content, "same bytes"
    assert not pose(turned(home.root, pose__burst_s="1"), DATE, "kitchen").skipped


def test_the_kept_pictures_change_nothing_and_are_gone_when_it_has_looked(home: Home) -> None:
    filmed(home, lies, size=(1280, 960))
    assert path_of(home, DATE, "kitchen").exists(), "detect leaves them"
    pose(home, DATE, "kitchen")
    with_them = home.tables.store.read(POSES.key(DATE, "kitchen"))
    assert not path_of(home, DATE, "kitchen").exists()
    pose(home, DATE, "kitchen", force=True)
    assert home.tables.store.read(POSES.key(DATE, "kitchen")) == with_them


def test_without_a_model_it_is_left_out_and_says_so(home: Home) -> None:
    none = open_home(home.root, {**PLAIN, "detect.model": "detector/detector.onnx"})
    filmed(none, walking)
    outcome = pose(none, DATE, "kitchen")
    assert str(outcome) == "pose 2026-03-01 kitchen: left out: params.yaml names no pose.model"
    assert outcome.skipped and none.tables.store.find(POSES.key(DATE, "kitchen")) is None
    assert not path_of(none, DATE, "kitchen").exists(), "nobody else would delete them"
