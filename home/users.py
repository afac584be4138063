"""Who may ask: the rows `users`, `sessions` and `api_keys`. Passwords, sessions and keys are here as digests only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from home.database import Database, Moment
from home.errors import WrongUse

__all__ = [
    "GUEST", "OWNER", "SCOPES", "ApiKey", "Scope", "Session", "User", "add_key", "add_session", "end_session", "key_of",
    "keys", "remove_key", "remove_user", "session_of", "set_password", "user_of",
]  # fmt: skip

Scope = Literal["read", "predict", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
OWNER, GUEST = "owner", "guest"
"""The names one logs in with. A guest may read."""


@dataclass(frozen=True)
class User:
    """Somebody who logs in.

    Attributes:
        name: OWNER or GUEST.
        password: its Argon2 digest, with salt and costs in it.
        changed_at: when it was set, UTC.
    """

    name: str
    password: str
    changed_at: dt.datetime


@dataclass(frozen=True)
class Session:
    """One login. `digest` is the SHA-256 of what the cookie holds, as hex."""

    digest: str
    user: str
    made_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True)
class ApiKey:
    """A key for programs.

    Attributes:
        id: a number that is never given twice; 0 before it is kept.
        name: what it is for, in the owner's words.
        digest: SHA-256 of the key, as hex.
        scopes: what it may do; `admin` may do everything.
        made_at: UTC.
        ends_at: from then on it opens nothing; None: it does for ever.
        removed_at: since when the owner has taken it back; None while it holds.
    """

    name: str
    digest: str
    scopes: tuple[Scope, ...]
    made_at: dt.datetime
    ends_at: dt.datetime | None = None
    removed_at: dt.datetime | None = None
    id: int = 0

    def holds(self, now: dt.datetime) -> bool:
        """Whether it opens anything now."""
        return self.removed_at is None and (self.ends_at is None or now < self.ends_at)


_ALL = sa.MetaData()
_USERS = sa.Table(
    "users", _ALL, sa.Column("name", sa.Text, primary_key=True), sa.Column("password", sa.Text),
    sa.Column("changed_at", Moment),
)  # fmt: skip
_SESSIONS = sa.Table(
    "sessions", _ALL, sa.Column("digest", sa.Text, primary_key=True), sa.Column("user", sa.Text),
    sa.Column("made_at", Moment), sa.Column("ends_at", Moment),
)  # fmt: skip
_KEYS = sa.Table(
    "api_keys", _ALL, sa.Column("name", sa.Text), sa.Column("digest", sa.Text), sa.Column("scopes", sa.Text),
    sa.Column("made_at", Moment), sa.Column("ends_at", Moment), sa.Column("removed_at", Moment),
    sa.Column("id", sa.Integer, primary_key=True),
)  # fmt: skip


def user_of(database: Database, name: str) -> User | None:
    """The user of a name, None if nobody has set a password for it."""
    query = sa.select(_USERS).where(_USERS.c.name == name)
    row = database.read(lambda connection: connection.execute(query).first())
    return User(*row) if row else None


def set_password(database: Database, user: User, *, unless_there: bool = False) -> bool:
    """Give a user a password. All of its sessions end with the old one.

    Args:
        database: where it is kept.
        user: with the new digest.
        unless_there: leave a user alone that has one already; of two programs that start at once one sets it.

    Returns:
        Whether it was set.
    """

    def work(connection: sa.Connection) -> bool:
        there = connection.execute(sa.select(_USERS.c.name).where(_USERS.c.name == user.name)).first()
        if there and unless_there:
            return False
        connection.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.user == user.name))
        connection.execute(sa.delete(_USERS).where(_USERS.c.name == user.name))
        connection.execute(sa.insert(_USERS).values(**vars(user)))
        return True

    return database.write(work)


def remove_user(database: Database, name: str) -> bool:
    """Let a user log in no more, and end its sessions. False if there was none."""

    def work(connection: sa.Connection) -> bool:
        connection.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.user == name))
        return bool(connection.execute(sa.delete(_USERS).where(_USERS.c.name == name)).rowcount)

    return database.write(work)


def add_session(database: Database, session: Session) -> None:
    """Keep a login; those that have ended are forgotten."""

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.ends_at <= session.made_at))
        connection.execute(sa.insert(_SESSIONS).values(**vars(session)))

    database.write(work)


def session_of(database: Database, digest: str) -> Session | None:
    """The login of a digest, ended or not; None if there is none."""
    query = sa.select(_SESSIONS).where(_SESSIONS.c.digest == digest)
    row = database.read(lambda connection: connection.execute(query).first())
    return Session(*row) if row else None


def end_session(database: Database, digest: str) -> None:
    """Log out. Nothing happens where there is no such login."""
    database.write(lambda connection: connection.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.digest == digest)))


def add_key(database: Database, key: ApiKey) -> ApiKey:
    """Keep a key; returns it with its number."""

    def work(connection: sa.Connection) -> ApiKey:
        values = {**vars(key), "scopes": " ".join(key.scopes)}
        del values["id"]
        connection.execute(sa.insert(_KEYS).values(**values))
        return _keys(connection, _KEYS.c.digest == key.digest)[0]

    return database.write(work)


def keys(database: Database) -> list[ApiKey]:
    """All keys that were not taken back, oldest first; those that have ended too."""
    return database.read(lambda connection: _keys(connection, _KEYS.c.removed_at.is_(None)))


def key_of(database: Database, digest: str) -> ApiKey | None:
    """The key of a digest, whether it holds or not; None if there never was one."""
    found = database.read(lambda connection: _keys(connection, _KEYS.c.digest == digest))
    return found[0] if found else None


def remove_key(database: Database, number: int, now: dt.datetime) -> ApiKey:
    """Take a key back; the row stays and says since when. Twice changes nothing.

    Raises:
        WrongUse: if there is no key of that number.
    """

    def work(connection: sa.Connection) -> ApiKey:
        mine = _KEYS.c.id == number
        connection.execute(sa.update(_KEYS).where(mine, _KEYS.c.removed_at.is_(None)).values(removed_at=now))
        found = _keys(connection, mine)
        if not found:
            raise WrongUse(f"no key {number}; `catml keys list` shows them with their numbers")
        return found[0]

    return database.write(work)


def _keys(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[ApiKey]:
    rows = connection.execute(sa.select(_KEYS).where(where).order_by(_KEYS.c.id)).mappings()
    return [ApiKey(**{**row, "scopes": tuple(row["scopes"].split())}) for row in rows]
