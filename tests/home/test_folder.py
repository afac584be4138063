"""A home, opened."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from home.errors import ConfigError, WrongUse
from home.folder import PROJECT, open_home, today
from tests.conftest import HomeFactory


def test_a_home_knows_its_places(home_factory: HomeFactory) -> None:
    home = home_factory(more="store:\n  tables: s3://cats/tables\n  endpoint_url: http://127.0.0.1:9\n")
    assert home.footage.folder == home.root / "data/footage"
    assert home.tables.store.url == "s3://cats/tables" and home.tables.store.endpoint_url == "http://127.0.0.1:9"
    assert home.data.folder == home.root / "data"
    assert home.zone.key == "Europe/Berlin"


def test_a_camera_by_its_id(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  kitchen:\n    name: Kitchen\n  hall: {}\n")
    assert home.camera("kitchen").name == "Kitchen"
    with pytest.raises(WrongUse, match=r"no camera 'cellar' in .*home\.yaml; it has: kitchen, hall"):
        home.camera("cellar")


def test_a_home_without_cameras_says_how_to_add_one(home_factory: HomeFactory) -> None:
    with pytest.raises(WrongUse, match="none; add one under `cameras:`"):
        home_factory(cameras="").camera("hall")


def test_params_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text("timezone: UTC\n")
    assert open_home(tmp_path, {"detect.confidence": "0.4"}).params.detect.confidence == 0.4
    (tmp_path / "params.yaml").write_text("detect:\n  confidence: 2\n")
    with pytest.raises(ConfigError, match=r"params\.yaml:2"):
        open_home(tmp_path)


def test_set_wins_over_the_file(home_factory: HomeFactory) -> None:
    assert home_factory(overrides={"extract.sample_period_s": "1"}).params.extract.sample_period_s == 1


def test_files_of_the_home_come_before_those_of_the_project(home_factory: HomeFactory) -> None:
    home = home_factory()
    assert home.file("pyproject.toml") == PROJECT / "pyproject.toml"
    (home.root / "pyproject.toml").write_text("")
    assert home.file("pyproject.toml") == home.root / "pyproject.toml"


def test_today_is_the_homes(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATML_TODAY", raising=False)
    # Kiritimati and Niue are 25 hours apart: it is never the same date there.
    east = today(home_factory(timezone="Pacific/Kiritimati"))
    west = today(home_factory(timezone="Pacific/Niue"))
    assert (east - west).days in (1, 2)
    monkeypatch.setenv("CATML_TODAY", "2026-03-02")
    assert today(home_factory()) == dt.date(2026, 3, 2)


def test_opening_makes_nothing(home_factory: HomeFactory) -> None:
    home = home_factory()
    assert home.footage.list("") == [] and home.tables.dates is not None and home.data.find("x") is None
    assert sorted(path.name for path in home.root.iterdir()) == ["home.yaml", "params.yaml"]
