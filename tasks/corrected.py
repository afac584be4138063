"""What people said, as labelled moments to learn from: corrections and labels, joined with the tables.

A moment is one sample of one track. It is only labelled where it is sure whom was meant: in a time in which the camera
never shows two animals at once, or by the track, or by the cat that both name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from home.clock import Span, iso, local_date, local_dates, merge
from home.corrections import Correction, Field, corrections
from home.ethogram import UNKNOWN
from home.folder import Home
from home.labels import WATCHED, Label, labels, observers
from home.names import with_names
from home.tables import DETECTIONS

__all__ = ["COLUMNS", "labelled", "share_of"]

COLUMNS = (
    "start", "end", "camera", "chunk", "offset_s", "track_id", "x1", "y1", "x2", "y2", "cat", "value", "was", "by", "correction",
    "group", "held_out",
)  # fmt: skip
"""start and end: the sample, and a sample period later; value: what it really was; was: what the house had read, empty
where nothing; correction: its number, 0 for a label; group: what a moment is held out together with."""
_WHOSE = ["camera", "start", "track_id"]


@dataclass(frozen=True)
class _Said:
    """Something that was said of a time: by whom, of which track (0: of none in particular) or cat (empty: of any)."""

    camera: str
    span: Span
    track: int
    cat: str
    value: str
    was: str
    by: str
    only: bool
    number: int = 0


def labelled(
    home: Home,
    field: Field = "behaviour",
    *,
    span: Span | None = None,
    observed: bool = True,
    held_out: float = 0.2,
    together: Literal["bout", "day"] = "bout",
) -> pd.DataFrame:
    """The moments of which people said what they were.

    A correction counts more than a label, a later correction more than an earlier one; where two observers say different
    things, nobody is believed. Moments that were no animal are left out, unless they are what is asked for.

    Args:
        home: the home.
        field: what was said of them.
        observed: with what observers have labelled too, not only what was corrected.
        span: only what was said of some of this time; groups are then of what is left.
        held_out: share of the groups to hold out, 0..1. It is by the group's own hash: what is held out today is held
            out for ever, whatever is said later, so that a model is never measured on what an older one has learned.
        together: moments of what was said of one stretch of time on one camera are held out together, or all of a day.

    Returns:
        A row for each moment, `COLUMNS`, in order of camera, time and track.

    Raises:
        StoreError, TableError: if rows or tables cannot be read.
    """
    made = corrections(home.database, span=span)
    said = [_corrected(each) for each in made if each.field == field]
    seen = {
        name: [_labelled(name, row) for row in _of(home, name, field, span)]
        for name in (observers(home.database) if observed else [])
    }
    found = [_moments(home, each) for each in said]
    kept = _last(found) if found else _none()
    views = _agreed([_moments(home, each) for rows in seen.values() for each in rows])
    kept = _last([views, kept])
    if field != "not_an_animal":
        fake = [_moments(home, _corrected(each)) for each in made if each.field == "not_an_animal"]
        kept = _without(kept, pd.concat(fake)) if fake else kept
    spans = [*said, *(each for rows in seen.values() for each in rows)]
    kept["group"] = _groups(home, kept, spans, together)
    kept["held_out"] = np.array([share_of(group) < held_out for group in kept["group"]], bool)
    return kept.sort_values(["camera", "start", "track_id"]).reset_index(drop=True)[list(COLUMNS)]


def _of(home: Home, observer: str, field: Field, span: Span | None) -> list[Label]:
    """The labels of an observer that speak of a field: of behaviour only."""
    return [
        label for label in labels(home.database, observer, span) if field == "behaviour" and label.behaviour != WATCHED
    ]


def _corrected(each: Correction) -> _Said:
    only = each.what != "bout"  # a bout may be of several tracks, one after the other
    return _Said(each.camera, each.span, each.track_id, "", each.value, each.was, each.by, only, each.id)


def _labelled(observer: str, label: Label) -> _Said:
    return _Said(label.camera, label.span, 0, label.subject, label.behaviour, "", observer, False)


def _moments(home: Home, said: _Said) -> pd.DataFrame:
    """The samples that were meant."""
    dates = local_dates(said.span, home.zone)
    days = [with_names(home, home.tables.read(DETECTIONS, date, said.camera), date, said.camera) for date in dates]
    rows = pd.concat(days, ignore_index=True)
    rows = rows[
        (rows["ts"] >= said.span.start) & (rows["ts"] < said.span.end) & ~rows["burst"] & (rows["track_id"] > 0)
    ]
    mine = rows["track_id"] == said.track
    if said.cat:
        mine |= rows["cat"] == said.cat
    alone = not rows.duplicated("ts").any()
    if alone and not said.only:
        # A cat that the house takes for another one is another one; one that it does not know may be this one.
        same = {said.cat, UNKNOWN} if said.cat else set(rows.loc[mine, "cat"]) or set(rows["cat"])
        mine |= rows["cat"].isin(same)
    rows = rows[mine].rename(columns={"ts": "start"})
    period = pd.Timedelta(seconds=home.params.extract.sample_period_s)
    told = rows.assign(end=rows["start"] + period, value=said.value, was=said.was, by=said.by)
    told["correction"] = said.number
    return told[[*COLUMNS[:-2]]]


def _none() -> pd.DataFrame:
    rows = DETECTIONS.empty().rename(columns={"ts": "start"})
    return rows.assign(end=rows["start"], value="", was="", by="", correction=0)[[*COLUMNS[:-2]]]


def _last(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row for each moment: what was said last."""
    filled = [frame for frame in frames if len(frame)] or [_none()]
    return pd.concat(filled, ignore_index=True).drop_duplicates(_WHOSE, keep="last")


def _agreed(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row for each moment of which all who spoke of it said the same."""
    rows = pd.concat([_none(), *(frame for frame in frames if len(frame))], ignore_index=True) if frames else _none()
    same = rows.groupby(_WHOSE)["value"].transform("nunique") == 1
    return rows[same.astype(bool)].drop_duplicates(_WHOSE)


def _without(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    gone = set(others[_WHOSE].itertuples(index=False, name=None))
    stays = [whose not in gone for whose in rows[_WHOSE].itertuples(index=False, name=None)]
    return rows[np.array(stays, bool)].copy()


def _groups(home: Home, rows: pd.DataFrame, said: Sequence[_Said], together: str) -> list[str]:
    """The stretch of time that was spoken of and a moment lies in, or its day."""
    if together == "day":
        return [local_date(start, home.zone).isoformat() for start in rows["start"]]
    stretches = {
        camera: merge([each.span for each in said if each.camera == camera]) for camera in {s.camera for s in said}
    }
    return [
        f"{camera} {iso(next(span.start for span in stretches[camera] if start in span))}"
        for camera, start in zip(rows["camera"], rows["start"], strict=True)
    ]


def share_of(group: str) -> float:
    """A number in 0..1 that is a group's own."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) / 2**64
