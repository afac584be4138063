"""Locks between the processes of a home: they go when the process does, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from home.errors import StoreError, WrongUse


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for a lock and hold it. Its file is made if it is missing, and stays.

    Raises:
        OSError: if it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Be the only process that does something. The file says which one.

    Raises:
        WrongUse: if another process does it.
        StoreError: if the file cannot be made.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; its folder must be one that may be written") from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            who = os.read(file, 20).decode("ascii", "replace").strip() or "unknown"
            raise WrongUse(f"{path}: process {who} works here already; stop that one first") from None
        with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
            os.ftruncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a file that exists, if nobody else does; yields whether it is held. It is not opened for writing."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        yield _is_ours(file, path)
    finally:
        os.close(file)


def _is_ours(file: int, path: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file), path.stat())  # not removed or replaced before we had it
    except OSError:
        return False


def settle(folder: Path) -> None:
    """What was renamed in a folder stays renamed, also if the power goes now.

    Raises:
        OSError: if the disk refuses.
    """
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
