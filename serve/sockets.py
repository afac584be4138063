"""Websockets that end when the session or key that opened them ends: the door looks at a handshake only once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from home.errors import CatMLError

__all__ = ["while_allowed"]

REFUSED = 1008  # "policy violation" (RFC 6455, 7.4.1)


def while_allowed(app: ASGIApp, may_stay: Callable[[], Awaitable[bool]], every_s: float) -> ASGIApp:
    """An application whose websocket is closed when it may not stay any more.

    Args:
        app: what talks over it; it learns of the end as if the browser had gone.
        may_stay: asked now and then. A database that does not answer ends nothing.
        every_s: seconds between.
    """

    async def talking(scope: Scope, receive: Receive, send: Send) -> None:
        over = asyncio.Event()

        async def watch() -> None:
            while not over.is_set():
                await asyncio.sleep(every_s)
                try:
                    stays = await may_stay()
                except CatMLError:
                    continue
                if not stays:
                    over.set()
                    await send({"type": "websocket.close", "code": REFUSED, "reason": "the session has ended"})

        async def receiving() -> Message:
            coming, ending = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
            try:
                await asyncio.wait((coming, ending), return_when=asyncio.FIRST_COMPLETED)
                if over.is_set():
                    return {"type": "websocket.disconnect", "code": REFUSED}
                return coming.result()
            finally:
                coming.cancel()
                ending.cancel()

        async def sending(message: Message) -> None:
            if not over.is_set():
                await send(message)

        watching = asyncio.ensure_future(watch())
        try:
            await app(scope, receiving, sending)
        finally:
            watching.cancel()

    return talking
