"""ETags (RFC 9110, 8.8.3): who has the answer already is told so, and gets no second copy."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Tags", "is_known"]


class Tags:
    """Puts an ETag on every JSON answer to GET, and answers 304 to who knows it.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not scope["path"].startswith("/api/"):
            return await self._app(scope, receive, send)
        begun: Message | None = None
        body = bytearray()

        async def holding(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                whole = message["status"] == 200 and headers.get("content-type", "").startswith("application/json")
                if not whole or "etag" in headers:
                    return await send(message)
                begun = message
                return None
            if begun is None:
                return await send(message)
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return None
            return await self._answer(begun, bytes(body), Headers(scope=scope), send)

        return await self._app(scope, receive, holding)

    async def _answer(self, begun: Message, body: bytes, asked: Headers, send: Send) -> None:
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = MutableHeaders(raw=list(begun["headers"]))
        headers["ETag"] = tag
        if is_known(tag, asked):
            del headers["content-length"], headers["content-type"]
            await send({**begun, "status": 304, "headers": headers.raw})
            return await send({"type": "http.response.body", "body": b""})
        await send({**begun, "headers": headers.raw})
        return await send({"type": "http.response.body", "body": body})


def is_known(tag: str, asked: Headers) -> bool:
    """Whether who asks has the answer of this ETag."""
    known = [each.strip().removeprefix("W/") for each in asked.get("if-none-match", "").split(",")]
    return tag in known or "*" in known
