"""The entities of a home, and how Home Assistant is told of them.

Configurations follow "MQTT discovery" of https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery: one retained
message an entity under `<discovery>/<platform>/<node>/<object>/config`, an empty one to remove it. One an entity, and not
one a device, so that what is gone from home.yaml is removed by what lies on the broker alone.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from home.config import Camera, HomeConfig
from home.ethogram import BEHAVIOURS
from home.mqtt_settings import Mqtt

__all__ = ["ATTRIBUTES", "OFFLINE", "ONLINE", "Entity", "Topics", "configuration", "entities"]

ONLINE, OFFLINE = "online", "offline"  # Home Assistant's defaults of payload_available and payload_not_available
ATTRIBUTES = "attributes"
_BIRTH = "homeassistant/status"  # where Home Assistant says that it is there, whatever its discovery prefix


@dataclass(frozen=True)
class Topics:
    """What is spoken of where.

    Attributes:
        settings: of the broker.
    """

    settings: Mqtt

    @property
    def root(self) -> str:
        """Above all that is said of this home."""
        return f"{self.settings.topic}/{self.settings.home}"

    @property
    def availability(self) -> str:
        """Whether anybody tells anything of this home now."""
        return f"{self.root}/availability"

    @property
    def node(self) -> str:
        """Which configurations are ours: an id is never used twice, whatever names change."""
        return _joined("catml", self.settings.home)

    @property
    def births(self) -> set[str]:
        """Where Home Assistant says that it is there."""
        return {_BIRTH, f"{self.settings.discovery}/status"}

    def config(self, entity: Entity) -> str:
        """Where an entity is announced."""
        return f"{self.settings.discovery}/{entity.platform}/{self.node}/{entity.object_id}/config"

    @property
    def configs(self) -> str:
        """A filter for all announcements of this home."""
        return f"{self.settings.discovery}/+/{self.node}/+/config"

    def state(self, entity: Entity) -> str:
        """Where an entity's state is told; its attributes stand below."""
        return f"{self.root}/{'/'.join(entity.path)}"


@dataclass(frozen=True)
class Entity:
    """One sensor of Home Assistant.

    Attributes:
        path: levels of its topic below the home's, e.g. `cat miso last_meal`; its id too, so that a new name is no new entity.
        platform: `sensor` or `binary_sensor`.
        name: for people; Home Assistant shows the device's before it.
        device: levels of the device's id, e.g. `cat miso`; none: the home itself.
        traits: keys of the platform that are its own: `device_class`, `icon` …
    """

    path: tuple[str, ...]
    platform: str
    name: str
    device: tuple[str, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def object_id(self) -> str:
        """Its id within the home."""
        return _joined(*self.path)


def entities(config: HomeConfig) -> Iterator[Entity]:
    """Everything that home.yaml has: the home, its cats, and its cameras that have a stream; others show nothing now."""
    problem = {"device_class": "problem"}
    yield Entity(("house", "fault"), "binary_sensor", "Fault", (), {**problem, "entity_category": "diagnostic"})
    for cat in config.cats:
        own = ("cat", cat)
        moment = {"device_class": "timestamp"}
        yield Entity((*own, "last_seen_in"), "sensor", "Last seen in", own, {"icon": "mdi:map-marker"})
        yield Entity((*own, "last_seen"), "sensor", "Last seen", own, {**moment, "icon": "mdi:eye"})
        doing = {"device_class": "enum", "options": [*BEHAVIOURS], "icon": "mdi:cat"}
        yield Entity((*own, "behaviour"), "sensor", "Behaviour", own, doing)
        yield Entity((*own, "last_meal"), "sensor", "Last meal", own, {**moment, "icon": "mdi:food-drumstick"})
        yield Entity(
            (*own, "next_litter_visit"), "sensor", "Next litter visit", own, {**moment, "icon": "mdi:crystal-ball"}
        )
        score = {"state_class": "measurement", "suggested_display_precision": 2, "icon": "mdi:emoticon-happy-outline"}
        yield Entity((*own, "comfort"), "sensor", "Comfort", own, score)
        yield Entity((*own, "unusual"), "binary_sensor", "Unusual", own, problem)
    for camera in config.recorded_cameras:
        own = ("camera", camera)
        share = {"unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 1}
        yield Entity((*own, "coverage"), "sensor", "Recorded today", own, {**share, "icon": "mdi:filmstrip"})
        yield Entity((*own, "online"), "binary_sensor", "Online", own, {"device_class": "connectivity"})
        for zone in config.cameras[camera].zones:
            name = zone.replace("_", " ").replace("-", " ").capitalize()
            yield Entity((*own, "zone", zone), "binary_sensor", name, own, {"device_class": "occupancy"})


def configuration(entity: Entity, config: HomeConfig, topics: Topics) -> str:
    """The payload that announces an entity, the same bytes for the same home.yaml."""
    state = topics.state(entity)
    tree = {
        "name": entity.name,
        "unique_id": f"{topics.node}_{entity.object_id}",
        "state_topic": state,
        "json_attributes_topic": f"{state}/{ATTRIBUTES}",
        "availability_topic": topics.availability,
        "qos": 1,
        "device": _device(entity.device, config, topics),
        "origin": {"name": "CatML", "sw_version": _version()},
        **entity.traits,
    }
    return json.dumps(tree, ensure_ascii=False, sort_keys=True)


def _device(path: tuple[str, ...], config: HomeConfig, topics: Topics) -> dict[str, Any]:
    if not path:
        name = "CatML" if topics.settings.home == "home" else f"CatML {topics.settings.home}"
        return {
            "identifiers": [topics.node],
            "name": name,
            "manufacturer": "CatML",
            "model": "Home",
            "sw_version": _version(),
        }
    kind, key = path
    told: dict[str, Any] = {
        "identifiers": [f"{topics.node}_{_joined(*path)}"],
        "manufacturer": "CatML",
        "via_device": topics.node,
    }
    if kind == "cat":
        return {**told, "name": config.cats[key].name, "model": "Cat"}
    camera: Camera = config.cameras[key]
    place = {"suggested_area": camera.room} if camera.room else {}
    return {**told, "name": camera.name or key, "model": "Camera", **place}


def _joined(*levels: str) -> str:
    """Kinds and ids in turn, as one of letters, digits, - and _ as Home Assistant wants it; no two lists give the same.

    An id of home.yaml begins with a letter, so a _ of its own that is doubled cannot be mistaken for one between two levels.
    """
    return "_".join(each.replace("_", "__") if place % 2 else each for place, each in enumerate(levels))


def _version() -> str:
    try:
        return importlib.metadata.version("catml")
    except importlib.metadata.PackageNotFoundError:
        return "source"
