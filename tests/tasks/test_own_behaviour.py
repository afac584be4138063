"""Owners' corrections become a better network: it is compared, waits, is put in place, and can be taken back."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import catml
from home.behaviour_params import BehaviourPrepareParams, BehaviourTrainParams
from home.champion import champion_folder, read_standing
from home.clock import UTC
from home.corrections import Correction, add
from home.ethogram import BEHAVIOURS
from home.folder import Home, open_home
from home.nested import column_of
from home.tables import DETECTIONS, FRAMES, MOMENTS, POSES
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import Evidence
from models.behaviour.replay import PARTS, read_replay
from models.behaviour.tune import restored
from tasks.behave import behave
from tasks.behaviour_prepare import homes_of
from tasks.behaviour_train import behaviour_train
from tasks.drilled import Drilled
from tests.tasks.lived import DATE, Stay, at, lived

NOW = dt.datetime(2026, 3, 3, 9, tzinfo=UTC)
NAMES = ("tall", *(f"look_{number}" for number in range(10)))
TRACKS, OWN = 40, 9  # tracks of this home; the last number of a look is 1 for the cat that lives here
SLEEPING, GROOMING, EATING = (BEHAVIOURS.index(name) for name in ("sleeping", "grooming", "eating"))


def look(kinds: np.ndarray, rng: np.random.Generator, lives_here: bool) -> np.ndarray:
    """What a cat looks like `[N, 10]`: one number of eight says what it does, the ninth says nothing."""
    looks = rng.normal(0, 0.3, (len(kinds), 10))
    looks[np.arange(len(kinds)), kinds] += 3
    looks[:, OWN] = 3 * lives_here
    return looks


def drawn(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.arange(len(BEHAVIOURS)).repeat(20)
    values = np.column_stack([rng.normal(size=len(truth)), look(truth, rng, False)])
    # Cats of drawn homes look like ours here and there, and it means nothing.
    values[:, 1 + OWN] = 3 * (rng.random(len(truth)) < 0.1)
    known, right = np.ones(values.shape, bool), np.ones(len(truth), bool)
    path.parent.mkdir(parents=True)
    home = Drilled(NAMES, values.astype(np.float32), known, truth, np.arange(len(truth)), truth % 2 == 0, right)
    np.savez_compressed(path, **vars(home))


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a network that was trained on drawn homes, with its replay."""
    root = tmp_path_factory.mktemp("network")
    prepared = BehaviourPrepareParams(homes=3, held_out=2, folder=str(root / "moments"))
    for number, file in enumerate([file for part in homes_of(prepared) for file in part]):
        drawn(file, number)
    params = BehaviourTrainParams(
        hidden=24, looks=8, epochs=30, batch=64, rate=0.01, missing_looks=0.1, folder=str(root / "out")
    )
    behaviour_train(params, prepared)
    return root / "out"


@pytest.fixture
def home(tmp_path: Path, network: Path) -> Home:
    """Forty tracks of a cat: every second one sleeps, the others look as if they did and groom themselves."""
    stays = [Stay("kitchen", n + 1, at(n / 2), at(n / 2) + dt.timedelta(minutes=8), "sleeping") for n in range(TRACKS)]
    home = lived(tmp_path, stays)
    shutil.copytree(network, tmp_path / "network")
    (tmp_path / "params.yaml").write_text('behave: {model: "network/behaviour.onnx"}\npose: {model: "pose.onnx"}\n')
    rng = np.random.default_rng(7)
    for date in home.tables.dates(DETECTIONS):
        rows = home.tables.read(DETECTIONS, date, "kitchen")
        frames = rows[["ts", "camera", "chunk", "offset_s"]].assign(keyframe=True, movement=0.0, kept=True, moved=b"")
        home.tables.write(FRAMES, frames, date, "kitchen", "frames")
        poses = rows[["ts", "camera", "track_id", "chunk", "offset_s", "burst", "x1", "y1", "x2", "y2"]].copy()
        poses["keypoints"] = column_of(np.full((len(rows), 20, 3), 0.5))
        # Grooming has a look of its own here: it lies like sleep, and the look of eating shows through.
        looks = look(np.full(len(rows), SLEEPING), rng, lives_here=True)
        looks[rows["track_id"] % 2 == 0, EATING] += 2.5
        poses["look"] = list(looks.astype(np.float32))
        poses["coat"] = [[] for _ in looks]
        home.tables.write(POSES, poses, date, "kitchen", "poses")
    return open_home(tmp_path)


def say(home: Home, what: Callable[[int], str], tracks: int = TRACKS) -> None:
    """A correction for each track, as `catml correct kitchen/DATE/TRACK` keeps it."""
    said = []
    for n in range(tracks):
        start = at(n / 2)
        end = start + dt.timedelta(minutes=8)
        said.append(Correction(NOW, "track", "kitchen", start, end, n + 1, "behaviour", what(n + 1), "sleeping", "ann"))
    add(home.database, said)


def truly(track: int) -> str:
    return "grooming" if track % 2 == 0 else "sleeping"


@pytest.fixture
def call(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def called(*words: str, status: int = 0) -> str:
        monkeypatch.setattr("sys.argv", ["catml", *words, "--home", str(home.root)])
        with pytest.raises(SystemExit) as ended:
            catml.main()
        assert (ended.value.code or 0) == status
        out, err = capsys.readouterr()
        return err if status else out

    return called


def night(home: Home) -> pd.Series:
    """What the night says most of each track."""
    behave(home, DATE, "kitchen")
    moments = home.tables.read(MOMENTS, DATE, "kitchen")
    return moments.groupby("track_id")["behaviour"].agg(lambda names: names.mode().iloc[0])


def test_a_better_network_waits_is_put_in_place_and_taken_back(home: Home, call: Callable[..., str]) -> None:
    assert set(night(home)) == {"sleeping"}, "what the first training could not know"
    before = (home.root / "data/tables" / MOMENTS.key(DATE, "kitchen")).read_bytes()
    say(home, truly)
    told = json.loads(call("train", "behaviour", "--json"))
    assert told["better"] and told["waiting"] and not told["in_place"], told["why"]
    assert told["own"]["after"] > 0.9 and told["own"]["before"] < 0.7 and told["own"]["p"] < 0.05
    assert behave(home, DATE, "kitchen").skipped, "the old one is still in place"
    folder = champion_folder(home) / told["name"]
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert set(kept) == {"behaviour.onnx", "model.json", "metadata.json"}
    sides = json.loads(kept["metadata.json"])["moments"]
    learned, held = (set(sides[side]["corrections"]) for side in ("learn", "held_out"))
    assert not learned & held and learned | held == set(range(1, TRACKS + 1)) and len(held) == told["own"]["groups"]
    assert sum(sides["learn"]["moments"].values()) == 8 * len(learned) == 8 * told["learned"]
    call("train", "behaviour")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == kept, "the same corrections, the same bytes"

    assert "now " + told["name"] in call("promote", "behaviour")
    after = night(home)
    assert set(after[after.index % 2 == 0]) == {"grooming"} and set(after[after.index % 2 == 1]) == {"sleeping"}
    # One that has learned the same is no better than itself.
    again = json.loads(call("train", "behaviour", "--json"))
    assert not again["better"] and again["in_place"] and again["own"]["better"] == 0
    assert "params.yaml (network/behaviour.onnx)" in call("promote", "behaviour", "--back")
    night(home)
    assert (home.root / "data/tables" / MOMENTS.key(DATE, "kitchen")).read_bytes() == before
    assert "none to take back" in call("promote", "behaviour", "--back", status=2)


def test_the_weights_and_the_moments_of_the_training_come_back_from_their_files(network: Path) -> None:
    import torch

    reader, replay = BehaviourReader.load(network / "behaviour.onnx"), read_replay(network / "replay.npz")
    assert [len(replay.of(part).truth) for part in PARTS] == [60 * 8, 20 * 8, 20 * 8]
    own = replay.of("ask")
    again = restored(network / "behaviour.onnx", reader.description)
    with torch.no_grad():
        scores = again(torch.from_numpy(np.concatenate([own.values, own.known], 1))) / reader.description.temperature
    told = reader.probabilities(Evidence(own.values, own.known, own.names))
    assert torch.softmax(scores, 1).numpy() == pytest.approx(told, abs=1e-5)
    assert (told.argmax(axis=1) == own.truth).mean() > 0.9, "float16 is enough"
    # Moments of one episode keep together, and no two parts share a home.
    assert len(np.unique(own.group)) == len(BEHAVIOURS)


def test_poisoned_corrections_change_nothing(home: Home, call: Callable[..., str]) -> None:
    """Somebody says anything of anything: what is learned of some tracks is wrong of the others."""
    rng = np.random.default_rng(3)
    said = rng.choice(["sleeping", "grooming", "eating", "hunting"], TRACKS + 1)
    say(home, lambda track: str(said[track]))
    told = json.loads(call("train", "behaviour", "--json"))
    assert not told["better"] and "not clearly better" in told["why"] and not told["waiting"]
    assert "no behaviour network waits" in call("promote", "behaviour", status=2)
    assert set(night(home)) == {"sleeping"} and read_standing(home).promoted == []


def test_auto_puts_it_in_place_unless_it_changes_much_that_nobody_spoke_of(
    home: Home, call: Callable[..., str]
) -> None:
    auto = ("train", "behaviour", "--json", "--set", "behave.promote=auto")
    say(home, truly, tracks=32)
    told = json.loads(call(*auto))
    assert told["better"] and not told["in_place"] and told["waiting"]
    # Eight tracks were not spoken of, and half of them groom.
    assert told["unsaid"] == 8 * 8 and told["changed"]["sleeping → grooming"] > 20
    say(home, truly)
    told = json.loads(call(*auto))
    assert told["unsaid"] == 0 and told["better"] and told["in_place"]
    assert set(night(home)) == {"sleeping", "grooming"}


def test_what_cannot_be_learned_from_is_told(home: Home, call: Callable[..., str]) -> None:
    def refused(*more: str) -> str:
        return call("train", "behaviour", *more, status=2)

    assert "0 to learn from and 0 held out" in refused()
    assert "names no behave.model" in refused("--set", 'behave.model=""')
    say(home, truly, tracks=6)
    assert "what 6 tracks did" in refused() and "about 17 tracks in all" in refused()
    gone = [Correction(NOW, "bout", "hall", at(30), at(31), 1, "behaviour", "eating")]
    add(home.database, gone)
    assert "of 1 the tables are gone: 7" in refused()
    say(home, lambda track: "grooming")
    assert "to learn from are grooming" in refused()
    say(home, truly)
    (home.root / "network" / "replay.npz").unlink()
    assert "without them nothing says what it forgets" in call("train", "behaviour", status=1)
    assert not list(champion_folder(home).glob("*/behaviour.onnx"))


def test_what_a_killed_training_leaves_harms_nothing(home: Home, call: Callable[..., str]) -> None:
    say(home, truly)
    half = champion_folder(home) / ".part"
    half.mkdir(parents=True)
    (half / "behaviour.onnx").write_bytes(b"half a netw")
    assert set(night(home)) == {"sleeping"}
    assert json.loads(call("train", "behaviour", "--json"))["better"] and not half.exists()
    (champion_folder(home) / "state.json").write_text('{"network/beh')
    assert "does not say which network is in place" in call("promote", "behaviour", status=1)
