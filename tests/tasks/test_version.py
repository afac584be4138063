"""A snapshot of the night with real Git and real DVC: what it holds, what it leaves alone, and what happens without them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.repository import set_up
from home.tables import BOUTS, BUDGET, DETECTIONS, FRAMES
from tasks import version as module
from tasks.version import version
from tests.s3_server import S3Server

DATE = dt.date(2026, 3, 1)
NEXT = dt.date(2026, 3, 2)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine's user, and DVC's database of checksums in a folder that goes away."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "dvc-site"))
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "dvc-global"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    root = tmp_path / "home"
    root.mkdir()
    (root / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen:\n")
    assert set_up(root, ["home.yaml"]) == []
    (root / "data/footage/kitchen").mkdir(parents=True)
    (root / "data/footage/kitchen/chunk-20260301-120000.mp4").write_bytes(b"footage")
    home = open_home(root)
    a_day(home, DATE)
    return home


def a_day(home: Home, date: dt.date, seconds: float = 40.0) -> None:
    """Five minutes of footage, 60 samples with a detection on each, and one bout of `seconds`."""
    noon = dt.datetime.combine(date, dt.time(12), dt.UTC)
    key = f"kitchen/chunk-{noon:%Y%m%d-%H%M%S}.mp4"
    chunk = Chunk(key, 7, "0" * 32, noon, noon + dt.timedelta(minutes=5), "h264", 1280, 720, 5.0)
    manifest = Manifest(date, "UTC", {"kitchen": CameraManifest([chunk])})
    home.data.write(manifest_key(date), manifest.to_json())
    times = pd.date_range(noon, periods=60, freq="5s").astype("datetime64[us, UTC]")
    frames = pd.DataFrame({"ts": times, "camera": "kitchen", "chunk": key, "offset_s": range(0, 300, 5)})
    frames = frames.assign(keyframe=True, movement=0.0, kept=[index % 2 == 0 for index in range(60)], moved=b"")
    home.tables.write(FRAMES, frames, date, "kitchen", "frames")
    home.tables.write(DETECTIONS, DETECTIONS.empty(), date, "kitchen", "detections", {"detections": 60})
    bout = {
        "cat": "unknown", "animal": 1, "behaviour": "eating", "start": noon, "end": noon + dt.timedelta(seconds=seconds),
        "duration_s": seconds, "confidence": 0.9, "cameras": ["kitchen"], "chunk": key, "offset_s": 0.0,
        "continues_before": False, "continues_after": False, "bout_id": "a", "evidence": "", "camera": "kitchen",
        "x1": 0.1, "y1": 0.1, "x2": 0.2, "y2": 0.2,
    }  # fmt: skip
    home.tables.write(BOUTS, pd.DataFrame([bout]), date, fingerprint="bouts")
    # What is unseen or not filmed is no cat-second.
    rows = [
        ("unknown", 1, name, length, 1, 300.0) for name, length in (("eating", seconds), ("unseen", 9.0), ("gap", 5.0))
    ]
    home.tables.write(BUDGET, pd.DataFrame(rows, columns=list(BUDGET.columns)), date, fingerprint="bouts")


def git(home: Home, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=home.root, check=True, capture_output=True, text=True).stdout


def dvc(home: Home, *arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, cwd=home.root, check=True, capture_output=True, text=True).stdout


def test_a_night_is_versioned_and_can_be_had_back(home: Home) -> None:
    outcome = version(home, [DATE])
    assert outcome.warnings == [] and outcome.facts["commit"] == git(home, "rev-parse", "HEAD").strip()[:12]
    committed = set(git(home, "show", "--format=%s", "--name-only").splitlines())
    files = {"data/manifests/2026-03-01.json", "dvc.lock", "dvc.yaml", "metadata.json", "metrics.json"}
    assert committed == files | {"Night of 2026-03-01", ""}
    assert git(home, "status", "--porcelain") == ""
    assert "up to date" in dvc(home, "status")

    # The partitions come back from DVC as they were, those of the next night from the next commit.
    path = home.root / "data/tables" / BOUTS.key(DATE)
    first = path.read_bytes()
    a_day(home, DATE, seconds=50.0)
    assert version(home, [DATE]).facts["commit"]
    git(home, "checkout", "--quiet", "HEAD~1")
    dvc(home, "checkout")
    assert path.read_bytes() == first

    cached = [file.read_bytes() for file in (home.root / ".dvc/cache").rglob("*") if file.is_file()]
    assert first in cached and b"footage" not in cached, "footage is pinned, never copied"
    assert "footage" not in git(home, "log", "--all", "--name-only", "--format=")


def test_the_figures_are_those_of_the_tables(home: Home) -> None:
    version(home, [DATE])
    figures = json.loads((home.root / "metrics.json").read_text())["days"]["2026-03-01"]
    assert figures == {
        "footage_s": 300.0,
        "samples": 60,
        "looked_at": 30,
        "detections": 60,
        "cat_seconds": 40.0,
        "bouts": {"eating": 1},
    }
    metadata = json.loads((home.root / "metadata.json").read_text())
    assert metadata["dates"] == ["2026-03-01"] and metadata["params"]["detect"]["confidence"] == 0.3
    shipped = {
        "detect": "detector/weights/detector",
        "pose": "pose/weights/pose",
        "behave": "behaviour/weights/behaviour",
    }
    assert {what: model["name"] for what, model in metadata["models"].items()} == {
        what: f"models/{name}.onnx" for what, name in shipped.items()
    }
    assert all(len(model["md5"]) == 32 for model in metadata["models"].values())


def test_an_unchanged_home_costs_nothing_and_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    version(home, [DATE])
    head = git(home, "rev-parse", "HEAD")
    calls: list[tuple[str, ...]] = []
    run = module.Repository.dvc
    monkeypatch.setattr(module.Repository, "dvc", lambda self, *a, **k: (calls.append(a), run(self, *a, **k))[1])
    assert version(home, [DATE]).skipped and calls == []
    # The same bytes again, as after `--force`: looked at, and nothing to commit.
    a_day(home, DATE)
    assert version(home, [DATE]).skipped and len(calls) == 1
    assert git(home, "rev-parse", "HEAD") == head
    # A new day keeps the figures of the old one.
    a_day(home, NEXT)
    assert version(home, [NEXT]).facts["commit"]
    assert set(json.loads((home.root / "metrics.json").read_text())["days"]) == {"2026-03-01", "2026-03-02"}


def test_the_owners_own_work_is_left_alone(home: Home) -> None:
    (home.root / "notes.txt").write_text("mine")
    (home.root / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen:\n  hall:\n")
    git(home, "add", "notes.txt")
    assert version(open_home(home.root), [DATE]).warnings == []
    assert git(home, "status", "--porcelain").splitlines() == [" M home.yaml", "A  notes.txt"]


def test_a_manifest_that_is_gone_goes_from_git_too(home: Home) -> None:
    version(home, [DATE])
    home.data.delete(manifest_key(DATE))
    version(home, [DATE])
    assert "manifests" not in git(home, "ls-files")


def test_without_a_repository_of_its_own_nothing_is_committed(tmp_path: Path, home: Home) -> None:
    inside = home.root / "second"
    inside.mkdir()
    (inside / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen:\n")
    second = open_home(inside)
    a_day(second, DATE)
    head = git(home, "rev-parse", "HEAD")
    outcome = version(second, [DATE])
    assert (
        len(outcome.warnings) == 1 and "not versioned: " in outcome.warnings[0] and "lies inside" in outcome.warnings[0]
    )
    assert git(home, "rev-parse", "HEAD") == head and "metrics" not in git(home, "diff", "--cached", "--name-only")
    assert (inside / "metrics.json").exists(), "the figures are good without Git"


def test_git_that_refuses_is_a_warning_and_the_next_night_catches_up(home: Home) -> None:
    lock = home.root / ".git" / "index.lock"
    lock.touch()  # as Git leaves it when it is killed
    outcome = version(home, [DATE])
    assert len(outcome.warnings) == 1 and "index.lock" in outcome.warnings[0]
    lock.unlink()
    assert version(home, [DATE]).facts["commit"]


def test_without_dvc_the_manifests_are_committed_all_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(home.root / "no-python"))
    outcome = version(home, [DATE])
    assert outcome.warnings == ["the tables are good, but not versioned: DVC is not installed"]
    assert "data/manifests/2026-03-01.json" in git(home, "ls-files") and outcome.facts["commit"]


def test_push_reaches_both_remotes_or_says_what_did_not(home: Home, tmp_path: Path) -> None:
    home = open_home(home.root, {"version.push": "true"})
    outcome = version(home, [DATE])
    assert len(outcome.warnings) == 1 and outcome.warnings[0].startswith("not pushed: DVC refused")
    remote = tmp_path / "remote"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote / "git")], check=True)
    git(home, "remote", "add", "origin", str(remote / "git"))
    dvc(home, "remote", "add", "--default", "backup", str(remote / "dvc"))
    assert version(home, [DATE]).facts == {"pushed": True}
    assert git(home, "ls-remote", "origin").split()[0] == git(home, "rev-parse", "HEAD").strip()
    pushed = [file.read_bytes() for file in (remote / "dvc").rglob("*") if file.is_file()]
    assert (home.root / "data/tables" / BOUTS.key(DATE)).read_bytes() in pushed and b"footage" not in pushed


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_tables_elsewhere_are_pinned_by_a_snapshot(
    home: Home, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """Outside the home's folder, or on a real S3 server, tables are out of DVC's reach."""
    address = f"tables: {tmp_path / 'tables'}"
    if kind == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        address = f"tables: {server.bucket('versioned')}/home\n  endpoint_url: {server.endpoint}"
    (home.root / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  kitchen:\nstore:\n  {address}\n")
    elsewhere = open_home(home.root)
    a_day(elsewhere, DATE)
    assert version(elsewhere, [DATE]).warnings == []
    snapshot = json.loads(git(home, "show", "HEAD:data/snapshots/2026-03-01.json"))
    pinned = {row["key"]: row for row in snapshot["partitions"]}
    keys = {BOUTS.key(DATE), BUDGET.key(DATE), FRAMES.key(DATE, "kitchen"), DETECTIONS.key(DATE, "kitchen")}
    assert set(pinned) == keys
    for key in keys:
        content = elsewhere.tables.store.read(key)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        assert (pinned[key]["size"], pinned[key]["md5"]) == (len(content), md5)
    assert "dvc.lock" not in git(home, "ls-files")
    assert version(elsewhere, [DATE]).skipped


def test_a_second_writer_waits_then_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_S", 0.3)
    code = "import fcntl,sys; f=open(sys.argv[1],'a'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    path = home.root / "data" / module.LOCK_KEY
    path.parent.mkdir(parents=True, exist_ok=True)
    other = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout and other.stdout.readline() == b"held\n"
    assert "another run" in version(home, [DATE]).warnings[0]
    other.kill()
    other.wait()
    assert version(home, [DATE]).facts["commit"], "the lock of a killed process is free"
