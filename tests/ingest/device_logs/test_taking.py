"""Logs are taken in once, whatever the order, whole or not at all; what they do not cover is no time without events."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from home.clock import Span
from home.device_coverage import covered, observed_by_devices, silences, witnesses
from home.errors import LogError, WrongUse
from home.folder import Home
from home.tables import DEVICE_COVERAGE, DEVICE_EVENTS
from home.telemetry import readings
from ingest.device_logs.taking import LogReport, import_logs
from tests.conftest import HomeFactory

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LOGS = Path(__file__).resolve().parents[4] / "shared/data/logs"
CATS = "cats:\n  miso: {name: Miso, weight_kg: [4.3, 5.2]}\n"


def at(day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 1, day, hour, minute, tzinfo=dt.UTC)


def export(folder: Path, rows: Sequence[dt.datetime], made: str, box: str = "box") -> Path:
    """An export with a visit at each time."""
    lines = ["Activity,Timestamp,Value"]
    for moment in sorted(rows, reverse=True):
        said = f"{moment:%m/%d %I:%M %p}".lower()
        lines += [f"Weight recorded,{said},10.3 lbs", f"Cat detected,{said},-"]
    path = folder / f"{box}_activity_{made}.csv"
    path.write_text("\r\n".join(lines))
    return path


def taken(home: Home, *paths: Path) -> LogReport:
    return import_logs(home, paths, "litter-robot", NOW)


def content(home: Home) -> dict[str, bytes]:
    root = home.root / "data"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def tables(home: Home) -> dict[str, bytes]:
    return {name: data for name, data in content(home).items() if name.startswith("tables")}


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    """Two that overlap in a visit, and a third after days that are in no log."""
    return [
        export(tmp_path, [at(1, 8), at(2, 8), at(3, 8)], "2026-01-03"),
        export(tmp_path, [at(3, 8), at(4, 8), at(5, 20)], "2026-01-06"),
        export(tmp_path, [at(9, 8), at(13, 8)], "2026-01-14"),
    ]


def opened(home_factory: HomeFactory, folder: str = "home", more: str = CATS) -> Home:
    return home_factory(cameras="  kitchen: {}\n", timezone="UTC", more=more, folder=folder)


def test_twice_changes_nothing_byte_for_byte(home_factory: HomeFactory, exports: list[Path]) -> None:
    home = opened(home_factory)
    first = taken(home, *exports)
    assert (first.files, first.rows, first.new, first.readings) == (3, 16, 14, 7)
    before = content(home)
    again = taken(home, *exports)
    assert (again.new, again.readings) == (0, 0) and content(home) == before
    assert [reading.value for reading in readings(home.database)] == [4.672] * 7


def test_in_any_order_the_same_tables(home_factory: HomeFactory, exports: list[Path]) -> None:
    whole = opened(home_factory, "whole")
    taken(whole, *exports)
    for number, order in enumerate([exports[::-1], [exports[1], exports[2], exports[0]]]):
        home = opened(home_factory, f"home-{number}")
        for path in order:
            taken(home, path)
        assert tables(home) == tables(whole)


def test_what_is_in_no_log_and_a_long_silence_are_gaps(home_factory: HomeFactory, exports: list[Path]) -> None:
    home = opened(home_factory)
    report = taken(home, *exports)
    [(device, reported, silent)] = covered(home.tables, home.config, report.told)
    minute = dt.timedelta(minutes=1)
    last = Span(at(13, 8), at(13, 8) + minute)
    assert (device, reported) == ("box", [Span(at(1, 8), at(5, 20) + minute), last])
    assert silent == [Span(at(9, 8), at(13, 8))], "four days, where two are the longest"
    assert [each.since for each in witnesses(home.tables)] == [at(1, 8)]
    [(_, patient, none)] = covered(
        *(lambda other: (other.tables, other.config, taken(other, *exports).told))(
            opened(home_factory, "patient", f"{CATS}devices:\n  box: {{silent_after_h: 200}}\n")
        )
    )
    assert patient[1] == Span(at(9, 8), at(13, 8) + minute) and none == []


def test_a_visit_of_another_export_ends_a_silence(home_factory: HomeFactory, tmp_path: Path) -> None:
    home = opened(home_factory)
    taken(home, export(tmp_path, [at(9, 8), at(13, 8)], "2026-01-14"))
    report = taken(home, export(tmp_path, [at(10, 20), at(11, 8)], "2026-01-12"))
    [(_, reported, silent)] = covered(home.tables, home.config, [*report.told])
    assert (reported, silent) == ([Span(at(10), at(12))], [])
    rows = home.tables.read(DEVICE_COVERAGE, dt.date(2026, 1, 12))
    assert rows["state"].tolist() == ["reported"], "36 h before it, 48 h after it"


def test_one_wrong_file_and_nothing_of_any_is_kept(home_factory: HomeFactory, exports: list[Path]) -> None:
    home = opened(home_factory)
    exports[1].write_text(exports[1].read_text().replace("01/04 08:00 am", "01/04 28:00 am"))
    with pytest.raises(LogError, match=r"box_activity_2026-01-06.csv:4: found '01/04 28:00 am'"):
        taken(home, *exports)
    with pytest.raises(WrongUse, match=r"home.yaml has no cat 'felix'"):
        import_logs(home, exports[:1], "litter-robot", NOW, cats=["felix"])
    with pytest.raises(WrongUse, match=r"--kind csv needs --device ID; it has: none yet"):
        import_logs(home, exports[:1], "csv", NOW)
    assert content(home) == {}


def test_who_it_was_may_be_said_later(home_factory: HomeFactory, exports: list[Path]) -> None:
    home = opened(home_factory, more="cats:\n  miso: {name: Miso}\n")
    taken(home, exports[0])
    assert set(home.tables.read(DEVICE_EVENTS, dt.date(2026, 1, 1))["cat"]) == {"unknown"}
    report = import_logs(home, exports[:1], "litter-robot", NOW, cats=["miso"])
    assert (report.new, report.readings) == (6, 3)
    assert home.tables.read(DEVICE_EVENTS, dt.date(2026, 1, 1))["cat"].tolist() == ["miso", "miso"]
    assert {reading.cat for reading in readings(home.database)} == {"miso"}


def test_all_boxes_in_use_must_have_reported(home_factory: HomeFactory, tmp_path: Path) -> None:
    home = opened(home_factory, more=f"{CATS}devices:\n  old: {{until: 2026-01-07}}\n")
    hours = [at(day, hour) for day in range(4, 9) for hour in (0, 12)]
    taken(home, export(tmp_path, [at(4), at(5, 12)], "2026-01-06", "old"), export(tmp_path, hours, "2026-01-09", "new"))

    def seen(day: int, cat: str = "miso") -> list[Span]:
        whole = Span(at(day), at(day + 1))
        ledger = home.tables.read(DEVICE_COVERAGE, dt.date(2026, 1, day))
        return observed_by_devices(home.config, witnesses(home.tables), ledger, "using_litter_box", cat, whole)

    assert seen(5) == [Span(at(5), at(5, 12, 1))] == seen(5, "unknown")
    assert seen(6) == [], "the old box is in no log of that day, and may have been used"
    assert seen(7) == [Span(at(7), at(8))], "it was put away"
    assert seen(3) == []
    ledger = home.tables.read(DEVICE_COVERAGE, dt.date(2026, 1, 7))
    assert observed_by_devices(home.config, witnesses(home.tables), ledger, "eating", "miso", Span(at(7), at(8))) == []


def test_silences_are_longer_than_the_longest() -> None:
    exported = [Span(at(1), at(5)), Span(at(8), at(9))]
    assert silences(exported, [at(1), at(3)], dt.timedelta(days=2)) == []
    assert silences(exported, [at(1), at(3)], dt.timedelta(hours=47)) == [Span(at(1), at(3)), Span(at(3), at(5))]
    assert silences(exported, [], dt.timedelta(days=1)) == [Span(at(1), at(5))]


@pytest.mark.skipif(not LOGS.is_dir(), reason="../shared/data/logs is not there: real logs are not tested")
def test_two_overlapping_exports_of_a_real_box(home_factory: HomeFactory, tmp_path: Path) -> None:
    """September and October 2025 overlap in ten rows."""
    names = ("2025-09-10", "2025-10-05")
    for name in names:
        shutil.copy(LOGS / "litter-robot" / f"vegas_robot_1_activity_{name}.csv", tmp_path)
    home = home_factory(cameras="  kitchen: {}\n", timezone="America/Los_Angeles", more="")
    report = taken(home, *(tmp_path / f"vegas_robot_1_activity_{name}.csv" for name in names))
    assert (report.rows, report.rows - report.new) == (354 + 297, 10)
    local = [
        (span.start.astimezone(home.zone), span.end.astimezone(home.zone)) for span in report.spans("vegas_robot_1")
    ]
    assert [f"{start:%Y-%m-%d %H:%M} {end:%Y-%m-%d %H:%M}" for start, end in local] == [
 "2025-08-14 11:51 2025-10-04 23:44",
    ]  # fmt: skip
