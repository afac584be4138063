"""The pages, put behind the API: `mount(app)`. Everything they load comes from this application."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from nicegui import app as pages
from nicegui import ui
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from home.errors import CatMLError, redacted
from serve.pages import bout, cats, events, habits, live, media, models, recordings, settings, today, trying
from serve.pages.frame import framed, missing, template

__all__ = ["mount"]

log = logging.getLogger("catml.serve")
FILES = (
    today,
    live,
    bout,
    cats,
    habits,
    recordings,
    events,
    trying,
    models,
    settings,
)  # each brings its page by being imported
# Vue compiles its templates in the browser ('unsafe-eval'), NiceGUI's page holds its import map and its elements inline.
# What counts here stays: nothing is loaded from, sent to, or framed by anybody else.
CONTENT = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
ELSEWHERE = ("/api", "/health", "/metrics")  # whose errors are for programs


class Behind:
    """What stands between the application and its pages: whose home it is, and what a browser may do with a page.

    Args:
        pages: NiceGUI's application.
        outer: whose `state.home` it is.
    """

    def __init__(self, pages: ASGIApp, outer: FastAPI) -> None:
        self._pages, self._outer = pages, outer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse what is no page's."""
        first = "/" + scope.get("path", "/").split("/")[1]
        if scope["type"] == "http" and first in ELSEWHERE:
            raise HTTPException(404)
        scope.setdefault("state", {})["outer"] = self._outer

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = CONTENT
            await send(message)

        await self._pages(scope, receive, sending)


def mount(app: FastAPI) -> None:
    """Put the pages behind an application. Once a process: NiceGUI has one set of pages.

    Args:
        app: from `create_app`; its own routes come first.
    """
    app.include_router(media.router)
    pages.config.socket_io_js_transports = ["websocket"]  # a POST of its fallback would carry no X-CSRF-Token
    pages.on_page_exception(_told)
    pages.exception_handler(404)(_missing)
    ui.run_with(app, title="CatML", dark=None, tailwind=False, show_welcome_message=False, favicon=media.ICON)
    inner = app.router.routes[-1]
    inner.app = Behind(inner.app, app)  # type: ignore[attr-defined]


def _told(error: Exception) -> None:
    """A page that could not be made says so in words; a fault of ours stands in the log."""
    if isinstance(error, CatMLError):
        words = redacted(str(error))
    else:
        log.error("a page failed", exc_info=error)
        words = "Something went wrong here. What it was stands in the log of catml serve."
    with framed(None, ""):
        ui.html(template("problem.html", words=words), sanitize=False)


async def _missing(_: Request, __: Exception) -> HTMLResponse:
    return HTMLResponse(missing(), 404)
