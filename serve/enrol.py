"""Photos by which a cat is known, over the API: checked as `catml cats add` checks them, kept in the home and nowhere else."""

from __future__ import annotations

from typing import Annotated, BinaryIO, cast

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from home.folder import Home
from home.gallery import keep, photo_of, photos, remove
from models.enrolling import alone_on
from serve.drawing import jpeg
from serve.kinds import kind_of
from serve.looker import Looker
from serve.problems import Problem

__all__ = ["PhotoRow", "router"]

router = APIRouter(prefix="/api/v1/cats/{cat}/photos", tags=["cats"])
READ_AGAIN = ("JPEG", "PNG", "WebP")
"""Formats that the night can read again as they are; others are kept as the JPEG that was looked at."""

CatPath = Annotated[str, InPath(description="id of a cat", max_length=63, examples=["miso"])]


class PhotoRow(BaseModel):
    """A photo of one cat."""

    md5: str = Field(description="of its bytes", examples=["9e107d9d372bb6826bd81d3542a419d6"])
    name: str = Field(description="what the file was called", examples=["miso.jpg"])
    width: int
    height: int
    box: tuple[float, float, float, float] = Field(description="x1 y1 x2 y2 of the cat, 0..1")
    confidence: float
    taken: str = Field(description="local date, where the photo says it; empty if it does not")
    there: bool = Field(default=False, description="it was kept already")


@router.get("")
def listed(request: Request, cat: CatPath) -> list[PhotoRow]:
    """The photos that a cat is known by."""
    home = _home(request, cat)
    return [PhotoRow.model_validate(each, from_attributes=True) for each in photos(home.data, cat)]


@router.post("", status_code=201)
async def add(
    request: Request, cat: CatPath, file: Annotated[UploadFile, File(description="one photo with this cat alone")]
) -> PhotoRow:
    """Keep a photo. POST /api/v1/refresh then tells past days with it."""
    home = _home(request, cat)
    looker: Looker = request.app.state.looker
    whole, name = cast(BinaryIO, file.file), file.filename or "photo"

    def work() -> PhotoRow:
        kind = kind_of(whole)
        if kind.clip:
            raise Problem(415, "unknown-format", "This is a clip", "a cat is known by photos: JPEG, PNG, WebP or HEIC")
        shot, facts = looker.decoded(whole, kind)
        detector = looker.readers(home.params.detect.mode).detector
        found = alone_on(shot, detector, home.params.detect.confidence, home.config.cats[cat].name)
        if isinstance(found, str):
            raise Problem(422, "not-one-animal", "This photo cannot be taken", found)
        whole.seek(0)
        content = whole.read() if kind.name in READ_AGAIN else jpeg(shot, 95)
        size = (
            (int(facts["width"]), int(facts["height"])) if kind.name in READ_AGAIN else (shot.shape[1], shot.shape[0])
        )
        ending = {"PNG": ".png", "WebP": ".webp"}.get(kind.name, ".jpg")
        photo = photo_of(
            cat, f"{name.rpartition('.')[0] or name}{ending}"[-120:], content, size, *found, detector.fingerprint
        )
        there = not keep(home.data, photo, content)
        return PhotoRow.model_validate({**vars(photo), "there": there})

    return await looker.lanes.photo(work)


@router.delete("/{md5}", status_code=204, response_class=Response)
def forget(request: Request, cat: CatPath, md5: Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]) -> Response:
    """Know a cat by a photo no longer."""
    home = _home(request, cat)
    found = next((each for each in photos(home.data, cat) if each.md5 == md5), None)
    if found is None:
        raise Problem(404, "no-such-photo", "There is no such photo of this cat")
    remove(home.data, found)
    return Response(status_code=204)


def _home(request: Request, cat: str) -> Home:
    home: Home = request.app.state.home
    if cat not in home.config.cats:
        raise Problem(
            404, "no-such-cat", "There is no such cat", f"home.yaml has: {', '.join(home.config.cats) or 'none'}"
        )
    return home
