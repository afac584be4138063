"""What the cameras saw on three days, for the stage `bouts`: detections, their tracks and moments, footage second by second."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from home.clock import Span, local_day
from home.coverage import SEAM_S
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.manifest import CameraManifest, Manifest
from home.names import with_names
from home.tables import DETECTIONS, FRAMES, MOMENTS
from models.fixtures import Fixture, find_fixtures
from models.presence import present_until
from models.tracker import overlap
from tasks.said import SAID, Said, read_said

PROBABILITIES = [f"p_{behaviour}" for behaviour in BEHAVIOURS]
_SAME_ANIMAL = 0.3  # IoU of the last box before midnight and the first after it
_STIR = 1e-4  # share of the picture: a pixel or two of a thumbnail
_STIR_WINDOW_S = 30.0


@dataclass(frozen=True)
class Grid:
    """Seconds since the start of the day before: what all arrays of this stage run over."""

    window: Span

    @property
    def size(self) -> int:
        """Number of seconds."""
        return round(self.window.seconds)

    def second(self, moment: dt.datetime) -> int:
        """The second a moment falls into."""
        return int((moment - self.window.start).total_seconds() // 1)

    def moment(self, second: int) -> dt.datetime:
        """The start of a second, UTC."""
        return self.window.start + dt.timedelta(seconds=second)

    def mask(self, spans: list[Span]) -> NDArray[np.bool_]:
        """The seconds that lie in any of the spans; half a second at either end counts as one."""
        covered = np.zeros(self.size, bool)
        for span in spans:
            ends = [(edge - self.window.start).total_seconds() for edge in (span.start, span.end)]
            first, last = (min(max(round(edge), 0), self.size) for edge in ends)
            covered[first:last] = True
        return covered


@dataclass(frozen=True)
class Evidence:
    """What the cameras saw on three days.

    Attributes:
        rows: detections that are not muted, with `track` (unique over days and cameras), `stirring` and `SAID`; where
            moments are read with `PROBABILITIES`, NaN for a detection without a moment.
        looks: times at which each camera was looked at, seconds since the epoch, ascending.
        fixtures: what is muted, by camera.
    """

    rows: pd.DataFrame
    looks: dict[str, NDArray[np.float64]]
    fixtures: dict[str, list[Fixture]]


def read_evidence(home: Home, days: list[dt.date], said: Said | None = None) -> Evidence:
    """All detections of the days, with what moved around them and what people said of them, without the muted ones."""
    said = said or read_said(home, days)
    parts, looked, fixtures = [], {}, {}
    for camera in sorted({camera for day in days for camera in home.tables.cameras(DETECTIONS, day)}):
        frames = pd.concat([home.tables.read(FRAMES, day, camera) for day in days]).sort_values("ts")
        found = []
        for day in days:
            rows = with_names(home, home.tables.read(DETECTIONS, day, camera), day, camera)
            rows = said.over(_with_moments(home, rows, day, camera))
            found.append(rows.assign(track=[f"{day:%Y%m%d} {camera} {number}" for number in rows["track_id"]]))
        rows = pd.concat(found, ignore_index=True)
        rows["stirring"] = stirring(epoch(frames["ts"]), frames["movement"].to_numpy(), epoch(rows["ts"]))
        midnights = [local_day(day, home.zone).start for day in days[1:]]
        rows["track"] = rows["track"].replace(_carried_on(rows, midnights, home.params.detect.max_gap_s))
        boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32)
        looks = epoch(frames.loc[frames["kept"], "ts"])
        looked[camera] = looks
        fixtures[camera], muted = find_fixtures(epoch(rows["ts"]), boxes, looks)
        parts.append(rows[~muted])
    if not parts:
        return Evidence(pd.DataFrame(columns=[*DETECTIONS.columns, *SAID, "track", "stirring"]), looked, fixtures)
    return Evidence(pd.concat(parts, ignore_index=True), looked, fixtures)


def _with_moments(home: Home, rows: pd.DataFrame, day: dt.date, camera: str) -> pd.DataFrame:
    """Detections with what their moments say. Without a model, what an earlier night has read counts for nothing."""
    if not home.params.behave.model:
        return rows
    moments = home.tables.read(MOMENTS, day, camera)
    keys = ["ts", "track_id"]
    return rows.merge(moments.rename(columns={"start": "ts"})[[*keys, *PROBABILITIES]], on=keys, how="left")


def presences(home: Home, evidence: Evidence) -> pd.DataFrame:
    """The credible detections of the evidence with `until`: up to when each stands for its animal, seconds (epoch)."""
    parts = [
        rows.assign(until=until(home, rows, evidence.looks))
        for _, track in evidence.rows.groupby("track", sort=True)
        if credible(rows := track.sort_values("ts"), home)
    ]
    return pd.concat(parts) if parts else evidence.rows.iloc[:0].assign(until=0.0)


def _carried_on(rows: pd.DataFrame, midnights: list[dt.datetime], max_gap_s: float) -> dict[str, str]:
    """Tracks that begin after midnight where one ended before it, by the name of that one.

    `detect` begins every day with new tracks; an animal that lies in its place does not.
    """
    renamed: dict[str, str] = {}
    ordered = rows.sort_values("ts")
    ends, begins = ordered.groupby("track").tail(1), ordered.groupby("track").head(1)
    sides = ["x1", "y1", "x2", "y2"]
    for midnight in midnights:
        before = ends[(ends["ts"] < midnight) & (ends["ts"] >= midnight - dt.timedelta(seconds=max_gap_s))]
        after = begins[(begins["ts"] >= midnight) & (begins["ts"] <= midnight + dt.timedelta(seconds=max_gap_s))]
        if before.empty or after.empty:
            continue
        shared = overlap(before[sides].to_numpy(np.float64), after[sides].to_numpy(np.float64))
        for first, second in zip(*linear_sum_assignment(-shared), strict=True):
            old, new = str(before["track"].iloc[first]), str(after["track"].iloc[second])
            apart = (after["ts"].iloc[second] - before["ts"].iloc[first]).total_seconds()
            if shared[first, second] >= _SAME_ANIMAL and apart <= max_gap_s:
                renamed[new] = renamed.get(old, old)
    return renamed


def stirring(looks: NDArray[np.float64], movement: NDArray[np.float32], ts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the samples around each detection, kept ones or not, in which anything stirred.

    A cat that eats moves its head: too little for a sample to be kept, more than a cat asleep.
    """
    stirred = np.concatenate([[0], np.cumsum(movement >= _STIR)])
    first = np.searchsorted(looks, ts - _STIR_WINDOW_S)
    last = np.searchsorted(looks, ts + _STIR_WINDOW_S, side="right")
    return np.asarray((stirred[last] - stirred[first]) / np.maximum(last - first, 1))


def epoch(moments: pd.Series) -> NDArray[np.float64]:
    return np.asarray((moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), np.float64)


def recorded_seconds(home: Home, manifests: list[Manifest], grid: Grid) -> dict[str, NDArray[np.bool_]]:
    """Per camera the seconds with footage. Seams between chunks are footage, as in the coverage ledger."""
    masks = {}
    for camera in home.config.cameras:
        chunks = {c.key: c for manifest in manifests for c in manifest.cameras.get(camera, CameraManifest()).chunks}
        spans = sorted(chunk.span for chunk in chunks.values())
        joined = [
            Span(span.start, after.start) if 0 < (after.start - span.end).total_seconds() <= SEAM_S else span
            for span, after in zip(spans, [*spans[1:], *spans[-1:]], strict=True)
        ]
        masks[camera] = grid.mask(joined)
    return masks


def credible(rows: pd.DataFrame, home: Home) -> bool:
    """Whether a track is an animal: one weak box on one sample is none."""
    return len(rows) > 1 or bool((rows["confidence"] >= home.params.bouts.lone_confidence).any())


def until(home: Home, rows: pd.DataFrame, looks: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Until when each detection of a track stands for presence, seconds."""
    return present_until(
        epoch(rows["ts"]),
        rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32),
        looks[str(rows["camera"].iloc[0])],
        period_s=home.params.extract.sample_period_s,
        max_gap_s=home.params.detect.max_gap_s,
    )
