"""The night on real clips, against a COCO-trained detector on the same samples.

    python -m bench.first_night [--clips ../shared/data/video] [--out runs/first-night]

Every clip is imported as footage of a camera of its own, the night's stages run with a sample a second, once with the
shipped detector and once with the COCO one. Prints a Markdown table of cat-seconds (seconds with presence on that
camera), writes a drawing of the samples of every clip (no footage in it) as SVG, and of the three clips with the
largest shortfall pictures with both detectors' boxes. The pictures are of footage that may not be handed on: they stay
in the folder.
"""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from home.errors import WrongUse
from home.folder import Home, open_home
from home.look import mark_of
from home.store import write_file
from home.tables import BOUTS, DETECTIONS, FRAMES
from home.video import still
from ingest.existing import import_footage
from tasks.bouts import bouts
from tasks.detect import detect
from tasks.extract import extract
from tasks.manifest import manifest

DATE = dt.date(2026, 3, 1)
COCO = "../shared/data/weights/yolox_nano_416_coco.onnx"
WORST = 3


@dataclass(frozen=True)
class Clip:
    """One clip: its camera, samples and detections of both detectors, and cat-seconds of both."""

    camera: str
    seconds: float
    looks: pd.DataFrame
    ours: pd.DataFrame
    coco: pd.DataFrame
    ours_s: int
    coco_s: int


def first_night(clips: list[Path], root: Path, coco: Path) -> list[Clip]:
    """Import every clip and run the night over it, once with each detector."""
    names = [path.stem.replace("_", "-").lower() for path in clips]
    root.mkdir(parents=True, exist_ok=True)
    (root / "home.yaml").write_text("timezone: UTC\ncameras:\n" + "".join(f"  {name}: {{}}\n" for name in names))
    home = open_home(root, {"extract.sample_period_s": "1"})
    for number, (path, name) in enumerate(zip(clips, names, strict=True)):
        # An hour apart, so that no two clips are one cat that two cameras see.
        report = import_footage(home, [path], name, dt.datetime(2026, 3, 1, number, tzinfo=dt.UTC))
        if report.exit_status:
            raise WrongUse(f"{path.name}: {report.failed}")
    ours, ours_s = _night(home, names)
    other = open_home(root, {"extract.sample_period_s": "1", "detect.model": str(coco.absolute())})
    theirs, theirs_s = _night(other, names)
    footage = {name: home.tables.notes(FRAMES, DATE, name)["footage_s"] for name in names}
    looks = {name: home.tables.read(FRAMES, DATE, name) for name in names}
    return [
        Clip(name, footage[name], looks[name], ours[name], theirs[name], ours_s[name], theirs_s[name]) for name in names
    ]


def _night(home: Home, cameras: list[str]) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    manifest(home, DATE)
    for camera in cameras:
        extract(home, DATE, camera)
        detect(home, DATE, camera)
    bouts(home, DATE)
    found = home.tables.read(BOUTS, DATE)
    seconds = {}
    for number, camera in enumerate(cameras):
        start = pd.Timestamp(DATE, tz="UTC") + pd.Timedelta(hours=number)
        seen = np.zeros(3600, bool)
        for row in found[(found["start"] >= start) & (found["start"] < start + pd.Timedelta(hours=1))].itertuples():
            seen[int((row.start - start).total_seconds()) : int((row.end - start).total_seconds())] = True
        seconds[camera] = int(seen.sum())
    return {camera: home.tables.read(DETECTIONS, DATE, camera) for camera in cameras}, seconds


def table(clips: list[Clip]) -> str:
    """Markdown: a row per clip, and their sum."""
    lines = [
        "| clip | seconds | samples looked at | with a cat: ours | COCO | cat-seconds: ours | COCO |",
        "|---|---|---|---|---|---|---|",
    ]
    for clip in clips:
        ours, coco = clip.ours["ts"].nunique(), clip.coco["ts"].nunique()
        looked = int(clip.looks["kept"].sum())
        lines.append(
            f"| {clip.camera} | {clip.seconds:.1f} | {looked} | {ours} | {coco} | {clip.ours_s} | {clip.coco_s} |"
        )
    total = [sum(getattr(clip, name) for clip in clips) for name in ("ours_s", "coco_s")]
    looked = sum(int(clip.looks["kept"].sum()) for clip in clips)
    hits = [sum(getattr(clip, name)["ts"].nunique() for clip in clips) for name in ("ours", "coco")]
    seconds = sum(clip.seconds for clip in clips)
    lines.append(f"| **all** | {seconds:.1f} | {looked} | {hits[0]} | {hits[1]} | {total[0]} | {total[1]} |")
    return "\n".join(lines)


def worst(clips: list[Clip]) -> list[Clip]:
    """The clips in which ours falls furthest behind, as a share of the clip; where none does, the least seen ones."""
    return sorted(clips, key=lambda clip: ((clip.ours_s - clip.coco_s) / clip.seconds, clip.ours_s / clip.seconds))[
        :WORST
    ]


def drawing(clip: Clip) -> str:
    """An SVG of when and where each detector saw a cat: a column a sample, the height of its boxes in the frame."""
    step, high, left = 14, 90, 64
    looks = clip.looks[clip.looks["kept"]].reset_index(drop=True)
    colours = {"ours": mark_of("sleeping").light, "COCO": mark_of("eating").light}
    parts = []
    for row, (name, found) in enumerate((("ours", clip.ours), ("COCO", clip.coco))):
        top = row * (high + 16)
        parts.append(f'<text x="0" y="{top + high / 2}">{name}</text>')
        parts.append(
            f'<rect x="{left}" y="{top}" width="{step * len(looks)}" height="{high}" fill="none" stroke="#8C8C8C"/>'
        )
        for index, ts in enumerate(looks["ts"]):
            for box in found[found["ts"] == ts].itertuples():
                y, tall = top + box.y1 * high, max(1.0, (box.y2 - box.y1) * high)
                parts.append(
                    f'<rect x="{left + index * step + 2}" y="{y:.1f}" width="{step - 4}" height="{tall:.1f}" '
                    f'fill="{colours[name]}" fill-opacity="{box.confidence:.2f}"/>'
                )
    width = left + step * len(looks) + 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {2 * high + 18}" width="{width}" '
        f'font-family="system-ui" font-size="14">{"".join(parts)}</svg>\n'
    )


def pictures(home: Home, clip: Clip, count: int = 6) -> np.ndarray:
    """Samples of a clip side by side, ours solid, COCO thin, both with their scores; RGB."""
    looks = clip.looks[clip.looks["kept"]]
    chosen = looks.iloc[np.linspace(0, len(looks) - 1, min(count, len(looks))).astype(int)]
    tiles = []
    for look in chosen.itertuples():
        picture = still(home.footage.open(look.chunk), look.offset_s)
        scale = 360 / picture.shape[0]
        picture = cv2.resize(picture, (round(picture.shape[1] * scale), 360))
        for found, colour, width in ((clip.ours, (0, 114, 178), 3), (clip.coco, (213, 94, 0), 1)):
            for box in found[found["ts"] == look.ts].itertuples():
                sides = np.array([box.x1, box.y1, box.x2, box.y2]) * np.tile(picture.shape[1::-1], 2)
                x1, y1, x2, y2 = (int(side) for side in sides)
                cv2.rectangle(picture, (x1, y1), (x2, y2), colour, width)
                cv2.putText(picture, f"{box.confidence:.2f}", (x1 + 4, y2 - 6), 0, 0.5, colour, 1, cv2.LINE_AA)
        tiles.append(picture)
    return np.hstack(tiles)


def main() -> None:
    """Import, run, print, draw."""
    parser = argparse.ArgumentParser(description="The night on real clips, against a COCO-trained detector.")
    parser.add_argument("--clips", type=Path, default=Path("../shared/data/video"), help="folder of clips")
    parser.add_argument("--coco", type=Path, default=Path(COCO), help="the other detector")
    parser.add_argument("--out", type=Path, default=Path("runs/first-night"), help="where pictures go")
    parser.add_argument("--drawings", type=Path, default=Path("docs/first-night"), help="where drawings go")
    options = parser.parse_args()
    paths = sorted(options.clips.glob("*.mp4"))
    if not paths or not options.coco.exists():
        raise SystemExit(f"no clips in {options.clips}, or no detector at {options.coco}")
    clips = first_night(paths, options.out / "home", options.coco)
    print(table(clips))
    home = open_home(options.out / "home")
    for clip in worst(clips):
        write_file(options.drawings / f"{clip.camera}.svg", drawing(clip).encode())
        path = options.out / f"{clip.camera}.jpg"
        cv2.imwrite(str(path), cv2.cvtColor(pictures(home, clip), cv2.COLOR_RGB2BGR))
        print(f"\nworst: {clip.camera}: {path} and {options.drawings / clip.camera}.svg")


if __name__ == "__main__":
    main()
