"""Chunks of several cameras, filmed by several processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing.connection import wait
from pathlib import Path

from simulate.camera import Camera, Frame
from simulate.footage import CHUNK_S, Encoder, record
from simulate.routine import Episode
from simulate.scenery import Scenery, seen_places

WORTH_PROCESSES_S = 600  # of footage; what is shorter is done before a process has started


@dataclass(frozen=True)
class Film:
    """What is filmed: a diary in a scenery, from `start` for `seconds`, into `out/<camera>/chunk-*.mp4`."""

    scenery: Scenery
    diary: Sequence[Episode]
    out: Path
    start: datetime
    seconds: float
    fps: int = 5
    keyframe_s: float = 5.0
    codec: str = "h264"

    def encoder(self) -> Encoder:
        """A new one."""
        return Encoder(self.scenery.size, self.fps, self.keyframe_s, self.codec)

    def frames(self, camera: Camera, first: int, last: int) -> Iterator[Frame]:
        """Frames `first` to `last`, the last one excluded."""
        for k in range(first, last):
            yield camera.frame(self.start + timedelta(seconds=k) / self.fps)

    def parts(self) -> list[tuple[str, int, int]]:
        """One chunk each: camera, first frame, and the frame after the last."""
        count = round(self.seconds * self.fps)
        slots = [int((self.start + timedelta(seconds=k) / self.fps).timestamp()) // CHUNK_S for k in range(count)]
        cuts = [0, *(k for k in range(1, count) if slots[k] != slots[k - 1]), count]
        cameras = seen_places(self.scenery.cameras)
        return [(camera, first, last) for camera in cameras for first, last in pairwise(cuts)]


def shoot(film: Film, workers: int | None = None, progress: Callable[[float], None] | None = None) -> None:
    """Film all cameras; same film, same bytes, whatever the number of processes.

    Args:
        workers: processes; None: one per processor where it is worth their start.
        progress: called with the part done, 0..1.
    """
    parts = film.parts()
    total = sum(last - first for _, first, last in parts)
    if workers is None:
        short = total < WORTH_PROCESSES_S * film.fps or multiprocessing.current_process().daemon
        workers = 1 if short else os.cpu_count() or 1
    done = 0
    for frames in _alone(film, parts) if workers == 1 else _together(film, parts, workers):
        done += frames
        if progress is not None:
            progress(done / total)


def _alone(film: Film, parts: list[tuple[str, int, int]]) -> Iterator[int]:
    crew = _Crew(film)
    for part in parts:
        yield crew.shoot(*part)


def _together(film: Film, parts: list[tuple[str, int, int]], workers: int) -> Iterator[int]:
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(workers, context, initializer=_hire, initargs=(film,)) as pool:
        tasks = [pool.submit(_work, *part) for part in parts]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Crew:
    """Cameras and encoder of a process, kept from chunk to chunk."""

    def __init__(self, film: Film):
        self._film, self._encoder, self._cameras = film, film.encoder(), dict[str, Camera]()

    def shoot(self, camera: str, first: int, last: int) -> int:
        film = self._film
        if camera not in self._cameras:
            self._cameras = {camera: film.scenery.camera(camera, film.diary)}
        frames = film.frames(self._cameras[camera], first, last)
        record(frames, film.out / camera, self._encoder)
        return last - first


_crew: _Crew | None = None


def _hire(film: Film) -> None:
    global _crew
    _crew = _Crew(film)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _work(camera: str, first: int, last: int) -> int:
    assert _crew is not None
    return _crew.shoot(camera, first, last)


def _end_with_parent() -> None:
    """A killed parent leaves no process behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
