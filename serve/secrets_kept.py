"""Passwords and keys: made at random, and kept so that nobody can read them back.

People choose passwords, so that these are kept slow to guess: Argon2id (RFC 9106) with the costs of its second recommended
option, as argon2-cffi has them by default. Keys and sessions are 256 random bits, which nobody guesses: SHA-256 is enough.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from home.errors import WrongUse

__all__ = ["LEAST", "digest", "hashed", "made_up", "matches", "new_key", "new_token", "owners_password"]

LEAST = 10
"""Characters of a password (NIST SP 800-63B asks for 8 beside a limit on guesses; our choice)."""
PREFIX = "catml_"
OWNERS_VARIABLE = "CATML_OWNER_PASSWORD"

_HASHER = PasswordHasher()
# Each check takes 64 MiB for a moment: of many that log in at once some wait.
_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """The Argon2id digest of a password.

    Raises:
        WrongUse: it is too short.
    """
    if len(password) < LEAST:
        raise WrongUse(f"a password of {len(password)} characters is too short; {LEAST} or more would be right")
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether it is the password. Where there is no user it takes as long, so that time tells nobody who there is."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash(new_token())


def made_up() -> str:
    """A new password that can be typed: 96 random bits."""
    return secrets.token_urlsafe(12)


def new_token() -> str:
    """What a cookie holds: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_key() -> str:
    """A new key: 256 random bits behind a name, so that scanners for leaked secrets know it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 of a token or key, as hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def owners_password() -> str | None:
    """The owner's password where the environment has one."""
    return os.environ.get(OWNERS_VARIABLE) or None
