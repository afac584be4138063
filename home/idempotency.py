"""What is asked twice is done once: requests by the key that whoever asks has given them.

After the IETF's draft "The Idempotency-Key HTTP Header Field"
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). The key is written in the transaction that does
the work, and one writes at a time: of many that come at once one does it, the others find it done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa

from home.database import Database, Moment
from home.errors import WrongUse

__all__ = ["DAYS", "KeyReused", "forget_within", "once"]

DAYS = 7
"""For so long a key is known; what it did is known by its event for ever."""

_KEYS = sa.Table(
    "idempotency",
    sa.MetaData(),
    sa.Column("who", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("at", Moment),
)


class KeyReused(WrongUse):
    """A key that came with another request before."""


def once(
    database: Database, who: str, key: str, fingerprint: str, work: Callable[[sa.Connection], str], now: dt.datetime
) -> str:
    """Do the work of a request, unless it was done.

    Args:
        database: where both are kept, in one transaction.
        who: whose key it is: others may have the same one.
        key: of the request.
        fingerprint: of what is asked.
        work: its result is kept, and given again.
        now: UTC.

    Returns:
        What the work gave, now or then.

    Raises:
        KeyReused: the key came with something else.
        StoreError, TableError: as `Database.write`.
    """
    mine = sa.and_(_KEYS.c.who == who, _KEYS.c.key == key)

    def whole(connection: sa.Connection) -> str:
        known = connection.execute(sa.select(_KEYS.c.fingerprint, _KEYS.c.result).where(mine)).first()
        if known is not None:
            if known.fingerprint != fingerprint:
                raise KeyReused(
                    f"the Idempotency-Key {key[:80]!r} came with another body before; "
                    "a new request needs a new key, the same request the same body"
                )
            return str(known.result)
        result = work(connection)
        forget_within(connection, now)
        row = {"who": who, "key": key, "fingerprint": fingerprint, "result": result, "at": now}
        connection.execute(sa.insert(_KEYS), [row])
        return result

    return database.write(whole)


def forget_within(connection: sa.Connection, now: dt.datetime) -> None:
    """Let go of keys that are known no longer, in a transaction that may write."""
    connection.execute(sa.delete(_KEYS).where(_KEYS.c.at < now - dt.timedelta(days=DAYS)))
