"""Stage `bouts`: episodes, presence and time budget of a local day, over all cameras.

The neighbouring days are read for context, so that a bout over midnight is one bout: each day's partition holds its
part, with flags. Everything is laid on a grid of seconds: a cat-second is a second with presence.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from home.clock import Span, local_day
from home.coverage import SEAM_S
from home.folder import Home
from home.manifest import CameraManifest, Manifest, read_manifest
from home.tables import BOUTS, BUDGET, DETECTIONS, FIXTURES, FRAMES, fingerprint_of
from models.animals import Seen, animals
from models.behaviour.episodes import UNSEEN, Episode, episodes, smooth
from models.behaviour.rules import RULED, Observed, RuleSettings, behaviours
from models.fixtures import Fixture, find_fixtures
from models.tracker import overlap
from tasks.quality import check_rows
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 1  # raised when the same input would give other rows

# Where two cameras see one animal, the more telling reading counts: a zone is evidence, `other` is the lack of any.
_TELLING = np.array([2, 3, 3, 1])  # sleeping, eating, using_litter_box, other
_STRENGTH = np.array([0.8, 0.8, 0.8, 0.6])  # how far the rules are trusted; not calibrated
_SAME_ANIMAL = 0.3  # IoU of the last box before midnight and the first after it
_STIR = 1e-4  # share of the picture: a pixel or two of a thumbnail
_STIR_WINDOW_S = 30.0
_NEEDS_ZONE = {"eating": "food_bowl", "using_litter_box": "litter_box"}


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


def bouts(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write the bouts, the time budget and the muted fixtures of a local day.

    Raises:
        TableError: if a partition it reads is damaged or of another schema.
    """
    days = [date + dt.timedelta(days=offset) for offset in (-1, 0, 1)]
    fingerprint = _fingerprint(home, days)
    old = home.tables.fingerprint(BOUTS, date)
    cameras = home.tables.cameras(DETECTIONS, date)
    # The bouts go last, so that theirs is the fingerprint of all three.
    if (old == fingerprint and not force) or (old is None and not cameras):
        return Outcome("bouts", date, skipped=True, facts=home.tables.notes(BOUTS, date))
    grid = Grid(Span(local_day(days[0], home.zone).start, local_day(days[-1], home.zone).end))
    manifests = [read_manifest(home.data, day) for day in days]
    seen, fixtures = _seen(home, days)
    recorded = _recorded(home, manifests, grid)
    anywhere = np.any(list(recorded.values()), axis=0) if recorded else np.zeros(grid.size, bool)
    progress(f"{date} bouts", 1, 2)
    labelled = _labelled(home, seen, recorded, anywhere, grid)
    day = local_day(date, home.zone)
    rows = _rows(home, labelled, seen, anywhere, grid, day)
    good, rejected = check_rows(home, "bouts", rows, date)
    budget = _budget(home, labelled, good, recorded, anywhere, grid, day)
    home.tables.write(FIXTURES, _fixtures(fixtures, day), date, fingerprint=fingerprint)
    home.tables.write(BUDGET, budget, date, fingerprint=fingerprint)
    facts = {
        "bouts": len(good),
        "animals": int(good["animal"].nunique()),
        "cat_seconds": int(budget.loc[~budget["behaviour"].isin(["unseen", "gap"]), "seconds"].sum()),
        "rejected": rejected,
    }
    home.tables.write(BOUTS, good, date, fingerprint=fingerprint, notes=facts)
    progress(f"{date} bouts", 2, 2)
    warnings = [f"{date}: {rejected} bouts are in quarantine"] if rejected else []
    return Outcome("bouts", date, facts=facts, warnings=warnings)


def _fingerprint(home: Home, days: list[dt.date]) -> str:
    parts = [
        (day, camera, home.tables.fingerprint(DETECTIONS, day, camera), home.tables.fingerprint(FRAMES, day, camera))
        for day in days
        for camera in home.tables.cameras(DETECTIONS, day)
    ]
    footage = [
        (day, camera, content.fingerprint)
        for day in days
        for camera, content in sorted(read_manifest(home.data, day).cameras.items())
    ]
    return fingerprint_of(
        stage="bouts",
        version=VERSION,
        detections=parts,
        footage=footage,
        zones={camera: settings.zones for camera, settings in home.config.cameras.items()},
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        params=home.params.bouts.model_dump(),
        max_gap_s=home.params.detect.max_gap_s,
        sample_period_s=home.params.extract.sample_period_s,
    )


def _seen(home: Home, days: list[dt.date]) -> tuple[pd.DataFrame, dict[str, list[Fixture]]]:
    """All detections of the days, with what moved around them, without the muted ones; and what was muted."""
    parts, fixtures = [], {}
    for camera in sorted({camera for day in days for camera in home.tables.cameras(DETECTIONS, day)}):
        frames = pd.concat([home.tables.read(FRAMES, day, camera) for day in days]).sort_values("ts")
        found = []
        for day in days:
            rows = home.tables.read(DETECTIONS, day, camera)
            found.append(rows.assign(track=[f"{day:%Y%m%d} {camera} {number}" for number in rows["track_id"]]))
        rows = pd.concat(found, ignore_index=True)
        rows["stirring"] = _stirring(_epoch(frames["ts"]), frames["movement"].to_numpy(), _epoch(rows["ts"]))
        midnights = [local_day(day, home.zone).start for day in days[1:]]
        rows["track"] = rows["track"].replace(_carried_on(rows, midnights, home.params.detect.max_gap_s))
        boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32)
        looks = _epoch(frames.loc[frames["kept"], "ts"])
        fixtures[camera], muted = find_fixtures(_epoch(rows["ts"]), boxes, looks)
        parts.append(rows[~muted])
    if not parts:
        return pd.DataFrame(columns=[*DETECTIONS.columns, "track", "stirring"]), fixtures
    return pd.concat(parts, ignore_index=True), fixtures


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


def _stirring(
    looks: NDArray[np.float64], movement: NDArray[np.float32], ts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the samples around each detection, kept ones or not, in which anything stirred.

    A cat that eats moves its head: too little for a sample to be kept, more than a cat asleep.
    """
    stirred = np.concatenate([[0], np.cumsum(movement >= _STIR)])
    first = np.searchsorted(looks, ts - _STIR_WINDOW_S)
    last = np.searchsorted(looks, ts + _STIR_WINDOW_S, side="right")
    return np.asarray((stirred[last] - stirred[first]) / np.maximum(last - first, 1))


def _epoch(moments: pd.Series) -> NDArray[np.float64]:
    return np.asarray((moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), np.float64)


def _recorded(home: Home, manifests: list[Manifest], grid: Grid) -> dict[str, NDArray[np.bool_]]:
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


def _labelled(
    home: Home, seen: pd.DataFrame, recorded: dict[str, NDArray[np.bool_]], anywhere: NDArray[np.bool_], grid: Grid
) -> list[Labelled]:
    """Every animal of the window, the one that was seen longest first."""
    params = home.params.bouts
    settings = RuleSettings(params.sleeping_after_s, params.zone_after_s, params.still_drift)
    tracks = [rows.sort_values("ts") for _, rows in seen.groupby("track", sort=True) if _credible(rows, home)]
    period = home.params.extract.sample_period_s
    spans = [Seen(_epoch(rows["ts"])[0], _epoch(rows["ts"])[-1], str(rows["camera"].iloc[0])) for rows in tracks]
    numbers = animals(spans, tolerance_s=period)
    found = []
    for number in sorted(set(numbers)):
        labels = np.full(grid.size, UNSEEN, np.int8)
        detection = np.full(grid.size, -1, np.int32)
        for rows, own in zip(tracks, numbers, strict=True):
            if own == number:
                _lay(home, rows, settings, recorded, grid, labels, detection)
        labels = smooth(
            labels, anywhere, other=RULED.index("other"), minimum_s=params.minimum_s, merge_gap_s=params.merge_gap_s
        )
        found.append(Labelled("unknown", labels, detection))
    found.sort(key=lambda animal: -int((animal.labels != UNSEEN).sum()))
    # In a home with one cat the owner has said who it is; a second animal at the same time is a stranger.
    if found and len(home.config.cats) == 1:
        found[0] = Labelled(next(iter(home.config.cats)), found[0].labels, found[0].detection)
    return found


def _credible(rows: pd.DataFrame, home: Home) -> bool:
    """One weak box on one sample is no animal."""
    return len(rows) > 1 or bool((rows["confidence"] >= home.params.bouts.lone_confidence).any())


def _lay(
    home: Home,
    rows: pd.DataFrame,
    settings: RuleSettings,
    recorded: dict[str, NDArray[np.bool_]],
    grid: Grid,
    labels: NDArray[np.int8],
    detection: NDArray[np.int32],
) -> None:
    """Lay one track on an animal's grid; where another camera's track lies already, the more telling one stays."""
    camera = str(rows["camera"].iloc[0])
    zones: dict[str, list[list[tuple[float, float]]]] = {}
    if camera in home.config.cameras:
        zones = {kind: home.config.cameras[camera].zones_of(kind) for kind in _NEEDS_ZONE.values()}
    ts = _epoch(rows["ts"])
    boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32)
    read = behaviours(Observed(ts, boxes, rows["stirring"].to_numpy()), zones, settings)
    footage = recorded.get(camera, np.zeros(grid.size, bool))
    start = grid.window.start.timestamp()
    # A sample stands for the time until the next one, the last of a presence for one sample period.
    until = np.append(ts[1:], ts[-1])
    gone = until - ts > home.params.detect.max_gap_s
    gone[-1] = True
    until[gone] = ts[gone] + home.params.extract.sample_period_s
    for index, (row, label) in enumerate(zip(rows.index, read, strict=True)):
        first, last = int(ts[index] - start), max(int(ts[index] - start) + 1, int(np.ceil(until[index] - start - 0.5)))
        part = slice(first, min(last, grid.size))
        better = footage[part] & (_TELLING[label] > np.where(labels[part] == UNSEEN, 0, _TELLING[labels[part]]))
        labels[part] = np.where(better, label, labels[part])
        detection[part] = np.where(better, row, detection[part])


def _rows(
    home: Home, labelled: list[Labelled], seen: pd.DataFrame, anywhere: NDArray[np.bool_], grid: Grid, day: Span
) -> pd.DataFrame:
    """The day's bouts of every animal, clipped to the day."""
    rows = []
    begin, end = grid.second(day.start), grid.second(day.end)
    for number, animal in enumerate(labelled, start=1):
        for episode in episodes(animal.labels, anywhere, home.params.bouts.merge_gap_s):
            if episode.start < end and episode.end > begin:
                rows.append(_row(animal, number, episode, seen, grid, (begin, end)))
    frame = pd.DataFrame(rows, columns=list(BOUTS.columns)).sort_values(["start", "animal"], kind="stable")
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"}).reset_index(drop=True)


def _row(
    animal: Labelled, number: int, episode: Episode, seen: pd.DataFrame, grid: Grid, day: tuple[int, int]
) -> dict[str, object]:
    first, last = max(episode.start, day[0]), min(episode.end, day[1])
    whole = _detections(animal, seen, episode.start, episode.end)
    own = _detections(animal, seen, first, last)
    # Where the day's part was filled in, its evidence lies over midnight.
    rows = (whole if own.empty else own).sort_values(["confidence", "ts"], ascending=[False, True])
    best, begun = rows.iloc[0], whole.sort_values("ts").iloc[0]
    behaviour = RULED[episode.label]
    # What either day knows of the bout, so that its two parts have one name: the detection it begins with.
    name = f"{animal.cat} {behaviour} {begun['camera']} {begun['ts'].isoformat()} {begun['x1']} {begun['y1']}"
    return {
        "cat": animal.cat,
        "animal": number,
        "behaviour": behaviour,
        "start": grid.moment(first),
        "end": grid.moment(last),
        "duration_s": float(np.count_nonzero(animal.labels[first:last] == episode.label)),
        "confidence": float(rows["confidence"].mean() * _STRENGTH[episode.label]),
        "cameras": sorted(set(rows["camera"])),
        "chunk": best["chunk"],
        "offset_s": float(best["offset_s"]),
        "continues_before": episode.start < day[0],
        "continues_after": episode.end > day[1],
        "bout_id": hashlib.sha256(name.encode()).hexdigest()[:12],
        "evidence": _sentence(behaviour, rows),
        "camera": best["camera"],
        **{side: float(best[side]) for side in ("x1", "y1", "x2", "y2")},
    }


def _detections(animal: Labelled, seen: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    used = np.unique(animal.detection[first:last])
    return seen.loc[used[used >= 0]]


def _sentence(behaviour: str, rows: pd.DataFrame) -> str:
    why = {
        "sleeping": "the box stayed in its place",
        "eating": "the box covered the food bowl and things moved",
        "using_litter_box": "the lower half of the box lay in the litter box",
        "other": "seen, but no rule names what it did",
    }[behaviour]
    count = len(rows)
    return f"{why}; {count} detection{'s' if count != 1 else ''} on {', '.join(sorted(set(rows['camera'])))}"


def _budget(
    home: Home,
    labelled: list[Labelled],
    rows: pd.DataFrame,
    recorded: dict[str, NDArray[np.bool_]],
    anywhere: NDArray[np.bool_],
    grid: Grid,
    day: Span,
) -> pd.DataFrame:
    """Seconds of each behaviour, of being unseen and of missing footage: they sum to the whole day."""
    part = slice(grid.second(day.start), grid.second(day.end))
    total = round(day.seconds)
    budget = []
    for number, animal in enumerate(labelled, start=1):
        labels = animal.labels[part]
        own = rows[(rows["animal"] == number) & ~rows["continues_before"]]
        if number > 1 and not (labels != UNSEEN).any():
            continue  # an animal of the neighbouring days only
        for index, behaviour in enumerate(RULED):
            observed = _observable(home, behaviour, recorded, part)
            seconds = int((labels == index).sum())
            if observed or seconds:
                count = int((own["behaviour"] == behaviour).sum())
                budget.append([animal.cat, number, behaviour, float(seconds), count, float(observed)])
        unseen = int((anywhere[part] & (labels == UNSEEN)).sum())
        gap = total - unseen - int((labels != UNSEEN).sum())
        budget.append([animal.cat, number, "unseen", float(unseen), 0, float(anywhere[part].sum())])
        budget.append([animal.cat, number, "gap", float(gap), 0, 0.0])
    return pd.DataFrame(budget, columns=list(BUDGET.columns)).astype({"animal": np.int32, "bouts": np.int32})


def _observable(home: Home, behaviour: str, recorded: dict[str, NDArray[np.bool_]], part: slice) -> int:
    """Seconds in which a behaviour could have been seen: for eating, those of the cameras with a food bowl."""
    zone = _NEEDS_ZONE.get(behaviour)
    masks = [
        mask[part] for camera, mask in recorded.items() if zone is None or home.config.cameras[camera].zones_of(zone)
    ]
    return int(np.any(masks, axis=0).sum()) if masks else 0


def _fixtures(fixtures: dict[str, list[Fixture]], day: Span) -> pd.DataFrame:
    rows = []
    for camera, found in sorted(fixtures.items()):
        for fixture in found:
            times = [pd.Timestamp(ts, unit="s", tz="UTC") for ts in (fixture.first_ts, fixture.last_ts)]
            if times[0] < day.end and times[1] >= day.start:
                rows.append([camera, *times, fixture.share, fixture.hours, *(float(side) for side in fixture.box)])
    frame = pd.DataFrame(rows, columns=list(FIXTURES.columns))
    return frame.astype({"first": "datetime64[us, UTC]", "last": "datetime64[us, UTC]", "hours": np.int32})


def main() -> None:
    """`python -m tasks.bouts`."""
    raise SystemExit(run_stage(bouts, per="day"))


if __name__ == "__main__":
    main()
