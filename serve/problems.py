"""What went wrong, as problem+json (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457): never a stack trace, never a path."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope

from home.errors import CatMLError, FootageError, StoreDenied, StoreMissing, StoreUnreachable, WrongUse, redacted

__all__ = ["RESPONSES", "Problem", "ProblemDocument", "answer", "fault", "install"]

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("catml.serve")


class ProblemDocument(BaseModel):
    """What an answer of 400 or more holds."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="names this kind of problem", examples=["urn:catml:unknown-format"])
    title: str = Field(description="the kind of problem in words", examples=["This is no photo and no clip"])
    status: int = Field(examples=[415])
    detail: str = Field(
        default="",
        description="what was found, and what would be right",
        examples=["found text; a JPEG would be right"],
    )
    request: str = Field(
        default="", description="the number of the request, as X-Request-ID has it", examples=["9f2c41d0a7b3e865"]
    )


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "what was wrong", "content": {MEDIA_TYPE: {"schema": ProblemDocument.model_json_schema()}}},
    "5XX": {"description": "no fault of the caller's", "content": {MEDIA_TYPE: {"schema": ProblemDocument.model_json_schema()}}},
}  # fmt: skip


class Problem(Exception):
    """A request that cannot be answered.

    Args:
        status: of HTTP.
        kind: names the problem for programs, e.g. `too-many-pixels`.
        title: the same in words.
        detail: what was found, and what would be right.
        headers: that go with the answer.
        more: further members of the document.
    """

    def __init__(
        self, status: int, kind: str, title: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail or title)
        self.status, self.kind, self.title, self.detail = status, kind, title, detail
        self.headers, self.more = headers or {}, more


def answer(problem: Problem, scope: Scope) -> JSONResponse:
    """A problem as it is sent to who asked."""
    number = _number(scope)
    tree = {
        "type": f"urn:catml:{problem.kind}" if problem.kind else "about:blank",
        "title": problem.title,
        "status": problem.status,
        **({"detail": problem.detail} if problem.detail else {}),
        **({"request": number} if number else {}),
        **problem.more,
    }
    return JSONResponse(tree, problem.status, problem.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of an application be answered so; what is nobody's is a fault, and `serve.telling` answers it."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return answer(error, request.scope)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        title = HTTPStatus(error.status_code).phrase
        detail = str(error.detail) if error.detail != title else ""
        return answer(Problem(error.status_code, "", title, detail, dict(error.headers or {})), request.scope)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [
            {"where": ".".join(map(str, each["loc"])), "what": str(each["msg"])} for each in error.errors()[:_MOST]
        ]
        detail = "; ".join(f"{each['where']}: {each['what']}" for each in wrong)
        told = Problem(422, "invalid", "The request is not as it should be", detail, errors=wrong)
        return answer(told, request.scope)

    @app.exception_handler(CatMLError)
    async def _ours(request: Request, error: CatMLError) -> JSONResponse:
        return answer(_as_problem(request, error), request.scope)


_MOST = 20  # mistakes of one request that are told


def _as_problem(request: Request, error: CatMLError) -> Problem:
    if isinstance(error, StoreUnreachable | StoreDenied):
        log.error("a store does not answer: %s", redacted(str(error)))
        return Problem(503, "store", "Where data is kept does not answer", headers={"Retry-After": "30"})
    if isinstance(error, StoreMissing):
        return Problem(404, "not-kept", "This is not kept any more")
    if isinstance(error, FootageError):
        return Problem(422, "unreadable", "This cannot be read", str(error))
    if isinstance(error, WrongUse):
        return Problem(422, "invalid", "The request is not as it should be", str(error))
    raise error  # a fault of ours, as any other


def fault(scope: Scope, error: Exception) -> Problem:
    """One of ours: told in the log with its trace, to the caller by the number of the request alone."""
    log.error("request %s failed", _number(scope), exc_info=error)
    return Problem(500, "fault", "Something went wrong here", "It is in the log under this request's number.")


def _number(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))
