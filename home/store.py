"""One address for a folder and for S3: the only place that talks to fsspec.

Keys are relative, with `/`. A write is seen whole or not at all: `PUT` on S3, temporary name and `os.replace` on disk.
Listings are never cached.
"""

from __future__ import annotations

import contextlib
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

from home.errors import StoreDenied, StoreError, StoreMissing, StoreUnreachable

READ_BLOCK = 4 * 1024 * 1024
TEMPORARY = ".tmp-"
# How long an S3 server is waited for, seconds; tried four times in all, so that one that is down is told in a minute.
CONNECT_S = 3
ANSWER_S = 15


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
            self._opened = _s3(self.endpoint_url)
        return self._opened

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
        with _translated(self, prefix):
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

    def find(self, key: str) -> Entry | None:
        """The object, or None if there is none."""
        with _translated(self, key):
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
        with _translated(self, key):
            if self.folder is not None:
                return Path(self._path(key)).read_bytes()
            return bytes(self._fs.cat_file(self._path(key)))

    def open(self, key: str) -> str | BinaryIO:
        """Something a media reader can open and seek in: a path on disk, ranged reads on S3."""
        with _translated(self, key):
            if self.folder is not None:
                path = self._path(key)
                if not Path(path).exists():
                    raise FileNotFoundError(path)
                return path
            opened = self._fs.open(self._path(key), "rb", block_size=READ_BLOCK, cache_type="readahead")
            return cast(BinaryIO, _Remote(self, key, opened))

    def write(self, key: str, data: bytes) -> None:
        """Write an object whole, replacing what was there; readers see the old or the new one."""
        with _translated(self, key):
            if self.folder is not None:
                write_file(Path(self._path(key)), data)
            else:
                self._fs.pipe_file(self._path(key), data)

    def put(self, key: str, path: Path) -> None:
        """Copy a local file in, and confirm size and checksum before returning.

        Raises:
            StoreError: if what arrived is not what was sent; the broken object is removed.
        """
        with _translated(self, key):
            if self.folder is not None:
                target = Path(self._path(key))
                target.parent.mkdir(parents=True, exist_ok=True)
                with _temporary(target) as temporary:
                    shutil.copyfile(path, temporary)
                return
            self._fs.put_file(str(path), self._path(key))
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
        with _translated(self, key), self._fs.open(self._path(key), "rb", block_size=READ_BLOCK) as file:
            while block := file.read(READ_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        with _translated(self, key), contextlib.suppress(FileNotFoundError):
            if self.folder is not None:
                Path(self._path(key)).unlink()
            else:
                self._fs.rm_file(self._path(key))


class _Remote:
    """An object on S3 as a file: whatever goes wrong while it is read is a StoreError, not a broken film."""

    def __init__(self, store: Store, key: str, file: Any) -> None:
        self._store, self._key, self._file = store, key, file

    def read(self, size: int = -1) -> bytes:
        with _translated(self._store, self._key):
            return bytes(self._file.read(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


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


def _s3(endpoint_url: str | None) -> Any:
    import s3fs

    config = {
        # Stores other than Amazon's do not answer the newer flexible checksums on ranged reads.
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "connect_timeout": CONNECT_S,
        "read_timeout": ANSWER_S,  # counted from the end of what we send, so that a slow uplink does not meet it
        "retries": {"total_max_attempts": 2, "mode": "standard"},
    }
    opened = s3fs.S3FileSystem(
        endpoint_url=endpoint_url, config_kwargs=config, use_listings_cache=False, skip_instance_cache=True
    )
    # On top of botocore's; five by default, which makes minutes of a server that never answers.
    opened.retries = 2
    return opened


@contextlib.contextmanager
def _translated(store: Store, key: str) -> Iterator[None]:
    """fsspec's and botocore's errors as ours, without any credential in them."""
    place = f"{store.url.rstrip('/')}/{key}"
    try:
        yield
    except StoreError:
        raise
    except FileNotFoundError as error:
        raise StoreMissing(f"{place}: {_missing(store)}") from error
    except PermissionError as error:
        raise StoreDenied(f"{place}: access refused; {_refused(store, error)}") from error
    except (OSError, EOFError) as error:
        if store.folder is not None:
            raise StoreError(f"{place}: {getattr(error, 'strerror', None) or error}; check the disk") from error
        code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
        if code:
            raise StoreError(f"{place}: the S3 server refused it ({code})") from error
        raise StoreUnreachable(_silent(store, place, error)) from error
    except Exception as error:
        if not type(error).__module__.startswith(("botocore", "aiobotocore", "aiohttp", "s3fs", "fsspec")):
            raise
        if "Credentials" in type(error).__name__:
            right = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            raise StoreDenied(f"{place}: no usable credentials; {right}") from error
        raise StoreUnreachable(_silent(store, place, error)) from error


def _missing(store: Store) -> str:
    """Whether it is the object that is missing or the whole bucket: S3 answers both alike."""
    if store.folder is None:
        bucket = store.base.split("/")[0]
        try:
            known = store._fs.exists(bucket)
        except Exception:
            known = True
        if not known:
            return f"no such bucket; make {bucket!r} on the S3 server, or name another under `store:` in home.yaml"
    return "no such object"


def _refused(store: Store, error: PermissionError) -> str:
    if store.folder is not None:
        return "check the permissions of the folder"
    code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
    if code == "RequestTimeTooSkewed":
        return "the clock of this machine or of the S3 server is wrong"
    return "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def _silent(store: Store, place: str, error: BaseException) -> str:
    where = store.endpoint_url or "Amazon S3"
    return f"{place}: no answer from {where} ({type(error).__name__}); is it up, and `store.endpoint_url` right?"
