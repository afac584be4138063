"""COCO files in and out: real pictures of real footage, boxes and keypoints there and back, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

from home.clock import UTC
from home.errors import WrongUse
from home.folder import Home, open_home
from home.labels import Taken
from home.marks import Mark, marks
from home.nested import column_of
from home.tables import DETECTIONS, POSES
from models.pose.keypoints import KEYPOINTS
from tasks.labels.stills import Drawn, export_coco, import_coco
from tests.clips import paint_chunk, walking
from tests.tasks.lived import DATE, LATE_S, Stay, at, lived

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = at(6) + dt.timedelta(seconds=1)
BOX = (0.25, 0.5, 0.5, 0.75)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Twenty seconds of a kitchen at 6 with a cat on every fifth second, and an hour later one of which the footage is gone."""
    stays = [
        Stay("kitchen", 1, FIRST, FIRST + dt.timedelta(seconds=19), "other", BOX, cat="miso", period_s=5),
        Stay("kitchen", 2, at(7), at(7) + dt.timedelta(seconds=5), "other", BOX, period_s=5),
    ]
    home = lived(tmp_path_factory.mktemp("home"), stays)
    assert home.footage.folder is not None
    start = at(6) + dt.timedelta(seconds=LATE_S)
    paint_chunk(home.footage.folder, "kitchen", start, 20, walking)
    return home


@pytest.fixture
def home(there: Home) -> Home:
    (there.root / there.config.store.database).unlink(missing_ok=True)
    return open_home(there.root)


@pytest.fixture
def exported(home: Home, tmp_path: Path) -> Path:
    file = tmp_path / "out" / "annotations.json"
    assert export_coco(home, file, [DATE], [], None, 100) == Drawn(str(file), 4, 4, 1)
    return file


def changed(file: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    tree = json.loads(file.read_text())
    change(tree)
    file.write_text(json.dumps(tree))
    return file


def test_pictures_carry_their_time_and_boxes_their_cat(exported: Path) -> None:
    tree = json.loads(exported.read_text())
    assert [image["file_name"] for image in tree["images"]] == [
        f"kitchen_20260301-0600{s:02d}-000.jpg" for s in (1, 6, 11, 16)
    ]
    for image in tree["images"]:
        picture = cv2.imread(str(exported.parent / "images" / image["file_name"]))
        assert picture is not None and picture.shape[:2] == (image["height"], image["width"]) == (240, 320)
        # The square of 60 pixels walks 0.9 of the width in 20 s: it is where the picture's time says.
        offset_s = int(image["file_name"].split("_")[1][13:15]) - LATE_S
        bright = np.flatnonzero(picture[150].mean(1) > 200)
        assert abs(bright.min() - offset_s / 20 * 0.9 * 320) < 8 and 50 < len(bright) < 70
    first = tree["annotations"][0]
    assert first["bbox"] == [80, 120, 80, 60] and first["area"] == 4800 and first["num_keypoints"] == 0
    assert [category["name"] for category in tree["categories"]] == ["cat", "miso", "luna"]
    assert first["category_id"] == 2 and len(first["keypoints"]) == 60
    assert tree["categories"][0]["keypoints"] == list(KEYPOINTS) and [1, 2] in tree["categories"][0]["skeleton"]


def test_what_the_house_read_of_the_pose_goes_along(home: Home, tmp_path: Path) -> None:
    rows = home.tables.read(DETECTIONS, DATE, "kitchen")
    points = np.full((len(rows), 20, 3), 0.1, np.float32)  # places it only guesses
    points[:, KEYPOINTS.index("nose")] = 0.375, 0.625, 0.9
    poses = rows[["ts", "camera", "track_id", "chunk", "offset_s", "burst", "x1", "y1", "x2", "y2"]].assign(
        keypoints=column_of(points), look=[[]] * len(rows), coat=[[]] * len(rows)
    )
    # A burst after the sample is of other pictures; its places would be wrong on this one.
    later = poses.assign(burst=True, keypoints=column_of(np.full_like(points, 0.5)))
    home.tables.write(POSES, pd.concat([poses, later]), DATE, "kitchen", "poses")
    try:
        export_coco(home, tmp_path / "posed.json", [DATE], [], None, 1)
    finally:
        (home.root / "data/tables" / POSES.key(DATE, "kitchen")).unlink()
    (first,) = json.loads((tmp_path / "posed.json").read_text())["annotations"]
    place = 3 * KEYPOINTS.index("nose")
    assert first["num_keypoints"] == 1 and first["keypoints"][place : place + 3] == [120, 150, 2]
    import_coco(home, tmp_path / "posed.json", "ann", {}, NOW)
    (mark,) = marks(home.database, "ann")["kitchen", FIRST]
    assert mark.keypoints[KEYPOINTS.index("nose")] == (0.375, 0.625, 2)


def test_fewer_pictures_are_spread_over_all(home: Home, tmp_path: Path) -> None:
    export_coco(home, tmp_path / "two.json", [DATE], ["kitchen"], None, 3)
    names = [image["file_name"] for image in json.loads((tmp_path / "two.json").read_text())["images"]]
    assert names == ["kitchen_20260301-060001-000.jpg", "kitchen_20260301-060011-000.jpg"], (
        "the last of the three is gone"
    )


def test_there_and_back_marks_are_the_same(home: Home, exported: Path, tmp_path: Path) -> None:
    def put_right(tree: dict[str, Any]) -> None:
        tree["annotations"][0]["category_id"] = 3
        tree["annotations"][0]["keypoints"][3:6] = [100.5, 130.25, 2]  # the right eye
        tree["annotations"].pop(1)

    assert import_coco(home, changed(exported, put_right), "ann", {}, NOW) == Taken(7, 0, 0)
    assert import_coco(home, exported, "ann", {}, NOW) == Taken(0, 7, 0)
    said = marks(home.database, "ann")
    first, second = said["kitchen", FIRST], said["kitchen", FIRST + dt.timedelta(seconds=5)]
    assert first == [Mark("luna", BOX, tuple((0.314063, 0.542708, 2) if n == 1 else (0.0, 0.0, 0) for n in range(20)))]
    assert second == [] and len(said) == 4, "looked at, and no cat there"
    again = tmp_path / "again.json"
    assert export_coco(home, again, [], [], "ann", 100) == Drawn(str(again), 4, 3, 0)
    assert import_coco(home, again, "ben", {}, NOW) == Taken(7, 0, 0)
    assert marks(home.database, "ben") == said


def test_keypoints_go_by_their_names(home: Home, exported: Path) -> None:
    def turn_round(tree: dict[str, Any]) -> None:
        for category in tree["categories"]:
            category["keypoints"] = ["nose", "left_eye"]
            category["name"] = {"cat": "animal"}.get(category["name"], category["name"])
        for annotation in tree["annotations"]:
            annotation["keypoints"] = [160, 120, 2, 0, 0, 0]

    import_coco(home, changed(exported, turn_round), "ann", {"animal": "cat"}, NOW)
    (found,) = marks(home.database, "ann")["kitchen", FIRST]
    assert found.keypoints[KEYPOINTS.index("nose")] == (0.5, 0.5, 2) and found.keypoints[0] == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda tree: tree["annotations"][2].update(bbox=[300, 0, 40, 40]), r"annotations\[2\] \(id 3\): bbox .* does not lie in its picture of 320 x 240"),
        (lambda tree: tree["annotations"][1].update(bbox=[0, 0, 0, 40]), r"annotations\[1\] .* it is x, y, width, height in pixels"),
        (lambda tree: tree["annotations"][0].update(keypoints=[1, 2]), "2 numbers in keypoints; its category names 20 points"),
        (lambda tree: tree["annotations"][0]["keypoints"].__setitem__(2, 7), "the keypoint left_eye is .* 0, 1 or 2"),
        (lambda tree: tree["annotations"][0].update(image_id=99), "annotations.0. .*KeyError: 99; COCO has images"),
        (lambda tree: tree["categories"][1].update(name="tom"), r"categories\[1\]: home.yaml has no cat 'tom'"),
        (lambda tree: tree["categories"][1].update(keypoints=["snout"]), "no keypoint 'snout'; there are: left_eye"),
        (lambda tree: tree["images"][0].update(file_name="IMG_1.jpg"), r"images\[0\]: the picture 'IMG_1.jpg' is none of this home; it must be CAMERA_"),
        (lambda tree: tree["images"][0].update(file_name="cellar_20260301-060000-000.jpg"), "no camera 'cellar'"),
        (lambda tree: tree.pop("images"), "the file: KeyError: 'images'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_entry_and_nothing_is_taken_in(
    home: Home, exported: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    with pytest.raises(WrongUse, match=told):
        import_coco(home, changed(exported, change), "ann", {}, NOW)
    assert marks(home.database, "ann") == {}
