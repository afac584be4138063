"""Drawn homes of up to four cats through the stages of the night, each cat known by drawn photos: whose time gets which name.

Four cats live in front of one camera, in short stretches over a day and a night, so that each is seen on several tracks. One,
two, three or all of them are enrolled (`catml cats add`), the others are visitors. Every other home is drawn in the style
that nothing was trained on.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from home.clock import Span
from home.ethogram import UNKNOWN
from home.folder import Home, open_home
from home.markdown import table
from home.tables import DETECTIONS, IDENTITIES
from models.detector.boxes import overlap
from simulate.drill import drill
from simulate.light import STYLES
from simulate.routine import Episode
from simulate.scenery import CAMERA_NAMES, CAT_NAMES, Scenery
from tasks.detect import detect
from tasks.enrol import add_photos
from tasks.extract import extract
from tasks.filmed import Plan, filmed
from tasks.identify import identify
from tasks.manifest import manifest
from tasks.portraits import portraits
from tasks.pose import pose

DATE = dt.date(2026, 3, 2)
CAMERA, SIZE = CAMERA_NAMES[0], (1280, 720)
CATS, PHOTOS = 4, 8
PLACES = (
    ("sleeping", "curled"), ("eating", None), ("grooming", None), ("other", "sitting"), ("other", "loafing"), ("other", "window"),
)  # fmt: skip
HOURS = (1, 4, 9, 11, 14, 16, 20, 23)  # of the stretches: two or three at night, one under a lamp
SECONDS = (50, 70)  # of a stretch, in which each cat does one thing in its place: crossings are the tracker's matter
SEED = 77_000  # of the homes; nothing is trained on homes from it
SAME, MOST_HIDDEN = (
    0.3,
    0.75,
)  # overlap of a box and a cat from which it is of that cat, and the part that may be hidden


@dataclass(frozen=True)
class Second:
    """One sample of a cat: whose it is, its coat and light, and what it was named."""

    home: int
    style: str
    cat: str
    light: str
    named: str


def homes_table(work: Path, homes: int, model: Path) -> str:
    """Draw the homes, or find them in `work`; the tables as Markdown."""
    found: dict[int, list[Second]] = defaultdict(list)
    for number in range(homes):
        made, truth = read_home(work / f"home-{number}", SEED + number, STYLES[number % 2], model)
        for known in range(1, CATS + 1):
            told = enrolled(made, known)
            identify(told, DATE, force=True)
            found[known] += list(_seconds(told, truth, number, STYLES[number % 2]))
    rows = [row_of(f"{known} of {CATS} cats known", own, known) for known, own in sorted(found.items())]
    three = found[3]
    for name in STYLES:
        rows.append(row_of(f"3 known, drawn {name}", [each for each in three if each.style == name], 3))
    for name in ("day", "evening", "night"):
        rows.append(row_of(f"3 known, {name}", [each for each in three if each.light == name], 3))
    head = ["", "cat-time, samples", "named", "of the named, right", "wrong, of all", "visitors, samples", "unknown"]
    return f"{homes} drawn homes, {PHOTOS} drawn photos of each cat that is known\n\n{table(head, rows)}"


def read_home(folder: Path, seed: int, style: str, model: Path) -> tuple[Home, pd.DataFrame]:
    """A home after the stages of the night up to `pose`, and the truth of its seconds."""
    scenery = Scenery(seed, 1, CATS, SIZE, style=style)
    diary, spans = _lived(scenery.names, seed)
    truth = filmed(folder, Plan(scenery, diary, spans, 1))
    cats = {name: {"name": name.capitalize()} for name in scenery.names}
    (folder / "home.yaml").write_text(f"timezone: UTC\ncameras: {json.dumps({CAMERA: {}})}\ncats: {json.dumps(cats)}\n")
    home = open_home(folder, {"pose.model": str(model.resolve()), "nightly.threads": "1"})
    manifest(home, DATE)
    for stage in (extract, detect, pose):
        stage(home, DATE, CAMERA)
    bodies = list(scenery.bodies().values())
    for number, each in enumerate(portraits(bodies, PHOTOS, seed, nights=0, style=style)):
        file = folder / "photos" / scenery.names[each.cat] / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), each.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    for name in scenery.names:
        add_photos(home, name, [folder / "photos" / name])
    return home, truth


def enrolled(home: Home, known: int) -> Home:
    """The same home in which only the first cats are known."""
    cats = {name: {"name": name.capitalize()} for name in list(home.config.cats)[:known]}
    path = home.root / "home.yaml"
    path.write_text(f"timezone: UTC\ncameras: {json.dumps({CAMERA: {}})}\ncats: {json.dumps(cats)}\n")
    return open_home(home.root, {"pose.model": home.params.pose.model, "nightly.threads": "1"})


def _lived(names: Sequence[str], seed: int) -> tuple[list[Episode], tuple[Span, ...]]:
    """Stretches of a day, in each of which every cat does something else; they walk away at its end."""
    diary, spans = list[Episode](), list[Span]()
    for turn, hour in enumerate(HOURS):
        start = dt.datetime.combine(DATE, dt.time(hour, 7), dt.UTC)
        ways = np.random.default_rng((seed, turn, 67)).permutation(len(PLACES))
        own = [
            each
            for number, name in enumerate(names)
            for each in drill([name], CAMERA, start, seed * 31 + turn, seconds=SECONDS, ways=[PLACES[ways[number]]])
        ]
        diary += own
        spans.append(Span(start, min(max(each.end for each in own if each.cat == name) for name in names)))
    ends = {span.start: span.end for span in spans}
    last = {each: max(end for start, end in ends.items() if start <= each.start) for each in diary}
    kept = [replace(each, end=min(each.end, last[each])) for each in diary if each.start < last[each]]
    return sorted(kept, key=lambda each: (names.index(each.cat), each.start)), tuple(spans)


def _seconds(home: Home, truth: pd.DataFrame, number: int, style: str) -> Iterator[Second]:
    known = home.tables.read(IDENTITIES, DATE)
    names = known[known["camera"] == CAMERA].set_index("track_id")["cat"].to_dict()
    samples = home.tables.read(DETECTIONS, DATE, CAMERA)
    samples = samples[~samples["burst"]]
    at = {second: rows for second, rows in truth.groupby("second")}
    sides = ["x1", "y1", "x2", "y2"]
    for row in samples.itertuples():
        there = at.get(int(row.ts.timestamp()))
        if there is None:
            continue
        shared = overlap(there[sides].to_numpy(np.float32), np.array([[row.x1, row.y1, row.x2, row.y2]], np.float32))
        best = there.iloc[int(shared[:, 0].argmax())]
        if shared.max() >= SAME and best["hidden"] <= MOST_HIDDEN:
            yield Second(number, style, best["cat"], best["light"], names.get(row.track_id, UNKNOWN))


def row_of(title: str, seconds: Sequence[Second], known: int) -> list[str]:
    """A row of the table: the first `known` cats live here, the others are visitors."""
    own = [each for each in seconds if each.cat in CAT_NAMES[:known]]
    visitors = [each for each in seconds if each.cat not in CAT_NAMES[:known]]
    named = [each for each in own if each.named != UNKNOWN]
    right = sum(each.named == each.cat for each in named)
    return [
        title, str(len(own)), _share(len(named), len(own)), _share(right, len(named)), _share(len(named) - right, len(own)),
        str(len(visitors)), _share(sum(each.named == UNKNOWN for each in visitors), len(visitors)),
    ]  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"
