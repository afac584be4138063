"""How much a request may send: counted while it comes in, whatever its Content-Length says."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.problems import Problem, answer

__all__ = ["BodyLimit"]


class BodyLimit:
    """Refuses what is too large.

    Args:
        app: what answers.
        most: bytes that a path takes.
    """

    def __init__(self, app: ASGIApp, most: Callable[[str], int]) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most, came = self._most(scope["path"]), 0
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not told.isdigit() or int(told) > most:
            # What is sent all the same is not read: the connection ends.
            return await answer(_too_large(most, {"Connection": "close"}), scope)(scope, receive, send)

        async def counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLarge(most)
            return message

        try:
            return await self._app(scope, counting, send)
        except _TooLarge:
            return await answer(_too_large(most, {"Connection": "close"}), scope)(scope, receive, send)


class _TooLarge(HTTPException):
    """FastAPI lets this one through where it reads a form; others it takes for a damaged form."""

    def __init__(self, most: int) -> None:
        super().__init__(413, _words(most))


def _words(most: int) -> str:
    return f"{most / 1e6:g} MB are taken"


def _too_large(most: int, headers: dict[str, str]) -> Problem:
    return Problem(413, "too-large", "This is too large", _words(most), headers)
