"""Users, sessions and keys, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from home.database import Database
from home.users import (
    GUEST,
    OWNER,
    ApiKey,
    Session,
    User,
    add_key,
    add_session,
    end_session,
    key_of,
    keys,
    remove_key,
    remove_user,
    session_of,
    set_password,
    user_of,
)

AT = dt.datetime(2026, 3, 1, 7, 0, 0, 250_000, dt.UTC)
DAY = dt.timedelta(days=1)


def test_a_password_is_set_once_changed_and_removed(database: Database) -> None:
    user = User(OWNER, "$argon2id$one", AT)
    assert user_of(database, OWNER) is None and set_password(database, user, unless_there=True)
    assert not set_password(database, replace(user, password="$argon2id$two"), unless_there=True)
    assert user_of(database, OWNER) == user and user_of(database, GUEST) is None
    add_session(database, Session("a" * 64, OWNER, AT, AT + DAY))
    add_session(database, Session("b" * 64, GUEST, AT, AT + DAY))
    assert set_password(database, replace(user, password="$argon2id$two"))
    assert session_of(database, "a" * 64) is None and session_of(database, "b" * 64) is not None
    assert remove_user(database, OWNER) and not remove_user(database, OWNER)


def test_sessions_end_and_are_forgotten(database: Database) -> None:
    first, second = Session("a" * 64, OWNER, AT, AT + DAY), Session("b" * 64, OWNER, AT + 2 * DAY, AT + 3 * DAY)
    add_session(database, first)
    assert session_of(database, first.digest) == first
    add_session(database, second)  # the first one has ended by then
    assert session_of(database, first.digest) is None and session_of(database, second.digest) == second
    end_session(database, second.digest)
    end_session(database, second.digest)
    assert session_of(database, second.digest) is None


def test_keys_are_listed_until_they_are_taken_back(database: Database) -> None:
    first = add_key(database, ApiKey("garden", "a" * 64, ("read", "predict"), AT))
    second = add_key(database, ApiKey("garden", "b" * 64, ("write",), AT, AT + DAY))
    assert first.id != second.id and keys(database) == [first, second] and key_of(database, "c" * 64) is None
    gone = remove_key(database, first.id, AT)
    assert gone.removed_at == AT and remove_key(database, first.id, AT + DAY) == gone
    assert keys(database) == [second] and key_of(database, first.digest) == gone and not gone.holds(AT)
    third = add_key(database, ApiKey("new", "d" * 64, ("read",), AT))
    assert third.id > second.id
