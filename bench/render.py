"""How fast a simulated camera is rendered and encoded.

`python -m bench.render` renders one camera at 1280x720 and 5 frames a second: a sleeping stretch, an active one and a mixed
stretch of a day, with one process and with one per processor. Deterministic but for the time it takes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulate.filming import Film, shoot
from simulate.routine import Episode
from simulate.scenery import Scenery, seen_places

START = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
SIZE, FPS = (1280, 720), 5
ACTIVE = (("hunting", None), ("playing", "toy"), ("grooming", None), ("eating", None), ("scratching", "post"))
# Minutes of an hour of a cat's day: 14 h asleep, 8 h at rest or out of sight, 2 h on the move.
HOUR = (("sleeping", "curled", 35), ("other", "away", 12), ("other", "sitting", 8), ("active", None, 5))


@dataclass(frozen=True)
class Speed:
    """What one stretch took."""

    stretch: str
    workers: int
    footage_s: float
    took_s: float
    processor_s: (
        float  # of this process: unlike `took_s` it says the same on a busy machine; nothing where others render
    )
    megabytes: float

    def __str__(self) -> str:
        frames = self.footage_s * FPS / self.took_s
        per_processor = f"{self.footage_s / self.processor_s:.1f}" if self.workers == 1 else "-"
        return (
            f"{self.stretch:10} {self.workers:9d} {frames:10.0f} {self.footage_s / self.took_s:17.1f} "
            f"{per_processor:>18} {self.megabytes / self.footage_s * 3600:11.0f}"
        )


def stretch(kind: str, minutes: int) -> list[Episode]:
    """The diary of one cat: `sleeping`, `active` or `mixed`."""
    plan = {"sleeping": (("sleeping", "curled", 60),), "active": (("active", None, 60),), "mixed": HOUR}[kind]
    camera, out, now = next(iter(seen_places(1))), list[Episode](), START
    for behaviour, subtype, part in plan:
        end = now + dt.timedelta(minutes=minutes * part / 60)
        steps = _turns(now, end) if behaviour == "active" else [(behaviour, subtype, now, end)]
        out += [Episode("miso", what, a, b, None if how == "away" else camera, None, how) for what, how, a, b in steps]
        now = end
    return out


def _turns(now: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, str | None, dt.datetime, dt.datetime]]:
    """Something else every 40 s, with a walk in between."""
    turn = 0
    while now < end:
        after = min(now + dt.timedelta(seconds=40), end)
        yield (*ACTIVE[turn % len(ACTIVE)], now, after)
        now, turn = after, turn + 1
        after = min(now + dt.timedelta(seconds=6), end)
        if now < after:
            yield "other", "walking", now, after
        now = after


def measured(kind: str, minutes: int, workers: int) -> Speed:
    """Render a stretch into a folder that goes again."""
    with tempfile.TemporaryDirectory(prefix="catml-") as folder:
        film = Film(Scenery(3, cameras=1, cats=1, size=SIZE), stretch(kind, minutes), Path(folder), START, minutes * 60)
        began, spent = time.perf_counter(), _processor_s()
        shoot(film, workers)
        took, spent = time.perf_counter() - began, _processor_s() - spent
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.mp4"))
    return Speed(kind, workers, minutes * 60, took, spent, size / 1e6)


def _processor_s() -> float:
    times = os.times()
    return times.user + times.system


def main() -> None:
    """`python -m bench.render`."""
    parser = argparse.ArgumentParser(description="How fast a simulated camera is rendered and encoded.")
    parser.add_argument("--minutes", type=int, default=60, help="footage of the mixed stretch; the others are shorter")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, os.cpu_count() or 1])
    options = parser.parse_args()
    print("stretch    processes   frames/s   times real time   per processor   MB per hour")
    for workers in options.workers:
        for kind, minutes in (
            ("sleeping", max(options.minutes // 2, 5)),
            ("active", 5 * workers),
            ("mixed", options.minutes),
        ):
            print(measured(kind, minutes, workers), flush=True)


if __name__ == "__main__":
    main()
