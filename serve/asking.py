"""How a program asks the API: whom, with which key, page after page, and what a refusal becomes. What can be asked: `serve.client`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, TypeAdapter

from home.errors import WrongUse
from serve.paging import Page
from serve.refused import Refused, refused

__all__ = ["Asking"]

T = TypeVar("T")
Row = TypeVar("Row", bound=BaseModel)
_ROWS = 500  # of a page


class Asking:
    """A connection to the API of one home.

    Args:
        url: where it is, e.g. `https://cats.example`.
        key: from `catml keys add`.
        timeout_s: for one answer; a clip takes longer than a photo.
        transport: for tests and other ways to it.

    Raises:
        WrongUse: a key would be sent unencrypted through a network, or the address is none.
    """

    def __init__(
        self, url: str, key: str, *, timeout_s: float = 300.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        parts = urlsplit(url)
        here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or parts.scheme not in ("http", "https") or (parts.scheme == "http" and not here):
            raise WrongUse(f"{url!r}: https://HOST, or http:// on this machine: a key would be read on its way")
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/", headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s,
            transport=transport, trust_env=False, follow_redirects=False,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def get(self, path: str, kind: type[T], **asked: Any) -> T:
        """What stands at a path, as a type.

        Raises:
            Refused: there is nothing, or the key may not read it.
        """
        return TypeAdapter(kind).validate_json(self.asked("GET", path, params=_plain(asked)).content)

    def pages(self, path: str, kind: type[Row], asked: dict[str, Any]) -> Iterator[Row]:
        """All rows of a path that is read by pages, one page in memory at a time."""
        cursor: str | None = None
        while True:
            page = self.get(path, Page[kind], limit=_ROWS, **asked, cursor=cursor)  # type: ignore[valid-type]
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def asked(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One answer that is a success.

        Raises:
            Refused: it is none, or there was no answer.
        """
        try:
            answer = self._http.request(method, path, **how)
        except httpx.HTTPError as error:
            raise Refused(0, "unreachable", f"{self._http.base_url}: no answer ({type(error).__name__})") from None
        if answer.is_success:
            return answer
        raise refused(answer)


def _plain(asked: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in asked.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in told.items()}
