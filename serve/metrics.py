"""`/metrics` for Prometheus: what was asked, how long it took, what was seen, and what the nights say (`serve.night_metrics`).

A registry for each application, none of the process. Labels take few values, whatever is asked: templates of routes and never
paths, cameras and behaviours of the home, no person, no address and no number of anything.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from home.ethogram import BEHAVIOURS
from home.folder import Home
from serve.night_metrics import NightMetrics
from serve.schemas import Prediction

__all__ = ["Metrics", "router"]

router = APIRouter()

# Seconds. Among them are the limits that serving is held to: 0.05 of reading, 0.1 and 0.3 of a photo (docs/serving.md).
_ANSWER_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_STEP_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What an application counts.

    Args:
        home: whose nights are told too.
    """

    def __init__(self, home: Home) -> None:
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        asked = ["route", "method", "status"]
        self._requests = Counter("catml_http_requests", "Requests that were answered.", asked, registry=own)
        self._seconds = Histogram(
            "catml_http_request_seconds", "From the request to the end of its answer.", asked[:2], registry=own,
            buckets=_ANSWER_S,
        )  # fmt: skip
        self.in_flight = Gauge("catml_http_in_flight", "Requests that are being answered.", registry=own)
        self.websockets = Gauge("catml_websockets_open", "Pages that are open in a browser.", registry=own)
        self.faults = Counter("catml_faults", "Requests that failed by a fault of ours.", ["error"], registry=own)
        self._steps = Histogram(
            "catml_inference_seconds", "Of one photo or clip, by step.", ["step"], registry=own, buckets=_STEP_S
        )
        self._files = Counter("catml_predictions", "Photos and clips that were looked at.", ["kind"], registry=own)
        self._classes = Counter("catml_predicted", "Animals that were seen, by behaviour.", ["class"], registry=own)
        for behaviour in BEHAVIOURS:  # none yet is 0: the share of one that comes up later can be compared
            self._classes.labels(behaviour)
        own.register(NightMetrics(home))

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def predicted(self, seen: Prediction) -> None:
        """A photo or clip was looked at."""
        self._files.labels(seen.kind).inc()
        for step, ms in seen.milliseconds.items():
            self._steps.labels(step).observe(ms / 1000)
        for animal in seen.animals:
            self._classes.labels(animal.behavior).inc()


@router.get("/metrics", tags=["health"], response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """For Prometheus: a key with the scope `read`, as `Authorization: Bearer`."""
    own: Metrics = request.app.state.metrics
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(own.registry), media_type=kind)
