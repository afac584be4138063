"""The application, put together: `create_app(home)`. Pages are mounted on it, behind the same door."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from home.folder import Home
from serve import (
    again,
    enrol,
    events,
    evidence,
    health,
    holds,
    live,
    login,
    metrics,
    predict,
    problems,
    read,
    snapshots,
    standing,
    telemetry,
    timelapse,
)  # fmt: skip
from serve.access import Access, Door
from serve.body import BodyLimit
from serve.headers import Headers
from serve.heads import Heads
from serve.health import Checks
from serve.limits import Attempts
from serve.looker import Looker
from serve.metrics import Metrics
from serve.paging import Partitions
from serve.tags import Tags
from serve.telling import Telling
from serve.timelapse import Timelapses

__all__ = ["API", "create_app"]

API = "/api/v1"
_ROOM = 1_000_000  # bytes of what is no photo and no clip


def create_app(home: Home) -> FastAPI:
    """The API of a home. Nothing is opened, loaded or started before it runs.

    Args:
        home: whose; `app.state.home` hands it to whoever answers.
    """
    app = FastAPI(
        title="CatML",
        version=_version(),
        summary="What the cats of a home do, from its cameras, with proof.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its pages would fetch their scripts from elsewhere
        redoc_url=None,
        responses=problems.RESPONSES,
        lifespan=_until_the_end,
    )
    app.state.home = home
    app.state.door = Door(home.database, home.params.serve.requests_per_minute)
    app.state.attempts = Attempts()
    app.state.looker = Looker(home)
    app.state.partitions = Partitions(home)
    app.state.timelapses = Timelapses(home.params.serve.decode_mb)
    app.state.again = again.Again()
    app.state.metrics = Metrics(home)
    app.state.checks = Checks(home, app.state.looker)
    problems.install(app)
    for part in (
        health, login, predict, read, live, standing, evidence, enrol, again, holds, timelapse, telemetry, events, snapshots, metrics,
    ):  # fmt: skip
        app.include_router(part.router)

    upload = int(home.params.serve.upload_mb * 1e6)
    rooms = {f"{API}/predict": upload, f"{API}/upload": int(home.params.serve.snapshot_mb * 1e6)}
    # The last one is the outermost.
    app.add_middleware(Tags)
    app.add_middleware(BodyLimit, most=lambda path: (upload if _is_photo(path) else rooms.get(path, 0)) + _ROOM)
    app.add_middleware(Access, door=app.state.door)
    app.add_middleware(Heads)
    if home.params.serve.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=home.params.serve.origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"],
        )
    app.add_middleware(Telling, metrics=app.state.metrics)
    app.add_middleware(Headers)
    return app


def _is_photo(path: str) -> bool:
    return path.startswith(f"{API}/cats/") and path.endswith("/photos")


@asynccontextmanager
async def _until_the_end(app: FastAPI) -> AsyncIterator[None]:
    yield
    await run_in_threadpool(app.state.timelapses.close)
    await run_in_threadpool(app.state.again.close)
    await run_in_threadpool(app.state.looker.close)


def _version() -> str:
    try:
        return importlib.metadata.version("catml")
    except importlib.metadata.PackageNotFoundError:
        return "source"
