"""How well cats are told apart: two real ones with whole photo sessions left out, strangers, and drawn homes.

    python -m bench.identity [--photos DIR] [--others DIR] [--model pose.onnx] [--homes 4] [--work DIR]

Photos come as `images/` with YOLO labels in `labels/`, the class is the cat. A session is a day that the file's name tells;
all photos whose name tells none are one session for each program that named them, so that nothing of one occasion is on
both sides. Strangers are cats of `--others`, of which the network's own strangers hold none. Intervals: 95 of 100
resamples of the sessions. Drawn homes are in `bench.identity_homes`; they go through the stages of the night.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.identity_homes import homes_table
from home.errors import CatMLError
from home.markdown import table
from models.detector.pictures import read_image
from models.identity import UNKNOWN, Gallery, Recogniser, named
from models.pose.predict import DEFAULT_WEIGHTS, PoseReader
from models.strangers import FILE, Strangers, read_strangers

LEAST, ALLOWED = 0.9, 0.05  # as params.yaml has them
RESAMPLES = 1000
SHARED = Path("../shared/data")
_DAY = re.compile(r"(20\d{6})[_\d]")
_MARGIN = 4  # levels that a letterbox's margin differs within itself, after JPEG


@dataclass(frozen=True)
class Photos:
    """Coats `[N,D]`, weights `[N]`, cats `[N]`, sessions and sittings `[N]`."""

    coats: NDArray[np.float32]
    weights: NDArray[np.float64]
    cats: NDArray[np.int64]
    sessions: NDArray[np.str_]
    sittings: NDArray[np.int64]


def session_of(name: str) -> str:
    """The day that a file's name begins with, else the program that gave the name."""
    day = _DAY.match(name)
    return day[1] if day else "Snapchat" if name.startswith("Snapchat") else "no date"


def read_photos(reader: PoseReader, folder: Path, *, alone: bool = False) -> Photos:
    """The labelled animals of a folder; with `alone` only those of pictures that show one."""
    coats, weights, cats, sessions, days = [], [], [], [], []
    for path in sorted((folder / "images").iterdir()):
        rows = [
            line.split() for line in (folder / "labels" / f"{path.stem}.txt").read_text().splitlines() if line.strip()
        ]
        if not rows or (alone and len(rows) > 1):
            continue
        values = np.array([[float(value) for value in row[1:5]] for row in rows], np.float32)
        boxes = np.concatenate([values[:, :2] - values[:, 2:] / 2, values[:, :2] + values[:, 2:] / 2], 1).clip(0, 1)
        picture, boxes = without_margins(read_image(path), boxes)
        read = reader.read(picture, boxes)
        session = session_of(path.name)
        for row, coat, points in zip(rows, read.coats, read.keypoints, strict=True):
            coats.append(coat)
            weights.append(float(points[:, 2].mean()))
            cats.append(int(row[0]))
            sessions.append(session)
            days.append(session if _DAY.match(path.name) else path.name)
    return Photos(
        np.array(coats), np.array(weights), np.array(cats), np.array(sessions), np.unique(days, return_inverse=True)[1]
    )  # fmt: skip


def without_margins(
    picture: NDArray[np.uint8], boxes: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A picture and its boxes without the even margins that a letterbox has put around it."""
    away = np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) > _MARGIN
    rows, columns = np.flatnonzero(away.mean(axis=1) > 0.05), np.flatnonzero(away.mean(axis=0) > 0.05)
    if not len(rows) or not len(columns):
        return picture, boxes
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height, width = picture.shape[:2]
    inner = np.ascontiguousarray(picture[top:bottom, left:right])
    moved = (boxes * (width, height, width, height) - (left, top, left, top)) / np.tile((right - left, bottom - top), 2)
    return inner, moved.clip(0, 1).astype(np.float32)


def gallery_of(photos: Photos, chosen: NDArray[np.bool_], names: Sequence[str]) -> Gallery:
    """The chosen photos as a home has them."""
    # photos of one day are one sitting of each cat
    sittings = photos.sittings * len(names) + photos.cats
    return Gallery(tuple(names), photos.coats[chosen], photos.cats[chosen], sittings[chosen])


def left_out(photos: Photos, strangers: Strangers) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether the likelier of the cats is the right one, and what each photo is named, its session left out `[N]`."""
    names = [str(cat) for cat in np.unique(photos.cats)]
    likelier, told = np.zeros(len(photos.cats), bool), np.full(len(photos.cats), UNKNOWN)
    for session in np.unique(photos.sessions):
        own = photos.sessions == session
        recogniser = Recogniser(gallery_of(photos, ~own, names), strangers, least=LEAST, allowed=ALLOWED)
        for index in np.flatnonzero(own):
            ratios = recogniser.track(photos.coats[index : index + 1], photos.weights[index : index + 1])
            likelier[index] = ratios.argmax() == photos.cats[index]
            told[index] = named(ratios[None], [frozenset()], least=LEAST)[0][0]
    return likelier, told


def interval(values: NDArray[np.float64], weights: NDArray[np.float64], sessions: NDArray[np.str_]) -> str:
    """Weighted mean, and its interval under resampling of sessions."""
    rng = np.random.default_rng(0)
    each = [np.flatnonzero(sessions == session) for session in np.unique(sessions)]
    means = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([each[k] for k in rng.integers(0, len(each), len(each))])
        if weights[chosen].sum():
            means.append(np.average(values[chosen], weights=weights[chosen]))
    if not weights.sum():
        return "-"
    low, high = np.percentile(means, (2.5, 97.5))
    return f"{np.average(values, weights=weights):.2f} ({low:.2f}–{high:.2f})"


def real(reader: PoseReader, strangers: Strangers, photos: Photos, others: Photos) -> str:
    """The table of the real cats."""
    likelier, told = left_out(photos, strangers)
    known, one = told != UNKNOWN, np.ones(len(told))
    names = [str(cat) for cat in np.unique(photos.cats)]
    whole = Recogniser(gallery_of(photos, one > 0, names), strangers, least=LEAST, allowed=ALLOWED)
    visitors = np.array(
        [whole.track(coat[None], weight[None]) for coat, weight in zip(others.coats, others.weights, strict=True)]
    )
    kept_out = np.array([cat == UNKNOWN for row in visitors for cat in named(row[None], [frozenset()], least=LEAST)[0]])
    right = told == photos.cats
    balanced = np.mean([likelier[photos.cats == cat].mean() for cat in np.unique(photos.cats)])
    rows = [
        ["the likelier of the two is right", interval(likelier * 1.0, one, photos.sessions)],
        ["… mean of the two cats", f"{balanced:.2f}"],
        ["named", interval(known * 1.0, one, photos.sessions)],
        ["of the named, right", interval(right * 1.0, known * 1.0, photos.sessions)],
        [f"{len(kept_out)} strangers unknown", f"{kept_out.mean():.3f}"],
    ]
    title = f"{len(told)} photos of {len(names)} cats in {len(np.unique(photos.sessions))} sessions, each photo alone"
    return f"{title}\n\n{table(['', 'share'], rows)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="How well cats are told apart.")
    parser.add_argument("--photos", type=Path, default=SHARED / "identity")
    parser.add_argument("--others", type=Path, default=SHARED / "detect" / "breeds")
    parser.add_argument("--model", type=Path, default=DEFAULT_WEIGHTS)
    parser.add_argument("--homes", type=int, default=4, help="drawn homes; 0 for none")
    parser.add_argument("--work", type=Path, help="where drawn homes are kept for the next time")
    options = parser.parse_args(argv)
    try:
        if options.photos.is_dir():
            reader = PoseReader.load(options.model)
            strangers = read_strangers(options.model.with_name(FILE))
            photos, others = read_photos(reader, options.photos), read_photos(reader, options.others, alone=True)
            print(real(reader, strangers, photos, others), flush=True)
        with tempfile.TemporaryDirectory(prefix="catml-") as room:
            if options.homes:
                print(homes_table(options.work or Path(room), options.homes, options.model))
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
