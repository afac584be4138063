"""A diary in a scenery as footage, with the truth of every second: where each cat is and how much of it is hidden."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pandas as pd

from home.clock import Span
from home.store import write_file
from simulate.camera import Camera, Frame
from simulate.footage import Encoder, record
from simulate.routine import Episode
from simulate.scenery import Scenery, seen_places
from tasks.simulated_pictures import renderer

__all__ = ["Plan", "filmed"]

TRUTH = "truth.parquet"
COLUMNS = ("camera", "second", "light", "cat", "hidden", "x1", "y1", "x2", "y2")


@dataclass(frozen=True)
class Plan:
    """What is filmed: cats live the diary in front of all cameras of the scenery in these stretches of one UTC date.

    Frames a second: where nothing is read but samples, more than one is drawn for nobody; bursts need five.
    """

    scenery: Scenery
    diary: Sequence[Episode]
    stretches: tuple[Span, ...]
    fps: int = 1

    @property
    def cameras(self) -> list[str]:
        """Ids."""
        return list(seen_places(self.scenery.cameras))


def filmed(folder: Path, plan: Plan) -> pd.DataFrame:
    """Film into `folder/data/footage`, unless the same was filmed there before.

    Returns:
        The truth, a row for each second of a camera and cat of which something is seen: `COLUMNS`. `hidden` 0..1 is the
        part of its outline that furniture, people, another cat or the frame's edge hide; the box is of the rest.
    """
    mark = folder / "filmed.json"
    asked = {"plan": hashlib.sha256(repr(plan).encode()).hexdigest(), "renderer": renderer()}
    if not (mark.is_file() and json.loads(mark.read_text(encoding="utf-8")) == asked):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        rows: list[tuple[object, ...]] = []
        for name in plan.cameras:
            camera, encoder = plan.scenery.camera(name, plan.diary), Encoder(plan.scenery.size, plan.fps)
            for span in plan.stretches:
                record(_witnessed(name, camera, span, plan.fps, rows), folder / "data" / "footage" / name, encoder)
        pd.DataFrame(rows, columns=list(COLUMNS)).to_parquet(folder / TRUTH)
        write_file(mark, json.dumps(asked).encode())
    return pd.read_parquet(folder / TRUTH)


def _witnessed(name: str, camera: Camera, span: Span, fps: int, rows: list[tuple[object, ...]]) -> Iterator[Frame]:
    """The frames of a stretch; what each truly shows is written down as it passes."""
    for frame in camera.frames(span.start.astimezone(UTC), span.seconds, fps):
        second, light = int(frame.ts.timestamp()), frame.key.light.name
        if not frame.ts.microsecond:  # the first frame of each second
            for cat, seen in frame.truth.items():
                rows.append((name, second, light, cat, round(1 - seen.shown, 4), *seen.box))
        yield frame
