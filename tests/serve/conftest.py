"""A home that is served, and programs that ask it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from home.folder import Home
from home.users import OWNER, ApiKey, Scope, Session, User, add_key, add_session, set_password
from serve.app import create_app
from serve.secrets_kept import digest, hashed, new_key, new_token
from tests.conftest import HomeFactory

PASSWORD = "correct horse battery"
Asking = Callable[..., TestClient]


@pytest.fixture(scope="session")
def _digest() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def house(home_factory: HomeFactory, _digest: str) -> Home:
    """A home with a camera, a cat and an owner."""
    home = home_factory(more="cats:\n  miso: {name: Miso}\n")
    set_password(home.database, User(OWNER, _digest, dt.datetime.now(dt.UTC)))
    return home


@pytest.fixture
def app(house: Home) -> FastAPI:
    """What answers for it."""
    return create_app(house)


def key_for(home: Home, *scopes: Scope, days: float | None = None) -> str:
    """A new key."""
    now, key = dt.datetime.now(dt.UTC), new_key()
    ends = None if days is None else now + dt.timedelta(days=days)
    add_key(home.database, ApiKey("a test", digest(key), scopes, now, ends))
    return key


def logged_in(client: TestClient, home: Home, user: str = OWNER) -> str:
    """Give a client a session, without the second that checking a password takes; returns what the cookie holds."""
    now, token = dt.datetime.now(dt.UTC), new_token()
    add_session(home.database, Session(digest(token), user, now, now + dt.timedelta(days=1)))
    client.cookies["catml"] = token
    return token


@pytest.fixture
def asking(app: FastAPI, house: Home) -> Iterator[Asking]:
    """`asking("read")` is a client with a key of these scopes, `asking()` one without any."""
    made: list[TestClient] = []

    def make(*scopes: Scope) -> TestClient:
        client = TestClient(app, "http://cats.test", follow_redirects=False, raise_server_exceptions=False)
        if scopes:
            client.headers["Authorization"] = f"Bearer {key_for(house, *scopes)}"
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
