"""Tables: what is written is read, the same bytes each time, and what does not fit is refused by name."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from home.errors import SchemaError, TableError
from home.partitions import Tables
from home.store import Store
from home.table import TIME, Table
from home.tables import BOUTS, BUDGET, COVERAGE, DETECTIONS, DRIFT, FRAMES, TABLES, fingerprint_of

DAY = dt.date(2026, 3, 1)
NOON = pd.Timestamp("2026-03-01T12:00:00.123456Z")
VALUES = {
    pa.string(): "miso",
    pa.float64(): 0.25,
    pa.float32(): 0.5,
    pa.int32(): 3,
    pa.int64(): 4,
    pa.bool_(): True,
    pa.list_(pa.string()): ["hall", "kitchen"],
    pa.binary(): b"\x00\xff",
    pa.list_(pa.float32()): [0.5, 0.25],
    pa.list_(pa.int32()): [7, 8],
    pa.list_(TIME): [NOON],
    pa.map_(pa.string(), pa.float64()): [("seen", 2.0)],
    pa.list_(pa.list_(pa.float32())): [[0.1, 0.2, 0.9], [0.0, 0.0, 0.0]],
}


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(Store("tables", tmp_path))


def rows(table: Table, number: int = 2) -> pd.DataFrame:
    """Rows of any table, of its own types."""
    one = {name: VALUES.get(kind, NOON) for name, kind in table.columns.items()}
    return pa.Table.from_pylist([one] * number, schema=table.schema).to_pandas()


def camera_of(table: Table) -> str | None:
    return "hall" if table.by_camera else None


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("number", [0, 2])
def test_what_is_written_is_read(tables: Tables, table: Table, number: int) -> None:
    tables.write(table, rows(table, number), DAY, camera_of(table))
    read = tables.read(table, DAY, camera_of(table))
    pd.testing.assert_frame_equal(read, rows(table, number))
    for name, kind in table.columns.items():
        if pa.types.is_timestamp(kind):
            assert str(read[name].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_an_absent_partition_is_an_empty_frame_of_the_same_types(tables: Tables, table: Table) -> None:
    tables.write(table, table.empty(), DAY, camera_of(table))
    absent = tables.read(table, DAY - dt.timedelta(days=1), camera_of(table))
    pd.testing.assert_frame_equal(absent, tables.read(table, DAY, camera_of(table)))


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_a_day_on_which_nothing_was_found_is_written(tables: Tables, table: Table) -> None:
    """A frame without a row has columns without a type, lists of lists among them."""
    camera = "kitchen" if table.by_camera else None
    tables.write(table, pd.DataFrame({name: [] for name in table.columns}), DAY, camera)
    assert tables.read(table, DAY, camera).dtypes.equals(table.empty().dtypes)


def test_same_rows_same_bytes(tables: Tables) -> None:
    key = DETECTIONS.key(DAY, "hall")
    tables.write(DETECTIONS, rows(DETECTIONS), DAY, "hall", "abc", {"b": 1, "a": 2})
    first = tables.store.read(key)
    shuffled = rows(DETECTIONS)[sorted(DETECTIONS.columns)]  # order of columns and index of the frame are no content
    shuffled.index = [7, 9]
    tables.write(DETECTIONS, shuffled, DAY, "hall", "abc", {"a": 2, "b": 1})
    assert tables.store.read(key) == first


def test_keys_are_the_contract(tables: Tables) -> None:
    assert FRAMES.key(DAY, "hall") == "frames/date=2026-03-01/camera=hall/part.parquet"
    assert BOUTS.key(DAY) == "bouts/date=2026-03-01/part.parquet"
    with pytest.raises(TableError, match="frames is partitioned by date and camera; camera=None"):
        FRAMES.key(DAY)
    with pytest.raises(TableError, match="bouts is partitioned by date only; camera='hall'"):
        BOUTS.key(DAY, "hall")


def test_core_columns_stay() -> None:
    """The design's contract: more columns may follow, these names stay."""
    core = {
        "coverage": "camera start end state reason",
        "frames": "ts camera chunk offset_s keyframe movement kept",
        "detections": "ts camera chunk offset_s burst track_id class confidence x1 y1 x2 y2 cat cat_confidence",
        "poses": "ts camera track_id keypoints",
        "moments": "start end camera chunk offset_s track_id cat behaviour confidence posture comfort anomaly",
        "bouts": "cat behaviour start end duration_s confidence cameras chunk offset_s continues_before continues_after",
        "counts": "cat behaviour hour events seconds observed_s unknown_events",
    }
    for name, columns in core.items():
        assert set(columns.split()) <= set(TABLES[name].columns)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="kept"), "columns .'kept'. are missing or too many"),
        (lambda frame: frame.assign(extra=1), "columns .'extra'. are missing or too many"),
        (lambda frame: frame.assign(offset_s="late"), "table frames: "),
        (lambda frame: frame.assign(ts="yesterday"), "table frames: "),
    ],
    ids=["missing", "too many", "wrong type", "wrong time"],
)
def test_a_frame_that_does_not_fit_is_refused(tables: Tables, change: Any, message: str) -> None:
    with pytest.raises(TableError, match=message):
        tables.write(FRAMES, change(rows(FRAMES)), DAY, "hall")
    assert tables.store.find(FRAMES.key(DAY, "hall")) is None


def test_a_newer_schema_is_refused(tables: Tables) -> None:
    newer = dataclasses.replace(BUDGET, version=BUDGET.version + 1)
    tables.write(newer, rows(BUDGET), DAY, fingerprint="abc")
    with pytest.raises(SchemaError, match=r"written by a newer CatML \(schema 2, this one knows 1\); update CatML"):
        tables.read(BUDGET, DAY)
    assert tables.fingerprint(BUDGET, DAY) is None  # so that the stage does not skip it


def test_frames_of_before_the_movement_maps_are_read_without_them(tables: Tables) -> None:
    columns = {name: kind for name, kind in FRAMES.columns.items() if name != "moved"}
    before = dataclasses.replace(FRAMES, version=1, columns=columns)
    tables.write(before, rows(before), DAY, "hall", "abc")
    assert tables.read(FRAMES, DAY, "hall")["moved"].tolist() == [b"", b""]
    assert tables.fingerprint(FRAMES, DAY, "hall") is None  # so that footage that is still there is looked at again


def test_drift_of_before_the_hours_is_read_without_them(tables: Tables) -> None:
    columns = {name: kind for name, kind in DRIFT.columns.items() if name != "hours"}
    before = dataclasses.replace(DRIFT, version=1, columns=columns)
    tables.write(before, rows(before), DAY, None, "abc", {"told": ["hall: another light"]})
    assert [len(hours) for hours in tables.read(DRIFT, DAY)["hours"]] == [0, 0]
    assert tables.fingerprint(DRIFT, DAY) is None and tables.notes(DRIFT, DAY)["told"]


def test_an_older_schema_is_refused_with_the_command_that_rebuilds_it(tables: Tables) -> None:
    tables.write(BUDGET, rows(BUDGET), DAY, fingerprint="abc")
    newer = dataclasses.replace(BUDGET, version=BUDGET.version + 1)
    with pytest.raises(SchemaError, match=r"schema 1 is too old \(now 2\); rebuild it with `catml nightly --date"):
        tables.read(newer, DAY)
    assert tables.fingerprint(newer, DAY) is None


def test_an_older_schema_is_migrated_step_by_step(tables: Tables) -> None:
    old = Table("weights", 1, {"pounds": pa.float64()}, by_camera=False, rebuild="")
    tables.write(old, pd.DataFrame({"pounds": [10.0]}), DAY)
    now = Table(
        "weights",
        3,
        {"grams": pa.float64()},
        by_camera=False,
        rebuild="",
        migrations={
            1: lambda frame: pd.DataFrame({"kg": frame["pounds"] * 0.45359237}),
            2: lambda frame: pd.DataFrame({"grams": frame["kg"] * 1000}),
        },
    )
    assert tables.read(now, DAY)["grams"].tolist() == [pytest.approx(4535.9237)]


def test_a_migration_that_ends_in_other_columns_is_refused(tables: Tables) -> None:
    tables.write(BUDGET, rows(BUDGET), DAY)
    broken = dataclasses.replace(BUDGET, version=2, migrations={1: lambda frame: frame.drop(columns="bouts")})
    with pytest.raises(SchemaError, match="should have"):
        tables.read(broken, DAY)


def test_fingerprint_and_notes_travel_with_the_partition(tables: Tables) -> None:
    assert tables.fingerprint(FRAMES, DAY, "hall") is None and tables.notes(FRAMES, DAY, "hall") == {}
    tables.write(FRAMES, rows(FRAMES), DAY, "hall", "abc", {"quarantined": 3})
    assert tables.fingerprint(FRAMES, DAY, "hall") == "abc"
    assert tables.notes(FRAMES, DAY, "hall") == {"quarantined": 3}


@pytest.mark.parametrize("damage", [b"", b"PAR1 not really", "cut"])
def test_a_damaged_partition_is_told_with_its_remedy(tables: Tables, damage: bytes | str) -> None:
    key = FRAMES.key(DAY, "hall")
    tables.write(FRAMES, rows(FRAMES), DAY, "hall", "abc")
    whole = tables.store.read(key)
    tables.store.write(key, whole[: len(whole) // 2] if isinstance(damage, str) else damage)
    for operation in (tables.read, tables.fingerprint, tables.notes):
        with pytest.raises(TableError, match=f"{key}: .*delete it and run catml nightly"):
            operation(FRAMES, DAY, "hall")


def test_dates_and_cameras_that_have_a_partition(tables: Tables) -> None:
    for date in ("2026-03-02", "2026-02-28"):
        for camera in ("hall", "bath"):
            tables.write(COVERAGE, COVERAGE.empty(), dt.date.fromisoformat(date), camera)
    assert tables.dates(COVERAGE) == [dt.date(2026, 2, 28), dt.date(2026, 3, 2)]
    assert tables.cameras(COVERAGE, dt.date(2026, 3, 2)) == ["bath", "hall"]
    assert tables.dates(BOUTS) == [] and tables.cameras(COVERAGE, DAY) == []


def test_fingerprints_tell_parts_apart() -> None:
    base = fingerprint_of(inputs=["a"], params={"x": 1, "y": 2})
    assert base == fingerprint_of(params={"y": 2, "x": 1}, inputs=["a"])
    assert len({base, fingerprint_of(inputs=["a"], params={"x": 1, "y": 3}), fingerprint_of(inputs=[], params={})}) == 3


def test_tables_on_s3(s3_server: Any) -> None:
    tables = Tables(Store(f"{s3_server.bucket('tables')}/home", Path(), s3_server.endpoint))
    tables.write(BOUTS, rows(BOUTS), DAY, None, "abc", {"n": 1})
    pd.testing.assert_frame_equal(tables.read(BOUTS, DAY), rows(BOUTS))
    assert (tables.fingerprint(BOUTS, DAY), tables.notes(BOUTS, DAY), tables.dates(BOUTS)) == ("abc", {"n": 1}, [DAY])
