"""Debian's Prometheus and promtool for tests: a server of its own on loopback, with nothing kept."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port


def why_not() -> str:
    """Why neither can be run here; empty if they can."""
    there = shutil.which("prometheus") and shutil.which("promtool")
    return "" if there else "Prometheus is missing: apt-get install prometheus"


def checked(*words: str) -> str:
    """What promtool says of something that is right; it fails on what is wrong."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class PrometheusServer:
    """One server.

    Args:
        configuration: its file; rules and keys lie beside it.
    """

    def __init__(self, configuration: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="catml-prometheus-"))
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [
            "prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={self.folder}",
            f"--web.listen-address={self.url.removeprefix('http://')}", "--log.level=error",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def ask(self, path: str, **query: str) -> Any:
        """`data` of an answer of its API."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=query, trust_env=False, timeout=30)
        told = answer.json()
        assert told["status"] == "success", (query, told)
        return told["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression gives now."""
        found: list[dict[str, Any]] = self.ask("query", query=expression)["result"]
        return found

    def wait_for(self, expression: str, seconds: float = 60) -> None:
        """Until an expression gives something."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise AssertionError(self._process.communicate()[1])
            try:
                if self.query(expression):
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{expression} gives nothing: {self.ask('targets')['activeTargets']}")

    def stop(self) -> None:
        """End it, and forget what it held."""
        self._process.terminate()
        self._process.communicate(timeout=30)
        shutil.rmtree(self.folder)
