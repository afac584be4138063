"""Which cat each track is: red Miso and blue Luna, known by photos or by a word of their owner, and green strangers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError
from home.folder import Home, open_home
from home.gallery import Photo, keep
from home.names import with_names
from home.nested import column_of
from home.tables import BOUTS, DETECTIONS, IDENTITIES, POSES
from models.coat import IN_GREY
from models.pose.predict import PoseReader
from models.strangers import FILE, Strangers, read_strangers, within
from tasks.bouts import bouts
from tasks.enrol import name_tracks
from tasks.identify import identify
from tests.models.pose.networks import brightest_pose
from tests.tasks.lived import BOWL, DATE, Stay, at, lived

RED, BLUE, GREEN, GREY = (200, 40, 40), (40, 40, 200), (40, 200, 40), (120, 120, 120)
Colour = tuple[int, int, int]
COATS: dict[tuple[str, int], Colour] = {
    ("kitchen", 1): RED, ("kitchen", 2): BLUE, ("kitchen", 3): GREEN, ("hall", 1): RED, ("hall", 2): BLUE
}  # fmt: skip


def plain(colour: Colour, seed: int) -> np.ndarray:
    """A picture of one colour, as the light of an occasion has it."""
    light = np.random.default_rng(seed).normal(0, 6, 3)
    return np.clip(np.full((64, 64, 3), colour) + light, 0, 255).astype(np.uint8)


def coat(reader: PoseReader, colour: Colour, seed: int) -> np.ndarray:
    return reader.read(plain(colour, seed), np.array([[0, 0, 1, 1]], np.float32)).coats[0]


def strangers(reader: PoseReader) -> Strangers:
    """Cats of every colour; a cat differs from itself as two pictures of one colour do."""
    rng = np.random.default_rng(0)
    colours = [tuple(colour) for colour in rng.integers(20, 220, (300, 3))]
    first, second = (np.stack([coat(reader, c, k + far) for k, c in enumerate(colours)]) for far in (0, 5000))
    twice, cats = np.concatenate([first, second]), np.tile(np.arange(300), 2)
    whole = np.isfinite(twice).all(axis=1)
    spread = within(twice[whole], cats[whole]), within(twice[:, IN_GREY], cats)
    return Strangers(first, np.zeros(300, np.int64), IN_GREY, *spread)


def photo(home: Home, cat: str, colour: Colour, seed: int) -> None:
    content = cv2.imencode(".png", plain(colour, seed)[..., ::-1])[1].tobytes()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    keep(home.data, Photo(f"cats/{cat}/{md5[:16]}.png", "a.png", md5, 64, 64, (0, 0, 1, 1), 0.9, "tested"), content)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two cats at once in the kitchen, then a stranger there; either cat in the hall, an hour each."""
    stays = [
        Stay("kitchen", 1, at(6), at(7), "sleeping"), Stay("kitchen", 2, at(6.2), at(6.8), "sleeping", BOWL),
        Stay("kitchen", 3, at(9), at(9.5), "sleeping"), Stay("hall", 1, at(11), at(11.5), "sleeping"),
        Stay("hall", 2, at(13), at(13.5), "sleeping", BOWL),
    ]  # fmt: skip
    lived(tmp_path, stays)
    (tmp_path / "pose").mkdir()
    reader = PoseReader.load(brightest_pose(tmp_path / "pose" / "pose.onnx"))
    strangers(reader).write(tmp_path / "pose" / "strangers.npz")
    home = open_home(tmp_path, {"pose.model": "pose/pose.onnx"})
    for camera in home.config.cameras:
        seen = home.tables.read(DETECTIONS, DATE, camera)
        rows = seen[["ts", "camera", "track_id", "chunk", "offset_s", "burst", "x1", "y1", "x2", "y2"]].copy()
        rows["keypoints"] = column_of(np.full((len(rows), 20, 3), 0.6, np.float32))
        rows["look"] = [np.ones(3, np.float32)] * len(rows)
        rows["coat"] = [
            coat(reader, COATS[camera, track], 1000 * track + k) for k, track in enumerate(rows["track_id"])
        ]
        home.tables.write(POSES, rows, DATE, camera, f"tested {camera}")
    return home


def names(home: Home) -> dict[tuple[str, int], str]:
    identify(home, DATE)
    rows = home.tables.read(IDENTITIES, DATE)
    return dict(zip(zip(rows["camera"], rows["track_id"], strict=True), rows["cat"], strict=True))


KNOWN = {
    ("kitchen", 1): "miso", ("kitchen", 2): "luna", ("kitchen", 3): "unknown", ("hall", 1): "miso", ("hall", 2): "luna"
}  # fmt: skip


def enrol(home: Home) -> None:
    for seed in range(4):
        photo(home, "miso", RED, seed)
        photo(home, "luna", BLUE, 50 + seed)


def test_cats_are_known_by_their_photos_and_bouts_have_their_names(home: Home) -> None:
    enrol(home)
    assert names(home) == KNOWN
    bouts(home, DATE)
    found = home.tables.read(BOUTS, DATE)
    assert found.groupby("cat")["animal"].nunique().to_dict() == {"luna": 1, "miso": 1, "unknown": 1}
    assert set(found.loc[found["cat"] == "miso", "camera"]) == {"kitchen", "hall"}


def test_one_named_track_is_enough_to_begin_with_and_outweighs_what_is_seen(home: Home) -> None:
    enrol(home)
    name_tracks(home, "Luna", ["hall/2026-03-01/1"], "", "", at(20))
    told = names(home)
    assert told["hall", 1] == "luna", "its owner has said so, whatever its coat"
    rows = home.tables.read(IDENTITIES, DATE).set_index(["camera", "track_id"])
    assert rows.loc[("hall", 1), "said"] and rows["said"].sum() == 1
    assert told["kitchen", 3] == "unknown"


def test_without_photos_named_tracks_are_the_gallery(home: Home) -> None:
    name_tracks(home, "miso", ["kitchen/2026-03-01/1"], "", "", at(20))
    name_tracks(home, "luna", ["kitchen/2026-03-01/2"], "", "", at(20))
    told = names(home)
    assert (told["kitchen", 1], told["kitchen", 2]) == ("miso", "luna")
    assert told["hall", 1] in ("miso", "unknown") and told["hall", 2] in ("luna", "unknown")


def test_two_at_one_time_never_share_a_name(home: Home) -> None:
    """Both cats of the kitchen are red today; only one of them is Miso."""
    rows = home.tables.read(POSES, DATE, "kitchen")
    reds = [each for each in rows.loc[rows["track_id"] == 1, "coat"]]
    rows["coat"] = [reds[k % len(reds)] for k in range(len(rows))]
    home.tables.write(POSES, rows, DATE, "kitchen", "all red")
    enrol(home)
    told = names(home)
    assert sorted([told["kitchen", 1], told["kitchen", 2]]) in (["miso", "unknown"], ["luna", "miso"])


def test_nothing_changed_is_skipped_and_a_new_photo_is_not(home: Home) -> None:
    assert identify(home, DATE).left_out.startswith("no cat of home.yaml is known")
    enrol(home)
    assert not identify(home, DATE).skipped and identify(home, DATE).skipped
    before = home.tables.read(POSES, DATE, "hall")
    photo(home, "miso", RED, 9)
    assert not identify(home, DATE).skipped
    assert home.tables.read(POSES, DATE, "hall").equals(before), "no footage is looked at again"
    there = read_strangers(home.root / "pose" / FILE)
    replace(there, coats=there.coats[:200], kinds=there.kinds[:200]).write(home.root / "pose" / FILE)
    assert not identify(home, DATE).skipped, "other strangers ask for more, or for less"


def test_who_is_forgotten_has_no_name_any_more(home: Home) -> None:
    enrol(home)
    assert names(home) == KNOWN
    for entry in home.data.list("cats/"):
        home.data.delete(entry.key)
    assert set(names(home).values()) == {"unknown"}


def test_a_network_without_strangers_is_told(home: Home) -> None:
    enrol(home)
    (home.root / "pose" / "strangers.npz").unlink()
    with pytest.raises(ModelError, match=r"strangers\.npz.*export the pose network again"):
        identify(home, DATE)


def test_detections_are_read_with_the_names_of_their_tracks(home: Home) -> None:
    enrol(home)
    identify(home, DATE)
    seen = with_names(home, home.tables.read(DETECTIONS, DATE, "kitchen"), DATE, "kitchen")
    assert seen.groupby("track_id")["cat"].first().to_dict() == {1: "miso", 2: "luna", 3: "unknown"}
