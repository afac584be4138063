"""One look at a camera: does it answer, and what does it show? Credentials are never part of what is said."""

from __future__ import annotations

import time
from dataclasses import dataclass

import av

from home.config import Camera
from home.errors import FootageError
from home.frame import Frame, Picture

TIMEOUT_S = 8.0


@dataclass(frozen=True)
class Look:
    """What a camera showed.

    Attributes:
        picture: the first frame, upright, uint8 [h, w, 3] RGB.
        codec: FFmpeg's name.
        fps: frames per second as the stream says; 0 if it does not.
    """

    picture: Picture
    codec: str
    fps: float

    def __str__(self) -> str:
        height, width = self.picture.shape[:2]
        rate = f" at {self.fps:.3g} fps" if 0 < self.fps < 1000 else ""
        return f"{width} x {height}, {self.codec}{rate}"


def look(camera: Camera, timeout_s: float = TIMEOUT_S) -> Look:
    """Open a camera's stream and decode its first picture.

    Args:
        camera: its settings.
        timeout_s: seconds to wait for the connection, and again for the picture.

    Raises:
        WrongUse: if it has no URL, or a variable of its URL is not set.
        FootageError: if it does not answer, refuses, or sends no picture.
    """
    address = camera.address()
    # RTP over TCP: cameras lose packets over UDP, and firewalls drop it.
    options = {"rtsp_transport": "tcp"} if address.startswith("rtsp") else {}
    began = time.monotonic()
    try:
        with av.open(address, options=options, timeout=(timeout_s, timeout_s)) as container:
            if not container.streams.video:
                raise FootageError(f"{camera.safe_address}: sends no video; is it the right stream?")
            stream = container.streams.video[0]
            for decoded in container.decode(stream):
                picture = Frame(0.0, True, int(decoded.rotation or 0), decoded).rgb()
                return Look(picture, stream.codec_context.name, float(stream.average_rate or 0))
    except (av.FFmpegError, OSError, ValueError) as error:
        # Not chained: FFmpeg's own text holds the address, and with it the password.
        # RTSP ends a wait as invalid data: that it was one, only the clock tells.
        waited = time.monotonic() - began >= 0.9 * timeout_s
        why = f"no answer within {timeout_s:g} s; is the camera on, and in this network?" if waited else _why(error)
        raise FootageError(f"{camera.safe_address}: {why}") from None
    raise FootageError(f"{camera.safe_address}: sends no picture; is it the right stream?")


def _why(error: Exception) -> str:
    """FFmpeg's error as what is wrong and what to do."""
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError | PermissionError):
        return "refuses the user or the password; check the variable that home.yaml names"
    if isinstance(error, av.error.HTTPNotFoundError | FileNotFoundError):
        return "has nothing at this path; look its address up in the camera's manual"
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers at this port; is the camera on, and its RTSP switched on?"
    if isinstance(error, av.error.InvalidDataError):
        return "what it sends is no video that can be read; is it the right path?"
    # The error's kind only (EHOSTUNREACH and the like): its text may hold the address.
    reason = getattr(error, "strerror", None) or type(error).__name__
    return f"cannot be reached ({reason}); is the name or number right?"
