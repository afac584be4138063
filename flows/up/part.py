"""A program in the background, one of its name in a home, whoever started it.

    data/run/<name>.pid    its process number; locked as long as it lives, so that a killed one leaves nothing to clear
    data/run/<name>.log    what it prints; never much more than LOG_BYTES, and as much again of what was before

The lock is handed to the program when it starts, and the operating system lets go of it when it ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from home.errors import CatMLError

LOG_BYTES = 5_000_000
# Looking whether it runs holds its lock for a moment: whoever starts it tries for longer than that.
_MOMENT_S = 1.0
# A busy machine may take its time from handing a lock to a program to running it.
_NAMED_WITHIN_S = 10.0
_POLL_S = 0.05
# Writes its own number before it becomes the program: a starter that is killed meanwhile leaves no program without one.
_BECOME = 'echo $$ >"$0"; exec "$@"'


@dataclass(frozen=True)
class Part:
    """One program of a home.

    Attributes:
        name: of its files.
        folder: where they lie.
        command: what is run.
        within_s: how long it may take to end once it is told; then it is killed.
    """

    name: str
    folder: Path
    command: tuple[str, ...] = ()
    within_s: float = 20.0

    @property
    def pid_file(self) -> Path:
        """Its process number, and its lock."""
        return self.folder / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """What it prints."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Its process, None if it does not run."""
        try:
            file = os.open(self.pid_file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            until = time.monotonic() + _NAMED_WITHIN_S
            while not _locked(file, fcntl.LOCK_SH):
                if told := os.pread(file, 20, 0).strip():
                    return int(told)
                if time.monotonic() > until:
                    raise CatMLError(f"{self.pid_file}: is locked, and names no process; end what holds it (fuser)")
                time.sleep(_POLL_S)
            return None
        finally:
            os.close(file)

    def start(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
        """Start it in a session of its own, so that it outlives whoever started it.

        Returns:
            The process; None if it runs already.

        Raises:
            CatMLError: if its files cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = os.open(self.pid_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise CatMLError(f"{self.pid_file}: {error.strerror}; the home's folder must be writable") from error
        try:
            if not take(file):
                return None
            os.ftruncate(file, 0)
            self.trim()
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    ["/bin/sh", "-c", _BECOME, str(self.pid_file), *self.command],
                    cwd=self.folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, pass_fds=[file],
                )  # fmt: skip
        finally:
            os.close(file)

    def stop(self) -> bool:
        """Tell it to end, and wait for that.

        Returns:
            Whether it ran.

        Raises:
            CatMLError: if it belongs to somebody else.
        """
        pid = self.pid
        if pid is None:
            return False
        self._signal(pid, signal.SIGTERM)
        if not self._ended(self.within_s):
            self._signal(pid, signal.SIGKILL)
            self._ended(self.within_s)
        return True

    def trim(self) -> None:
        """Keep the log small. It is emptied in place: the program has it open, to append to."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def last_words(self, lines: int = 5) -> str:
        """The end of its log."""
        if not self.log.exists():
            return "(no log)"
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _signal(self, pid: int, number: signal.Signals) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # it has just ended
        except PermissionError:
            raise CatMLError(f"{self.name}, process {pid}, belongs to another user; stop it as that user") from None

    def _ended(self, within_s: float) -> bool:
        until = time.monotonic() + within_s
        while self.pid is not None:
            if time.monotonic() > until:
                return False
            time.sleep(_POLL_S)
        return True


def take(file: int) -> bool:
    """Lock an open file, if nobody holds it for longer than a look takes."""
    until = time.monotonic() + _MOMENT_S
    while not _locked(file, fcntl.LOCK_EX):
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_S)
    return True


def _locked(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
