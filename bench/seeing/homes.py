"""Recall against the diary of simulated homes, by size, light and how much of the cat is hidden."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from bench.seeing.figures import percent, ratio
from bench.seeing.night import a_home, looked_at, night
from home.clock import Span
from home.config import Place
from home.markdown import table
from models.detector.boxes import overlap
from models.detector.marks import SIZES
from simulate.home import CAT_NAMES
from simulate.living import Household, clipped, lived_diary, liveliest
from simulate.scenery import Scenery, seen_places
from tasks.filmed import Plan, filmed

__all__ = ["TUNED_ON", "as_markdown", "home_plan", "seen_in_home"]

SEEDS = (201, 202, 203)  # of the homes that the tables are made of
TUNED_ON = (101, 102)  # of those that the tracking was tuned on
DATE = dt.date(2026, 3, 2)
CAMERAS, CATS, MINUTES = 2, 2, 20
BY_DAY, BY_NIGHT = (7, 18), (0, 6)  # hours between which the liveliest stretch is looked for
HIDDEN = {"whole": (0.0, 0.1), "to a third": (0.1, 0.33), "to two thirds": (0.33, 0.67), "nearly all": (0.67, 1.01)}
SAME = 0.2  # a box that overlaps a cat by less is of something else; one around two cats is of one of them
SIDES = ["x1", "y1", "x2", "y2"]


def home_plan(seed: int, style: str, minutes: int = MINUTES) -> Plan:
    """Two cats in front of two cameras, at their liveliest by day and by night."""
    zone, cats = ZoneInfo("UTC"), CAT_NAMES[:CATS]
    household = Household(seen_places(CAMERAS), cats, zone, seed, Place(latitude=52.5, longitude=13.4))
    midnight = dt.datetime.combine(DATE, dt.time(), dt.UTC)
    # Every cat begins out of sight: a day to settle in.
    diary = lived_diary(household, midnight - dt.timedelta(days=1), midnight + dt.timedelta(days=1))
    parts = [Span(*(midnight + dt.timedelta(hours=hour) for hour in hours)) for hours in (BY_NIGHT, BY_DAY)]
    stretches = tuple(liveliest(diary, part, minutes) for part in parts)
    shown = [episode for span in stretches for episode in clipped(diary, span.start, span.end)]
    return Plan(Scenery(seed, CAMERAS, CATS, zone=zone, style=style), shown, stretches)


def seen_in_home(folder: Path, plan: Plan, settings: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One home: the truth with what the night found of it, and the seconds in which no cat was in sight.

    Returns:
        First: the truth, with `size`, `block` (what is drawn together), `found` (the second is one with presence of
        this cat), `looked` (the detector was given this second) and `boxed` (a tracked box on it has an overlap of 0.5
        or more). Second: `block`, `light` and `false` for each second of a camera without a cat in sight.
    """
    truth = filmed(folder, plan)
    home = a_home(folder, plan.cameras, settings)
    rows = night(home, [DATE], with_bouts=False)
    told, empty = [], []
    for camera in plan.cameras:
        own, seen = truth[truth["camera"] == camera], rows[rows["camera"] == camera]
        found, present, boxed = _found(own, seen)
        looks = set(looked_at(home, DATE, camera).tolist())
        pairs = list(zip(own["second"], own["cat"], strict=True))
        name = f"{plan.scenery.seed} {plan.scenery.style} {camera}"
        told.append(
            own.assign(
                size=np.sqrt((own["x2"] - own["x1"]) * (own["y2"] - own["y1"])),
                block=[f"{name} {second // 300}" for second in own["second"]],
                found=[pair in found for pair in pairs],
                looked=[second in looks for second in own["second"]],
                boxed=[pair in boxed for pair in pairs],
            )
        )
        empty.append(_without_a_cat(plan, set(own["second"]), present, name))
    return pd.concat(told), pd.concat(empty)


def _found(truth: pd.DataFrame, seen: pd.DataFrame) -> tuple[set[tuple[int, str]], set[int], set[tuple[int, str]]]:
    """Which (second, cat) have presence, which seconds have any, and which (second, cat) have a box on the cat."""
    at = {second: rows for second, rows in truth.groupby("second")}
    found, present, boxed = set[tuple[int, str]](), set[int](), set[tuple[int, str]]()
    for _, track in seen.groupby("track", sort=True):
        cats: list[str | None] = []
        for row in track.itertuples():
            cat, shared = _cat_of(at.get(int(row.begin)), [row.x1, row.y1, row.x2, row.y2])
            cats.append(cat)
            if cat is not None and shared >= 0.5:
                boxed.add((int(row.begin), cat))
        for index, row in enumerate(track.itertuples()):
            seconds = range(int(row.begin), max(int(row.begin) + 1, int(np.ceil(row.until - 0.5))))
            present.update(seconds)
            # Between two boxes of a track either says whose it is.
            for cat in {cats[index], *cats[index + 1 : index + 2]} - {None}:
                found.update((second, cat) for second in seconds)
    return found, present, boxed


def _cat_of(truth: pd.DataFrame | None, box: list[float]) -> tuple[str | None, float]:
    if truth is None:
        return None, 0.0
    shared = overlap(truth[SIDES].to_numpy(np.float32), np.array([box], np.float32))[:, 0]
    best = int(shared.argmax())
    return (str(truth["cat"].iloc[best]) if shared[best] >= SAME else None), float(shared[best])


def _without_a_cat(plan: Plan, taken: set[int], present: set[int], name: str) -> pd.DataFrame:
    seconds = [s for span in plan.stretches for s in range(int(span.start.timestamp()), int(span.end.timestamp()))]
    free = [second for second in seconds if second not in taken]
    return pd.DataFrame(
        {
            "block": [f"{name} {second // 300}" for second in free],
            "false": np.array([second in present for second in free], bool),
        }
    )


def as_markdown(truth: pd.DataFrame, empty: pd.DataFrame) -> str:
    """Recall by light, size and hidden part, style by style, and presence where no cat is in sight."""
    styles = sorted({block.split()[1] for block in truth["block"]}, reverse=True)
    head = ["", *(f"{style}: {what}" for style in styles for what in ("seconds", "found", "pictures"))]
    of_style = {style: truth[[block.split()[1] == style for block in truth["block"]]] for style in styles}
    rows = [["all", *(cell for style in styles for cell in _cells(of_style[style]))]]
    for light in ("day", "evening", "night"):
        rows.append([light, *(cell for s in styles for cell in _cells(of_style[s][of_style[s]["light"] == light]))])
    for what, column, bounds in (("", "size", SIZES), ("hidden: ", "hidden", HIDDEN)):
        for name, (least, most) in bounds.items():
            parts = [of_style[s][(of_style[s][column] >= least) & (of_style[s][column] < most)] for s in styles]
            rows.append([f"{what}{name}", *(cell for part in parts for cell in _cells(part))])
    rows = [row for row in rows if any(row[1:])]
    false = ratio(empty["false"], np.ones(len(empty)), empty["block"])
    return (
        f"{table(head, rows)}\n\n"
        f"In the {len(empty)} s of a camera without a cat in sight there is presence in {percent(false)}."
    )


def _cells(part: pd.DataFrame) -> list[str]:
    """Seconds, share found, and of the pictures that the detector was given the share with a box on the cat."""
    if not len(part):
        return ["", "", ""]
    looks = part[part["looked"]]
    found = ratio(part["found"], np.ones(len(part)), part["block"])
    boxed = ratio(looks["boxed"], np.ones(len(looks)), looks["block"])
    return [str(len(part)), percent(found), percent(boxed)]
