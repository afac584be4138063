"""What each animal does in every second: as people said it was, else by the moments that a network has read, or by the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS, NEEDS_ZONE, OTHER, UNKNOWN
from home.folder import Home
from models.animals import Seen, animals
from models.behaviour.bout_model import read_bout_model
from models.behaviour.episodes import UNSEEN, smooth
from models.behaviour.rules import RULED, Observed, RuleSettings, behaviours
from models.behaviour.smoother import laid, log_evidence
from models.behaviour.smoother import smooth as most_probable
from tasks.labelling import PROBABILITIES, Evidence, Grid, credible, epoch, until

__all__ = ["Labelled", "label", "told_apart"]

# Where two cameras see one animal, the more telling reading counts: a zone is evidence, `other` is the lack of any.
_TELLING = np.array([{"sleeping": 2, "other": 1}.get(name, 3) for name in BEHAVIOURS])
_WORD = 10  # of a person: more telling than any reading
_RULED = np.array([BEHAVIOURS.index(name) for name in RULED], np.int8)
_CERTAIN = 1e3
"""Log-evidence of what a person said: nothing that is seen outweighs it."""


@dataclass(frozen=True)
class Labelled:
    """One animal on the grid.

    Attributes:
        cat: its id, or `unknown`.
        tracks: names of its tracks, as `Evidence` has them.
        labels: behaviour per second, an index into BEHAVIOURS, or UNSEEN.
        detection: per second the row of `seen` that it was read from, -1 where none.
    """

    cat: str
    tracks: tuple[str, ...]
    labels: NDArray[np.int8]
    detection: NDArray[np.int32]


def told_apart(home: Home) -> tuple[str, ...]:
    """The behaviours that this home's bouts can be of, unless people say so: all of the ethogram, or what the rules know."""
    return BEHAVIOURS if home.params.behave.model else RULED


def label(
    home: Home, evidence: Evidence, recorded: dict[str, NDArray[np.bool_]], anywhere: NDArray[np.bool_], grid: Grid
) -> list[Labelled]:
    """Every animal of the window, the one that was seen longest first."""
    tracks = [rows.sort_values("ts") for _, rows in evidence.rows.groupby("track", sort=True) if credible(rows, home)]
    numbers = animals([_seen(home, rows) for rows in tracks], tolerance_s=home.params.extract.sample_period_s)
    read = _by_moments if home.params.behave.model else _by_rules
    found = []
    for number in sorted(set(numbers)):
        own = [rows for rows, animal in zip(tracks, numbers, strict=True) if animal == number]
        cat = _cat(own[0]) or UNKNOWN
        tracks_of = tuple(str(rows["track"].iloc[0]) for rows in own)
        found.append(Labelled(cat, tracks_of, *read(home, own, evidence, recorded, anywhere, grid)))
    found.sort(key=lambda animal: -int((animal.labels != UNSEEN).sum()))
    # In a home with one cat the owner has said who it is; a second animal at the same time is a stranger.
    if found and len(home.config.cats) == 1 and all(animal.cat == UNKNOWN for animal in found):
        found[0] = replace(found[0], cat=next(iter(home.config.cats)))
    return found


Laid = tuple[NDArray[np.int8], NDArray[np.int32]]


def _by_moments(
    home: Home,
    tracks: list[pd.DataFrame],
    evidence: Evidence,
    recorded: dict[str, NDArray[np.bool_]],
    anywhere: NDArray[np.bool_],
    grid: Grid,
) -> Laid:
    """The most probable course of an animal, from all moments of all cameras that saw it."""
    model = read_bout_model()
    order = [PROBABILITIES[BEHAVIOURS.index(name)] for name in model.behaviours]
    logs, seen = np.zeros((grid.size, len(order))), np.zeros(grid.size, bool)
    detection = np.full(grid.size, -1, np.int32)
    sure = np.zeros(grid.size)
    start, period = grid.window.start.timestamp(), home.params.extract.sample_period_s
    for rows in tracks:
        ts = epoch(rows["ts"]) - start
        said = log_evidence(rows[order].to_numpy(np.float64), model.share)
        for column, name in enumerate(model.behaviours):
            said[rows["said"].to_numpy() == name, column] = _CERTAIN
        own, there = laid(ts, until(home, rows, evidence.looks) - start, said, grid.size, period)
        there &= recorded.get(str(rows["camera"].iloc[0]), np.zeros(grid.size, bool))
        logs[there] += own[there]
        seen |= there
        _best_row(rows, ts, there, detection, sure)
    labels = most_probable(logs, seen, anywhere, model, merge_gap_s=home.params.bouts.merge_gap_s)
    place = np.array([*(BEHAVIOURS.index(name) for name in model.behaviours), UNSEEN], np.int8)
    return place[labels], detection


def _best_row(
    rows: pd.DataFrame,
    ts: NDArray[np.float64],
    there: NDArray[np.bool_],
    detection: NDArray[np.int32],
    sure: NDArray[np.float64],
) -> None:
    """Note for each second of a track the detection it goes back to, the surer one where two cameras see the animal, and the one that people spoke of first of all."""
    seconds = np.flatnonzero(there)
    row = np.clip(np.searchsorted(ts, seconds + 0.5, side="right") - 1, 0, None)
    confidence = (rows["confidence"].to_numpy(np.float64) + (rows["said"] != "").to_numpy())[row]
    better = confidence > sure[seconds]
    detection[seconds[better]] = rows.index.to_numpy(np.int32)[row[better]]
    sure[seconds[better]] = confidence[better]


def _by_rules(
    home: Home,
    tracks: list[pd.DataFrame],
    evidence: Evidence,
    recorded: dict[str, NDArray[np.bool_]],
    anywhere: NDArray[np.bool_],
    grid: Grid,
) -> Laid:
    params = home.params.bouts
    labels, detection = np.full(grid.size, UNSEEN, np.int8), np.full(grid.size, -1, np.int32)
    telling = np.zeros(grid.size, np.int8)
    for rows in tracks:
        _lay(home, rows, evidence.looks, recorded, grid, labels, detection, telling)
    labels = smooth(labels, anywhere, other=OTHER, minimum_s=params.minimum_s, merge_gap_s=params.merge_gap_s)
    return _spoken(labels, detection, evidence.rows["said"]), detection


def _spoken(labels: NDArray[np.int8], detection: NDArray[np.int32], said: pd.Series) -> NDArray[np.int8]:
    """Labels with what people said of single seconds, which a smoother took for slips."""
    word = np.append(_places(said), UNSEEN)  # the last is for seconds without a detection
    return np.where((labels != UNSEEN) & (word[detection] != UNSEEN), word[detection], labels)


def _places(said: pd.Series) -> NDArray[np.int8]:
    """Indices into BEHAVIOURS, UNSEEN where nothing is said."""
    order = {name: place for place, name in enumerate(BEHAVIOURS)}
    return np.array([order.get(name, UNSEEN) for name in said], np.int8)


def _seen(home: Home, rows: pd.DataFrame) -> Seen:
    ts, camera = epoch(rows["ts"]), str(rows["camera"].iloc[0])
    room = home.config.cameras[camera].room if camera in home.config.cameras else ""
    return Seen(ts[0], ts[-1], camera, room, _cat(rows))


def _cat(rows: pd.DataFrame) -> str:
    """The cat of a track; empty where nobody could tell. One that is carried over midnight has its name on either day."""
    names = rows.loc[rows["cat"] != UNKNOWN, "cat"]
    return str(names.mode().iloc[0]) if len(names) else ""


def _lay(
    home: Home,
    rows: pd.DataFrame,
    looks: dict[str, NDArray[np.float64]],
    recorded: dict[str, NDArray[np.bool_]],
    grid: Grid,
    labels: NDArray[np.int8],
    detection: NDArray[np.int32],
    telling: NDArray[np.int8],
) -> None:
    """Lay one track on an animal's grid; where another camera's track lies already, the more telling one stays."""
    camera = str(rows["camera"].iloc[0])
    zones: dict[str, list[list[tuple[float, float]]]] = {}
    if camera in home.config.cameras:
        zones = {kind: home.config.cameras[camera].zones_of(kind) for kind in NEEDS_ZONE.values()}
    ts = epoch(rows["ts"])
    boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(np.float32)
    params = home.params.bouts
    settings = RuleSettings(params.sleeping_after_s, params.zone_after_s, params.still_drift)
    read = behaviours(Observed(ts, boxes, rows["stirring"].to_numpy()), zones, settings)
    read = _RULED[read]
    word = _places(rows["said"])
    footage = recorded.get(camera, np.zeros(grid.size, bool))
    start = grid.window.start.timestamp()
    ends = until(home, rows, looks)
    lays = np.where(word != UNSEEN, word, read)
    weighs = np.where(word != UNSEEN, _WORD, _TELLING[lays])
    for index, row in enumerate(rows.index):
        first, last = int(ts[index] - start), max(int(ts[index] - start) + 1, int(np.ceil(ends[index] - start - 0.5)))
        part = slice(first, min(last, grid.size))
        better = footage[part] & (weighs[index] > telling[part])
        labels[part] = np.where(better, lays[index], labels[part])
        detection[part] = np.where(better, row, detection[part])
        telling[part] = np.where(better, weighs[index], telling[part])
