"""The broker of Home Assistant in home.yaml: what is right, and what is told of what is not."""

from __future__ import annotations

from typing import Any

import pytest

from home.errors import ConfigError, WrongUse
from home.mqtt_settings import Mqtt
from tests.conftest import HomeFactory

RIGHT = "mqtt://broker.lan"


def test_the_usual_port_is_taken_and_tls_is_said_by_the_address() -> None:
    plain, secure = Mqtt(address=RIGHT), Mqtt(address="mqtts://broker.lan", ca="ca.pem")
    assert (plain.host, plain.port, plain.encrypted) == ("broker.lan", 1883, False)
    assert (secure.port, secure.encrypted) == (8883, True)
    assert Mqtt(address="mqtt://[::1]:11883").host == "::1" and Mqtt(address="mqtt://[::1]:11883").port == 11883


def test_the_password_comes_from_the_environment_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Mqtt(address=RIGHT, user="catml", password="${CATML_TEST_MQTT}")
    with pytest.raises(WrongUse, match="CATML_TEST_MQTT is not set"):
        settings.login()
    monkeypatch.setenv("CATML_TEST_MQTT", "p@ss/w:rd")
    assert settings.login() == ("catml", "p@ss/w:rd")
    assert "p@ss" not in repr(settings)
    assert Mqtt(address=RIGHT).login() is None and Mqtt(address=RIGHT, user="me").login() == ("me", None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"address": "http://broker.lan"}, "a broker is e.g. mqtt://"),
        ({"address": "broker.lan"}, "a broker is e.g. mqtt://"),
        ({"address": "mqtt://broker.lan:0"}, "a broker is e.g. mqtt://"),
        ({"address": "mqtt://broker.lan:port"}, "a broker is e.g. mqtt://"),
        ({"address": "mqtt://me:secret@broker.lan"}, "user and password stand beside the address"),
        ({"address": "mqtt://broker.lan/catml"}, "an address ends with the port"),
        ({"user": "me", "password": "secret"}, "a password does not belong in a file"),
        ({"password": "${SECRET}"}, "a password needs its `user`"),
        ({"ca": "ca.pem"}, "a certificate is for `mqtts://`"),
        ({"topic": "catml/#"}, "a topic is letters"),
        ({"topic": "/catml"}, "a topic is letters"),
        ({"topic": "homeassistant/catml"}, "Home Assistant's own"),
        ({"home": "My home"}, "an id begins with a letter"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Mqtt(**{"address": RIGHT, **values})


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("  password: ${SECRET}\n", r"home\.yaml:7: .*mqtt\.password.*a password needs its `user`"),
        ("  topics: cats\n", r"home\.yaml:7: .*mqtt\.topics"),
    ],
)
def test_a_mistake_is_told_with_its_line(home_factory: HomeFactory, lines: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        home_factory(more=f"# Home Assistant\nmqtt:\n  address: {RIGHT}\n{lines}")
