"""What `extract` decoded and kept, small, for `detect` and `pose` to look at: decoding it again would cost as much as looking.

One file per camera and day in the home's own folder, gone as soon as `pose`, the last to look, has looked. It changes
nothing but time: a sample that is not in it is decoded from its chunk and goes through the same JPEG.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from home.folder import Home
from home.frame import Frame, Picture
from home.store import TEMPORARY

LONGEST = 640
"""Pixels of the longer side: what detectors commonly take. A larger one decodes its samples itself."""

# Ringing of JPEG at 95 without chroma subsampling stays below the noise of a camera's own coding.
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


def compressed(frame: Frame) -> bytes:
    """A frame as the JPEG that is kept of it, upright, its longer side at most `LONGEST`."""
    return cv2.imencode(".jpg", cv2.cvtColor(frame.rgb(LONGEST), cv2.COLOR_RGB2BGR), _JPEG)[1].tobytes()


def picture(frame: Frame | bytes, longest: int) -> Picture:
    """What a detector looks at, RGB uint8 [h, w, 3]: the same whether the frame was kept or is decoded again.

    Args:
        frame: a frame of a chunk, or what `compressed` made of it.
        longest: what the detector takes, pixels.
    """
    if isinstance(frame, Frame) and (frame.is_compressed or longest > LONGEST):
        return frame.rgb(longest)
    jpeg = frame if isinstance(frame, bytes) else compressed(frame)
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)


def path_of(home: Home, date: dt.date, camera: str) -> Path:
    """Where the pictures of a camera's day are kept."""
    return home.root / "data" / "cache" / "samples" / date.isoformat() / f"{camera}.zip"


class Kept:
    """Pictures by chunk and offset, of one camera's day."""

    def __init__(self, archive: zipfile.ZipFile | None) -> None:
        self._archive = archive
        self._names = set(archive.namelist()) if archive else set()

    def add(self, chunk: str, offset_s: float, frame: Frame) -> None:
        """Keep a frame; one that is in already stays. A frame that is still compressed costs little to decode again."""
        name = _name(chunk, offset_s)
        if self._archive is not None and name not in self._names and not frame.is_compressed:
            self._names.add(name)
            # A fixed date, not the clock's: the same pictures are the same bytes.
            self._archive.writestr(zipfile.ZipInfo(name), compressed(frame))

    def find(self, chunk: str, offset_s: float) -> bytes | None:
        """The JPEG of a sample, or None if it is not there."""
        name = _name(chunk, offset_s)
        return self._archive.read(name) if self._archive is not None and name in self._names else None


@contextmanager
def keeping(home: Home, date: dt.date, camera: str, fingerprint: str) -> Iterator[Kept]:
    """Write the pictures of a camera's day: whole or not at all.

    Args:
        home: the home.
        date: local date.
        camera: id of the camera.
        fingerprint: of the frames table that they belong to.
    """
    target = path_of(home, date, camera)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{TEMPORARY}{target.name}")
    try:
        with zipfile.ZipFile(temporary, "w") as archive:
            archive.comment = fingerprint.encode()
            yield Kept(archive)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def kept(home: Home, date: dt.date, camera: str, fingerprint: str) -> Iterator[Kept]:
    """The pictures of a camera's day, none if they are of other frames."""
    try:
        archive = zipfile.ZipFile(path_of(home, date, camera))
    except (FileNotFoundError, zipfile.BadZipFile):
        yield Kept(None)
        return
    with archive:
        yield Kept(archive if archive.comment == fingerprint.encode() else None)


def forget(home: Home, date: dt.date, camera: str) -> None:
    """Delete the pictures of a camera's day: everything that looks at them has looked."""
    path_of(home, date, camera).unlink(missing_ok=True)


def _name(chunk: str, offset_s: float) -> str:
    return f"{chunk}@{offset_s:.6f}"
