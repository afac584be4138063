"""A process of the product under test, to be killed at will, and a clock for it that is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from home.folder import PROJECT


@dataclass
class Worker:
    """A process of the product; what it says goes to a file.

    Attributes:
        command: what is run.
        said: the file.
        environment: beside this process's own.
    """

    command: list[str]
    said: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Worker:
        """Start it; it may not run already."""
        assert not self.alive, f"{self.command} runs"
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                self.command, stdout=said, stderr=said, cwd=PROJECT, env=os.environ | self.environment
            )
        return self

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """Its process number."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def tell_to_end(self) -> None:
        """SIGTERM, as the supervisor does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def end(self, within_s: float = 40) -> int:
        """SIGTERM, and wait for it; returns its exit status."""
        assert self.process is not None
        self.tell_to_end()
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise AssertionError(f"{self.said.stem} did not end within {within_s} s: {self.tail()}") from error

    def tail(self) -> str:
        """The last of what it said."""
        return self.said.read_text("utf-8", "replace")[-2000:] if self.said.exists() else "(nothing)"


def fake_clock(now: Path | None = None) -> dict[str, str] | None:
    """The environment of a process whose clock is off by what the file `now` says (`+3600`), at any time anew.

    Its monotonic clock stays true, as on a real host. None where libfaketime is not installed.
    """
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        return None
    return {
        "LD_PRELOAD": str(library),
        "PYTHONPATH": str(Path(__file__).with_name("fake_clock")),
        "FAKETIME_TIMESTAMP_FILE": str(now or ""),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
