"""A real Mosquitto for tests, on loopback: with a password, with TLS, killed, frozen and started again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.ports import free_port

USER, PASSWORD = "catml", "p@ss/w:rd"


def program(name: str) -> str | None:
    """A program of Mosquitto: on the path, or where Debian keeps servers."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def why_not() -> str:
    """Why no broker can be started here; empty if one can."""
    return "" if program("mosquitto") else "Mosquitto is missing: apt-get install mosquitto"


class MqttServer:
    """One broker; what is retained is forgotten when it ends, unless it is told to keep it.

    Args:
        folder: its own.
        password: whether it asks for `USER` and `PASSWORD`.
        keeps: whether what is retained outlives it, as in a home.
        tls: certificate and key, PEM.
    """

    def __init__(
        self, folder: Path, *, password: bool = False, keeps: bool = False, tls: tuple[Path, Path] | None = None
    ) -> None:
        self.folder = folder
        self.port = free_port()
        lines = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {'false' if password else 'true'}"]
        lines += [f"certfile {tls[0]}", f"keyfile {tls[1]}"] if tls else []
        if password:
            words = folder / "passwords"
            secret = program("mosquitto_passwd")
            assert secret, "mosquitto_passwd comes with Mosquitto"
            subprocess.run([secret, "-c", "-b", str(words), USER, PASSWORD], check=True, capture_output=True)
            lines.append(f"password_file {words}")
        if keeps:
            lines += [
                "persistence true",
                f"persistence_location {folder}/",
                "autosave_interval 1",
                "autosave_on_changes true",
            ]
        # Started as root it would become a user who may not read the test's folder.
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join([*lines, "user root", ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> MqttServer:
        """Start it, and wait until it listens."""
        command = program("mosquitto")
        assert command, why_not()
        log = (self.folder / "mosquitto.log").open("ab")
        self._process = subprocess.Popen([command, "-c", str(self._config)], stdout=log, stderr=log)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                assert self._process.poll() is None, (self.folder / "mosquitto.log").read_text()
                time.sleep(0.02)
        raise AssertionError("Mosquitto does not answer")

    def freeze(self) -> None:
        """It hangs: connections stay open, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it as its service does: what is retained is written if it keeps that."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(10)
            self._process = None
