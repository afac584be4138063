"""A real PostgreSQL for tests: a cluster of its own on loopback, with a password."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from tests.ports import free_port

PASSWORD = "p@ss/w:rd"  # with what an address must carry percent-encoded


def program(name: str) -> str | None:
    """A program of PostgreSQL: on the path, or where Debian keeps the server's."""
    there = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return shutil.which(name) or (there[-1] if there else None)


def why_not() -> str:
    """Why no server can be started here; empty if one can."""
    if None in (program("initdb"), program("postgres"), program("pg_isready")):
        return "PostgreSQL is missing: apt-get install postgresql"
    if os.getuid() == 0 and "postgres" not in [user.pw_name for user in pwd.getpwall()]:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


def empty(connection: sa.Connection) -> None:
    """Take the rows out of every table."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    names = ", ".join(connection.execute(sa.text(tables)).scalars())
    connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))


class PostgresServer:
    """One server; `address` is that of its database `postgres`, with `${CATML_TEST_PG}` for the password."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="catml-postgres-"))
        # It refuses to run as root.
        self._as: dict[str, str] = {"user": "postgres"} if os.getuid() == 0 else {}
        if self._as:
            shutil.chown(self.folder, "postgres")
        self.port = free_port()
        self.address = f"postgresql://catml:${{CATML_TEST_PG}}@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> PostgresServer:
        """Make the cluster, start the server, and wait until it answers."""
        initdb, postgres, ready = map(program, ("initdb", "postgres", "pg_isready"))
        secret, data = self.folder / "secret", self.folder / "db"
        assert initdb and postgres and ready, why_not()
        secret.write_text(PASSWORD)
        if self._as:
            shutil.chown(secret, "postgres")
        how = [f"--pwfile={secret}", "--username=catml", "--auth=scram-sha-256", "--no-sync", "--locale=C", "-EUTF8"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([initdb, *how, "-D", str(data)], check=True, cwd=self.folder, **quiet, **self._as)  # type: ignore[call-overload]
        where = ["-D", str(data), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port), "-F"]
        self._process = subprocess.Popen([postgres, *where], cwd=self.folder, **quiet, **self._as)  # type: ignore[call-overload]
        assert self._process is not None
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if subprocess.run([ready, "-h", "127.0.0.1", "-p", str(self.port)], **quiet).returncode == 0:  # type: ignore[call-overload]
                return self
            assert self._process.poll() is None, "PostgreSQL ended at once"
            time.sleep(0.05)
        raise AssertionError("PostgreSQL does not answer")

    def stop(self) -> None:
        """End it, and forget what it held."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        shutil.rmtree(self.folder)
