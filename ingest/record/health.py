"""How the recording is: metrics for Prometheus, and whether it is ready, over HTTP on this machine only.

    /metrics   text exposition format (https://prometheus.io/docs/instrumenting/exposition_formats/)
    /ready     200 if every camera is recorded and uploads work, else 503; a JSON object with a reason each
    /live      200

All of it is read from the small files that recorders and uploader keep of themselves. No name, address or credential is
among it: cameras go by their ids.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from home.clock import UTC
from ingest.record.spool import Spool, read_state
from ingest.record.supervisor import UPLOADER
from ingest.record.uploading import STATE as UPLOADER_STATE

# States in which all is as it should be.
WELL = ("recording", "private")
# A process that told nothing for this long hangs.
STALE_S = 15.0
_COUNTED = ("recorded_s", "reconnects", "frames", "bytes")
_UPLOADS = ("uploaded", "failures")


Run = tuple[int, str]
"""One run of a process: its id and when it began. In a container the id alone may come again."""


class Totals:
    """Counters that never go back: a process that is started again begins its own at 0."""

    def __init__(self) -> None:
        self._now: dict[str, tuple[Run, Counter[str]]] = {}
        self._before: dict[str, Counter[str]] = {}
        self._lock = threading.Lock()

    def add(self, name: str, run: Run, counts: Counter[str]) -> Counter[str]:
        """Take note of a process's own counts; what all processes of that name have counted."""
        with self._lock:
            old = self._now.get(name)
            if old is not None and old[0] != run:
                self._before[name] = self._before.get(name, Counter()) + old[1]
            self._now[name] = run, counts
            return self._before.get(name, Counter()) + counts


class Health:
    """What the state files say of some cameras and the uploader.

    Args:
        spool: whose state files are read.
        cameras: ids of those that should be recorded.
        alive: which processes run: recorders by camera, and `UPLOADER`.
    """

    def __init__(self, spool: Spool, cameras: Sequence[str], alive: Callable[[], dict[str, bool]]) -> None:
        self._spool = spool
        self._cameras = cameras
        self._alive = alive
        self._totals = Totals()
        # What an earlier run left says nothing of this one.
        self._left = {name: _run(self._read(name)) for name in (*cameras, UPLOADER)}

    def _read(self, name: str) -> dict[str, Any]:
        root = self._spool.root
        return read_state(root / UPLOADER_STATE if name == UPLOADER else root / name / "state.json") or {}

    def _state(self, name: str) -> dict[str, Any]:
        state = self._read(name)
        return {} if _run(state) == self._left[name] else state

    def look(self) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
        """The states of the cameras by id, with their totals under `totals`, and that of the uploader."""
        found = {}
        for camera in self._cameras:
            state = self._state(camera)
            counts = Counter({key: state.get(key, 0) for key in _COUNTED})
            counts.update({f"gap {reason}": seconds for reason, seconds in (state.get("gap_s") or {}).items()})
            found[camera] = state | {"totals": self._totals.add(camera, _run(state), counts)}
        uploader = self._state(UPLOADER)
        counts = Counter({key: uploader.get(key, 0) for key in _UPLOADS})
        return found, uploader | {"totals": self._totals.add(UPLOADER, _run(uploader), counts)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is as it should be, and why not."""
        cameras, uploader = self.look()
        alive = self._alive()
        told = {camera: _why_not(state, alive.get(camera, True), WELL) for camera, state in cameras.items()}
        uploads = _why_not(uploader, alive.get(UPLOADER, True), ("idle", "uploading"))
        ready = not any(told.values()) and not uploads
        return ready, {
            "ready": ready,
            "cameras": {c: why or "ok" for c, why in told.items()},
            "uploads": uploads or "ok",
        }

    def collect(self) -> Iterator[Metric]:
        """The metrics; called by Prometheus' registry."""
        cameras, uploader = self.look()
        totals = {camera: state["totals"] for camera, state in cameras.items()}
        yield _counter("catml_recorded_seconds", "Footage recorded.", totals, "recorded_s")
        gaps = CounterMetricFamily("catml_gap_seconds", "Time without footage.", labels=["camera", "reason"])
        for camera, counts in totals.items():
            for key, seconds in counts.items():
                if key.startswith("gap "):
                    gaps.add_metric([camera, key.removeprefix("gap ")], seconds)
        yield gaps
        yield _counter("catml_reconnects", "Connections to the camera after the first.", totals, "reconnects")
        yield _counter("catml_frames", "Frames recorded.", totals, "frames")
        yield _counter("catml_bytes", "Bytes recorded.", totals, "bytes")
        recording = GaugeMetricFamily("catml_recording", "1 while footage is recorded.", labels=["camera"])
        bitrate = GaugeMetricFamily("catml_bitrate_bps", "Bits a second of the last seconds.", labels=["camera"])
        for camera, state in cameras.items():
            goes_on = state.get("state") == "recording" and not _is_stale(state)
            recording.add_metric([camera], float(goes_on))
            bitrate.add_metric([camera], float(state.get("bitrate_bps", 0)) if goes_on else 0.0)
        yield from (recording, bitrate)
        yield GaugeMetricFamily("catml_spool_bytes", "Footage in the spool.", value=self._spool.size())
        # Asked of the spool itself: an uploader that is dead says nothing.
        waiting = self._spool.waiting()
        lag = (dt.datetime.now(UTC) - waiting[0].written).total_seconds() if waiting else 0.0
        yield GaugeMetricFamily("catml_spool_chunks", "Chunks that wait.", value=len(waiting))
        yield GaugeMetricFamily("catml_upload_lag_seconds", "Age of the oldest chunk that waits.", value=max(0.0, lag))
        yield CounterMetricFamily("catml_uploads", "Chunks that the store has.", value=uploader["totals"]["uploaded"])
        yield CounterMetricFamily("catml_upload_failures", "Tries that failed.", value=uploader["totals"]["failures"])


def serve(health: Health, port: int) -> ThreadingHTTPServer:
    """Answer on 127.0.0.1 from a thread of its own, until `shutdown` is called.

    Args:
        health: whose answers.
        port: 0 for one that is free.

    Raises:
        OSError: if the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(health)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = _answer(self.path.partition("?")[0], health, registry)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Being looked at is nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _answer(path: str, health: Health, registry: CollectorRegistry) -> tuple[int, str, bytes]:
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest(registry)
    if path == "/ready":
        ready, told = health.ready()
        return (200 if ready else 503), "application/json", json.dumps(told).encode() + b"\n"
    if path == "/live":
        return 200, "text/plain; charset=utf-8", b"live\n"
    return 404, "text/plain; charset=utf-8", b"there are /metrics, /ready and /live\n"


def _counter(name: str, about: str, totals: dict[str, Counter[str]], key: str) -> CounterMetricFamily:
    family = CounterMetricFamily(name, about, labels=["camera"])
    for camera, counts in totals.items():
        family.add_metric([camera], float(counts[key]))
    return family


def _why_not(state: dict[str, Any], alive: bool, well: tuple[str, ...]) -> str:
    """Why a process is not as it should be; empty if it is."""
    if not alive:
        return "not running"
    if len(state) < 2 or _is_stale(state):  # its totals are always there
        return "has told nothing lately"
    return "" if state["state"] in well else state.get("reason") or state["state"]


def _run(state: dict[str, Any]) -> Run:
    return state.get("pid", 0), state.get("began", "")


def _is_stale(state: dict[str, Any]) -> bool:
    try:
        told = dt.datetime.fromisoformat(state["updated"])
    except (KeyError, ValueError):
        return True
    return (dt.datetime.now(UTC) - told).total_seconds() > STALE_S
