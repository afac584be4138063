"""Which files are meant, and when each was recorded."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from home.clock import UTC, iso
from home.errors import UnknownStart, WrongUse
from home.footage import start_of
from ingest.packets import open_video

# Files of a folder that do not end like this and cannot be read as video are passed over, not failures.
_ENDINGS = """
3g2 3gp asf avi dav divx f4v flv gif h264 h265 hevc insv ivf m2ts m4v mjpeg mjpg mkv mov mp4 mpeg mpg mts mxf nut ogm
ogv rm rmvb ts vob webm wmv y4m
"""
VIDEO_SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())
# Frigate's recordings, https://docs.frigate.video/configuration/record: UTC date, hour, camera, minute.second.
_RECORDER = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)/(?P<hour>\d\d)/(?P<camera>[^/]+)/(?P<minute>\d\d)\.(?P<second>\d\d)\.\w+"
)
# A clock that was never set says 1904 (QuickTime's zero), 1970 (Unix), 1980 (FAT) or 2000.
_FIRST_YEAR = 2001
_FUTURE = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Source:
    """A file to import; `named` if it was given itself rather than found in a folder."""

    path: Path
    named: bool

    @property
    def should_be_video(self) -> bool:
        """Whether it is a failure if it cannot be read."""
        return self.named or self.path.suffix.lower() in VIDEO_SUFFIXES


def find_files(path: Path) -> list[Source]:
    """The file itself, or every file below a folder, sorted by path; hidden ones are left out.

    Raises:
        WrongUse: if there is nothing at that path, or nothing in that folder.
    """
    if path.is_file():
        return [Source(path, named=True)]
    if not path.is_dir():
        what = "neither a file nor a folder" if path.exists() else "no such file or folder"
        raise WrongUse(f"{path}: {what}")
    found = []
    for folder, names, files in os.walk(path):
        names[:] = sorted(name for name in names if not name.startswith("."))
        found += [Path(folder, name) for name in files if not name.startswith(".")]
    if not found:
        raise WrongUse(f"{path}: the folder is empty")
    return [Source(file, named=False) for file in sorted(found) if file.is_file()]


def recorder_camera(path: Path) -> str | None:
    """The camera that a recorder's folders name, or None if the path is not of that layout."""
    match = _layout(path)
    return match["camera"] if match else None


def of_camera(sources: list[Source], camera: str) -> tuple[list[Source], dict[str, int]]:
    """Choose among the cameras of another recorder's folders: the one of the same name, or the only one.

    Returns:
        The files to import, and how many were left out by the recorder's camera.

    Raises:
        WrongUse: if there are several cameras and none has the name.
    """
    names = [recorder_camera(source.path) for source in sources]
    there = sorted({name for name in names if name})
    if len(there) < 2:
        return sources, {}
    if camera not in there:
        raise WrongUse(
            f"these folders hold the cameras {', '.join(there)} and none is called {camera!r}; "
            "give the folders of one, e.g. 2026-03-01/*/" + there[0]
        )
    left = {name: names.count(name) for name in there if name != camera}
    return [source for source, name in zip(sources, names, strict=True) if name not in left], left


def recorded_at(path: Path, now: dt.datetime) -> dt.datetime:
    """When a file's first frame was recorded, UTC: by its folders, as a chunk of CatML, or by its container.

    Args:
        path: the file.
        now: the present; a time after it is not believed.

    Raises:
        UnknownStart: if nothing says so, or what does cannot be true.
        FootageError: if the file cannot be read.
    """
    if match := _layout(path):
        text = f"{match['date']}T{match['hour']}:{match['minute']}:{match['second']}+00:00"
        try:
            return _believable(dt.datetime.fromisoformat(text), path, "its folders say", now)
        except ValueError:
            raise _unknown(path, f"its folders say {text}, which is no time") from None
    with open_video(path) as (container, stream):
        own = start_of(container.metadata.get("comment"), path.absolute().as_posix())
        if own is not None:
            return _believable(own, path, "it says it is a chunk of", now)
        seconds = (container.duration or 0) / 1_000_000
        created = _created({**stream.metadata, **container.metadata}, seconds)
    if created is None:
        raise _unknown(path, "nothing in it says when it was recorded")
    return _believable(created, path, "its creation time is", now)


def _layout(path: Path) -> re.Match[str] | None:
    return _RECORDER.fullmatch("/".join(path.absolute().parts[-4:]))


def _created(metadata: Mapping[str, str], seconds: float) -> dt.datetime | None:
    """The start by the container's own words.

    Android's MediaRecorder writes the time at which it stopped (AOSP MPEG4Writer::writeMvhdBox runs when the file is
    closed), Apple's a second tag that survives an export.
    """
    android = any(key.startswith("com.android.") for key in metadata)
    names = ("creation_time",) if android else ("com.apple.quicktime.creationdate", "creation_time")
    for text in filter(None, map(metadata.get, names)):
        try:
            moment = dt.datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return moment - dt.timedelta(seconds=seconds) if android else moment
    return None


def _believable(moment: dt.datetime, path: Path, what: str, now: dt.datetime) -> dt.datetime:
    if moment.year < _FIRST_YEAR:
        raise _unknown(path, f"{what} {iso(moment)[:10]}, a clock that was never set")
    if moment > now + _FUTURE:
        raise _unknown(path, f"{what} {iso(moment)[:19]}Z, which is still to come")
    return moment.astimezone(UTC)


def _unknown(path: Path, why: str) -> UnknownStart:
    return UnknownStart(f"{path}: {why}; say when it begins, e.g. --start 2026-03-01T09:00 (the home's local time)")
