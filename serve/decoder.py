"""The program that decodes what others send: `python -m serve.decoder`, a process of its own that may be killed at any time.

It gets one open file at a time over the socket on its standard input, and sends pictures back. It holds no credentials, its
environment is empty, its memory and CPU time are bounded, and it can write nothing. FFmpeg gets the open file and no
protocol to open another one with, a fixed demuxer, and decoders from a list; Pillow gets one format.

    request:  one line of JSON, with the file's descriptor beside it
    answer:   messages, each a 4-byte length and that much JSON; `bytes` of it says how many bytes follow
              {"picture": [h, w], "at": seconds, "bytes": n} …, then {"done": {…}}, or {"refused": {kind, title, detail}}
"""

from __future__ import annotations

import json
import os
import resource
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

PHOTO_LONGEST, CLIP_LONGEST = 1920, 1280
"""Pixels of the longer side that is handed on; a cat that is small on a larger picture is still a hundred pixels."""
CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg")
_FILES = 32  # descriptors that may be open
_OPEN_S = 5.0  # CPU seconds in which the index of a clip must be read: damaged ones can lead a demuxer round for ever
_CLOSE_S = 0.004  # a frame so little before its time is the one

Picture = NDArray[np.uint8]


class Refused(Exception):
    """The file cannot be taken; the arguments are kind, title and detail of a problem."""


def main() -> None:
    """Answer until the other end of the socket is closed."""
    end = socket.socket(fileno=0)
    memory = int(sys.argv[1])
    _prepare()
    used = _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(end, {"ready": True})
    while True:
        line, descriptors, _, _ = socket.recv_fds(end, 65_536, 1)
        if not line:
            return
        asked = json.loads(line)
        with os.fdopen(descriptors[0], "rb") as file:
            _answer(end, asked, file)


def _prepare() -> None:
    """Import what will be needed: later there are no files to import from."""
    Image.MAX_IMAGE_PIXELS = None  # counted here, before a pixel is decoded
    Image.preinit()
    import PIL.WebPImagePlugin  # noqa: F401

    try:
        import pillow_heif

        pillow_heif.register_heif_opener()
    except ImportError:
        pass
    av.logging.set_level(None)


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()


def _answer(end: socket.socket, asked: dict[str, Any], file: BinaryIO) -> None:
    _more_time(asked["cpu_s"])
    file.seek(0)
    try:
        facts: dict[str, Any] = {}
        for at, picture in _clip(file, asked, facts) if asked["clip"] else _photo(file, asked, facts):
            data = np.ascontiguousarray(picture)
            _send(end, {"picture": list(data.shape[:2]), "at": at, "bytes": data.nbytes}, data.data)
        _send(end, {"done": facts})
    except Refused as refused:
        _send(end, {"refused": refused.args})
    except (MemoryError, av.error.MemoryError):
        _send(
            end, {"refused": ("too-much-memory", "Decoding this takes too much memory", "a smaller one would be right")}
        )
    except BrokenPipeError:
        raise
    except Exception as error:  # a decoder's own: what it says may hold anything, its kind is enough
        detail = f"its data cannot be decoded ({type(error).__name__})"
        _send(end, {"refused": ("damaged", f"This {asked['name']} is damaged", detail)})


def _more_time(seconds: float) -> None:
    """So many CPU seconds from now on; the kernel ends this process if it takes more."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(spent.ru_utime + spent.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _photo(file: BinaryIO, asked: dict[str, Any], facts: dict[str, Any]) -> Iterator[tuple[float, Picture]]:
    if asked["reader"] not in Image.OPEN:
        raise Refused("unknown-format", f"{asked['name']} cannot be read here", "pip install 'catml[heic]' makes it")
    with Image.open(file, formats=[asked["reader"]]) as image:
        width, height = image.size
        _small_enough(width, height, asked["pixels"])
        image.thumbnail((PHOTO_LONGEST, PHOTO_LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
        turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        ImageOps.exif_transpose(image, in_place=True)
        picture = np.asarray(_rgb(image))
    facts |= {"width": height if turned else width, "height": width if turned else height}
    yield 0.0, picture


def _rgb(image: Image.Image) -> Image.Image:
    """Without transparency, on grey: what lies under it was never meant to be seen."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        seen = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, (128, 128, 128, 255)), seen).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _clip(file: BinaryIO, asked: dict[str, Any], facts: dict[str, Any]) -> Iterator[tuple[float, Picture]]:
    # `none` is no protocol: whatever a file names beside itself cannot be opened.
    options = {"protocol_whitelist": "none", "enable_drefs": "0"}
    _more_time(min(_OPEN_S, asked["cpu_s"]))
    with av.open(file, "r", format=asked["reader"], options=options, metadata_errors="ignore") as container:
        _more_time(asked["cpu_s"])
        if not container.streams.video:
            raise Refused("no-picture", "This clip shows nothing", "it has no video stream")
        stream = container.streams.video[0]
        codec = stream.codec_context
        if codec is None or codec.name not in CODECS:
            found = "a codec nobody knows" if codec is None else codec.name
            raise Refused(
                "unknown-format",
                "This clip's codec is not taken",
                f"found {found}; right would be: {', '.join(CODECS)}",
            )
        _small_enough(codec.width, codec.height, asked["pixels"])
        seconds = float(container.duration or 0) / av.time_base
        _short_enough(seconds, asked["seconds"])
        _few_enough(stream.frames, asked["frames"])
        codec.thread_count = 1
        # `explode`: what is damaged is left out, not patched up and shown.
        codec.options = {"max_pixels": str(asked["pixels"]), "err_detect": "explode"}
        if float(stream.average_rate or 0) > 3 * asked["fps"]:
            codec.skip_frame = "NONREF"  # what no other frame needs, nobody looks at
        yield from _frames(container, stream, asked, facts)


def _frames(
    container: Any, stream: Any, asked: dict[str, Any], facts: dict[str, Any]
) -> Iterator[tuple[float, Picture]]:
    count, due, last, start = 0, 0.0, 0.0, None
    facts["damaged"] = False
    scaler = av.video.reformatter.VideoReformatter()
    try:
        for packet in container.demux(stream):
            count += bool(packet.size)
            _few_enough(count, asked["frames"])
            try:
                decoded = packet.decode()
            except (av.error.InvalidDataError, ValueError):
                facts["damaged"] = True
                continue
            for frame in decoded:
                facts["damaged"] |= frame.is_corrupt
                if frame.pts is None or frame.time is None or frame.is_corrupt:
                    continue
                start = frame.time if start is None else start
                last = max(last, frame.time - start)
                _short_enough(last, asked["seconds"])
                if frame.time - start < due - _CLOSE_S:
                    continue
                due = (np.floor((frame.time - start + _CLOSE_S) * asked["fps"]) + 1) / asked["fps"]
                _small_enough(frame.width, frame.height, asked["pixels"])
                picture = _upright(frame, scaler)
                turned = round((frame.rotation or 0) / 90) % 2
                facts |= {"width": (frame.width, frame.height)[turned], "height": (frame.height, frame.width)[turned]}
                yield last, picture
    except (av.FFmpegError, ValueError):
        facts["damaged"] = True  # from here on
    if start is None:
        raise Refused("damaged", f"This {asked['name']} is damaged", "not one picture of it can be decoded")
    facts["seconds"], facts["frames"] = last, count


def _upright(frame: av.VideoFrame, scaler: Any) -> Picture:
    scale = min(1.0, CLIP_LONGEST / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    picture = scaler.reformat(frame, width, height, format="rgb24", interpolation="AREA").to_ndarray()
    return np.asarray(np.rot90(picture, round((frame.rotation or 0) / 90) % 4))


def _small_enough(width: int, height: int, pixels: int) -> None:
    if width < 1 or height < 1 or width * height > pixels:
        raise Refused(
            "too-many-pixels",
            "This has too many pixels",
            f"found {width} x {height}; {pixels / 1e6:g} megapixels are taken",
        )


def _short_enough(seconds: float, most: float) -> None:
    if seconds > most:
        raise Refused("too-long", "This clip is too long", f"found {seconds:.0f} s; {most:g} s are taken")


def _few_enough(frames: int, most: int) -> None:
    if frames > most:
        raise Refused("too-many-frames", "This clip has too many frames", f"found {frames} or more; {most} are taken")


def _send(end: socket.socket, tree: dict[str, Any], data: memoryview | None = None) -> None:
    text = json.dumps(tree).encode()
    end.sendall(struct.pack(">I", len(text)) + text)
    if data is not None:
        end.sendall(data.cast("B"))


if __name__ == "__main__":
    main()
