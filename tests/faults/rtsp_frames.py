"""What a camera for tests sends: pictures it draws and encodes, or the frames of a clip. Part of rtsp_server.py."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst  # noqa: E402


class Encoder:
    """Raw frames in, encoded ones out to every mount; a new size is a new pipeline behind the same mounts."""

    def __init__(
        self, options: argparse.Namespace, size: tuple[int, int], deliver: Callable[[Gst.Sample], Gst.FlowReturn]
    ) -> None:
        width, height = size
        raw = f"video/x-raw,format=I420,width={width},height={height},framerate={options.fps}/1"
        self._pipeline = Gst.parse_launch(
            f"appsrc name=src format=time caps={raw} ! {_encoder(options)} ! appsink name=sink sync=false emit-signals=true"
        )
        self._source, sink = self._pipeline.get_by_name("src"), self._pipeline.get_by_name("sink")
        sink.connect("new-sample", lambda found: deliver(found.emit("pull-sample")))
        self._pipeline.set_state(Gst.State.PLAYING)

    def push(self, data: bytes, since: int) -> None:
        """Encode a frame made `since` nanoseconds after the server's zero."""
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = since
        self._source.emit("push-buffer", buffer)

    def end(self) -> None:
        """Give out what it still holds, and stop."""
        self._source.emit("end-of-stream")
        self._pipeline.get_bus().timed_pop_filtered(2 * Gst.SECOND, Gst.MessageType.EOS)
        self._pipeline.set_state(Gst.State.NULL)


def _encoder(options: argparse.Namespace) -> str:
    group = max(1, round(options.keyframe_s * options.fps))
    if options.codec == "mjpeg":
        return f"jpegenc quality={options.quality} ! image/jpeg"
    if options.codec == "h265":
        switches = f"keyint={group}:min-keyint={group}:scenecut=0:open-gop=0:bframes={options.b_frames}:log-level=0"
        switches += ":pools=1:frame-threads=1:rc-lookahead=0:lookahead-slices=0"
        tune = "" if options.b_frames else " tune=zerolatency"
        return (
            f"x265enc speed-preset=ultrafast{tune} bitrate={options.bitrate} key-int-max={group} "
            f"option-string={switches} ! h265parse ! video/x-h265,stream-format=hvc1,alignment=au"
        )
    tune = f"bframes={options.b_frames} b-adapt=false" if options.b_frames else "tune=zerolatency"
    return (
        f"x264enc speed-preset=superfast {tune} threads=1 rc-lookahead=0 sync-lookahead=0 mb-tree=false "
        f"bitrate={options.bitrate} key-int-max={group} option-string=keyint={group}:min-keyint={group}:scenecut=0:open-gop=0 "
        "! h264parse ! video/x-h264,stream-format=avc,alignment=au"
    )


class Clip:
    """A file's own compressed frames at the pace they were filmed, once."""

    def __init__(self, options: argparse.Namespace) -> None:
        form = "video/x-h265,stream-format=hvc1" if options.codec == "h265" else "video/x-h264,stream-format=avc"
        self._pipeline = Gst.parse_launch(
            f'filesrc location="{options.clip}" ! qtdemux ! {options.codec}parse ! {form},alignment=au '
            "! appsink name=sink sync=false max-buffers=8"
        )
        self._sink = self._pipeline.get_by_name("sink")
        self._pipeline.set_state(Gst.State.PLAYING)
        self.first = self._sink.emit("pull-sample")

    def play(self, deliver: Callable[[Gst.Sample], None], seconds_of: Callable[[Gst.Sample], float]) -> None:
        """Send all of it, each frame when it is due for decoding; returns at its end."""
        began, zero, sample = time.monotonic(), seconds_of(self.first), self.first
        while sample is not None:
            time.sleep(max(0.0, began + seconds_of(sample) - zero - time.monotonic()))
            deliver(sample)
            sample = self._sink.emit("pull-sample")
