"""Timelapses of days: asked for, made one at a time in a process that may be killed, kept, and handed out."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field

from home.clock import Span, local_day
from home.coverage import complete
from home.errors import CatMLError, redacted
from home.folder import PROJECT, Home
from home.footage import find_chunks
from home.tables import fingerprint_of
from home.timelapse import forget, key_of
from serve.problems import Problem
from serve.times import Day

__all__ = ["Timelapse", "Timelapses", "router"]

router = APIRouter(prefix="/api/v1/timelapse", tags=["read"])
MOST = 288  # pictures: one of every five minutes of a day, 24 s
SHORTEST_STEP_S = 5.0
WALL_S, CPU_S = 900.0, 300.0
VERSION = 1  # raised when the same footage would give another one

CameraPath = Annotated[str, InPath(description="id of the camera", max_length=63, examples=["kitchen"])]
DatePath = Annotated[Day, InPath(description="local date", examples=["2026-03-01"])]


class Timelapse(BaseModel):
    """A day of one camera in seconds."""

    camera: str
    date: dt.date
    state: Literal["none", "nothing", "making", "ready", "failed"] = Field(
        description="none: not made yet; nothing: nothing was recorded; failed: `words` say why"
    )
    words: str = Field(description="for people", examples=["One picture every 5 minutes, 07:00 to 21:00."])
    start: dt.datetime | None = Field(default=None, description="what it begins with")
    end: dt.datetime | None = None
    step_s: float | None = Field(default=None, description="seconds between two pictures")
    done: int = Field(default=0, description="pictures that are made")
    of: int = Field(default=0, description="pictures that it has")
    video: str | None = Field(
        default=None, description="path of the MP4", examples=["/api/v1/timelapse/kitchen/2026-03-01.mp4"]
    )


@dataclass
class _Job:
    key: str
    of: int
    done: int = 0
    failed: str = ""
    process: subprocess.Popen[str] | None = None
    through: bool = False


class Timelapses:
    """Those of a home, one being made at a time.

    Args:
        memory_mb, cpu_s, wall_s: what making one may take.
    """

    def __init__(self, memory_mb: int, cpu_s: float = CPU_S, wall_s: float = WALL_S) -> None:
        self._memory_mb, self._cpu_s, self._wall_s = memory_mb, cpu_s, wall_s
        self._jobs: dict[tuple[str, dt.date], _Job] = {}
        self._lock, self._closed = threading.Lock(), False

    def look(self, home: Home, camera: str, date: dt.date) -> Timelapse:
        """How it stands with one.

        Raises:
            WrongUse: the home has no such camera.
        """
        home.camera(camera)
        planned = _planned(home, camera, date)
        if planned is None:
            return Timelapse(camera=camera, date=date, state="nothing", words="Nothing was recorded on this day.")
        span, step_s, count, key = planned
        about = {"camera": camera, "date": date, "start": span.start, "end": span.end, "step_s": step_s, "of": count}
        times = [f"{edge.astimezone(home.zone):%H:%M}" for edge in (span.start, span.end)]
        times[1] = "24:00" if times[1] == "00:00" else times[1]
        every = f"{step_s:.0f} s" if step_s < 120 else f"{step_s / 60:.0f} min"
        words = f"One picture every {every}, {times[0]} to {times[1]}."
        if home.data.find(key) is not None:
            path = f"/api/v1/timelapse/{camera}/{date}.mp4"
            return Timelapse(**about, state="ready", words=words, done=count, video=path)
        with self._lock:
            job = self._jobs.get((camera, date))
        if job is not None and job.key == key and job.failed:
            return Timelapse(**about, state="failed", words=job.failed, done=job.done)
        if job is not None and job.key == key and not job.through:
            return Timelapse(**about, state="making", words=words, done=job.done)
        return Timelapse(**about, state="none", words=words)

    def make(self, home: Home, camera: str, date: dt.date) -> Timelapse:
        """Begin to make one, unless it is there or being made.

        Raises:
            WrongUse: the home has no such camera.
            Problem: another one is being made.
        """
        found = self.look(home, camera, date)
        if found.state in ("ready", "making", "nothing"):
            return found
        planned = _planned(home, camera, date)
        assert planned is not None
        job = _Job(planned[3], planned[2])
        with self._lock:
            if self._closed:
                raise Problem(503, "stopping", "This program is ending")
            if any(not each.through for each in self._jobs.values()):
                raise Problem(
                    503, "busy", "Another timelapse is being made", "One is made at a time; come again when it is there.",
                    {"Retry-After": "20"},
                )  # fmt: skip
            self._jobs[camera, date] = job
        threading.Thread(target=self._make, args=(home, camera, date, job, planned), daemon=True).start()
        return self.look(home, camera, date)

    def close(self) -> None:
        """End what is being made."""
        with self._lock:
            self._closed = True
            processes = [job.process for job in self._jobs.values() if job.process is not None and not job.through]
        for process in processes:
            process.kill()

    def _make(self, home: Home, camera: str, date: dt.date, job: _Job, planned: tuple[Span, float, int, str]) -> None:
        span, step_s, _, key = planned
        try:
            with tempfile.TemporaryDirectory(prefix="catml-timelapse-") as folder:
                file = Path(folder) / "day.mp4"
                times = [span.start.isoformat(), span.end.isoformat(), f"{step_s:.6f}"]
                limits = [str(self._memory_mb), f"{self._cpu_s:.0f}"]
                self._run([str(home.root), camera, *times, str(file), *limits], job)
                if not job.failed:
                    home.data.put(key, file)
                    forget(home.data, camera, [date], but=key)
        except (CatMLError, OSError) as error:
            job.failed = f"It could not be kept: {redacted(str(error))}"
        finally:
            job.through = True

    def _run(self, words: list[str], job: _Job) -> None:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        if PROJECT.name != "site-packages":
            environment["PYTHONPATH"] = str(PROJECT)
        command = [sys.executable, "-m", "serve.timelapse_worker", *words]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
            cwd="/", start_new_session=True,
        ) as process:  # fmt: skip
            with self._lock:
                job.process = process
                if self._closed:
                    process.kill()
            late = threading.Timer(self._wall_s, process.kill)
            late.start()
            assert process.stdout
            with contextlib.suppress(ValueError):
                for line in process.stdout:
                    job.done = int(line)
            process.wait()
            late.cancel()
        if process.returncode:
            job.failed = "It took too long or too much memory, or the footage cannot be read. Try again when this machine is less busy."


@router.get("/{camera}/{date}.mp4", response_class=Response, responses={200: {"content": {"video/mp4": {}}}, 206: {}})
def video(request: Request, camera: CameraPath, date: DatePath) -> Response:
    """The video; it must have been made."""
    home = _home(request)
    home.camera(camera)
    planned = _planned(home, camera, date)
    if planned is None or home.data.find(planned[3]) is None:
        raise Problem(404, "not-made", "There is no timelapse of this day", "POST to its path makes one")
    assert home.data.folder is not None
    return FileResponse(home.data.folder / planned[3], media_type="video/mp4")


@router.get("/{camera}/{date}")
def state(request: Request, camera: CameraPath, date: DatePath) -> Timelapse:
    """How it stands with a day's."""
    return _timelapses(request).look(_home(request), camera, date)


@router.post("/{camera}/{date}", status_code=202)
def make(request: Request, camera: CameraPath, date: DatePath) -> Timelapse:
    """Make one; it takes a minute or two, GET says how far it is."""
    return _timelapses(request).make(_home(request), camera, date)


def _planned(home: Home, camera: str, date: dt.date) -> tuple[Span, float, int, str] | None:
    """What it shows, seconds a step, how many pictures, and its key; None where nothing was recorded."""
    day = local_day(date, home.zone)
    rows = complete(home.tables, camera, home.camera(camera), date, home.zone)
    recorded = rows[rows["state"] == "recorded"]
    chunks = [(name.key, entry.size, entry.tag) for name, entry in find_chunks(home.footage, camera, day)]
    if recorded.empty or not chunks:
        return None
    span = Span(recorded["start"].min().to_pydatetime(), recorded["end"].max().to_pydatetime())
    step_s = max(SHORTEST_STEP_S, span.seconds / MOST)
    told = [(str(row.start), str(row.end), row.state, row.reason) for row in rows.itertuples()]
    fingerprint = fingerprint_of(timelapse=VERSION, chunks=chunks, told=told)
    return span, step_s, max(1, int(span.seconds / step_s + 1e-6)), key_of(camera, date, fingerprint[:16])


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home


def _timelapses(request: Request) -> Timelapses:
    found: Timelapses = request.app.state.timelapses
    return found
