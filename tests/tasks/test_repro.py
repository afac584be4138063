"""The researcher's way in a fresh clone, with real DVC: it simulates, runs the stages, and reruns what a change concerns."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = (
    "home",
    "models",
    "simulate",
    "tasks",
    ".dvc",
    ".dvcignore",
    ".gitignore",
    "dvc.yaml",
    "home.yaml",
    "params.yaml",
)
STAGES = [
    "simulate",
    "manifest",
    "extract",
    "detect",
    "pose",
    "identify",
    "behave",
    "bouts",
    "counts",
    "anomalies",
    "habits",
    "forecast",
    "drift",
    "report",
    "tensorboard",
    "month",
    "metrics",
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as a fresh clone has them; the home it simulates lasts a minute, so that drawing it takes seconds."""
    root = tmp_path_factory.mktemp("clone")
    leave = shutil.ignore_patterns("__pycache__", "tmp", "cache", "config.local")
    for name in SOURCES:
        copy = shutil.copy if (PROJECT / name).is_file() else lambda a, b: shutil.copytree(a, b, ignore=leave)
        copy(PROJECT / name, root / name)
    params = (root / "params.yaml").read_text()
    shorter = re.sub(r"(?m)^(simulate:\n(?:  .*\n)*?  minutes:) \d+$", r"\1 1", params)
    assert shorter != params
    (root / "params.yaml").write_text(shorter)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a clone")
    return root


def environment(root: Path) -> dict[str, str]:
    """This Python first in the path, nobody's Git settings, DVC's databases in a folder that goes away."""
    identity = {f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **{
            name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "GIT_DIR", "GIT_INDEX_FILE")
        },
        **identity,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(root.parent / "dvc-site"),
        "DVC_GLOBAL_CONFIG_DIR": str(root.parent / "dvc-global"),
    }


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, env=environment(root), check=True, capture_output=True, text=True
    )
    return done.stdout


def ran(root: Path, *arguments: str) -> list[str]:
    """The stages that a DVC command has run, in order."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], cwd=root, env=environment(root), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return re.findall(r"Running stage '(\w+)'", done.stdout)


def test_a_fresh_clone_simulates_and_runs_every_stage_once(clone: Path) -> None:
    order = ran(clone, "repro")
    assert sorted(order) == sorted(STAGES)
    # No other stage of the day needs them.
    aside = ("counts", "anomalies", "habits", "forecast", "month", "metrics", "drift", "tensorboard")
    assert [stage for stage in order if stage not in aside] == [stage for stage in STAGES if stage not in aside]
    assert all(order.index("bouts") < order.index(stage) for stage in ("counts", "metrics"))
    assert order.index("behave") < order.index("drift")
    assert all(order.index("counts") < order.index(stage) for stage in ("anomalies", "habits"))
    assert order.index("habits") < order.index("forecast")
    assert all(order.index(stage) < order.index("month") for stage in ("anomalies", "forecast", "report"))
    for table in ("coverage", "frames", "detections", "bouts", "budget", "fixtures", "counts", "anomalies"):
        assert list((clone / "data/tables" / table).rglob("part.parquet")), table
    assert list((clone / "data/tables/tensorboard/house").glob("events.out.tfevents.*"))
    assert list((clone / "data/months").glob("*/home.html"))
    assert list((clone / "data/reports").glob("*.html")) and list((clone / "data/manifests").glob("*.json"))
    figures = json.loads((clone / "metrics.json").read_text())
    # Two cameras for a minute each; the diary of a simulated home is what the bouts are held against.
    assert [day["footage_s"] for day in figures["days"].values()] == [120.0] and "in sight" in figures["diary"]
    # The home.yaml that ships is the one the simulation would write: the clone is as it was.
    assert git(clone, "status", "--porcelain") == "?? dvc.lock\n"
    sizes = {file.stat().st_size for file in (clone / "data/footage").rglob("*.mp4")}
    cached = {file.stat().st_size for file in (clone / ".dvc/cache").rglob("*") if file.is_file()}
    assert sizes and not sizes & cached, "footage is never copied into DVC's cache"


def test_a_changed_parameter_reruns_only_what_depends_on_it(clone: Path) -> None:
    assert ran(clone, "repro") == [], "nothing has changed"
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "first run")
    first, *others = ran(clone, "exp", "run", "-S", "bouts.sleeping_after_s=60")
    later = ["anomalies", "counts", "forecast", "habits", "metrics", "month", "report", "tensorboard"]
    assert first == "bouts" and sorted(others) == later
    first, *others = ran(clone, "exp", "run", "-S", "report.picture_width=320")
    assert first == "report" and sorted(others) == ["month", "tensorboard"]
