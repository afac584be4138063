"""The owner's word, put over what the house read: it decides what a bout is, whose it is, and what is no animal at all.

Corrections only: labels are what observers saw by themselves, to be compared with what the house read, and stay beside it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd

from home.clock import Span, local_day
from home.corrections import Field
from home.folder import Home
from tasks.corrected import labelled

__all__ = ["SAID", "Said", "read_said"]

SAID = ("said", "said_by", "said_was")
"""Columns of detections: the behaviour that people say it was, who says so, and what the house had read; empty for none."""

_SAMPLE = ["camera", "ts", "track_id"]


@dataclass(frozen=True)
class Said:
    """What people said of some days, sample by sample: `camera ts track_id value by was`.

    Attributes:
        behaviour: what it did.
        cat: whose it was; empty where the stage `identify` puts names to tracks, which knows of it too.
        fake: what was no animal.
        posture: how it held itself; the day page tells it, no bout is made of it.
    """

    behaviour: pd.DataFrame
    cat: pd.DataFrame
    fake: pd.DataFrame
    posture: pd.DataFrame

    @property
    def fingerprint(self) -> str:
        """Of all of it, empty where nothing was said: then a home is read as if nobody ever could."""
        frames = (self.behaviour, self.cat, self.fake, self.posture)
        if not any(len(frame) for frame in frames):
            return ""
        return hashlib.sha256("\0".join(frame.to_csv(index=False) for frame in frames).encode()).hexdigest()

    def over(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Detections of one camera's day without those that are no animal, with `SAID`, and with the cats their tracks are said to be."""
        rows = rows.merge(self.fake[_SAMPLE], on=_SAMPLE, how="left", indicator="is_fake")
        rows = rows[rows["is_fake"] == "left_only"].drop(columns="is_fake")
        told = self.behaviour.rename(columns=dict(zip(("value", "by", "was"), SAID, strict=True)))
        rows = rows.merge(told, on=_SAMPLE, how="left").fillna(dict.fromkeys(SAID, ""))
        named = rows[[*_SAMPLE]].merge(self.cat, on=_SAMPLE).groupby("track_id")["value"]
        names = named.agg(lambda values: values.mode().iloc[0])
        return rows.assign(cat=rows["track_id"].map(names).fillna(rows["cat"]).astype(str))


def read_said(home: Home, days: list[dt.date]) -> Said:
    """What people said of some local days, in order.

    Raises:
        StoreError, TableError: if rows or tables cannot be read.
    """
    if home.database.is_new:
        return Said(_none(), _none(), _none(), _none())
    span = Span(local_day(days[0], home.zone).start, local_day(days[-1], home.zone).end)
    asked: tuple[Field, ...] = ("behaviour", "cat", "not_an_animal", "posture")
    told = {field: _samples(labelled(home, field, span=span, observed=False)) for field in asked}
    cat = _none() if home.params.pose.model else told["cat"]
    return Said(told["behaviour"], cat, told["not_an_animal"], told["posture"])


def _samples(told: pd.DataFrame) -> pd.DataFrame:
    return told.rename(columns={"start": "ts"})[[*_SAMPLE, "value", "by", "was"]]


def _none() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "camera": [],
            "ts": pd.to_datetime([], utc=True).as_unit("us"),
            "track_id": [],
            "value": [],
            "by": [],
            "was": [],
        }
    ).astype({"camera": str, "track_id": "int64", "value": str, "by": str, "was": str})
