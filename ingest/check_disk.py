"""How much footage comes in a day, and how long disk and spool are enough for it."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from home.config import Camera
from home.errors import CatMLError
from home.folder import Home
from home.look import duration
from home.manifest import Chunk, manifest_dates, read_manifest
from ingest.camera import Look
from ingest.finding import Finding
from ingest.record.spool import FREE_BYTES, FREE_SHARE, open_spool
from ingest.record.writing import is_copied

DAY_S = 86_400
GB = 1e9
# A recorder fills what is left within hours below this.
LEAST_FREE_GB = 2.0
WARN_DAYS = 14
# An outage that begins in the evening is noticed in the morning.
LEAST_OUTAGE_S = 12 * 3600

# What a camera is taken to need as long as none of its footage is there, bits per pixel. Copied: 2 Mbit/s for 1080p at
# 15 fps, as most are set. JPEG: 200 kB for 1600x1200, an ESP32-CAM's quality 10. Encoded from JPEG: 300 kB/s for
# 1600x1200 at 5 fps; real clips with no to strong sensor noise took 120 to 600 (x264 veryfast crf 28, a keyframe in 5 s).
COPIED = {"h264": 0.064, "hevc": 0.04, "mjpeg": 0.83}
ENCODED = 0.25
UNKNOWN_BYTES_PER_S = 250_000.0
USUAL_FPS, USUAL_MJPEG_FPS, HIGHEST_FPS = 15.0, 5.0, 120.0


class _Usage(Protocol):
    """Bytes of a disk."""

    @property
    def total(self) -> int: ...

    @property
    def free(self) -> int: ...


@dataclass(frozen=True)
class Rate:
    """How much a second of a camera's footage takes.

    Attributes:
        bytes_per_s: of recorded time.
        assumed: from what, if it was not measured; empty if it was.
    """

    bytes_per_s: float
    assumed: str = ""

    def __str__(self) -> str:
        daily = f"{self.bytes_per_s * DAY_S / GB:.1f}"
        return f"about {daily} ({self.assumed})" if self.assumed else daily


def rates(home: Home, cameras: Collection[str], looks: Mapping[str, Look]) -> dict[str, Rate]:
    """How much each camera's footage takes: measured on its newest manifest of the last ten, else assumed.

    Args:
        home: the home.
        cameras: ids.
        looks: what was seen of those that answered. Footage of another kind than they send now is no measure.
    """
    measured: dict[str, Rate] = {}
    for date in _last_dates(home):
        with contextlib.suppress(CatMLError):
            for camera, content in read_manifest(home.data, date).cameras.items():
                seconds = sum(chunk.span.seconds for chunk in content.chunks)
                if camera in cameras and seconds and _is_its(home, camera, content.chunks[-1], looks.get(camera)):
                    measured[camera] = Rate(sum(chunk.size for chunk in content.chunks) / seconds)
    return {camera: measured.get(camera) or assumed(home.camera(camera), looks.get(camera)) for camera in cameras}


def assumed(settings: Camera, look: Look | None) -> Rate:
    """What a camera is taken to need, by its settings and by what it showed."""
    if look is None:
        return Rate(UNKNOWN_BYTES_PER_S, "2 Mbit/s is assumed")
    height, width = look.picture.shape[:2]
    usual = USUAL_MJPEG_FPS if look.codec == "mjpeg" else USUAL_FPS
    fps = look.fps if 0 < look.fps <= HIGHEST_FPS else usual
    copied = is_copied(look.codec, settings.codec)
    bits = COPIED.get(look.codec, ENCODED) if copied else ENCODED
    how = f"{look.codec} as it comes" if copied else f"{look.codec} encoded to h264"
    varies = "" if copied else ", a third to twice as much by the picture's noise"
    return Rate(width * height * fps * bits / 8, f"assumed for {how}, {width} x {height} at {fps:.3g} fps{varies}")


def disk(home: Home, each: Mapping[str, Rate]) -> Finding:
    """How long the disk is enough, for the footage too if it is kept on one."""
    free = _usage(home.footage.folder or home.root).free / GB
    found = f"{free:.0f} GB free" if free >= 10 else f"{free:.1f} GB free"
    if each:
        found += f"; GB per day of recording: {', '.join(f'{camera} {rate}' for camera, rate in each.items())}"
    if min(free, _usage(home.root).free / GB) < LEAST_FREE_GB:
        return Finding("disk", "fail", found, "make room: a recording needs more")
    recorded = [camera for camera in home.config.recorded_cameras if camera in each]
    daily = sum(each[camera].bytes_per_s for camera in recorded) * DAY_S / GB
    if not daily or home.footage.folder is None:
        return Finding("disk", "ok", found)
    days = {camera: home.config.retention_days(camera) for camera in recorded}
    bounded = [(each[camera], kept) for camera, kept in days.items() if kept is not None]
    if len(bounded) == len(recorded):
        # With the day that is being recorded.
        whole = sum(rate.bytes_per_s * (kept + 1) for rate, kept in bounded) * DAY_S / GB
        there = _bytes_there(home, recorded) / GB
        found += f"; {whole:.0f} GB when all days of `retention` are there, {there:.0f} are"
        if whole - there > free:
            return Finding(
                "disk", "warn", f"{found}; full in {free / daily:.0f} days", "keep fewer days, or use a larger disk"
            )
    elif free / daily < WARN_DAYS:
        right = "make room, use a larger disk, or let `retention` in home.yaml delete old footage"
        return Finding("disk", "warn", f"{found}; full in {free / daily:.0f} days", right)
    return Finding("disk", "ok", found)


def spool(home: Home, each: Mapping[str, Rate]) -> Iterator[Finding]:
    """How long the store may be away before footage is lost; nothing for a home that records nothing."""
    recorded = [camera for camera in home.config.recorded_cameras if camera in each]
    if not recorded:
        return
    settings, lying = home.config.recording, open_spool(home)
    rate = sum(each[camera].bytes_per_s for camera in recorded)
    usage, inside = _usage(lying.root), lying.size()
    room = usage.free + inside - min(FREE_BYTES, FREE_SHARE * usage.total)
    lasts = min(settings.spool_gb * GB, max(0.0, room)) / rate
    if settings.spool_days is not None:
        lasts = min(lasts, settings.spool_days * DAY_S)
    then = {"drop_oldest": "the oldest footage is dropped", "stop": "nothing is recorded"}[settings.when_full]
    found = f"{settings.spool}: {duration(lasts)} of an outage of the store, then {then}"
    found += f"; {inside / GB:.1f} GB wait in it" if inside else ""
    if room < settings.spool_gb * GB:
        what = f"{found}; its disk has room for {max(0.0, room) / GB:.1f} of {settings.spool_gb:g} GB (`recording.spool_gb`)"
        yield Finding("spool", "warn", what, "make room, or name another disk: `recording.spool` in home.yaml")
    elif lasts < LEAST_OUTAGE_S and _can_be_away(home, lying.root):
        half = rate * LEAST_OUTAGE_S / GB
        right = f"`recording.spool_gb: {half + 1:.0f}` in home.yaml is enough for {duration(LEAST_OUTAGE_S)}"
        yield Finding("spool", "warn", found, right)
    else:
        yield Finding("spool", "ok", found)


def _bytes_there(home: Home, cameras: Collection[str]) -> int:
    """What the footage of these cameras takes now; 0 if it cannot be listed, which is told of the store."""
    with contextlib.suppress(CatMLError):
        return sum(entry.size for camera in cameras for entry in home.footage.list(f"{camera}/chunk-"))
    return 0


def _last_dates(home: Home) -> list[dt.date]:
    try:
        return manifest_dates(home.data)[-10:]
    except (CatMLError, ValueError):
        return []


def _is_its(home: Home, camera: str, chunk: Chunk, look: Look | None) -> bool:
    """Whether a chunk is of the kind that is recorded of a camera now, as far as is known."""
    if look is None:
        return True
    codec = look.codec if is_copied(look.codec, home.camera(camera).codec) else "h264"
    return chunk.codec == codec and {chunk.width, chunk.height} == set(look.picture.shape[:2])


def _can_be_away(home: Home, root: Path) -> bool:
    """Whether the store can be away while the spool is there: not if both are on one disk."""
    folder = home.footage.folder
    return folder is None or _existing(folder).stat().st_dev != _existing(root).stat().st_dev


def _usage(folder: Path) -> _Usage:
    return shutil.disk_usage(_existing(folder))


def _existing(folder: Path) -> Path:
    """The folder, or the next above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
