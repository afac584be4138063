"""Is everything in reach and right? Cameras, stores, database, broker, channels, history, weights, disk, clock, zones."""

from __future__ import annotations

import datetime as dt
import difflib
import importlib.util
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from home.clock import UTC
from home.errors import CatMLError, StoreError, VersionError
from home.folder import Home, today
from home.footage import ChunkName
from home.look import counted
from home.repository import Repository
from home.store import Entry, Store
from ingest.camera import Look, look
from ingest.check_alerts import alerts
from ingest.check_database import database
from ingest.check_deliver import deliver
from ingest.check_disk import disk, rates, spool
from ingest.check_models import models
from ingest.check_mqtt import broker
from ingest.check_retention import retention
from ingest.finding import Finding
from ingest.newest import newest_chunk
from ingest.record.address import as_fetched
from ingest.relay import findings as relay

# Cameras stamp their first frame a little ahead of or behind this machine; more than this is a wrong clock.
CLOCK_S = 120
# The zones that rules know by name, and what cannot be told without them. Others may be named at will.
KNOWN_ZONES = {"food_bowl": "eating", "litter_box": "the use of the litter box", "bed": "", "scratching_post": ""}


def check(home: Home, send: bool = False) -> Iterator[Finding]:
    """Look at everything a home needs, one finding after the other.

    Args:
        home: the home.
        send: a test message on each channel of alerts; without it nothing is sent.
    """
    newest: dict[str, tuple[ChunkName, Entry] | None] = {}
    stores = [_store(name, store) for name, store in (("footage", home.footage), ("tables", home.tables.store))]
    if all(finding.state == "ok" for finding in stores):
        newest = {camera: newest_chunk(home, camera, today(home)) for camera in home.config.cameras}
    looks: dict[str, Look] = {}
    yield from _cameras(home, newest, looks)
    yield from relay(home)
    yield from _zones(home)
    yield from stores
    yield database(home)
    yield from broker(home)
    yield from deliver(home)
    yield from alerts(home, send)
    yield from models(home)
    told = home.config.recorded_cameras or [camera for camera in home.config.cameras if newest.get(camera)]
    each = rates(home, told, looks)
    yield disk(home, each)
    yield from spool(home, each)
    yield from retention(home)
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


def _cameras(
    home: Home, newest: dict[str, tuple[ChunkName, Entry] | None], looks: dict[str, Look]
) -> Iterator[Finding]:
    """Look at every camera; what those that answer have shown is left in `looks`."""
    if not home.config.cameras:
        yield Finding("cameras", "warn", "none", "add one under `cameras:` in home.yaml")
        return
    found: dict[str, Finding] = {}

    def look_at(camera: str) -> None:
        found[camera] = _camera(home, camera, newest.get(camera), looks)

    # All at once, and not waited for by a Ctrl-C: a camera that is off takes its whole time-out.
    threads = {camera: threading.Thread(target=look_at, args=(camera,), daemon=True) for camera in home.config.cameras}
    for thread in threads.values():
        thread.start()
    for camera, thread in threads.items():
        thread.join()
        yield found[camera]


def _camera(home: Home, camera: str, newest: tuple[ChunkName, Entry] | None, looks: dict[str, Look]) -> Finding:
    settings, what = home.config.cameras[camera], f"camera {camera}"
    footage = f"newest footage {newest[0].start.astimezone(home.zone):%Y-%m-%d %H:%M}" if newest else "no footage yet"
    if settings.recorded_url is None:
        right = "" if newest else f"catml import FILE --camera {camera}, or give it a `url` in home.yaml"
        return Finding(what, "ok" if newest else "warn", f"imports only, {footage}", right)
    try:
        # Where the recorder reads: a camera behind a relay may bear one connection only.
        looks[camera] = look(as_fetched(home, camera))
        return Finding(what, "ok", f"{looks[camera]}; {footage}")
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
            less = "is told less surely" if home.params.behave.model else "cannot be seen"
            yield Finding(f"zone {zone}", "warn", f"on no camera: {tells} {less}", right)


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
