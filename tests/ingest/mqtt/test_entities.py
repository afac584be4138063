"""Ids of entities: of letters that Home Assistant takes, and never one for two."""

from __future__ import annotations

import itertools
import re

from home.config import Camera, Cat, HomeConfig
from home.mqtt_settings import Mqtt
from ingest.mqtt.entities import Topics, configuration, entities

HARD = ["a", "a_", "a__b", "a_b", "a_zone_b", "a_last_seen", "b", "zone_b", "b_zone_a", "a-b"]
SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]


def test_no_two_entities_share_an_id_or_a_topic() -> None:
    cameras = {each: Camera(url="rtsp://cam/1", zones={zone: SQUARE for zone in HARD}) for each in HARD}
    config = HomeConfig(timezone="UTC", cameras=cameras, cats={each: Cat(name=each) for each in HARD})
    there, topics = list(entities(config)), Topics(Mqtt(address="mqtt://broker"))
    assert len(there) == 1 + 7 * len(HARD) + 2 * len(HARD) + len(HARD) ** 2
    for named in (topics.config, topics.state, lambda each: each.object_id):
        assert len({named(each) for each in there}) == len(there)
    assert all(re.fullmatch("[A-Za-z0-9_-]+", each.object_id) for each in there)


def test_two_homes_at_one_broker_share_nothing() -> None:
    config = HomeConfig(timezone="UTC", cats={"miso": Cat(name="Miso")})
    said = [
        {topics.config(each): configuration(each, config, topics) for each in entities(config)}
        for topics in (Topics(Mqtt(address="mqtt://broker", home=home)) for home in ("home", "home_2", "cabin"))
    ]
    for one, other in itertools.combinations(said, 2):
        assert not set(one) & set(other) and not set(one.values()) & set(other.values())
