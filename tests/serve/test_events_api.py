"""Events over the API: told, read, once; and their pictures, behind links that expire."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from home.event_payloads import HumanPayload
from home.events import Event, events, keep
from home.folder import Home
from home.media import SECRET, link
from home.outbox import entries
from serve.client import Client, Refused
from tests.conftest import HomeFactory
from tests.s3_server import S3Server
from tests.serve.conftest import Asking, key_for
from tests.serving import serving

EVENTS, UPLOAD = "/api/v1/events", "/api/v1/upload"
CAT = {"category": "cat", "identity": "miso", "behaviour": "eating", "posture": "relaxed", "comfort": 0.9}
PAYLOADS: list[dict[str, Any]] = [
    CAT,
    {"category": "human", "pose_label": "standing", "pose_confidence": 0.8, "keypoints": [[0.1, 0.2, 0.9]], "risk_level": "warn"},
    {"category": "wildlife", "species": "fox", "species_confidence": 0.7, "threat_level": "low", "behavior_hint": "passes"},
    {"category": "system", "kind": "camera_offline", "of": "hall", "severity": "warning", "sentence": "No picture.", "start": "2026-03-01T07:00:00Z"},
]  # fmt: skip


def told(number: int = 1, payload: dict[str, Any] = CAT, **more: Any) -> dict[str, Any]:
    """An event as a program sends it; the minute is its number."""
    return {
        "event_id": str(UUID(int=number)), "stream_id": "kitchen", "track_id": 4, "timestamp_utc": f"2026-03-01T07:{number % 60:02d}:00Z",
        "frame_index": 12, "bbox": [0.1, 0.2, 0.3, 0.4], "confidence": 0.9, "inference_latency_ms": 31.5, "gpu_enabled": False,
        "rule": "meals", "payload": payload, **more,
    }  # fmt: skip


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: str = "orange") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


@pytest.fixture
def client(app: FastAPI, house: Home) -> Iterator[TestClient]:
    """A client that may write and read, whose server is closed when the test is over."""
    with TestClient(app, "http://cats.test") as each:
        each.headers["Authorization"] = f"Bearer {key_for(house, 'write', 'read')}"
        yield each


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: str(payload["category"]))
def test_an_event_is_kept_and_read_as_it_was_told(house: Home, asking: Asking, payload: dict[str, Any]) -> None:
    sent = asking("write").post(EVENTS, json=told(payload=payload))
    assert sent.status_code == 201 and sent.headers["location"] == f"{EVENTS}/{UUID(int=1)}"
    reading = asking("read")
    assert reading.get(sent.headers["location"]).json() == sent.json()
    assert reading.get(EVENTS).json() == {"items": [sent.json()], "next": None}
    assert {name: sent.json()["payload"][name] for name in payload} == payload
    assert events(house.database) == [Event.model_validate(told(payload=payload))]


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_id": "17"}, {"event_id": None}, {"timestamp_utc": "2026-03-01T07:00:00"}, {"timestamp_utc": "2199-01-01T00:00:00Z"},
        {"timestamp_utc": "0001-01-01T00:00:00+14:00"}, {"withdrawn_at": "9999-12-31T23:59:59-14:00"}, {"bbox": [0.3, 0.2, 0.1, 0.4]},
        {"bbox": [0, 0, 2, 2]}, {"confidence": 1.01}, {"track_id": 2**70}, {"frame_index": -1}, {"stream_id": "a\0b"},
        {"rule": "r" * 201}, {"unknown": 1}, {"payload": None}, {"payload": {"category": "dog"}},
        {"payload": {"category": "cat"}}, {"payload": {**CAT, "behaviour": "flying"}}, {"payload": {**CAT, "comfort": 2}},
        {"payload": {**PAYLOADS[1], "risk_level": "fatal"}}, {"payload": {"category": "wildlife", "species": ""}},
        {"media": ["../home.yaml"]}, {"media": ["kitchen/chunk-20260301-070000.mp4"]}, {"media": ["events/a.jpg"] * 21},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_event_is_told_and_not_kept(house: Home, asking: Asking, wrong: dict[str, Any]) -> None:
    refused = asking("write").post(EVENTS, json=told() | wrong)
    assert refused.status_code == 422 and refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] and events(house.database) == []


def test_what_json_cannot_say_is_refused(house: Home, asking: Asking) -> None:
    for number in ("NaN", "Infinity", "1e999"):
        text = TestClient(FastAPI()).build_request("POST", "/", json=told()).content.replace(b"31.5", number.encode())
        sent = asking("write").post(EVENTS, content=text, headers={"Content-Type": "application/json"})
        assert sent.status_code == 422, number
    assert events(house.database) == []


def test_the_same_event_twice_is_one_and_says_what_was_said_last(house: Home, asking: Asking) -> None:
    client = asking("write", "read")
    first, again = client.post(EVENTS, json=told()), client.post(EVENTS, json=told())
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    assert len(entries(house.database, 0)) == 1, "nothing new is told to others"
    changed = client.post(EVENTS, json=told(payload=CAT | {"behaviour": "playing"}))
    assert changed.status_code == 200 and changed.json()["payload"]["behaviour"] == "playing"
    gone = client.post(EVENTS, json=told(withdrawn_at="2026-03-02T00:00:00Z"))
    assert gone.status_code == 200 and client.get(EVENTS).json()["items"] == []
    assert client.get(EVENTS, params={"withdrawn": True}).json()["items"] == [gone.json()]
    assert client.get(f"{EVENTS}/{UUID(int=1)}").json() == gone.json()
    missing = client.get(f"{EVENTS}/{UUID(int=9)}")
    assert missing.status_code == 404 and missing.json()["type"] == "urn:catml:no-such-event"


def test_a_request_that_is_sent_again_undoes_nothing_that_came_between(house: Home, asking: Asking) -> None:
    """What hung on its way and comes late must not say again what is not so any more."""
    client, other = asking("write", "read"), asking("write")
    early, late = {"Idempotency-Key": f'"{UUID(int=1)}:1"'}, {"Idempotency-Key": f'"{UUID(int=1)}:2"'}
    new = told(payload=CAT | {"behaviour": "playing"})
    assert client.post(EVENTS, json=told(), headers=early).status_code == 201
    assert client.post(EVENTS, json=new, headers=late).status_code == 200
    again = client.post(EVENTS, json=told(), headers=early)
    assert again.status_code == 201, "the answer it had"
    assert again.json()["payload"]["behaviour"] == "playing", "the event as it stands"
    bare = client.post(EVENTS, json=told(), headers={"Idempotency-Key": f"{UUID(int=1)}:1"})
    assert bare.status_code == 201, "with or without the quotes it is the same key"
    reused = client.post(EVENTS, json=told(2), headers=early)
    assert reused.status_code == 422 and reused.json()["type"] == "urn:catml:idempotency-key"
    assert "another body" in reused.json()["detail"] and len(events(house.database)) == 1
    assert other.post(EVENTS, json=told(2), headers=early).status_code == 201, "another one's keys are his own"


@pytest.mark.parametrize("key", ["", '""', '"a', "a b", "a\tb", "x" * 201, '"' + "x" * 201 + '"', "ä".encode()])
def test_what_is_no_idempotency_key_is_told(asking: Asking, key: str | bytes) -> None:
    refused = asking("write").post(EVENTS, json=told(), headers={"Idempotency-Key": key})
    assert refused.status_code == 400 and refused.json()["type"] == "urn:catml:idempotency-key"


def test_who_may_not_write_tells_nothing_and_who_may_not_read_reads_nothing(asking: Asking) -> None:
    assert asking("read").post(EVENTS, json=told()).json()["type"] == "urn:catml:not-allowed"
    assert asking("read").post(UPLOAD, files={"file": picture()}).json()["type"] == "urn:catml:not-allowed"
    assert asking("write").get(EVENTS).json()["type"] == "urn:catml:not-allowed"
    assert asking().post(EVENTS, json=told()).status_code == 401


def test_events_are_read_a_page_at_a_time_and_by_what_they_are(asking: Asking) -> None:
    client = asking("write", "read")
    fox = {"payload": PAYLOADS[2], "stream_id": "garden", "rule": None}
    for number in (5, 3, 1, 4):
        client.post(EVENTS, json=told(number, **(fox if number == 4 else {})))
    client.post(EVENTS, json=told(6, timestamp_utc="2026-03-01T07:05:00Z"))  # two at one time

    def walked(**asked: Any) -> list[int]:
        found, cursor = [], None
        while True:
            page = client.get(EVENTS, params={**asked, "limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            found += [UUID(item["event_id"]).int for item in page["items"]]
            if cursor is None:  # what comes late moves no page
                client.post(EVENTS, json=told(2, timestamp_utc="2026-03-01T06:00:00Z", rule="late"))
            if (cursor := page["next"]) is None:
                return found

    assert walked() == [1, 3, 4, 5, 6] and walked(newest_first=True) == [6, 5, 4, 3, 1, 2]
    assert walked(category="wildlife") == walked(stream="garden") == [4] and walked(rule="late") == [2]
    assert walked(start="2026-03-01T08:03:00+01:00", end="2026-03-01T07:05:00Z") == [3, 4]
    for wrong in (
        {"cursor": "nonsense"}, {"cursor": "W10"}, {"category": "dog"}, {"limit": 0}, {"start": "2026-03-01T07:00:00"},
        {"start": "2026-03-02T00:00:00Z", "end": "2026-03-01T00:00:00Z"}, {"stream": "a\0b"},
    ):  # fmt: skip
        assert client.get(EVENTS, params=wrong).status_code == 422, wrong
    for far in ({"start": "9999-12-31T23:59:59-14:00"}, {"end": "0001-01-01T00:00:00+14:00"}):
        assert client.get(EVENTS, params=far).json()["items"] == []
    assert client.get(EVENTS, params={"rule": "' OR '1'='1"}).json()["items"] == []


def test_who_has_the_answer_gets_no_second_copy(client: TestClient) -> None:
    media = [client.post(UPLOAD, files={"file": picture()}).json()["key"]]
    client.post(EVENTS, json=told(media=media))
    first = client.get(EVENTS)
    assert first.json()["items"][0]["links"], "a link does not change with every look"
    assert client.get(EVENTS, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    client.post(EVENTS, json=told(2))
    assert client.get(EVENTS, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_picture_is_kept_once_and_opened_by_its_link(client: TestClient, house: Home, app: FastAPI) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        data = picture(kind)
        sent = client.post(UPLOAD, files={"file": ("../../etc/passwd", data)})
        assert sent.status_code == 201, sent.text
        told_of = sent.json()
        assert (told_of["width"], told_of["height"], told_of["media_type"]) == (64, 48, f"image/{kind.lower()}")
        assert client.post(UPLOAD, files={"file": data}).json()["key"] == told_of["key"]
        nobody = TestClient(app, "http://cats.test")
        opened = nobody.get(told_of["url"])
        assert opened.status_code == 200 and opened.content == data
        assert opened.headers["content-type"] == f"image/{kind.lower()}"
        assert opened.headers["x-content-type-options"] == "nosniff"
        known = nobody.get(told_of["url"], headers={"If-None-Match": opened.headers["etag"]})
        assert known.status_code == 304 and not known.content
    assert len(house.footage.list("events/")) == 3


def test_a_link_that_was_changed_or_is_over_opens_nothing(client: TestClient, house: Home, app: FastAPI) -> None:
    sent = client.post(UPLOAD, files={"file": picture()}).json()
    other = client.post(UPLOAD, files={"file": picture(colour="grey")}).json()
    nobody, now = TestClient(app, "http://cats.test"), dt.datetime.now(dt.UTC)
    url, asked = sent["url"], sent["url"].partition("?")[2]
    expires = asked.partition("&")[0].removeprefix("expires=")
    over = link(house, sent["key"], now - dt.timedelta(days=3), dt.timedelta(days=1)).path
    for changed in (
        url[:-1], url[:-1] + ("0" if url[-1] != "0" else "1"), url.replace(expires, str(int(expires) + 1)), f"{url}0", f"{url}%C3%A4",
        other["url"].partition("?")[0] + "?" + asked, f"/api/v1/media/../../home.yaml?{asked}", f"/api/v1/media/events/..%2f..%2fhome.yaml?{asked}",
        f"/api/v1/media/{SECRET}?{asked}", f"/api/v1/media/%2e%2e/{SECRET}?{asked}", f"/api/v1/media//etc/passwd?{asked}",
        f"/api/v1/media/?{asked}", url.replace("expires=", "expire="), f"/api/v1/media/{'a' * 9000}?{asked}", f"/api/v1/media/events/%00.jpg?{asked}",
    ):  # fmt: skip
        refused = nobody.get(changed)
        assert refused.status_code in (401, 403, 404), (changed, refused.status_code)
        assert refused.headers["content-type"] == "application/problem+json"
        if changed.startswith("/api/v1/media/e"):
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:catml:link"), changed
    gone = nobody.get(over)
    assert gone.status_code == 403 and gone.json()["type"] == "urn:catml:link-expired"
    assert nobody.get(url.partition("?")[0]).status_code == 401, "without a signature it takes a key"
    assert nobody.post(url).status_code == 401 and nobody.delete(url).status_code == 401
    assert client.get(url.partition("?")[0]).content == picture()
    assert client.get(f"/api/v1/media/{SECRET}").status_code == 404
    assert client.get("/api/v1/media/events%2f..%2f..%2fhome.yaml").status_code == 404
    assert nobody.get(url.replace("expires=", "expires=x")).status_code == 422


def test_links_are_asked_for_with_a_limit(client: TestClient, app: FastAPI) -> None:
    url = client.post(UPLOAD, files={"file": picture()}).json()["url"]
    nobody = TestClient(app, "http://cats.test")
    told = {nobody.get(f"{url}{number}").status_code for number in range(125)}
    assert told == {403, 429} and client.get(url).status_code == 200, "who is somebody has limits of his own"


def test_a_picture_on_s3_is_opened_too(home_factory: HomeFactory, s3_server: S3Server) -> None:
    s3_server.bucket("snapshots")
    remote = f"store:\n  footage: s3://snapshots/f\n  endpoint_url: {s3_server.endpoint}\n"
    home = home_factory(more=remote)
    with serving(home) as url, Client(url, key_for(home, "write", "read")) as cats:
        sent = cats.upload(picture())
        assert cats.picture(sent) == httpx.get(f"{url}{sent.url}").content == picture()
        home.footage.delete(sent.key)
        with pytest.raises(Refused, match="not kept") as refused:
            cats.picture(sent)
        assert refused.value.status == 404


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"", 422, "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unknown-format"),
        (b"GIF89a", 415, "unknown-format"),
        (picture()[:-40], 422, "damaged"),
        (picture("PNG") + b"PK\x05\x06" + bytes(18), 422, "polyglot"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(12), 415, "unknown-format"),
        (picture(size=(9000, 6000)), 422, "too-many-pixels"),
    ],
    ids=["nothing", "svg", "gif", "cut", "polyglot", "clip", "pixels"],
)
def test_what_is_no_picture_is_not_kept(client: TestClient, house: Home, data: bytes, status: int, kind: str) -> None:
    refused = client.post(UPLOAD, files={"file": ("a.jpg", data)})
    assert (refused.status_code, refused.json()["type"]) == (status, f"urn:catml:{kind}")
    assert house.footage.list("events/") == []


def test_a_picture_has_a_size(home_factory: HomeFactory) -> None:
    home = home_factory(overrides={"serve.snapshot_mb": "0.001"})
    from serve.app import create_app

    with TestClient(create_app(home)) as client:
        client.headers["Authorization"] = f"Bearer {key_for(home, 'write')}"
        noise = Image.effect_noise((64, 64), 90)
        file = io.BytesIO()
        noise.save(file, "PNG")
        refused = client.post(UPLOAD, files={"file": file.getvalue()})
        assert refused.status_code == 413 and home.footage.list("events/") == []


@pytest.fixture(params=["sqlite", "postgresql"])
def two_stores(request: pytest.FixtureRequest, home_factory: HomeFactory) -> Home:
    """A home whose rows are in SQLite, and one with a real PostgreSQL."""
    if request.param == "sqlite":
        return home_factory()
    return home_factory(more=f"store:\n  database: {request.getfixturevalue('postgres')}\n")


def test_fifty_who_tell_the_same_at_once_tell_it_once(two_stores: Home) -> None:
    """Each from a thread and over a connection of its own, against a real server: with an Idempotency-Key and without."""
    home, bare, keyed = two_stores, uuid4(), uuid4()
    with serving(home) as url, httpx.Client(base_url=url, timeout=200, limits=httpx.Limits(max_connections=50)) as http:
        http.headers["Authorization"] = f"Bearer {key_for(home, 'write')}"

        def post(number: int) -> httpx.Response:
            own = number % 2
            headers = {"Idempotency-Key": f'"{keyed}:1"'} if own else {}
            return http.post(EVENTS, json=told(1, event_id=str(keyed if own else bare)), headers=headers)

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(post, range(100)))
        conflict = http.post(EVENTS, json=told(2, event_id=str(keyed)), headers={"Idempotency-Key": f'"{keyed}:1"'})
    assert {answer.status_code for answer in answers[1::2]} == {201}, "each had the answer of the one that did it"
    assert sorted(answer.status_code for answer in answers[::2]) == [200] * 49 + [201]
    assert conflict.status_code == 422 and conflict.json()["type"] == "urn:catml:idempotency-key"
    assert {event.event_id for event in events(home.database)} == {bare, keyed}
    assert len(entries(home.database, 0)) == 2, "told to others once each"
    assert home.database.write(lambda c: c.execute(sa.text("SELECT count(*) FROM events")).scalar()) == 2


def test_the_client_tells_and_reads_events(house: Home) -> None:
    with serving(house) as url, Client(url, key_for(house, "write", "read")) as cats:
        sent = cats.upload(picture())
        seen = Event(
            event_id=UUID(int=7), timestamp_utc=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), payload=HumanPayload(), media=(sent.key,)
        )  # fmt: skip
        kept = cats.tell(seen, "7:1")
        assert cats.tell(seen, "7:1") == kept and list(cats.events(category="human")) == [kept]
        assert list(cats.events(start=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))) == []
        assert cats.tell(cats.event(UUID(int=7))).links[0] == kept.links[0], "what was read can be told on"
        assert cats.picture(kept.links[0]) == picture()
        with pytest.raises(Refused, match="another body") as refused:
            cats.tell(seen.model_copy(update={"track_id": 3}), "7:1")
        assert refused.value.kind == "idempotency-key"


def test_the_document_has_examples_that_are_right(asking: Asking) -> None:
    document = asking("admin").get("/api/v1/openapi.json").json()
    (example,) = document["components"]["schemas"]["NewEvent"]["examples"]
    assert asking("write").post(EVENTS, json=example).status_code == 201
    assert {"get", "post"} == set(document["paths"][EVENTS]) and "/api/v1/media/{key}" in document["paths"]


def test_a_picture_that_the_watcher_kept_is_linked_and_opened(house: Home, asking: Asking) -> None:
    key = f"events/2026-03-01/{UUID(int=1)}.jpg"
    house.data.write(key, picture())
    keep(house.database, [Event.model_validate(told(media=[key, "kitchen/chunk-20260301-070000.mp4"]))])
    (item,) = asking("read").get(EVENTS).json()["items"]
    assert [each["key"] for each in item["links"]] == [key], "footage has no link"
    assert asking().get(item["links"][0]["url"]).content == picture()
