"""A camera for tests: an RTSP server whose frames carry their own number. Run by the system's Python, which has GStreamer.

    python3 rtsp_server.py --log FILE [--codec h264 --size 320x240 --fps 5 --keyframe-s 2 …]

One encoder runs from the start whether somebody watches or not, as in a camera; every mount sends what it makes from
the moment somebody asks, in the middle of a group of pictures too. The first line on standard output is JSON:
`{"port": …}`. Lines on standard input are orders: `stall`, `go`, `size WxH`, `jump SECONDS` (of RTP's clock), `quit`.
Each frame made is a line of the log: number, monotonic seconds, UTC seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time

import gi
from barcode import GREY, picture
from rtsp_frames import Clip, Encoder

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402

PAYLOADERS = {
    "h264": "rtph264pay config-interval=-1",
    "h265": "rtph265pay config-interval=-1",
    "mjpeg": "rtpjpegpay",
}


class Mount(GstRtspServer.RTSPMediaFactory):
    """One path of the server; all its clients share a media, fed with what the encoder made."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__()
        self.source: GstApp.AppSrc | None = None
        self.played = threading.Event()
        offset = ""
        if options.rtp_wrap_s:
            offset = f" timestamp-offset={2**32 - round(options.rtp_wrap_s * 90_000)}"
        self.set_launch(
            "( appsrc name=src is-live=true format=time max-bytes=50000000 ! queue max-size-bytes=0 max-size-time=0 "
            f"max-size-buffers=0 ! {PAYLOADERS[options.codec]} name=pay0 pt=96{offset} )"
        )
        self.set_shared(True)
        self.connect("media-configure", self._configure)

    def _configure(self, _: GstRtspServer.RTSPMediaFactory, media: GstRtspServer.RTSPMedia) -> None:
        self.source = media.get_element().get_by_name("src")
        media.connect("unprepared", self._gone, self.source)
        media.connect("new-state", self._new_state)

    def _new_state(self, media: GstRtspServer.RTSPMedia, state: int) -> None:
        _send_at_once(media)
        if state == int(Gst.State.PLAYING):
            self.played.set()

    def _gone(self, _: GstRtspServer.RTSPMedia, source: GstApp.AppSrc) -> None:
        if self.source is source:
            self.source = None

    @property
    def is_watched(self) -> bool:
        """Whether frames go anywhere now."""
        source = self.source
        return source is not None and source.get_state(0)[1] == Gst.State.PLAYING

    def push(self, sample: Gst.Sample, moment: int, decoded: int, jumped: int) -> None:
        """Send a frame made at `moment` of the system's clock; all in nanoseconds."""
        source = self.source
        if source is None or not self.is_watched:
            return
        base = source.get_base_time()
        if min(moment, decoded) < base or min(moment, decoded) + jumped < base:
            return
        if not source.get_property("caps") or not source.get_property("caps").is_equal(sample.get_caps()):
            source.set_property("caps", sample.get_caps())
        buffer = sample.get_buffer().copy_deep()  # `copy` of a buffer is a reference in Python
        buffer.pts, buffer.dts = moment + jumped - base, decoded + jumped - base
        source.emit("push-buffer", buffer)


class Server:
    """The encoder, the mounts, and the loop that makes a frame each 1/fps."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.clock = Gst.SystemClock.obtain()
        self.zero = self.clock.get_time()
        self.size = options.size
        self.mounts = [Mount(options) for _ in range(options.mounts)]
        self.clip = Clip(options) if options.clip else None
        self.encoder = None if self.clip else Encoder(options, self.size, self._deliver)
        self.noise = os.urandom(self.size[0] * self.size[1] + 65536) if options.noise else b""
        if options.noise < 256 and self.noise:
            self.noise = bytes(GREY + (byte * options.noise >> 8) - options.noise // 2 for byte in self.noise)
        self.making, self.ended = threading.Event(), threading.Event()
        self.making.set()
        self.wanted_size, self.jumped = self.size, 0
        self.rtsp = GstRtspServer.RTSPServer()

    def listen(self) -> int:
        """Open the port; returns its number."""
        self.rtsp.set_address("127.0.0.1")
        self.rtsp.set_service(str(self.options.port))
        paths = self.rtsp.get_mount_points()
        user, password = os.environ.get("SOURCE_USER"), os.environ.get("SOURCE_PASSWORD", "")
        for number, mount in enumerate(self.mounts):
            paths.add_factory("/live" if number == 0 else f"/live{number}", mount)
            if user:
                allowed = GstRtspServer.RTSPPermissions()
                for right in ("media.factory.access", "media.factory.construct"):
                    allowed.add_permission_for_role("viewer", right, True)
                mount.set_permissions(allowed)
        if user:
            self.rtsp.set_auth(_auth(user, password, self.options.digest))
        if not self.rtsp.attach(None):
            raise SystemExit(f"port {self.options.port} cannot be opened")
        GLib.timeout_add_seconds(2, self._forget_sessions)
        return self.rtsp.get_bound_port()

    def _forget_sessions(self) -> bool:
        self.rtsp.get_session_pool().cleanup()
        return True

    def _times(self, sample: Gst.Sample) -> tuple[int, int]:
        """When a frame is shown and when it is decoded, nanoseconds of the system's clock."""
        buffer, segment = sample.get_buffer(), sample.get_segment()
        moment = self.zero + segment.to_running_time(Gst.Format.TIME, buffer.pts)
        if buffer.dts == Gst.CLOCK_TIME_NONE:
            return moment, moment
        sign, value = segment.to_running_time_full(Gst.Format.TIME, buffer.dts)
        return moment, self.zero + sign * value

    def _deliver(self, sample: Gst.Sample) -> Gst.FlowReturn:
        moment, decoded = self._times(sample)
        for mount in self.mounts:
            mount.push(sample, moment, decoded, self.jumped)
        return Gst.FlowReturn.OK

    def play_clip(self) -> None:
        """Wait for somebody who watches, then play; at the end it stalls."""
        mount = self.mounts[0]
        while not mount.is_watched:
            time.sleep(0.01)
        # B-frames: what is decoded first has a time before zero.
        self.zero = self.clock.get_time() + Gst.SECOND // 2
        self._deliver(self.clip.first)
        mount.played.wait()
        time.sleep(0.3)  # the client's way is opened after it was told
        self.zero = self.clock.get_time() + Gst.SECOND // 2
        self.clip.play(self._deliver, lambda sample: self._times(sample)[1] / Gst.SECOND)
        print("played", flush=True)

    def make_frames(self) -> None:
        """A frame each 1/fps until ended; what a stop of the process left out is not made later."""
        number, due = self.options.first_number, time.monotonic()
        with open(self.options.log, "a", buffering=1) as log:  # noqa: PTH123
            while not self.ended.is_set():
                self.making.wait()
                if self.wanted_size != self.size:
                    self.encoder.end()
                    self.size = self.wanted_size
                    self.encoder = Encoder(self.options, self.size, self._deliver)
                data = picture(number, *self.size, self.noise)
                since, monotonic, utc = self.clock.get_time() - self.zero, time.monotonic(), time.time()
                log.write(f"{number} {monotonic:.6f} {utc:.6f}\n")
                self.encoder.push(data, since)
                number += 1
                due += 1 / self.options.fps
                if due < time.monotonic():
                    due = time.monotonic() + 1 / self.options.fps
                self.ended.wait(max(0.0, due - time.monotonic()))

    def obey(self, order: str) -> None:
        """An order of the test."""
        word, _, rest = order.strip().partition(" ")
        if word == "stall":
            self.making.clear()
        elif word == "go":
            self.making.set()
        elif word == "size":
            self.wanted_size = _size(rest)
        elif word == "jump":
            self.jumped += round(float(rest) * Gst.SECOND)


def _send_at_once(media: GstRtspServer.RTSPMedia) -> None:
    """A camera does not wait for the time that its stamps say, right or wrong; `set_rate_control` is not enough."""
    element = media.get_element()
    while element.get_parent() is not None:
        element = element.get_parent()
    found = element.iterate_recurse()
    while (step := found.next())[0] == Gst.IteratorResult.OK:
        if isinstance(step[1], GstApp.AppSink):
            step[1].set_property("sync", False)


def _auth(user: str, password: str, digest: bool) -> GstRtspServer.RTSPAuth:
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if digest:
        auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    return auth


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


def main() -> None:
    """Serve until told to quit, or until whoever started it is gone."""
    parser = argparse.ArgumentParser(description="A camera for tests, whose frames carry their own number.")
    parser.add_argument("--log", required=True, help="file that every frame made is written to")
    parser.add_argument("--codec", choices=sorted(PAYLOADERS), default="h264")
    parser.add_argument("--size", type=_size, default=(320, 240), help="width x height, 80 x 60 at least, even")
    parser.add_argument("--fps", type=int, default=5)
    parser.add_argument("--keyframe-s", type=float, default=2.0)
    parser.add_argument("--b-frames", type=int, default=0)
    parser.add_argument("--bitrate", type=int, default=300, help="kbit/s")
    parser.add_argument("--quality", type=int, default=60, help="of MJPEG, 0..100")
    parser.add_argument("--noise", type=int, default=0, help="range of the noise in the lower half, 0..256")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mounts", type=int, default=1, help="/live, /live1, /live2 …: the same pictures")
    parser.add_argument("--first-number", type=int, default=0)
    parser.add_argument("--rtp-wrap-s", type=float, default=0, help="RTP's clock wraps after so many seconds")
    parser.add_argument("--clip", help="an mp4 to send instead, as it is; --codec must be its own")
    parser.add_argument("--digest", action="store_true", help="digest instead of basic authentication")
    options = parser.parse_args()
    Gst.init(None)
    server = Server(options)
    print(json.dumps({"port": server.listen()}), flush=True)
    loop = GLib.MainLoop()
    threading.Thread(target=server.play_clip if options.clip else server.make_frames, daemon=True).start()

    def orders() -> None:
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            server.obey(line)
        loop.quit()

    threading.Thread(target=orders, daemon=True).start()
    loop.run()
    os._exit(0)


if __name__ == "__main__":
    main()
