"""Pictures and footage for the pages: one frame of a chunk as a JPEG, and the chunk itself, any part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, BinaryIO, Literal

import cv2
import numpy as np
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from home.errors import FootageError, StoreMissing
from home.folder import Home
from home.footage import ChunkName
from home.store import Store
from home.video import still
from serve.problems import Problem

__all__ = ["ICON", "router"]

router = APIRouter(prefix="/media", include_in_schema=False)
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M5 4l7 5h8l7-5v15a11 9 0 0 1-22 0z" '
    'fill="#0072B2"/><circle cx="12" cy="17" r="2" fill="#fff"/><circle cx="20" cy="17" r="2" fill="#fff"/></svg>'
)
WIDTHS = (304, 640, 960, 1600)
_QUALITY = 80
_BLOCK = 1 << 18
_KEPT = "private, max-age=86400"  # what a chunk holds does not change


@router.get("/still")
def frame(
    request: Request,
    chunk: Annotated[str, Query(max_length=200)],
    at: Annotated[float, Query(ge=0, le=86400, allow_inf_nan=False)],
    width: int = 640,
    gone: Literal["words", "empty"] = "words",
) -> Response:
    """The frame at an offset, upright, as JPEG; at most the smallest of WIDTHS that holds `width`. Of footage that is `gone` a
    picture with words, or nothing, where a page has words of its own."""
    home: Home = request.app.state.home
    try:
        picture = still(home.footage.open(_key(home, chunk)), at)
    except StoreMissing:
        return _words("Not kept any more", 404) if gone == "words" else Response(status_code=404)
    except FootageError:
        return _words("Cannot be read", 422)
    height, full = picture.shape[:2]
    most = next((each for each in WIDTHS if each >= width), WIDTHS[-1])
    if full > most:
        size = (most, max(1, round(height * most / full)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return Response(data.tobytes(), media_type="image/jpeg", headers={"Cache-Control": _KEPT})


def _words(words: str, status: int) -> Response:
    """In place of a frame: a page shows it where the picture would be."""
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 304 171" width="304" height="171"><rect width="304" height="171" '
        f'fill="#6E6E6E"/><text x="152" y="90" fill="#fff" font-family="sans-serif" font-size="14" text-anchor="middle">{words}</text></svg>'
    )
    return Response(drawn, status, media_type="image/svg+xml")


@router.get("/chunk/{camera}/{name}", response_model=None)
def chunk(
    request: Request, camera: str, name: str, range_: Annotated[str | None, Header(alias="range")] = None
) -> Response:
    """A chunk, or the part that a player asks for (RFC 9110, 14.2)."""
    home: Home = request.app.state.home
    key = _key(home, f"{camera}/{name}")
    if home.footage.folder is not None:
        if home.footage.find(key) is None:
            raise StoreMissing(key)
        return FileResponse(home.footage.folder / key, media_type="video/mp4", headers={"Cache-Control": _KEPT})
    return _part(home.footage, key, range_, head=request.scope["state"].get("head", False))


def _part(footage: Store, key: str, wanted: str | None, *, head: bool) -> Response:
    """What a store other than a folder holds: read in blocks, only what is asked for."""
    entry = footage.find(key)
    if entry is None:
        raise StoreMissing(key)
    first, last = 0, entry.size - 1
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted or "")
    if found and any(found.groups()):
        first = int(found[1]) if found[1] else max(0, entry.size - int(found[2]))
        last = min(last, int(found[2])) if found[1] and found[2] else last
        if first > last:
            raise Problem(416, "range", "No such part", headers={"Content-Range": f"bytes */{entry.size}"})
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(last - first + 1), "Cache-Control": _KEPT}
    if found:
        headers["Content-Range"] = f"bytes {first}-{last}/{entry.size}"
    if head:  # a store that is asked for its bytes may cost
        return Response(status_code=206 if found else 200, headers=headers, media_type="video/mp4")
    source = footage.open(key)
    assert not isinstance(source, str)
    return StreamingResponse(_blocks(source, first, last), 206 if found else 200, headers, "video/mp4")


def _blocks(source: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with source:
        source.seek(first)
        left = last - first + 1
        while left > 0 and (block := source.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def _key(home: Home, key: str) -> str:
    """A key that names a chunk of a camera; whatever else it says names nothing."""
    name = ChunkName.parse(key)
    if name is None or name.key != key or name.camera in ("", ".", ".."):
        raise Problem(404, "no-such-chunk", "There is no such chunk")
    return key
