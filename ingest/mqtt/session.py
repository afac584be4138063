"""One connection to the broker, from its begin to its end: what should stand there, against what was sent.

Messages are retained and acknowledged (QoS 1). The next ones wait until the last ones are acknowledged, and of each topic
only the newest is sent: a broker that hangs is owed one round of messages, however long it hangs.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from home.mqtt_settings import Mqtt
from ingest.mqtt.entities import OFFLINE, ONLINE, Topics

__all__ = ["Ended", "Session"]

ANSWER_S = 10.0  # to a connection, and to the messages of a round
KEEPALIVE_S = 30  # a broker says that we are gone after one and a half of it (MQTT 3.1.1, 3.1.2.10)
TICK_S = 1.0
CONNECT_S = 5.0
GOODBYE_S = 2.0
# MQTT 3.1.1, 3.2.2.3, in the words of MQTT 5 that paho speaks: wrong user or password, and no right to be here.
_REFUSALS = {134, 135}


class Ended(Exception):
    """The connection could not be made, or is over. `reason` is `refused` for user and password, else `gone`."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


class Session:
    """A connection, and what was sent over it.

    Args:
        settings: of the broker.
        root: the home's folder, for the certificate.
        visit: it only asks whether it would be let in, and disturbs none that tells.
    """

    def __init__(self, settings: Mqtt, root: Path, visit: bool = False) -> None:
        self._settings, self._root, self._topics = settings, root, Topics(settings)
        self.connected = False
        self._sent: dict[str, str] = {}
        self._strange: set[str] = set()
        self._waiting: list[mqtt.MQTTMessageInfo] = []
        self._since = 0.0
        self._ended: Ended | None = None
        # One name for ever: a broker that has not noticed that the last connection is dead ends it now, and says so before
        # this one begins.
        name = "" if visit else self._topics.node
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_S
        client.on_connect, client.on_message = self._on_connect, self._on_message
        client.on_disconnect = self._on_disconnect
        if not visit:
            client.will_set(self._topics.availability, OFFLINE, qos=1, retain=True)
        self._client = client

    def hold(self, stop: threading.Event, wanted: Callable[[], Mapping[str, str] | None]) -> None:
        """Connect, and keep on the broker what is wanted, until stopped.

        Args:
            stop: ends it, with a goodbye.
            wanted: payload by topic, asked for every second; None: nothing any more, what stands there is removed.

        Raises:
            Ended: if there is no connection, or none any more.
            WrongUse: if the variable of the password is not set.
        """
        self._connect()
        try:
            due = 0.0
            while not stop.is_set():
                self._turn()
                if self.connected and time.monotonic() >= due:
                    due = time.monotonic() + TICK_S
                    there = wanted()
                    if there is None:
                        self._leave({})
                        return
                    self._send(there)
            self._leave(None)
        finally:
            self._client.on_disconnect = None
            self._client.disconnect()

    def knock(self) -> None:
        """Connect and go.

        Raises:
            Ended: if there is no connection.
            WrongUse: if the variable of the password is not set.
        """
        self._connect()
        try:
            while not self.connected:
                self._turn()
        finally:
            self._client.on_disconnect = None
            self._client.disconnect()

    def _connect(self) -> None:
        login = self._settings.login()
        if self._settings.encrypted:
            self._trust()
        try:
            if login is not None:
                self._client.username_pw_set(*login)
            self._since = time.monotonic()
            self._client.connect(self._settings.host, self._settings.port, KEEPALIVE_S)
        except ssl.SSLCertVerificationError as error:
            words = f"its certificate is not trusted ({error.verify_message}); `mqtt.ca` names that of its authority"
            raise Ended("refused", words) from None
        except OSError as error:
            raise Ended("gone", error.strerror or str(error) or type(error).__name__) from None

    def _trust(self) -> None:
        ca = None if self._settings.ca is None else self._root / self._settings.ca
        try:
            self._client.tls_set(ca_certs=None if ca is None else str(ca))
        except OSError as error:  # those of TLS are such, too
            words = f"{ca}: {error.strerror or error}; `mqtt.ca` must be a certificate (PEM)"
            raise Ended("refused", words) from None

    def _turn(self) -> None:
        """Hear and say what there is, for a quarter of a second."""
        failed = self._client.loop(0.25)
        if self._ended is not None:
            raise self._ended
        if failed:
            raise Ended("gone", mqtt.error_string(failed))
        self._waiting = [each for each in self._waiting if not each.is_published()]
        if (self._waiting or not self.connected) and time.monotonic() - self._since > ANSWER_S:
            raise Ended("gone", f"no answer within {ANSWER_S:g} s")

    def _send(self, wanted: Mapping[str, str]) -> None:
        """What is new or was changed, and last that somebody is there; what nobody wants any more is removed."""
        if self._waiting:
            return
        for topic in sorted(self._strange - set(wanted) - {self._topics.availability}):
            self._publish(topic, "")
        self._strange.clear()
        for topic in sorted(set(self._sent) - set(wanted) - {self._topics.availability}):
            self._publish(topic, "")
            del self._sent[topic]
        for topic, payload in {**wanted, self._topics.availability: ONLINE}.items():
            if self._sent.get(topic) != payload:
                self._publish(topic, payload)
                self._sent[topic] = payload

    def _publish(self, topic: str, payload: str) -> None:
        self._since = time.monotonic()
        self._waiting.append(self._client.publish(topic, payload, qos=1, retain=True))

    def _leave(self, wanted: Mapping[str, str] | None) -> None:
        """Say goodbye: that nobody is there any more, or (with nothing wanted) take everything away."""
        until = time.monotonic() + GOODBYE_S
        said = False
        while self.connected and time.monotonic() < until:
            if not self._waiting and said:
                return
            if not self._waiting:
                said = True
                for topic in sorted(set(self._sent) | self._strange) if wanted is not None else []:
                    self._publish(topic, "")
                if wanted is None:
                    self._publish(self._topics.availability, OFFLINE)
            self._turn()

    def _on_connect(self, client: mqtt.Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            kind = "refused" if reason.value in _REFUSALS else "gone"
            right = "; `mqtt.user` and `mqtt.password` in home.yaml must be right" if kind == "refused" else ""
            self._ended = Ended(kind, f"it refuses ({str(reason).lower()}){right}")
            return
        self.connected = True
        topics = [self._topics.configs, f"{self._topics.root}/#", *sorted(self._topics.births)]
        client.subscribe([(topic, 1) for topic in topics])

    def _on_message(self, client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        topic, payload = message.topic, message.payload
        if topic in self._topics.births:
            if payload == ONLINE.encode() and not message.retain:
                self._sent.clear()
        elif topic == self._topics.availability:
            if payload == OFFLINE.encode():  # the will of a connection before this one, or somebody's mistake
                self._sent.pop(topic, None)
        elif message.retain and payload:
            self._strange.add(topic)

    def _on_disconnect(self, client: mqtt.Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._ended = self._ended or Ended("gone", "the connection was lost")
