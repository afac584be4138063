"""A behaviour network of this home: the one it came with learns what its people said, and stands up against the one in place."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from home.champion import NETWORK, champion_folder, promote, read_standing, write_standing
from home.errors import ModelError, WrongUse
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.locks import only_one, settle
from home.store import write_file
from models.behaviour.classifier import BehaviourReader, ClassifierDescription
from models.behaviour.learn import Examples, calibrate, to_onnx
from models.behaviour.replay import FILE, Replay, read_replay
from models.behaviour.tune import balanced, restored, tuned
from models.detector.description import fingerprint_of
from tasks.judging import load_classifier
from tasks.own_contest import Contest, contest
from tasks.own_moments import enough, own_moments
from tasks.own_record import record_of

__all__ = ["MOST_CHANGED", "train_behaviour"]

MOST_CHANGED = 0.1
"""Share of the moments nobody spoke of that may be read otherwise where nobody is asked (`promote: auto`). Our choice."""


def train_behaviour(home: Home, tell: Callable[[str], None] = lambda text: None) -> Contest:
    """Train a network on what people said, compare it with the one in place, and keep it beside that one.

    It always begins with the network that params.yaml names: what was taken back is not remembered. Same corrections, same
    bytes; stopped anywhere, what was in place still is.

    Args:
        home: the home.
        tell: hears what is done.

    Raises:
        WrongUse: params.yaml names no network, or too little was said to learn from.
        ModelError: the network cannot go on learning.
        StoreError, TableError: something cannot be read or written.
    """
    if not home.params.behave.model:
        raise WrongUse(
            "params.yaml names no behave.model: there is no network that could learn; write one under `behave:`"
        )
    source = home.file(home.params.behave.model)
    champion, base = load_classifier(home), BehaviourReader.load(source).description
    own = own_moments(home, base.evidence)
    enough(own)
    replay = _replay(source, base)
    folder = champion_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder / "training.lock"), _room(folder) as room:
        examples, before = own.examples(), replay.of("learn")
        tell(f"learning from {len(examples)} moments of this home and {len(before.truth)} of the first training")
        _learned(source, base, replay, examples, room)
        tell("comparing it with the network in place")
        challenger = BehaviourReader.load(room / NETWORK)
        name = fingerprint_of(room / NETWORK)[:12]
        done = contest(home, name, own, replay.of("calibrate", "ask"), champion, challenger)
        write_file(room / "metadata.json", record_of(home, own, done, base, champion, challenger))
        if (folder / name).exists():  # the same corrections: the same network, perhaps against another one
            write_file(folder / name / "metadata.json", (room / "metadata.json").read_bytes())
        else:
            room.replace(folder / name)
            settle(folder)
    return _kept(home, done)


def _replay(source: Path, base: ClassifierDescription) -> Replay:
    replay = read_replay(source.with_name(FILE))
    if list(replay.names) != base.evidence or base.behaviours != list(BEHAVIOURS):
        raise ModelError(
            f"{FILE} beside {str(source)!r} is of another network: its evidence or its behaviours differ from model.json; "
            "`python -m tasks.behaviour_train` writes both"
        )
    return replay


def _learned(source: Path, base: ClassifierDescription, replay: Replay, examples: Examples, room: Path) -> None:
    """The network, written with its description."""
    network = restored(source, base)
    tuned(network, balanced([_examples(replay.of("learn")), examples], len(BEHAVIOURS)), base.evidence)
    to_onnx(network, room / NETWORK)
    mark = fingerprint_of(room / NETWORK)
    what = {"name": f"{base.name} {mark[:12]}", "fingerprint": mark, "metric": {}}
    temperature = calibrate(network, _examples(replay.of("calibrate")))
    base.model_copy(update={**what, "temperature": temperature}).write(room / "model.json")


def _examples(replay: Replay) -> Examples:
    return Examples(replay.values, replay.known.astype("float32"), replay.truth, replay.weight)


def _kept(home: Home, done: Contest) -> Contest:
    """The new network waits if it is better, or is put in place if that is what the owner wants."""
    standing = read_standing(home)
    write_standing(home, standing.model_copy(update={"waiting": done.name if done.better else ""}))
    if done.better and home.params.behave.promote == "auto" and done.changed_share <= MOST_CHANGED:
        promote(home)
    return done


@contextlib.contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """An empty folder to write in; whoever holds the lock clears what a killed training has left."""
    for left in folder.glob(".part*"):
        shutil.rmtree(left, ignore_errors=True)
    room = folder / ".part"
    room.mkdir()
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
