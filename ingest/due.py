"""Which footage is due to go, and what is kept all the same. Nothing is deleted here.

A chunk is due if it ended before the days that are kept, the night has read all of it, it came into the store before
these days, and no hold covers it. Whatever cannot be made sure keeps it.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from home.clock import Span, local_date, local_day
from home.errors import StoreError, StoreMissing, TableError
from home.folder import Home
from home.footage import ChunkName
from home.holds import Hold, read_holds
from home.look import counted
from home.manifest import Chunk, manifest_dates
from home.store import Entry
from ingest.read_by_night import ReadByNight

# Objects on S3 are asked one by one since when they are there; so many at once.
_SIDE_BY_SIDE = 8
# What comes within a day of its end came as it was recorded, the spool's delay included.
_AT_ONCE = dt.timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A chunk that may go.

    Attributes:
        date: the local date on which it begins.
        name: parsed from its key.
        entry: the object as it was listed.
        chunk: what its manifest says of it.
    """

    date: dt.date
    name: ChunkName
    entry: Entry
    chunk: Chunk


@dataclass(frozen=True)
class HeldBack:
    """Chunks that are old enough and stay all the same.

    Attributes:
        why: the reason, for people.
        wrong: True if it is nothing that the owner asked for: somebody should look.
        chunks, bytes: how much.
        first, last: local dates.
    """

    why: str
    wrong: bool
    chunks: int
    bytes: int
    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        when = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{counted(self.chunks, 'chunk')} of {when}: {self.why}"


@dataclass
class CameraPlan:
    """What becomes of the footage of one camera.

    Attributes:
        camera: its id.
        days: how long footage is kept; None: for ever, and then nothing is listed.
        chunks, bytes: all that the store has.
        oldest: start of its first chunk, UTC.
        due: what may go, oldest first.
        held_back: what is old enough and stays.
        refused: why nothing of this camera goes, whatever is due; empty if nothing speaks against it.
    """

    camera: str
    days: int | None
    chunks: int = 0
    bytes: int = 0
    oldest: dt.datetime | None = None
    due: list[Due] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    refused: str = ""

    @property
    def going(self) -> list[Due]:
        """What goes when it is deleted now."""
        return [] if self.refused else self.due


def plan(home: Home, today: dt.date, most_share: float | None = None) -> list[CameraPlan]:
    """Look what may go, camera by camera.

    A camera whose footage is not kept for ever is listed as a whole: retention bounds that list, and only so is footage
    found that no table knows of.

    Args:
        home: the home.
        today: the home's local date.
        most_share: instead of `retention.most_share`.

    Raises:
        StoreError: if footage or tables cannot be reached.
    """
    plans = [CameraPlan(camera, home.config.retention_days(camera)) for camera in home.config.cameras]
    listed = {found.camera: _chunks(home, found.camera) for found in plans if found.days is not None}
    if not listed:
        return plans
    against, holds = _against(home, today, listed), list[Hold]()
    try:
        holds = read_holds(home)
    except (TableError, StoreError) as error:
        against = against or str(error)
    share = home.config.retention.most_share if most_share is None else most_share
    for found in plans:
        if found.days is not None:
            kept_from = local_day(today - dt.timedelta(days=found.days), home.zone).start
            _sort(home, found, listed[found.camera], kept_from, holds)
            found.refused = too_short(home, found.days) or (against or _too_much(found, share) if found.due else "")
    return plans


def too_short(home: Home, days: int) -> str:
    """What is wrong with keeping footage for so many days; empty if nothing: the night must have its chances to read it."""
    least = home.params.nightly.look_back_days
    if days >= least:
        return ""
    return (
        f"footage is kept for {counted(days, 'day')}, but the night looks back {least} (`nightly.look_back_days` in "
        f"params.yaml) and must find it; make it {least} days or more in home.yaml"
    )


def held_by(holds: list[Hold], camera: str, span: Span) -> str:
    """The holds that cover footage of a camera, for people; empty if none does."""
    names = [f"{each.id} ({each.note})" if each.note else str(each.id) for each in holds if each.covers(camera, span)]
    return f"hold {', '.join(names)}" if names else ""


def _chunks(home: Home, camera: str) -> list[tuple[ChunkName, Entry]]:
    """All chunks of a camera, oldest first. What is no chunk by its name is nobody's to delete."""
    found = [(ChunkName.parse(entry.key), entry) for entry in home.footage.list(f"{camera}/chunk-")]
    return sorted((name, entry) for name, entry in found if name and name.key == entry.key)


def _against(home: Home, today: dt.date, listed: dict[str, list[tuple[ChunkName, Entry]]]) -> str:
    """Why the age of footage cannot be judged at all; empty if it can."""
    right = "nothing is deleted by a clock that may be wrong"
    for camera, chunks in listed.items():
        newest = local_date(chunks[-1][0].start, home.zone) if chunks else today
        if newest > today:
            return f"today is {today} by this machine's clock, but {camera} has footage of {newest}; {right}"
    try:
        seen = manifest_dates(home.data)
    except (StoreError, ValueError) as error:
        return f"the manifests cannot be listed ({error}); nothing is deleted until data/manifests is put right"
    if seen and seen[-1] > today:
        return f"today is {today} by this machine's clock, but there is a manifest of {seen[-1]}; {right}"
    if not seen or not home.config.recorded_cameras:
        return ""
    if (today - seen[-1]).days <= home.params.nightly.look_back_days:
        return ""
    return f"the night last saw footage of {seen[-1]}: either nothing is recorded, or today is not {today}; {right}"


def _too_much(found: CameraPlan, share: float) -> str:
    if len(found.due) <= share * found.chunks:
        return ""
    enough = -(-100 * len(found.due) // found.chunks) / 100  # rounded up
    return (
        f"{len(found.due)} of {counted(found.chunks, 'chunk')} are due, more than the share of {share:g} that may go in "
        f"one run (`retention.most_share`); if that is meant: catml retention --delete --share {enough:g}"
    )


def _sort(
    home: Home, found: CameraPlan, chunks: list[tuple[ChunkName, Entry]], kept_from: dt.datetime, holds: list[Hold]
) -> None:
    """Fill in the plan of a camera: what ended before `kept_from` is due, or held back with its reason."""
    found.chunks, found.bytes = len(chunks), sum(entry.size for _, entry in chunks)
    found.oldest = chunks[0][0].start if chunks else None
    night, due = ReadByNight(home, found.camera), list[Due]()
    kept: dict[tuple[str, bool], list[tuple[dt.date, Entry]]] = {}
    for name, entry in chunks:
        if name.start >= kept_from:
            break
        date = local_date(name.start, home.zone)
        row = night.chunk(date, entry)
        span = Span(name.start, name.start + dt.timedelta(seconds=1)) if isinstance(row, str) else row.span
        if span.end > kept_from:
            continue  # it reaches into the days that are kept
        if held := held_by(holds, found.camera, span):
            kept.setdefault((held, False), []).append((date, entry))
        elif isinstance(row, str):
            kept.setdefault((row, True), []).append((date, entry))
        else:
            due.append(Due(date, name, entry, row))
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        came_late = list(pool.map(lambda each: _came_late(home, each, kept_from), due))
    why = (f"came into the store less than {found.days} days ago", False)
    for each, late in zip(due, came_late, strict=True):
        if late:
            kept.setdefault(why, []).append((each.date, each.entry))
        else:
            found.due.append(each)
    found.held_back = [_summed(*why, rows) for why, rows in kept.items()]


def _came_late(home: Home, due: Due, kept_from: dt.datetime) -> bool:
    """Whether old footage came lately: what of last year is imported today is new today."""
    try:
        came = home.footage.modified(due.entry.key)
    except StoreMissing:
        return True  # somebody else removed it just now
    return came >= kept_from and came - due.chunk.end > _AT_ONCE


def _summed(why: str, wrong: bool, rows: list[tuple[dt.date, Entry]]) -> HeldBack:
    dates = [date for date, _ in rows]
    return HeldBack(why, wrong, len(rows), sum(entry.size for _, entry in rows), min(dates), max(dates))
