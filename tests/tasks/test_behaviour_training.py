"""From drawn homes to a behaviour network: moments with their truth, zones in wrong places, and a file the night can ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.behaviour_params import BehaviourPrepareParams, BehaviourTrainParams
from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from home.folder import PROJECT
from home.store import write_file
from models.behaviour.classifier import BehaviourReader
from models.behaviour.figures import confusion, expected_calibration_error, macro_f1
from models.detector.description import fingerprint_of
from models.drift import read_trained
from tasks.behaviour_prepare import homes_of, photos_of
from tasks.behaviour_train import behaviour_train
from tasks.drilled import Drilled, read_drilled, write_drilled
from tasks.photographed import Photographed
from tests.models.pose.networks import brightest_pose

NAMES = ("size", "food_bowl_of_zone", "nod_hz", "look_0")


def test_a_drawn_home_is_read_by_the_night_and_its_truth_is_known(tmp_path: Path) -> None:
    pose = brightest_pose(tmp_path / "pose.onnx")
    ways = (("sleeping", "curled"), ("eating", None))
    write_drilled(tmp_path / "a.npz", 5, pose, (10, 12), ways=ways)
    home = read_drilled(tmp_path / "a.npz")
    assert len(home.names) == home.values.shape[1] and home.names[-3:] == ("look_0", "look_1", "look_2")
    told = {BEHAVIOURS[k] for k in home.truth}
    assert told <= {"sleeping", "eating", "other"} and len(told) > 1, "two ways, and walks in between"
    rows, moments = len(home.truth), len(set(home.moment.tolist()))
    assert rows == 3 * moments and home.right.sum() == moments
    # The same look with the zones elsewhere: nothing but what is said of zones differs.
    zones = np.array([name.startswith(("food_bowl", "litter_box", "bed", "scratching_post")) for name in home.names])
    own, other = home.values[home.right], home.values[~home.right][:moments]
    assert np.array_equal(own[:, ~zones], other[:, ~zones]) and not np.array_equal(own[:, zones], other[:, zones])


def made(path: Path, seed: int, leave_out: str = "") -> None:
    """A home of which nodding tells all that is to be told, and zones what is mostly right."""
    rng = np.random.default_rng(seed)
    truth = np.array([k for k in range(len(BEHAVIOURS)) if BEHAVIOURS[k] != leave_out]).repeat(20)
    values = np.stack(
        [rng.normal(size=len(truth)), truth == 1, truth + rng.normal(0, 0.2, len(truth)), truth * 0], axis=1
    )
    right = np.ones(len(truth), bool)
    home = Drilled(
        NAMES,
        values.astype(np.float32),
        np.ones(values.shape, bool),
        truth,
        np.arange(len(truth)),
        truth % 2 == 0,
        right,
    )
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **vars(home))


@pytest.fixture
def prepared(tmp_path: Path) -> BehaviourPrepareParams:
    params = BehaviourPrepareParams(homes=3, held_out=2, folder=str(tmp_path / "moments"))
    for number, file in enumerate([file for part in homes_of(params) for file in part]):
        made(file, number)
    return params


def test_a_network_is_trained_measured_on_other_homes_and_can_be_asked(
    prepared: BehaviourPrepareParams, tmp_path: Path
) -> None:
    params = BehaviourTrainParams(hidden=32, looks=2, epochs=40, batch=64, rate=0.01, folder=str(tmp_path / "out"))
    figures = behaviour_train(params, prepared)
    assert figures["macro_f1"] > 0.9 and figures["homes"] == 1 and figures["moments"] == 160
    reader = BehaviourReader.load(tmp_path / "out" / "behaviour.onnx")
    assert reader.description.metric == figures and reader.description.share == [1 / 8] * 8
    trained = read_trained(tmp_path / "out" / "looks.npz")
    assert trained.looks.shape == (480, 1), "all moments of the homes learned from, each once"
    assert trained.network == fingerprint_of(PROJECT / prepared.pose)[:16]
    first = (tmp_path / "out" / "behaviour.onnx").read_bytes()
    behaviour_train(params, prepared)
    assert (tmp_path / "out" / "behaviour.onnx").read_bytes() == first
    assert not list(tmp_path.glob("out.part*"))


def test_photos_teach_and_are_measured_by_networks_that_did_not_see_them(
    prepared: BehaviourPrepareParams, tmp_path: Path
) -> None:
    """What photos show is told by `look_0` alone, of which the homes say nothing; a part of them is labelled at random."""
    prepared = prepared.model_copy(update={"photos": ["photos"]})
    training = BehaviourTrainParams(
        hidden=16, epochs=60, photos=1.0, missing_looks=0.0, folder=str(tmp_path / "export")
    )
    with pytest.raises(WrongUse, match=r"no photos at .*behaviour_prepare"):
        behaviour_train(training, prepared)
    rng = np.random.default_rng(1)
    truth = np.tile([0, 1, 6, 7], 25)
    values = np.zeros((100, len(NAMES)), np.float32)
    values[:, 3] = truth / 7 + rng.normal(0, 0.02, 100)
    known = np.zeros(values.shape, bool)
    known[:, 3] = True
    fold = np.arange(100) // 4 % 5
    values[fold == 4, 3] = rng.permutation(values[fold == 4, 3])
    file = photos_of(prepared)
    assert file is not None
    file.parent.mkdir()
    listed, view = np.arange(100) >= 80, np.zeros(100, int)
    view[60:80] = 1
    photographed = Photographed(NAMES, values, known, truth, fold, np.ones(100, bool), listed, view)
    np.savez_compressed(file, **vars(photographed))
    figures = behaviour_train(training, prepared)
    card = (tmp_path / "export" / "README.md").read_text()
    assert figures["listed"] == 20 and "20 cats in other pictures" in card  # views of a photo are not measured
    assert "none of which is part of it: not stated" in card
    assert figures["photos"] == 60 and figures["photos_macro_f1_low"] < figures["photos_macro_f1"] < 0.97
    assert figures["photos_macro_f1"] > 0.5  # a quarter by chance, and for one part of five nothing better


def test_what_cannot_be_trained_is_told(prepared: BehaviourPrepareParams, tmp_path: Path) -> None:
    params = BehaviourTrainParams(epochs=1, folder=str(tmp_path / "out"))
    with pytest.raises(WrongUse, match=r"held_out: found 1"):
        behaviour_train(params, prepared.model_copy(update={"held_out": 1}))
    with pytest.raises(WrongUse, match=r"no moments at .*home-1005.*behaviour_prepare"):
        behaviour_train(params, prepared.model_copy(update={"held_out": 3}))
    for file in homes_of(prepared)[0]:
        write_file(file, b"")
        file.unlink()
        file.parent.rmdir()
        made(file, 1, leave_out="scratching")
    with pytest.raises(WrongUse, match="no moment of scratching"):
        behaviour_train(params, prepared)
    assert not (tmp_path / "out").exists()


def test_figures_are_those_that_can_be_counted_by_hand() -> None:
    truth, found = np.array([0, 0, 1, 1, 1, 2]), np.array([0, 1, 1, 1, 0, 2])
    assert confusion(truth, found, 3).tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 1]]
    assert macro_f1(truth, found) == pytest.approx((2 / 4 + 4 / 6 + 1) / 3)
    sure = np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.65, 0.35]])
    # Half of those at 0.95 are right, and half of those at 0.65.
    assert expected_calibration_error(np.array([0, 1, 0, 1]), sure) == pytest.approx((0.45 + 0.15) / 2)
