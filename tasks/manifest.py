"""Stage `manifest`: the chunks of a local day, with size, checksum and span."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from home import deletions
from home.clock import iso, local_day
from home.errors import FootageError, StoreMissing
from home.folder import Home
from home.footage import ChunkName, find_chunks, start_of
from home.manifest import CameraManifest, Chunk, Manifest, Rejected, chunk_of, manifest_key, read_manifest
from home.store import Entry
from home.video import end_of, probe
from tasks.quality import check_rows
from tasks.stage import Outcome, Progress, run_stage, silent
from tasks.suites import chunk_rows


def manifest(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write down which chunks hold the footage of a local day.

    A chunk that cannot be opened is rejected with its reason. Chunks that `retention` has deleted stay in the manifest:
    the tables were made from them. Others that were in it and are gone from the store leave the day as it is, unless
    `force` asks for a manifest of what is there now.

    Raises:
        StoreError: if the footage store cannot be listed.
    """
    known = {} if force else _read_cache(home, date)
    old = read_manifest(home.data, date)
    cameras, warnings, cache = {}, [], {}
    for camera in home.config.cameras:
        found = find_chunks(home.footage, camera, local_day(date, home.zone))
        with ThreadPoolExecutor(home.params.nightly.threads) as pool:
            looked = list(pool.map(lambda item: _look(home, item[0], item[1], known), found))
        cache.update({entry.key: [entry.size, entry.tag, row] for (_, entry), row in zip(found, looked, strict=True)})
        content = _content(home, date, camera, looked)
        gone = {chunk.key for chunk in old.chunks(camera)} - {entry.key for _, entry in found}
        deleted = deletions.gone(home.tables, home.footage, camera, date, gone) if gone else set()
        if deleted:
            kept = [chunk for chunk in old.chunks(camera) if chunk.key in deleted]
            content = CameraManifest(_in_order([*content.chunks, *kept]), content.rejected)
        if gone > deleted and not force:
            warnings.append(
                f"{date} {camera}: {len(gone - deleted)} chunks of its manifest are gone from the store; the day stays as it is "
                f"(`--force` reads it again without them)"
            )
            content = old.cameras[camera]
        elif content != old.cameras.get(camera, CameraManifest()):
            content = _checked(home, date, camera, content)
        if content.chunks or content.rejected or camera in old.cameras:
            cameras[camera] = content
        warnings += [f"{rejected.key}: {rejected.reason}" for rejected in content.rejected]
    new = Manifest(date, home.config.timezone, cameras)
    unchanged = new == old or (not cameras and not old.cameras)
    if not unchanged:
        home.data.write(manifest_key(date), new.to_json())
    if cache and cache != known:
        home.data.write(_cache_key(date), json.dumps(cache, sort_keys=True).encode())
    chunks = [chunk for content in cameras.values() for chunk in content.chunks]
    facts = {"chunks": len(chunks), "footage_s": round(sum(chunk.span.seconds for chunk in chunks), 1)}
    return Outcome("manifest", date, skipped=unchanged, facts=facts, warnings=warnings)


def _look(home: Home, name: ChunkName, entry: Entry, known: dict[str, Any]) -> dict[str, Any]:
    """One chunk as a row of the manifest, from the cache if the object has not changed since."""
    cached = known.get(entry.key)
    if cached and cached[:2] == [entry.size, entry.tag]:
        return dict(cached[2])
    if entry.size == 0:
        return {"key": entry.key, "reason": "is empty (0 bytes)"}
    try:
        info = probe(home.footage.open(entry.key))
    except FootageError as error:
        return {"key": entry.key, "reason": str(error)}
    start = start_of(info.comment, entry.key) or name.start
    return {
        "key": entry.key,
        "size": entry.size,
        "md5": home.footage.checksum(entry),
        "start": iso(start),
        "end": iso(end_of(start, info)),
        "codec": info.codec,
        "width": info.width,
        "height": info.height,
        "fps": round(info.fps, 3),
    }


def _content(home: Home, date: dt.date, camera: str, rows: list[dict[str, Any]]) -> CameraManifest:
    rejected = [Rejected(row["key"], row["reason"]) for row in rows if "reason" in row]
    day = local_day(date, home.zone)
    good = [chunk_of(row) for row in rows if "reason" not in row]
    good = [chunk for chunk in good if chunk.span.overlap(day)]
    return CameraManifest(_in_order(good), rejected)


def _in_order(chunks: list[Chunk]) -> list[Chunk]:
    return sorted(chunks, key=lambda chunk: (chunk.start, chunk.key))


def _checked(home: Home, date: dt.date, camera: str, content: CameraManifest) -> CameraManifest:
    """Without the chunks that fail the suite: they are rejected, their rows lie in quarantine."""
    rows = chunk_rows(camera, content.chunks)
    if not len(rows):
        return content
    good, _ = check_rows(home, "manifests", rows, date, camera)
    keys = set(good["key"])
    failed = [
        Rejected(chunk.key, "fails the suite `manifests`; its row and the reason are in data/quarantine")
        for chunk in content.chunks
        if chunk.key not in keys
    ]
    return CameraManifest([chunk for chunk in content.chunks if chunk.key in keys], [*content.rejected, *failed])


def _cache_key(date: dt.date) -> str:
    return f"cache/manifests/{date.isoformat()}.json"


def _read_cache(home: Home, date: dt.date) -> dict[str, Any]:
    try:
        return dict(json.loads(home.data.read(_cache_key(date))))
    except (StoreMissing, ValueError):
        return {}  # nothing known: every chunk is looked at again


def main() -> None:
    """`python -m tasks.manifest`."""
    raise SystemExit(run_stage(manifest, per="day"))


if __name__ == "__main__":
    main()
