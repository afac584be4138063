"""The compressed frames of a file, whatever its container: opened safely, their times put right, nothing decoded.

Times here are whole ticks of the stream's own time base, so that a copy keeps them exactly.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from home.errors import FootageError

# What libavformat opens but nobody's camera wrote: text shown as teletype, playlists that name other files.
_TEXT = {"tty", "bin", "xbin", "adf", "idf", "sbg"}
_PLAYLISTS = {"hls", "dash", "concat", "sdp", "imf"}
_PICTURES = {"image2", "ico", "apng"}
# Raw streams have no times of their own: the reader counts frames.
_RAW = {"h264", "hevc", "vvc", "obu", "m4v", "mpegvideo", "mjpeg", "h263", "h261", "av1", "cavsvideo", "vc1"}
# The AVI container stores decoding times only; with B-frames FFmpeg guesses the rest, for H.264 and HEVC wrongly.
_NO_DISPLAY_TIMES = {("avi", "h264"), ("avi", "hevc")}
# Back by less than this is a recorder's rounding; more is a clock that was set back.
_JITTER_S = 1
# A pause longer than this that ends in a keyframe was not recorded: a gap, and a new chunk. A pause inside a group of
# pictures is an encoder that had nothing new to send.
HOLE_S = 10
FALLBACK_RATE = Fraction(25)
_MAX_REORDER = 32


@dataclass(slots=True)
class Timed:
    """One compressed frame; times in ticks.

    Attributes:
        packet: the packet as it was read.
        pts: when it is shown, never before `dts`.
        dts: when it is decoded, rising strictly.
        duration: above zero.
        key: whether it is decoded on its own.
        hidden: whether an edit list hides it: it is decoded for others, not shown.
    """

    packet: Packet
    pts: int
    dts: int
    duration: int
    key: bool
    hidden: bool


@contextlib.contextmanager
def open_video(source: str | Path | BinaryIO) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a file and choose its video stream.

    Only local files are read: a playlist that points elsewhere is refused, not followed.

    Args:
        source: a path, or something that can be read and seeked in.

    Yields:
        The container and its best video stream.

    Raises:
        FootageError: if it cannot be read, or holds no video.
    """
    name = str(source) if isinstance(source, str | Path) else "(stream)"
    # An absolute path is never taken for a protocol, whatever stands in front of a colon in a file's name.
    target = str(Path(source).absolute()) if isinstance(source, str | Path) else source
    options = {"protocol_whitelist": "file"} if isinstance(target, str) else {}
    try:
        container = av.open(target, "r", options=options, metadata_errors="replace")
    except av.FFmpegError as error:
        raise FootageError(f"{name}: {_reason(error)}") from error
    with container:
        yield container, _video_stream(container, name)


def _reason(error: av.FFmpegError) -> str:
    if isinstance(error, PermissionError):
        return "access refused; check who may read the file"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror}); check the disk it lies on"
    return "not a video file that can be read: empty, damaged or of another kind"


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    form = container.format.name
    if form in _TEXT:
        raise FootageError(f"{name}: a text file, not footage")
    if form in _PLAYLISTS:
        raise FootageError(f"{name}: a playlist; give the files that it names")
    if form in _PICTURES or form.endswith("_pipe"):
        raise FootageError(f"{name}: a picture, not footage")
    video = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "no stream at all"
        raise FootageError(f"{name}: holds no video ({kinds})")
    best = container.streams.best("video")
    stream = best if best in video else video[0]
    if stream.codec_context is None or not stream.codec_context.width:
        raise FootageError(f"{name}: its video is of a kind that cannot be read")
    return stream


def codec_name(stream: VideoStream) -> str:
    """The codec by FFmpeg's name of the format, e.g. `av1` whatever decodes it."""
    return stream.codec_context.codec.canonical_name


def is_raw(container: InputContainer) -> bool:
    """Whether the file carries no times at all, so that its frames can only be counted."""
    return container.format.name in _RAW


def lacks_display_times(container: InputContainer, stream: VideoStream) -> bool:
    """Whether frames are shown in another order than they are stored, and the container does not say which."""
    silent = is_raw(container) or (container.format.name, codec_name(stream)) in _NO_DISPLAY_TIMES
    return bool(silent and stream.codec_context.has_b_frames)


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames per second as the file declares them; 25 if it does not."""
    rate = stream.average_rate or stream.guessed_rate
    return Fraction(rate) if rate and 0 < rate <= 1000 else FALLBACK_RATE


def tick_of(stream: VideoStream) -> Fraction:
    """Seconds of one tick of the stream."""
    assert stream.time_base is not None  # a demuxer sets it for every stream
    return stream.time_base


def packets(container: InputContainer, stream: VideoStream, problems: list[str]) -> Iterator[Timed]:
    """Every compressed frame of the stream in decoding order, with times that a muxer takes.

    A clock that jumps back goes on where it was; a jump forward is kept, it is time that was not recorded. A file that
    breaks off ends there.

    Args:
        container: from `open_video`.
        stream: the stream to read.
        problems: what a person should know is appended here as it is met.
    """
    tick = tick_of(stream)
    frame = max(1, round(1 / (frame_rate(stream) * tick)))
    jitter = int(_JITTER_S / tick)
    last: int | None = None
    shift, usual = 0, frame
    for packet, read in _with_dts(_readable(container, stream, problems), frame):
        dts = read + shift
        if last is not None and dts <= last - jitter:
            at = float((last - shift) * tick)
            problems.append(f"its clock jumps back at {at:.1f} s; what follows is taken to go on from there")
            shift += last + frame - dts
            dts = last + frame
        pts = dts if packet.pts is None else packet.pts + shift
        dts = dts if last is None else max(dts, last + 1)
        last = dts
        # mp4 writes a pause as a frame that lasts; in time-lapse every frame does.
        if packet.duration and not (packet.duration * tick > HOLE_S and packet.duration > 2 * usual):
            usual = packet.duration
        yield Timed(packet, max(pts, dts), dts, usual, packet.is_keyframe, packet.is_discard)


def _readable(container: InputContainer, stream: VideoStream, problems: list[str]) -> Iterator[Packet]:
    """Packets that hold something, up to where the file breaks off; a last one that is cut through is left out."""
    held: Packet | None = None
    try:
        for packet in container.demux(stream):
            if packet.size:
                if held is not None:
                    yield held
                held = packet
    except av.FFmpegError as error:
        if isinstance(error, OSError):  # a disk or a network that fails: trying again may give all of it
            raise FootageError(f"{container.name}: {_reason(error)}") from error
        problems.append("is damaged: what comes before the damage is imported")
    if held is not None and not held.is_corrupt:
        yield held
    elif held is not None:
        problems.append("breaks off in the middle of a frame")


def _with_dts(source: Iterable[Packet], frame: int) -> Iterator[tuple[Packet, int]]:
    """Each packet with its DTS. Matroska has none for the first ones where there are B-frames: counted back from the
    first that has. A raw stream has none at all: counted on.
    """
    waiting: list[Packet] = []
    last: int | None = None
    for packet in source:
        if last is None:
            waiting.append(packet)
            if packet.dts is None and len(waiting) < _MAX_REORDER:
                continue
            yield from _counted_back(waiting, frame)
            last = packet.dts if packet.dts is not None else 0
        else:
            last = packet.dts if packet.dts is not None else last + (packet.duration or frame)
            yield packet, last
    if last is None:
        yield from _counted_back(waiting, frame)


def _counted_back(waiting: list[Packet], frame: int) -> Iterator[tuple[Packet, int]]:
    """The packets up to the first one that has a DTS; without any, the last of them is at 0."""
    dts = waiting[-1].dts if waiting and waiting[-1].dts is not None else 0
    for n, packet in enumerate(waiting, 1 - len(waiting)):
        yield packet, dts + n * (packet.duration or frame)
