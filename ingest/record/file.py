"""One chunk while it is written: an mp4 that a kill at any time leaves readable, and that a clean close leaves indexed.

Fragments (ISO/IEC 14496-12, 8.8) go to the disk as they fill; closing turns the file into an ordinary one with its
index at the end. FFmpeg calls that `hybrid_fragmented`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from home.errors import CatMLError, FootageError, StoreError
from home.footage import start_comment
from ingest.record.shape import StreamShape, shape_from_keyframe, shape_of

__all__ = ["FRAGMENT_S", "ChunkFile", "StreamShape", "add_video", "shape_from_keyframe", "shape_of"]

FRAGMENT_S = 0.5
_OPTIONS = {
    # The first fragment waits for the first packets, so that the edit list knows how far frames are reordered.
    "movflags": "hybrid_fragmented+delay_moov",
    "frag_duration": str(round(FRAGMENT_S * 1_000_000)),
    # What is written leaves the process at once: a kill must not find it in a buffer.
    "flush_packets": "1",
    # Where there is sound, a packet waits for the other stream's, 10 s by default. Sound may stall.
    "max_interleave_delta": "200000",
}
# Any encoder serves to describe a stream that has no source at hand; it is never opened.
_DESCRIBED_BY = {"h264": "libx264", "hevc": "libx265", "mjpeg": "mjpeg"}
_SOUND = "aac"
_ROOM = 4096


class ChunkFile:
    """One chunk being written. Killed at any time it lacks half a second and a frame at most, two where they are reordered.

    Attributes:
        path: the file.
        frames: video frames written.
        bytes: of their packets.
        dropped: frames that lead the first keyframe (open GOPs): they need the chunk before, and cannot be shown.
        audio_left_out: codec of the sound that is not in it: mp4 cannot hold it, or none came in time. None: nothing is.
    """

    def __init__(
        self, path: Path, stream: VideoStream | StreamShape, start: dt.datetime, audio: AudioStream | None = None
    ) -> None:
        """Open the file. Its folder must be there; a file of that name is overwritten.

        Args:
            path: where.
            stream: what is written: an input stream, or what a keyframe said of itself.
            start: UTC moment of the first frame.
            audio: sound to keep, if mp4 can hold it.

        Raises:
            StoreError: if the disk refuses.
            FootageError: if mp4 does not take this stream.
        """
        self.path = path
        self.frames = self.bytes = self.dropped = 0
        shape = stream if isinstance(stream, StreamShape) else shape_of(stream)
        self._base, self._tick_s = shape.time_base, float(shape.time_base)
        self._end = 0
        self._last: int | None = None
        self._held: Packet | None = None
        codec = audio.codec_context.codec.canonical_name if audio is not None else None
        self.audio_left_out = codec if codec != _SOUND else None
        # A track without a packet would keep the whole file in memory: a fragment's time is left to the sound to come.
        self._awaited = audio if codec == _SOUND else None
        self._before: list[Packet] = []
        self._audio: AudioStream | None = None
        with self._told():
            # PyAV never closes a file whose header finds no room: see that it does.
            path.write_bytes(bytes(_ROOM))
            self._output = av.open(str(path), "w", format="mp4", options=_OPTIONS)
            self._output.metadata["comment"] = start_comment(start)
            self._video = add_video(self._output, stream)
            if self._awaited is None:
                self._output.start_encoding()

    @property
    def seconds(self) -> float:
        """From the first frame's beginning to the last one's end."""
        return self._end * self._tick_s

    def write(self, packet: Packet, pts: int, dts: int, duration: int) -> None:
        """Add a video frame.

        Args:
            packet: the compressed frame; an empty one is passed over. Its times are overwritten.
            pts: when it is shown, ticks of the stream's time base; the first frame's is 0.
            dts: when it is decoded. Where it does not rise, or lies after `pts`, it is put right: mp4 would refuse.
            duration: ticks; it counts for the last frame only, others last until the next.

        Raises:
            StoreError: if the disk refuses, e.g. because it is full.
            FootageError: if mp4 does not take the frame.
        """
        if not packet.size:
            return
        if pts < 0:
            self.dropped += 1
            return
        reordered = self._held is not None or (self._last is None and dts < pts)
        if self._last is not None and dts <= self._last:
            dts = self._last + 1
        self._last = dts
        pts = max(pts, dts)
        self._end = max(self._end, pts + max(duration, 1))
        self.frames += 1
        self.bytes += packet.size
        packet.pts, packet.dts, packet.duration = pts, dts, duration
        packet.time_base, packet.stream = self._base, self._video
        due: Packet | None = packet
        if reordered:  # `close` has something to say about the last one
            due, self._held = self._held, packet
        if due is not None:
            self._mux(due)
        if self._awaited is not None and self.seconds > FRAGMENT_S:
            self._begin(None)

    def write_audio(self, packet: Packet, pts: int, duration: int) -> None:
        """Add sound; passed over if the file has none, or if it is from before the first frame.

        Args:
            packet: the compressed sound. Its times are overwritten.
            pts: ticks of the sound's own time base; the first video frame is at 0.
            duration: ticks.

        Raises:
            StoreError: if the disk refuses.
            FootageError: if mp4 does not take it.
        """
        if not packet.size or pts < 0:
            return
        if self._awaited is not None:
            self._begin(self._awaited)
        if self._audio is not None:
            packet.pts = packet.dts = pts
            packet.duration, packet.stream = duration, self._audio
            self._mux(packet)

    def close(self) -> None:
        """Write the index: an ordinary mp4 from here on. A second call does nothing.

        Raises:
            StoreError: if the disk refuses; what is written stays, for `repair`.
        """
        held, self._held = self._held, None
        try:
            if self._awaited is not None:
                self._begin(None)
            if held is not None:
                # Where frames are reordered, the last one decoded is not the last one shown. FFmpeg ends the edit
                # list with the last fragment, and would hide frames of the one before.
                held.duration = max(held.duration or 0, self._end - (held.pts or 0))
                self._mux(held)
        finally:
            with self._told():
                self._output.close()

    def abandon(self) -> None:
        """Let go of the file after an error; what is written stays, for `repair`."""
        with contextlib.suppress(CatMLError):
            self.close()

    def _begin(self, audio: AudioStream | None) -> None:
        """Sound has come, or did not come in time: write what waited for it."""
        if audio is None:
            self.audio_left_out = _SOUND
        else:
            with self._told():
                self._audio = self._output.add_stream_from_template(audio)
        self._awaited = None
        waiting, self._before = self._before, []
        for packet in waiting:
            self._mux(packet)

    def _mux(self, packet: Packet) -> None:
        if self._awaited is not None:
            self._before.append(packet)
            return
        with self._told():
            self._output.mux_one(packet)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # FFmpeg's errors of the disk among them
            raise StoreError(f"{self.path}: {error.strerror}; make room on that disk, or check it") from error
        except av.FFmpegError as error:
            raise FootageError(f"{self.path}: mp4 does not take this stream ({error.strerror})") from error


def add_video(output: OutputContainer, source: VideoStream | StreamShape) -> VideoStream:
    """Describe a video stream to an mp4 file, for packets that are copied into it."""
    template = _template(source) if isinstance(source, StreamShape) else source
    stream = output.add_stream_from_template(template, opaque=True)
    context = stream.codec_context
    if isinstance(source, StreamShape):
        stream.time_base = source.time_base
        context.extradata = source.extradata or None
        if source.aspect:
            context.sample_aspect_ratio = source.aspect
    if context.codec.canonical_name == "hevc":
        context.codec_tag = "hvc1"  # Safari plays no `hev1`
    return stream


def _template(shape: StreamShape) -> VideoStream:
    """A stream of the codec and size, of a file that is never written."""
    unused = av.open(io.BytesIO(), "w", format="mp4")
    stream = unused.add_stream(_DESCRIBED_BY[shape.codec], width=shape.width, height=shape.height)
    assert isinstance(stream, VideoStream)
    return stream
