"""The night's work against the obvious way: same chunks, same sample period, same weights, one run, two threads.

    python -m bench.night [--minutes 60] [--keep DIR] [--pose FILE] [--behave FILE]

The obvious way is `YOLO(weights).predict(source=chunk, vid_stride=…)`: every frame is decoded, every fifth second one is
looked at. Ours is the stages as `catml nightly` runs them; both fill the same tables and are counted by the same `bouts`
stage. Where params.yaml or an option names a pose network, the obvious way is measured a second time with it: every frame of
every burst is found in and read, and nothing is made of the poses, while ours goes on to `behave`. Footage is rendered:
1600x1200 at 5 fps with sensor noise, one cat that sleeps and, for a tenth of the time, plays.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

START = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
DATE = START.date()
CAMERA = "living-room"
PERIOD_S, FPS, SIZE = 5.0, 5, (1600, 1200)
LINES = (("H.264, keyframe in 5 s", "h264", 5.0), ("H.264, keyframe a second", "h264", 1.0), ("MJPEG", "mjpeg", 5.0))
STAGES = ("manifest", "extract", "detect", "pose", "behave", "bouts")


def main() -> None:
    """Render, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=int, default=60, help="minutes of footage per line")
    parser.add_argument("--keep", type=Path, help="render into this folder and keep it for the next run")
    parser.add_argument("--pose", metavar="FILE", help="the pose network; else that of params.yaml")
    parser.add_argument("--behave", metavar="FILE", help="the classifier of behaviour; else that of params.yaml")
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--obvious", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--obvious-poses", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    named = {"pose": options.pose, "behave": options.behave}
    models = {f"{stage}.model": str(Path(file).absolute()) for stage, file in named.items() if file}
    if options.ours or options.obvious or options.obvious_poses:
        if options.ours:
            done = _ours(options.ours, models)
        else:
            done = _obvious(options.obvious) if options.obvious else _obvious_poses(options.obvious_poses, models)
        print(json.dumps(done))
        return
    given = [text for stage, file in named.items() if file for text in (f"--{stage}", file)]
    folder = options.keep or Path(tempfile.mkdtemp(prefix="catml-bench-"))
    print(f"{options.minutes} minutes of {SIZE[0]}x{SIZE[1]} at {FPS} fps, a sample in {PERIOD_S:g} s, 2 threads\n")
    try:
        for number, (name, codec, keyframe_s) in enumerate(LINES):
            _line(name, folder / f"{number}-{codec}", options.minutes, codec, keyframe_s, given)
        _memory(folder / "0-h264", folder / "short", options.minutes, given)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def _line(name: str, home: Path, minutes: int, codec: str, keyframe_s: float, given: list[str]) -> None:
    seconds = render(home, minutes, codec, keyframe_s)
    plain = _run("--obvious", home)
    first, second = _run("--ours", home, given), _run("--ours", home, given)
    print(f"{name}")
    stages = [stage for stage in STAGES if stage in first]
    for stage in stages:
        told = f"  {first['pose_looks']}" if stage == "pose" else ""
        speed, cpu = seconds / max(first[stage], 1e-3), first[f"{stage}_cpu"]
        print(f"  {stage:10} {first[stage]:7.2f} s  {speed:8.0f} times real time, {cpu:6.2f} s of CPU{told}")
    ours = sum(first[stage] for stage in stages)
    print(f"  ours       {ours:7.2f} s  {seconds / ours:8.0f} times real time, peak {first['peak_mb']:.0f} MB")
    print(
        f"  obvious    {plain['seconds']:7.2f} s  {seconds / plain['seconds']:8.0f} times real time, peak {plain['peak_mb']:.0f} MB"
    )
    print(f"  ratio      {plain['seconds'] / ours:7.1f} times as fast")
    if "pose" in stages:
        posed = _run("--obvious-poses", home, given)
        print(
            f"  obvious with poses {posed['seconds']:.2f} s, peak {posed['peak_mb']:.0f} MB, {posed['poses']} poses: "
            f"ours is {posed['seconds'] / ours:.1f} times as fast"
        )
    share = first["cat_seconds"] / max(plain["cat_seconds"], 1) - 1
    print(
        f"  cat-seconds {first['cat_seconds']} against {plain['cat_seconds']} ({share:+.1%}); truth {first['true_s']}"
    )
    again = sum(second[stage] for stage in stages)
    print(f"  second run on the unchanged footage {again:.3f} s, {again / ours:.2%} of the first\n")


def _memory(home: Path, short: Path, minutes: int, given: list[str]) -> None:
    """Peak memory over a third of the footage and over all of it."""
    render(short, max(5, minutes // 3), "h264", 5.0)
    peaks = []
    for folder in (short, home):
        _forget(folder)
        peaks.append(_run("--ours", folder, given)["peak_mb"])
    print(f"peak memory {peaks[0]:.0f} MB over a third of the footage, {peaks[1]:.0f} MB over all of it")


def _run(what: str, home: Path, given: Sequence[str] = ()) -> dict[str, Any]:
    """One way in a process of its own, so that its peak memory is its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}
    command = [sys.executable, "-m", "bench.night", what, str(home), *given]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def render(home: Path, minutes: int, codec: str, keyframe_s: float) -> float:
    """Footage of a cat that sleeps and plays, once; returns its seconds."""
    from simulate.home import simulate_home
    from simulate.routine import Episode

    if not (home / "home.yaml").exists():
        diary = []
        for begin in range(0, minutes * 60, 300):
            at = [START + dt.timedelta(seconds=begin + second) for second in (0, 270, 276, 294, 300)]
            diary += [
                Episode("miso", "sleeping", at[0], at[1], CAMERA, "bed"),
                Episode("miso", "other", at[1], at[2], CAMERA, subtype="walking"),
                Episode("miso", "playing", at[2], at[3], CAMERA, subtype="toy"),
                Episode("miso", "other", at[3], at[4], CAMERA, subtype="walking"),
            ]
        simulate_home(
            home / "data" / "footage", START, minutes, seed=7, cameras=1, size=SIZE, fps=FPS,
            keyframe_s=keyframe_s, codec=codec, diary=diary,
        )  # fmt: skip
        (home / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  {CAMERA}: {{}}\n")
    _forget(home)
    return minutes * 60.0


def _forget(home: Path) -> None:
    for name in ("tables", "manifests", "cache", "quality", "quarantine"):
        shutil.rmtree(home / "data" / name, ignore_errors=True)


def _ours(folder: Path, models: dict[str, str]) -> dict[str, Any]:
    import great_expectations  # noqa: F401  imports count for neither way: here 3 s, there 5 s

    from home.folder import open_home
    from tasks.night import NIGHT
    from tasks.stage import units

    home = open_home(folder, {"extract.sample_period_s": str(PERIOD_S), "nightly.threads": "2", **models})
    result: dict[str, Any] = {}
    for stage in [stage for stage in NIGHT if stage.name in STAGES]:
        began, worked = time.perf_counter(), time.process_time()
        (unit,) = units(stage.per, [DATE], [CAMERA])
        outcome = stage.function(home, *unit)
        if not outcome.left_out:
            result[stage.name] = time.perf_counter() - began
            result[f"{stage.name}_cpu"] = time.process_time() - worked
        if stage.name == "pose":
            result["pose_looks"] = ", ".join(
                f"{outcome.facts.get(name)} {name}" for name in ("samples", "bursts", "poses")
            )
    minutes = result_minutes(folder)
    return {**result, "cat_seconds": outcome.facts["cat_seconds"], "true_s": minutes * 60, "peak_mb": _peak_mb()}


def result_minutes(folder: Path) -> int:
    """Minutes of footage, from the number of 5-minute chunks."""
    return 5 * len(list((folder / "data" / "footage" / CAMERA).glob("chunk-*.mp4")))


def _obvious(folder: Path) -> dict[str, Any]:
    """Every sample of every chunk through Ultralytics; its boxes then go the same way as ours."""
    from ultralytics import YOLO

    from home.folder import open_home

    home = open_home(folder, {"extract.sample_period_s": str(PERIOD_S), "nightly.threads": "2"})
    weights = home.file(home.params.detect.model)
    size = json.loads((weights.parent / "model.json").read_text())["input_size"]
    model = YOLO(str(weights), task="detect")
    chunks = sorted((folder / "data" / "footage" / CAMERA).glob("chunk-*.mp4"))
    found = []
    began = time.perf_counter()
    for chunk in chunks:
        stride = round(PERIOD_S * FPS)
        results = model.predict(
            source=str(chunk), vid_stride=stride, conf=home.params.detect.confidence_low, imgsz=size, stream=True,
            verbose=False, classes=[0],
        )  # fmt: skip
        found += [
            (chunk, number * PERIOD_S, result.boxes.xyxyn.numpy(), result.boxes.conf.numpy())
            for number, result in enumerate(results)
        ]
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak_mb": _peak_mb(), "cat_seconds": _cat_seconds(folder, found)}


def _obvious_poses(folder: Path, models: dict[str, str]) -> dict[str, Any]:
    """Every frame of every burst through Ultralytics, and each box on it through the pose network."""
    import cv2
    from ultralytics import YOLO

    from home.folder import open_home
    from tasks.pose import load_reader

    home = open_home(folder, {"extract.sample_period_s": str(PERIOD_S), **models})
    weights = home.file(home.params.detect.model)
    size = json.loads((weights.parent / "model.json").read_text())["input_size"]
    model, reader, confidence = YOLO(str(weights), task="detect"), load_reader(home), home.params.detect.confidence
    period, burst = round(PERIOD_S * FPS), round(home.params.pose.burst_s * home.params.pose.burst_fps)
    poses = 0
    began = time.perf_counter()
    for chunk in sorted((folder / "data" / "footage" / CAMERA).glob("chunk-*.mp4")):
        video, number = cv2.VideoCapture(str(chunk)), 0
        while True:
            there, frame = video.read()
            if not there:
                break
            if number % period < burst:
                (result,) = model.predict(frame, conf=confidence, imgsz=size, verbose=False, classes=[0])
                poses += len(reader.read(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), result.boxes.xyxyn.numpy()))
            number += 1
        video.release()
    return {"seconds": time.perf_counter() - began, "peak_mb": _peak_mb(), "poses": poses}


def _cat_seconds(folder: Path, found: list[tuple[Path, float, Any, Any]]) -> int:
    """The same tracker and the same `bouts` stage over boxes that were found the obvious way."""
    import numpy as np
    import pandas as pd

    from home.folder import open_home
    from home.footage import ChunkName
    from home.tables import DETECTIONS, FRAMES
    from models.detector.boxes import without_parts
    from models.following import Look, follow
    from tasks.bouts import bouts
    from tasks.detect import tracker_settings
    from tasks.manifest import manifest

    with tempfile.TemporaryDirectory() as scratch:
        text = f"timezone: UTC\nstore: {{footage: {(folder / 'data' / 'footage').absolute()}}}\ncameras:\n  {CAMERA}: {{}}\n"
        Path(scratch, "home.yaml").write_text(text)
        home = open_home(Path(scratch), {"extract.sample_period_s": str(PERIOD_S)})
        manifest(home, DATE)
        frames, looks = [], []
        for chunk, offset, boxes, scores in found:
            key = f"{CAMERA}/{chunk.name}"
            name = ChunkName.parse(key)
            assert name is not None
            ts = name.start + dt.timedelta(seconds=offset)
            frames.append([ts, CAMERA, key, offset, True, 1.0, True, b""])
            keep = without_parts(boxes, scores)  # as the stage `detect` does
            looks.append(Look(ts.timestamp(), boxes[keep].astype(np.float32), scores[keep].astype(np.float32)))
        tracks = follow(looks, tracker_settings(home.params.detect))
        rows = [
            [*frame[:4], False, int(track), "cat", float(score), *map(float, box), "unknown", 0.0]
            for frame, look, own in zip(frames, looks, tracks, strict=True)
            for box, score, track in zip(look.boxes, look.scores, own, strict=True)
            if track > 0
        ]
        looked = pd.DataFrame(frames, columns=list(FRAMES.columns)).astype({"ts": "datetime64[us, UTC]"})
        boxes = pd.DataFrame(rows, columns=list(DETECTIONS.columns)).astype({"ts": "datetime64[us, UTC]"})
        home.tables.write(FRAMES, looked, DATE, CAMERA, "obvious")
        home.tables.write(DETECTIONS, boxes, DATE, CAMERA, "obvious")
        return int(bouts(home, DATE).facts["cat_seconds"])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
