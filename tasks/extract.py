"""Stage `extract`: which frames of a camera's day are worth looking at.

One frame a sample period is decoded, small and grey; a sample is kept for the detector where something moves, once per
heartbeat where nothing does, and at both ends of every stretch of footage. One in five minutes is looked at as a whole, for
what the camera shows hour by hour (`tasks.scenes`).
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from home.clock import Span, local_day
from home.coverage import SEAM_S
from home.errors import FootageError, StoreMissing
from home.folder import Home
from home.frame import Frame, Picture
from home.manifest import CameraManifest, Chunk, read_manifest
from home.params import ExtractParams
from home.tables import FRAMES, SCENES, fingerprint_of
from home.video import frames_at, plan, probe
from models.motion import Background, MotionSettings
from models.movement_map import movement_map
from models.scene import Look, look_at
from tasks.deleted import found_before
from tasks.sample_pictures import LONGEST, keeping
from tasks.scenes import LOOK_EVERY, Scenes
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 4  # raised when the same input would give other rows
_KEPT = list(FRAMES.columns).index("kept")


@dataclass(frozen=True)
class Sample:
    """One frame, reduced: its chunk, seconds from the chunk's start, and the small grey picture movement is judged on; of
    some what they show as a whole."""

    chunk: Chunk
    offset_s: float
    frame: Frame
    thumb: Picture
    look: Look | None = None

    @property
    def ts(self) -> dt.datetime:
        """UTC, to the microsecond."""
        return self.chunk.start + dt.timedelta(seconds=self.offset_s)


def extract(home: Home, date: dt.date, camera: str, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Choose the samples of a camera's local day.

    Chunks that cannot be decoded are named in the outcome and in the partition's notes; they are never fatal.

    Raises:
        WrongUse: if home.yaml has no such camera.
    """
    home.camera(camera)
    footage = read_manifest(home.data, date).cameras.get(camera, CameraManifest())
    params, day = home.params.extract, local_day(date, home.zone)
    fingerprint = fingerprint_of(
        stage="extract", version=VERSION, footage=footage.fingerprint, day=day, params=params.model_dump()
    )
    old = home.tables.fingerprint(FRAMES, date, camera)
    if (old == fingerprint and not force) or (old is None and not footage.chunks):
        return Outcome("extract", date, camera, skipped=True, facts=home.tables.notes(FRAMES, date, camera))
    if kept_as_is := found_before(home, "extract", FRAMES, date, camera, [chunk.key for chunk in footage.chunks]):
        return kept_as_is
    damaged: dict[str, str] = {}
    scenes = Scenes(camera)
    samples = _looked_at(_samples(home, footage.chunks, day, damaged, progress), scenes)
    with keeping(home, date, camera, fingerprint) as pictures:
        frame = gate(samples, params, lambda sample: pictures.add(sample.chunk.key, sample.offset_s, sample.frame))
    notes = {
        "samples": len(frame),
        "kept": int(frame["kept"].sum()),
        "footage_s": round(sum(chunk.span.seconds for chunk in footage.chunks), 1),
        "damaged": damaged,
    }
    # Before the frames, whose fingerprint says that both are there.
    home.tables.write(SCENES, scenes.rows(), date, camera, fingerprint, scenes.notes())
    home.tables.write(FRAMES, frame, date, camera, fingerprint, notes)
    warnings = [f"{key}: {reason}" for key, reason in damaged.items()]
    return Outcome("extract", date, camera, facts=notes, warnings=warnings)


def gate(samples: Iterable[Sample], params: ExtractParams, keep: Callable[[Sample], None]) -> pd.DataFrame:
    """Judge movement sample by sample and mark the ones to keep.

    Args:
        samples: in order of time; later ones at or before the time of an earlier one are dropped.
        params: the stage's parameters.
        keep: called with every sample that is kept, for some of them twice.

    Returns:
        Columns of the frames table.
    """
    background = Background(MotionSettings(min_area=params.min_movement))
    rows: list[list[object]] = []
    before: Sample | None = None
    kept_at = dt.datetime.min.replace(tzinfo=dt.UTC)
    for sample in samples:
        if before is not None and sample.ts <= before.ts:
            continue
        movement = background.update(sample.thumb, (sample.ts - before.ts).total_seconds() if before else 0.0)
        begins = before is None or _parted(before, sample)
        if begins and before is not None:
            rows[-1][_KEPT] = True  # the last sample of the stretch before: how it looked when the footage ended
            keep(before)
        due = (sample.ts - kept_at).total_seconds() >= params.heartbeat_s - params.sample_period_s / 2
        kept = begins or due or background.moves(movement)
        if kept:
            kept_at = sample.ts
            keep(sample)
        # However little it is: the head of a cat that eats is a part of its box, if none of the picture.
        where = movement_map(sample.frame.upright(background.moved)) if kept else b""
        camera = sample.chunk.key.split("/")[0]
        before_it = [sample.ts, camera, sample.chunk.key, sample.offset_s, sample.frame.keyframe]
        rows.append([*before_it, movement, kept, where])
        before = sample
    if before is not None:
        rows[-1][_KEPT] = True
        keep(before)
    frame = pd.DataFrame(rows, columns=list(FRAMES.columns))
    return frame.astype({"ts": "datetime64[us, UTC]", "kept": bool, "keyframe": bool, "movement": np.float32})


def _looked_at(samples: Iterable[Sample], scenes: Scenes) -> Iterator[Sample]:
    for sample in samples:
        if sample.look is not None:
            scenes.add(sample.ts, sample.look)
        yield sample


def _parted(before: Sample, after: Sample) -> bool:
    """Whether footage is missing between two samples."""
    return after.chunk is not before.chunk and (after.chunk.start - before.chunk.end).total_seconds() > SEAM_S


def _samples(
    home: Home, chunks: list[Chunk], day: Span, damaged: dict[str, str], progress: Progress
) -> Iterator[Sample]:
    """All samples of the day in order; chunks are decoded side by side, one a thread, a few ahead."""
    total = sum(chunk.span.seconds for chunk in chunks)
    done, ahead = 0.0, home.params.nightly.threads + 1
    with ThreadPoolExecutor(home.params.nightly.threads) as pool:
        waiting: deque[tuple[Chunk, Future[list[Sample]]]] = deque()
        todo = iter(chunks)
        while True:
            while len(waiting) < ahead and (chunk := next(todo, None)) is not None:
                waiting.append((chunk, pool.submit(_decode, home, chunk, day)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                yield from future.result()
            except (FootageError, StoreMissing) as error:  # an outage of the store is no damage: it ends the stage
                damaged[chunk.key] = str(error)
            done += chunk.span.seconds
            progress(f"{chunk.key.split('/')[0]} extract", done, total)


def _decode(home: Home, chunk: Chunk, day: Span) -> list[Sample]:
    params = home.params.extract
    info = probe(home.footage.open(chunk.key))
    offsets = plan(info, params.sample_period_s)
    starts = [chunk.start + dt.timedelta(seconds=float(offset)) for offset in offsets]
    wanted = [float(offset) for offset, start in zip(offsets, starts, strict=True) if start in day]
    samples: list[Sample] = []
    due = dt.datetime.min.replace(tzinfo=dt.UTC)
    for frame in frames_at(home.footage.open(chunk.key), wanted, info):
        small = frame.reduced(LONGEST)
        sample = Sample(chunk, round(frame.offset_s, 6), small, small.grey(params.thumbnail_width))
        if sample.ts not in day:
            continue
        if sample.ts >= due:
            due = sample.ts + LOOK_EVERY
            sample = replace(sample, look=look_at(small.upright(sample.thumb), small.colours()))
        samples.append(sample)
    return samples


def main() -> None:
    """`python -m tasks.extract`."""
    raise SystemExit(run_stage(extract, per="camera"))


if __name__ == "__main__":
    main()
