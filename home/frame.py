"""One frame of footage, and what can be made of it: a small grey picture, a smaller frame, a picture that stands upright."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from home.errors import FootageError

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Attributes:
        offset_s: seconds from the first frame of the chunk.
        keyframe: whether it was decoded on its own.
        rotation: counter-clockwise degrees by which it must be turned to stand upright.
    """

    offset_s: float
    keyframe: bool
    rotation: int
    _decoded: av.VideoFrame | None
    _jpeg: bytes | None = None

    def grey(self, width: int) -> Picture:
        """A small grey picture, uint8 [h, width], area-averaged, not turned upright."""
        if self._jpeg is not None:
            return _shrunk(_imdecode(self._jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_8), width)
        assert self._decoded is not None
        frame = self._decoded
        if not frame.format.name.startswith(("yuv", "nv", "gray")) or frame.format.components[0].bits != 8:
            frame = frame.reformat(format="gray")
        return _shrunk(_plane(frame, 0), width)

    def colours(self) -> tuple[float, float, float]:
        """How far the picture is from grey, in levels: on average towards blue and towards red (Cb and Cr of ITU-R BT.601,
        0 for grey), and in any direction. A camera that sees infrared gives about 0, 0, 0."""
        if self._jpeg is not None:
            bgr = _imdecode(self._jpeg, cv2.IMREAD_REDUCED_COLOR_8)
            red, blue = cv2.split(cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb))[1:]
        else:
            assert self._decoded is not None
            frame = self._decoded
            if frame.format.name not in ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"):
                frame = _scaler().reformat(frame, format="yuv420p")
            blue, red = (_plane(frame, number) for number in (1, 2))
        blue, red = (plane.astype(np.float32) - 128 for plane in (np.asarray(blue), np.asarray(red)))
        return cv2.mean(blue)[0], cv2.mean(red)[0], cv2.mean(cv2.magnitude(blue, red))[0]

    def reduced(self, longest: int) -> Frame:
        """The same frame with its longest side at most `longest` pixels: a tenth of the memory, and cheap to make."""
        if self._decoded is None:
            return self
        decoded = self._decoded
        scale = longest / max(decoded.width, decoded.height)
        if scale >= 1:
            return self
        width, height = max(1, round(decoded.width * scale)), max(1, round(decoded.height * scale))
        return replace(self, _decoded=_scaler().reformat(decoded, width, height, interpolation="AREA"))

    @property
    def is_compressed(self) -> bool:
        """Whether it is still the JPEG that the camera sent: decoded when it is asked for, small at once."""
        return self._jpeg is not None

    def rgb(self, longest: int | None = None) -> Picture:
        """The picture upright, uint8 [h, w, 3] RGB, its longest side at most `longest` pixels."""
        if self._jpeg is not None:
            flag = cv2.IMREAD_REDUCED_COLOR_2 if longest and longest <= 640 else cv2.IMREAD_COLOR
            jpeg = _imdecode(self._jpeg, flag | cv2.IMREAD_IGNORE_ORIENTATION)
            picture = np.asarray(cv2.cvtColor(jpeg, cv2.COLOR_BGR2RGB), np.uint8)
            height, width = picture.shape[:2]
            scale = min(1.0, longest / max(height, width)) if longest else 1.0
            if scale < 1:
                size = (max(1, round(width * scale)), max(1, round(height * scale)))
                picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        else:
            small = self.reduced(longest)._decoded if longest else self._decoded
            assert small is not None
            picture = np.asarray(_scaler().reformat(small, format="rgb24").to_ndarray(), np.uint8)
        return self.upright(picture)

    def upright(self, picture: Picture) -> Picture:
        """What was made of this frame as it lies, turned so that it stands upright: a mask, a grey picture."""
        turns = round(self.rotation / 90) % 4
        return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


_scalers = threading.local()


def _scaler() -> VideoReformatter:
    """One a thread: making a scaler takes longer than scaling a frame with it."""
    if not hasattr(_scalers, "own"):
        _scalers.own = VideoReformatter()
    scaler: VideoReformatter = _scalers.own
    return scaler


def _plane(frame: av.VideoFrame, number: int) -> Picture:
    plane = frame.planes[number]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _imdecode(data: bytes, flag: int) -> Picture:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if picture is None:
        raise FootageError("a JPEG frame is damaged")
    return np.asarray(picture, np.uint8)


def _shrunk(grey: Picture, width: int) -> Picture:
    height = max(1, round(grey.shape[0] * width / grey.shape[1]))
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
