"""What the log says of requests, what HEAD answers, and websockets that end with their session."""

from __future__ import annotations

import asyncio
import io
import json

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from home.errors import StoreUnreachable
from home.folder import Home
from home.log import open_log
from home.users import end_session
from serve.access import Access
from serve.secrets_kept import digest
from serve.sockets import while_allowed
from tests.serve.conftest import Asking, key_for, logged_in

ME = "/api/v1/me"


def test_a_line_says_which_kind_of_request_it_was_and_nothing_that_was_asked(asking: Asking, house: Home) -> None:
    reader, owner, nobody, out = asking("read"), asking(), asking(), io.StringIO()
    token = logged_in(owner, house)
    with open_log("json", to=out):
        reader.get(
            "/api/v1/bouts", params={"cat": "miso", "start": "2026-03-01"}, headers={"X-Request-ID": "request-1"}
        )
        reader.get("/api/v1/evidence/kitchen/chunk-20260301-070000/1.5/still.jpg")
        owner.get(ME)
        nobody.get("/api/v1/cats", headers={"Authorization": "Bearer catml_wrong"})
        nobody.post("/login", data={"name": "owner", "password": "my secret words"})
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(each["route"], each["status"], each["who"]) for each in lines] == [
        ("/api/v1/bouts", 200, "key 1"),
        ("/api/v1/evidence/{camera}/{chunk}/{offset_s}/still.jpg", 404, "key 1"),
        (ME, 200, "owner"),
        ("other", 401, ""),
        ("/login", 401, ""),
    ]
    assert lines[0]["request"] == "request-1" and all(each["ms"] > 0 for each in lines)
    key = reader.headers["Authorization"].removeprefix("Bearer ")
    for secret in ("miso", "2026-03-01", "kitchen", "chunk-2026", token, key, "catml_wrong", "my secret", "testclient"):
        assert secret not in out.getvalue()


@pytest.mark.parametrize(
    "path", ["/health", ME, "/api/v1/cats", "/api/v1/openapi.json", "/login", "/metrics", "/nothing"]
)
def test_head_answers_what_get_does_without_its_content(asking: Asking, path: str) -> None:
    reader = asking("read")
    told, short = reader.get(path), reader.head(path)
    assert (short.status_code, short.content) == (told.status_code, b"")
    same = ("content-type", "etag", "content-security-policy", "allow")
    assert [short.headers.get(name) for name in same] == [told.headers.get(name) for name in same]
    assert asking().head(path).status_code == asking().get(path).status_code


def test_head_is_none_where_nothing_is_read(asking: Asking) -> None:
    refused = asking("admin").head("/api/v1/predict")
    assert refused.status_code == 405 and refused.headers["allow"] == "POST"


def test_a_websocket_ends_with_its_session(app: FastAPI, house: Home, asking: Asking) -> None:
    learnt: list[int] = []

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect as end:
            learnt.append(end.code)

    app.user_middleware = [
        each if each.cls is not Access else type(each)(Access, **each.kwargs, every_s=0.01)
        for each in app.user_middleware
    ]
    client = asking()
    token = logged_in(client, house)
    with client.websocket_connect("ws://cats.test/live", headers={"Origin": "http://cats.test"}) as socket:
        for _ in range(3):
            socket.send_text("still here?")
            assert socket.receive_text() == "still here?"
        end_session(house.database, digest(token))
        app.state.door.forget(token)  # as logging out does; else it is known within 5 s
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == 1008 and learnt == [1008]


def test_a_database_that_does_not_answer_ends_no_websocket() -> None:
    asked, sent = 0, list[Message]()

    async def may_stay() -> bool:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise StoreUnreachable("no answer")
        return False

    async def talk(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.disconnect"
        await send({"type": "websocket.send", "text": "too late"})

    async def send(message: Message) -> None:
        sent.append(message)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    asyncio.run(while_allowed(talk, may_stay, 0.001)({"type": "websocket"}, never, send))
    assert asked == 3 and [each["type"] for each in sent] == ["websocket.close"]


def test_a_key_that_may_read_may_listen(app: FastAPI, house: Home) -> None:
    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("here")
        await socket.close()

    headers = {"Authorization": f"Bearer {key_for(house, 'read')}"}
    with TestClient(app, "http://cats.test").websocket_connect("/live", headers=headers) as socket:
        assert socket.receive_text() == "here"
