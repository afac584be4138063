"""Rows that fail are set aside with their reason; tables that fail stop; a day without cats is a good day."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import tasks.quality
from home.config import HomeConfig
from home.errors import QualityError
from home.folder import Home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.params import Params
from home.tables import BOUTS, BUDGET, DETECTIONS
from tasks.quality import check_days, check_rows, quarantine_key
from tasks.quality_page import page_key
from tasks.suites import Rule, chunk_rows

# The clocks of Berlin go forward on this date: the local day has 23 hours, 2026-03-28T23:00Z to 2026-03-29T22:00Z.
DATE = dt.date(2026, 3, 29)
DAY_START = pd.Timestamp("2026-03-28T23:00Z")
DAY_END = pd.Timestamp("2026-03-29T22:00Z")
NOON = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)
KEY = "kitchen/chunk-20260329-120000.mp4"
CHUNK = Chunk(KEY, 1000, "0" * 32, NOON, NOON + dt.timedelta(minutes=5), "h264", 1280, 720, 5.0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    config = HomeConfig.model_validate({"timezone": "Europe/Berlin", "cameras": {"kitchen": {}, "hall": {}}})
    return Home(tmp_path, config, Params())


def detections(rows: int = 1, **changed: object) -> pd.DataFrame:
    """Good detections, one a second from noon on; `changed` values go into the last row."""
    frame = pd.DataFrame(
        {
            "ts": pd.date_range(NOON, periods=rows, freq="10ms").astype("datetime64[us, UTC]"),
            "camera": "kitchen",
            "chunk": KEY,
            "offset_s": np.arange(rows) / 100,
            "burst": False,
            "track_id": np.arange(rows) + 1,
            "class": "cat",
            "confidence": 0.9,
            "x1": 0.0,
            "y1": 0.0,
            "x2": 1.0,
            "y2": 1.0,
            "cat": "unknown",
            "cat_confidence": 0.0,
        }
    )
    return _changed(frame, changed)


def bouts(**changed: object) -> pd.DataFrame:
    """Two good bouts of ten seconds; `changed` values go into the last."""
    start = pd.to_datetime([NOON, NOON + dt.timedelta(minutes=1)]).astype("datetime64[us, UTC]")
    frame = pd.DataFrame(
        {
            "cat": "unknown",
            "animal": 1,
            "behaviour": ["eating", "sleeping"],
            "start": start,
            "end": start + pd.Timedelta(seconds=10),
            "duration_s": 10.0,
            "confidence": 0.8,
            "cameras": [["kitchen"], ["kitchen", "hall"]],
            "chunk": KEY,
            "offset_s": 0.0,
            "continues_before": False,
            "continues_after": False,
            "bout_id": ["a", "b"],
            "evidence": "{}",
            "camera": "kitchen",
            "x1": 0.1,
            "y1": 0.1,
            "x2": 0.2,
            "y2": 0.2,
        }
    )
    return _changed(frame, changed)


def _changed(frame: pd.DataFrame, changed: dict[str, object]) -> pd.DataFrame:
    for column, value in changed.items():
        values = frame[column].tolist()
        values[-1] = value
        frame[column] = pd.Series(values, dtype=frame[column].dtype if value is not None and value == value else None)
    return frame


def quarantined(home: Home, suite: str, camera: str | None = None) -> pd.DataFrame | None:
    key = quarantine_key(suite, DATE, camera)
    return pq.read_table(io.BytesIO(home.data.read(key))).to_pandas() if home.data.find(key) else None


def write_manifest(home: Home) -> None:
    manifest = Manifest(DATE, "Europe/Berlin", {"kitchen": CameraManifest([CHUNK])})
    home.data.write(manifest_key(DATE), manifest.to_json())


def test_good_rows_pass_untouched(home: Home) -> None:
    write_manifest(home)
    # The edges themselves are good: boxes of the whole frame, the first instant of the local day.
    good = detections(3)
    passed, rejected = check_rows(home, "detections", good, DATE, "kitchen")
    assert passed is good and rejected == 0
    assert quarantined(home, "detections", "kitchen") is None
    passed, rejected = check_rows(home, "bouts", bouts(), DATE)
    assert len(passed) == 2 and rejected == 0


WRONG_DETECTIONS = [
    ("x1", -0.01, "expect_column_values_to_be_between: x1 is 0 to 1; found -0.01"),
    ("y2", 1.5, "y2 is 0 to 1; found 1.5"),
    ("x2", 0.0, "expect_column_pair_values_a_to_be_greater_than_b: x1 is less than x2; found x1 0, x2 0"),
    ("y1", 1.0, "y1 is less than y2; found y1 1, y2 1"),
    ("confidence", 1.01, "confidence is 0 to 1; found 1.01"),
    ("confidence", float("nan"), "confidence is present; found nothing"),
    ("cat_confidence", -1.0, "cat_confidence is 0 to 1; found -1"),
    ("ts", DAY_START - pd.Timedelta(1, "us"), "ts is on the local day; found 2026-03-28T22:59:59.999999+00:00"),
    ("ts", DAY_END, "ts is on the local day; found 2026-03-29T22:00:00+00:00"),
    ("ts", pd.Timestamp(NOON) - pd.Timedelta(1, "s"), "ts is not before its chunk begins"),
    ("ts", pd.Timestamp(NOON) + pd.Timedelta(301, "s"), "ts is not after its chunk ends"),
    ("chunk", "kitchen/chunk-20260329-130000.mp4", "chunk is in the day's manifest"),
    ("class", None, "class is present; found nothing"),
    ("class", "dog", "class is one of cat; found 'dog'"),
    ("camera", "hall", "camera is one of kitchen; found 'hall'"),
    ("offset_s", -1.0, "offset_s is 0 or more; found -1"),
    ("track_id", None, "track_id is present; found nothing"),
]


@pytest.mark.parametrize(("column", "value", "reason"), WRONG_DETECTIONS)
def test_a_wrong_detection_is_set_aside_with_its_reason(home: Home, column: str, value: object, reason: str) -> None:
    write_manifest(home)
    passed, rejected = check_rows(home, "detections", detections(2, **{column: value}), DATE, "kitchen")
    assert rejected == 1 and list(passed["track_id"]) == [1]
    aside = quarantined(home, "detections", "kitchen")
    assert aside is not None and list(aside.columns) == [*DETECTIONS.columns, "reason"]
    assert reason in aside["reason"][0]


def test_without_a_manifest_a_detection_is_not_held_against_it(home: Home) -> None:
    _, rejected = check_rows(home, "detections", detections(chunk="kitchen/chunk-20260329-130000.mp4"), DATE, "kitchen")
    assert rejected == 0


WRONG_BOUTS = [
    ("behaviour", "flying", "behaviour is one of sleeping, eating"),
    ("duration_s", 11.0, "duration_s is at most end - start; found 1"),
    ("duration_s", -10.0, "duration_s is 0 or more; found -10"),
    ("end", pd.Timestamp(NOON), "start is before end"),
    ("start", DAY_END, "start is before the local day ends"),
    ("camera", "attic", "camera is one of kitchen, hall; found 'attic'"),
    ("cameras", ["kitchen", "attic"], "cameras names cameras of home.yaml only"),
    ("cameras", [], "cameras names cameras of home.yaml only, at least one"),
    ("confidence", 2.0, "confidence is 0 to 1; found 2"),
    ("bout_id", None, "bout_id is present"),
]


@pytest.mark.parametrize(("column", "value", "reason"), WRONG_BOUTS)
def test_a_wrong_bout_is_set_aside_with_its_reason(home: Home, column: str, value: object, reason: str) -> None:
    passed, rejected = check_rows(home, "bouts", bouts(**{column: value}), DATE)
    assert rejected == 1 and list(passed["bout_id"]) == ["a"]
    aside = quarantined(home, "bouts")
    assert aside is not None and list(aside.columns) == [*BOUTS.columns, "reason"]
    assert reason in aside["reason"][0]


def test_a_bout_over_midnight_reaches_beyond_the_day(home: Home) -> None:
    start = DAY_START - pd.Timedelta(seconds=4)
    _, rejected = check_rows(home, "bouts", bouts(start=start, end=start + pd.Timedelta(seconds=10)), DATE)
    assert rejected == 0
    ends_as_the_day_begins = bouts(start=start, end=DAY_START, duration_s=4.0)
    _, rejected = check_rows(home, "bouts", ends_as_the_day_begins, DATE)
    assert rejected == 1


def test_two_bouts_of_one_name_are_both_set_aside(home: Home) -> None:
    passed, rejected = check_rows(home, "bouts", bouts(bout_id="a"), DATE)
    assert passed.empty and rejected == 2


def test_a_budget_is_never_longer_than_the_day(home: Home) -> None:
    # 23 hours are 82,800 s; a 24-hour budget can only come from a wrong clock.
    rows = [("unknown", 1, "sleeping", 82_800.0, 3, 82_800.0), ("unknown", 1, "eating", 86_400.0, 3, 82_800.0)]
    passed, rejected = check_rows(home, "budget", pd.DataFrame(rows, columns=list(BUDGET.columns)), DATE)
    assert list(passed["behaviour"]) == ["sleeping"] and rejected == 1


WRONG_CHUNKS = [
    ({"md5": "x" * 32}, "md5 is 32 hex digits"),
    ({"size": 0}, "size is 1 or more; found 0"),
    ({"end": NOON}, "start is before end"),
    ({"fps": 0.0}, "fps is more than 0; found 0"),
    ({"width": 0}, "width is 1 or more; found 0"),
    ({"key": "kitchen/clip.mp4"}, "key is CAMERA/chunk-YYYYmmdd-HHMMSS.mp4; found 'kitchen/clip.mp4'"),
    ({"start": NOON + dt.timedelta(days=1), "end": NOON + dt.timedelta(days=2)}, "start is before the local day ends"),
]


@pytest.mark.parametrize(("changed", "reason"), WRONG_CHUNKS)
def test_a_wrong_chunk_is_set_aside_with_its_reason(home: Home, changed: dict[str, object], reason: str) -> None:
    other = "kitchen/chunk-20260329-120500.mp4"
    wrong = Chunk(**{**vars(CHUNK), "key": other, **changed})
    passed, rejected = check_rows(home, "manifests", chunk_rows("kitchen", [CHUNK, wrong]), DATE, "kitchen")
    assert rejected == 1 and list(passed["key"]) == [KEY]
    aside = quarantined(home, "manifests", "kitchen")
    assert aside is not None and reason in aside["reason"][0]


def test_a_row_that_fails_twice_has_both_reasons(home: Home) -> None:
    check_rows(home, "detections", detections(x1=-1.0, confidence=7.0), DATE, "kitchen")
    aside = quarantined(home, "detections", "kitchen")
    assert aside is not None and len(aside) == 1
    assert "confidence is 0 to 1; found 7" in aside["reason"][0] and "x1 is 0 to 1; found -1" in aside["reason"][0]


def test_empty_tables_fail_only_where_they_should(home: Home) -> None:
    for suite, table, camera in (
        ("detections", DETECTIONS, "kitchen"),
        ("bouts", BOUTS, None),
        ("budget", BUDGET, None),
    ):
        passed, rejected = check_rows(home, suite, table.empty(), DATE, camera)
        assert passed.empty and rejected == 0
    with pytest.raises(
        QualityError, match=r"manifests 2026-03-29 kitchen: .*row_count.* found 0, but there are 1 rows"
    ):
        check_rows(home, "manifests", chunk_rows("kitchen", []), DATE, "kitchen")


def test_wrong_columns_and_types_fail_as_a_whole(home: Home) -> None:
    with pytest.raises(QualityError, match=r"detections 2026-03-29 kitchen: .*the columns are ts, camera"):
        check_rows(home, "detections", detections().drop(columns="x1"), DATE, "kitchen")
    with pytest.raises(QualityError, match="the columns are"):
        check_rows(home, "detections", DETECTIONS.empty().assign(colour="red"), DATE, "kitchen")
    with pytest.raises(QualityError, match="detections 2026-03-29 kitchen"):
        check_rows(home, "detections", detections().assign(x1="left"), DATE, "kitchen")
    with pytest.raises(QualityError, match=r"bouts 2026-03-29: .*wrong type"):
        check_rows(home, "bouts", bouts().assign(start="noon"), DATE)


def test_a_partition_that_becomes_clean_leaves_no_quarantine(home: Home) -> None:
    check_rows(home, "detections", detections(x1=2.0), DATE, "kitchen")
    assert quarantined(home, "detections", "kitchen") is not None
    check_rows(home, "detections", detections(), DATE, "kitchen")
    assert quarantined(home, "detections", "kitchen") is None
    check_rows(home, "detections", detections(x1=2.0), DATE, "kitchen")
    check_rows(home, "detections", DETECTIONS.empty(), DATE, "kitchen")
    assert quarantined(home, "detections", "kitchen") is None


def test_same_rows_same_bytes(home: Home, tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        return {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    rows = detections(5, x1=2.0)
    check_rows(home, "detections", rows, DATE, "kitchen")
    first = files()
    assert len(first) == 3, "a quarantine, a page and the list of pages, and nothing else in the home"
    check_rows(home, "detections", rows, DATE, "kitchen")
    assert files() == first


def test_pages_say_what_was_found_and_load_nothing(home: Home) -> None:
    check_rows(home, "detections", detections(2, **{"class": "<b>"}), DATE, "kitchen")
    page = home.data.read(page_key("detections", DATE, "kitchen")).decode()
    assert "2 rows were checked; 1 was set aside" in page
    assert "&#x27;&lt;b&gt;&#x27;" in page and "<b>" not in page
    index = home.data.read("quality/index.html").decode()
    assert 'href="detections/2026-03-29-kitchen.html"' in index
    assert quarantine_key("detections", DATE, "kitchen") in index
    assert not re.search(r"https?:", page + index), "a page that is opened asks no server for anything"


def test_a_page_stays_small_however_much_is_wrong(home: Home) -> None:
    rows = detections(2000)
    rows["x1"] = 2.0 + np.arange(2000)
    _, rejected = check_rows(home, "detections", rows, DATE, "kitchen")
    assert rejected == 2000
    assert len(home.data.read(page_key("detections", DATE, "kitchen"))) < 20_000


def test_a_camera_day_costs_little_beside_a_night(home: Home) -> None:
    # 17,280 is one sample in 5 s, all day, each with a cat: the most an ordinary day has. Measured: 0.3 s on 2 cores.
    check_rows(home, "detections", detections(1), DATE, "kitchen")  # imports Great Expectations
    write_manifest(home)
    rows = detections(17_280)
    begun = time.perf_counter()
    check_rows(home, "detections", rows, DATE, "kitchen")
    assert time.perf_counter() - begun < 5.0


def test_a_day_without_cats_does_not_import_great_expectations(tmp_path: Path) -> None:
    code = (
        "import sys, datetime as dt; from pathlib import Path\n"
        "from home.config import HomeConfig; from home.folder import Home; from home.params import Params\n"
        "from home.tables import DETECTIONS; from tasks.quality import check_rows\n"
        "home = Home(Path(sys.argv[1]), HomeConfig(timezone='UTC', cameras={'kitchen': {}}), Params())\n"
        "check_rows(home, 'detections', DETECTIONS.empty(), dt.date(2026, 3, 29), 'kitchen')\n"
        "assert 'great_expectations' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


def counted(**changed: object) -> pd.DataFrame:
    """Good counts of two hours of a cat; `changed` values go into the last."""
    frame = pd.DataFrame({
        "cat": "unknown", "behaviour": "eating", "hour": [DAY_START, DAY_END - pd.Timedelta(hours=1)],
        "events": np.int32(1), "seconds": 60.0, "observed_s": 3600.0, "unknown_events": np.int32(0),
    })  # fmt: skip
    return _changed(frame, changed)


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"cat": "tom"}, "cat is one of miso, unknown"),
        ({"cat": None}, "cat, behaviour and hour are present"),
        ({"behaviour": "dining"}, "behaviour is one of sleeping"),
        ({"hour": DAY_END}, "hour begins on the local day"),
        ({"hour": DAY_START}, "cat, behaviour and hour stand once"),
        ({"events": -1}, "events, seconds and unknown_events are 0 or more"),
        ({"seconds": float("nan")}, "seconds and observed_s are present"),
        ({"observed_s": 5402.0}, "observed_s is not more than an hour has"),
        ({"cat": "miso", "seconds": 5402.0}, "seconds of one cat are not more than an hour has"),
    ],
)
def test_counts_that_are_wrong_are_set_aside(tmp_path: Path, changed: dict[str, object], right: str) -> None:
    config = HomeConfig.model_validate({"timezone": "Europe/Berlin", "cats": {"miso": {"name": "Miso"}}})
    own = Home(tmp_path, config, Params())
    assert check_rows(own, "counts", counted(seconds=9000.0), DATE)[1] == 0, "two unknown animals at once"
    good, rejected = check_rows(own, "counts", counted(**changed), DATE)
    assert (len(good), rejected) == ((0, 2) if "stand once" in right else (1, 1))
    kept = pq.read_table(io.BytesIO(own.data.read(quarantine_key("counts", DATE)))).to_pandas()
    assert right in kept["reason"].iloc[-1]


def test_many_days_at_once_are_checked_as_each_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is wrong in one day and right in another: an hour of the day after, the same hour twice, unknown cats."""
    config = HomeConfig.model_validate({"timezone": "Europe/Berlin", "cats": {"miso": {"name": "Miso"}}})
    wrong: list[dict[str, object]] = [
        {},
        {"hour": DAY_START},
        {"hour": DAY_END + pd.Timedelta(hours=1)},
        {"events": -1, "cat": "tom"},
        {},
    ]
    days = {}
    for number, changed in enumerate(wrong):
        day, frame = DATE + dt.timedelta(days=number), counted(**changed)
        # All but the first are 24 hours long.
        days[day] = frame.assign(hour=frame["hour"] + pd.Timedelta(days=number) - pd.Timedelta(hours=int(number > 0)))
    alone, together = (Home(tmp_path / name, config, Params()) for name in ("alone", "together"))
    one_by_one = {day: check_rows(alone, "counts", frame, day) for day, frame in days.items()}
    asked: list[int] = []
    real = tasks.quality.judged

    def told(name: str, frame: pd.DataFrame, rules: list[Rule]) -> list[Any]:
        asked.append(len(frame))
        return real(name, frame, rules)

    monkeypatch.setattr(tasks.quality, "judged", told)
    at_once = check_days(together, "counts", days)
    assert asked == [10], "Great Expectations is asked once, of all rows"
    assert [rejected for _, rejected in at_once.values()] == [0, 2, 1, 1, 0]
    for day, (rows, rejected) in one_by_one.items():
        assert rejected == at_once[day][1]
        pd.testing.assert_frame_equal(rows, at_once[day][0])
    written = [
        {str(file.relative_to(home.root)): file.read_bytes() for file in home.root.rglob("*") if file.is_file()}
        for home in (alone, together)
    ]
    assert written[0] == written[1] and len(written[0]) == 5 + 3 + 1, (
        "the same pages, quarantines and list, to the byte"
    )


def test_of_many_days_the_one_that_fails_as_a_whole_is_named(home: Home) -> None:
    days = {DATE: counted(), DATE + dt.timedelta(days=1): counted().iloc[:0]}
    with pytest.raises(QualityError, match=r"counts 2026-03-30: expect_table_row_count_to_be_between .* found 0"):
        check_days(home, "counts", days)
    assert home.data.list("quality/") == []
    days[DATE + dt.timedelta(days=1)] = counted().assign(hour="noon")
    with pytest.raises(QualityError, match=r"counts 2026-03-30: "):
        check_days(home, "counts", days)
    with pytest.raises(ValueError, match="know their day"):
        check_days(home, "bouts", {DATE: bouts()})
    assert check_days(home, "counts", {}) == {}
