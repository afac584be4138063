"""Five cameras watched live on this machine: from a frame to its event, what waits, memory, processor, and what the recorder loses.

    python -m bench.watch [--minutes 30] [--record] [--keep DIR] [--real]

Five RTSP cameras (GStreamer's server) send 1280x720 at 5 frames a second. Two of them show a simulated cat that comes every
26 seconds, stays for 8 and makes three events; three show a room in which nothing moves but the sensor's noise. `--real` sends
clips of ../shared/data/video in place of the two. Latency is from the arrival of a frame's first bytes to the row of its event
in the database, by one clock. With `--record` the cameras are recorded at the same time, and each recorded frame is found in the
film by its coded bytes, which the recorder copies: what is lost, doubled or changed is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import psutil

from home.events import events
from home.folder import PROJECT
from home.live import look
from home.outbox import entries
from simulate.footage import Encoder, record
from simulate.routine import Episode
from simulate.scenery import Scenery
from tests.faults.house import House, a_house
from tests.faults.loops import codec_of, looped
from tests.faults.source import Source, why_no_source
from tests.faults.worker import Worker

START = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
SIZE, FPS, LOOP_S = (1280, 720), 5, 26.0
CAT, STILL = "utility-room", "living-room"
MOVING, ALL = 2, 5
REAL = ("pet_cat_thanyanit", "eat_feedercam_vitortoniolo")
CLIPS = PROJECT.parent / "shared" / "data" / "video"
RULES = "there: {}\nlitter: {zone: litter_box, duration_s: 2}\ndigs: {behaviour: using_litter_box}"
LOOK_EVERY_S = 1.0
_SETTLES_S = 15.0  # networks are loaded, cameras connected: not measured


@dataclass
class Seen:
    """What was looked at each second: seconds that the newest frame is old, frames that wait, MB, and CPU seconds in all."""

    behind_s: list[float] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    fps: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    lasted_s: float = 0.0


def main() -> None:
    """Film, watch, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="how long is measured")
    parser.add_argument("--record", action="store_true", help="record the same cameras at the same time")
    parser.add_argument("--real", action="store_true", help="real clips in place of the simulated cat")
    parser.add_argument("--keep", type=Path, help="film into this folder and keep it for the next run")
    options = parser.parse_args()
    if why_no_source():
        raise SystemExit(f"error: {why_no_source()}")
    with tempfile.TemporaryDirectory(prefix="catml-bench-") as folder:
        films = _films(options.keep or Path(folder) / "films", options.real)
        seconds = 60 * options.minutes + _SETTLES_S + (20 if options.record else 0)
        loops = [looped(film, seconds, Path(folder) / f"loop{number}.mp4") for number, film in enumerate(films)]
        with contextlib.ExitStack() as stack:
            sources = {
                f"camera{number}": stack.enter_context(
                    Source(Path(folder) / f"s{number}", codec=codec_of(loop), clip=loop)
                )
                for number, loop in enumerate(loops)
            }
            house = stack.enter_context(_house(Path(folder) / "home", sources))
            _run(house, options.minutes, dict(zip(sources, films, strict=True)) if options.record else {})


def _house(root: Path, sources: dict[str, Source]) -> contextlib.AbstractContextManager[House]:
    zones = Scenery(7, cameras=2, cats=1, size=SIZE, people=False).zones(CAT)
    told = ", ".join(f"{name}: {[[round(x, 3), round(y, 3)] for x, y in edge]}" for name, edge in zones.items())
    return a_house(root, sources, rules=RULES, settings=f"\n    zones: {{{told}}}")


def _run(house: House, minutes: float, recorded: dict[str, Path]) -> None:
    recorder = house.catml_record() if recorded else None
    if recorder is not None:
        for camera in house.sources:
            house.until_recording(camera, 60)
    watcher = house.watcher()
    house.until(lambda: len([each for each in look(house.root) if each.online]) == ALL, 60)
    time.sleep(_SETTLES_S)
    since = dt.datetime.now(dt.UTC)
    seen = _look_on(house, watcher, 60 * minutes)
    watcher.end()
    _tell(house, seen, since)
    if recorder is not None:
        recorder.end(60)
        _tell_recorded(house, recorded)


def _look_on(house: House, watcher: Worker, seconds: float) -> Seen:
    seen, process = Seen(), psutil.Process(watcher.pid)
    began, cpu = time.monotonic(), process.cpu_times()
    while time.monotonic() - began < seconds:
        time.sleep(LOOK_EVERY_S)
        for each in look(house.root):
            seen.behind_s += [(each.written_at - each.at).total_seconds()] if each.at else []
            seen.waiting.append(each.queue)
            seen.fps.append(each.fps)
        seen.memory_mb.append(process.memory_info().rss / 1e6)
    after = process.cpu_times()
    seen.cpu_s = after.user + after.system - cpu.user - cpu.system
    seen.lasted_s = time.monotonic() - began
    return seen


def _tell(house: House, seen: Seen, since: dt.datetime) -> None:
    made = {each.event_id: each for each in events(house.home.database) if each.rule and each.timestamp_utc >= since}
    rows = {entry.event.event_id: entry.at for entry in entries(house.home.database, 0, 1_000_000)}
    took = np.array([(rows[key] - event.timestamp_utc).total_seconds() for key, event in made.items()])
    looked = np.array([(event.inference_latency_ms or 0) / 1e3 for event in made.values()])
    drops = sum(each.dropped for each in look(house.root))
    third = max(1, len(seen.memory_mb) // 3)
    early, late = np.mean(seen.memory_mb[:third]), np.mean(seen.memory_mb[-third:])
    print(f"{ALL} cameras, movement in {MOVING}, {seen.lasted_s / 60:.1f} minutes, {len(made)} events")
    if len(took):
        p50, p95 = np.percentile(took, [50, 95])
        print(f"  frame to event in the database   P50 {p50:.2f} s   P95 {p95:.2f} s   most {took.max():.2f} s")
        print(
            f"  of that until it is known        P50 {np.median(looked):.2f} s   P95 {np.percentile(looked, 95):.2f} s"
        )
    print(f"  frames a second of each camera   median {np.median(seen.fps):.2f}, dropped {drops} in all")
    print(f"  newest frame that was seen       P95 {np.percentile(seen.behind_s, 95):.2f} s old")
    print(f"  frames that wait, of {ALL} cameras   mean {ALL * np.mean(seen.waiting):.2f}")
    print(f"  memory   first third {early:.0f} MB, last third {late:.0f} MB, most {max(seen.memory_mb):.0f} MB")
    print(f"  processor   {seen.cpu_s / seen.lasted_s:.2f} of a core")


def _tell_recorded(house: House, films: dict[str, Path]) -> None:
    """What the chunks of each camera lack of what it sent, and the journal's gaps."""
    for camera, film in films.items():
        chunks = sorted((house.root / "data" / "footage" / camera).glob("chunk-*.mp4")) + house.finished(camera)
        sent = coded_frames(film)
        places = {frame: place for place, frame in enumerate(sent)}
        assert len(places) == len(sent), (
            f"frames of {film.name} are alike: a hole in what was recorded could not be seen"
        )
        recorded = [places.get(frame) for chunk in chunks for frame in coded_frames(chunk)]
        gaps = sum(span.seconds for span, _ in house.gaps(camera))
        print(f"  {camera}: {compared(recorded, len(places))}, {gaps:.1f} s of gaps told")


def compared(recorded: Sequence[int | None], loop: int) -> str:
    """What became of the frames of a film that was sent again and again.

    Args:
        recorded: the place in the film of each recorded frame, in their order; None: it is in no place.
        loop: frames of the film. A hole of exactly so many frames, or of twice as many, is not seen.
    """
    steps = [
        (after - before) % loop
        for before, after in itertools.pairwise(place for place in recorded if place is not None)
    ]
    lost, doubled = sum(step - 1 for step in steps if step), steps.count(0)
    return f"{len(recorded)} frames recorded, {lost} lost, {doubled} doubled, {recorded.count(None)} changed"


def coded_frames(path: Path) -> list[bytes]:
    """A digest of the picture data of each frame as it was coded, in the order of decoding: the recorder copies it bit by bit.

    What an RTSP server adds or leaves out around it (parameter sets, delimiters; ITU-T H.264 and H.265, 7.4.2) does not count.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        hevc = stream.codec_context.name == "hevc"
        return [_digest(bytes(packet), hevc) for packet in container.demux(stream) if packet.size]


def _digest(packet: bytes, hevc: bool) -> bytes:
    """Of the coded slices of a frame, each behind its length in four bytes (ISO/IEC 14496-15)."""
    at, digest = 0, hashlib.blake2b(digest_size=16)
    while at < len(packet):
        begin, at = at + 4, at + 4 + int.from_bytes(packet[at : at + 4], "big")
        kind = packet[begin] >> 1 & 63 if hevc else packet[begin] & 31
        if kind < 32 if hevc else 1 <= kind <= 5:
            digest.update(packet[begin:at])
    return digest.digest()


def _films(folder: Path, real: bool) -> list[Path]:
    """One film a camera."""
    still = _film(folder / "still", STILL, [])
    if real:
        return [*(CLIPS / f"{name}.mp4" for name in REAL), *([still] * (ALL - MOVING))]
    begin, end = START + dt.timedelta(seconds=3), START + dt.timedelta(seconds=11)
    cat = _film(folder / "cat", CAT, [Episode("miso", "using_litter_box", begin, end, CAT, "litter_box")])
    return [*([cat] * MOVING), *([still] * (ALL - MOVING))]


def _film(folder: Path, camera: str, diary: list[Episode]) -> Path:
    if not list(folder.glob("*.mp4")):
        scenery = Scenery(7, cameras=2, cats=1, size=SIZE, people=False)
        filming = scenery.camera(camera, diary)
        frames = (filming.frame(START + dt.timedelta(seconds=k / FPS)) for k in range(round(LOOP_S * FPS)))
        record(frames, folder, Encoder(SIZE, FPS, 2.0))
    (path,) = folder.glob("*.mp4")
    return path


if __name__ == "__main__":
    main()
