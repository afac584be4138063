"""One address for a folder and for S3: the only place that talks to fsspec.

Keys are relative, with `/`. A write is seen whole or not at all: `PUT` on S3, temporary name and `os.replace` on disk.
Listings are never cached.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import glob
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from home.errors import StoreError
from home.locks import settle
from home.s3 import RemoteFile, open_s3, put_file, translated

READ_BLOCK = 4 * 1024 * 1024
TEMPORARY = ".tmp-"


@dataclass(frozen=True, order=True)
class Entry:
    """One object: its key, size in bytes, and a tag that changes when its content does (mtime or ETag)."""

    key: str
    size: int
    tag: str


class Store:
    """A folder or an S3 prefix.

    Args:
        url: a folder (relative ones below `root`), `file:///…`, or `s3://bucket/prefix`.
        root: the home's folder.
        endpoint_url: for S3 servers other than Amazon's. Keys come from the environment
            (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), as botocore reads them.
    """

    def __init__(self, url: str, root: Path, endpoint_url: str | None = None) -> None:
        self.url = url
        self.root = root
        self.endpoint_url = endpoint_url
        self.folder: Path | None = None
        if url.startswith("s3://"):
            self.base = url.removeprefix("s3://").rstrip("/")
        else:
            self.folder = (root / Path(url.removeprefix("file://")).expanduser()).absolute()
            self.base = str(self.folder)
        self._opened: Any = None

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    @property
    def _fs(self) -> Any:
        if self._opened is None:
            self._opened = open_s3(self.endpoint_url)
        return self._opened

    @property
    def is_remote(self) -> bool:
        """True for S3, False for a folder."""
        return self.folder is None

    def bucket_exists(self) -> bool:
        """Whether the bucket is there; True where that cannot be told."""
        try:
            return bool(self._fs.exists(self.base.split("/")[0]))
        except Exception:  # whatever went wrong, it is another error that is being told
            return True

    def _path(self, key: str) -> str:
        if key.startswith("/") or ".." in key.split("/"):
            raise StoreError(f"{key!r} is not a key below {self.url}: keys are relative, without `..`")
        return f"{self.base}/{key}"

    def list(self, prefix: str) -> list[Entry]:
        """Every object whose key begins with `prefix`, sorted by key; a prefix of nothing is an empty list.

        Raises:
            StoreUnreachable, StoreDenied, StoreMissing: the latter if the bucket itself does not exist.
        """
        parent, _, start = prefix.rpartition("/")
        with translated(self, prefix):
            path = self._path(parent).rstrip("/")
            if self.folder is not None:
                return sorted(self._list_folder(Path(path), start))
            found = self._fs.find(path, prefix=start, detail=True, withdirs=False)
            return sorted(
                Entry(name[len(self.base) + 1 :], int(info["size"]), str(info.get("ETag", "")).strip('"'))
                for name, info in found.items()
            )

    def _list_folder(self, parent: Path, start: str) -> Iterator[Entry]:
        if not parent.is_dir():
            return
        for folder, names, files in os.walk(parent, onerror=_raise):
            if folder == str(parent):
                names[:] = [name for name in names if name.startswith(start)]
                files = [name for name in files if name.startswith(start)]
            for name in files:
                if not name.startswith(TEMPORARY):
                    path = Path(folder, name)
                    with contextlib.suppress(FileNotFoundError):  # replaced while we list
                        stat = path.stat()
                        yield Entry(path.relative_to(self.base).as_posix(), stat.st_size, str(stat.st_mtime_ns))

    def modified(self, key: str) -> dt.datetime:
        """When the object was last written, UTC.

        Raises:
            StoreMissing, StoreUnreachable, StoreDenied.
        """
        with translated(self, key):
            if self.folder is not None:
                return dt.datetime.fromtimestamp(Path(self._path(key)).stat().st_mtime, dt.UTC)
            written: dt.datetime = self._fs.modified(self._path(key), refresh=True)
            return written.astimezone(dt.UTC)

    def find(self, key: str) -> Entry | None:
        """The object, or None if there is none."""
        with translated(self, key):
            if self.folder is not None:
                try:
                    stat = Path(self._path(key)).stat()
                except (FileNotFoundError, NotADirectoryError):
                    return None
                return Entry(key, stat.st_size, str(stat.st_mtime_ns))
            try:
                info = self._fs.info(self._path(key), refresh=True)
            except FileNotFoundError:
                return None
            return (
                Entry(key, int(info["size"]), str(info.get("ETag", "")).strip('"')) if info["type"] == "file" else None
            )

    def read(self, key: str) -> bytes:
        """The object's bytes.

        Raises:
            StoreMissing: if there is none.
        """
        with translated(self, key):
            if self.folder is not None:
                return Path(self._path(key)).read_bytes()
            return bytes(self._fs.cat_file(self._path(key)))

    def open(self, key: str) -> str | BinaryIO:
        """Something a media reader can open and seek in: a path on disk, ranged reads on S3."""
        with translated(self, key):
            if self.folder is not None:
                path = self._path(key)
                if not Path(path).exists():
                    raise FileNotFoundError(path)
                return path
            opened = self._fs.open(self._path(key), "rb", block_size=READ_BLOCK, cache_type="readahead")
            return cast(BinaryIO, RemoteFile(self, key, opened))

    def write(self, key: str, data: bytes) -> None:
        """Write an object whole, replacing what was there; readers see the old or the new one."""
        with translated(self, key):
            if self.folder is not None:
                write_file(Path(self._path(key)), data)
            else:
                self._fs.pipe_file(self._path(key), data)

    def put(self, key: str, path: Path) -> None:
        """Copy a local file in, and confirm size and checksum before returning.

        Raises:
            StoreError: if what arrived is not what was sent; the broken object is removed.
        """
        with translated(self, key):
            if self.folder is not None:
                target = Path(self._path(key))
                target.parent.mkdir(parents=True, exist_ok=True)
                with _temporary(target) as temporary:
                    shutil.copyfile(path, temporary)
                return
            put_file(self._fs, path, self._path(key))
        entry, sent = self.find(key), md5_of(path)
        if (
            entry is None
            or entry.size != path.stat().st_size
            # An ETag may be no MD5 at all (parts, encryption): then what arrived is read back.
            or (entry.tag != sent and self._md5_read_back(key) != sent)
        ):
            self.delete(key)
            raise StoreError(f"{self.url}/{key}: what arrived differs from what was sent; try again")

    def checksum(self, entry: Entry) -> str:
        """MD5 of the content as 32 hex digits; an S3 ETag that is one is trusted, else the object is read."""
        if self.folder is not None:
            return md5_of(Path(self._path(entry.key)))
        if re.fullmatch(r"[0-9a-f]{32}", entry.tag):
            return entry.tag
        return self._md5_read_back(entry.key)

    def _md5_read_back(self, key: str) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        with translated(self, key), self._fs.open(self._path(key), "rb", block_size=READ_BLOCK) as file:
            while block := file.read(READ_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        with translated(self, key), contextlib.suppress(FileNotFoundError):
            if self.folder is not None:
                Path(self._path(key)).unlink()
            else:
                self._fs.rm_file(self._path(key))


def _raise(error: OSError) -> None:
    raise error


def write_file(path: Path, data: bytes) -> None:
    """Write a local file under a temporary name, flush it to disk, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """A name beside `target` to write under; renamed to it at the end, removed if that fails."""
    _clear_abandoned(target)
    temporary = target.with_name(f"{TEMPORARY}{target.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
        settle(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _clear_abandoned(target: Path) -> None:
    """Remove what a killed writer of this very target has left."""
    for left in target.parent.glob(f"{TEMPORARY}{glob.escape(target.name)}-*"):
        named = re.fullmatch(r"(\d+)-\d+", left.name.removeprefix(f"{TEMPORARY}{target.name}-"))
        if not named:
            continue  # of a target whose name begins like this one's
        try:
            os.kill(int(named[1]), 0)
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except PermissionError:
            continue  # alive, somebody else's


def md5_of(path: Path) -> str:
    """MD5 of a local file as 32 hex digits: what S3 and DVC use."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
