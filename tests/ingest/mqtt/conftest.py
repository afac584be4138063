"""A broker, a home with two cats and two cameras, and what tells the one of the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from home.folder import Home
from ingest.mqtt import gathering, session
from ingest.mqtt.program import run
from tests.conftest import HomeFactory
from tests.ingest.mqtt.assistant import Assistant
from tests.mqtt_server import MqttServer, why_not

CAMERAS = """\
  kitchen:
    name: Kitchen
    url: rtsp://127.0.0.1:9/kitchen
    room: kitchen
    zones: {food_bowl: [[0.1, 0.6], [0.3, 0.6], [0.3, 0.9], [0.1, 0.9]]}
  hall: {url: 'rtsp://127.0.0.1:9/hall', zones: {litter_box: [[0.5, 0.5], [0.9, 0.5], [0.9, 0.9], [0.5, 0.9]]}}
  album: {}
"""
CATS = "cats:\n  miso: {name: Miso}\n  nori: {name: Nori}\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MqttServer]:
    if why_not():
        pytest.skip(why_not())
    folder = tmp_path / "broker"
    folder.mkdir()
    server = MqttServer(folder).start()
    yield server
    server.stop()


@pytest.fixture
def assistant(server: MqttServer) -> Iterator[Assistant]:
    listening = Assistant(server)
    yield listening
    listening.close()


@pytest.fixture
def house(home_factory: HomeFactory) -> Callable[..., Home]:
    """`house(server)`: the home that speaks to a broker; `house(server, cats="", more="…")` with other lines."""

    def make(server: MqttServer, cats: str = CATS, more: str = "", scheme: str = "mqtt") -> Home:
        address = f"mqtt: {{address: '{scheme}://127.0.0.1:{server.port}'{more}}}\n"
        return home_factory(cameras=CAMERAS, more=f"{cats}{address}")

    return make


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Home], Callable[[], None]]]:
    """`stop = telling(home)`: the program at work; `stop()` ends it, and so does the end of the test."""
    # What is looked at every second or two in a home.
    monkeypatch.setattr(gathering, "LOOK_EVERY_S", 0.2)
    monkeypatch.setattr(session, "TICK_S", 0.1)
    running: list[tuple[threading.Event, threading.Thread]] = []

    def end() -> None:
        for stop, thread in running:
            stop.set()
            thread.join(10)
            assert not thread.is_alive(), "it does not stop"
        running.clear()

    def start(home: Home) -> Callable[[], None]:
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(home, stop))
        thread.start()
        running.append((stop, thread))
        return end

    yield start
    end()
