"""What is told of delivery, for Prometheus; `catml deliver --metrics-port` serves it on this machine only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram, start_http_server

__all__ = ["DELIVERIES", "LAG", "OUTCOMES", "WAITING", "begin", "served"]

OUTCOMES = ("delivered", "later", "set_aside")
# From an alert that is seen at once to a receiver that was away for a day.
_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1800, 3600, 6 * 3600, 24 * 3600)

LAG = Histogram(
    "catml_delivery_lag_seconds",
    "From the moment an event was kept until its receiver acknowledged it.",
    ["target"],
    buckets=_BUCKETS,
)
DELIVERIES = Counter("catml_deliveries", "Tries to pass an event on, by how they ended.", ["target", "outcome"])
WAITING = Gauge("catml_delivery_waiting", "Events that wait for a receiver.", ["target"])


def begin(target: str) -> None:
    """Let all series of a target exist: an increase is seen only of what was there before."""
    LAG.labels(target)
    WAITING.labels(target)
    for outcome in OUTCOMES:
        DELIVERIES.labels(target, outcome)


@contextlib.contextmanager
def served(port: int) -> Iterator[str]:
    """Serve all metrics of this process at `http://127.0.0.1:PORT/metrics`.

    Args:
        port: 0: nothing is served.

    Yields:
        Why they are not, though they should be: events are worth more than what is told of them.
    """
    if not port:
        yield ""
        return
    try:
        server, thread = start_http_server(port, "127.0.0.1")
    except OSError as error:
        yield f"no metrics: port {port}: {error.strerror}; name another one: --metrics-port {port + 1}"
        return
    try:
        yield ""
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
