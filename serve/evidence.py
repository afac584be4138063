"""What was seen, to be seen: a still out of the footage, and a short clip cut out of its chunk without decoding it."""

from __future__ import annotations

import io
import re
from typing import Annotated

import av
import cv2
import numpy as np
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from home.errors import FootageError
from home.folder import Home
from home.footage import ChunkName
from home.video import opened, still
from serve.drawing import jpeg
from serve.problems import Problem
from serve.tags import is_known

__all__ = ["clip", "router"]

router = APIRouter(prefix="/api/v1/evidence/{camera}/{chunk}/{offset_s}", tags=["read"])

BEFORE_S = 2.0  # of a clip, before its place; it begins at the keyframe before that
LONGEST_S = 30.0
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

Camera = Annotated[str, Path(description="id of the camera", max_length=63, examples=["kitchen"])]
Chunk = Annotated[str, Path(pattern=r"^chunk-\d{8}-\d{6}(-\d{1,6})?$", examples=["chunk-20260301-070000"])]
Offset = Annotated[float, Path(ge=0, le=86_400, description="seconds from the chunk's first frame", examples=[12.5])]


@router.get("/still.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
def still_of(
    request: Request,
    camera: Camera,
    chunk: Chunk,
    offset_s: Offset,
    width: Annotated[int, Query(ge=64, le=3840, description="pixels at most")] = 1280,
) -> Response:
    """The picture at a place in the footage, upright."""
    key, tag = _found(request, camera, chunk)
    tag = f'"{tag}-{offset_s:.3f}-{width}"'
    if is_known(tag, request.headers):
        return Response(status_code=304, headers={"ETag": tag})
    picture = still(_home(request).footage.open(key), offset_s)
    scale = min(1.0, width / picture.shape[1])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Response(jpeg(small), media_type="image/jpeg", headers={"ETag": tag})


@router.get("/clip.mp4", response_class=Response, responses={200: {"content": {"video/mp4": {}}}, 206: {}})
def clip_of(
    request: Request,
    camera: Camera,
    chunk: Chunk,
    offset_s: Offset,
    seconds: Annotated[float, Query(gt=0, le=LONGEST_S, description="length after that place")] = 8.0,
) -> Response:
    """The footage around a place, as it was recorded, without sound."""
    key, tag = _found(request, camera, chunk)
    tag = f'"{tag}-{offset_s:.3f}-{seconds:g}-clip"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes"}
    if is_known(tag, request.headers):
        return Response(status_code=304, headers=headers)
    data = clip(_home(request), key, offset_s, seconds)
    return _ranged(data, request.headers.get("range", ""), headers)


def clip(home: Home, key: str, offset_s: float, seconds: float) -> bytes:
    """A part of a chunk as an MP4 that a browser plays: packets are copied, nothing is decoded.

    Args:
        home: the home.
        key: of the chunk.
        offset_s: place in the chunk.
        seconds: after it.

    Raises:
        FootageError: the chunk cannot be read, or holds nothing there.
        StoreMissing: it is not kept any more.
    """
    out, reached = io.BytesIO(), -1.0
    with opened(home.footage.open(key)) as (source, stream):
        base, start = float(stream.time_base), stream.start_time or 0
        first, last = max(0.0, offset_s - BEFORE_S), offset_s + seconds
        source.seek(start + round(first / base), stream=stream, backward=True)
        # A file whose index stands at its end cannot be begun before it is whole.
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        with av.open(out, "w", format="mp4", options=options) as target:
            copy = target.add_stream_from_template(stream)
            zero: int | None = None
            for packet in source.demux(stream):
                if not packet.size or packet.dts is None or (zero is None and not packet.is_keyframe):
                    continue
                if (packet.dts - start) * base >= last:
                    break
                zero = packet.dts if zero is None else zero
                packet.dts -= zero
                packet.pts = None if packet.pts is None else packet.pts - zero
                packet.stream = copy
                reached = max(reached, (packet.dts + zero - start) * base)
                target.mux(packet)
    if reached < first:
        raise FootageError(f"the chunk holds nothing at {offset_s:.1f} s")
    return out.getvalue()


def _found(request: Request, camera: str, chunk: str) -> tuple[str, str]:
    """Key and tag of a chunk; only what is named as a chunk of a camera of this home is ever opened."""
    home, key = _home(request), f"{camera}/{chunk}.mp4"
    name = ChunkName.parse(key)
    if camera not in home.config.cameras or name is None:
        raise Problem(
            404, "no-such-chunk", "There is no such chunk", "its camera and name come with a bout or a moment"
        )
    entry = home.footage.find(key)
    if entry is None:
        raise Problem(404, "not-kept", "The footage of this is not kept any more")
    return key, f"{entry.size:x}-{entry.tag}"


def _ranged(data: bytes, asked: str, headers: dict[str, str]) -> Response:
    """All of it, or the part that a player asks for (RFC 9110, 14.2)."""
    match = _RANGE.fullmatch(asked)
    if not match or not (match[1] or match[2]):
        return Response(data, media_type="video/mp4", headers=headers)
    if match[1]:
        first, last = int(match[1]), min(int(match[2]) if match[2] else len(data) - 1, len(data) - 1)
    else:
        first, last = max(0, len(data) - int(match[2])), len(data) - 1
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    part = {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"}
    return Response(data[first : last + 1], 206, part, "video/mp4")


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home
