"""Stage `bouts`: episodes, presence and time budget of a local day, over all cameras.

The neighbouring days are read for context, so that a bout over midnight is one bout: each day's partition holds its
part, with flags. Everything is laid on a grid of seconds: a cat-second is a second with presence.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.clock import Span, local_day
from home.ethogram import BEHAVIOURS, NEEDS_ZONE
from home.folder import Home
from home.manifest import read_manifest
from home.tables import ANIMALS, BOUTS, BUDGET, DETECTIONS, FIXTURES, FRAMES, IDENTITIES, MOMENTS, fingerprint_of
from models.behaviour.episodes import UNSEEN, episodes
from models.fixtures import Fixture
from tasks.bout_rows import SPOKEN, bout_row
from tasks.labelling import Grid, read_evidence, recorded_seconds
from tasks.laying import Labelled, label, told_apart
from tasks.quality import check_rows
from tasks.said import Said, read_said
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 4  # raised when the same input would give other rows


def bouts(home: Home, date: dt.date, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Write the bouts, the time budget, whose each track is and the muted fixtures of a local day.

    What people said it was (`catml correct`, labels) decides; it is read anew each time, and counts for any day.

    Raises:
        StoreError, TableError: if rows cannot be read, or a partition is damaged or of another schema.
    """
    days = [date + dt.timedelta(days=offset) for offset in (-1, 0, 1)]
    said = read_said(home, days)
    fingerprint = _fingerprint(home, days, said)
    old = home.tables.fingerprint(BOUTS, date)
    cameras = home.tables.cameras(DETECTIONS, date)
    # The bouts go last, so that theirs is the fingerprint of all four.
    if (old == fingerprint and not force) or (old is None and not cameras):
        return Outcome("bouts", date, skipped=True, facts=home.tables.notes(BOUTS, date))
    grid = Grid(Span(local_day(days[0], home.zone).start, local_day(days[-1], home.zone).end))
    manifests = [read_manifest(home.data, day) for day in days]
    evidence = read_evidence(home, days, said)
    recorded = recorded_seconds(home, manifests, grid)
    anywhere = np.any(list(recorded.values()), axis=0) if recorded else np.zeros(grid.size, bool)
    progress(f"{date} bouts", 1, 2)
    labelled = label(home, evidence, recorded, anywhere, grid)
    day = local_day(date, home.zone)
    rows = _rows(home, labelled, evidence.rows, anywhere, grid, day)
    good, rejected = check_rows(home, "bouts", rows, date)
    budget = _budget(home, labelled, good, recorded, anywhere, grid, day)
    home.tables.write(FIXTURES, _fixtures(evidence.fixtures, day), date, fingerprint=fingerprint)
    home.tables.write(BUDGET, budget, date, fingerprint=fingerprint)
    home.tables.write(ANIMALS, _animals(labelled, evidence.rows, day), date, fingerprint=fingerprint)
    facts = {
        "bouts": len(good),
        "animals": int(good["animal"].nunique()),
        "cat_seconds": int(budget.loc[~budget["behaviour"].isin(["unseen", "gap"]), "seconds"].sum()),
        "rejected": rejected,
        "said": int(rows["evidence"].str.startswith(SPOKEN).sum()),
    }
    home.tables.write(BOUTS, good, date, fingerprint=fingerprint, notes=facts)
    progress(f"{date} bouts", 2, 2)
    warnings = [f"{date}: {rejected} bouts are in quarantine"] if rejected else []
    return Outcome("bouts", date, facts=facts, warnings=warnings)


def _fingerprint(home: Home, days: list[dt.date], said: Said) -> str:
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
        rooms={camera: settings.room for camera, settings in home.config.cameras.items()},
        cats=sorted(home.config.cats),
        timezone=home.config.timezone,
        params=home.params.bouts.model_dump(),
        moments=_moments(home, days),
        identities=[home.tables.fingerprint(IDENTITIES, day) for day in days] if home.params.pose.model else [],
        said=said.fingerprint,
        max_gap_s=home.params.detect.max_gap_s,
        sample_period_s=home.params.extract.sample_period_s,
    )


def _moments(home: Home, days: list[dt.date]) -> list[tuple[dt.date, str, str | None]]:
    """The fingerprints of what moments are read from, none where the rules decide."""
    cameras = [(day, camera) for day in days for camera in home.tables.cameras(MOMENTS, day)]
    read = cameras if home.params.behave.model else []
    return [(day, camera, home.tables.fingerprint(MOMENTS, day, camera)) for day, camera in read]


def _rows(
    home: Home, labelled: list[Labelled], seen: pd.DataFrame, anywhere: NDArray[np.bool_], grid: Grid, day: Span
) -> pd.DataFrame:
    """The day's bouts of every animal, clipped to the day."""
    rows = []
    begin, end = grid.second(day.start), grid.second(day.end)
    for number, animal in enumerate(labelled, start=1):
        for episode in episodes(animal.labels, anywhere, home.params.bouts.merge_gap_s):
            if episode.start < end and episode.end > begin:
                rows.append(bout_row(home, animal, number, episode, seen, grid, (begin, end)))
    frame = pd.DataFrame(rows, columns=list(BOUTS.columns)).sort_values(["start", "animal"], kind="stable")
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"}).reset_index(drop=True)


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
        for index, behaviour in enumerate(BEHAVIOURS):
            observed = _observable(home, behaviour, recorded, part)
            seconds = int((labels == index).sum())
            if (observed and behaviour in told_apart(home)) or seconds:
                count = int((own["behaviour"] == behaviour).sum())
                budget.append([animal.cat, number, behaviour, float(seconds), count, float(observed)])
        unseen = int((anywhere[part] & (labels == UNSEEN)).sum())
        gap = total - unseen - int((labels != UNSEEN).sum())
        budget.append([animal.cat, number, "unseen", float(unseen), 0, float(anywhere[part].sum())])
        budget.append([animal.cat, number, "gap", float(gap), 0, 0.0])
    return pd.DataFrame(budget, columns=list(BUDGET.columns)).astype({"animal": np.int32, "bouts": np.int32})


def _observable(home: Home, behaviour: str, recorded: dict[str, NDArray[np.bool_]], part: slice) -> int:
    """Seconds in which a behaviour could have been seen: for eating, those of the cameras with a food bowl."""
    zone = NEEDS_ZONE.get(behaviour)
    masks = [
        mask[part] for camera, mask in recorded.items() if zone is None or home.config.cameras[camera].zones_of(zone)
    ]
    return int(np.any(masks, axis=0).sum()) if masks else 0


def _animals(labelled: list[Labelled], seen: pd.DataFrame, day: Span) -> pd.DataFrame:
    """Whose each track of the day is."""
    owner = {track: (animal.cat, number) for number, animal in enumerate(labelled, start=1) for track in animal.tracks}
    own = seen[(seen["ts"] >= day.start) & (seen["ts"] < day.end) & seen["track"].isin(list(owner))]
    tracks = own[["camera", "track_id", "track"]].drop_duplicates().sort_values(["camera", "track_id"])
    rows = [(row.camera, row.track_id, *owner[row.track]) for row in tracks.itertuples()]
    return pd.DataFrame(rows, columns=list(ANIMALS.columns)).astype({"animal": np.int32})


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
