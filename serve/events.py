"""What happened: told to this home by programs, read a page at a time, each event with links to its pictures."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, field_validator

from home.clock import Span
from home.event_pages import Chosen, Place, event_of
from home.event_pages import page as page_of
from home.events import ROWS, Category, Event, kept_within
from home.folder import Home
from home.idempotency import KeyReused, once
from home.media import link, media_type
from serve.access import who
from serve.paging import Page
from serve.problems import Problem

__all__ = ["EventRow", "MediaLink", "NewEvent", "link_of", "router"]

router = APIRouter(prefix="/api/v1", tags=["events"])

_MOST_MEDIA = 20  # pictures of one event
_AHEAD = dt.timedelta(days=1)  # a clock may be so wrong
_FIRST, _LAST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
_KEY = re.compile(
    r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,200}"|[\x21\x23-\x7e]{1,200}'
)  # RFC 8941, 3.3.3; or bare
_EXAMPLE: dict[str, JsonValue] = {
    "event_id": "0b9d5a4e-3f0c-4a53-9f5e-6d1c3a2b7f10",
    "stream_id": "kitchen",
    "track_id": 4,
    "timestamp_utc": "2026-03-01T07:00:00Z",
    "frame_index": 1200,
    "bbox": [0.21, 0.34, 0.58, 0.77],
    "confidence": 0.91,
    "inference_latency_ms": 84.0,
    "gpu_enabled": False,
    "rule": "meals",
    "payload": {"category": "cat", "identity": "miso", "behaviour": "eating", "posture": "relaxed", "comfort": 0.9},
    "media": [],
}


class NewEvent(Event):
    """One thing that happened, as a program tells it. `media` are keys that `POST /api/v1/upload` gave."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    @field_validator("media")
    @classmethod
    def _pictures(cls, media: tuple[str, ...]) -> tuple[str, ...]:
        if len(media) > _MOST_MEDIA:
            raise ValueError(f"{len(media)} pictures of one event; {_MOST_MEDIA} at most")
        for key in media:
            if media_type(key) is None:
                raise ValueError(f"{key[:80]!r} is no key of a picture: POST /api/v1/upload gives one")
        return media

    @field_validator("timestamp_utc", "withdrawn_at")
    @classmethod
    def _of_our_time(cls, at: dt.datetime | None) -> dt.datetime | None:
        if at is not None and not _FIRST <= at <= dt.datetime.now(dt.UTC) + _AHEAD:
            raise ValueError(f"{at.isoformat()} lies before {_FIRST.year}, or is still to come: is its clock right?")
        return at


class MediaLink(BaseModel):
    """A picture of an event, and the link that opens it for whoever has it."""

    key: str = Field(examples=["events/3f/3f9c2a41d07b.jpg"])
    url: str = Field(
        description="a path of this API",
        examples=["/api/v1/media/events/3f/3f9c2a41d07b.jpg?expires=1772420400&signature=9d1f0c"],
    )
    expires_at: dt.datetime = Field(description="the link opens nothing from then on")


class EventRow(Event):
    """One thing that happened, as it stands, with links to its pictures."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | {"withdrawn_at": None, "links": []}]})

    links: tuple[MediaLink, ...] = Field(description="of what `media` names, as far as it is pictures")


@router.post("/events", status_code=201, responses={200: {"model": EventRow, "description": "it was known already"}})
def post(
    request: Request,
    response: Response,
    event: NewEvent,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="of this request, in your words: sent again with it, it is answered and not done again",
            max_length=400,
            examples=['"0b9d5a4e-3f0c-4a53-9f5e-6d1c3a2b7f10:17"'],
        ),
    ] = None,
) -> EventRow:
    """Keep an event. One that is known by its `event_id` is that event: what it says is what was said last.

    With an `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header) a request that is sent again is not done again,
    also where another one has changed the event meanwhile. A key that comes with another body is refused.
    """
    home, now = _home(request), dt.datetime.now(dt.UTC)

    def work(connection: sa.Connection) -> str:
        mine = sa.select(ROWS.c.event_id).where(ROWS.c.event_id == str(event.event_id))
        known = connection.execute(mine).first() is not None
        kept_within(connection, [event])
        return "200" if known else "201"

    if idempotency_key is None:
        response.status_code = int(home.database.write(work))
    else:
        key, body = _key(idempotency_key), hashlib.sha256(event.model_dump_json().encode()).hexdigest()
        try:
            response.status_code = int(once(home.database, who(request).id, key, body, work, now))
        except KeyReused as error:
            raise Problem(422, "idempotency-key", "This Idempotency-Key is taken", str(error)) from None
    response.headers["Location"] = f"/api/v1/events/{event.event_id}"
    return _row(home, event_of(home.database, event.event_id) or event, now)


@router.get("/events")
def get(
    request: Request,
    category: Annotated[Category | None, Query(description="only of this one")] = None,
    stream: Annotated[
        str | None, Query(max_length=200, description="only of this camera", examples=["kitchen"])
    ] = None,
    rule: Annotated[str | None, Query(max_length=200, description="only what this rule of home.yaml made one")] = None,
    start: Annotated[AwareDatetime | None, Query(description="the first moment")] = None,
    end: Annotated[AwareDatetime | None, Query(description="up to this moment, which is not included")] = None,
    withdrawn: Annotated[bool, Query(description="those that do not stand any more too")] = False,
    newest_first: Annotated[bool, Query(description="later ones first")] = False,
    limit: Annotated[int, Query(ge=1, le=1000, description="events of a page at most")] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
) -> Page[EventRow]:
    """What happened, in order of time."""
    home, now = _home(request), dt.datetime.now(dt.UTC)
    chosen = Chosen(category, _plain(stream), _plain(rule), _span(start, end), withdrawn)
    after = None if cursor is None else _place(cursor)
    found = page_of(home.database, chosen, limit + 1, after=after, newest_first=newest_first)
    items = [_row(home, event, now) for event in found[:limit]]
    return Page[EventRow](items=items, next=_cursor(found[limit - 1]) if len(found) > limit else None)


@router.get("/events/{event_id}")
def get_one(request: Request, event_id: UUID) -> EventRow:
    """One event, withdrawn or not."""
    home = _home(request)
    event = event_of(home.database, event_id)
    if event is None:
        raise Problem(404, "no-such-event", "There is no such event", f"nothing is known of {event_id}")
    return _row(home, event, dt.datetime.now(dt.UTC))


def link_of(home: Home, key: str, now: dt.datetime) -> MediaLink:
    """The link to a picture of an event, as long as `serve.media_link_hours` says.

    Raises:
        WrongUse: `key` is none of a picture.
    """
    made = link(home, key, now, dt.timedelta(hours=home.params.serve.media_link_hours))
    return MediaLink(key=key, url=made.path, expires_at=made.expires_at)


def _row(home: Home, event: Event, now: dt.datetime) -> EventRow:
    links = tuple(link_of(home, key, now) for key in event.media if media_type(key) is not None)
    told = {name: getattr(event, name) for name in Event.model_fields}
    return EventRow(**told, links=links)


def _key(header: str) -> str:
    """The key of a request: a string of RFC 8941, as the draft wants it, or the same without its quotes."""
    if not _KEY.fullmatch(header):
        raise Problem(
            400,
            "idempotency-key",
            "This is no Idempotency-Key",
            f'found {header[:80]!r}; 1 to 200 visible characters in quotes would be right, e.g. "{_EXAMPLE["event_id"]}"',
        )
    return header[1:-1].replace('\\"', '"').replace("\\\\", "\\") if header.startswith('"') else header


def _plain(name: str | None) -> str | None:
    if name is not None and "\0" in name:
        raise Problem(422, "invalid", "The request is not as it should be", "a name holds no NUL")
    return name


def _span(start: dt.datetime | None, end: dt.datetime | None) -> Span | None:
    """From `start` on, until before `end`."""
    if start is None and end is None:
        return None
    if start is not None and end is not None and end < start:
        raise Problem(422, "invalid", "The request is not as it should be", f"end {end} lies before start {start}")
    return Span(_within(start or _FIRST), _within(end or _LAST))


def _within(at: dt.datetime) -> dt.datetime:
    """A moment in UTC; one that no calendar has in UTC is as good as the first or last that matters."""
    return min(max(at, _FIRST), _LAST).astimezone(dt.UTC)


def _cursor(event: Event) -> str:
    place = json.dumps([event.timestamp_utc.astimezone(dt.UTC).isoformat(), str(event.event_id)])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        at, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = dt.datetime.fromisoformat(at).astimezone(dt.UTC), UUID(number)
    except (ValueError, TypeError, AttributeError, OverflowError):
        wrong = "the cursor is none: send `next` as it was"
        raise Problem(422, "invalid", "The request is not as it should be", wrong) from None
    return place


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home
