"""Photos are kept where one animal is on them, and nothing else; tracks get their names."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import TableError, WrongUse
from home.folder import Home, open_home
from home.gallery import photos
from home.terminal import Terminal
from models.pose.predict import PoseReader
from tasks.enrol import add_photos, name_tracks, tell_cats, tell_enrolled
from tasks.gallery import gallery_of, said_names
from tests.models.detector.networks import brightest_detector, constant_detector
from tests.models.pose.networks import brightest_pose
from tests.tasks.lived import Stay, at, lived


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Its detector takes the brightest eighth of a picture for a cat."""
    home = lived(tmp_path, [Stay("kitchen", 4, at(6), at(7), "sleeping"), Stay("hall", 2, at(8), at(9), "sleeping")])
    model = brightest_detector(tmp_path / "bright.onnx")
    (tmp_path / "bright.json").write_text(
        json.dumps({"name": "bright", "input_size": 64, "classes": ["cat"], "output": "end2end"})
    )
    return open_home(home.root, {"detect.model": str(model)})


def photo(path: Path, bright: bool = True) -> Path:
    """A dark picture of 128 x 64 with a bright square in its upper right corner."""
    picture = np.full((64, 128, 3), 10, np.uint8)
    if bright:
        picture[:16, 112:] = 250
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), picture)
    return path


def test_a_photo_is_kept_with_its_crop_and_only_once(home: Home, tmp_path: Path) -> None:
    given = photo(tmp_path / "photos" / "Miso on sofa.png")
    (done,) = add_photos(home, "Miso", [given.parent])
    assert done.photo is not None and not done.there
    x1, y1, x2, y2 = done.photo.box
    assert (x1, x2) == (0.875, 1.0) and y1 < 0.05 < 0.2 < y2 and done.photo.confidence > 0.9
    assert photos(home.data, "miso") == [done.photo] and photos(home.data, "luna") == []
    kept = home.root / "data" / done.photo.key
    assert kept.read_bytes() == given.read_bytes() and kept.parent.name == "miso"
    before = {path.name: path.read_bytes() for path in kept.parent.iterdir()}
    assert add_photos(home, "miso", [given, photo(tmp_path / "copy.png")])[1].there, "the same bytes by another name"
    assert {path.name: path.read_bytes() for path in kept.parent.iterdir()} == before


def test_a_photo_knows_its_day_and_those_of_one_day_are_one_sitting(home: Home, tmp_path: Path) -> None:
    """A JPEG says it in its first segment; the later date is of the program that has changed it."""
    given = []
    for number, day in enumerate(("2026:02:27", "2026:02:27", "2026:02:28")):
        picture = np.full((64, 128, 3), 10 + number, np.uint8)
        picture[:16, 112:] = 250
        jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
        exif = b"Exif\0\0MM\0*" + f"2026:03:05 10:00:00\0{day} 09:30:00\0".encode()
        given.append(tmp_path / f"{number}.jpg")
        given[-1].write_bytes(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
    done = [each.photo for each in add_photos(home, "miso", given)]
    assert [each.taken for each in done if each is not None] == ["2026-02-27", "2026-02-27", "2026-02-28"]
    (tmp_path / "pose").mkdir()
    gallery = gallery_of(home, PoseReader.load(brightest_pose(tmp_path / "pose" / "pose.onnx")), said_names(home))
    assert sorted(np.bincount(gallery.sittings).tolist()) == [1, 2]


def test_what_is_no_photo_of_one_animal_is_left_out_and_told(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    given = [tmp_path / name for name in ("x.jpg", "empty.jpg", "none.jpg")] + [
        photo(tmp_path / "dark.png", bright=False)
    ]
    done = add_photos(home, "miso", given)
    tell_enrolled(Terminal(), "miso", done)
    told = capsys.readouterr()
    reasons = [each.reason for each in done]
    assert "JPEG, PNG, WebP" in reasons[0] and reasons[0] == reasons[1] and reasons[2] == "No such file or directory"
    assert reasons[3].startswith("no animal is found on it (confidence 0.3 or more)")
    assert "0 new photos of miso; 4 photos left out." in told.out and "dark.png" in told.err
    assert photos(home.data, "miso") == []


def test_two_animals_are_one_too_many(home: Home, tmp_path: Path) -> None:
    rows = np.array([[0, 0, 20, 20, 0.9, 0], [40, 10, 60, 30, 0.8, 0]], np.float32)
    model = constant_detector(tmp_path / "two.onnx", rows)
    (tmp_path / "two.json").write_text(
        json.dumps({"name": "two", "input_size": 64, "classes": ["cat"], "output": "end2end"})
    )
    (done,) = add_photos(open_home(home.root, {"detect.model": str(model)}), "miso", [photo(tmp_path / "a.png")])
    assert done.reason == "2 animals are on it; cut it so that only miso is"


def test_a_cat_that_the_home_has_not_is_told(home: Home, tmp_path: Path) -> None:
    with pytest.raises(
        WrongUse, match=r"home.yaml has no cat 'tom'; it has: miso \(Miso\), luna \(Luna\). Add one under"
    ):
        add_photos(home, "tom", [])
    with pytest.raises(WrongUse, match=r"'unknown' is nobody in particular; name a cat of home.yaml: miso, luna"):
        add_photos(home, "unknown", [])


def test_a_damaged_note_beside_a_photo_is_told(home: Home, tmp_path: Path) -> None:
    (done,) = add_photos(home, "miso", [photo(tmp_path / "a.png")])
    assert done.photo is not None
    note = (home.root / "data" / done.photo.key).with_suffix(".json")
    note.write_text(note.read_text().replace('"box"', '"bx"'))
    with pytest.raises(TableError, match="delete it and the photo beside it"):
        photos(home.data, "miso")


def test_tracks_are_named_all_or_none(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WrongUse, match="no track 9 of hall"):
        name_tracks(home, "luna", ["kitchen/2026-03-01/4", "hall/2026-03-01/9"], "", "", at(20))
    tell_cats(home, Terminal(as_json=True))
    assert [cat["named"] for cat in json.loads(capsys.readouterr().out)["cats"]] == [0, 0]
    kept = name_tracks(home, "Luna", ["kitchen/2026-03-01/4", "000000000001"], "ann", "", at(20))
    assert [(c.what, c.camera, c.track_id, c.field, c.value, c.was) for c in kept] == [
        ("track", "kitchen", 4, "cat", "luna", "unknown"),
        ("bout", "hall", 2, "cat", "luna", "unknown"),
    ]
    tell_cats(home, Terminal())
    assert capsys.readouterr().out.split()[-4:] == ["luna", "Luna", "0", "2"]
