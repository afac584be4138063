"""A camera for tests: a real RTSP server on loopback whose frames carry their own number, and that can be hurt.

with Source(tmp_path, fps=5, keyframe_s=2) as camera:
    camera.url                      # rtsp://127.0.0.1:PORT/live, with user and password if it has them
    camera.kill(); camera.start()   # the numbers go on, the port stays
    camera.stop(); camera.cont()    # SIGSTOP and SIGCONT: alive, but nothing comes
    camera.stall(); camera.go()     # answers, but makes no frames
    camera.resize(160, 120)         # in the middle of the stream, without a word
    camera.sent()                   # every frame it made, and when
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import select
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

PROGRAM = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"
_STARTS_WITHIN_S = 20


@functools.cache
def why_no_source() -> str | None:
    """Why there can be no source on this machine, or None: for `pytest.mark.skipif`."""
    if not Path(SYSTEM_PYTHON).exists():
        return f"{SYSTEM_PYTHON} is missing: no RTSP server for tests"
    asked = subprocess.run([SYSTEM_PYTHON, str(PROGRAM), "--help"], capture_output=True, timeout=60, check=False)
    if asked.returncode == 0:
        return None
    return (
        "GStreamer's RTSP server is missing: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 "
        "gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad "
        "gstreamer1.0-plugins-ugly"
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame the source made: its number, the moment by the monotonic clock (s) and as UTC."""

    number: int
    monotonic: float
    utc: dt.datetime


@dataclass
class Source:
    """A camera. Its process begins with `start` (or as a context manager) and can end and begin many times.

    Attributes:
        folder: where its log lies; it may be shared with nobody.
        codec: `h264`, `h265` or `mjpeg`.
        size: width and height, 80 x 60 at least, even.
        keyframe_s: seconds from one keyframe to the next.
        b_frames: frames in a row that are shown before one that comes earlier.
        bitrate: kbit/s; `noise` (0..256) is what fills them.
        user, password: asked of clients, in digest form if `digest`.
        mounts: how many cameras this is: `/live`, `/live1` … with the same pictures.
        rtp_wrap_s: RTP's clock wraps after so many seconds; 0: some time.
        clip: an mp4 that is sent instead, as it is, once, from the moment somebody watches.
        next_number: of the next frame it makes, after a start.
    """

    folder: Path
    codec: str = "h264"
    size: tuple[int, int] = (320, 240)
    fps: int = 5
    keyframe_s: float = 2.0
    b_frames: int = 0
    bitrate: int = 300
    quality: int = 60
    noise: int = 0
    user: str | None = None
    password: str = ""
    digest: bool = False
    mounts: int = 1
    rtp_wrap_s: float = 0.0
    clip: Path | None = None
    next_number: int = 0
    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> Source:
        """Start it and wait until its port is open."""
        assert self.process is None, "it runs"
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("FAKETIME", "LD_"))}
        if self.user:
            environment |= {"SOURCE_USER": self.user, "SOURCE_PASSWORD": self.password}
        with (self.folder / "source.err").open("ab") as told:
            self.process = subprocess.Popen(
                self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True, env=environment
            )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], _STARTS_WITHIN_S)
        line = self.process.stdout.readline() if ready else ""
        assert line, f"the source did not start: {(self.folder / 'source.err').read_text()}"
        self.port = json.loads(line)["port"]
        return self

    def _command(self) -> list[str]:
        command = [SYSTEM_PYTHON, str(PROGRAM), "--log", str(self.log), "--codec", self.codec]
        command += ["--size", f"{self.size[0]}x{self.size[1]}", "--fps", str(self.fps)]
        command += ["--keyframe-s", str(self.keyframe_s), "--b-frames", str(self.b_frames)]
        command += ["--bitrate", str(self.bitrate), "--quality", str(self.quality), "--noise", str(self.noise)]
        command += ["--port", str(self.port), "--mounts", str(self.mounts), "--first-number", str(self._next())]
        command += ["--clip", str(self.clip)] if self.clip else []
        return [*command, "--rtp-wrap-s", str(self.rtp_wrap_s), *(["--digest"] if self.digest else [])]

    def _next(self) -> int:
        made = self.sent()
        return made[-1].number + 1 if made else self.next_number

    @property
    def log(self) -> Path:
        """The file with a line for every frame made."""
        return self.folder / "source.log"

    @property
    def url(self) -> str:
        """The address of the first mount, with user and password."""
        return self.url_of(0)

    def url_of(self, mount: int) -> str:
        """The address of a mount, with user and password."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"rtsp://{who}127.0.0.1:{self.port}/live{mount or ''}"

    def sent(self) -> list[Sent]:
        """Every frame made until now, in order."""
        if not self.log.exists():
            return []
        frames = []
        for line in self.log.read_text().splitlines(keepends=True):
            parts = line.split()
            if line.endswith("\n") and len(parts) == 3:  # a kill may leave a last line that is cut through
                frames.append(Sent(int(parts[0]), float(parts[1]), dt.datetime.fromtimestamp(float(parts[2]), dt.UTC)))
        return frames

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self._wait()

    def end(self) -> None:
        """Stop it cleanly; its clients are told."""
        if self.process is not None:
            self.cont()
            self._order("quit")
            self._wait()

    def _wait(self) -> None:
        assert self.process is not None and self.process.stdin is not None and self.process.stdout is not None
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def stop(self) -> None:
        """SIGSTOP: connections stay open, nothing comes and nothing is answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def cont(self) -> None:
        """SIGCONT. What it could not make meanwhile is not made later."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def played(self, within_s: float) -> bool:
        """Wait for the end of the clip; False if it is not reached within this time."""
        assert self.process is not None and self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], within_s)
        return bool(ready) and self.process.stdout.readline() == "played\n"

    def stall(self) -> None:
        """Make no more frames, but answer."""
        self._order("stall")

    def go(self) -> None:
        """Make frames again."""
        self._order("go")

    def resize(self, width: int, height: int) -> None:
        """Go on in another size, in the middle of the stream: clients learn it from the stream itself."""
        self.size = (width, height)
        self._order(f"size {width}x{height}")

    def jump(self, seconds: float) -> None:
        """Set the clock of the stream's own time stamps forward, or back if negative."""
        self._order(f"jump {seconds}")

    def _order(self, line: str) -> None:
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def __enter__(self) -> Source:
        return self.start() if self.process is None else self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
