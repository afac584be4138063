"""`/health`: whether the program runs, and whether it can do its work. Anybody may ask; why it cannot is for readers only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from home.errors import StoreDenied, StoreMissing, StoreUnreachable
from home.folder import Home
from home.users import OWNER, user_of
from serve.access import Who
from serve.looker import Looker
from serve.problems import Problem

__all__ = ["Checks", "router"]

router = APIRouter(prefix="/health", tags=["health"])
KEPT_S = 2.0  # whoever asks more often is told the same
PATIENCE_S = (
    5.0  # who asks whether it is ready waits no longer; what is asked is waited for by one thread, whoever asks
)
NOWHERE = "no-such-object"
WELL = ("ok", "loading", "not asked for yet", "left out")


class Ready(BaseModel):
    """What there is to work with; `ok`, or what is wrong."""

    ready: bool
    networks: str = Field(
        description="ok, loading, `not asked for yet`, or `left out` where the home reads no behaviour", examples=["ok"]
    )
    database: str = Field(examples=["ok"])
    footage: str = Field(examples=["ok"])
    tables: str = Field(examples=["ok"])


class Checks:
    """Asks what a home needs: not more than every two seconds, and never twice at once.

    Args:
        home: whose database and stores.
        looker: whose networks.
    """

    def __init__(self, home: Home, looker: Looker) -> None:
        self._looker = looker
        self._work: dict[str, Callable[[], object]] = {
            "database": lambda: user_of(home.database, OWNER),
            "footage": lambda: home.footage.find(NOWHERE),
            "tables": lambda: home.tables.store.find(NOWHERE),
        }
        self._known, self._until = dict[str, str](), 0.0
        self._running: asyncio.Task[None] | None = None

    async def look(self) -> Ready:
        """How it stands."""
        if self._running is None and monotonic() >= self._until:
            self._running = asyncio.create_task(self._ask())
        if self._running is not None:
            await asyncio.wait([self._running], timeout=PATIENCE_S)
        slow = dict.fromkeys(self._work, f"no answer within {PATIENCE_S:g} s")
        told = {"networks": self._looker.state, **(slow if self._running else self._known)}
        return Ready(ready=all(each in WELL for each in told.values()), **told)

    async def _ask(self) -> None:
        try:
            self._known = await run_in_threadpool(lambda: {name: _tried(work) for name, work in self._work.items()})
            self._until = monotonic() + KEPT_S
        finally:
            self._running = None


@router.get("", status_code=204)
@router.get("/live", status_code=204)
async def live() -> Response:
    """The program runs."""
    return Response(status_code=204)


@router.get("/ready", response_model=Ready, responses={204: {"description": "it is ready"}})
async def ready(request: Request) -> Response | Ready:
    """Database and stores answer, and the networks are there or being loaded. Readers are told which of them is not so."""
    checks: Checks = request.app.state.checks
    told = await checks.look()
    asking: Who | None = request.scope["state"]["who"]
    reader = asking is not None and asking.may("read")
    if not told.ready:
        why = told.model_dump(exclude={"ready"}) if reader else {}
        raise Problem(503, "not-ready", "This home cannot be served", headers={"Retry-After": "30"}, **why)
    return told if reader else Response(status_code=204)


def _tried(work: Callable[[], object]) -> str:
    try:
        work()
    except StoreUnreachable:
        return "does not answer"
    except StoreDenied:
        return "refuses"
    except StoreMissing:
        return "is not there"
    except Exception as error:  # whatever it is, it is the answer
        return f"cannot be used ({type(error).__name__})"
    return "ok"
