"""Home Assistant is told of a home, through a real broker."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Callable

from home.folder import PROJECT, Home
from home.live import LiveCamera, LiveTrack, show
from tests.ingest.mqtt.assistant import Assistant
from tests.ingest.mqtt.conftest import CATS
from tests.mqtt_server import MqttServer

House = Callable[..., Home]
Telling = Callable[[Home], Callable[[], None]]
AT_BOWL = (0.1, 0.5, 0.35, 0.9)
OWN_OF_A_CAT = {"last_seen_in", "last_seen", "behaviour", "last_meal", "next_litter_visit", "comfort", "unusual"}
ALL = {
    "catml_home_house_fault",
    *(f"catml_home_cat_{cat}_{own}" for cat in ("miso", "nori") for own in OWN_OF_A_CAT),
    *(f"catml_home_camera_{camera}_{own}" for camera in ("kitchen", "hall") for own in ("coverage", "online")),
    "catml_home_camera_kitchen_zone_food__bowl",
    "catml_home_camera_hall_zone_litter__box",
}
BOWL, DOES = "catml_home_camera_kitchen_zone_food__bowl", "catml_home_cat_miso_behaviour"


def seen(home: Home, *tracks: LiveTrack, online: bool = True, ago_s: float = 0.0) -> None:
    """What the watcher of the kitchen shows."""
    now = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ago_s)
    show(home.root, LiveCamera(camera="kitchen", at=now, written_at=now, online=online, tracks=tracks))


def miso(behaviour: str = "eating") -> LiveTrack:
    return LiveTrack(
        track_id=1,
        kind="cat",
        bbox=AT_BOWL,
        confidence=0.9,
        cat="miso",
        behaviour=behaviour,
        since=dt.datetime.now(dt.UTC),
    )


def test_entities_appear_and_follow_what_the_watcher_sees(
    server: MqttServer, assistant: Assistant, house: House, telling: Telling
) -> None:
    home = house(server)
    stop = telling(home)
    assistant.wait(lambda it: it.there.get("catml/home/availability") == "online")
    assert set(assistant.entities) == ALL
    devices = {each["device"]["name"]: each["device"]["identifiers"] for each in assistant.entities.values()}
    assert devices.keys() == {"CatML", "Miso", "Nori", "Kitchen", "hall"}
    vias = {each["device"].get("via_device") for each in assistant.entities.values()}
    assert vias == {None, *devices["CatML"]}
    # Nobody watches: nothing is known, and nothing is said not to be.
    ledger = {each for each in ALL if each.endswith("_coverage")}
    assert {assistant.state(each) for each in ALL - ledger} == {"unknown"}
    # Nothing was recorded today; just after midnight nobody knows yet.
    assert {assistant.state(each) for each in ledger} <= {"0.0", "unknown"}

    seen(home, miso())
    assistant.wait(lambda it: it.state(BOWL) == "ON" and it.state(DOES) == "eating")
    assistant.wait(
        lambda it: it.attributes(BOWL)["cats"] == ["Miso"]
    )  # a topic of its own, which comes after the state
    assert assistant.state("catml_home_cat_miso_last_seen_in") == "kitchen"
    assert assistant.attributes("catml_home_cat_miso_last_seen_in")["in_view"] is True
    assert assistant.state("catml_home_cat_nori_last_seen_in") == "unknown"
    assert assistant.state("catml_home_camera_kitchen_online") == "ON"
    assert assistant.state("catml_home_camera_hall_zone_litter__box") == "unknown", "no camera sees that one"

    seen(home)
    assistant.wait(lambda it: it.state(BOWL) == "OFF" and it.state(DOES) == "unknown")
    assert assistant.state("catml_home_cat_miso_last_seen_in") == "kitchen", "there it was last"
    seen(home, online=False)
    assistant.wait(lambda it: it.state(BOWL) == "unknown" and it.state("catml_home_camera_kitchen_online") == "OFF")
    seen(home, miso(), ago_s=60)  # a watcher that hangs
    assistant.wait(lambda it: it.state("catml_home_camera_kitchen_online") == "unknown")
    assert assistant.state(BOWL) == "unknown"

    stop()
    assistant.wait(lambda it: it.state(BOWL) == "unavailable")


def test_what_stays_as_it_is_is_said_once(
    server: MqttServer, assistant: Assistant, house: House, telling: Telling
) -> None:
    home = house(server)
    telling(home)
    assistant.wait(lambda it: it.there.get("catml/home/availability") == "online")
    assistant.quiet(1.0)
    # Home Assistant was started again: all is said again, once.
    topic = "homeassistant/sensor/catml_home/cat_miso_comfort/config"
    assistant.say("homeassistant/status", "online")
    assistant.wait(lambda it: it.heard[topic] == 2 and it.heard["catml/home/availability"] == 2)
    assistant.quiet(1.0)
    # The will of a connection that died long ago comes late.
    assistant.say("catml/home/availability", "offline", retain=True)
    assistant.wait(lambda it: it.there["catml/home/availability"] == "online")


def test_what_leaves_home_yaml_leaves_home_assistant(
    server: MqttServer, assistant: Assistant, house: House, telling: Telling
) -> None:
    stop = telling(house(server))
    assistant.wait(lambda it: it.there.get("catml/home/availability") == "online")
    before = assistant.entities
    # While it runs; and Miso has another name.
    house(server, cats="cats:\n  miso: {name: Misotchka}\n")
    assistant.wait(lambda it: not any("nori" in topic for topic in it.there) and "Misotchka" in str(it.there))
    renamed = assistant.entities
    assert renamed.keys() == {each for each in before if "nori" not in each}
    assistant.wait(lambda it: it.entities[DOES]["device"] == {**before[DOES]["device"], "name": "Misotchka"})
    # While it does not run; the broker remembers what was announced.
    stop()
    stop = telling(house(server, cats=""))
    assistant.wait(lambda it: not any("/cat/" in topic or "/cat_" in topic for topic in it.there))
    assert all("cat_" not in each for each in assistant.entities)
    # Somebody else's stays.
    assistant.say("homeassistant/sensor/other/x/config", "{}", retain=True)
    assistant.say("catml/other/x", "1", retain=True)
    # And with the section all of it, while it runs.
    root = house(server, cats=CATS).root
    assistant.wait(lambda it: "catml/home/cat/nori/comfort" in it.there)
    (root / "home.yaml").write_text("timezone: Europe/Berlin\n")
    assistant.wait(lambda it: set(it.there) == {"homeassistant/sensor/other/x/config", "catml/other/x"})


def test_killed_it_is_told_as_gone(server: MqttServer, assistant: Assistant, house: House) -> None:
    home = house(server)
    code = (
        "import sys, threading, pathlib; from home.folder import open_home; from ingest.mqtt.program import run;"
        " run(open_home(pathlib.Path(sys.argv[1])), threading.Event())"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(home.root)], cwd=PROJECT)
    try:
        assistant.wait(lambda it: it.there.get("catml/home/availability") == "online", 60)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assistant.wait(lambda it: it.there["catml/home/availability"] == "offline")
    assert assistant.state(BOWL) == "unavailable"
