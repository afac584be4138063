"""Record a home until told to stop: what `catml record` does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from home.errors import CatMLError, StoreError, WrongUse
from home.folder import Home
from home.stopping import StopSignals
from home.terminal import Terminal
from ingest.record.address import safe_recorded_address
from ingest.record.health import Health, serve
from ingest.record.log import Log, open_log
from ingest.record.spool import Spool, open_spool
from ingest.record.supervisor import Supervisor, held_by_another, missing

# Counters of a process that ends between two scrapes would be lost: they are looked at this often.
_LOOK_EVERY_S = 5.0
# The recorders of a supervisor that was killed end within this time.
_ANOTHER_ENDS_WITHIN_S = 10.0


def record(home: Home, cameras: Sequence[str], terminal: Terminal) -> int:
    """Record cameras until SIGTERM, SIGHUP or Ctrl-C; a second one ends at once, without waiting for uploads.

    Args:
        home: the home.
        cameras: ids; none for all that have a stream.
        terminal: whether it is to be quiet; what there is to say goes into the log.

    Returns:
        The exit status.

    Raises:
        WrongUse: if there is nothing to record, or a camera cannot be: all that is wrong at once.
        StoreError: if the spool cannot be written.
        CatMLError: if another process records all of them.
    """
    chosen = list(dict.fromkeys(cameras)) or home.config.recorded_cameras
    if not chosen:
        raise WrongUse(f"no camera in {home.root / 'home.yaml'} has a `url`: there is nothing to record")
    if problems := missing(home, chosen):
        raise WrongUse("\n".join(dict.fromkeys(problems)))
    spool = open_spool(home)
    _see_that_it_is_written(spool, chosen)
    with open_log(home.zone, terminal.quiet) as log:
        # The recorders and the uploader see it when a second signal ends this process, and end by themselves.
        stop = StopSignals(
            lambda: log.note("Stopping: chunks are finished and go to the store. Once more ends it at once.")
        )
        if _has_one_to_record(spool, chosen, stop):
            supervisor = Supervisor(home, spool, chosen, log.say, log.descriptor)
            health = Health(spool, chosen, supervisor.alive)
            _tell(home, spool, chosen, _serve(health, home.config.recording.port, log), log)
            supervisor.run(stop, _every(_LOOK_EVERY_S, health.look))
            _tell_what_waits(spool, log)
    return 0


def _see_that_it_is_written(spool: Spool, cameras: Sequence[str]) -> None:
    for folder in (spool.folder(camera) for camera in cameras):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StoreError(f"{folder.resolve()}: this user may not write there, or the disk is read-only")


def _has_one_to_record(spool: Spool, cameras: Sequence[str], stop: Callable[[], bool]) -> bool:
    """Wait until one of the cameras is free; False if told to stop meanwhile.

    Raises:
        CatMLError: if none gets free. Not `WrongUse`: whatever restarts this process should go on doing so.
    """
    until = time.monotonic() + _ANOTHER_ENDS_WITHIN_S
    while not stop():
        held = {camera: by for camera in cameras if (by := held_by_another(spool, camera))}
        if len(held) < len(cameras):
            return True
        if time.monotonic() > until:
            told = ", ".join(f"{camera} (by process {by})" for camera, by in held.items())
            raise CatMLError(f"recorded already: {told}; stop that `catml record` or `catml up` first")
        time.sleep(0.1)
    return False


def _serve(health: Health, port: int, log: Log) -> str | None:
    if not port:
        return None
    try:
        server = serve(health, port)
    except OSError as error:
        log.warn(f"no metrics: port {port}: {error.strerror}; name another as `recording.port` in home.yaml")
        return None
    return f"http://127.0.0.1:{server.server_address[1]}"


def _tell(home: Home, spool: Spool, cameras: Sequence[str], address: str | None, log: Log) -> None:
    for camera in cameras:
        log.note(f"{camera}: {safe_recorded_address(home, camera)}")
    log.note(
        f"Footage goes to {home.footage.folder or home.footage.url}; until it is there it waits in {spool.root.resolve()}."
    )
    if address:
        log.note(f"How it goes: {address}/metrics and {address}/ready")
    if log.people:
        log.note("Ctrl-C stops.")


def _tell_what_waits(spool: Spool, log: Log) -> None:
    with suppress(CatMLError):
        if waiting := len(spool.finished()):
            chunks = "1 chunk waits" if waiting == 1 else f"{waiting} chunks wait"
            log.note(f"{chunks} in {spool.root.resolve()}; the next start brings them to the store.")


def _every(seconds: float, what: Callable[[], object]) -> Callable[[], None]:
    due = 0.0

    def turn() -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + seconds
            with suppress(OSError):
                what()

    return turn
