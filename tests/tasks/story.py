"""A day told in a few lines, as the tables that the stage `bouts` reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from home.clock import Span, local_day
from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.tables import DETECTIONS, FRAMES
from tests.plain import plain

DATE = dt.date(2026, 3, 1)
ZONES = """
timezone: {zone}
cameras:
  kitchen:
    zones:
      food_bowl: [[0.70, 0.70], [0.80, 0.70], [0.80, 0.78], [0.70, 0.78]]
  hall:
    zones:
      litter_box: [[0.10, 0.60], [0.35, 0.60], [0.35, 0.85], [0.10, 0.85]]
"""
BED, BOWL, LITTER = (0.30, 0.30, 0.50, 0.42), (0.66, 0.50, 0.82, 0.75), (0.15, 0.55, 0.32, 0.80)
Box = tuple[float, float, float, float]


def at(hour: float, date: dt.date = DATE) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), dt.UTC) + dt.timedelta(hours=hour)


class Story:
    """What cameras recorded and where a cat was, written as the tables that the stage reads."""

    def __init__(self, root: Path, zone: str = "UTC", extra: str = "") -> None:
        (root / "home.yaml").write_text(ZONES.format(zone=zone) + extra)
        plain(root)
        self.home = open_home(root)
        self.footage: dict[str, list[Span]] = {"kitchen": [], "hall": []}
        self.seen: list[tuple[str, int, dt.datetime, Box, float]] = []
        self.looks: list[tuple[str, dt.datetime, float]] = []

    def recorded(self, camera: str, start: dt.datetime, end: dt.datetime) -> Story:
        self.footage[camera].append(Span(start, end))
        return self

    def cat(
        self, camera: str, track: int, start: dt.datetime, end: dt.datetime, box: Box, period_s: float, moving: bool
    ) -> Story:
        """A cat at one place with a sample each `period_s`."""
        moment = start
        while moment < end:
            self.seen.append((camera, track, moment, box, 0.8))
            self.looks.append((camera, moment, 0.05 if moving else 0.0))
            moment += dt.timedelta(seconds=period_s)
        return self

    def told(self) -> Home:
        """The tables of every day the story touches."""
        times = [edge for spans in self.footage.values() for span in spans for edge in (span.start, span.end)]
        first, last = (moment.astimezone(self.home.zone).date() for moment in (min(times), max(times)))
        for offset in range((last - first).days + 1):
            self._write(first + dt.timedelta(days=offset))
        return self.home

    def _write(self, date: dt.date) -> None:
        day = local_day(date, self.home.zone)
        cameras = {}
        for camera, spans in self.footage.items():
            inside = [span for span in spans if span.overlap(day)]
            chunks = [self._chunk(camera, span) for span in inside]
            if chunks:
                cameras[camera] = CameraManifest(chunks)
        self.home.data.write(manifest_key(date), Manifest(date, str(self.home.zone), cameras).to_json())
        for camera in cameras:
            self._tables(date, day, camera)

    @staticmethod
    def _chunk(camera: str, span: Span) -> Chunk:
        name = f"{camera}/chunk-{span.start:%Y%m%d-%H%M%S}.mp4"
        return Chunk(name, 1, "0" * 32, span.start, span.end, "h264", 640, 480, 5.0)

    def _tables(self, date: dt.date, day: Span, camera: str) -> None:
        chunk = self._chunk(camera, self.footage[camera][0])
        looks = sorted({(ts, move) for own, ts, move in self.looks if own == camera and ts in day})
        frames = [[ts, camera, chunk.key, 0.0, True, np.float32(move), True, b""] for ts, move in looks]
        rows = [
            [ts, camera, chunk.key, (ts - chunk.start).total_seconds(), False, track, "cat", conf, *box, "unknown", 0.0]
            for own, track, ts, box, conf in sorted(self.seen, key=lambda row: row[2])
            if own == camera and ts in day
        ]
        utc = {"ts": "datetime64[us, UTC]"}
        tables = self.home.tables
        tables.write(FRAMES, pd.DataFrame(frames, columns=list(FRAMES.columns)).astype(utc), date, camera, f"{date}")
        found = pd.DataFrame(rows, columns=list(DETECTIONS.columns)).astype(utc)
        tables.write(DETECTIONS, found, date, camera, f"{date} {camera} {len(rows)}")
