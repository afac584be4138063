"""A simulated cat through the real networks: from frames to a track that says where it was and what it did."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import pytest

from home.folder import Home, open_home
from home.params import Params, as_yaml
from home.tracks import TrackRow
from ingest.record.host import Arrival
from ingest.watch.eyes import Eyes, load_eyes
from ingest.watch.inbox import Shot
from ingest.watch.judging import Judge
from ingest.watch.reading import name_all
from ingest.watch.view import View
from models.identity import Gallery, Recogniser
from models.strangers import Strangers
from tests.ingest.watch.film import CAMERA, LENGTH_S, VISIT, shots, zones

RULES = "rules:\n  litter: {zone: litter_box, duration_s: 2}\n  digs: {behaviour: using_litter_box}\n  eats: {behaviour: eating}\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("home")
    (root / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  {CAMERA}: {{zones: {{{zones()}}}}}\n{RULES}")
    (root / "params.yaml").write_text(as_yaml(Params()))
    return open_home(root, {"detect.runtime": "onnxruntime", "pose.runtime": "onnxruntime"})


@pytest.fixture(scope="module")
def eyes(home: Home) -> Eyes:
    found = load_eyes(home)
    found.warm()
    return found


@pytest.fixture(scope="module")
def film() -> list[Shot]:
    return list(shots())


def watched(home: Home, eyes: Eyes, film: Iterable[Shot]) -> tuple[list[TrackRow], dict[str, float]]:
    """Tracks at their end, and the second of each rule's event."""
    view, judge = View(home, CAMERA, eyes, 0), Judge(home, False)
    rows: list[TrackRow] = []
    fired: dict[str, float] = {}
    first: float | None = None
    for shot in film:
        first = shot.arrival.monotonic if first is None else first
        there, _ = view.see(shot)
        for track in there:
            for event in judge.events(track, shot, 0.0):
                fired[str(event.rule)] = round(shot.arrival.monotonic - first, 1)
        rows += [track.row("left") for track in view.following.ended(shot.arrival.monotonic)]
    return rows + [track.row("stopped") for track in view.following.end_all()], fired


def test_a_visit_is_one_track_with_its_place_its_behaviour_and_its_events(
    home: Home, eyes: Eyes, film: list[Shot]
) -> None:
    (row,), fired = watched(home, eyes, film)
    begin, end = VISIT
    assert abs(row.duration_s - (end - begin)) < 1 and row.ended == "left" and row.kind == "cat"
    assert row.zones == {"litter_box": pytest.approx(row.duration_s, abs=0.2)}
    assert set(row.behaviours) == {"using_litter_box"} and row.behaviours["using_litter_box"] > 3
    # The zone holds for two seconds once the cat was found three times; the behaviour is read of a burst of two seconds.
    assert fired.keys() == {"litter", "digs"}
    assert begin + 2 <= fired["litter"] <= begin + 3.5 and begin + 1.5 <= fired["digs"] <= begin + 5


def test_nobody_is_seen_in_an_empty_room_and_it_is_looked_at_rarely(home: Home, eyes: Eyes, film: list[Shot]) -> None:
    view, looks = View(home, CAMERA, eyes, 0), 0
    empty = [shot for shot in film if shot.arrival.monotonic - film[0].arrival.monotonic >= VISIT[1] + 5]
    before = -1.0
    for shot in empty:
        assert view.see(shot)[0] == []
        looks += view._looked_at != before
        before = view._looked_at
    assert len(empty) == round((LENGTH_S - VISIT[1] - 5) * 5)
    assert 2 <= looks <= len(empty) / 4


def test_frames_that_are_missing_cost_no_track(home: Home, eyes: Eyes, film: list[Shot]) -> None:
    """Two of three frames were dropped: a slow machine sees the same, later."""
    (row,), fired = watched(home, eyes, film[::3])
    assert abs(row.duration_s - (VISIT[1] - VISIT[0])) < 2 and "litter" in fired


def test_a_cat_gets_its_name_by_the_gallery_of_the_home(home: Home, eyes: Eyes, film: list[Shot]) -> None:
    assert eyes.poses is not None
    rng = np.random.default_rng(0)
    view = View(home, CAMERA, dataclasses.replace(eyes, recogniser=_known(rng, None)), 0)
    for shot in film[:50]:
        _, coats = view.see(shot)
    (track,) = view.following.tracks
    coats = np.stack(track.life.coats)
    assert len(coats) >= 3 and np.isfinite(coats[0]).all()  # sooner than every five seconds, for nobody knows it yet
    for is_it, name in ((True, "miso"), (False, "unknown")):
        own = coats[:2] if is_it else coats[:2] + 40 * coats.std() * rng.normal(size=coats[:2].shape)
        name_all(_known(rng, own.astype(np.float32), coats), [track], {}, 0.9)
        assert track.cat == name and track.life.asked == len(coats)
    assert track.row().cat == "unknown"


def _known(rng: np.random.Generator, own: np.ndarray | None, like: np.ndarray | None = None) -> Recogniser:
    """A home with one cat of these coats, and forty strangers that differ from each other far more than a cat from itself."""
    from models.coat import COAT

    middle = np.zeros(COAT) if like is None else like.mean(axis=0)
    spread = 1.0 if like is None else max(float(like.std()), 1e-3)
    strangers = (middle + 3 * spread * rng.normal(size=(40, COAT))).astype(np.float32)
    coats = strangers[:2] if own is None else own
    grey = np.zeros(COAT, bool)
    grey[: COAT // 2] = True
    narrow = np.eye(COAT) * (0.1 * spread) ** 2
    others = Strangers(strangers, np.zeros(40, np.int64), grey, narrow, narrow[grey][:, grey])
    return Recogniser(Gallery(("miso",), coats, np.zeros(len(coats), np.int64), np.arange(len(coats))), others)


def test_what_is_shown_is_what_is_there(home: Home, eyes: Eyes) -> None:
    view = View(home, CAMERA, eyes, 0)
    import time

    for shot in shots(8, Arrival(time.monotonic() - 8, time.time() - 8, True)):
        view.see(shot)
    shown = view.shown(True, 0, 3)
    assert shown.online and shown.dropped == 3 and shown.fps > 0 and shown.at is not None
    (track,) = shown.tracks
    assert (track.track_id, track.kind, track.cat, track.behaviour) == (1, "cat", None, "using_litter_box")
    assert view.forget() and view.shown(False, 0, 3).tracks == () and view.shown(False, 0, 3).at is None
