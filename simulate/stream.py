"""A simulated camera played live: the frames of a diary from now on, in real time, pushed to an address.

`python -m simulate.stream ADDRESS` plays the scripted round of a home.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from home.errors import CatMLError, FootageError, WrongUse, redacted
from simulate.camera import Camera
from simulate.footage import Encoder
from simulate.routine import scripted_diary
from simulate.scenery import CAMERA_NAMES, Scenery, seen_places

FORMATS = {"rtsp": "rtsp", "rtmp": "flv", "srt": "mpegts", "udp": "mpegts", "file": "mpegts"}
TOO_LATE_S = 1.0  # a picture that comes later than this is left out, as a camera drops what it cannot send
TIMEOUT_S = 10.0


def play(
    camera: Camera, address: str, encoder: Encoder, seconds: float | None = None, start: datetime | None = None,
    clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep,
) -> int:  # fmt: skip
    """Push a camera's frames to an address, each when its time has come; those it is too late for are left out.

    Args:
        camera: plays its diary.
        address: `rtsp://`, `rtmp://`, `srt://`, `udp://` or `file://PATH`; a server must listen there.
        encoder: size, frame rate and keyframes.
        seconds: how long; None: until interrupted.
        start: the diary's moment that is shown first; None: now.
        clock, pause: seconds that pass, and how to wait for them.

    Returns:
        Frames sent.

    Raises:
        WrongUse: if the address is of another kind.
        FootageError: if nobody takes the stream, or the peer goes away.
    """
    scheme = address.split("://", 1)[0]
    if scheme not in FORMATS:
        raise WrongUse(
            f"{redacted(address)!r}: a stream can be played to {', '.join(f'{name}://' for name in FORMATS)}"
        )
    options = {"rtsp_transport": "tcp"} if scheme == "rtsp" else {}
    target = address.removeprefix("file://")
    first, sent, number, began = start or datetime.now(UTC), 0, 0, clock()
    try:
        with av.open(target, "w", format=FORMATS[scheme], options=options, timeout=TIMEOUT_S) as out:
            stream = _live_stream(out, encoder)
            while seconds is None or number < round(seconds * encoder.fps):
                late = clock() - began - number / encoder.fps
                if late > TOO_LATE_S:
                    number += int(late * encoder.fps)
                    continue
                if late < 0:
                    pause(-late)
                yuv = camera.frame(first + timedelta(seconds=number) / encoder.fps).yuv
                frame = av.VideoFrame.from_ndarray(yuv, format=encoder.format)
                frame.pts, frame.time_base = number, Fraction(1, encoder.fps)
                out.mux(stream.encode(frame))
                number, sent = number + 1, sent + 1
            out.mux(stream.encode(None))
    except (av.FFmpegError, OSError) as error:
        raise FootageError(
            f"{redacted(address)}: nobody takes the stream ({redacted(str(error))}); start the server or recorder first"
        ) from error
    return sent


def _live_stream(out: OutputContainer, encoder: Encoder) -> VideoStream:
    """Encoded as footage is, but every frame at once."""
    context = encoder.context()
    stream = out.add_stream(context.name, rate=encoder.fps, options={**context.options, "tune": "zerolatency"})
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = encoder.size
    stream.pix_fmt = encoder.format
    stream.codec_context.time_base = Fraction(1, encoder.fps)
    return stream


def main() -> None:
    """`python -m simulate.stream ADDRESS`."""
    parser = argparse.ArgumentParser(description="Play a simulated camera live to an address.")
    parser.add_argument("address", help="rtsp://HOST/PATH of a server that takes streams, or file://PATH")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same home")
    parser.add_argument("--cats", type=int, default=1)
    parser.add_argument("--minutes", type=int, default=60, help="how long")
    parser.add_argument("--size", default="1280x720", help="WIDTHxHEIGHT")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    scenery = Scenery(options.seed, cameras=1, cats=options.cats, size=(width, height))
    now = datetime.now(UTC).replace(microsecond=0)
    diary = scripted_diary(now, options.minutes, seen_places(1), scenery.names, options.seed)
    camera = scenery.camera(CAMERA_NAMES[0], diary)
    try:
        play(camera, options.address, Encoder(scenery.size, 5), options.minutes * 60, now)
    except CatMLError as error:
        raise SystemExit(f"error: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
