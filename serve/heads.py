"""HEAD (RFC 9110, 9.3.2): what GET would answer, without its content."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Heads"]


class Heads:
    """Answers HEAD wherever GET is answered.

    Args:
        app: what answers GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. `state.head` tells a route that could save itself the work."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)
        ended = False

        async def sending(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                return await send(message)
            if not ended:  # the rest is made and dropped
                ended = True
                await send({"type": "http.response.body", "body": b""})
            return None

        inside = {**scope, "method": "GET", "state": {**scope.get("state", {}), "head": True}}
        try:
            return await self._app(inside, receive, sending)
        finally:
            scope["route"], scope["state"] = inside.get("route"), inside["state"]
