"""The server as a program: it begins, answers, and ends; it asks nobody, and its client asks nobody else."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from home.errors import ServeError, WrongUse
from home.folder import PROJECT, Home, open_home
from serve.app import create_app
from serve.client import Client, Refused
from serve.server import listen, run
from tests.clips import paint_chunk, walking
from tests.conftest import HomeFactory
from tests.serve.conftest import key_for
from tests.serve.test_predict import cat, clip_of, encoded
from tests.serve.test_read import AT, DATE, bouts
from tests.serving import said_first

LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What this process asked for outside of loopback; whatever does is refused at the socket itself."""
    asked: list[str] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, place: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and place[0] not in LOOPBACK:
            asked.append(str(place))
            raise OSError("the guard lets nobody out")
        return connect(self, place)

    def looking_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in (*LOOPBACK, "localhost", None):
            asked.append(str(name))
            raise socket.gaierror("the guard looks nobody up")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    return asked


@pytest.fixture
def url(house: Home) -> Iterator[str]:
    """A home that reads pose and behaviour too, served by a real server on this machine."""
    (house.root / "params.yaml").write_text("detect:\n  runtime: onnxruntime\n", "utf-8")
    home = open_home(house.root)
    listener = listen("127.0.0.1", 0)
    port, ready, app = listener.getsockname()[1], threading.Event(), create_app(home)
    servers: list[Any] = []
    import uvicorn

    class Kept(uvicorn.Server):
        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            servers.append(self)

    server = Kept(uvicorn.Config(app, log_config=None, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        ready.wait(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_client_asks_all_there_is_and_nobody_is_asked_elsewhere(
    url: str, house: Home, guard: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    paint_chunk(house.root / "data" / "footage", "kitchen", AT, 10, walking)
    bouts(house, DATE, 3)
    house.data.write("reports/2026-03-01.html", b"<!doctype html><title>A day</title>")
    with Client(url, key_for(house, "admin")) as cats:
        assert cats.me().rights == ["admin"] and [each.id for each in cats.cats()] == ["miso"]
        assert [each.id for each in cats.cameras()] == ["kitchen"] and len(cats.models()) == 4
        assert cats.coverage(DATE)[0].state == "off"
        told = list(cats.bouts(start=DATE, behaviour="sleeping"))
        assert [each.bout_id for each in told] == ["2026-03-01-0", "2026-03-01-2"] and told[0].evidence
        assert cats.still(told[0].evidence).startswith(b"\xff\xd8") and b"ftyp" in cats.clip(told[0].evidence)[:12]
        assert not [*cats.budgets(), *cats.moments(), *cats.forecasts(), *cats.habits(), *cats.anomalies()]
        assert [each.date for each in cats.reports()] == [DATE] and "A day" in cats.report(DATE)
        at = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)
        assert cats.send("esp32", ts=at, ear_value=0.25, is_drowsy=False).new == 2
        assert [each.value for each in cats.telemetry(device="esp32")] == [0.25, 0.0]
        assert cats.statistics(device="esp32").readings == 2 and cats.dashboard().totals.readings == 2
        assert len(cats.predict(encoded(cat())).animals) == 1
        clip = tmp_path / "clip.mp4"
        clip_of(cat(), clip, 1.0)
        assert cats.predict(clip).kind == "clip"
        playlist = b"#EXTM3U\n#EXTINF:1,\nhttp://192.0.2.1:9/x.ts\n"
        with pytest.raises(Refused, match="found a playlist") as refused:
            cats.predict(playlist)
        assert (refused.value.status, refused.value.kind) == (415, "unknown-format")
    assert guard == []


def test_a_client_sends_no_key_unencrypted_through_a_network() -> None:
    with pytest.raises(WrongUse, match="would be read on its way"):
        Client("http://cats.example", "catml_x")
    with pytest.raises(WrongUse):
        Client("ftp://127.0.0.1", "catml_x")


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with (
            Client(f"http://127.0.0.1:{taken.getsockname()[1]}", "catml_x") as cats,
            pytest.raises(Refused, match="no answer"),
        ):
            cats.cats()


def test_a_port_that_is_taken_is_told() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port} of 127.0.0.1: another program has it; name another one"):
            listen("127.0.0.1", port)
    with pytest.raises(WrongUse, match="an address of this machine"):
        listen("no such host", 0)
    with pytest.raises(WrongUse, match="this machine has no such address"):
        listen("192.0.2.1", 0)  # TEST-NET-1 (RFC 5737): nobody's


def test_the_program_listens_here_only_and_ends_when_told(home_factory: HomeFactory) -> None:
    home = home_factory()
    command = [sys.executable, str(PROJECT / "catml.py"), "serve", "--port", "0", "--json", "--home", str(home.root)]
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    try:
        assert program.stdout is not None
        told = said_first(program.stdout)
        assert told["url"].startswith("http://127.0.0.1:") and len(told["password"]) == 16
        assert httpx.get(f"{told['url']}/health/ready", trust_env=False).status_code == 204
        program.send_signal(signal.SIGINT)  # SIGTERM ends the servers below
        _, said = program.communicate(timeout=60)
    finally:
        program.kill()
        program.wait()
    assert program.returncode == 0 and "Traceback" not in said and "stopped" in said


def test_a_proxy_is_believed_only_where_it_is_named(house: Home) -> None:
    home = open_home(house.root, {"serve.trusted_proxies": "[127.0.0.1]"})
    for served, secure in ((house, False), (home, True)):
        seen = _cookie_behind_a_proxy(served)
        assert ("Secure" in seen) is secure


def _cookie_behind_a_proxy(home: Home) -> str:
    """What a login through a proxy that says it came over TLS gets, from a program of its own."""
    listener = listen("127.0.0.1", 0)
    port, done = listener.getsockname()[1], threading.Event()
    answers: list[httpx.Response] = []

    def ask() -> None:
        done.wait(30)
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        form = {"name": "owner", "password": "correct horse battery"}
        answers.append(httpx.post(f"http://127.0.0.1:{port}/login", data=form, headers=headers, trust_env=False))
        signal.raise_signal(signal.SIGTERM)

    asking = threading.Thread(target=ask)
    asking.start()
    run(create_app(home), listener, home.params, done.set)
    asking.join()
    return answers[0].headers["set-cookie"]
