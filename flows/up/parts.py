"""What a home consists of when it is up: which programs, where they listen, and what their environment says."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import flows
from flows.up.part import Part
from home.errors import WrongUse
from home.folder import PROJECT, Home

POOL = "home"
WORKER = "catml"
PORT = 4200
DELIVER_METRICS = 9466  # as deploy/prometheus asks it
PAGES_PORT = 8000
# Where the watcher tells Prometheus how it goes: beside the recorder's port.
WATCH_PORT = 9465
# Prefect's own settings that an owner may make; others would lead a home's programs to another server.
_OWNERS = ("PREFECT_SERVER_", "PREFECT_LOGGING_", "PREFECT_WORKER_")
_PREFECT = {
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Runs, their logs and artifacts are deleted after 90 days, events after 7: a server of a home grows no further.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
}


def run_folder(home: Home) -> Path:
    """Where process numbers and logs of a home's programs lie."""
    return home.root.resolve() / "data" / "run"


def keeper(home: Home) -> Part:
    """Who starts the others, and starts them again."""
    command = (sys.executable, "-m", "flows.up.keeper", "--home", str(home.root.resolve()))
    return Part("up", run_folder(home), command, within_s=120)


def recording(home: Home) -> Part:
    """The supervisor with its recorders and the uploader. It needs none of the others."""
    command = (sys.executable, "-m", "catml", "record", "--home", str(home.root.resolve()))
    return Part("recorders", run_folder(home), command, within_s=45)


def watching(home: Home) -> Part:
    """The watcher of all cameras. It needs none of the others."""
    command = (sys.executable, "-m", "catml", "watch", "--home", str(home.root.resolve()))
    return Part("watcher", run_folder(home), (*command, "--metrics-port", str(WATCH_PORT)), within_s=30)


def delivering(home: Home) -> Part:
    """Passes events on, where the home names somebody who is to hear of them. It needs none of the others."""
    at = ("--home", str(home.root.resolve()), "--metrics-port", str(DELIVER_METRICS))
    command = (sys.executable, "-m", "catml", "deliver", *at)
    return Part("deliver", run_folder(home), command, within_s=30)


def server(home: Home, port: int) -> Part:
    """Prefect's server, on this machine only."""
    command = (sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    return Part("server", run_folder(home), command)


def worker(home: Home) -> Part:
    """Writes the deployments, then does the work."""
    command = (sys.executable, "-m", "flows.up.work", "--home", str(home.root.resolve()))
    return Part("worker", run_folder(home), command)


def pages(home: Home, port: int) -> Part:
    """The pages and the API of the home, on this machine only. They need none of the others."""
    command = (sys.executable, "-m", "catml", "serve", "--home", str(home.root.resolve()), "--port", str(port))
    return Part("pages", run_folder(home), (*command, "--no-password"), within_s=20)


def url(port: int) -> str:
    """Where something that listens on this machine is; the API of Prefect's server is below `/api`."""
    return f"http://127.0.0.1:{port}"


def environment(home: Home, port: int | None = None) -> dict[str, str]:
    """What the home's programs find in their environment: the caller's, but a Prefect of their own.

    Args:
        home: the home; its Prefect keeps its record in `data/run/prefect`.
        port: of the server; None for a program that needs none.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_") or _is_owners(name)}
    made = flows.QUIET | {"CATML_HOME": str(home.root.resolve()), "PYTHONUNBUFFERED": "1"}
    if PROJECT.name != "site-packages":  # a clone, which may not be installed
        made["PYTHONPATH"] = os.pathsep.join([str(PROJECT), *filter(None, [kept.get("PYTHONPATH")])])
    if port is not None:
        made["PREFECT_HOME"] = str(home.root.resolve() / "data" / "run" / "prefect")
        made["PREFECT_API_URL"] = f"{url(port)}/api"
    return _PREFECT | kept | made


def _is_owners(name: str) -> bool:
    return name.startswith(_OWNERS)


def choose_port(asked: int | None, before: int | None, usual: int = PORT, option: str = "--port") -> int:
    """A free port of this machine.

    Args:
        asked: the owner's; 0 for any.
        before: the one that was used last; with it, pages stay where they were.
        usual: where it is looked for first.
        option: that the owner says it with.

    Raises:
        WrongUse: if the owner's is taken.
    """
    if asked is not None:
        if not _is_free(asked):
            raise WrongUse(f"{option} {asked} is taken by another program; name another one, or 0 for any that is free")
        return asked or _any_port()
    return next((port for port in (before, usual) if port and _is_free(port)), None) or _any_port()


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
