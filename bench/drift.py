"""Whether drawn changes of season, lamp and camera angle are told within two nights, and ordinary nights are left alone.

    python -m bench.drift [--rooms] [--behave FILE] [--pose FILE] [--keep DIR] [--nights 56] [--seed 401 402 …] [--style soft]

Two cats live in a drawn home that no model learned from. Of each night single moments are drawn: four an hour, in which the room
is looked at as `extract` looks at it, and some in which a cat is in sight, read by the detector, the pose network and the
classifier (as stills: no bursts; `--rooms` leaves them out). They are compared as stage `drift` compares them: the first nights
only serve to compare with, the others must stay quiet. Then the last two nights are drawn once more with each change.
What is read is kept in DIR, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.changed_rooms import CAMERA, CHANGES, START, Relight, as_it_was, drawn
from home.clock import UTC
from home.ethogram import BEHAVIOURS
from home.frame import Frame
from home.markdown import table
from home.params import Params
from models.behaviour.body import Moments
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import ZONE_KINDS, evidence
from models.detector.predict import Detector
from models.drift import WATCHED, Night, deviations, learn_reference, read_trained
from models.page_test import CHANCE, Watch, watch
from models.pose.predict import DEFAULT_WEIGHTS, PoseReader
from models.scene import Look, look_at, median_look
from models.scene_drift import GAP, MOST, SHOWN, Scene, scene_deviations
from simulate.living import Household, lived_diary
from simulate.routine import Episode
from simulate.scenery import Scenery, seen_places

SIZE, SMALL = (960, 540), (480, 270)  # what networks look at; what becomes a thumbnail
CHANGED_NIGHTS = 2
LOOKS_AN_HOUR = 4
Made = dict[int, dict[str, NDArray[np.generic]]]
"""By night: arrays by name."""
Pictures = Iterator[tuple[int, dt.datetime, NDArray[np.uint8]]]


@dataclass(frozen=True)
class Readers:
    """Who looks at the drawn pictures of cats."""

    detector: Detector
    pose: PoseReader
    classifier: BehaviourReader


def moments_of(diary: Sequence[Episode], nights: Sequence[int], most: int, seed: int) -> list[tuple[int, dt.datetime]]:
    """Moments in which a cat is in front of the camera, at most so many a night, in no particular order."""
    found = []
    for night in nights:
        begin = START + dt.timedelta(days=night)
        minutes = [begin + dt.timedelta(minutes=minute) for minute in range(24 * 60)]
        here = [e for e in diary if e.camera == CAMERA and e.start < minutes[-1] and e.end > begin]
        seen = [ts for ts in minutes if any(e.start <= ts < e.end for e in here)]
        rng = np.random.default_rng((seed, night))
        chosen = rng.choice(len(seen), min(most, len(seen)), replace=False)
        found += [(night, seen[place]) for place in sorted(chosen)]
    return found


def by_the_hour(nights: Sequence[int]) -> list[tuple[int, dt.datetime]]:
    """Moments evenly over the days, whoever is in sight."""
    minutes = np.arange(0, 24 * 60, 60 // LOOKS_AN_HOUR) + 7
    return [(night, START + dt.timedelta(days=night, minutes=int(minute))) for night in nights for minute in minutes]


def read_room(pictures: Pictures) -> Made:
    """What `extract` and `drift` make of the room."""
    looks: dict[int, dict[int, list[Look]]] = {}
    for night, ts, yuv in pictures:
        frame = Frame(0.0, True, 0, av.VideoFrame.from_ndarray(yuv, format="yuv420p"))
        looks.setdefault(night, {}).setdefault(ts.hour, []).append(look_at(frame.grey(160), frame.colours()))
    made = {}
    for night, hours in sorted(looks.items()):
        medians = [median_look(hours[hour]) for hour in range(24)]
        parts = {"tones": np.array([own.tones for own in medians], float)}
        parts["colours"] = np.array([own.colours for own in medians], float)
        made[night] = {**parts, "layouts": np.array([own.layout for own in medians], np.float32)}
    return made


def read_cats(readers: Readers, scenery: Scenery, pictures: Pictures) -> Made:
    """What is read of the cats of each night."""
    rows: dict[int, list[tuple[float, NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]] = {}
    least = Params().detect.confidence
    for night, _, yuv in pictures:
        picture = np.asarray(cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB_I420), np.uint8)
        found = readers.detector.detect([picture], least)[0]
        boxes = np.asarray(found.boxes, np.float32)
        told = readers.pose.read(picture, boxes)
        rows.setdefault(night, []).extend(zip(found.scores, boxes, told.keypoints, told.looks, strict=True))
    polygons = {kind: [own] for kind, own in scenery.zones(CAMERA).items() if kind in ZONE_KINDS}
    return {night: _cats(readers.classifier, own, polygons) for night, own in sorted(rows.items())}


def _cats(classifier: BehaviourReader, rows: list[tuple], polygons: dict) -> dict[str, NDArray[np.generic]]:
    seen, boxes, keypoints, looks = (np.array(column, float) for column in zip(*rows, strict=True))
    count = len(seen)
    own = evidence(
        Moments(np.zeros(count), np.arange(count), boxes, SIZE[0] / SIZE[1], keypoints, looks=looks), polygons
    )
    order = np.array([BEHAVIOURS.index(name) for name in classifier.description.behaviours])
    return {"confidence": seen, "classes": order[classifier.probabilities(own).argmax(axis=1)], "looks": looks}


def kept(path: Path | None, nights: Sequence[int], make: Callable[[Sequence[int]], Made]) -> Made:
    """Nights that were read before, and the others, which are read and kept now, twenty at a time."""
    there: Made = {}
    for begin in range(0, len(nights), 20):
        part = nights[begin : begin + 20]
        file = path and path.with_name(f"{path.name}-{part[0]}-{part[-1]}.npz")
        if file and file.is_file():
            with np.load(file) as content:
                for name in content.files:
                    word, night = name.split(".")
                    there.setdefault(int(night), {})[word] = content[name]
            continue
        made = make(part)
        if file:
            named = {f"{word}.{night}": own for night, parts in made.items() for word, own in parts.items()}
            np.savez_compressed(file, allow_pickle=False, **named)
        there |= made
    return there


def main() -> None:
    """`python -m bench.drift`."""
    parser = argparse.ArgumentParser(description="Whether drawn changes are told, and ordinary nights are left alone.")
    parser.add_argument("--rooms", action="store_true", help="only what rooms look like; no network is asked")
    parser.add_argument("--behave", default="models/behaviour/weights/behaviour.onnx", metavar="FILE")
    parser.add_argument("--pose", default=str(DEFAULT_WEIGHTS), metavar="FILE")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("--nights", type=int, default=56, help="the first 14 are the reference, two more stand between")
    parser.add_argument("--moments", type=int, default=64, help="with a cat, a night")
    parser.add_argument("--seed", type=int, nargs="+", default=[401])
    parser.add_argument("--style", default="soft", help="of drawing")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    readers = None
    if not options.rooms:
        pose = PoseReader.load(options.pose, runtime="onnxruntime")
        readers = Readers(Detector.load(threads=1), pose, BehaviourReader.load(options.behave))
    for seed in options.seed:
        rooms, cats = nights_of(seed, options, None), nights_of(seed, options, readers) if readers else {}
        print(report(seed, rooms, cats, options), flush=True)


def nights_of(seed: int, options: argparse.Namespace, readers: Readers | None) -> dict[str, Made]:
    """Of the ordinary nights (by the name `ordinary`) and of each change what is read of rooms, or by readers of cats."""
    size, what = (SIZE, "cats") if readers else (SMALL, "rooms")
    plain = Scenery(seed, 1, 2, size, style=options.style)
    end = START + dt.timedelta(days=options.nights)
    diary = lived_diary(Household(seen_places(1), plain.names, UTC, seed), START, end)  # type: ignore[arg-type]

    def read(name: str, kind: type[Scenery], relight: Relight, nights: Sequence[int]) -> Made:
        scenery = kind(seed, 1, 2, size, style=options.style)

        def make(part: Sequence[int]) -> Made:
            if readers is None:
                return read_room(drawn(scenery, diary, by_the_hour(part), relight))
            moments = moments_of(diary, part, options.moments, seed)
            return read_cats(readers, plain, drawn(scenery, diary, moments, relight))  # zones stay where they were

        word = "".join(letter if letter.isalnum() else "-" for letter in name)
        return kept(options.keep and options.keep / f"{what}-{options.style}-{seed}-{word}", nights, make)

    last = range(options.nights - CHANGED_NIGHTS, options.nights)
    found = {"ordinary": read("ordinary", Scenery, as_it_was, range(options.nights))}
    return found | {name: read(name, kind, relight, last) for name, (kind, relight) in CHANGES.items()}


def report(seed: int, rooms: dict[str, Made], cats: dict[str, Made], options: argparse.Namespace) -> str:
    """The table: how far each number is off, and the night on which an alarm came."""
    first = Params().drift.reference_nights + GAP
    looks = Path(options.behave).with_name("looks.npz")
    words = [*SHOWN, *(WATCHED if cats else ())]
    rows = []
    for name in rooms:
        off, watched = _scenes({**rooms["ordinary"], **rooms[name]})
        if cats:
            more, seen = _behaviours({**cats["ordinary"], **cats[name]}, cats["ordinary"], looks)
            off, watched = np.hstack([off, more]), [*watched, seen]
        alarms = np.hstack([own.alarms for own in watched])[first:]
        off = off[first:]
        if name == "ordinary":
            told = f"{int(alarms.any(axis=1).sum())} alarms"
            rows.append([f"{len(off)} ordinary nights", *_figures(off), told, _whose(words, alarms)])
            continue
        alarms, off = alarms[-CHANGED_NIGHTS:], off[-CHANGED_NIGHTS:]
        night = next((k + 1 for k, own in enumerate(alarms) if own.any()), None)
        rows.append([name, *_figures(off), f"night {night}" if night else "not told", _whose(words, alarms)])
    bounds = ", ".join(f"{own.bound:.1f}" for own in watched)
    head = f"seed {seed}, {options.style}: bound of a sum {bounds}"
    return "\n".join([head, table(["nights", *words, "told", "by"], rows)])


def _scenes(made: Made) -> tuple[NDArray[np.float64], list[Watch]]:
    nights = [Scene(made[night]["tones"], made[night]["colours"], made[night]["layouts"]) for night in sorted(made)]  # type: ignore[arg-type]
    reference = Params().drift.reference_nights
    off = scene_deviations(nights, reference)
    return off, [watch(off, reference, chance=CHANCE / 2, most=MOST)]


def _behaviours(made: Made, ordinary: Made, looks: Path) -> tuple[NDArray[np.float64], Watch]:
    """The nights of the reference, and those between, are not off."""
    nights = [Night(made[k]["confidence"], made[k]["classes"], made[k]["looks"]) for k in sorted(made)]  # type: ignore[arg-type]
    trained = read_trained(looks) if looks.is_file() else None
    count = Params().drift.reference_nights
    reference = learn_reference(nights[:count], len(BEHAVIOURS), trained)
    off = deviations(nights, reference)
    off[: count + GAP] = np.nan
    return off, watch(off, reference.nights, chance=CHANCE / 2)


def _figures(off: NDArray[np.float64]) -> list[str]:
    """Mean deviation, and the largest, in spreads."""
    return [f"{np.nanmean(column):.1f} ({np.nanmax(column):.1f})" for column in off.T]


def _whose(words: Sequence[str], alarms: NDArray[np.bool_]) -> str:
    return ", ".join(word for word, own in zip(words, alarms.T, strict=True) if own.any())


if __name__ == "__main__":
    main()
