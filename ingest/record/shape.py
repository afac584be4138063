"""What a file must know of a stream before its first frame, and whether a keyframe brings something else.

A camera may change its picture in the middle of a stream without a word: the new size stands in parameter sets that
come with the keyframe itself (ITU-T H.264 7.3.2.1, H.265 7.3.2.2), or in the JPEG's frame header (ITU-T T.81 B.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import av
from av.packet import Packet
from av.video.stream import VideoStream

NAL_CODECS = ("h264", "hevc")
_START_CODE = b"\0\0\1"
# Parameter sets come before the first slice; between them may stand SEI messages of some hundred bytes.
_HEAD = 16_384
_H264_SPS, _H264_SETS, _H264_SLICES = 7, (7, 8), range(1, 6)
_HEVC_SPS, _HEVC_SETS, _HEVC_SLICES = 33, (32, 33, 34), range(32)
# Start of frame: all but DHT (C4), JPG (C8) and DAC (CC).
_JPEG_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class StreamShape:
    """What a file must know of a video stream.

    Attributes:
        codec: FFmpeg's name of the format: `h264`, `hevc`, `mjpeg`.
        extradata: parameter sets as the stream's source gives them; empty if the codec has none.
        width, height: pixels.
        time_base: seconds of one tick.
        aspect: shape of a pixel, width to height; None if the stream does not say.
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    time_base: Fraction
    aspect: Fraction | None = None

    @cached_property
    def _sps(self) -> bytes:
        return _sequence_sets(self.extradata, self.codec)

    def differs(self, keyframe: Packet) -> bool:
        """Whether a keyframe says that the picture is another one from here on; cheap, nothing is decoded.

        False if it says nothing: then what was said before holds. A changed PPS alone is no other picture: it comes
        with its frames, and a file may hold several.
        """
        if self.codec == "mjpeg":
            size = _jpeg_size(_head(keyframe))
            return size is not None and size != (self.width, self.height)
        if self.codec not in NAL_CODECS or self.extradata[:1] == b"\1":  # avcC, hvcC: packets carry lengths
            return False
        sps = _sequence_sets(_head(keyframe), self.codec)
        return bool(sps) and sps != self._sps


def shape_of(stream: VideoStream) -> StreamShape:
    """What an input stream says of itself."""
    context = stream.codec_context
    assert stream.time_base is not None  # a demuxer sets it for every stream
    return StreamShape(
        codec=context.codec.canonical_name,
        extradata=context.extradata or b"",
        width=context.width,
        height=context.height,
        time_base=stream.time_base,
        aspect=stream.sample_aspect_ratio or None,
    )


def shape_from_keyframe(packet: Packet, codec: str) -> StreamShape | None:
    """What a keyframe says of its stream, by decoding it.

    Args:
        packet: a keyframe as RTSP gives it: an Annex B byte stream, or a JPEG. Its time base is taken over.
        codec: FFmpeg's name of the format.

    Returns:
        None if it carries no parameter sets, or cannot be decoded.
    """
    data = bytes(packet)
    sets = b"".join(b"\0" + _START_CODE + nal for nal in _parameter_sets(data, codec)) if codec in NAL_CODECS else b""
    if not sets and codec != "mjpeg":
        return None
    decoder = av.VideoCodecContext.create(codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    try:
        if not (decoder.decode(av.Packet(data)) or decoder.decode(None)):
            return None
    except av.FFmpegError:
        return None
    return StreamShape(
        codec, sets, decoder.width, decoder.height, packet.time_base, decoder.sample_aspect_ratio or None
    )


def _head(packet: Packet) -> bytes:
    return bytes(memoryview(packet)[:_HEAD])


def _nals(data: bytes, codec: str) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of the NAL units before the first slice (Annex B of both standards)."""
    slices = _H264_SLICES if codec == "h264" else _HEVC_SLICES
    begin = data.find(_START_CODE) + 3
    while 3 <= begin < len(data):
        kind = data[begin] & 31 if codec == "h264" else data[begin] >> 1 & 63
        if kind in slices:
            return
        end = data.find(_START_CODE, begin)
        yield kind, data[begin : end if end >= 0 else len(data)].rstrip(b"\0")
        begin = end + 3


def _parameter_sets(data: bytes, codec: str) -> list[bytes]:
    """The parameter sets of a byte stream, without doubles; none if it has no SPS or no PPS."""
    wanted = _H264_SETS if codec == "h264" else _HEVC_SETS
    found = [(kind, nal) for kind, nal in _nals(data, codec) if kind in wanted]
    return list(dict.fromkeys(nal for _, nal in found)) if {kind for kind, _ in found} == {*wanted} else []


def _sequence_sets(data: bytes, codec: str) -> bytes:
    """The first SPS of a byte stream; empty if it has none."""
    wanted = _H264_SPS if codec == "h264" else _HEVC_SPS
    return next((nal for kind, nal in _nals(data, codec) if kind == wanted), b"")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from a JPEG's frame header, or None."""
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in _JPEG_FRAME:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
