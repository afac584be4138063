"""The broker is gone, hangs, refuses, or is not who it says: what is told, what comes after, and that nothing is lost."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from home.folder import Home
from ingest.check_mqtt import broker
from ingest.mqtt import session
from ingest.mqtt.program import run
from tests.ingest.mqtt.assistant import Assistant
from tests.ingest.mqtt.test_program import BOWL, miso, seen
from tests.mqtt_server import PASSWORD, MqttServer, program, why_not

House = Callable[..., Home]
Telling = Callable[[Home], Callable[[], None]]
HERE = "catml/home/availability"

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_a_broker_that_was_away_has_everything_again(
    server: MqttServer, assistant: Assistant, house: House, telling: Telling
) -> None:
    """It kept nothing: what stands there after its return was all said again, and is what is so then."""
    home = house(server)
    telling(home)
    seen(home)
    assistant.wait(lambda it: it.there.get(HERE) == "online" and it.state(BOWL) == "OFF")
    before = assistant.entities
    server.stop()
    assistant.there.clear()
    server.start()
    seen(home, miso())
    assistant.wait(lambda it: it.there.get(HERE) == "online" and it.state(BOWL) == "ON")
    assert assistant.entities == before


def test_a_broker_that_hangs_is_owed_one_round_and_gets_the_newest(
    server: MqttServer, assistant: Assistant, house: House, telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ANSWER_S", 1.0)  # 10 s in a home
    rounds: list[int] = []
    send = session.Session._send

    def counted(self: session.Session, wanted: dict[str, str]) -> None:
        send(self, wanted)
        rounds.append(len(self._waiting))

    monkeypatch.setattr(session.Session, "_send", counted)
    home = house(server)
    telling(home)
    seen(home)
    assistant.wait(lambda it: it.there.get(HERE) == "online" and it.state(BOWL) == "OFF")
    everything = max(rounds)
    rounds.clear()
    server.freeze()
    until = time.monotonic() + 3.0
    for number in range(100):
        seen(home, *([miso()] if number % 2 else []))
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    seen(home, miso())
    server.thaw()
    assistant.wait(lambda it: it.there.get(HERE) == "online" and it.state(BOWL) == "ON")
    assert max(rounds) <= everything


def test_a_wrong_password_is_said_once_and_the_right_one_is_taken(
    tmp_path: Path, house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "closed").mkdir()
    server = MqttServer(tmp_path / "closed", password=True).start()
    try:
        monkeypatch.setenv("CATML_TEST_MQTT", "not this one")
        home, stop = house(server, more=", user: catml, password: '${CATML_TEST_MQTT}'"), threading.Event()
        assert broker(home)[0].state == "fail" and "mqtt.user" in broker(home)[0].right
        thread = threading.Thread(target=run, args=(home, stop))
        with caplog.at_level(logging.INFO, "catml"):
            thread.start()
            until = time.monotonic() + 15
            log = tmp_path / "closed" / "mosquitto.log"
            while log.read_text().count("not authorised") < 5 and time.monotonic() < until:
                time.sleep(0.05)
            assert log.read_text().count("not authorised") >= 5, "two by the check, three tries"
        said = [record.getMessage() for record in caplog.records]
        assert len(said) == 1 and "refuses" in said[0] and "not this one" not in caplog.text
        monkeypatch.setenv("CATML_TEST_MQTT", PASSWORD)
        assistant = Assistant(server, password=True)
        assistant.wait(lambda it: it.there.get(HERE) == "online", 30)
        assert broker(home)[0].state == "ok"
        assistant.close()
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
    finally:
        server.stop()


@pytest.fixture
def papers(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    openssl = program("openssl")
    if openssl is None:
        pytest.skip("openssl is missing: apt-get install openssl")
    paper, key = tmp_path / "broker.pem", tmp_path / "broker.key"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(paper), "-keyout", str(key),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return paper, key


def test_with_tls_only_who_is_vouched_for_is_told(
    tmp_path: Path, house: House, telling: Telling, papers: tuple[Path, Path]
) -> None:
    (tmp_path / "secure").mkdir()
    server = MqttServer(tmp_path / "secure", tls=papers).start()
    try:
        stranger = broker(house(server, scheme="mqtts"))[0]
        assert stranger.state == "fail" and "not trusted" in stranger.found and "mqtt.ca" in stranger.right
        gone = broker(house(server, scheme="mqtts", more=", ca: nowhere.pem"))[0]
        assert gone.state == "fail" and "nowhere.pem" in gone.found
        wrong = broker(house(server, scheme="mqtts", more=", ca: home.yaml"))[0]
        assert wrong.state == "fail" and "home.yaml" in wrong.found
        home = house(server, scheme="mqtts", more=", ca: broker.pem")
        papers[0].replace(home.root / "broker.pem")
        assert broker(home)[0].state == "ok"
        assert broker(house(server, more=""))[0].state == "fail", "without TLS it understands nothing"
    finally:
        server.stop()


def test_a_home_without_a_broker_has_nothing_to_check(home_factory: Callable[..., Home]) -> None:
    assert broker(home_factory()) == []
    gone = broker(home_factory(more="mqtt: {address: 'mqtt://127.0.0.1:9'}"))[0]
    assert gone.state == "fail" and "refused" in gone.found.lower()
