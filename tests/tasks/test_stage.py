"""How a stage runs as a program: what it is called with, what it says, and its exit status."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from home.clock import Span
from home.coverage import record
from home.errors import TableError, WrongUse
from home.folder import Home, open_home
from home.manifest import Manifest, manifest_key
from tasks.stage import Outcome, Progress, parse_overrides, run_stage, silent

DATES = [dt.date(2026, 3, 1), dt.date(2026, 3, 2)]
calls: list[tuple[Any, ...]] = []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two cameras and the manifests of two dates."""
    calls.clear()
    (tmp_path / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen:\n  hall:\n")
    home = open_home(tmp_path)
    for date in DATES:
        home.data.write(manifest_key(date), Manifest(date, "UTC", {}).to_json())
    return tmp_path


def extract(home: Home, date: dt.date, camera: str, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Stand in for a stage of a camera."""
    calls.append((date, camera, force, home.params.detect.confidence))
    facts = {"samples": 3, "damaged": {}}
    return Outcome("extract", date, camera, skipped=camera == "hall", facts=facts, warnings=["one is damaged"])


def manifest(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Stand in for a stage of a day."""
    calls.append((date, force))
    return Outcome("manifest", date)


def version(home: Home, dates: list[dt.date], *, progress: Progress = silent) -> Outcome:
    """Stand in for a stage of the night."""
    calls.append((dates,))
    return Outcome("version")


def simulate(home: Home, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Stand in for a stage that fails."""
    raise TableError("bouts: damaged")


def test_it_runs_over_everything_there_is(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_stage(extract, per="camera", argv=["--home", str(root)]) == 0
    assert calls == [(date, camera, False, 0.3) for date in DATES for camera in ("kitchen", "hall")]
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines()[:4] == [
        "warning: one is damaged",
        "extract 2026-03-01 kitchen: samples 3",
        "warning: one is damaged",
        "extract 2026-03-01 hall: unchanged",
    ]


def test_it_runs_over_what_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--date", "2026-03-02", "--camera", "hall", "--force", "--set", "detect.confidence=0.5", "--quiet"]
    assert run_stage(extract, per="camera", argv=["--home", str(root), *chosen]) == 0
    assert calls == [(DATES[1], "hall", True, 0.5)]
    assert capsys.readouterr().err == "warning: one is damaged\n", "--quiet leaves what a person must know"


def test_the_dates_of_manifests_come_from_the_ledger(root: Path) -> None:
    noon = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
    home = open_home(root)
    record(home.tables, "kitchen", [Span(noon, noon + dt.timedelta(minutes=5))], home.zone)
    assert run_stage(manifest, per="day", argv=["--home", str(root)]) == 0
    assert calls == [(dt.date(2026, 3, 5), False)]


def test_a_stage_of_the_night_gets_all_dates_at_once(root: Path) -> None:
    assert run_stage(version, per="night", argv=["--home", str(root)]) == 0
    assert calls == [(DATES,)]


WRONG = [
    (["--camera", "attic"], "no camera 'attic'"),
    (["--set", "detect.confidence=7"], "detect.confidence"),
    (["--set", "confidence=0.5"], "stage.param=value"),
    (["--home", "nowhere"], "no such file"),
]


@pytest.mark.parametrize(("argv", "told"), WRONG)
def test_wrong_use_ends_with_2(root: Path, argv: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_stage(extract, per="camera", argv=["--home", str(root), *argv]) == 2
    assert told in capsys.readouterr().err and calls == []


def test_wrong_options_end_with_2(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for argv, told in ((["--date", "1.3.2026"], "must be YYYY-MM-DD"), (["--camera", "hall"], "unrecognized")):
        with pytest.raises(SystemExit) as ended:
            run_stage(manifest, per="day", argv=["--home", str(root), *argv])
        assert ended.value.code == 2 and told in capsys.readouterr().err


def test_a_stage_that_fails_ends_with_1(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_stage(simulate, per="home", argv=["--home", str(root)]) == 1
    assert capsys.readouterr().err == "error: bouts: damaged\n"


def test_overrides_are_stage_and_parameter() -> None:
    assert parse_overrides(["detect.model=a=b.onnx", "bouts.minimum_s="]) == {
        "detect.model": "a=b.onnx",
        "bouts.minimum_s": "",
    }
    for wrong in ("detect", "detect=1", "a.b.c=1", ".b=1", "a.=1"):
        with pytest.raises(WrongUse, match=r"must be stage\.param=value"):
            parse_overrides([wrong])
