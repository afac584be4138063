"""What is told of each request: a line in the log, counts and times for Prometheus, and of a fault its trace.

A line says which kind of request it was, and never what it asked for: no query, no address, no name of a camera or cat.
"""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from serve.metrics import Metrics
from serve.problems import answer, fault

__all__ = ["Telling", "route_of"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OTHER = "other"
"""The route of what reached none: an address that is none, or a request that was not let in."""

log = logging.getLogger("catml.serve")


def route_of(scope: Scope) -> str:
    """The template of the route that a request took, e.g. `/api/v1/reports/{date}`."""
    template = getattr(scope.get("route"), "path", "")
    return template if isinstance(template, str) and template not in ("", "/{path:path}") else OTHER


class Telling:
    """Tells of each request, and answers where nobody else could.

    Args:
        app: what answers.
        metrics: what is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or stay with one websocket until it ends."""
        if scope["type"] == "websocket":
            with self._metrics.websockets.track_inprogress():
                return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        number = str(scope.setdefault("state", {}).get("request_id", ""))
        begun, status = perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else OTHER
        with bound_contextvars(request=number), self._metrics.in_flight.track_inprogress():
            try:
                await self._app(scope, receive, sending)
            except Exception as error:
                self._metrics.faults.labels(type(error).__name__).inc()
                problem = fault(scope, error)
                if status:  # half an answer: the connection must end, or it would be taken for a whole one
                    raise
                await answer(problem, scope)(scope, receive, sending)
            finally:
                self._told(scope, method, status or 499, perf_counter() - begun)
        return None

    def _told(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.answered(route, method, status, seconds)
        log.info(
            "answered",
            extra={
                "method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1), "who": _who(scope),
            },
        )  # fmt: skip


def _who(scope: Scope) -> str:
    """`owner`, `guest` or `key 3`; empty where nobody knows."""
    found = HTTPConnection(scope).scope.get("state", {}).get("who")
    return found.id.removeprefix("user ") if found else ""
