"""The recorder beside the ffmpeg program, on the same stream at the same time: processor and memory.

    python -m bench.record [--seconds 120]

A camera of 1600x1200 at 5 frames a second (GStreamer's RTSP server) is read by both at once. First it sends H.264 that
both copy, then JPEGs that both encode with the same settings of x264. Processor time is that of the measured seconds,
after both have begun to write; memory is the peak since their start.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from ingest.record.state import read_state
from tests.faults.source import Source, why_no_source

SIZE, FPS, KEYFRAME_S = (1600, 1200), 5, 5.0
# What a small camera sends of a quiet room: 1.5 Mbit/s of H.264; 130 kB a JPEG.
BITRATE, NOISE, QUALITY = 1500, 16, 60
COPY = ["-c", "copy"]
ENCODE = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-crf",
    "28",
    "-bf",
    "0",
    "-g",
    "25",
    "-sc_threshold",
    "0",
    "-pix_fmt",
    "yuvj420p",
    "-threads",
    "2",
    "-x264-params",
    "rc-lookahead=2",
]
_BEGINS_WITHIN_S = 30


@dataclass(frozen=True)
class Cost:
    """What a process took: share of one core over the measured seconds, peak memory in MB, frames it wrote."""

    share: float
    peak_mb: float
    frames: int


@dataclass(frozen=True)
class Case:
    """One way to record.

    Attributes:
        name: for the table.
        codec: what the camera sends.
        ffmpeg: what the program is to do with it.
        most_share, most_mb, most_ratio: the goals; None where there is none.
    """

    name: str
    codec: str
    ffmpeg: list[str]
    most_share: float | None
    most_mb: float | None
    most_ratio: float


CASES = [
    Case("H.264, copied", "h264", COPY, 0.01, 80, 2.0),
    Case("MJPEG, encoded to H.264", "mjpeg", ENCODE, None, None, 1.1),
]


def measure(case: Case, folder: Path, seconds: float) -> tuple[Cost, Cost]:
    """Ours and ffmpeg's, on the same frames."""
    camera = Source(
        folder / "camera", codec=case.codec, size=SIZE, fps=FPS, keyframe_s=KEYFRAME_S, bitrate=BITRATE, noise=NOISE,
        quality=QUALITY,
    )  # fmt: skip
    with camera:
        ours, state = _recorder(camera.url, folder / "home")
        program = _ffmpeg(camera.url, folder / "ffmpeg", case.ffmpeg)
        try:
            _wait(lambda: (read_state(state) or {}).get("frames", 0) > FPS and any((folder / "ffmpeg").glob("*.mp4")))
            pids = (ours.pid, program.pid)
            before = [_seconds(pid) for pid in pids]
            begin = time.monotonic()
            time.sleep(seconds)
            after = [_seconds(pid) for pid in pids]
            took = time.monotonic() - begin
            peaks = [_peak_mb(pid) for pid in pids]
        finally:
            for process in (ours, program):
                process.send_signal(signal.SIGINT if process is program else signal.SIGTERM)
                process.wait(30)
    shares = [(late - early) / took for early, late in zip(before, after, strict=True)]
    chunks = (folder / "home" / "data" / "spool" / "bench").glob("chunk-*.mp4")
    frames = [sum(map(_frames, chunks)), sum(map(_frames, (folder / "ffmpeg").glob("*.mp4")))]
    first, second = (Cost(*values) for values in zip(shares, peaks, frames, strict=True))
    return first, second


def _recorder(url: str, home: Path) -> tuple[subprocess.Popen[bytes], Path]:
    home.mkdir(parents=True)
    (home / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  bench:\n    url: {url}\n")
    command = [sys.executable, "-m", "ingest.record.recorder", "--home", str(home), "bench"]
    with (home / "recorder.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    return process, home / "data" / "spool" / "bench" / "state.json"


def _ffmpeg(url: str, folder: Path, what: list[str]) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    read = ["ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-threads", "1", "-i", url, "-an"]
    segments = ["-f", "segment", "-segment_time", "300", "-segment_format_options", "movflags=frag_keyframe+empty_moov"]
    return subprocess.Popen([*read, *what, *segments, str(folder / "%03d.mp4")])


def _wait(begun: Callable[[], bool]) -> None:
    end = time.monotonic() + _BEGINS_WITHIN_S
    while not begun():
        if time.monotonic() > end:
            raise SystemExit("one of the two did not begin to write")
        time.sleep(0.1)


def _seconds(pid: int) -> float:
    """Processor time that a process has taken, its threads included, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | 2)  # what clock_getcpuclockid(3) gives: MAKE_PROCESS_CPUCLOCK of Linux


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="to measure over, each way")
    options = parser.parse_args()
    if why := why_no_source():
        raise SystemExit(why)
    print(f"1600x1200, {FPS} frames a second, {options.seconds:g} s\n")
    print("| way | | share of a core | times ffmpeg's | peak memory | frames |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            ours, program = measure(case, Path(folder), options.seconds)
        ratio = f"{ours.share / program.share:.2f} (goal {case.most_ratio:g})"
        share, memory = f"{ours.share:.2%}", f"{ours.peak_mb:.0f} MB"
        share += f" (goal {case.most_share:.0%})" if case.most_share else ""
        memory += f" (goal {case.most_mb:g} MB)" if case.most_mb else ""
        print(f"| {case.name} | CatML | {share} | {ratio} | {memory} | {ours.frames} |")
        print(f"| | ffmpeg | {program.share:.2%} | 1 | {program.peak_mb:.0f} MB | {program.frames} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
