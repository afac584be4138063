"""A Prefect of its own for tests: a real server and real workers as processes, with nothing of the user's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from tests.ports import free_port
from tests.waiting import until

PROJECT = Path(__file__).resolve().parents[2]


class OwnPrefect:
    """A server on a free port of this machine, its folder, and the worker that belongs to it.

    Args:
        folder: its PREFECT_HOME, logs included.
        home: what CATML_HOME says to the worker.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.folder = folder
        own = {
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": self.url,
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "CATML_HOME": str(home),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        self.environment = kept | own
        self.processes: dict[str, psutil.Popen] = {}

    def start_server(self) -> None:
        """Start it and wait until it answers."""
        self._start("server", "server", "start", "--host", "127.0.0.1", "--port", str(self.port), cwd=PROJECT)
        until(self._answers, "the server answers", 120, every_s=0.2)

    def start_worker(self) -> None:
        """A worker that is started anywhere but in the project: what it needs to know is in its environment."""
        self._start("worker", "worker", "start", "--pool", "home", cwd=self.folder)

    def kill(self) -> None:
        """As when the power fails: server, worker and whatever the worker has started, none of them asked."""
        everyone = [
            each for process in self.processes.values() for each in [process, *process.children(recursive=True)]
        ]
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(everyone, timeout=30)
        self.processes.clear()

    def command(self, *arguments: str) -> str:
        """Run `prefect …` in the project's folder, as a person would; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def client(self) -> Iterator[SyncPrefectClient]:
        with (
            temporary_settings({PREFECT_API_URL: self.url, PREFECT_HOME: self.folder}),
            get_client(sync_client=True) as client,
        ):
            yield client

    def log(self, name: str) -> str:
        """What a process has printed."""
        return (self.folder / f"{name}.log").read_text("utf-8")

    def _start(self, name: str, *arguments: str, cwd: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("a") as log:
            self.processes[name] = self._process(arguments, cwd, log)

    def _process(self, arguments: tuple[str, ...], cwd: Path, log: IO[str]) -> psutil.Popen:
        return psutil.Popen(
            [sys.executable, "-m", "prefect", *arguments], cwd=cwd, env=self.environment, stdout=log, stderr=log
        )

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
        return False
