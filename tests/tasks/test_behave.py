"""Stage `behave`: moments from the tables, and a classifier of one layer whose answer is known."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from home.folder import Home, open_home
from home.look import BEHAVIOURS
from home.nested import array_of, column_of
from home.tables import DETECTIONS, FRAMES, MOMENTS, POSES
from models.behaviour.bout_model import read_bout_model
from tasks.behave import behave
from tasks.moments import moments_of, sorted_samples
from tests.plain import PLAIN

DATE = dt.date(2026, 3, 1)
NOON = pd.Timestamp("2026-03-01T12:00:00Z")
ASKED = ["stirring", "food_bowl_of_box", "look_0"]


def classifier(folder: Path, temperature: float = 1.0) -> None:
    """Eating by how much of the box is bowl, sleeping where no bowl is known, else other; the look adds to playing."""
    folder.mkdir()
    weights = np.zeros((6, 8), np.float32)
    weights[1, BEHAVIOURS_OF["eating"]] = 9  # the value of food_bowl_of_box
    weights[4, BEHAVIOURS_OF["sleeping"]] = -9  # whether it is known
    weights[2, BEHAVIOURS_OF["playing"]] = 20  # the value of look_0
    bias = np.zeros(8, np.float32)
    bias[[BEHAVIOURS_OF["sleeping"], BEHAVIOURS_OF["other"]]] = 5, 2
    nodes = [helper.make_node("Gemm", ["moments", "weights", "bias"], ["logits"])]
    values = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")]
    inputs = [helper.make_tensor_value_info("moments", TensorProto.FLOAT, ["n", 6])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 8])]
    graph = helper.make_graph(nodes, "one layer", inputs, outputs, values)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "b.onnx")
    described = {"name": "one layer", "evidence": ASKED, "behaviours": list(BEHAVIOURS), "temperature": temperature}
    (folder / "model.json").write_text(json.dumps(described))


BEHAVIOURS_OF = {name: place for place, name in enumerate(BEHAVIOURS)}


def opened(root: Path, bowl: bool = True, **more: str) -> Home:
    zones = "\n    zones: {food_bowl: [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]}" if bowl else " {}"
    (root / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  kitchen:{zones}\n")
    return open_home(root, {"behave.model": "behaviour/b.onnx", **more})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two cats, three samples: one in the left half, where the bowl is, one in the right; the first has bursts."""
    classifier(tmp_path / "behaviour")
    home = opened(tmp_path, **{"pose.model": "pose.onnx"})
    times = [NOON + pd.Timedelta(seconds=second) for second in (0, 5, 10)]
    frames = pd.DataFrame({"ts": times, "camera": "kitchen", "chunk": "kitchen/c.mp4", "offset_s": [0.0, 5.0, 10.0]})
    frames = frames.assign(keyframe=True, movement=[0.0, 0.2, 0.2], kept=True, moved=b"")
    home.tables.write(FRAMES, frames, DATE, "kitchen", "frames")
    seen = frames[["ts", "camera", "chunk", "offset_s"]].merge(pd.DataFrame({"track_id": [1, 2]}), how="cross")
    seen["x1"] = np.where(seen["track_id"] == 1, 0.1, 0.7)
    seen = seen.assign(x2=seen["x1"] + 0.2, y1=0.4, y2=0.6, burst=False, confidence=0.9, cat="unknown")
    seen = seen.assign(cat_confidence=0.0).assign(**{"class": "cat"})
    home.tables.write(DETECTIONS, seen, DATE, "kitchen", "detections")
    own = seen[["ts", "camera", "chunk", "offset_s", "track_id", "burst", "x1", "y1", "x2", "y2"]]
    first = own[(own["track_id"] == 1) & (own["offset_s"] > 0)]
    later = pd.concat([shifted(first, seconds) for seconds in (0.2, 0.4)] + [shifted(first.iloc[:1], 0.6)])
    poses = pd.concat([own, later.assign(burst=True)]).sort_values(["ts", "track_id"]).reset_index(drop=True)
    points = np.full((len(poses), 20, 3), 0.5)
    points[:, 0, 0] = poses["offset_s"] / 100  # so that it can be told which row a moment took
    poses["keypoints"] = column_of(points)
    poses["look"] = [[] if burst else [0.0, 1.0] for burst in poses["burst"]]
    poses["coat"] = [[] for _ in poses["burst"]]
    home.tables.write(POSES, poses, DATE, "kitchen", "poses")
    return home


def shifted(rows: pd.DataFrame, seconds: float) -> pd.DataFrame:
    return rows.assign(ts=rows["ts"] + pd.Timedelta(seconds=seconds), offset_s=rows["offset_s"] + seconds)


def test_a_moment_is_a_sample_with_the_burst_after_it(home: Home) -> None:
    samples = sorted_samples(home.tables.read(DETECTIONS, DATE, "kitchen"))
    frames, poses = (home.tables.read(table, DATE, "kitchen") for table in (FRAMES, POSES))
    moments = moments_of(samples, frames, poses, 4 / 3)
    assert moments.track.tolist() == [1, 1, 1, 2, 2, 2]
    assert moments.keypoints is not None and moments.burst_s is not None and moments.burst_keypoints is not None
    assert moments.keypoints[:, 0, 0] == pytest.approx([0, 0.05, 0.1] * 2)
    nan = np.nan
    expected = [[nan] * 3, [0.2, 0.4, 0.6], [0.2, 0.4, nan], *[[nan] * 3] * 3]
    assert moments.burst_s == pytest.approx(np.array(expected), nan_ok=True)
    assert moments.burst_keypoints[1, :, 0, 0] == pytest.approx([0.052, 0.054, 0.056])
    assert moments.looks is not None and moments.looks.shape == (6, 2)
    bare = moments_of(samples, frames, POSES.empty(), 4 / 3)
    assert bare.keypoints is None and bare.burst_s is None and bare.looks is None


def test_the_classifier_is_asked_of_every_moment(home: Home) -> None:
    facts = behave(home, DATE, "kitchen").facts
    assert facts == {"moments": 6, "with_pose": 6, "model": "one layer", "compared": []}
    moments = home.tables.read(MOMENTS, DATE, "kitchen")
    # The left cat covers the bowl with all of its box, the right one with none of it; the zone is known for both.
    assert moments["behaviour"].tolist() == ["eating", "other"] * 3
    assert moments[[f"p_{name}" for name in BEHAVIOURS]].sum(axis=1).to_numpy() == pytest.approx(np.ones(6), abs=1e-5)
    assert moments["confidence"].iloc[0] == pytest.approx(
        np.exp(9) / (np.exp(9) + np.exp(2) + np.exp(-4) + 5), rel=1e-3
    )
    assert ((moments["end"] - moments["start"]).dt.total_seconds()).tolist() == pytest.approx([0, 0, 0.6, 0, 0.4, 0])


def test_what_is_not_known_is_told_as_not_known(home: Home) -> None:
    """Without a zone its value is 0, as where the cat is beside the bowl: the mask is what tells them apart."""
    behave(opened(home.root, bowl=False), DATE, "kitchen")
    assert set(home.tables.read(MOMENTS, DATE, "kitchen")["behaviour"]) == {"sleeping"}


def test_a_higher_temperature_is_less_sure_of_the_same(home: Home) -> None:
    behave(home, DATE, "kitchen")
    sure = home.tables.read(MOMENTS, DATE, "kitchen")
    (home.root / "warm").mkdir()
    (home.root / "warm" / "b.onnx").write_bytes((home.root / "behaviour" / "b.onnx").read_bytes())
    described = json.loads((home.root / "behaviour" / "model.json").read_text())
    (home.root / "warm" / "model.json").write_text(json.dumps({**described, "temperature": 4.0}))
    warm = opened(home.root, **{"behave.model": "warm/b.onnx", "pose.model": "pose.onnx"})
    assert not behave(warm, DATE, "kitchen").skipped
    less = home.tables.read(MOMENTS, DATE, "kitchen")
    assert less["behaviour"].tolist() == sure["behaviour"].tolist()
    assert (less["confidence"] < sure["confidence"]).all()


def test_it_works_without_poses_and_is_skipped_where_nothing_changed(home: Home) -> None:
    bare = opened(home.root, **{"pose.model": PLAIN["pose.model"]})
    assert behave(bare, DATE, "kitchen").facts["with_pose"] == 0
    assert behave(bare, DATE, "kitchen").skipped
    assert home.tables.read(MOMENTS, DATE, "kitchen")["comfort"].isna().all(), "no pose, no comfort"
    assert not behave(home, DATE, "kitchen").skipped, "with a pose network there is more to go by"


def test_without_a_classifier_it_is_left_out(home: Home) -> None:
    outcome = behave(open_home(home.root, PLAIN), DATE, "kitchen")
    assert str(outcome) == "behave 2026-03-01 kitchen: left out: params.yaml names no behave.model"


def test_nested_columns_are_the_array_they_were_made_of() -> None:
    array = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    assert np.array_equal(array_of(column_of(array), (2, 3)), array)
    with pytest.raises(ValueError, match=r"4 cells hold 24 numbers, expected \[2, 2\] each"):
        array_of(column_of(array), (2, 2))


def test_what_was_learned_from_chosen_moments_is_told_with_the_shares_of_a_life(home: Home) -> None:
    """A network that saw as much scratching as sleep says how likely each is where cats mostly sleep."""
    behave(home, DATE, "kitchen")
    plain = home.tables.read(MOMENTS, DATE, "kitchen")
    classifier(home.root / "chosen")
    file = home.root / "chosen" / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"share": [1 / 8] * 8}))
    told = behave(opened(home.root, **{"pose.model": "pose.onnx", "behave.model": "chosen/b.onnx"}), DATE, "kitchen")
    assert not told.skipped
    weighed = home.tables.read(MOMENTS, DATE, "kitchen")
    life = read_bout_model()
    share = dict(zip(life.behaviours, life.share, strict=True))
    odds = (weighed["p_scratching"] / weighed["p_sleeping"]) / (plain["p_scratching"] / plain["p_sleeping"])
    assert odds.to_numpy() == pytest.approx(share["scratching"] / share["sleeping"], rel=1e-3)
