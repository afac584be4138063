"""MJPEG in, H.264 out: what an ESP32-CAM sends fills 80 GB a day, and no browser plays it.

Compressed frames leave a few frames after they came in; a keyframe can be asked for at any of them, so that a new file
begins there without ending anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import av
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter

from ingest.record.shape import StreamShape

# x264 looks 2 frames ahead, not 10: at 5 frames a second, what a kill finds in the encoder is 0.6 s, not 2.4. On a
# 1600x1200 room that costs no bits (4.3 MB against 4.6, SSIM 0.9917 against 0.9922), and 6 % less CPU.
_OPTIONS = {
    "preset": "veryfast",
    "crf": "28",
    "forced-idr": "1",
    "sc_threshold": "0",
    "x264-params": "rc-lookahead=2",
}
_THREADS = 2
# x264 wants a rate for the level in its header only; frames carry their times.
_RATE = Fraction(25)
# FFmpeg's numbers.
_GLOBAL_HEADER = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
# One JPEG in ten that is not quite right is no damage on the way: the camera makes them so.
_HABIT, _HABIT_MIN = 10, 10


class Encoded(NamedTuple):
    """A compressed frame, ready for a `ChunkFile` of its shape.

    Attributes:
        packet: the frame.
        pts: when it is shown, in ticks of what was put in; its decoding time too.
        duration: ticks, as the last two frames were apart.
        shape: what its file must know; another object once the picture's size changes.
    """

    packet: Packet
    pts: int
    duration: int
    shape: StreamShape


class Transcoder:
    """Encodes one camera's frames to H.264, two threads at most, without reordering.

    Attributes:
        damaged: frames left out because they could not be decoded, or not whole.
        delay: frames that are in the encoder now.
    """

    def __init__(self, source: StreamShape, keyframe_s: float) -> None:
        """Nothing is opened before the first frame.

        Args:
            source: what comes in.
            keyframe_s: seconds of the frames' own time from one keyframe to the next, at least.
        """
        self.damaged = self.delay = 0
        self._source = source
        self._keyframe = round(keyframe_s / source.time_base)
        self._strict = source.codec == "mjpeg"
        self._decoder = _decoder(source, self._strict)
        self._seen = 0
        self._reformatter = VideoReformatter()
        self._encoder: av.VideoCodecContext | None = None
        self._shape: StreamShape | None = None
        self._key_due = 0
        self._last: int | None = None
        self._step = 1

    def next_is_key(self) -> None:
        """Make the next frame that is put in a keyframe, and count from there."""
        self._key_due = -(1 << 62)

    def write(self, packet: Packet, pts: int, dts: int | None = None) -> list[Encoded]:
        """Put a frame in.

        Args:
            packet: as it came; its times are overwritten.
            pts: when it is shown, ticks of the source's time base. They must rise; what does not is put right.
            dts: when it is decoded; None: `pts`.

        Returns:
            Frames that are ready, in order. If the picture changed its size, all of the old size first.
        """
        if not packet.size:
            return []
        packet.pts, packet.dts = pts, pts if dts is None else dts
        packet.time_base = self._source.time_base
        return [encoded for frame in self._decode(packet) for encoded in self._encode(frame)]

    def flush(self) -> list[Encoded]:
        """Everything that was put in and did not come out yet. What is written later begins anew, with a keyframe."""
        frames = self._decode(None)
        ready = [encoded for frame in frames for encoded in self._encode(frame)] + list(self._drain())
        self._decoder = _decoder(self._source, self._strict)
        return ready

    def _decode(self, packet: Packet | None) -> list[VideoFrame]:
        self._seen += packet is not None
        try:
            return self._decoder.decode(packet)
        except av.FFmpegError:
            self.damaged += packet is not None
        if self._strict and self.damaged >= _HABIT_MIN and self.damaged * _HABIT > self._seen:
            self._strict = False
            self._decoder = _decoder(self._source, False)
        return []

    def _encode(self, frame: VideoFrame) -> Iterator[Encoded]:
        if self._encoder is None or (frame.width // 2 * 2, frame.height // 2 * 2) != (
            self._encoder.width,
            self._encoder.height,
        ):
            yield from self._drain()
            self._open(frame)
        assert self._encoder is not None
        pts = frame.pts if frame.pts is not None else 0
        if self._last is not None:
            pts = max(pts, self._last + 1)
            self._step = pts - self._last
        self._last = pts
        picture = self._reformatter.reformat(
            frame, self._encoder.width, self._encoder.height, self._encoder.pix_fmt,
            interpolation="FAST_BILINEAR", threads=1,
        )  # fmt: skip
        picture.pts, picture.time_base = pts, self._source.time_base
        # Half a frame early is nearer than half a frame late.
        key = pts + self._step // 2 >= self._key_due
        picture.pict_type = PictureType.I if key else PictureType.NONE
        if key:
            self._key_due = pts + self._keyframe
        self.delay += 1
        yield from self._ready(self._encoder.encode(picture))

    def _drain(self) -> Iterator[Encoded]:
        if self._encoder is not None:
            yield from self._ready(self._encoder.encode(None))
        self._encoder = None

    def _ready(self, packets: list[Packet]) -> Iterator[Encoded]:
        assert self._shape is not None
        for packet in packets:
            self.delay -= 1
            assert packet.pts is not None
            yield Encoded(packet, packet.pts, self._step, self._shape)

    def _open(self, frame: VideoFrame) -> None:
        """An encoder for frames of this size, range and colours. JPEG's full range stays full: H.264 can say so."""
        encoder = av.VideoCodecContext.create("libx264", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        # 4:2:0 needs even sides.
        encoder.width, encoder.height = max(2, frame.width // 2 * 2), max(2, frame.height // 2 * 2)
        full = frame.format.name.startswith("yuvj") or frame.color_range == _FULL_RANGE
        encoder.pix_fmt = "yuvj420p" if full else "yuv420p"
        encoder.color_range, encoder.colorspace = frame.color_range, frame.colorspace
        encoder.color_primaries, encoder.color_trc = frame.color_primaries, frame.color_trc
        if self._source.aspect:
            encoder.sample_aspect_ratio = self._source.aspect
        encoder.time_base, encoder.framerate = self._source.time_base, _RATE
        encoder.gop_size, encoder.max_b_frames, encoder.thread_count = 1 << 20, 0, _THREADS
        encoder.flags |= _GLOBAL_HEADER
        encoder.options = _OPTIONS
        encoder.open()
        self._encoder = encoder
        self._shape = StreamShape(
            "h264", encoder.extradata or b"", encoder.width, encoder.height, self._source.time_base, self._source.aspect
        )
        self.next_is_key()


def _decoder(source: StreamShape, strict: bool) -> av.VideoCodecContext:
    decoder = av.VideoCodecContext.create(source.codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    decoder.extradata = source.extradata or None
    if strict:  # half a JPEG is an error, not a picture with a grey half
        decoder.options = {"err_detect": "explode"}
    return decoder
