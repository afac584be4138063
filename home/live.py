"""What each camera sees right now, for whoever looks: one small file and one picture a camera, in `data/live` of the home.

The watcher writes them a few times a second, the pages read them; neither needs the other to run. They are of the
moment and worth nothing after it: a name is taken at once, but nothing is flushed to disk.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

__all__ = ["LiveCamera", "LiveTrack", "look", "picture", "show"]

FOLDER = Path("data/live")


class _Now(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)  # a page may be older or newer than the watcher


class LiveTrack(_Now):
    """An animal or person that is followed.

    Attributes:
        track_id: on this camera, since the watcher began.
        kind: class of the detector.
        bbox: `x1 y1 x2 y2` in 0..1.
        confidence: of its last detection, 0..1.
        cat: id in home.yaml; None while nobody can tell.
        behaviour: of the ethogram; "" while nobody can tell.
        since: when it came into view.
    """

    track_id: int
    kind: str
    bbox: tuple[float, float, float, float]
    confidence: float
    cat: str | None = None
    behaviour: str = ""
    since: AwareDatetime


class LiveCamera(_Now):
    """One camera, as its watcher sees it.

    Attributes:
        camera: its id.
        at: of the frame that was seen last; None before the first one.
        written_at: when this was written. An old one is of a watcher that is gone.
        online: whether frames come.
        fps: frames seen a second, over the last seconds.
        latency_ms: from the arrival of a frame to its tracks, of the last frames.
        queue: frames that wait.
        dropped: frames that newer ones replaced before they were seen, since the watcher began.
        tracks: what is followed now.
    """

    camera: str
    at: AwareDatetime | None = None
    written_at: AwareDatetime
    online: bool
    fps: float = 0.0
    latency_ms: float = 0.0
    queue: int = 0
    dropped: int = Field(0, ge=0)
    tracks: tuple[LiveTrack, ...] = ()


def show(root: Path, state: LiveCamera, jpeg: bytes | None = None) -> None:
    """Replace what is shown of a camera of the home in `root`, and its picture if there is a new one."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if jpeg is not None:
        _replace(folder / f"{state.camera}.jpg", jpeg)
    _replace(folder / f"{state.camera}.json", state.model_dump_json().encode())


def look(root: Path) -> list[LiveCamera]:
    """What is shown now, by name of the camera. A file that is no such state is left out: it is gone in a moment."""
    found = []
    for path in sorted((root / FOLDER).glob("*.json")):
        try:
            found.append(LiveCamera.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            continue
    return found


def picture(root: Path, camera: str) -> tuple[bytes, dt.datetime] | None:
    """The JPEG that is shown of a camera and when it was written; None where there is none."""
    path = root / FOLDER / f"{camera}.jpg"
    try:
        with path.open("rb") as file:
            written = dt.datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, dt.UTC)
            return file.read(), written
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
