"""Pictures of events: taken in after they were decoded, and opened by links that expire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, File, Path, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from home.folder import Home
from home.media import LONGEST_KEY, TYPES, found, is_signed, keep_picture, media_type
from serve.access import Who
from serve.events import MediaLink, link_of
from serve.kinds import JPEG, PNG, WEBP, Kind, kind_of
from serve.looker import Looker
from serve.problems import Problem
from serve.tags import is_known

__all__ = ["Uploaded", "router"]

router = APIRouter(prefix="/api/v1", tags=["events"])

_ENDINGS = {JPEG: "jpg", PNG: "png", WEBP: "webp"}
_FORMATS = ", ".join(kind.name for kind in _ENDINGS)


class Uploaded(MediaLink):
    """A picture that is kept now. `key` goes into the `media` of its event."""

    media_type: str = Field(examples=["image/jpeg"])
    width: int = Field(description="pixels, upright", examples=[1280])
    height: int = Field(examples=[720])


@router.post("/upload", status_code=201)
async def upload(
    request: Request, file: Annotated[UploadFile, File(description=f"one picture: {_FORMATS}")]
) -> Uploaded:
    """Keep a picture of an event. It is decoded first, as every file of others is; the same picture has the same key."""
    home: Home = request.app.state.home
    looker: Looker = request.app.state.looker
    whole = cast(BinaryIO, file.file)
    kind = await run_in_threadpool(kind_of, whole)
    if kind not in _ENDINGS:
        raise Problem(415, "unknown-format", "This is no picture", f"found {kind.name}; right would be: {_FORMATS}")
    most = home.params.serve.snapshot_mb
    if (file.size or 0) > most * 1e6:
        raise Problem(413, "too-large", "This is too large", f"{most:g} MB are taken")
    return await looker.lanes.photo(lambda: _kept(home, looker, whole, kind))


def _kept(home: Home, looker: Looker, file: BinaryIO, kind: Kind) -> Uploaded:
    width, height = looker.size(file, kind)
    file.seek(0)
    key = keep_picture(home, file.read(), _ENDINGS[kind])
    link = link_of(home, key, dt.datetime.now(dt.UTC))
    return Uploaded(**link.model_dump(), media_type=str(media_type(key)), width=width, height=height)


_PICTURES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in TYPES.values()}}, 304: {}}


@router.get("/media/{key:path}", response_class=Response, responses=_PICTURES)
def media(
    request: Request,
    key: Annotated[str, Path(description="of `media` of an event", examples=["events/3f/3f9c2a41d07b.jpg"])],
    expires: Annotated[int | None, Query(ge=0, lt=10**11, description="as the link has it")] = None,
    signature: Annotated[str | None, Query(max_length=200, description="as the link has it")] = None,
) -> Response:
    """A picture of an event: for whoever has its link, and for who may read without one."""
    home: Home = request.app.state.home
    reader: Who | None = request.scope["state"]["who"]
    kind = media_type(key)
    if signature is not None or reader is None:
        _opens(home, key, expires, signature or "")
    there = found(home, key)
    if kind is None or there is None:
        raise Problem(404, "not-kept", "This picture is not kept", "it was deleted, or there never was one of this key")
    store, entry = there
    tag = f'"{entry.size:x}-{entry.tag}"'
    # Whoever has the link may show it in a page of his own: a mail, a dashboard.
    headers = {"ETag": tag, "Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "private, max-age=3600"}
    if is_known(tag, request.headers):
        return Response(status_code=304, headers=headers)
    return Response(store.read(key), media_type=kind, headers=headers)


def _opens(home: Home, key: str, expires: int | None, signature: str) -> None:
    """Refuse a link that is not ours, or not any more. Nothing tells whether there is such a picture."""
    if len(key) > LONGEST_KEY or expires is None or not is_signed(home, key, expires, signature):
        raise Problem(403, "link", "This link opens nothing", "it was changed on its way, or is of another home")
    if expires <= dt.datetime.now(dt.UTC).timestamp():
        raise Problem(403, "link-expired", "This link has expired", "the event it is of has a new one")
