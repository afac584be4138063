"""Does a track stay with its animal? Homes nobody trained on: what share of its samples shows another cat than the rest.

    python -m bench.tracks [--style flat soft] [--seed 501 502 503 504] [--set detect.max_gap_s=60 …] [--out runs/tracks]

The days of `bench.read_bouts`: two cats live in three rooms and meet. Here both have names, so that they are followed as cats
that must be told apart, in a folder of its own: tracks that are there are not made again. A sample is whose true box its own
overlaps most, by 0.3 and more; a track is whose most of its samples are. Samples of two cats that lie in one box count too:
they are either's. Cats come and go, so that beside the tracks stands how often a cat came into sight.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.homes import DATE, WAYS, home_of
from bench.read_bouts import asking, day_plan
from home.folder import open_home
from home.markdown import table
from home.tables import DETECTIONS
from models.detector.boxes import overlap
from tasks.detect import detect
from tasks.extract import extract
from tasks.filmed import Plan, filmed
from tasks.manifest import manifest

SAME = 0.3  # overlap with a true box
MOST_HIDDEN = 0.75  # of a cat that counts as in sight
SIDES = ["x1", "y1", "x2", "y2"]


@dataclass(frozen=True)
class Followed:
    """Samples on tracks, how many of them are on a track of another cat, tracks, and how often a cat came into sight."""

    samples: int = 0
    strays: int = 0
    tracks: int = 0
    visits: int = 0

    def __add__(self, other: Followed) -> Followed:
        return Followed(*(own + its for own, its in zip(vars(self).values(), vars(other).values(), strict=True)))


def followed(found: pd.DataFrame, truth: pd.DataFrame, gap_s: float) -> Followed:
    """How well the tracks of one camera stay with their cats.

    Args:
        found: rows of the table `detections`.
        truth: what `filmed` tells of that camera.
        gap_s: out of sight for longer, a cat comes anew.
    """
    there = {second: rows for second, rows in truth.groupby("second")}
    whose = defaultdict[int, Counter[str]](Counter)
    for row in found[~found["burst"]].itertuples():
        own = there.get(int(row.ts.timestamp()))
        if own is None:
            continue
        shared = overlap(own[SIDES].to_numpy(np.float32), np.array([[row.x1, row.y1, row.x2, row.y2]], np.float32))
        if shared.max() >= SAME:
            whose[row.track_id][own["cat"].iloc[int(shared[:, 0].argmax())]] += 1
    seen = truth[truth["hidden"] <= MOST_HIDDEN].sort_values("second")
    visits = sum(1 + int((own["second"].diff() > gap_s).sum()) for _, own in seen.groupby("cat"))
    samples = sum(cats.total() for cats in whose.values())
    return Followed(samples, samples - sum(max(cats.values()) for cats in whose.values()), len(whose), visits)


def in_home(folder: Path, plan: Plan, settings: dict[str, str]) -> Followed:
    """Film a home unless it is there, find and follow its cats as a night does, and count."""
    truth = filmed(folder, plan)
    home_of(folder, plan, settings, WAYS[0])
    named = "".join(f"  {cat}: {{name: {cat.capitalize()}}}\n" for cat in plan.scenery.names)
    with (folder / "home.yaml").open("a", encoding="utf-8") as file:
        file.write(f"cats:\n{named}")
    home = open_home(folder, settings)
    manifest(home, DATE)
    total = Followed()
    for camera in plan.cameras:
        extract(home, DATE, camera)
        detect(home, DATE, camera)
        own = truth[truth["camera"] == camera]
        total += followed(home.tables.read(DETECTIONS, DATE, camera), own, home.params.detect.max_gap_s)
    return total


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = asking(__doc__, "runs/tracks").parse_args(argv)
    settings, rows = dict(line.split("=", 1) for line in options.set), []
    for style in options.style:
        for seed in options.seed:
            own = in_home(options.out / f"home-{seed}-{style}", day_plan(seed, style), settings)
            rows.append((f"home {seed}, {style}", own))
    rows.append(("together", sum((own for _, own in rows), Followed())))
    head = ["", "samples", "on the track of another cat", "tracks", "a cat came into sight"]
    lines = [
        [
            name,
            str(own.samples),
            f"{own.strays} ({own.strays / max(own.samples, 1):.1%})",
            str(own.tracks),
            str(own.visits),
        ]
        for name, own in rows
    ]
    print(table(head, lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
