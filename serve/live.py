"""What each camera sees now, as its watcher shows it (`home.live`): for pages and programs that look every moment.

Nothing old is handed out as live: a watcher that is gone, a camera that is silent and the owner's private hours show no animal
and no picture, and say since when.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from home.clock import Span
from home.config import Camera
from home.ethogram import BEHAVIOURS, OTHER, UNKNOWN
from home.folder import Home
from home.live import LiveCamera, LiveTrack, look, picture
from home.look import clock_time, counted, day_name, duration, listed, mark_of
from serve.problems import Problem

__all__ = ["LATE_S", "LiveAnimal", "LiveNow", "LiveView", "live_now", "router"]

router = APIRouter(prefix="/api/v1/live", tags=["read"])
LATE_S = 10.0
"""A watcher writes a few times a second; one that has not for so long is gone, or hangs."""
_ASKED_WITHIN_S = 5.0
MOST = 4  # of whom the sentence names each
_DAY = dt.timedelta(days=1)
_AT = "2026-03-01T07:00:00Z"


class LiveAnimal(BaseModel):
    """Somebody who is followed on one camera."""

    track_id: int
    kind: str = Field(description="class of the detector", examples=["cat"])
    cat: str | None = Field(description="id; null while nobody can tell", examples=["miso"])
    behaviour: str | None = Field(description="of the ethogram; null while nobody can tell", examples=["eating"])
    box: tuple[float, float, float, float] = Field(description="x1 y1 x2 y2 in 0..1")
    confidence: float
    since: dt.datetime = Field(description="when it came into view", examples=[_AT])
    name: str = Field(description="for people", examples=["Miso"])
    words: str = Field(description="name and behaviour, for people", examples=["Miso, eating"])


class LiveView(BaseModel):
    """One camera now. Figures and animals are only there while it is watched."""

    camera: str = Field(examples=["kitchen"])
    name: str = Field(examples=["Kitchen"])
    state: Literal["watched", "offline", "late", "unwatched", "private"] = Field(
        description="offline: no pictures come; late: its watcher is gone; unwatched: there was none; private: owner's hours"
    )
    words: str = Field(description="the state for people", examples=["Nobody seen"])
    at: dt.datetime | None = Field(description="of the frame that was seen last", examples=[_AT])
    fps: float | None = Field(description="frames seen a second", examples=[5.0])
    latency_ms: float | None = Field(description="from the arrival of a frame to what is on it", examples=[84.0])
    queue: int | None = Field(description="frames that wait")
    dropped: int | None = Field(description="frames that newer ones replaced unseen, since the watcher began")
    animals: list[LiveAnimal]
    picture: str | None = Field(description="path of the JPEG", examples=["/api/v1/live/kitchen.jpg"])


class LiveNow(BaseModel):
    """All cameras now."""

    sentence: str = Field(description="for people", examples=["Miso is eating (Kitchen)."])
    cameras: list[LiveView]


@router.get("")
def live(request: Request) -> LiveNow:
    """What each camera sees now, in the order of home.yaml."""
    return live_now(_home(request), dt.datetime.now(dt.UTC))


@router.get("/{camera}.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
def live_picture(
    request: Request, camera: Annotated[str, Path(description="id of the camera", max_length=63, examples=["kitchen"])]
) -> Response:
    """The picture that a camera shows now; an old one is none."""
    home, now = _home(request), dt.datetime.now(dt.UTC)
    if camera not in home.config.cameras:
        raise Problem(404, "no-such-camera", "There is no such camera")
    if _private_until(home.config.cameras[camera], now, home):
        raise Problem(404, "private", "These are private hours", "nothing is shown in the owner's private hours")
    found = picture(home.root, camera)
    # It is written before the state that leads to it, and asked for after that was read.
    if found is None or (now - found[1]).total_seconds() > LATE_S + _ASKED_WITHIN_S:
        raise Problem(404, "not-live", "There is no picture of now", "`catml watch` shows what the cameras see")
    return Response(found[0], media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def live_now(home: Home, now: dt.datetime) -> LiveNow:
    """What each camera sees at a moment.

    Args:
        home: the home.
        now: UTC.
    """
    shown = {each.camera: each for each in look(home.root)}
    views = [_view(home, key, shown.get(key), now) for key in home.config.cameras]
    return LiveNow(sentence=_sentence(views), cameras=views)


def _view(home: Home, camera: str, shown: LiveCamera | None, now: dt.datetime) -> LiveView:
    settings = home.config.cameras[camera]
    until = _private_until(settings, now, home)
    if until:
        always = until - now >= _DAY
        return _blank(
            camera,
            settings,
            "private",
            "Private hours" if always else f"Private hours until {clock_time(until, home.zone)}",
        )
    if shown is None:
        return _blank(camera, settings, "unwatched", "Not watched")
    if (now - shown.written_at).total_seconds() > LATE_S:
        words = f"Its watcher has said nothing since {_since(shown.written_at, now, home)}: catml watch"
        return _blank(camera, settings, "late", words, shown.at)
    if not shown.online:
        words = f"No pictures come since {_since(shown.at, now, home)}" if shown.at else "No pictures have come yet"
        return _blank(camera, settings, "offline", words, shown.at)
    animals = [_animal(home, track) for track in shown.tracks]
    words = _lasting(animals, now) if animals else "Nobody seen"
    return LiveView(
        camera=camera, name=settings.name or camera, state="watched", words=words, at=shown.at, fps=shown.fps,
        latency_ms=shown.latency_ms, queue=shown.queue, dropped=shown.dropped, animals=animals,
        picture=f"/api/v1/live/{camera}.jpg",
    )  # fmt: skip


def _blank(
    camera: str,
    settings: Camera,
    state: Literal["offline", "late", "unwatched", "private"],
    words: str,
    at: dt.datetime | None = None,
) -> LiveView:
    return LiveView(
        camera=camera, name=settings.name or camera, state=state, words=words, at=at, fps=None, latency_ms=None, queue=None,
        dropped=None, animals=[], picture=None,
    )  # fmt: skip


def _animal(home: Home, track: LiveTrack) -> LiveAnimal:
    cats = home.config.cats
    if track.cat in cats:
        name = cats[track.cat].name
    elif track.kind == "cat":
        name = "A cat"
    else:
        name = ("An " if track.kind[:1].lower() in "aeiou" else "A ") + track.kind.replace("_", " ")
    behaviour = track.behaviour or None
    words = f"{name}, {mark_of(behaviour).label.lower()}" if behaviour else name
    return LiveAnimal(
        track_id=track.track_id, kind=track.kind, cat=None if track.cat == UNKNOWN else track.cat, behaviour=behaviour,
        box=track.bbox, confidence=track.confidence, since=track.since, name=name, words=words,
    )  # fmt: skip


def _sentence(views: list[LiveView]) -> str:
    watched = [view for view in views if view.state == "watched"]
    if not watched:
        return "Nobody watches now." if views else "There is no camera yet."
    seen = [(view.name, each) for view in watched for each in view.animals]
    if not seen:
        return f"Nobody is seen on {counted(len(watched), 'camera')}."
    if len(seen) > MOST:
        return f"{len(seen)} animals and people are in sight on {counted(len(watched), 'camera')}."
    told = listed(f"{_small(each)} is {_doing(each)} ({name})" for name, each in seen)
    return f"{told[0].upper()}{told[1:]}."


def _small(animal: LiveAnimal) -> str:
    """Its name inside a sentence."""
    return animal.name if animal.cat else animal.name[0].lower() + animal.name[1:]


def _doing(animal: LiveAnimal) -> str:
    named = animal.behaviour not in (None, BEHAVIOURS[OTHER])
    return mark_of(str(animal.behaviour)).label.lower() if named else "in sight"


def _lasting(animals: list[LiveAnimal], now: dt.datetime) -> str:
    told = listed(
        f"{_small(each)}{each.words[len(each.name) :]} for {duration(max(0.0, (now - each.since).total_seconds()))}"
        for each in animals
    )
    return told[0].upper() + told[1:]


def _since(moment: dt.datetime, now: dt.datetime, home: Home) -> str:
    """When something ended: its time of day, and its day where that is another one."""
    local, date = (
        clock_time(moment, home.zone, seconds=now - moment < dt.timedelta(hours=1)),
        moment.astimezone(home.zone).date(),
    )
    return local if date == now.astimezone(home.zone).date() else f"{day_name(date)}, {local}"


def _private_until(settings: Camera, now: dt.datetime, home: Home) -> dt.datetime | None:
    """When the private hours end that are now; None outside of them."""
    spans = settings.private_spans(Span(now, now + _DAY), home.zone)
    return next((span.end for span in spans if now in span), None)


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home
