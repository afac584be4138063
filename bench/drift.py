"""Whether drawn changes of season, lamp and camera angle are told within two nights, and ordinary nights are left alone.

    python -m bench.drift [--behave FILE] [--pose FILE] [--keep DIR] [--nights 54] [--moments 70] [--seed 301]

Two cats live in a drawn home that no model learned from. Of each night single moments in which a cat is in sight are drawn,
read by the detector, the pose network and the classifier (as stills: no bursts), and compared as stage `drift` compares them:
the first nights are the reference, the others must stay quiet. Then the last two nights are drawn once more with each change.
What is read is kept in DIR, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from home.clock import UTC
from home.ethogram import BEHAVIOURS
from home.markdown import table
from home.params import Params
from models.behaviour.body import Moments
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import ZONE_KINDS, evidence
from models.detector.predict import Detector
from models.drift import WATCHED, Night, deviations, learn_reference, read_trained, watch
from models.pose.predict import DEFAULT_WEIGHTS, PoseReader
from simulate.light import Light, light_for
from simulate.living import Household, lived_diary
from simulate.room import Room
from simulate.routine import Episode
from simulate.scenery import CAMERA_NAMES, Scenery, seen_places
from simulate.view import View

CAMERA = CAMERA_NAMES[0]
START = dt.datetime(2026, 3, 1, tzinfo=UTC)
SIZE = (960, 540)
CHANGED_NIGHTS = 2
Relight = Callable[[float, Light, View], Light]


@dataclass(frozen=True)
class Turned(Scenery):
    """The same home with the camera knocked: it looks so far to the side and down."""

    aside_deg: float = 12.0
    down_deg: float = 5.0

    def _room(self, camera: str) -> tuple[int, Room, View]:
        number, room, view = super()._room(camera)
        x, y, z = np.subtract(view.target, view.eye)
        turn, reach = np.radians(self.aside_deg), float(np.hypot(x, y))
        aside = np.array([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
        lower = z - reach * np.tan(np.radians(self.down_deg))
        target = np.add(view.eye, [*aside, lower])
        return number, room, replace(view, target=tuple(float(value) for value in target))


def as_it_was(hour: float, light: Light, view: View) -> Light:
    """No change."""
    return light


def winter(hour: float, light: Light, view: View) -> Light:
    """Day from 9 to 16 only, under a lower and weaker sun; the lamp is lit from 16 on."""
    if light.infrared:
        return light
    if not 9 <= hour < 16:
        return light_for(20, view) if hour >= 16 else light_for(2, view)
    key, ambient = (tuple(0.7 * value for value in colour) for colour in (light.key, light.ambient))
    return replace(light, towards=(light.towards[0], -1.2, 0.6), key=key, ambient=ambient)


def cold_lamp(hour: float, light: Light, view: View) -> Light:
    """In the evening a cold white lamp on the other side of the room."""
    if light.name != "evening":
        return light
    return replace(light, towards=(-light.towards[0], -0.5, 1.2), key=(0.50, 0.60, 0.74), ambient=(0.32, 0.39, 0.48))


def lamp_left_on(hour: float, light: Light, view: View) -> Light:
    """The lamp burns all night: no more infrared."""
    return light_for(20, view) if light.infrared else light


CHANGES: dict[str, tuple[type[Scenery], Relight]] = {
    "season: winter light": (Scenery, winter),
    "lamp: cold, other side": (Scenery, cold_lamp),
    "lamp: left on all night": (Scenery, lamp_left_on),
    "camera: knocked aside": (Turned, as_it_was),
}


@dataclass(frozen=True)
class Readers:
    """Who looks at the drawn pictures."""

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


def drawn(
    scenery: Scenery, diary: Sequence[Episode], moments: Sequence[tuple[int, dt.datetime]], relight: Relight
) -> Iterator[tuple[int, dt.datetime, NDArray[np.uint8]]]:
    """RGB pictures of the moments, light by light: a room is drawn once for each."""
    camera = scenery.camera(CAMERA, diary)
    shots = []
    for night, ts in moments:
        shot = camera.frame(ts).key
        shots.append((night, ts, replace(shot, light=relight(ts.hour + ts.minute / 60, shot.light, camera.view))))
    for night, ts, shot in sorted(shots, key=lambda each: (repr(each[2].light), each[1])):
        yield night, ts, np.asarray(cv2.cvtColor(camera.picture(shot), cv2.COLOR_YUV2RGB_I420), np.uint8)


def read(
    readers: Readers, scenery: Scenery, pictures: Iterator[tuple[int, dt.datetime, NDArray[np.uint8]]]
) -> dict[int, Night]:
    """What is read of each night."""
    rows: dict[int, list[tuple[float, NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]] = {}
    least = Params().detect.confidence
    for night, _, picture in pictures:
        found = readers.detector.detect([picture], least)[0]
        boxes = np.asarray(found.boxes, np.float32)
        told = readers.pose.read(picture, boxes)
        rows.setdefault(night, []).extend(zip(found.scores, boxes, told.keypoints, told.looks, strict=True))
    polygons = {kind: [own] for kind, own in scenery.zones(CAMERA).items() if kind in ZONE_KINDS}
    return {night: _night(readers.classifier, own, polygons) for night, own in sorted(rows.items())}


def _night(classifier: BehaviourReader, rows: list[tuple], polygons: dict) -> Night:  # type: ignore[type-arg]
    seen, boxes, keypoints, looks = (np.array(column, float) for column in zip(*rows, strict=True))
    count = len(seen)
    own = evidence(
        Moments(np.zeros(count), np.arange(count), boxes, SIZE[0] / SIZE[1], keypoints, looks=looks), polygons
    )
    order = np.array([BEHAVIOURS.index(name) for name in classifier.description.behaviours])
    return Night(seen, order[classifier.probabilities(own).argmax(axis=1)], looks)


def kept(path: Path | None, nights: Sequence[int], make: Callable[[Sequence[int]], dict[int, Night]]) -> list[Night]:
    """Nights that were read before, and the others, which are read and kept now, ten at a time."""
    there: dict[int, Night] = {}
    for begin in range(0, len(nights), 10):
        part = nights[begin : begin + 10]
        file = path and path.with_name(f"{path.name}-{part[0]}-{part[-1]}.npz")
        if file and file.is_file():
            with np.load(file) as content:
                there |= {
                    night: Night(*(content[f"{name}{night}"] for name in Night.__annotations__)) for night in part
                }
            continue
        made = make(part)
        if file:
            np.savez_compressed(
                file, **{f"{name}{k}": value for k, own in made.items() for name, value in vars(own).items()}
            )
        print(f"read {file or part}", flush=True)
        there |= made
    return [there[night] for night in nights]


def main() -> None:
    """`python -m bench.drift`."""
    parser = argparse.ArgumentParser(description="Whether drawn changes are told, and ordinary nights are left alone.")
    parser.add_argument("--behave", default="models/behaviour/weights/behaviour.onnx", metavar="FILE")
    parser.add_argument("--pose", default=str(DEFAULT_WEIGHTS), metavar="FILE")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("--nights", type=int, default=54, help="the first 14 are the reference")
    parser.add_argument("--moments", type=int, default=70, help="a night")
    parser.add_argument("--seed", type=int, default=301)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    readers = Readers(
        Detector.load(threads=1),
        PoseReader.load(options.pose, runtime="onnxruntime"),
        BehaviourReader.load(options.behave),
    )
    plain = Scenery(options.seed, 1, 2, SIZE)
    end = START + dt.timedelta(days=options.nights)
    diary = lived_diary(Household(seen_places(1), plain.names, UTC, options.seed), START, end)  # type: ignore[arg-type]

    def nights_of(name: str, kind: type[Scenery], relight: Relight, nights: Sequence[int]) -> list[Night]:
        scenery = kind(options.seed, 1, 2, SIZE)

        def make(part: Sequence[int]) -> dict[int, Night]:
            moments = moments_of(diary, part, options.moments, options.seed)
            return read(readers, plain, drawn(scenery, diary, moments, relight))  # zones stay where they were

        return kept(options.keep and options.keep / name.split(":")[0].replace(" ", "-"), nights, make)

    ordinary = nights_of("ordinary", Scenery, as_it_was, range(options.nights))
    print(report(ordinary, {}, options))
    found = {}
    for number, (name, (kind, relight)) in enumerate(CHANGES.items()):
        last = range(options.nights - CHANGED_NIGHTS, options.nights)
        found[name] = nights_of(f"{number}{name}", kind, relight, last)
    print(report(ordinary, found, options))


def report(ordinary: list[Night], changed: dict[str, list[Night]], options: argparse.Namespace) -> str:
    """The table: how far each number is off, and the night on which an alarm came."""
    first = Params().drift.reference_nights
    looks = Path(options.behave).with_name("looks.npz")
    reference = learn_reference(ordinary[:first], len(BEHAVIOURS), read_trained(looks) if looks.is_file() else None)
    off = deviations(ordinary[first:], reference)
    seen = watch(off, reference.nights)
    rows = [[f"{len(off)} ordinary nights", *_figures(off), f"{int(seen.alarms.any(axis=1).sum())} alarms", ""]]
    for name, nights in changed.items():
        now = np.concatenate([off[:-CHANGED_NIGHTS], deviations(nights, reference)])
        alarms = watch(now, reference.nights).alarms[-CHANGED_NIGHTS:]
        night = next((k + 1 for k, own in enumerate(alarms) if own.any()), None)
        why = ", ".join(word for word, own in zip(WATCHED, alarms.any(axis=0), strict=True) if own)
        rows.append([name, *_figures(now[-CHANGED_NIGHTS:]), f"night {night}" if night else "not told", why])
    counts = [len(night.classes) for night in ordinary]
    head = f"seed {options.seed}: {min(counts)} to {max(counts)} moments a night, bound {seen.bound:.1f}"
    return "\n".join([head, table(["nights", *WATCHED, "told", "by"], rows)])


def _figures(off: NDArray[np.float64]) -> list[str]:
    """Mean deviation, and the largest, in spreads."""
    return [f"{np.mean(column):.1f} ({np.max(column):.1f})" for column in off.T]


if __name__ == "__main__":
    main()
