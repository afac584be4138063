"""A new home is whole and valid, and what was there is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from home.errors import WrongUse
from home.folder import open_home
from home.new import TEMPLATE, init, system_zone
from home.params import Params
from home.repository import Repository


@pytest.fixture
def _berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


@pytest.mark.usefixtures("_berlin")
def test_a_new_home_opens(tmp_path: Path) -> None:
    new = init(tmp_path / "deep" / "home")
    home = open_home(tmp_path / "deep" / "home")
    assert new.written == ["home.yaml", "params.yaml"] and new.there == [] and new.warnings == []
    assert (home.config.timezone, home.config.cameras, home.params) == ("Europe/Berlin", {}, Params())
    assert Repository(home.root).head() and (home.root / ".dvc").is_dir()


def test_the_example_is_right_when_its_marks_are_taken_away(tmp_path: Path) -> None:
    """Who uncomments the example must not meet an error of ours."""
    text = TEMPLATE.read_text("utf-8")
    lines = []
    for line in text.splitlines():
        bare = line.strip().removeprefix("#").strip()
        prose = bare.endswith((".", ":")) and " " in bare
        keyed = ":" in bare and " " not in bare.partition(":")[0] and not prose
        is_example = line.strip().startswith("#") and keyed
        lines.append(line.replace("# ", "", 1) if is_example else line)
    (tmp_path / "home.yaml").write_text("\n".join(lines), "utf-8")
    config = open_home(tmp_path).config
    assert set(config.cameras["kitchen"].zones) == {"food_bowl", "litter_box"}
    assert config.cameras["kitchen"].private == ["22:00-06:30"] and config.cats["miso"].name == "Miso"
    assert config.place is not None and config.store.endpoint_url == "http://nas.local:9000"


@pytest.mark.usefixtures("_berlin")
def test_twice_changes_nothing(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / "home.yaml").write_text("timezone: UTC\n")
    head = Repository(tmp_path).head()
    again = init(tmp_path)
    assert again.written == [] and again.there == ["home.yaml", "params.yaml"]
    assert (tmp_path / "home.yaml").read_text() == "timezone: UTC\n" and Repository(tmp_path).head() == head


def test_a_folder_with_other_things_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (tmp_path / ".gitignore").write_text("mine\n")
    init(tmp_path)
    assert (tmp_path / "photo.jpg").read_bytes() == b"x" and (tmp_path / ".gitignore").read_text() == "mine\n"
    assert "photo.jpg" not in Repository(tmp_path).git("ls-files")


def test_without_git_a_home_is_made_and_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    new = init(tmp_path / "home")
    assert new.warnings == ["this home keeps no history: Git is not installed"]
    assert open_home(tmp_path / "home").config.cameras == {}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(WrongUse, match="is a file; a home is a folder"):
        init(tmp_path / "home")
    with pytest.raises(WrongUse, match="cannot be made"):
        init(tmp_path / "home" / "below")


@pytest.mark.parametrize("told", ["Europe/Berlin", ":Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin"])
def test_the_zone_of_the_system(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", told)
    assert system_zone() == "Europe/Berlin"
