"""To log in and out: one plain page, and who one is."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup
from pydantic import BaseModel, Field

from home.folder import Home
from home.look import css_variables
from home.users import GUEST, OWNER, Session, User, add_session, end_session, set_password, user_of
from home.users import Scope as Right
from serve.access import LOGIN, Door, Who, client_address, cookie_name, from_elsewhere, who
from serve.limits import Attempts
from serve.problems import Problem
from serve.secrets_kept import digest, hashed, made_up, matches, new_token, owners_password

__all__ = ["Me", "first_password", "router"]

router = APIRouter()
HERE = Path(__file__).parent


class Me(BaseModel):
    """Who one is to this home."""

    name: str = Field(examples=["the key 'garden'"])
    rights: list[Right] = Field(examples=[["read", "predict"]])
    csrf: str = Field(description="to be sent back as X-CSRF-Token with every change; empty for a key", examples=[""])


@router.get("/api/v1/me", tags=["access"])
def me(request: Request) -> Me:
    """Who this session or key is, and what it may do."""
    found = who(request)
    return Me(name=found.name, rights=list(found.rights), csrf=found.csrf)


@router.get(LOGIN, include_in_schema=False)
def page(request: Request, next: str = "") -> HTMLResponse:
    """The page."""
    return _page(request.scope["state"]["who"], next=_local(next))


@router.post(LOGIN, include_in_schema=False, response_model=None)
def log_in(
    request: Request,
    name: Annotated[str, Form(max_length=60)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse | RedirectResponse:
    """Begin a session."""
    if from_elsewhere(request.headers):
        raise Problem(403, "elsewhere", "This came from another site's page")
    home: Home = request.app.state.home
    attempts: Attempts = request.app.state.attempts
    account = name if name in (OWNER, GUEST) else "nobody"
    if wait := attempts.begin(account, client_address(request)):
        words = f"Too many wrong passwords; try again in {wait} s."
        return _page(None, 429, wrong=words, name=account, next=_local(next), headers={"Retry-After": str(wait)})
    user = user_of(home.database, account)
    if not matches(password, user.password if user else None):
        return _page(None, 401, wrong="Name or password is wrong.", name=account, next=_local(next))
    attempts.right(account, client_address(request))
    token, now = new_token(), dt.datetime.now(dt.UTC)
    ends = now + dt.timedelta(days=home.params.serve.session_days)
    add_session(home.database, Session(digest(token), account, now, ends))
    done = RedirectResponse(_local(next) or LOGIN, 303)
    secure = request.url.scheme == "https"
    seconds = int(home.params.serve.session_days * 86400)
    done.set_cookie(cookie_name(secure), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return done


@router.post("/logout", include_in_schema=False)
def log_out(request: Request, csrf: Annotated[str, Form(max_length=100)] = "") -> RedirectResponse:
    """End the session."""
    name = cookie_name(request.url.scheme == "https")
    token = request.cookies.get(name, "")
    found = who(request)
    if found.csrf:
        if not secrets.compare_digest(csrf.encode(), found.csrf.encode()):
            raise Problem(403, "csrf", "The form's `csrf` is missing or wrong", "The page at /login has the right one.")
        door: Door = request.app.state.door
        end_session(request.app.state.home.database, digest(token))
        door.forget(token)
    done = RedirectResponse(LOGIN, 303)
    done.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return done


def first_password(home: Home, make: bool = True) -> str | None:
    """See to it that the owner can log in: with the password of the environment, else with one that is made up once.

    Args:
        home: the home.
        make: whether to make one up; not where what is said is kept in a log.

    Returns:
        The one that was made up, to be shown to the owner now; None where there is one already.

    Raises:
        WrongUse: the one of the environment is too short.
        StoreError, TableError: the database cannot be written.
    """
    there, given = user_of(home.database, OWNER), owners_password()
    now = dt.datetime.now(dt.UTC)
    if given is not None:
        if there is None or not matches(given, there.password):
            set_password(home.database, User(OWNER, hashed(given), now))
        return None
    if there is not None or not make:
        return None
    password = made_up()
    return password if set_password(home.database, User(OWNER, hashed(password), now), unless_there=True) else None


def _local(path: str) -> str:
    """A path of this home; nothing that a browser would take for another site."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else ""


def _page(
    found: Who | None,
    status: int = 200,
    *,
    wrong: str = "",
    name: str = "",
    next: str = "",
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    style, policy = _style()
    text = _template().render(who=found, wrong=wrong, name=name, next=next, style=Markup(style))
    return HTMLResponse(
        text, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store", **(headers or {})}
    )


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    """The style, and the policy that allows this one and no other, and no script at all."""
    style = css_variables() + (HERE / "login.css").read_text("utf-8").replace("\n", "")
    name = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return style, (
        f"default-src 'none'; style-src 'sha256-{name}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string((HERE / "login.html").read_text("utf-8"))
