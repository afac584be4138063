"""What the API would not do, as its client says it."""

from __future__ import annotations

import httpx

from home.errors import CatMLError

__all__ = ["Refused", "refused"]


class Refused(CatMLError):
    """The API did not do it.

    Attributes:
        status: of HTTP.
        kind: names the problem for programs, e.g. `too-many-pixels`; empty where it has no name.
        retry_after_s: after which to come again, where the API says so.
    """

    def __init__(self, status: int, kind: str, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.retry_after_s = status, kind, retry_after_s


def refused(answer: httpx.Response) -> Refused:
    """What an answer says that is no success."""
    try:
        told = dict(answer.json())
    except ValueError:
        told = {}
    words = ": ".join(str(told[name]) for name in ("title", "detail") if told.get(name)) or answer.reason_phrase
    wait = answer.headers.get("retry-after", "")
    kind = str(told.get("type", "")).removeprefix("urn:catml:").removeprefix("about:blank")
    return Refused(answer.status_code, kind, words, int(wait) if wait.isdigit() else None)
