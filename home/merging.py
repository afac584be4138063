"""Two cats of home.yaml that are one animal: what is known of the one becomes known of the other, and can be given back.

Names that people gave and photos move over; whom past days tell of changes when they are told again (`catml refresh`), since
the one that is gone is nobody's name any more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from home.corrections import Correction, add, corrections, withdraw
from home.folder import Home
from home.gallery import Photo, keep, photos, remove

__all__ = ["Merged", "edit_of", "merge", "unmerge"]


@dataclass(frozen=True)
class Merged:
    """What was done.

    Attributes:
        gone, into: ids of the cats.
        before: what people said of the one that is gone, as it was kept.
        after: the same of the other one.
        photos: those that moved, as they were kept.
        there: checksums of those that the other one had too.
    """

    gone: str
    into: str
    before: tuple[Correction, ...]
    after: tuple[Correction, ...]
    photos: tuple[Photo, ...]
    there: frozenset[str]


def merge(home: Home, gone: str, into: str, now: dt.datetime) -> Merged:
    """Let what is known of one cat be known of another. Stopped in the middle, it goes on when it is called again.

    Args:
        home: the home.
        gone, into: ids of the cats; home.yaml is not changed here (`edit_of`).
        now: UTC.

    Raises:
        StoreError, TableError: rows or photos cannot be read or written.
    """
    before = [each for each in corrections(home.database) if each.field == "cat" and each.value == gone]
    new = [replace(each, made_at=now, value=into, id=0) for each in before]
    after = add(home.database, new) if new else []
    for each in before:
        withdraw(home.database, each.id, now)
    moved, has = photos(home.data, gone), {each.md5 for each in photos(home.data, into)}
    for photo in moved:
        _move(home, photo, into)
    return Merged(gone, into, tuple(before), tuple(after), tuple(moved), frozenset(has & {each.md5 for each in moved}))


def unmerge(home: Home, done: Merged, now: dt.datetime) -> None:
    """Give it back.

    Raises:
        StoreError, TableError: rows or photos cannot be read or written.
    """
    if done.before:
        add(home.database, [replace(each, made_at=now, id=0, withdrawn_at=None) for each in done.before])
    for each in done.after:
        withdraw(home.database, each.id, now)
    for photo in done.photos:
        theirs = _of(photo, done.into)
        keep(home.data, photo, home.data.read(theirs.key))
        if photo.md5 not in done.there:
            remove(home.data, theirs)


def edit_of(tree: Any, gone: str, into: str) -> None:
    """Take the one that is gone out of the tree of home.yaml; rules that name it name the other."""
    tree["cats"].pop(gone, None)
    rules = tree.get("rules")
    for rule in rules.values() if isinstance(rules, dict) else ():
        if isinstance(rule, dict) and rule.get("cat") == gone:
            rule["cat"] = into


def _move(home: Home, photo: Photo, into: str) -> None:
    keep(home.data, _of(photo, into), home.data.read(photo.key))
    remove(home.data, photo)


def _of(photo: Photo, cat: str) -> Photo:
    return replace(photo, key=f"cats/{cat}/{photo.key.rpartition('/')[2]}")
