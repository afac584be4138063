"""Rows: what people say and devices measure. One address for a SQLite file and a PostgreSQL database.

SQLite is what a home has. PostgreSQL is for a home whose parts run on several machines; asyncpg, which Prefect brings,
speaks to it. Either way a piece of work is one transaction, and there are two kinds:

    database.read(work)     sees the rows as they are at one moment; waits for nobody, holds nobody up, cannot write
    database.write(work)    one at a time: what it has looked up stays so until it is done
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from home.errors import CatMLError, SchemaError, StoreDenied, StoreMissing, StoreUnreachable, TableError
from home.values import with_environment

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Database", "Moment"]

MIGRATIONS = Path(__file__).with_name("migrations")
# A writer waits this long for another one, seconds.
PATIENCE_S = 30.0
# What CatML's transactions on a PostgreSQL server lock: any number that other programs on it are unlikely to take.
_LOCK = 0x6361746D6C

T = TypeVar("T")
_Kind = Literal["read", "write"]


class Moment(TypeDecorator[dt.datetime]):
    """A moment, tz-aware UTC on this side; SQLite knows no time zones and keeps it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """As the database takes it."""
        if value is None:
            return None
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """As it is meant."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Database:
    """The rows of one home. Nothing is opened before the first piece of work.

    Args:
        address: a file, relative to the home, or `postgresql://user:${PASSWORD}@host/name`.
        root: the home's folder.
    """

    def __init__(self, address: str, root: Path) -> None:
        self._address, self._root = address, root
        self._file = None if "://" in address or address.startswith("${") else root / address
        self._migrated = False

    def __str__(self) -> str:
        """Its address without credentials and query, for messages."""
        if self._file is not None:
            return str(self._file)
        parts = urlsplit(self._address)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @property
    def is_new(self) -> bool:
        """Whether it is a file that nobody has written to yet."""
        return self._file is not None and not self._file.exists()

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Look at the rows as they are at one moment, whoever writes meanwhile. What would write fails.

        Not from inside an event loop: there, give it to a thread.

        Raises:
            WrongUse, StoreUnreachable, StoreDenied, StoreMissing, SchemaError, TableError: as `write`.
        """

        def current(connection: sa.Connection) -> tuple[T] | None:
            return (work(connection),) if self._migrated or _is_current(connection) else None

        found = None if self.is_new and not self._migrated else self._done(current, "read")
        if found is None:
            self.write(lambda connection: None)
            return self._done(work, "read")
        self._migrated = True
        return found[0]

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """One transaction: all of the work is kept, or none of it if it raises. Nobody else writes meanwhile.

        Not from inside an event loop: there, give it to a thread.

        Raises:
            WrongUse: if a variable of the address is not set.
            StoreUnreachable, StoreDenied, StoreMissing: the server does not answer, refuses, or has no such database.
            SchemaError: if a newer CatML wrote it.
            TableError: if the file is damaged or is none.
        """

        def whole(connection: sa.Connection) -> T:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if not self._migrated:
                _migrate(connection, str(self))
            return work(connection)

        result = self._done(whole, "write")
        self._migrated = True
        return result

    def _done(self, work: Callable[[sa.Connection], T], kind: _Kind) -> T:
        with self._told():
            return self._in_file(work, kind) if self._file is not None else asyncio.run(self._on_server(work, kind))

    def _in_file(self, work: Callable[[sa.Connection], T], kind: _Kind) -> T:
        assert self._file is not None
        path = self._file.absolute()
        makes = kind == "write" and not self._migrated
        if makes:
            path.parent.mkdir(parents=True, exist_ok=True)
        with _engine(path, "make" if makes else kind).begin() as connection:
            return work(connection)

    async def _on_server(self, work: Callable[[sa.Connection], T], kind: _Kind) -> T:
        url = make_url(with_environment(self._address, "`store.database`"))
        query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
        url = url.set(drivername="postgresql+asyncpg", query=query)
        engine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE_S})
        async with engine.begin() as connection:
            if kind == "read":
                await connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            return await connection.run_sync(work)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong between us and the database, in our words. A traceback of it would show the address."""
        import asyncpg

        try:
            yield
        except CatMLError:
            raise
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError) as error:
            raise StoreDenied(f"{self}: the database refuses ({error}); user and password must be right") from None
        except asyncpg.InvalidCatalogNameError as error:
            raise StoreMissing(f"{self}: {error}; make it on the server: createdb NAME") from None
        except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise StoreUnreachable(f"{self}: no database there ({reason})") from None
        except sa.exc.OperationalError as error:
            raise StoreUnreachable(f"{self}: {error.orig}; it must be a file that may be written") from None
        except sa.exc.DatabaseError as error:
            if self._file is None or ("not a database" not in str(error) and "malformed" not in str(error)):
                raise
            raise TableError(f"{self}: {error.orig}; take it from a backup, or move it away to begin anew") from None


@lru_cache(maxsize=64)
def _engine(path: Path, kind: Literal["read", "write", "make"]) -> sa.Engine:
    """For a SQLite file; it holds no connection open. Only `make` makes one: a file that is gone may come back."""

    def connect() -> sqlite3.Connection:
        # Python's driver opens transactions when it thinks fit, and none for DDL; ours are from the start.
        address = f"{path.as_uri()}?mode={'rwc' if kind == 'make' else 'rw'}"
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None)
        if kind == "read":
            connection.execute("PRAGMA query_only = ON")
        elif kind == "make":
            _let_read_while_written(connection)
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)
    sa.event.listen(engine, "begin", _begin if kind == "read" else _begin_immediately)
    return engine


def _let_read_while_written(connection: sqlite3.Connection) -> None:
    """Switch a file to write-ahead logging (https://www.sqlite.org/wal.html), once for all: the file remembers it.

    Where it cannot be, as on a disk of the network, readers go on beside a writer but for the moment in which it ends.
    """
    with suppress(sqlite3.OperationalError):  # another one is at it; whatever else is wrong, the work itself will tell
        connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediately(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_current(connection: sa.Connection) -> bool:
    """Whether it has today's tables."""
    from alembic.script import ScriptDirectory

    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    there = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return there == ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _migrate(connection: sa.Connection, name: str) -> None:
    """Take the database to today's tables, in the transaction that is open."""
    from alembic import command
    from alembic.util import CommandError

    config = _alembic()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if "locate revision" not in str(error):
            raise
        raise SchemaError(f"{name}: written by a newer CatML ({error}); update CatML") from None
