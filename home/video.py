"""Frames out of footage, decoding as little as can be: one keyframe a sample, the way back from a keyframe only if it must.

Reading packets is nearly free, decoding is the price of the night. The container's index tells which frame is a
keyframe without reading any of them; `plan` chooses frames by it, `frames_at` decodes just those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from home.errors import FootageError
from home.frame import Frame, Picture

Source = str | BinaryIO

# Every frame of these is a keyframe, and libjpeg decodes them small for a fraction of the price.
INTRA_CODECS = ("mjpeg",)
_JPEG = b"\xff\xd8"
# Frames nearer than this to a wanted time are that frame; half of it is still below a frame of 120 fps.
_SAME_FRAME_S = 0.008


@dataclass(frozen=True)
class VideoInfo:
    """What a container says about its video.

    Attributes:
        codec: FFmpeg's name.
        width, height: pixels as coded, before rotation.
        fps: average frames per second.
        duration_s: first frame's start to last frame's end, seconds.
        comment: the container's comment, which carries a chunk's exact start.
        offsets: decode times of all frames from the first, seconds, ascending.
        keyframes: which of them are keyframes.
    """

    codec: str
    width: int
    height: int
    fps: float
    duration_s: float
    comment: str | None
    offsets: NDArray[np.float64]
    keyframes: NDArray[np.bool_]


@contextmanager
def opened(source: Source) -> Iterator[tuple[Any, Any]]:
    """The container and its first video stream, closed at the end.

    Raises:
        FootageError: if it cannot be opened or holds no video.
    """
    container = None
    try:
        container = av.open(source, metadata_errors="ignore")
        if not container.streams.video:
            raise FootageError("holds no video stream")
        yield container, container.streams.video[0]
    except (av.FFmpegError, ValueError) as error:
        raise FootageError(f"cannot be read ({_reason(error)})") from error
    finally:
        if container is not None:
            container.close()
        if not isinstance(source, str):
            source.close()


def probe(source: Source) -> VideoInfo:
    """What the container says, and where its frames lie; no frame is decoded.

    Raises:
        FootageError: if it cannot be opened, holds no video, or holds no frame.
    """
    with opened(source) as (container, stream):
        return _info(container, stream)


def _info(container: Any, stream: Any) -> VideoInfo:
    codec, fps = stream.codec_context, float(stream.average_rate or stream.guessed_rate or 0)
    entries = list(stream.index_entries)
    base = float(stream.time_base)
    # A fragmented file says of no number of frames and has an index of its first fragment only: then the packets
    # themselves are the index.
    if stream.frames == 0 or len(entries) < stream.frames:
        packets = [(p.dts if p.dts is not None else p.pts, p.is_keyframe) for p in container.demux(stream) if p.size]
        times = [(time, key) for time, key in packets if time is not None]
        container.seek(0)
    else:
        times = [(entry.timestamp, entry.is_keyframe) for entry in entries if entry.size]
    if not times:
        raise FootageError("holds no frame")
    stamps = np.array([time for time, _ in times], np.float64) * base
    offsets = stamps - stamps[0]
    last = float(np.median(np.diff(offsets))) if len(offsets) > 1 else (1 / fps if fps else 0.0)
    return VideoInfo(
        codec.name,
        codec.width,
        codec.height,
        fps or (1 / last if last else 0.0),
        float(offsets[-1]) + last,
        container.metadata.get("comment"),
        offsets,
        np.array([key for _, key in times], bool),
    )


def plan(info: VideoInfo, period_s: float) -> NDArray[np.float64]:
    """Which frames to look at: one for each period, the period's first keyframe where it has one, else its first frame.

    Returns:
        Offsets in seconds, ascending.
    """
    slots = np.floor(info.offsets / period_s + 1e-6).astype(np.int64)
    keys = info.keyframes | (info.codec in INTRA_CODECS)
    # Sorted by slot, keyframes before others, earlier before later: the first of each slot is the one.
    order = np.lexsort((np.arange(len(slots)), ~keys, slots))
    _, first = np.unique(slots[order], return_index=True)
    return np.sort(info.offsets[order[first]])


def burst(info: VideoInfo, offset_s: float, length_s: float, fps: float) -> NDArray[np.float64]:
    """The frames to look at after a sample: `fps` a second, or all there are, for `length_s` seconds, to the end of the chunk.

    Returns:
        Offsets in seconds, ascending; the sample itself is not among them.
    """
    wanted = offset_s + np.arange(1, int(length_s * fps + 1e-6) + 1) / fps
    found = np.unique(np.searchsorted(info.offsets, wanted - _SAME_FRAME_S))
    offsets = info.offsets[found[found < len(info.offsets)]]
    return np.asarray(offsets[(offsets > offset_s + _SAME_FRAME_S) & (offsets < offset_s + length_s + _SAME_FRAME_S)])


def frames_at(source: Source, offsets: Sequence[float], info: VideoInfo | None = None) -> Iterator[Frame]:
    """Decode the frames at or next after the wanted offsets, in order; nothing else is decoded but what they need.

    Args:
        source: what `Store.open` gives; closed at the end.
        offsets: seconds from the first frame, ascending.
        info: what `probe` said, if it is known already.

    Yields:
        One frame for each wanted offset; none for offsets beyond the end or in damaged parts.

    Raises:
        FootageError: if the container cannot be opened.
    """
    with opened(source) as (container, stream):
        info = info or _info(container, stream)
        if info.codec in INTRA_CODECS:
            yield from _jpegs(container, stream, info, offsets)
        else:
            yield from _decoded(container, stream, info, offsets)


def still(source: Source, offset_s: float) -> Picture:
    """The picture at an offset, upright, uint8 [h, w, 3] RGB.

    Raises:
        FootageError: if it cannot be read.
    """
    for frame in frames_at(source, [offset_s]):
        return frame.rgb()
    raise FootageError(f"no frame at {offset_s:.3f} s")


def _decoded(container: Any, stream: Any, info: VideoInfo, offsets: Sequence[float]) -> Iterator[Frame]:
    codec = stream.codec_context
    codec.thread_count = 1  # one file per core beats many threads on one file
    first_dts, base = _first_dts(stream, info), float(stream.time_base)
    keys = info.offsets[info.keyframes]
    # Where frames are reordered (B-frames), a keyframe is shown a frame or two off its place in decoding order.
    reordered = abs((stream.start_time or 0) - first_dts) * base > _SAME_FRAME_S
    near = 2.5 / info.fps if reordered and info.fps else _SAME_FRAME_S
    wanted = list(offsets)
    # Without the loop filter a keyframe is decoded a fifth faster and a little blockier, which small pictures do not
    # show. Frames that follow from it would drift.
    alone = all(len(keys) and np.abs(keys - offset).min() <= near for offset in wanted)
    codec.options = {**codec.options, "skip_loop_filter": "all" if alone else "noref"}
    while wanted:
        target = wanted[0]
        at = int(np.searchsorted(keys, target + near, side="right")) - 1
        key = float(keys[max(at, 0)]) if len(keys) else 0.0
        until = float(keys[at + 1]) if at + 1 < len(keys) else np.inf
        chain = [offset for offset in wanted if offset < until - near]
        # Where more is wanted that follows from this keyframe it is the first of a chain, unless frames that are shown
        # before it would be taken for it.
        if abs(key - target) <= near and (len(chain) == 1 or reordered):
            frame = _lone_keyframe(container, stream, round(first_dts + key / base), round(near / base))
            wanted.pop(0)
            if frame is not None:
                yield frame
            continue
        wanted = wanted[len(chain) :]
        yield from _chain(container, stream, round(first_dts + (key + near) / base), chain)


def _lone_keyframe(container: Any, stream: Any, dts: int, near: int) -> Frame | None:
    codec = stream.codec_context
    try:
        _seek(container, stream, dts + near)
        for packet in container.demux(stream):
            if not packet.size or packet.dts is None or packet.dts > dts:
                return None
            if packet.dts == dts:
                frames = codec.decode(packet) or codec.decode(None)
                return _frame(frames[0], stream, keyframe=True) if frames else None
    except (av.FFmpegError, ValueError):
        return None  # a damaged keyframe: the chunk's other frames still count
    return None


def _seek(container: Any, stream: Any, stamp: int) -> None:
    """To the keyframe at or before a time stamp, with nothing of the old place left in the decoder."""
    container.seek(stamp, stream=stream, backward=True)
    stream.codec_context.flush_buffers()


def _chain(container: Any, stream: Any, dts: int, offsets: list[float]) -> Iterator[Frame]:
    """Decode forward from the keyframe at `dts` over all wanted offsets of its group of pictures."""
    codec, wanted = stream.codec_context, list(offsets)
    try:
        _seek(container, stream, dts)
        for packet in container.demux(stream):
            for decoded in codec.decode(packet if packet.size else None):
                frame = _frame(decoded, stream, keyframe=bool(decoded.key_frame))
                if wanted and frame.offset_s >= wanted[0] - _SAME_FRAME_S:
                    while wanted and frame.offset_s >= wanted[0] - _SAME_FRAME_S:
                        wanted.pop(0)
                    yield frame
            if not wanted:
                return
    except (av.FFmpegError, ValueError):
        return  # damaged from here on


def _frame(decoded: av.VideoFrame, stream: Any, keyframe: bool) -> Frame:
    ticks = (decoded.pts or 0) - (stream.start_time or 0)
    return Frame(max(0.0, float(ticks * stream.time_base)), keyframe, int(decoded.rotation or 0), decoded)


def _jpegs(container: Any, stream: Any, info: VideoInfo, offsets: Sequence[float]) -> Iterator[Frame]:
    first_dts, base = _first_dts(stream, info), float(stream.time_base)
    for offset in offsets:
        try:
            container.seek(round(first_dts + offset / base), stream=stream, backward=True)
            packet = next((p for p in container.demux(stream) if p.size), None)
        except (av.FFmpegError, ValueError):
            continue
        if packet is not None and bytes(packet)[:2] == _JPEG:
            yield Frame(offset, True, 0, None, bytes(packet))


def _first_dts(stream: Any, info: VideoInfo) -> float:
    entries = stream.index_entries
    return float(entries[0].timestamp) if len(entries) else float(stream.start_time or 0)


def _reason(error: Exception) -> str:
    text = str(error)
    # FFmpeg's text ends with the file's name, which may be a path or an address with credentials.
    return text.split(":")[0].split("] ")[-1] if text else type(error).__name__


def end_of(start: dt.datetime, info: VideoInfo) -> dt.datetime:
    """The end of a chunk that starts at `start`."""
    return start + dt.timedelta(seconds=info.duration_s)
