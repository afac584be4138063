"""What every second of every animal is: detections of three days laid on a grid, for the stage `bouts`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from home.clock import Span, local_day
from home.coverage import SEAM_S
from home.ethogram import NEEDS_ZONE
from home.folder import Home
from home.manifest import CameraManifest, Manifest
from home.tables import DETECTIONS, FRAMES
from models.animals import Seen, animals
from models.behaviour.episodes import UNSEEN, smooth
from models.behaviour.rules import RULED, Observed, RuleSettings, behaviours
from models.fixtures import Fixture, find_fixtures
from models.presence import present_until
from models.tracker import overlap

# Where two cameras see one animal, the more telling reading counts: a zone is evidence, `other` is the lack of any.
_TELLING = np.array([2, 3, 3, 1])  # sleeping, eating, using_litter_box, other
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
        rows: detections that are not muted, with `track` (unique over days and cameras) and `stirring`.
        looks: times at which each camera was looked at, seconds since the epoch, ascending.
        fixtures: what is muted, by camera.
    """

    rows: pd.DataFrame
    looks: dict[str, NDArray[np.float64]]
    fixtures: dict[str, list[Fixture]]


def read_evidence(home: Home, days: list[dt.date]) -> Evidence:
    """All detections of the days, with what moved around them, without the muted ones."""
    parts, looked, fixtures = [], {}, {}
    for camera in sorted({camera for day in days for camera in home.tables.cameras(DETECTIONS, day)}):
        frames = pd.concat([home.tables.read(FRAMES, day, camera) for day in days]).sort_values("ts")
        found = []
        for day in days:
            rows = home.tables.read(DETECTIONS, day, camera)
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
        return Evidence(pd.DataFrame(columns=[*DETECTIONS.columns, "track", "stirring"]), looked, fixtures)
    return Evidence(pd.concat(parts, ignore_index=True), looked, fixtures)


def presences(home: Home, evidence: Evidence) -> pd.DataFrame:
    """The credible detections of the evidence with `until`: up to when each stands for its animal, seconds (epoch)."""
    parts = [
        rows.assign(until=_until(home, rows, evidence.looks))
        for _, track in evidence.rows.groupby("track", sort=True)
        if _credible(rows := track.sort_values("ts"), home)
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


@dataclass(frozen=True)
class Labelled:
    """One animal on the grid.

    Attributes:
        cat: its id, or `unknown`.
        labels: behaviour per second, an index into RULED or UNSEEN.
        detection: per second the row of `seen` that it was read from, -1 where none.
    """

    cat: str
    labels: NDArray[np.int8]
    detection: NDArray[np.int32]


def label(
    home: Home, evidence: Evidence, recorded: dict[str, NDArray[np.bool_]], anywhere: NDArray[np.bool_], grid: Grid
) -> list[Labelled]:
    """Every animal of the window, the one that was seen longest first."""
    params = home.params.bouts
    settings = RuleSettings(params.sleeping_after_s, params.zone_after_s, params.still_drift)
    tracks = [rows.sort_values("ts") for _, rows in evidence.rows.groupby("track", sort=True) if _credible(rows, home)]
    period = home.params.extract.sample_period_s
    numbers = animals([_seen(home, rows) for rows in tracks], tolerance_s=period)
    found = []
    for number in sorted(set(numbers)):
        labels = np.full(grid.size, UNSEEN, np.int8)
        detection = np.full(grid.size, -1, np.int32)
        for rows, own in zip(tracks, numbers, strict=True):
            if own == number:
                _lay(home, rows, settings, evidence.looks, recorded, grid, labels, detection)
        labels = smooth(
            labels, anywhere, other=RULED.index("other"), minimum_s=params.minimum_s, merge_gap_s=params.merge_gap_s
        )
        found.append(Labelled("unknown", labels, detection))
    found.sort(key=lambda animal: -int((animal.labels != UNSEEN).sum()))
    # In a home with one cat the owner has said who it is; a second animal at the same time is a stranger.
    if found and len(home.config.cats) == 1:
        found[0] = Labelled(next(iter(home.config.cats)), found[0].labels, found[0].detection)
    return found


def _seen(home: Home, rows: pd.DataFrame) -> Seen:
    ts, camera = epoch(rows["ts"]), str(rows["camera"].iloc[0])
    room = home.config.cameras[camera].room if camera in home.config.cameras else ""
    return Seen(ts[0], ts[-1], camera, room)


def _credible(rows: pd.DataFrame, home: Home) -> bool:
    """One weak box on one sample is no animal."""
    return len(rows) > 1 or bool((rows["confidence"] >= home.params.bouts.lone_confidence).any())


def _until(home: Home, rows: pd.DataFrame, looks: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Until when each detection of a track stands for presence, seconds."""
    return present_until(
        epoch(rows["ts"]),
        rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32),
        looks[str(rows["camera"].iloc[0])],
        period_s=home.params.extract.sample_period_s,
        max_gap_s=home.params.detect.max_gap_s,
    )


def _lay(
    home: Home,
    rows: pd.DataFrame,
    settings: RuleSettings,
    looks: dict[str, NDArray[np.float64]],
    recorded: dict[str, NDArray[np.bool_]],
    grid: Grid,
    labels: NDArray[np.int8],
    detection: NDArray[np.int32],
) -> None:
    """Lay one track on an animal's grid; where another camera's track lies already, the more telling one stays."""
    camera = str(rows["camera"].iloc[0])
    zones: dict[str, list[list[tuple[float, float]]]] = {}
    if camera in home.config.cameras:
        zones = {kind: home.config.cameras[camera].zones_of(kind) for kind in NEEDS_ZONE.values()}
    ts = epoch(rows["ts"])
    boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32)
    read = behaviours(Observed(ts, boxes, rows["stirring"].to_numpy()), zones, settings)
    footage = recorded.get(camera, np.zeros(grid.size, bool))
    start = grid.window.start.timestamp()
    until = _until(home, rows, looks)
    for index, (row, behaviour) in enumerate(zip(rows.index, read, strict=True)):
        first, last = int(ts[index] - start), max(int(ts[index] - start) + 1, int(np.ceil(until[index] - start - 0.5)))
        part = slice(first, min(last, grid.size))
        better = footage[part] & (_TELLING[behaviour] > np.where(labels[part] == UNSEEN, 0, _TELLING[labels[part]]))
        labels[part] = np.where(better, behaviour, labels[part])
        detection[part] = np.where(better, row, detection[part])
