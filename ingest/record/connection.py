"""One connection to a camera: opened fast, read packet by packet, and what went wrong said as a gap's reason.

FFmpeg's own words are never kept or chained: they hold the address, and with it the password.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from urllib.parse import urlsplit

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from ingest.record.events import Opened, Received
from ingest.record.host import Arrival, now
from ingest.record.shape import shape_of

# For opening; and for a packet. FFmpeg gives up a silent RTSP stream after twice the second.
TIMEOUT_S = (5.0, 5.0)
# A wait shorter than this was none: the packet lay in a buffer.
_WAIT_S = 0.005
# FFmpeg's own probing takes 5 s where there are 5 frames a second; what it looks for, the first keyframe says too.
_FAST = {"analyzeduration": "100000", "probesize": "1000000", "fpsprobesize": "0"}
_PROTOCOLS = "rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https,httpproxy,crypto"
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
# Where a parser finds the end of a frame, it gives the frame out when the next one begins.
_PARSED = {"rtsp", "sdp", "rtp", "mpegts"}, {"h264", "hevc"}
# Formats without times of their own: FFmpeg counts 25 frames a second, whatever the camera does.
_UNTIMED = {"mpjpeg", "mjpeg", "h264", "hevc", "jpeg_pipe", "image2pipe"}
_TICK = Fraction(1, 90_000)
_MOST_WITHOUT_DTS = 32


class Broken(Exception):
    """No connection (any more).

    Attributes:
        reason: a gap's reason: camera_down, stalled, auth_failed, not_found.
        detail: the kind of error; never an address.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@contextlib.contextmanager
def connect(address: str, sound: bool, timeout: tuple[float, float], closed: threading.Event) -> Iterator[Connection]:
    """Open a camera's stream: RTP over TCP, since cameras lose packets over UDP and firewalls drop it.

    Args:
        address: with its credentials; RTSP, HTTP, or a file, which is played at its own speed.
        sound: whether to read sound too.
        timeout: s, for opening and for a packet.
        closed: set when nobody wants packets any more.

    Raises:
        Broken: if it cannot be opened, or sends no video.
    """
    began = time.monotonic()
    try:
        container = av.open(address, options=_options(address, sound), timeout=timeout, metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as error:
        waited = time.monotonic() - began >= 0.9 * timeout[0]
        raise (_timed_out(address) if waited else _broken(error)) from None
    with container:
        if not container.streams.video or container.streams.video[0].codec_context is None:
            raise Broken("not_found", "no video")
        yield Connection(container, sound, timeout[1], closed)


def _options(address: str, sound: bool) -> dict[str, str]:
    scheme = urlsplit(address).scheme
    if scheme == "file":
        return {"protocol_whitelist": "file"}
    options = _FAST | {"protocol_whitelist": _PROTOCOLS}
    if scheme.startswith("rtsp"):
        options |= {"rtsp_transport": "tcp", "allowed_media_types": "video+audio" if sound else "video"}
    return options


def _broken(error: Exception) -> Broken:
    """FFmpeg's error as a gap's reason."""
    detail = type(error).__name__
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError | PermissionError):
        return Broken("auth_failed", detail)
    if isinstance(error, av.error.HTTPNotFoundError | FileNotFoundError):
        return Broken("not_found", detail)
    if isinstance(error, av.error.ExitError | TimeoutError):
        return Broken("stalled", detail)
    return Broken("camera_down", detail)


def _timed_out(address: str) -> Broken:
    """Whether somebody is there and says nothing, or nobody is: FFmpeg says the same of both."""
    parts = urlsplit(address)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 554)
        socket.create_connection((parts.hostname or "", port), timeout=1).close()
    except (OSError, ValueError):
        return Broken("camera_down", "no answer")
    return Broken("stalled", "answers, but says nothing")


class Connection:
    """An open stream.

    Attributes:
        opened: what it carries.
    """

    def __init__(self, container: InputContainer, sound: bool, read_s: float, closed: threading.Event) -> None:
        self._container = container
        self._video: VideoStream = container.streams.video[0]
        self._sound = container.streams.audio[0] if sound and container.streams.audio else None
        self._read_s = read_s
        self._closed = closed
        self._is_file = urlsplit(container.name).scheme == "file"
        self._reorders = bool(self._video.codec_context.has_b_frames)
        self._untimed = container.format.name in _UNTIMED and not self._is_file
        shape = shape_of(self._video)
        self._tick = _TICK if self._untimed else shape.time_base
        formats, codecs = _PARSED
        self._held_back = container.format.name in formats and shape.codec in codecs
        self.opened = Opened(replace(shape, time_base=self._tick), _of_no_connection(self._sound))

    def packets(self) -> Iterator[Received]:
        """Every packet that holds something, with a DTS, as it comes; ends with the stream.

        Raises:
            Broken: if the stream breaks off.
        """
        waiting: list[Received] = []
        known = False
        for packet, arrival in self._arriving():
            item = self._received(packet, arrival)
            if item.sound or known:
                yield item
                continue
            waiting.append(item)
            known = packet.dts is not None or self._untimed
            if known or len(waiting) == _MOST_WITHOUT_DTS:
                known = True
                yield from _counted_back(waiting, packet.duration or round(1 / (25 * self._tick)))

    def _received(self, packet: Packet, arrival: Arrival) -> Received:
        sound = packet.stream is self._sound
        if self._untimed:
            pts = dts = round(Fraction(arrival.monotonic) / self._tick)
        else:
            dts = packet.dts if packet.dts is not None else packet.pts or 0
            pts = packet.pts if packet.pts is not None else dts
        # The very first frame may come without a time. Where frames are reordered, its DTS does not tell it.
        guessed = packet.pts is None and self._reorders and not self._untimed
        return Received(packet, pts, dts, packet.is_keyframe and not guessed, sound, arrival)

    def _arriving(self) -> Iterator[tuple[Packet, Arrival]]:
        wanted = [self._video, self._sound] if self._sound else [self._video]
        source = self._container.demux(wanted)
        pace = _Pace(self._closed) if self._is_file else None
        came: Arrival | None = None
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                packet = next(source, None)
            except (av.FFmpegError, OSError) as error:
                waited = time.monotonic() - began >= 0.9 * self._read_s
                raise (Broken("stalled", "nothing came") if waited else _broken(error)) from None
            if packet is None:
                return
            waited_s = time.monotonic() - began
            arrival = now(waited=waited_s >= _WAIT_S)
            if pace is not None:
                arrival = pace.wait(packet, arrival)
            if packet.stream is self._video and self._held_back:
                # The packet before came out of the parser when this one's first bytes were there; unless it came out
                # because a time-out emptied the parser.
                before, came = came, arrival if waited_s < 0.9 * self._read_s else None
                arrival = before or replace(arrival, waited=False)
            if packet.size:
                yield packet, arrival


def _of_no_connection(sound: AudioStream | None) -> AudioStream | None:
    """A description of a sound stream that outlives its connection."""
    return av.open("/dev/null", "w", format="mp4").add_stream_from_template(sound) if sound is not None else None


def _counted_back(waiting: list[Received], frame: int) -> Iterator[Received]:
    """The first packets. FFmpeg knows no DTS until it has seen how frames are reordered: counted back from there."""
    dts = waiting[-1].dts
    for n, item in enumerate(waiting, 1 - len(waiting)):
        if item.packet.dts is None:
            item.dts = dts + n * frame
            item.pts = item.packet.pts if item.packet.pts is not None else item.dts
        yield item


class _Pace:
    """Plays a file at its own speed."""

    def __init__(self, closed: threading.Event) -> None:
        self._closed = closed
        self._began: float | None = None

    def wait(self, packet: Packet, arrival: Arrival) -> Arrival:
        """Wait until a packet is due."""
        if packet.dts is None or packet.time_base is None:
            return arrival
        at = float(packet.dts * packet.time_base)
        if self._began is None:
            self._began = arrival.monotonic - at
        self._closed.wait(max(0.0, self._began + at - arrival.monotonic))
        return now()
