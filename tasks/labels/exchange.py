"""Labels out to a labelling program, and in from it, by the ending of the file."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from home.clock import Span, local_day
from home.errors import WrongUse
from home.folder import Home
from home.labels import WATCHED, Label, Taken, labels, take
from home.manifest import Chunk, manifest_dates, read_manifest
from home.store import write_file
from home.tables import BOUTS
from tasks.labels.boris import read_tabular, tabular
from tasks.labels.boris_project import project, read_project
from tasks.labels.media import Medium, Playlist
from tasks.labels.observation import Event, Observation, as_labels

__all__ = ["Exported", "export_boris", "import_boris"]

PROJECT = ".boris"
_SEPARATORS = {".tsv": "\t", ".csv": ","}


@dataclass(frozen=True)
class Exported:
    """What a file holds: observations, behaviours with a start and a stop, and those that lie in no footage."""

    file: str
    observations: int
    states: int
    outside: int


def import_boris(home: Home, file: Path, observer: str, renamed: Mapping[str, str], now: dt.datetime) -> Taken:
    """Take in what an observer labelled in BORIS: all of the file, or nothing of it.

    Args:
        home: the home.
        file: tabular events (.csv, .tsv) or a project (.boris).
        observer: who labelled it.
        renamed: our name of a behaviour or a cat by the labeller's.
        now: UTC.

    Raises:
        WrongUse: if something in it cannot be: says where, and what would be right.
        StoreError, TableError: if the labels cannot be kept.
    """
    if not observer.strip():
        raise WrongUse("--observer is a name, e.g. ann")
    found = read_project(file) if file.suffix.lower() == PROJECT else read_tabular(file)
    said = {each.name: as_labels(home, str(file), each, renamed) for each in found if each.media or each.events}
    return take(home.database, observer.strip(), said, now)


def export_boris(
    home: Home, file: Path, dates: Sequence[dt.date], cameras: Sequence[str], observer: str | None
) -> Exported:
    """Write the footage of some days, with what was seen in it, for BORIS: an observation for each camera and day.

    Args:
        home: the home.
        file: .csv or .tsv for tabular events, .boris for a project to label in.
        dates: local dates; none for all that have footage.
        cameras: ids; none for all.
        observer: whose labels; None for the bouts that the house read, an empty name for footage without labels.

    Raises:
        WrongUse: if the ending of the file is another, or there is no footage.
        StoreError, TableError: if something cannot be read or written.
    """
    ending = file.suffix.lower()
    if ending not in (PROJECT, *_SEPARATORS):
        raise WrongUse(f"{file}: its name must end in .tsv or .csv (tabular events) or .boris (a project to label in)")
    outside, found = 0, []
    for date in dates or manifest_dates(home.data):
        manifest = read_manifest(home.data, date)
        for camera in cameras or sorted(manifest.cameras):
            home.camera(camera)
            chunks = [chunk for chunk in manifest.chunks(camera) if chunk.span.overlap(local_day(date, home.zone))]
            if chunks:
                said = _said(home, camera, date, observer)
                observation = _observation(home, file, camera, date, chunks, said)
                outside += len(said) - len(observation.events) // 2
                found.append(observation)
    if not found:
        asked = ", ".join(map(str, dates)) or "any day"
        raise WrongUse(f"there is no footage of {asked} in the manifests; `catml nightly --date DATE` takes a day in")
    cats = [cat.name for cat in home.config.cats.values()]
    content = project(file.stem, found, cats) if ending == PROJECT else tabular(found, _SEPARATORS[ending])
    write_file(file, content)
    return Exported(str(file), len(found), sum(len(each.events) // 2 for each in found), outside)


def _said(home: Home, camera: str, date: dt.date, observer: str | None) -> list[Label]:
    """What an observer, or the house, says of a camera's day; the subjects by their names."""
    day = local_day(date, home.zone)
    if observer is None:
        bouts = home.tables.read(BOUTS, date)
        several = bouts.loc[~bouts["cat"].isin(list(home.config.cats)), "animal"].nunique() > 1
        return [
            Label(
                camera,
                row.start.to_pydatetime(),
                row.end.to_pydatetime(),
                _name(home, row.cat) or (f"Cat {row.animal}" if several else ""),
                row.behaviour,
            )
            for row in bouts[bouts["camera"] == camera].itertuples()
        ]
    mine = [label for label in labels(home.database, observer, day) if label.behaviour != WATCHED]
    return [
        Label(camera, both.start, both.end, _name(home, label.subject) or label.subject, label.behaviour)
        for label in mine
        if label.camera == camera and (both := label.span.overlap(day))
    ]


def _name(home: Home, cat: str) -> str:
    return home.config.cats[cat].name if cat in home.config.cats else ""


def _observation(
    home: Home, file: Path, camera: str, date: dt.date, chunks: Sequence[Chunk], said: Sequence[Label]
) -> Observation:
    media = [Medium(_path(home, file, c.key), c.start, round((c.end - c.start).total_seconds(), 3)) for c in chunks]
    playlist, events = Playlist(media), []
    shown = [Span(each.start, each.span.end) for each in media]
    for label in said:
        seen = any(label.span.overlap(span) for span in shown)
        start, end = (round(playlist.position(edge), 3) for edge in (label.start, label.end))
        if seen and start < end:
            events += [
                Event("", t, label.subject, label.behaviour, kind) for t, kind in ((start, "START"), (end, "STOP"))
            ]
    # What stops at a time stands before what starts at it, as BORIS has it.
    events.sort(key=lambda event: (event.seconds, event.kind == "START"))
    local = chunks[0].start.astimezone(home.zone)
    return Observation(
        f"{camera} {date}", [(m.path, m.seconds) for m in media], events, None, f"{local:%Y-%m-%d %H:%M:%S}",
        [chunk.fps for chunk in chunks],
    )  # fmt: skip


def _path(home: Home, file: Path, key: str) -> str:
    """Where the labelling program finds a chunk: from the file's own folder, as BORIS looks for it."""
    folder = home.footage.folder
    return key if folder is None else Path(os.path.relpath(folder / key, file.resolve().parent)).as_posix()
