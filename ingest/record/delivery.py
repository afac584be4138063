"""One chunk on its way from the spool into the store."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from home.clock import Span
from home.errors import FootageError, StoreError
from home.locks import held, settle
from home.store import Store, md5_of
from ingest.chunks import Part
from ingest.record.repair import repair
from ingest.record.spool import Spool
from ingest.record.waiting import QUARANTINE, Waiting, chunk_spans, look_at
from ingest.shelf import Shelf


@dataclass(frozen=True)
class Delivered:
    """A chunk that the store has, whole; size and checksum are confirmed.

    Attributes:
        chunk: as it still lies in the spool.
        spans: the exact time it covers, UTC; one span, if no frames are missing between.
        key: its key in the store.
    """

    chunk: Waiting
    spans: list[Span]
    key: str


def deliver(spool: Spool, store: Store, chunk: Waiting) -> Delivered | None:
    """Put a chunk into the store, under its name or the next that is free. Doing it again finds it there.

    Returns:
        None if there is nothing to deliver: it was dropped for want of room, or nobody can read it.

    Raises:
        StoreError: if the store, or the disk of the spool, does not do its part.
    """
    with held(chunk.path) as ours:
        if not ours:
            if chunk.path.exists():
                raise StoreError(f"{chunk.path}: somebody holds it or its disk refuses it; it is tried again")
            return None
        spans = chunk_spans(chunk.path)
        if not spans:
            found = _mended(spool, chunk)
            if found is None:
                return None
            chunk, spans = found
        key, _ = Shelf(store, chunk.camera).put(Part(chunk.path, Span(spans[0].start, spans[-1].end), 0))
        _confirm(store, key, chunk.path)
        return Delivered(chunk, spans, key)


def finish_orphans(spool: Spool, camera: str) -> None:
    """Finish the unfinished chunks of a camera that nobody records.

    Raises:
        StoreError: if the disk refuses.
    """
    parts = spool.unfinished(camera)
    if parts:
        with held(parts[0].parent / "lock") as nobody_records:
            for part in parts if nobody_records else []:
                if repair(part) is not None:
                    spool.finish(part)


def _confirm(store: Store, key: str, path: Path) -> None:
    """A folder is read back; S3 has said size and checksum while it was put."""
    if store.folder is None:
        return
    entry = store.find(key)
    if entry is None or entry.size != path.stat().st_size or store.checksum(entry) != md5_of(path):
        store.delete(key)
        raise StoreError(f"{store.url}/{key}: what arrived differs from what was sent; check that disk")
    settle((store.folder / key).parent)


def _mended(spool: Spool, chunk: Waiting) -> tuple[Waiting, list[Span]] | None:
    """A chunk that cannot be read is repaired; where that saves nothing it goes into quarantine.

    Either way its time is told as `corrupt`: what could be saved of it is `recorded` all the same.
    """
    lost, kept = chunk.rough_span, chunk.path.parent / QUARANTINE / chunk.path.name
    kept.parent.mkdir(exist_ok=True)
    shutil.copyfile(chunk.path, kept)
    reason = "holds no frame that can be read"
    repaired = None
    try:
        repaired = repair(chunk.path)
    except FootageError as error:
        reason = str(error)
    spool.journal(chunk.camera).gap(lost.start, lost.end, "corrupt")
    if repaired is not None and (spans := chunk_spans(chunk.path)):
        kept.unlink()
        return look_at(chunk), spans
    chunk.path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        kept.with_suffix(".txt").write_text(f"{reason}\n", "utf-8")
    return None
