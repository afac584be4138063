"""What `catml up` does: bring a home up, tell how it is, and end it."""

from __future__ import annotations

import datetime as dt
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.live import shown_now
from flows.up import parts
from flows.up.api import Api, answers
from flows.up.keeper import Wanted, notes, stay, stop_parts
from flows.watching import Watched, say_of
from home.errors import CatMLError, WrongUse
from home.folder import Home
from home.terminal import Terminal
from ingest.record.spool import open_spool

# A small machine takes its time over a new database.
READY_WITHIN_S = 240.0
_TAKES_OVER_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.3


@dataclass(frozen=True)
class Finding:
    """How one part of a home is.

    Attributes:
        what: the part.
        state: `ok`; `warn` if it is there and something is amiss outside of it; `fail` if it is not there.
        found: in a sentence.
    """

    what: str
    state: str
    found: str


def up(home: Home, wanted: Wanted, terminal: Terminal, foreground: bool = False) -> int:
    """Bring a home up and say how it is.

    Args:
        home: the home.
        wanted: what is asked.
        terminal: where it is said.
        foreground: stay until stopped, as systemd and Docker want it.

    Returns:
        The exit status: 0 if all that runs here answers, whatever the cameras do.

    Raises:
        WrongUse: if it is up already (in the foreground), or the port is taken.
        CatMLError: if it does not come up.
    """
    if foreground:
        stay(home, wanted)
        return 0
    before = parts.keeper(home).pid
    if before is None:
        terminal.note("Starting; Prefect takes some seconds …")
        _start(home, wanted)
    findings = _ready(home)
    if before is None and (taken := notes(home).get("taken")):
        terminal.note(f"Port {taken} is taken by another program: Prefect is at {parts.url(_port(home))}.")
    terminal.say(_headline(home, before, findings))
    terminal.table(("what", "state", ""), [(each.what, each.state, each.found) for each in findings])
    well = all(each.state != "fail" for each in findings)
    served = notes(home).get("pages") or _port(home)
    where = f"Its pages: {parts.url(served)}" if well else f"What they said: {parts.run_folder(home)}"
    terminal.say(f"\n{where}")
    terminal.result(
        {
            "ok": well,
            "url": parts.url(_port(home)),
            "pages": parts.url(served),
            "findings": [asdict(each) for each in findings],
        }
    )
    return 0 if well else 1


def stop(home: Home, terminal: Terminal) -> int:
    """End a home; recorders finish their chunks.

    Returns:
        The exit status.

    Raises:
        CatMLError: if something of it belongs to another user.
    """
    keeper, port = parts.keeper(home), _port(home)
    all_parts = [
        parts.recording(home), parts.watching(home), parts.delivering(home), parts.worker(home), parts.server(home, port),
    ]  # fmt: skip
    ran = [part.name for part in all_parts if part.pid is not None]
    kept = keeper.pid is not None
    ran += ["pages"] if parts.pages(home, parts.PAGES_PORT).pid is not None else []
    if kept:
        terminal.note("Stopping; recorders finish their chunks, and runs are ended …")
        keeper.stop()
    left = stop_parts(home)  # whose keeper was killed
    ran += [name for name in left if name not in ran]
    terminal.say(f"Stopped: {', '.join(ran)}." if ran or kept else "Nothing of this home was running.")
    terminal.result({"stopped": ran})
    return 0


def look(home: Home) -> list[Finding]:
    """How each part of a home is, now."""
    port = _port(home)
    api = Api(f"{parts.url(port)}/api")
    cameras = [_camera(home, camera) for camera in notes(home).get("cameras", [])]
    return [*cameras, *_watcher(home), *_delivery(home), *_prefect(home, api), *_pages(home)]


def _watcher(home: Home) -> list[Finding]:
    """Whether it is at work; a home is up without it."""
    if not notes(home).get("watched"):
        return []
    shown = [camera for camera in home.config.recorded_cameras if shown_now(home, camera) is not None]
    if parts.watching(home).pid is None or not shown:
        return [Finding("watcher", "warn", f"watches nothing yet; see {parts.watching(home).log}")]
    return [Finding("watcher", "ok", f"watches {', '.join(shown)}")]


def _delivery(home: Home) -> list[Finding]:
    named, part = notes(home).get("deliver", []), parts.delivering(home)
    if not named:
        return []
    if part.pid is None:
        return [Finding("events", "fail", f"are not passed on; see {part.log}")]
    return [Finding("events", "ok", f"are passed on to: {', '.join(named)}")]


def _prefect(home: Home, api: Api) -> list[Finding]:
    server, worker = parts.server(home, _port(home)), parts.worker(home)
    if server.pid is None or not api.answers():
        return [Finding("Prefect", "fail", f"does not answer; see {server.log}")]
    try:
        began = worker.pid and dt.datetime.fromtimestamp(worker.pid_file.stat().st_mtime, dt.UTC)
        seen = api.worker_seen(parts.POOL, parts.WORKER)
        if not began or seen is None or seen < began:
            return [Finding("worker", "fail", f"has not come up; see {worker.log}")]
        deployed = ", ".join(api.deployments())
    except (CatMLError, OSError) as error:
        return [Finding("Prefect", "fail", f"{error}; see {server.log}")]
    return [Finding("Prefect", "ok", f"at {parts.url(_port(home))}"), Finding("worker", "ok", f"works on: {deployed}")]


def _camera(home: Home, camera: str) -> Finding:
    watched = Watched(camera, home.zone)
    watched.add(say_of(open_spool(home), camera))
    if watched.last is None:
        return Finding(camera, "fail", f"no recorder is at work; see {parts.recording(home).log}")
    told = watched.told.partition(": ")[2]
    return Finding(camera, "ok" if watched.is_well else "warn", told)


def _pages(home: Home) -> list[Finding]:
    port = notes(home).get("pages")
    if port is None:
        return []
    part = parts.pages(home, port)
    if part.pid is None or not answers(f"{parts.url(port)}/health/live"):
        return [Finding("pages", "fail", f"do not answer; see {part.log}")]
    return [Finding("pages", "ok", f"at {parts.url(port)}")]


def _port(home: Home) -> int:
    return int(notes(home).get("port", parts.PORT))


def _headline(home: Home, before: int | None, findings: list[Finding]) -> str:
    name = home.root.resolve().name
    if any(each.state == "fail" for each in findings):
        return f"{name} is not all up:\n"
    return f"{name} is up already.\n" if before else f"{name} is up.\n"


def _start(home: Home, wanted: Wanted) -> None:
    """Start the keeper in the background, and wait until it has taken over."""
    keeper = parts.keeper(home)
    options = [] if wanted.port is None else ["--port", str(wanted.port)]
    options += [] if wanted.recording else ["--no-record"]
    options += [] if wanted.pages else ["--no-pages"]
    options += [] if wanted.pages_port is None else ["--pages-port", str(wanted.pages_port)]
    options += [] if wanted.watching else ["--no-watch"]
    options += [] if wanted.delivering else ["--no-deliver"]
    keeper.folder.mkdir(parents=True, exist_ok=True)
    with keeper.log.open("ab") as log:
        begin = log.tell()
        process = subprocess.Popen(
            [*keeper.command, *options], env=parts.environment(home), cwd=keeper.folder,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    until = time.monotonic() + _TAKES_OVER_WITHIN_S
    while (pid := keeper.pid) is None or notes(home).get("keeper") != pid:
        if process.poll() is not None:
            kind = WrongUse if process.returncode == WrongUse.exit_status else CatMLError
            raise kind(_said(keeper.log, begin).removeprefix("error: ") or f"it did not start; see {keeper.log}")
        if time.monotonic() > until:
            raise CatMLError(f"the home did not start within {_TAKES_OVER_WITHIN_S:g} s; see {keeper.log}")
        time.sleep(_LOOK_EVERY_S)


def _said(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read().decode(errors="replace").strip()


def _ready(home: Home) -> list[Finding]:
    """Wait until everything answers; how it is then, or how it is when that took too long."""
    until = time.monotonic() + READY_WITHIN_S
    while True:
        findings = look(home)
        if all(each.state != "fail" for each in findings) or time.monotonic() > until:
            return findings
        if parts.keeper(home).pid is None:
            raise CatMLError(f"the home has ended: {parts.keeper(home).last_words()}")
        time.sleep(_LOOK_EVERY_S)
