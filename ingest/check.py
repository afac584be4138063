"""Is everything in reach and right? Cameras, stores, history, weights, disk, clock, zones."""

from __future__ import annotations

import datetime as dt
import difflib
import importlib.util
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from home.clock import UTC
from home.errors import CatMLError, StoreError, VersionError
from home.folder import Home, today
from home.footage import ChunkName
from home.look import counted
from home.manifest import manifest_dates, read_manifest
from home.repository import Repository
from home.store import Entry, Store
from ingest.camera import look
from ingest.newest import newest_chunk

State = Literal["ok", "warn", "fail"]

# What a camera is taken to need while none of its footage is there: H.264 at 1080p and 15 fps, as most are set.
ASSUMED_BYTES_PER_S = 250_000
DAY_S = 86_400
GB = 1e9
# A recorder fills what is left within hours below this.
LEAST_FREE_GB = 2.0
WARN_DAYS = 14
# Cameras stamp their first frame a little ahead of or behind this machine; more than this is a wrong clock.
CLOCK_S = 120
# The zones that rules know by name, and what cannot be told without them. Others may be named at will.
KNOWN_ZONES = {"food_bowl": "eating", "litter_box": "the use of the litter box", "bed": "", "scratching_post": ""}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: the thing, e.g. `camera kitchen`.
        state: `ok`; `warn` if the night can go on; `fail` if not.
        found: how it is.
        right: what to do; empty if all is right.
    """

    what: str
    state: State
    found: str
    right: str = ""


def check(home: Home) -> Iterator[Finding]:
    """Look at everything a home needs, one finding after the other."""
    newest: dict[str, tuple[ChunkName, Entry] | None] = {}
    stores = [_store(name, store) for name, store in (("footage", home.footage), ("tables", home.tables.store))]
    if all(finding.state == "ok" for finding in stores):
        newest = {camera: newest_chunk(home, camera, today(home)) for camera in home.config.cameras}
    yield from _cameras(home, newest)
    yield from _zones(home)
    yield from stores
    yield _weights(home)
    yield _disk(home, newest)
    yield _clock(newest)
    yield _history(home)


def verdict(findings: Sequence[Finding]) -> str:
    """All findings in a sentence."""
    wrong = sum(finding.state == "fail" for finding in findings)
    unsure = sum(finding.state == "warn" for finding in findings)
    if wrong:
        more = f", {unsure} more may be" if unsure else ""
        return f"{counted(wrong, 'thing')} must be put right{more}."
    return f"All that is needed works; {counted(unsure, 'thing')} may be put right." if unsure else "All is right."


def _cameras(home: Home, newest: dict[str, tuple[ChunkName, Entry] | None]) -> Iterator[Finding]:
    if not home.config.cameras:
        yield Finding("cameras", "warn", "none", "add one under `cameras:` in home.yaml")
        return
    found: dict[str, Finding] = {}

    def look_at(camera: str) -> None:
        found[camera] = _camera(home, camera, newest.get(camera))

    # All at once, and not waited for by a Ctrl-C: a camera that is off takes its whole time-out.
    threads = {camera: threading.Thread(target=look_at, args=(camera,), daemon=True) for camera in home.config.cameras}
    for thread in threads.values():
        thread.start()
    for camera, thread in threads.items():
        thread.join()
        yield found[camera]


def _camera(home: Home, camera: str, newest: tuple[ChunkName, Entry] | None) -> Finding:
    settings, what = home.config.cameras[camera], f"camera {camera}"
    footage = f"newest footage {newest[0].start.astimezone(home.zone):%Y-%m-%d %H:%M}" if newest else "no footage yet"
    if settings.url is None:
        right = "" if newest else f"catml import FILE --camera {camera}, or give it a `url` in home.yaml"
        return Finding(what, "ok" if newest else "warn", f"imports only, {footage}", right)
    try:
        return Finding(what, "ok", f"{look(settings)}; {footage}")
    except CatMLError as error:
        found, _, right = str(error).partition("; ")
        return Finding(what, "fail", found, right)


def _zones(home: Home) -> Iterator[Finding]:
    cameras = home.config.cameras
    for camera, settings in cameras.items():
        for name in settings.zones:
            kind = re.sub(r"_\d+$", "", name)
            close = difflib.get_close_matches(kind, [*KNOWN_ZONES], n=1)
            if kind not in KNOWN_ZONES and close:
                found = f"no rule reads a zone of this name; did you mean {close[0]}?"
                yield Finding(
                    f"zone {name} of {camera}", "warn", found, "call it so in home.yaml, or leave it: it does no harm"
                )
    for zone, tells in KNOWN_ZONES.items():
        if cameras and tells and not any(settings.zones_of(zone) for settings in cameras.values()):
            right = f"`catml snapshot CAMERA`, then add {zone} to the zones of a camera in home.yaml"
            yield Finding(f"zone {zone}", "warn", f"on no camera: {tells} cannot be seen", right)


def _store(name: str, store: Store) -> Finding:
    """Write, read and remove a small object."""
    key, content = f"catml-check-{os.getpid()}", os.urandom(64)
    what = f"store of {name}"
    try:
        store.write(key, content)
        try:
            if store.read(key) != content:
                return Finding(what, "fail", f"{store.url}: what is read is not what was written", "use another store")
        finally:
            store.delete(key)
    except StoreError as error:
        found, _, right = str(error).replace(f"/{key}", "").partition("; ")
        return Finding(what, "fail", found, right)
    return Finding(what, "ok", f"{store.url}: written, read and removed")


def _weights(home: Home) -> Finding:
    from models.detector.predict import Detector

    name, what = home.params.detect.model, "detector"
    path = home.file(name)
    if path.suffix != ".onnx":
        there = "" if path.is_file() else ", and is asked of its hub"
        return Finding(what, "warn", f"{name} is converted in the first night{there}", "an .onnx file needs neither")
    try:
        detector = Detector.load(path, threads=1, classes=home.params.detect.classes)
    except CatMLError as error:
        return Finding(what, "fail", str(error), "put it there, or name another under `detect.model` in params.yaml")
    size = detector.input_size
    return Finding(what, "ok", f"{detector.description.name}, {size} x {size}, fingerprint {detector.fingerprint[:12]}")


def _disk(home: Home, newest: dict[str, tuple[ChunkName, Entry] | None]) -> Finding:
    folder = next(path for path in (home.root.resolve(), *home.root.resolve().parents) if path.exists())
    free = shutil.disk_usage(folder).free / GB
    measured = measured_bytes_per_s(home)
    recording = [camera for camera, settings in home.config.cameras.items() if settings.url is not None]
    shown = recording or [camera for camera in home.config.cameras if newest.get(camera)]
    each = [
        f"{camera} {'' if camera in measured else 'about '}{measured.get(camera, ASSUMED_BYTES_PER_S) * DAY_S / GB:.1f}"
        for camera in shown
    ]
    found = f"{free:.0f} GB free" if free >= 10 else f"{free:.1f} GB free"
    if each:
        assumed = "; about: 2 Mbit/s is assumed" if any(camera not in measured for camera in shown) else ""
        found += f"; GB per day of recording: {', '.join(each)}{assumed}"
    if free < LEAST_FREE_GB:
        return Finding("disk", "fail", found, "make room: a recording needs more")
    daily = sum(measured.get(camera, ASSUMED_BYTES_PER_S) for camera in recording) * DAY_S / GB
    if daily and home.footage.folder is not None and free / daily < WARN_DAYS:
        return Finding("disk", "warn", f"{found}; full in {free / daily:.0f} days", "make room, or use a larger disk")
    return Finding("disk", "ok", found)


def measured_bytes_per_s(home: Home) -> dict[str, float]:
    """How much a second of each camera's footage takes, from its newest manifest of the last ten."""
    rates: dict[str, float] = {}
    for date in manifest_dates(home.data)[-10:]:
        for camera, content in read_manifest(home.data, date).cameras.items():
            seconds = sum(chunk.span.seconds for chunk in content.chunks)
            if seconds:
                rates[camera] = sum(chunk.size for chunk in content.chunks) / seconds
    return rates


def _clock(newest: dict[str, tuple[ChunkName, Entry] | None]) -> Finding:
    now = dt.datetime.now(UTC)
    right = "set this machine's clock; on Linux: timedatectl set-ntp true"
    for camera, found in newest.items():
        if found and (ahead := (found[0].start - now).total_seconds()) > CLOCK_S:
            told = f"it is {now:%Y-%m-%d %H:%M} UTC here, but {camera} has footage of {ahead / 3600:.1f} h later"
            return Finding("clock", "fail", told, right)
    synchronised = _synchronised()
    if synchronised is False:
        return Finding("clock", "warn", f"{now:%Y-%m-%d %H:%M} UTC, kept by no time server", right)
    by = "kept by a time server" if synchronised else "no word from the system on a time server"
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC, {by}")


def _synchronised() -> bool | None:
    """Whether the system says that a time server keeps its clock; None if it does not say."""
    if Path("/run/systemd/timesync/synchronized").exists():
        return True
    try:
        told = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(told.stdout.strip())


def _history(home: Home) -> Finding:
    if importlib.util.find_spec("dvc") is None:
        return Finding("history", "warn", "DVC is not installed", "pip install dvc")
    try:
        Repository(home.root).require_own()
    except VersionError as error:
        found, _, right = str(error).partition("; ")
        return Finding("history", "warn", found, f"{right or 'install Git'}; until then nights are kept, not versioned")
    if not (home.root / ".dvc").is_dir():
        return Finding("history", "warn", "Git is there, DVC is not set up", "run `catml init` in this folder")
    return Finding("history", "ok", "Git and DVC of this home")
