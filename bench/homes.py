"""How well a night reads what cats do: simulated homes nobody trained on, from footage to bouts, against their diary.

    python -m bench.homes [--style flat soft] [--seed 401 …] [--set behave.model=FILE …] [--minutes 15] [--out runs/homes]

Two cats live a day before two cameras; their liveliest minutes of the night and of the day are filmed at 5 frames a second
(kept in `--out`, with what the stages read, so that another network costs only what comes after it). The stages of the night
read them three times: with the behaviour network and the home's zones, with the network and no zone at all, and by the rules.

Seconds: a cat counts where at most three quarters of it are hidden; what is said of a cat that is hidden deeper is neither
right nor wrong. Cats are counted, not named: at each second as many as do something are held against as many as were said to.
Bouts: those of 30 s and more at an intersection over union of 0.5, shorter ones where they overlap give or take 5 s
(`models/behaviour/matching.py`). The budget is of what was done for five minutes or more of the film.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.seeing.homes import DATE, home_plan
from home.ethogram import BEHAVIOURS, OTHER
from home.folder import Home, open_home
from home.markdown import table
from home.tables import BOUTS
from models.behaviour.episodes import Episode
from models.behaviour.matching import same_bouts
from simulate.grade import in_sight
from tasks.behave import behave
from tasks.bouts import bouts
from tasks.detect import detect
from tasks.extract import extract
from tasks.filmed import Plan, filmed
from tasks.manifest import manifest
from tasks.pose import pose

SEEDS = (403, 404)  # 401 and 402 were looked at while things were decided
FPS = 5
MOST_HIDDEN = 0.75
LONG_S = 300  # done this long in the film, a behaviour has a budget
WAYS = ("zones", "no zones", "rules")
MODELS = {
    "pose.model": "models/pose/weights/pose.onnx",
    "behave.model": "models/behaviour/weights/behaviour.onnx",
}

Array = NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """One home read in one way.

    Attributes:
        style: of drawing.
        way: one of WAYS.
        seconds: by light (`day`, `night`) true, found and both cat-seconds of each behaviour `[2, K, 3]`.
        bouts: true, found and same `[K, 3]`.
    """

    style: str
    way: str
    seconds: Array
    bouts: Array


def read_home(folder: Path, plan: Plan, settings: dict[str, str]) -> list[Score]:
    """Film a home unless it is there, and read it in all ways."""
    truth = filmed(folder, plan)
    style, scores = plan.scenery.style, []
    for way in WAYS:
        home = home_of(folder, plan, settings, way)
        if way == WAYS[0]:
            read_before(home, plan)
        for camera in plan.cameras:
            behave(home, DATE, camera)
        bouts(home, DATE, force=True)
        scores.append(Score(style, way, _seconds(home, plan, truth), _bouts(home, plan)))
    return scores


def read_before(home: Home, plan: Plan) -> None:
    """The stages before behaviour."""
    manifest(home, DATE)
    for stage in (extract, detect, pose):
        for camera in plan.cameras:
            stage(home, DATE, camera)


def home_of(folder: Path, plan: Plan, settings: dict[str, str], way: str) -> Home:
    """The home with or without zones, with or without the networks."""
    cameras: dict[str, dict[str, Any]] = {name: {"room": name} for name in plan.cameras}
    if way != "no zones":
        for name, own in cameras.items():
            zones = plan.scenery.zones(name).items()
            own["zones"] = {zone: [list(at) for at in polygon] for zone, polygon in zones}
    (folder / "home.yaml").write_text(f"timezone: UTC\ncameras: {json.dumps(cameras)}\n", encoding="utf-8")
    models = {name: str(Path(file).resolve()) for name, file in MODELS.items()} | settings
    return open_home(folder, models | ({"behave.model": '""'} if way == "rules" else {}))


def _seconds(home: Home, plan: Plan, truth: pd.DataFrame) -> Array:
    """True, found and both, by light and behaviour; of the filmed seconds only."""
    best = truth.sort_values("hidden").drop_duplicates(["second", "cat"])
    dark = set(best.loc[best["light"] == "night", "second"])
    counts = np.zeros((2, len(BEHAVIOURS), 3), np.int64)
    found = home.tables.read(BOUTS, DATE)
    for span in plan.stretches:
        begin, size = int(span.start.timestamp()), round(span.seconds)
        said, seen, hidden = (np.zeros((size, len(BEHAVIOURS)), np.int64) for _ in range(3))
        for row in found.itertuples():
            first, last = (round(edge.timestamp()) - begin for edge in (row.start, row.end))
            said[max(first, 0) : max(last, 0), BEHAVIOURS.index(row.behaviour)] += 1
        own = best[(best["second"] >= begin) & (best["second"] < begin + size)]
        for second, cat, share in zip(own["second"], own["cat"], own["hidden"], strict=True):
            episode = next(e for e in plan.diary if e.cat == cat and e.start.timestamp() <= second < e.end.timestamp())
            (seen if share <= MOST_HIDDEN else hidden)[second - begin, BEHAVIOURS.index(episode.behaviour)] += 1
        said = np.maximum(said - np.clip(said - seen, 0, hidden), 0)  # of the hidden nothing is asked
        night = np.array([begin + second in dark for second in range(size)])
        for light, part in enumerate((~night, night)):
            counts[light] += np.stack([each[part].sum(0) for each in (seen, said, np.minimum(seen, said))], axis=1)
    return counts


def _bouts(home: Home, plan: Plan) -> Array:
    def told(behaviour: str, start: pd.Timestamp, end: pd.Timestamp) -> Episode:
        first, last = round(start.timestamp()), round(end.timestamp())
        return Episode(first, last, BEHAVIOURS.index(behaviour), last - first)

    true = [told(b.behaviour, b.start, b.end) for b in in_sight(plan.diary, BEHAVIOURS)]
    found = [told(row.behaviour, row.start, row.end) for row in home.tables.read(BOUTS, DATE).itertuples()]
    return same_bouts(true, found, len(BEHAVIOURS))


def f1(counts: Array) -> NDArray[np.float64]:
    """F1 of each row of true, found and both `[…, 3]`; NaN where there is nothing true."""
    true, found, both = np.moveaxis(counts.astype(float), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(true > 0, 2 * both / (true + found), np.nan)


def as_markdown(scores: Sequence[Score]) -> str:
    """The tables of all homes together."""
    head = ["style", "read", "macro-F1", "by day", "by night", "bouts: F1", "budget off by at most", "meals", "visits"]
    rows, each = [], []
    for style, way in dict.fromkeys((score.style, score.way) for score in scores):
        own = [score for score in scores if (score.style, score.way) == (style, way)]
        seconds, pairs = sum(score.seconds for score in own), sum(score.bouts for score in own)
        named = [k for k in range(len(BEHAVIOURS)) if k != OTHER]
        both = pairs[named].sum(0)
        whole = seconds.sum(0)
        long = whole[:, 0] >= LONG_S
        off = np.abs(whole[:, 1] - whole[:, 0])[long] / whole[long, 0]
        events = [pairs[BEHAVIOURS.index(name)] for name in ("eating", "using_litter_box")]
        figures = [np.nanmean(f1(part)) for part in (whole, *seconds)]
        rows.append([
            style, way, *(f"{value:.3f}" for value in figures), f"{2 * both[2] / max(both[0] + both[1], 1):.3f}",
            f"{100 * off.max(initial=0):.0f} %", *(f"{event[1]} of {event[0]}" for event in events),
        ])  # fmt: skip
        each.append([style, way, *(f"{value:.2f}" for value in f1(whole))])
    return "\n".join([
        table(head, rows), "F1 over seconds by behaviour:", "",
        table(["style", "read", *BEHAVIOURS], each),
        "Seconds in which it was done: " + ", ".join(
            f"{name} {count}" for name, count in zip(BEHAVIOURS, scores[0].seconds.sum(0)[:, 0], strict=True)
        ) + " (first home).",
    ])  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--style", nargs="+", default=["flat", "soft"], choices=["flat", "soft"])
    parser.add_argument("--seed", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--set", action="append", default=[], metavar="stage.param=value", help="as in catml")
    parser.add_argument("--minutes", type=int, default=15, help="of each of two stretches that are filmed")
    parser.add_argument("--out", type=Path, default=Path("runs/homes"), help="where footage is kept")
    parser.add_argument("--film", action="store_true", help="film only")
    options = parser.parse_args(argv)
    settings = dict(line.split("=", 1) for line in options.set)
    scores: list[Score] = []
    for style in options.style:
        for seed in options.seed:
            folder, plan = options.out / f"home-{seed}-{style}", home_plan(seed, style, options.minutes)
            plan = replace(plan, fps=FPS)
            if options.film:
                filmed(folder, plan)
                continue
            scores += read_home(folder, plan, settings)
            print(f"home {seed}, {style}", flush=True)
    if scores:
        print("\n" + as_markdown(scores))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
