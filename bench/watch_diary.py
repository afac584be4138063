"""Events of a stretch of the simulated home against its diary: precision and recall of each rule.

    python -m bench.watch_diary [--minutes 60] [--cameras 3] [--cats 2] [--seed 11] [--fps 5]

Every frame goes through what `catml watch` does with it (movement, detector, tracks, pose, behaviour, rules), in order of time and
without waiting, so that an hour takes as long as it computes; no camera and no network is between. A stay is a cat on one
camera until it is away for longer than the cooldown. Since a track fires a rule once, each stay should make one event of each
behaviour that it holds for as long as the rule asks; an event is right if its camera saw that behaviour, of any cat, from
`duration_s` before it to `SLACK_S` after its end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from home.folder import Home, open_home
from home.frame import Frame
from ingest.record.host import Arrival
from ingest.watch.eyes import Eyes, load_eyes
from ingest.watch.inbox import Shot
from ingest.watch.judging import Judge
from ingest.watch.view import View
from simulate.home import CAMERA_NAMES, Scenery, seen_places
from simulate.routine import Episode, scripted_diary

START = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
SIZE = (1280, 720)
SLACK_S = 8.0  # a moment is read for two seconds, and one of the past is in the mean with it
RULES = {
    "asleep": ("sleeping", 30.0, "{behaviour: sleeping, duration_s: 30}"),
    "eats": ("eating", 0.0, "{behaviour: eating}"),
    "plays": ("playing", 0.0, "{behaviour: playing}"),
    "litter": ("using_litter_box", 0.0, "{behaviour: using_litter_box}"),
    "litter-zone": ("using_litter_box", 10.0, "{zone: litter_box, duration_s: 10}"),
    "bowl-zone": ("eating", 10.0, "{zone: food_bowl, duration_s: 10}"),
}


@dataclass(frozen=True)
class Found:
    """An event: rule, camera, seconds from the begin."""

    rule: str
    camera: str
    at: float


def main() -> None:
    """Simulate, watch, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--cameras", type=int, default=3)
    parser.add_argument("--cats", type=int, default=2)
    parser.add_argument("--seed", type=int, default=11, help="another one is another home")
    parser.add_argument("--fps", type=int, default=5)
    options = parser.parse_args()
    scenery = Scenery(options.seed, options.cameras, options.cats, SIZE, people=False)
    # Short diaries have shorter activities, so that all of them occur.
    diary = scripted_diary(
        START, max(1, round(options.minutes)), seen_places(options.cameras), scenery.names, options.seed
    )
    cameras, began = CAMERA_NAMES[: options.cameras], time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="catml-bench-") as folder:
        home = _home(Path(folder), scenery, cameras)
        eyes = load_eyes(home)
        found = [event for camera in cameras for event in _watched(home, eyes, scenery, camera, diary, options)]
    print(f"{options.minutes:g} minutes, {len(cameras)} cameras, {options.cats} cats, seed {options.seed}, ", end="")
    print(f"computed in {(time.perf_counter() - began) / 60:.1f} minutes")
    print("| rule | expected | events | right | precision | recall |")
    print("|---|---|---|---|---|---|")
    for rule, (behaviour, least_s, _) in RULES.items():
        print(_row(rule, behaviour, least_s, [each for each in found if each.rule == rule], diary, home))


def _home(root: Path, scenery: Scenery, cameras: tuple[str, ...]) -> Home:
    lines = ["timezone: UTC", "cameras:"]
    for camera in cameras:
        zones = {name: [[round(x, 3), round(y, 3)] for x, y in edge] for name, edge in scenery.zones(camera).items()}
        lines.append(f"  {camera}: {{zones: {{{', '.join(f'{name}: {edge}' for name, edge in zones.items())}}}}}")
    shown = {zone for camera in cameras for zone in scenery.zones(camera)}
    rules = {name: text for name, (_, _, text) in RULES.items() if "zone:" not in text or _zone(text) in shown}
    lines += ["rules:", *(f"  {name}: {text}" for name, text in rules.items())]
    (root / "home.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    return open_home(root)


def _zone(text: str) -> str:
    return text.partition("zone: ")[2].partition(",")[0].rstrip("}")


def _watched(
    home: Home, eyes: Eyes, scenery: Scenery, camera: str, diary: list[Episode], options: argparse.Namespace
) -> list[Found]:
    view, judge, found = View(home, camera, eyes, 0), Judge(home, False), []
    for shot in _shots(scenery, camera, diary, options.minutes, options.fps):
        there, _ = view.see(shot)
        for track in there:
            for event in judge.events(track, shot, 0.0):
                found.append(Found(str(event.rule), camera, shot.arrival.monotonic))
        for track in view.following.ended(shot.arrival.monotonic):
            judge.forget(track)
    return found


def _shots(scenery: Scenery, camera: str, diary: list[Episode], minutes: float, fps: int) -> Iterator[Shot]:
    filming = scenery.camera(camera, diary)
    for number in range(round(60 * minutes * fps)):
        seconds = number / fps
        decoded = av.VideoFrame.from_ndarray(filming.frame(START + dt.timedelta(seconds=seconds)).yuv, format="yuv420p")
        arrival = Arrival(seconds, START.timestamp() + seconds, True)
        yield Shot(camera, number, Frame(0.0, False, 0, decoded), arrival)


def _row(rule: str, behaviour: str, least_s: float, made: list[Found], diary: list[Episode], home: Home) -> str:
    true = [(each, _from(each), _from(each) + each.seconds) for each in diary if each.behaviour == behaviour]
    right = [
        event
        for event in made
        if any(own.camera == event.camera and begin <= event.at <= end + SLACK_S for own, begin, end in true)
    ]
    stays = [stay for stay in _stays(diary, home.params.watch.cooldown_s) if _holds(stay, behaviour, least_s)]
    met = [stay for stay in stays if any(_inside(event, stay, behaviour) for event in made)]
    precision = f"{len(right) / len(made):.2f}" if made else "none made"
    recall = f"{len(met) / len(stays):.2f}" if stays else "none expected"
    return f"| {rule} | {len(stays)} | {len(made)} | {len(right)} | {precision} | {recall} |"


def _stays(diary: list[Episode], cooldown_s: float) -> list[list[Episode]]:
    """Each cat on one camera, until it was away for longer than the cooldown."""
    found: list[list[Episode]] = []
    for cat in sorted({each.cat for each in diary}):
        mine = sorted((each for each in diary if each.cat == cat and each.camera), key=lambda each: each.start)
        for each in mine:
            last = found[-1][-1] if found and found[-1][-1].cat == cat else None
            near = last is not None and (each.start - last.end).total_seconds() <= cooldown_s
            if near and last is not None and last.camera == each.camera:
                found[-1].append(each)
            else:
                found.append([each])
    return found


def _holds(stay: list[Episode], behaviour: str, least_s: float) -> bool:
    return any(each.behaviour == behaviour and each.seconds > least_s + SLACK_S for each in stay)


def _inside(event: Found, stay: list[Episode], behaviour: str) -> bool:
    return any(
        each.camera == event.camera and each.behaviour == behaviour
        and _from(each) <= event.at <= _from(each) + each.seconds + SLACK_S
        for each in stay
    )  # fmt: skip


def _from(episode: Episode) -> float:
    return (episode.start - START).total_seconds()


if __name__ == "__main__":
    main()
