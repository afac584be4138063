"""The home's own Git repository: only its own files, nobody else's repository, no prompts, hooks or secrets."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from home import repository as module
from home.errors import VersionError
from home.repository import PROJECT, Repository, set_up


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine's user or system: neither a name nor an address is known."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    root.mkdir()
    (root / "home.yaml").write_text("timezone: UTC\n")
    assert set_up(root, ["home.yaml"]) == []
    return root


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def test_set_up_commits_what_it_made_and_is_kept_the_second_time(home: Path) -> None:
    committed = git(home, "ls-files").split()
    assert committed == [".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "home.yaml"]
    (home / ".dvcignore").write_text("mine\n")
    assert set_up(home) == []
    assert (home / ".dvcignore").read_text() == "mine\n"
    assert git(home, "log", "--format=%s|%an|%ae").split("\n")[:-1] == ["A home for CatML|CatML|catml@localhost"]
    assert "analytics = false" in (home / ".dvc/config").read_text()


def test_footage_tables_and_pages_stay_out_of_git(home: Path) -> None:
    for name in ("footage/kitchen/a.mp4", "tables/bouts/part.parquet", "reports/x.html", "manifests/x.json"):
        (home / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "data" / name).write_text("x")
    assert git(home, "status", "--porcelain", "-uall").split() == ["??", "data/manifests/x.json"]


def test_a_commit_takes_named_files_only_and_leaves_the_index_alone(home: Path) -> None:
    (home / "mine.txt").write_text("half-finished")
    (home / "other.txt").write_text("untouched")
    git(home, "add", "mine.txt")
    (home / "metrics.json").write_text("{}")
    repository = Repository(home)
    assert repository.commit(["metrics.json"], "Night") is True
    assert git(home, "show", "--format=", "--name-only").split() == ["metrics.json"]
    assert git(home, "status", "--porcelain").splitlines() == ["A  mine.txt", "?? other.txt"]
    head = repository.head()
    assert repository.commit(["metrics.json"], "Night") is False and repository.head() == head
    (home / "metrics.json").unlink()
    assert repository.commit(["metrics.json"], "Gone") is True
    assert "metrics.json" not in git(home, "ls-files")


def test_a_file_that_the_owner_ignores_is_committed_by_its_name(home: Path) -> None:
    (home / ".gitignore").write_text("*.json\n")
    (home / "metrics[1].json").write_text("{}")  # and its name is no pattern
    assert Repository(home).commit(["metrics[1].json"], "Night") is True


def test_the_owners_name_is_used_where_git_knows_it(home: Path) -> None:
    git(home, "config", "user.name", "Ada")
    (home / "metrics.json").write_text("{}")
    Repository(home).commit(["metrics.json"], "Night")
    assert git(home, "log", "-1", "--format=%an|%ae").strip() == "Ada|catml@localhost"


def test_hooks_and_signatures_are_left_out(home: Path) -> None:
    hook = home / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    git(home, "config", "commit.gpgSign", "true")
    git(home, "config", "gpg.program", "false")
    (home / "metrics.json").write_text("{}")
    assert Repository(home).commit(["metrics.json"], "Night") is True


def test_another_repository_is_never_touched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = home / "second"
    inside.mkdir()
    with pytest.raises(VersionError, match="lies inside the repository"):
        Repository(inside).require_own()
    with pytest.raises(VersionError, match="has no Git repository; `catml init` makes one"):
        Repository(home.parent).require_own()
    with pytest.raises(VersionError, match="CatML's own source"):
        Repository(PROJECT).require_own()
    # As inside a hook of another repository: the variables it sets lead there.
    monkeypatch.setenv("GIT_DIR", str(home / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(home.parent))
    assert set_up(inside) == []
    Repository(inside).require_own()
    assert (inside / ".git").is_dir()


def test_what_git_says_is_told_without_secrets(home: Path) -> None:
    git(home, "remote", "add", "origin", "https://ada:s3cret@127.0.0.1:1/home.git")
    with pytest.raises(VersionError) as caught:
        Repository(home).push()
    assert "Git refused" in str(caught.value) and "s3cret" not in str(caught.value)


def test_push_reaches_a_remote(home: Path) -> None:
    with pytest.raises(VersionError, match="no Git remote"):
        Repository(home).push()
    remote = home.parent / "remote.git"
    git(home.parent, "init", "--quiet", "--bare", str(remote))
    git(home, "remote", "add", "backup", str(remote))
    Repository(home).push()
    assert git(remote, "rev-parse", "main").strip() == Repository(home).head()


def test_a_program_that_hangs_is_stopped_with_its_children(home: Path) -> None:
    git(home, "config", "alias.hang", "!sleep 30 & sleep 30")
    begun = time.monotonic()
    with pytest.raises(VersionError, match=r"Git took more than 0\.5 s"):
        Repository(home).git("hang", timeout_s=0.5)
    # The children hold the pipes: were they alive, this would wait for them.
    assert time.monotonic() - begun < 10


def test_a_missing_program_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VersionError, match="Git is not installed"):
        Repository(home).head and Repository(home).git("status")
    assert set_up(home.parent / "new") == ["this home keeps no history: Git is not installed"]
    monkeypatch.setattr(module.sys, "executable", str(home / "no-python"))
    with pytest.raises(VersionError, match="DVC is not installed"):
        Repository(home).dvc("version")
