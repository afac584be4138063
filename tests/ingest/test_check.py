"""`catml check`: each thing that can be wrong is found, told, and told what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from home.clock import UTC
from home.folder import Home
from home.footage import ChunkName
from home.repository import set_up
from ingest import check as checking
from ingest import check_disk
from ingest.check import Finding, check, verdict
from tests.clips import paint
from tests.conftest import HomeFactory

BOTH_ZONES = "zones: {food_bowl: [[0, 0], [1, 0], [1, 1]], litter_box: [[0, 0], [1, 0], [1, 1]]}"


def findings(home: Home) -> dict[str, Finding]:
    return {finding.what: finding for finding in check(home)}


def test_a_home_where_all_is_right(home_factory: HomeFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_synchronised", lambda: True)  # of this machine, not of the home
    monkeypatch.setattr(check_disk, "WARN_DAYS", 0)
    clip = paint(tmp_path / "clip.mp4", 1)
    home = home_factory(cameras=f"  kitchen:\n    url: file://{clip}\n    {BOTH_ZONES}\n")
    assert set_up(home.root) == []
    found = findings(home)
    assert {what for what, finding in found.items() if finding.state != "ok"} == set()
    assert found["camera kitchen"].found == "320 x 240, h264 at 5 fps; no footage yet"
    assert verdict([*found.values()]) == "All is right."
    assert sorted(path.name for path in (home.root / "data").rglob("*") if path.is_file()) == []  # nothing stays behind


def test_a_home_without_cameras(home_factory: HomeFactory) -> None:
    found = findings(home_factory(cameras=""))["cameras"]
    assert (found.state, found.right) == ("warn", "add one under `cameras:` in home.yaml")


def test_a_camera_that_cannot_be_reached_is_told_without_its_password(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATML_TEST_PASSWORD", "hunter2")
    home = home_factory(cameras="  kitchen:\n    url: rtsp://me:${CATML_TEST_PASSWORD}@127.0.0.1:1/live\n  hall: {}\n")
    found = findings(home)
    assert found["camera kitchen"].state == "fail" and "is the camera on" in found["camera kitchen"].right
    assert found["camera hall"].state == "warn" and "catml import" in found["camera hall"].right
    assert "hunter2" not in repr(found)
    assert verdict([*found.values()]).startswith("1 thing must be put right, ")


def test_a_camera_behind_a_relay_is_looked_at_there(home_factory: HomeFactory) -> None:
    relay = "relay:\n  rtsp: rtsp://127.0.0.1:1\n  api: http://127.0.0.1:2\n"
    found = findings(home_factory(cameras="  kitchen:\n    url: rtsp://10.255.255.1/live\n", more=relay))
    assert "rtsp://127.0.0.1:1/kitchen" in found["camera kitchen"].found
    assert found["relay"].state == "fail"


def test_a_variable_that_is_not_set(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATML_TEST_PASSWORD", raising=False)
    found = findings(home_factory(cameras="  kitchen:\n    url: rtsp://me:${CATML_TEST_PASSWORD}@cam/live\n"))
    assert found["camera kitchen"].state == "fail" and "CATML_TEST_PASSWORD" in found["camera kitchen"].right


def test_zones_that_are_missing_or_mistyped(home_factory: HomeFactory) -> None:
    corners = "[[0, 0], [1, 0], [1, 1]]"
    home = home_factory(
        cameras=f"  kitchen:\n    zones: {{food_bowel: {corners}, litter_box_2: {corners}, sofa: {corners}}}\n"
    )
    found = {what: finding for what, finding in findings(home).items() if what.startswith("zone")}
    assert set(found) == {"zone food_bowel of kitchen", "zone food_bowl"}
    assert "did you mean food_bowl?" in found["zone food_bowel of kitchen"].found
    assert "eating cannot be seen" in found["zone food_bowl"].found


def test_stores(home_factory: HomeFactory, s3_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url, endpoint = s3_server.bucket("check"), s3_server.endpoint
    home = home_factory(more=f"store:\n  footage: {url}/footage\n  tables: s3://nowhere\n  endpoint_url: {endpoint}\n")
    found = findings(home)
    assert found["store of footage"].found == f"{url}/footage: written, read and removed"
    assert (
        found["store of tables"].state == "fail" and "make 'nowhere' on the S3 server" in found["store of tables"].right
    )
    assert not [path for path in (s3_server.folder / "check").rglob("*") if path.is_file()]
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    again = findings(home_factory(more=f"store:\n  footage: {url}/footage\n  endpoint_url: {endpoint}\n"))
    assert "AWS_SECRET_ACCESS_KEY" in again["store of footage"].right


@pytest.mark.parametrize(
    ("model", "state", "words"),
    [
        ("models/none.onnx", "fail", "no detector at"),
        ("home.yaml.onnx", "fail", "not an ONNX model"),
        ("yolo26n.pt", "warn", "is converted in the first night, and is asked of its hub"),
    ],
)
def test_weights(home_factory: HomeFactory, model: str, state: str, words: str) -> None:
    home = home_factory(overrides={"detect.model": model})
    (home.root / "home.yaml.onnx").write_text("nonsense")
    found = findings(home)["detector"]
    assert found.state == state and words in found.found and found.right


def test_what_reads_poses_and_behaviours(home_factory: HomeFactory) -> None:
    """Those that ship are whole; one that is not there is told; a home may do without."""
    shipped = {"pose.model": "models/pose/weights/pose.onnx", "behave.model": "models/behaviour/weights/behaviour.onnx"}
    found = findings(home_factory(overrides=shipped))
    assert (found["pose"].state, found["behaviour"].state) == ("ok", "ok")
    assert "catml-pose, 192 x 192" in found["pose"].found and "catml-behaviour" in found["behaviour"].found
    found = findings(home_factory(overrides={"pose.model": "gone.onnx", "behave.model": "gone.onnx"}))
    assert (found["pose"].state, found["behaviour"].state) == ("fail", "fail") and found["pose"].right
    found = findings(home_factory())
    assert "left out" in found["pose"].found and "told by rules" in found["behaviour"].found


def test_a_clock_that_runs_behind_the_footage(home_factory: HomeFactory) -> None:
    home = home_factory()
    ahead = dt.datetime.now(UTC).replace(microsecond=0) + dt.timedelta(hours=3)
    home.footage.write(ChunkName("kitchen", ahead).key, b"x")
    found = findings(home)["clock"]
    assert found.state == "fail" and "kitchen has footage of 3.0 h later" in found.found


@pytest.mark.parametrize(("synchronised", "state"), [(True, "ok"), (None, "ok"), (False, "warn")])
def test_a_clock_that_nobody_keeps(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch, synchronised: bool | None, state: str
) -> None:
    monkeypatch.setattr(checking, "_synchronised", lambda: synchronised)
    assert findings(home_factory())["clock"].state == state


def test_the_database_is_opened(home_factory: HomeFactory) -> None:
    home = home_factory()
    assert findings(home)["database"].state == "ok" and home.database.is_new
    home.database.write(lambda connection: None)
    assert findings(home)["database"].found.endswith("rows.sqlite: 0 corrections")
    there = "store:\n  database: postgresql://catml@127.0.0.1:1/catml\n"
    found = findings(home_factory(more=there))["database"]
    assert found.state == "fail" and found.found.startswith("postgresql://127.0.0.1:1/catml: no database there")


def test_a_home_without_history(home_factory: HomeFactory) -> None:
    found = findings(home_factory())["history"]
    assert found.state == "warn" and "`catml init` makes one" in found.right
