"""Pictures of events: those that others send are kept beside the footage by what is in them; all open by links that expire.

A link carries an HMAC (RFC 2104, with SHA-256) of the key and of the second at which it ends, so that a mail can lead to a
picture and to nothing else. Its secret lies in the home, for its user alone, and is made when it is first needed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from home.errors import StoreError, WrongUse
from home.folder import Home
from home.locks import locked, settle
from home.store import TEMPORARY, Entry, Store

__all__ = ["KEY", "TYPES", "Link", "found", "is_signed", "keep_picture", "key_of", "link", "media_type"]

TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
# Names below one prefix and of pictures only: whatever else a store holds has no link.
KEY = re.compile(rf"events/[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+){{0,3}}\.(?:{'|'.join(TYPES)})", re.ASCII)
LONGEST_KEY = 200
PATH = "/api/v1/media/"
SECRET = Path("data/media.secret")
_BYTES = 32
_STEPS = 4


@dataclass(frozen=True)
class Link:
    """Where a picture is opened by whoever has the link: a path of the API with its query, and until when, UTC."""

    path: str
    expires_at: dt.datetime


def key_of(data: bytes, ending: str) -> str:
    """The key of a picture: the same picture has the same one, in every home.

    Args:
        data: its file.
        ending: one of TYPES.
    """
    digest = hashlib.sha256(data).hexdigest()
    return f"events/{digest[:2]}/{digest}.{ending}"


def keep_picture(home: Home, data: bytes, ending: str) -> str:
    """Keep a picture in the store of the footage; one that is there already is left alone.

    Returns:
        Its key, for `Event.media`.

    Raises:
        StoreError: the store does not take it.
    """
    key = key_of(data, ending)
    there = home.footage.find(key)
    if there is None or there.size != len(data):
        home.footage.write(key, data)
    return key


def found(home: Home, key: str) -> tuple[Store, Entry] | None:
    """Where a picture lies: what the watcher has seen in the home's own folder, what others sent with the footage.

    Raises:
        StoreError: a store does not answer.
    """
    if media_type(key) is None:
        return None
    for store in (home.data, home.footage):
        if (entry := store.find(key)) is not None:
            return store, entry
    return None


def media_type(key: str) -> str | None:
    """What a key of a picture is, for HTTP; None where it is no key of a picture."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        return None
    return TYPES[key.rpartition(".")[2]]


def link(home: Home, key: str, now: dt.datetime, lasts: dt.timedelta) -> Link:
    """A link to a picture.

    It ends at a multiple of a quarter of `lasts`, so that whoever asks again soon gets the same one: it lasts for three
    quarters of that at least.

    Raises:
        WrongUse: `key` is none of a picture.
        StoreError: the secret cannot be kept.
    """
    if media_type(key) is None:
        raise WrongUse(f"{key[:80]!r} is no key of a picture; one is e.g. events/3f/3f9c….jpg")
    step = max(1, int(lasts.total_seconds()) // _STEPS)
    ends = (int(now.timestamp()) // step + _STEPS) * step
    path = f"{PATH}{key}?expires={ends}&signature={_signature(_secret(home.root), key, ends)}"
    return Link(path, dt.datetime.fromtimestamp(ends, dt.UTC))


def is_signed(home: Home, key: str, expires: int, signature: str) -> bool:
    """Whether a signature is ours, of this key and of this end. Compared so that time tells nothing of it.

    Raises:
        StoreError: the secret cannot be read.
    """
    ours = _signature(_secret(home.root), key, expires)
    return hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace"))


def _signature(secret: bytes, key: str, ends: int) -> str:
    return hmac.new(secret, f"media\n{ends}\n{key}".encode(), hashlib.sha256).hexdigest()


def _secret(root: Path) -> bytes:
    """The home's own; of several programs that make it at once one is first, and all take its."""
    path = root / SECRET
    try:
        if not path.exists():
            with locked(path.with_suffix(".lock")):
                if not path.exists():
                    _make(path)
        return _read(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; it must be a file that may be written and read") from None


def _make(path: Path) -> None:
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    settle(path.parent)


def _read(path: Path) -> bytes:
    text = path.read_text("ascii", "replace").strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * _BYTES}}}", text):
        raise StoreError(f"{path}: holds no secret; remove it, a new one is made, and links that are out open nothing")
    return bytes.fromhex(text)
