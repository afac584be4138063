"""Watch a home until told to stop: what `catml watch` does."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence

import av

from home.errors import StoreError, WrongUse, redacted
from home.folder import Home
from home.live import FOLDER as LIVE
from home.locks import only_one
from home.stopping import StopSignals
from ingest.record.address import safe_recorded_address
from ingest.record.backoff import Backoff
from ingest.record.supervisor import missing
from ingest.watch import metrics
from ingest.watch.eyes import Eyes, load_eyes
from ingest.watch.watcher import Watcher
from models.identity import Recogniser

__all__ = ["watch"]

log = logging.getLogger("catml.watch")

_ANOTHER_ENDS_WITHIN_S = 10.0


def watch(home: Home, cameras: Sequence[str], recogniser: Recogniser | None = None, metrics_port: int = 0) -> int:
    """Watch cameras until SIGTERM, SIGHUP or Ctrl-C; a second one ends at once.

    Args:
        home: the home.
        cameras: ids; none for all that have a stream.
        recogniser: knows the home's cats; None where it has no gallery.
        metrics_port: of this machine, for Prometheus; 0: none.

    Returns:
        The exit status.

    Raises:
        WrongUse: if there is nothing to watch, a camera cannot be, or another process watches it.
        ModelError: if a network cannot be loaded.
        StoreError: if the home's folder cannot be written.
        TableError: if the rows of the home are damaged.
    """
    chosen = list(dict.fromkeys(cameras)) or home.config.recorded_cameras
    if not chosen:
        raise WrongUse(
            f"no camera in {home.root / 'home.yaml'} has a `url`: there is nothing to watch; give one its `url` there"
        )
    if problems := missing(home, chosen):
        raise WrongUse("\n".join(dict.fromkeys(problems)))
    av.logging.set_level(None)  # FFmpeg's own lines hold addresses
    stop = StopSignals()
    with contextlib.ExitStack() as held:
        for camera in chosen:
            _alone(held, home, camera)
        eyes = load_eyes(home, recogniser)
        eyes.warm()
        if metrics_port:
            _serve(metrics_port)
        watcher = _begun(home, chosen, eyes, stop)
        if watcher is None:
            return 0
        for camera in chosen:
            log.info("%s: %s", camera, safe_recorded_address(home, camera))
        log.info("rules: %s", ", ".join(home.config.rules) or "none in home.yaml: tracks are kept, and no events made")
        log.info("Ctrl-C ends it")
        watcher.run(stop)
        log.info("stopped")
    return 0


def _alone(held: contextlib.ExitStack, home: Home, camera: str) -> None:
    """Be the only watcher of a camera: two would tell of everything twice. One that is about to end is waited for."""
    folder = home.root / LIVE
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + _ANOTHER_ENDS_WITHIN_S
    while True:
        try:
            held.enter_context(only_one(folder / f"{camera}.lock"))
            return
        except WrongUse:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _begun(home: Home, cameras: Sequence[str], eyes: Eyes, stop: Callable[[], bool]) -> Watcher | None:
    """A watcher, once the rows of the home can be read; None if told to stop meanwhile."""
    backoff, told = Backoff(), False
    while not stop():
        began = time.monotonic()
        try:
            return Watcher(home, cameras, eyes)
        except StoreError as error:
            if not told:
                log.warning("it is waited for: %s", redacted(str(error)))
            told, until = True, time.monotonic() + backoff.after("store", time.monotonic() - began, False)
            while not stop() and time.monotonic() < until:
                time.sleep(0.1)
    return None


def _serve(port: int) -> None:
    try:
        metrics.serve(port)
    except OSError as error:
        log.warning("no metrics: port %d: %s; name another as --metrics-port", port, error.strerror)
    else:
        log.info("How it goes: http://127.0.0.1:%d/metrics", port)
