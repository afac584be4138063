"""What a person points at, `BOUT`, `CAMERA TIME`, `CAMERA START END` or `CAMERA/DATE/TRACK`, found in the tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from home.clock import Span, local_date, local_dates, parse_moment
from home.corrections import What
from home.errors import WrongUse
from home.folder import Home
from home.look import clock_time, listed
from home.names import with_names
from home.tables import BOUTS, DETECTIONS

__all__ = ["Pointed", "bout_of", "point", "track_of"]

_FORMS = "BOUT (its card on the day page has it), CAMERA TIME, CAMERA START END or CAMERA/DATE/TRACK"
_TRACK = re.compile(r"(?P<camera>[^/]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<track>\d+)")
# So many bouts or tracks are told of where none is at the time that was named.
_NEAR = 3


@dataclass(frozen=True)
class Pointed:
    """What a correction is of.

    Attributes:
        what: a bout, a track of a local day, or a moment: some time of a track.
        camera: id of the camera.
        span: its time, UTC.
        track_id: the track on that camera; 0 where the tables know none.
        behaviour: what the house took it for; empty for a track.
        cat: id of the cat it was taken for.
    """

    what: What
    camera: str
    span: Span
    track_id: int
    behaviour: str
    cat: str


def point(home: Home, words: Sequence[str], track: int | None = None) -> Pointed:
    """Find what is meant.

    Args:
        home: the home.
        words: what was typed; times are local unless they carry an offset.
        track: of `CAMERA START END`, which of several animals.

    Raises:
        WrongUse: if there is no such thing; says what there is near it.
    """
    if len(words) == 1:
        found = _TRACK.fullmatch(words[0])
        return track_of(home, words[0]) if found or "/" in words[0] else bout_of(home, words[0])
    if len(words) not in (2, 3):
        raise WrongUse(f"say what was wrong: {_FORMS}")
    home.camera(words[0])
    start, *end = [_moment(home, word) for word in words[1:]]
    if not end:
        return _bout_at(home, words[0], start)
    if end[0] <= start:
        raise WrongUse(f"END {words[2]} must lie after START {words[1]}")
    return _moments(home, words[0], Span(start, end[0]), track)


def bout_of(home: Home, name: str) -> Pointed:
    """The bout of an id; one over midnight is one.

    Raises:
        WrongUse: if no day has it.
    """
    plain = name.removeprefix("#").removeprefix("bout-")
    parts: list[pd.Series] = []
    for date in reversed(home.tables.dates(BOUTS)):
        day = home.tables.read(BOUTS, date)
        parts += [row for _, row in day[day["bout_id"] == plain].iterrows()]
        if parts and not any(part["continues_before"] for part in parts):
            break
    if not parts:
        raise WrongUse(f"no bout {name!r} on any day; {_FORMS}. A day that was read again may have given it a new id")
    return _as_pointed(home, parts)


def track_of(home: Home, name: str) -> Pointed:
    """The track of `CAMERA/DATE/NUMBER`, from its first detection to its last.

    Raises:
        WrongUse: if it is none, or that camera has no such track on that day.
    """
    match = _TRACK.fullmatch(name)
    if match is None:
        raise WrongUse(f"{name!r} is no track; a track is CAMERA/DATE/NUMBER, e.g. kitchen/2026-03-01/4")
    camera, track = match["camera"], int(match["track"])
    home.camera(camera)
    try:
        date = dt.date.fromisoformat(match["date"])
    except ValueError:
        raise WrongUse(f"{name!r}: {match['date']} is not a date") from None
    seen = _tracks(home, camera, [date])
    mine = seen[seen["track_id"] == track]
    if mine.empty:
        there = listed(str(number) for number in sorted(set(seen["track_id"]))) or "none"
        raise WrongUse(f"no track {track} of {camera} on {date}; there are: {there}")
    end = mine["ts"].max().to_pydatetime() + dt.timedelta(seconds=home.params.extract.sample_period_s)
    return Pointed("track", camera, Span(mine["ts"].min().to_pydatetime(), end), track, "", _most(mine["cat"]))


def _bout_at(home: Home, camera: str, moment: dt.datetime) -> Pointed:
    bouts = _bouts(home, camera, [local_date(moment, home.zone)])
    here = bouts[(bouts["start"] <= moment) & (bouts["end"] > moment)]
    if here.empty:
        raise WrongUse(f"no bout on {camera} at {_clock(home, moment)}; {_near(home, bouts, moment)}")
    if len(here) > 1:
        raise WrongUse(f"{len(here)} bouts on {camera} at {_clock(home, moment)}; say which: {_listed(home, here)}")
    # By its id: a part of it may lie over midnight.
    return bout_of(home, str(here.iloc[0]["bout_id"]))


def _moments(home: Home, camera: str, span: Span, track: int | None) -> Pointed:
    dates = local_dates(span, home.zone)
    seen = _tracks(home, camera, dates)
    spans = seen.groupby("track_id")["ts"].agg(["min", "max"])
    there = [int(number) for number in spans.index[(spans["min"] < span.end) & (spans["max"] >= span.start)]]
    when = f"{_clock(home, span.start)} to {_clock(home, span.end)}"
    if not there:
        near = _near(home, _bouts(home, camera, dates), span.start)
        raise WrongUse(f"no animal was found on {camera} from {when}; {near}")
    if (track is None and len(there) > 1) or (track is not None and track not in there):
        raise WrongUse(f"on {camera} from {when} there are the tracks {listed(map(str, there))}; say --track NUMBER")
    number = there[0] if track is None else track
    bouts = _bouts(home, camera, dates)
    within = bouts[(bouts["start"] < span.end) & (bouts["end"] > span.start)]
    behaviour = str(within.iloc[0]["behaviour"]) if len(within) == 1 else ""
    return Pointed("moment", camera, span, number, behaviour, _most(seen.loc[seen["track_id"] == number, "cat"]))


def _as_pointed(home: Home, parts: Sequence[pd.Series]) -> Pointed:
    """A bout from its parts on one day or more; its track is that of its best detection."""
    span = Span(min(p["start"] for p in parts).to_pydatetime(), max(p["end"] for p in parts).to_pydatetime())
    best = max(parts, key=lambda part: part["confidence"])
    seen = _tracks(home, best["camera"], local_dates(span, home.zone))
    mine = seen[(seen["chunk"] == best["chunk"]) & ((seen["offset_s"] - best["offset_s"]).abs() < 1e-3)]
    mine = mine[(mine[["x1", "y1", "x2", "y2"]].to_numpy() == [best[side] for side in ("x1", "y1", "x2", "y2")]).all(1)]
    track = int(mine.iloc[0]["track_id"]) if len(mine) else 0
    return Pointed("bout", str(best["camera"]), span, track, str(best["behaviour"]), str(best["cat"]))


def _tracks(home: Home, camera: str, dates: Sequence[dt.date]) -> pd.DataFrame:
    """Detections that belong to a track."""
    days = [with_names(home, home.tables.read(DETECTIONS, date, camera), date, camera) for date in dates]
    seen = pd.concat(days, ignore_index=True)
    return seen[seen["track_id"] > 0]


def _bouts(home: Home, camera: str, dates: Sequence[dt.date]) -> pd.DataFrame:
    bouts = pd.concat([home.tables.read(BOUTS, date) for date in dates], ignore_index=True)
    return bouts[np.array([camera in cameras for cameras in bouts["cameras"]], bool)]


def _near(home: Home, bouts: pd.DataFrame, moment: dt.datetime) -> str:
    if bouts.empty:
        date = local_date(moment, home.zone)
        return f"there is none on {date} at all (`catml nightly --date {date}` reads that day)"
    away = [max((row.start - moment).total_seconds(), (moment - row.end).total_seconds()) for row in bouts.itertuples()]
    return f"near are: {_listed(home, bouts.assign(away=away).nsmallest(_NEAR, 'away').sort_values('start'))}"


def _listed(home: Home, bouts: pd.DataFrame) -> str:
    return "; ".join(
        f"{row.bout_id} {clock_time(row.start, home.zone, True)} to {clock_time(row.end, home.zone, True)} {row.behaviour} ({row.cat})"
        for row in bouts.itertuples()
    )


def _most(names: pd.Series) -> str:
    return str(names.mode().iloc[0]) if len(names) else ""


def _clock(home: Home, moment: dt.datetime) -> str:
    return f"{moment.astimezone(home.zone):%Y-%m-%d %H:%M:%S}"


def _moment(home: Home, word: str) -> dt.datetime:
    try:
        return parse_moment(word, home.zone)
    except ValueError as error:
        reason = str(error) if "clocks" in str(error) else f"{word!r} is not a time, e.g. 2026-03-01T08:00 (local)"
        raise WrongUse(reason) from None
