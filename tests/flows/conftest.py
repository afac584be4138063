"""Small real homes, a temporary Prefect server in this process, and a Prefect of their own for deployments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest

import flows  # noqa: F401 - first, so that Prefect is imported with its telemetry off
from home.clock import Span
from home.coverage import record
from home.folder import Home, open_home
from simulate.home import simulate_home
from tests.plain import plain

DATE = dt.date(2026, 3, 1)
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
CAMERAS = ("living-room", "utility-room")
HOME = """\
timezone: Europe/Athens
cameras:
  living-room: {}
  utility-room: {}
cats:
  miso:
    name: Misotheos
"""

Cats = Callable[[str], Home]


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of two cameras, small enough to be drawn in seconds and large enough for the shipped detector."""
    folder = tmp_path_factory.mktemp("footage")
    simulate_home(folder, START, minutes=1, seed=1, cameras=2, size=(480, 270), fps=2)
    return folder


@pytest.fixture
def cats(footage: Path, tmp_path: Path) -> Cats:
    """`cats("name")` is a home of its own with that footage; it has no Git, so that a night of it ends with a warning."""
    return lambda name: make_home(tmp_path / name, footage)


def make_home(root: Path, footage: Path) -> Home:
    """A home with that footage and its ledger."""
    copytree(footage, root / "data" / "footage")
    (root / "home.yaml").write_text(HOME, encoding="utf-8")
    plain(root)
    home = open_home(root)
    for camera in CAMERAS:
        record(home.tables, camera, [Span(START, START + dt.timedelta(minutes=1))], home.zone)
    return home


def tables_of(home: Home) -> dict[str, bytes]:
    """Every table and manifest of a home, byte for byte."""
    found = [*(home.root / "data" / "tables").rglob("*"), *(home.root / "data" / "manifests").rglob("*")]
    return {str(path.relative_to(home.root)): path.read_bytes() for path in sorted(found) if path.is_file()}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A temporary Prefect server for flows that run in this process; nothing is written to the user's own Prefect."""
    from prefect.settings import PREFECT_HOME, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    settings = {PREFECT_HOME: tmp_path_factory.mktemp("prefect")}
    with temporary_settings(settings), prefect_test_harness(server_startup_timeout=120):
        yield
