"""What Home Assistant makes of a broker: entities from what is announced, by the rules of its documentation.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery, and the pages of MQTT sensors and binary sensors.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.mqtt_server import PASSWORD, USER, MqttServer

COMMON = {
    "availability_topic", "device", "device_class", "entity_category", "icon", "json_attributes_topic", "name", "origin", "qos",
    "state_topic", "unique_id",
}  # fmt: skip
KEYS = {
    "binary_sensor": COMMON,
    "sensor": COMMON | {"options", "state_class", "suggested_display_precision", "unit_of_measurement"},
}
DEVICE = {"identifiers", "manufacturer", "model", "name", "suggested_area", "sw_version", "via_device"}
ORIGIN = {"name", "sw_version", "support_url"}
CLASSES = {"sensor": {"timestamp", "enum"}, "binary_sensor": {"problem", "connectivity", "occupancy"}}
# A state's attribute of one of these names is refused: it would be taken for the entity's own.
BLOCKED = {
    "assumed_state", "attribution", "available", "device_class", "entity_category", "entity_picture", "force_update", "icon",
    "last_reset", "name", "options", "restored", "should_poll", "state", "state_class", "supported_features", "unique_id",
    "unit_of_measurement",
}  # fmt: skip
_TOPIC = re.compile(r"homeassistant/(sensor|binary_sensor)/([A-Za-z0-9_-]+)/([A-Za-z0-9_-]+)/config")


class Assistant:
    """Listens to everything, and keeps what is retained as the broker would tell it to who comes later.

    Attributes:
        there: payload by topic; what was emptied is gone.
        heard: how many messages came of each topic.
    """

    def __init__(self, server: MqttServer, password: bool = False) -> None:
        self.there: dict[str, str] = {}
        self.heard: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(0.2, 0.2)  # type: ignore[arg-type]
        if password:
            self._client.username_pw_set(USER, PASSWORD)
        self._client.on_message = self._take
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.connect("127.0.0.1", server.port)
        self._client.loop_start()

    def _take(self, client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        with self._changed:
            self.heard[message.topic] += 1
            if message.payload:
                self.there[message.topic] = message.payload.decode()
            else:
                self.there.pop(message.topic, None)
            self._changed.notify_all()

    def say(self, topic: str, payload: str, retain: bool = False) -> None:
        """Publish something."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(5)

    def wait(self, holds: Callable[[Assistant], bool], seconds: float = 15.0) -> None:
        """Until something holds of it."""
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self), seconds), f"never so; there is: {sorted(self.there)}"

    def quiet(self, seconds: float) -> None:
        """Nothing comes for a while."""
        before = self.heard.total()
        time.sleep(seconds)
        assert self.heard.total() == before, f"{self.heard.total() - before} more"

    @property
    def entities(self) -> dict[str, dict[str, Any]]:
        """What is announced, by unique id; each is as Home Assistant wants it."""
        found = {}
        for topic, payload in sorted(self.there.items()):
            if topic.endswith("/config"):
                assert not (told := wrong(topic, payload)), told
                tree = json.loads(payload)
                assert tree["unique_id"] not in found, "two entities of one id"
                found[tree["unique_id"]] = tree
        return found

    def state(self, unique_id: str) -> str:
        """What Home Assistant shows: the state, `unknown` or `unavailable`."""
        entity = self.entities[unique_id]
        if self.there.get(entity["availability_topic"]) != "online":
            return "unavailable"
        payload = self.there.get(entity["state_topic"], "None")
        if payload == "None":
            return "unknown"
        if "options" in entity:
            assert payload in entity["options"], payload
        elif entity.get("device_class") == "timestamp":
            assert dt.datetime.fromisoformat(payload).tzinfo is not None, payload
        elif entity.get("device_class") in CLASSES["binary_sensor"]:
            assert payload in ("ON", "OFF"), payload
        elif "state_class" in entity:
            float(payload)
        return payload

    def attributes(self, unique_id: str) -> dict[str, Any]:
        """What stands beside the state."""
        found = json.loads(self.there[self.entities[unique_id]["json_attributes_topic"]])
        assert isinstance(found, dict) and not set(found) & BLOCKED, found
        return found

    def close(self) -> None:
        """Go."""
        self._client.disconnect()
        self._client.loop_stop()


def wrong(topic: str, payload: str) -> list[str]:
    """What Home Assistant would not take of an announcement."""
    match, tree = _TOPIC.fullmatch(topic), json.loads(payload)
    if match is None:
        return [f"no topic of discovery: {topic}"]
    platform = match[1]
    told = [f"no key of a {platform}: {key}" for key in sorted(set(tree) - KEYS[platform])]
    told += [f"missing: {key}" for key in ("state_topic", "unique_id", "device", "origin") if key not in tree]
    told += [f"no key of a device: {key}" for key in sorted(set(tree["device"]) - DEVICE)]
    told += [f"no key of an origin: {key}" for key in sorted(set(tree["origin"]) - ORIGIN)]
    told += [] if tree["device"].get("identifiers") else ["a device needs an identifier"]
    told += [] if tree["origin"].get("name") else ["an origin needs a name"]
    kind = tree.get("device_class")
    told += [] if kind is None or kind in CLASSES[platform] else [f"no device class of a {platform}: {kind}"]
    told += [] if (kind == "enum") == ("options" in tree) else ["enum and options belong together"]
    if kind in ("timestamp", "enum") and {"state_class", "unit_of_measurement"} & set(tree):
        told.append(f"a {kind} has no unit and no state class")
    return told
