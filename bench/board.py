"""A home of simulated weeks, read as the models read, with its board for TensorBoard: what docs/habits.md shows.

    python -m bench.board --out runs/board [--days 56] [--filmed 3]
    catml tensorboard --home runs/board

Two cats live before three cameras that drop out now and then; a fifth of their bouts is missed, a few get no name, and of the
others it is known what they were: their footage is not read, only that of the last days is drawn, a frame a bout, for the
pictures. One cat stops eating. From the bouts on, everything is the night's and the week's own work.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.observer import Bout, bouts_of
from home.clock import Span, local_day, merge, subtract
from home.coverage import tell
from home.ethogram import BEHAVIOURS, NEEDS_ZONE, UNKNOWN
from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.tables import ANIMALS, BOUTS, BUDGET, MOMENTS
from simulate.home import CAT_NAMES, Scenery, render_moments, seen_places
from simulate.illness import parse_illness
from simulate.living import Household, lived_diary
from simulate.outages import outages
from simulate.routine import Episode
from tasks.anomalies import anomalies
from tasks.counts import counts
from tasks.forecast import forecast
from tasks.habits import habits
from tasks.report import report
from tasks.tensorboard import tensorboard

__all__ = ["Life", "lived_home", "nights"]

ZONE = ZoneInfo("Europe/Berlin")
FIRST = dt.date(2026, 3, 2)
MISSED, UNNAMED = 0.19, 0.04  # docs/eyes.md; names are our choice
UTC_US = "datetime64[us, UTC]"
BOX = (0.3, 0.3, 0.6, 0.7)  # of animals on footage that is not drawn
Box = tuple[float, float, float, float]
Shot = tuple[NDArray[np.uint8], dict[str, Box]]
"""A picture, RGB, and where each cat is on it."""
Film = Callable[[str, Sequence[dt.datetime]], Sequence[Shot]]
"""Pictures of a camera at some moments."""


class Life:
    """What happened in a simulated home, and what of it was recorded.

    Args:
        days: local days from `FIRST` on.
        cats, cameras: how many.
        seed: same seed, same life.
        ill: as `catml simulate --ill` takes them.
    """

    def __init__(self, days: int, cats: int = 2, cameras: int = 3, seed: int = 5, ill: Sequence[str] = ()) -> None:
        self.dates = [FIRST + dt.timedelta(days=number) for number in range(days)]
        self.places, self.cats, self.seed = seen_places(cameras), CAT_NAMES[:cats], seed
        self.whole = Span(local_day(self.dates[0], ZONE).start, local_day(self.dates[-1], ZONE).end)
        illnesses = [parse_illness(text, self.cats, ZONE) for text in ill]
        household = Household(self.places, self.cats, ZONE, seed)
        self.diary: list[Episode] = lived_diary(household, self.whole.start, self.whole.end, illnesses)
        self.lost = outages(list(self.places), self.whole, seed)

    def recorded(self, camera: str, day: Span) -> list[Span]:
        """What of a day a camera recorded."""
        gaps = [part for out in self.lost if out.camera == camera and (part := out.span.overlap(day))]
        return subtract(day, merge(gaps))

    def film(self, camera: str, moments: Sequence[dt.datetime]) -> list[Shot]:
        """Drawn pictures of it."""
        scenery = Scenery(self.seed, len(self.places), len(self.cats), (640, 360), ZONE)
        frames = render_moments(self.diary, camera, moments, scenery)
        return [
            (
                np.asarray(cv2.cvtColor(frame.yuv, cv2.COLOR_YUV2RGB_I420), np.uint8),
                {cat: sighting.box for cat, sighting in frame.truth.items()},
            )
            for frame in frames
        ]


def lived_home(root: Path, life: Life, film: Film | None = None, filmed: int = 0) -> Home:
    """A home with the tables that nights would have left of a life, up to its bouts; footage of the last days if asked for."""
    root.mkdir(parents=True, exist_ok=True)
    zone = "[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]"
    cameras = "".join(
        f"  {camera}: {{zones: {{{', '.join(f'{place}: {zone}' for place in places)}}}}}\n"
        for camera, places in life.places.items()
    )
    cats = "".join(f"  {cat}: {{name: {cat.capitalize()}}}\n" for cat in life.cats)
    (root / "home.yaml").write_text(f"timezone: {ZONE}\ncameras:\n{cameras}cats:\n{cats}", encoding="utf-8")
    home, rng = open_home(root), np.random.default_rng(life.seed)
    for camera in life.places:
        recorded = subtract(life.whole, [out.span for out in life.lost if out.camera == camera])
        gaps = [(out.span, out.reason) for out in life.lost if out.camera == camera]
        tell(home.tables, camera, recorded, gaps, home.zone)
    found = [(*bout, rng.random()) for bout in bouts_of(life.diary) if rng.random() >= MISSED]
    for date in life.dates:
        shown = film if date in life.dates[len(life.dates) - filmed :] else None
        _day(home, life, date, [_named(*bout) for bout in found], shown, rng)
    return home


def nights(home: Home, life: Life) -> list[float]:
    """The night's work from the bouts on, and the week's on Sundays; gives the seconds that the board of each date took."""
    took = []
    for date in life.dates:
        if date.weekday() == 6:
            habits(home, date)
            forecast(home, date - dt.timedelta(days=1))
        for stage in (counts, anomalies, forecast, report):
            stage(home, date)
        began = time.process_time()
        tensorboard(home, date)
        took.append(time.process_time() - began)
    return took


def _named(cat: str, behaviour: str, camera: str, start: float, end: float, luck: float) -> Bout:
    return (UNKNOWN if luck < UNNAMED else cat, behaviour, camera, start, end)


def _day(home: Home, life: Life, date: dt.date, found: list[Bout], film: Film | None, rng: np.random.Generator) -> None:
    day = local_day(date, home.zone)
    seen = {camera: life.recorded(camera, day) for camera in life.places}
    parts = [
        (cat, behaviour, camera, part, start < day.start.timestamp(), end > day.end.timestamp(), start)
        for cat, behaviour, camera, start, end in found
        if end > day.start.timestamp() and start < day.end.timestamp()
        for part in _inside(seen[camera], start, end)[:1]
    ]
    parts.sort(key=lambda part: (part[3], part[0]))
    rows = [_row(date, number, *part) for number, part in enumerate(parts)]
    _chunks(home, date, seen, rows, film)
    home.tables.write(BOUTS, _frame(BOUTS.columns, rows), date, fingerprint=f"{date}")
    budget = [share for cat in (*life.cats, UNKNOWN) for share in _shares(home, cat, seen, rows, day)]
    typed = pd.DataFrame(budget, columns=list(BUDGET.columns)).astype({"animal": np.int32, "bouts": np.int32})
    home.tables.write(BUDGET, typed, date, fingerprint=f"{date}")
    tracks = [[row["camera"], number, row["cat"], 1] for number, row in enumerate(rows)]
    whose = pd.DataFrame(tracks, columns=list(ANIMALS.columns)).astype({"animal": np.int32})
    home.tables.write(ANIMALS, whose, date, fingerprint=f"{date}")
    for camera in life.places:
        own = [
            moment
            for number, row in enumerate(rows)
            if row["camera"] == camera
            for moment in _moments(row, number, rng)
        ]
        home.tables.write(MOMENTS, _frame(MOMENTS.columns, own), date, camera, fingerprint=f"{date}")


def _inside(spans: list[Span], start: float, end: float) -> list[Span]:
    whole = Span(*(dt.datetime.fromtimestamp(edge, dt.UTC) for edge in (start, end)))
    return [part for span in spans if (part := span.overlap(whole)) and part.seconds >= 8]


def _row(
    date: dt.date,
    number: int,
    cat: str,
    behaviour: str,
    camera: str,
    span: Span,
    before: bool,
    after: bool,
    start: float,
) -> dict[str, object]:
    name = f"{camera}/chunk-{span.start:%Y%m%d-%H}0000.mp4"
    return {
        "cat": cat, "animal": 1, "behaviour": behaviour, "start": span.start, "end": span.end, "duration_s": span.seconds,
        "confidence": 0.8, "cameras": [camera], "chunk": name, "offset_s": 0.0, "continues_before": before,
        "continues_after": after, "bout_id": f"{int(start):x}{number:04x}"[-12:], "evidence": "simulated", "camera": camera,
        **dict(zip(("x1", "y1", "x2", "y2"), BOX, strict=True)),
    }  # fmt: skip


def _shares(
    home: Home, cat: str, seen: dict[str, list[Span]], rows: list[dict[str, object]], day: Span
) -> list[list[object]]:
    """The budget of a cat: what it was seen doing, else unseen where a camera recorded, else a gap."""
    own = [row for row in rows if row["cat"] == cat]
    if cat == UNKNOWN and not own:
        return []
    recorded = sum(span.seconds for span in merge([span for spans in seen.values() for span in spans]))
    shares: list[list[object]] = []
    for behaviour in BEHAVIOURS:
        place = NEEDS_ZONE.get(behaviour)
        watching = [spans for camera, spans in seen.items() if not place or home.config.cameras[camera].zones_of(place)]
        observed = sum(span.seconds for span in merge([span for spans in watching for span in spans]))
        mine = [row for row in own if row["behaviour"] == behaviour]
        seconds = sum(float(str(row["duration_s"])) for row in mine)
        shares.append([cat, 1, behaviour, seconds, sum(not row["continues_before"] for row in mine), observed])
    spent = sum(float(str(share[3])) for share in shares)
    shares.append([cat, 1, "unseen", max(0.0, recorded - spent), 0, recorded])
    shares.append([cat, 1, "gap", day.seconds - recorded, 0, 0.0])
    return shares


def _moments(row: dict[str, object], track: int, rng: np.random.Generator) -> list[dict[str, object]]:
    """A look every five minutes, of which a part can be read."""
    start, end, found = row["start"], row["end"], []
    assert isinstance(start, dt.datetime) and isinstance(end, dt.datetime)
    while start < end:
        read, odd = rng.random() < 0.6, float(rng.random())
        reasons = [f"unusual for {str(row['cat']).capitalize()}: it lies lower than it does"] if odd > 0.995 else []
        chances = {f"p_{name}": 0.9 if name == row["behaviour"] else 0.0 for name in BEHAVIOURS}
        found.append(
            {"start": start, "end": start, "camera": row["camera"], "chunk": row["chunk"], "offset_s": 0.0}
            | {"track_id": track, "cat": row["cat"], "behaviour": row["behaviour"], "confidence": 0.8, **chances}
            | {"posture": "relaxed" if read else "", "comfort": float(rng.beta(9, 3)) if read else np.nan}
            | {"anomaly": odd, "reasons": reasons}
        )
        start += dt.timedelta(minutes=5)
    return found


def _chunks(
    home: Home, date: dt.date, seen: dict[str, list[Span]], rows: list[dict[str, object]], film: Film | None
) -> None:
    """The manifest and, if it is filmed, a chunk a camera that has a frame of the middle of each bout."""
    cameras = {}
    for camera, spans in seen.items():
        own = [row for row in rows if row["camera"] == camera]
        if film is not None and own:
            middles = [row["start"] + (row["end"] - row["start"]) / 2 for row in own]  # type: ignore[operator]
            name = f"{camera}/chunk-{date:%Y%m%d}-000000.mp4"
            shots = film(camera, middles)
            _write(home.root / "data" / "footage" / name, [picture for picture, _ in shots])
            for number, (row, (_, boxes)) in enumerate(zip(own, shots, strict=True)):
                row |= {"chunk": name, "offset_s": number / 5}
                row |= dict(zip(("x1", "y1", "x2", "y2"), boxes.get(str(row["cat"]), BOX), strict=True))
        named = [(span, f"{camera}/chunk-{span.start:%Y%m%d-%H%M%S}.mp4") for span in spans]
        cameras[camera] = CameraManifest(
            [Chunk(name, 1, "0" * 32, span.start, span.end, "h264", 640, 360, 5.0) for span, name in named]
        )
    home.data.write(manifest_key(date), Manifest(date, str(home.zone), cameras).to_json())


def _write(path: Path, pictures: Sequence[NDArray[np.uint8]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=5)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


def _frame(columns: dict[str, object], rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype({"start": UTC_US, "end": UTC_US})


def main() -> None:
    """`python -m bench.board`."""
    parser = argparse.ArgumentParser(description="A home of simulated weeks, with its board.")
    parser.add_argument("--out", type=Path, required=True, help="the home that is made")
    parser.add_argument("--days", type=int, default=56)
    parser.add_argument("--filmed", type=int, default=3, help="of the last days, with pictures")
    asked = parser.parse_args()
    sick = FIRST + dt.timedelta(days=asked.days - 3)
    life = Life(asked.days, ill=[f"{CAT_NAMES[0]} no_appetite {sick}"])
    home = lived_home(asked.out, life, life.film, asked.filmed)
    took = nights(home, life)
    logs = [entry.size for entry in home.tables.store.list("tensorboard/")]
    print(f"{len(logs)} event files, {sum(logs) / 1e6:.1f} MB of {len(took)} days")
    print(f"the board of a day took {np.median(took):.2f} s of processor, {max(took):.2f} s at most")


if __name__ == "__main__":
    main()
