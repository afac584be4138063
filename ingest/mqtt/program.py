"""What is known of the cats, told to Home Assistant for as long as it runs. `catml deliver` runs it in a thread."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
from collections.abc import Mapping

from home.errors import CatMLError
from home.folder import Home
from home.live import look
from home.mqtt_settings import Mqtt
from ingest.mqtt.entities import ATTRIBUTES, Topics, configuration, entities
from ingest.mqtt.facts import Facts
from ingest.mqtt.gathering import Gatherer
from ingest.mqtt.now import Now
from ingest.mqtt.session import Ended, Session
from ingest.record.backoff import Backoff

__all__ = ["messages", "run"]

FIRST_S = 15.0  # so long the first facts are waited for: what is known is not told as unknown for a moment
NOT_SET_UP_S = 2.0
_UNKNOWN = "None"  # Home Assistant's word for a state that is not known, of sensors and binary sensors alike
_log = logging.getLogger("catml.mqtt")


def run(home: Home, stop: threading.Event) -> None:
    """Tell Home Assistant until stopped. Whatever goes wrong is said once, waited for and tried again.

    home.yaml is read again where it was changed; a home without `mqtt` waits for one.
    """
    gatherer = Gatherer(home, stop)
    gathering = threading.Thread(target=gatherer.run, name="mqtt-facts", daemon=True)
    gathering.start()
    until = time.monotonic() + FIRST_S
    while not (stop.is_set() or gatherer.ready.is_set()) and time.monotonic() < until:
        stop.wait(0.05)
    now, backoff, said = Now(), Backoff(), ""
    while not stop.is_set():
        settings = gatherer.facts.home.config.mqtt
        if settings is None:
            stop.wait(NOT_SET_UP_S)
            continue
        began, session = time.monotonic(), Session(settings, home.root)
        reason = "gone"
        try:
            session.hold(stop, lambda settings=settings: _wanted(gatherer.facts, settings, now))  # type: ignore[misc]
            said = ""
            continue
        except Ended as error:
            reason, words = ("auth_failed" if error.reason == "refused" else "gone"), str(error)
        except CatMLError as error:
            words = str(error)
        except Exception as error:  # whatever it is: the house is told about everything else meanwhile
            words = f"{type(error).__name__}"
            _log.debug("MQTT", exc_info=True)
        if session.connected:
            said = ""
        if words != said:
            said = words
            _log.warning("Home Assistant's broker %s: %s; it is tried again until it answers", settings.address, words)
        stop.wait(backoff.after(reason, time.monotonic() - began, session.connected))


def messages(facts: Facts, settings: Mqtt, now: Now, at: dt.datetime) -> dict[str, str]:
    """Everything that should stand on the broker: payload by topic, announcements first."""
    config, topics = facts.home.config, Topics(settings)
    there = list(entities(config))
    told = now.tell(facts, look(facts.home.root), at)
    announced = {topics.config(each): configuration(each, config, topics) for each in there}
    states: dict[str, str] = {}
    for each in there:
        state, attributes = told[each.path]
        topic = topics.state(each)
        states[topic] = _UNKNOWN if state is None else state
        states[f"{topic}/{ATTRIBUTES}"] = json.dumps(attributes, ensure_ascii=False, sort_keys=True)
    return {**announced, **states}


def _wanted(facts: Facts, settings: Mqtt, now: Now) -> Mapping[str, str] | None:
    """None once home.yaml says another broker, other topics, or none any more."""
    if facts.home.config.mqtt != settings:
        return None
    return messages(facts, settings, now, dt.datetime.now(dt.UTC))
