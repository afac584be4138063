"""What the watcher counts, for Prometheus: served on this machine only, if a port is given."""

from __future__ import annotations

import contextlib

from prometheus_client import Counter, Gauge, Histogram, start_http_server

__all__ = [
    "ACTIVE_TRACKS",
    "EVENTS",
    "INFERENCE_SECONDS",
    "QUEUE_DROPS",
    "REASSIGNMENTS",
    "STREAM_FPS",
    "STREAM_ONLINE",
    "begin",
    "serve",
    "unwatched",
]

STREAM_FPS = Gauge(
    "catml_stream_fps", "Frames a second that were taken from a camera, over the last seconds", ["camera"]
)
STREAM_ONLINE = Gauge("catml_stream_online", "Whether a camera answers, whatever it sends", ["camera"])
QUEUE_DROPS = Counter("catml_queue_drops_total", "Frames that newer ones replaced before they were seen", ["camera"])
INFERENCE_SECONDS = Histogram(
    "catml_inference_seconds",
    "Seconds that one look took, by step: detect, pose, behaviour, identity",
    ["camera", "step"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5),
)
ACTIVE_TRACKS = Gauge("catml_active_tracks", "Animals and people that are followed now", ["camera"])
REASSIGNMENTS = Counter(
    "catml_track_reassignments_total", "Tracks that went on with a box elsewhere, by place and looks", ["camera"]
)
EVENTS = Counter("catml_events_total", "Events that rules made", ["camera", "rule"])


def begin(camera: str) -> None:
    """Show a camera from the start, with zeros: a rate of what is not there is no rate."""
    STREAM_FPS.labels(camera).set(0)
    STREAM_ONLINE.labels(camera).set(0)
    ACTIVE_TRACKS.labels(camera).set(0)
    QUEUE_DROPS.labels(camera)
    REASSIGNMENTS.labels(camera)


def unwatched(camera: str) -> None:
    """No frames are wanted of a camera now: it is not one that sends none."""
    for gauge in (STREAM_FPS, STREAM_ONLINE, ACTIVE_TRACKS):
        with contextlib.suppress(KeyError):
            gauge.remove(camera)


def serve(port: int) -> None:
    """Answer `/metrics` on this machine, in a thread.

    Raises:
        OSError: if the port is taken.
    """
    start_http_server(port, "127.0.0.1")
