"""The door: every request is somebody's, by a session's cookie or by a key, and may do what that one may. `/health` is open.

It stands before the whole application, so that what is mounted on it later, pages and their websockets, is behind it too.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass
from functools import partial
from time import monotonic
from urllib.parse import quote, urlsplit

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from home.database import Database
from home.errors import CatMLError
from home.users import OWNER, SCOPES, key_of, session_of
from home.users import Scope as Right
from serve.limits import Rates
from serve.problems import Problem, answer
from serve.secrets_kept import PREFIX, digest
from serve.sockets import while_allowed

__all__ = [
    "COOKIE",
    "LOGIN",
    "MEDIA",
    "Access",
    "Door",
    "Who",
    "client_address",
    "cookie_name",
    "csrf_of",
    "from_elsewhere",
    "needed",
    "who",
]

LOGIN = "/login"
COOKIE = "catml"
SAFE = ("GET", "HEAD", "OPTIONS")
MEDIA = (
    "/api/v1/media/"  # a picture whose link is signed opens without anybody logging in: `serve.snapshots` looks at it
)
_OPEN = ("/health", "/health/live", "/health/ready", LOGIN)
_REMEMBERED_S = 5.0  # a key that is taken back opens for so long at most
_REMEMBERED = 1000
_NOBODY_PER_MINUTE = 120  # of one address that shows no cookie and no key, or wrong ones


@dataclass(frozen=True)
class Who:
    """Who asks.

    Attributes:
        id: for limits: `user owner`, `key 3`.
        name: for people.
        rights: what may be done.
        csrf: what a change must bring along where a cookie says who it is; empty for a key.
    """

    id: str
    name: str
    rights: tuple[Right, ...]
    csrf: str = ""

    def may(self, right: Right) -> bool:
        """Whether it may be done; who may administer may do everything."""
        return right in self.rights or "admin" in self.rights


def who(connection: HTTPConnection) -> Who:
    """Who asks, of a request that came through the door."""
    found: Who = connection.scope["state"]["who"]
    return found


def needed(method: str, path: str) -> Right:
    """The right that a request needs. What is not listed here may be read by readers and changed by writers."""
    if path == "/api/v1/keys" or path.startswith("/api/v1/keys/"):
        return "admin"
    if path == "/api/v1/predict":
        return "predict"
    return "read" if method in SAFE or path == "/logout" else "write"


def cookie_name(secure: bool) -> str:
    """Of the session's cookie. `__Host-` ties it to this very host and to TLS (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def csrf_of(token: str) -> str:
    """What a change must bring along where the cookie holds `token`: whoever can read it is on our own page."""
    return digest(f"csrf {token}")


def from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site's page made this request (Fetch Metadata; else Origin, RFC 6454)."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def client_address(connection: HTTPConnection) -> str:
    """The address that asks; a proxy's word counts only where `serve.trusted_proxies` has it."""
    return connection.client.host if connection.client else ""


class Door:
    """Knows who may come in.

    Args:
        database: where users, sessions and keys are.
        per_minute: requests of each of them.
    """

    def __init__(self, database: Database, per_minute: int) -> None:
        self._database = database
        self._rates, self._nobody = Rates(per_minute), Rates(_NOBODY_PER_MINUTE)
        self._known: dict[str, tuple[float, Who | None]] = {}
        self._lock = threading.Lock()

    async def enter(self, asked: HTTPConnection) -> None:
        """Let a request in, with `who` it is.

        Raises:
            Problem: it may not come in.
            StoreError, TableError: the database cannot be asked.
        """
        path = asked.scope["path"]
        secret, by_cookie = _shown(asked)
        found = await self._who(secret, by_cookie) if secret else None
        asked.scope.setdefault("state", {})["who"] = found
        if path in _OPEN:
            return
        if found is None and _is_signed(asked):
            if wait := self._nobody.wait_s(client_address(asked)):
                raise _too_many(wait)
            return
        if found is None:
            if wait := self._nobody.wait_s(client_address(asked)):
                raise _too_many(wait)
            raise Problem(
                401, "who", "Log in, or send a key", "No session and no key that holds came with this request.",
                {"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        if wait := self._rates.wait_s(found.id):
            raise _too_many(wait)
        method = asked.scope.get("method", "GET")
        if found.csrf and (method not in SAFE or asked.scope["type"] == "websocket"):
            _same_site(asked, found)
        right = needed(method, path)
        if not found.may(right):
            has = " and ".join(found.rights) or "nothing"
            raise Problem(
                403, "not-allowed", "This is not allowed", f"It takes the right to {right}; {found.name} has {has}."
            )

    async def _who(self, secret: str, by_cookie: bool) -> Who | None:
        """Who holds a secret; remembered for seconds, so that not every request asks the database."""
        name, now = digest(secret), monotonic()
        with self._lock:
            until, known = self._known.get(name, (0.0, None))
        if now < until:
            return known
        found = await run_sync(self._ask, name, secret, by_cookie)
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[name] = now + _REMEMBERED_S, found
        return found

    def _ask(self, name: str, secret: str, by_cookie: bool) -> Who | None:
        now = dt.datetime.now(dt.UTC)
        if by_cookie:
            session = session_of(self._database, name)
            if session is None or now >= session.ends_at:
                return None
            rights = SCOPES if session.user == OWNER else ("read",)
            return Who(f"user {session.user}", f"the {session.user}", rights, csrf_of(secret))
        key = key_of(self._database, name)
        if key is None or not key.holds(now):
            return None
        return Who(f"key {key.id}", f"the key {key.name!r}", key.scopes)

    async def still(self, asked: HTTPConnection) -> bool:
        """Whether who opened a websocket may still have it open.

        Raises:
            StoreError, TableError: the database cannot be asked.
        """
        secret, by_cookie = _shown(asked)
        found = await self._who(secret, by_cookie)
        return found is not None and found.may(needed("GET", asked.scope["path"]))

    def forget(self, secret: str) -> None:
        """A session has ended: its cookie opens nothing from now on."""
        with self._lock:
            self._known.pop(digest(secret), None)


class Access:
    """The door as a part of an application.

    Args:
        app: what is behind it.
        door: who may come in.
        every_s: how often it is asked of an open websocket whether it may stay.
    """

    def __init__(self, app: ASGIApp, door: Door, every_s: float = _REMEMBERED_S) -> None:
        self._app, self._door, self._every_s = app, door, every_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse; of a websocket the handshake is refused."""
        if scope["type"] in ("http", "websocket"):
            try:
                await self._door.enter(HTTPConnection(scope))
            except (Problem, CatMLError) as error:
                return await _refused(HTTPConnection(scope), error)(scope, receive, send)
        if scope["type"] == "websocket":
            may_stay = partial(self._door.still, HTTPConnection(scope))
            return await while_allowed(self._app, may_stay, self._every_s)(scope, receive, send)
        return await self._app(scope, receive, send)


def _shown(asked: HTTPConnection) -> tuple[str, bool]:
    """The key or cookie of a request, and whether it is a cookie; a key counts where there are both."""
    scheme, _, key = asked.headers.get("authorization", "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else asked.headers.get("x-api-key", "")
    if key:
        return (key, False) if key.startswith(PREFIX) else ("", False)
    return asked.cookies.get(cookie_name(asked.url.scheme in ("https", "wss")), ""), True


def _is_signed(asked: HTTPConnection) -> bool:
    """Whether it asks for a picture with a signature, right or wrong."""
    path, method = asked.scope["path"], asked.scope.get("method")
    return method == "GET" and path.startswith(MEDIA) and "signature" in asked.query_params


def _same_site(asked: HTTPConnection, found: Who) -> None:
    if from_elsewhere(asked.headers):
        raise Problem(
            403, "elsewhere", "This came from another site's page", "Only this home's own pages may change it."
        )
    if asked.scope["type"] == "websocket":
        if "origin" not in asked.headers:
            raise Problem(403, "elsewhere", "A websocket with a cookie must say where it comes from")
        return
    if asked.scope["path"] == "/logout":  # a form of our own, whose field the route looks at
        return
    if not secrets.compare_digest(asked.headers.get("x-csrf-token", "").encode(), found.csrf.encode()):
        raise Problem(
            403,
            "csrf",
            "The X-CSRF-Token is missing or wrong",
            "GET /api/v1/me tells the one that goes with the cookie.",
        )


def _too_many(wait: int) -> Problem:
    return Problem(
        429, "too-often", "Too many requests", f"Come again in {wait} s.", {"Retry-After": str(wait)}
    )  # fmt: skip


def _refused(asked: HTTPConnection, error: Problem | CatMLError) -> Response:
    if isinstance(error, CatMLError):
        error = Problem(503, "store", "Where users are kept does not answer", headers={"Retry-After": "30"})
    page = "text/html" in asked.headers.get("accept", "") and asked.scope.get("method") == "GET"
    if error.status == 401 and page:
        return RedirectResponse(f"{LOGIN}?next={quote(asked.scope['path'], safe='/')}", 303)
    return answer(error, asked.scope)
