"""What Home Assistant misses when its broker or CatML's delivery fails, and after how long all is right again.

    python -m bench.broker_faults [--seconds 10]

A real Mosquitto that keeps nothing, a home with two cats and two cameras, and a listener that keeps what is retained, as
Home Assistant does. While the fault lasts a cat comes to its bowl. `back` is the time from the end of the fault (of the
broker that is listening again, of the program that is started again) until every entity is there and says what is so;
`told` the time until the others hear that nobody tells them anything. It takes about two minutes, nearly all of it waiting.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from home.folder import PROJECT, open_home
from home.live import LiveCamera, LiveTrack, show
from tests.ingest.mqtt.assistant import Assistant
from tests.mqtt_server import MqttServer

HOME = """\
timezone: UTC
cats:
  miso: {{name: Miso}}
  nori: {{name: Nori}}
cameras:
  kitchen: {{url: 'rtsp://127.0.0.1:9/kitchen', zones: {{food_bowl: [[0.1, 0.6], [0.3, 0.6], [0.3, 0.9], [0.1, 0.9]]}}}}
  hall: {{url: 'rtsp://127.0.0.1:9/hall'}}
mqtt: {{address: 'mqtt://127.0.0.1:{port}'}}
"""
PROGRAM = """\
import sys, threading, pathlib
from home.folder import open_home
from ingest.mqtt.program import run
run(open_home(pathlib.Path(sys.argv[1])), threading.Event())
"""
BOWL, HERE = "catml_home_camera_kitchen_zone_food__bowl", "catml/home/availability"
EVERYTHING = 2 * 7 + 2 * 2 + 1 + 1


class House:
    """A home whose kitchen is watched: its cat is at the bowl, or not."""

    def __init__(self, root: Path) -> None:
        self.root, self.there = root, False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            now = dt.datetime.now(dt.UTC)
            cat = LiveTrack(
                track_id=1, kind="cat", bbox=(0.1, 0.5, 0.35, 0.9), confidence=0.9, cat="miso", since=now
            )  # fmt: skip
            tracks = (cat,) if self.there else ()
            show(self.root, LiveCamera(camera="kitchen", at=now, written_at=now, online=True, tracks=tracks))

    def close(self) -> None:
        """Nobody watches any more."""
        self._stop.set()
        self._thread.join()


def is_right(assistant: Assistant, there: bool) -> bool:
    """Whether every entity is there, and the bowl is as it is."""
    if assistant.there.get(HERE) != "online" or len(assistant.entities) != EVERYTHING:
        return False
    return assistant.state(BOWL) == ("ON" if there else "OFF")


def until(holds: Callable[[], bool], most_s: float = 180.0) -> float:
    """Seconds until something holds."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > most_s:
            raise SystemExit(f"not so after {most_s:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - began


def main() -> None:
    """Do each fault once, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each fault lasts")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "broker").mkdir()
        root = Path(folder) / "home"
        root.mkdir()
        server = MqttServer(Path(folder) / "broker").start()
        (root / "home.yaml").write_text(HOME.format(port=server.port))
        open_home(root)
        house, assistant = House(root), Assistant(server)
        start = [sys.executable, "-c", PROGRAM, str(root)]
        program = subprocess.Popen(start, cwd=PROJECT)
        try:
            print("| fault | lasted (s) | told (s) | back (s) |\n|---|---|---|---|")
            until(lambda: is_right(assistant, False))
            for name, begin, end in (
                ("broker killed (kill -9)", server.kill, server.start),
                ("broker hangs (SIGSTOP)", server.freeze, server.thaw),
            ):
                begin()
                house.there = not house.there
                time.sleep(seconds)
                if name.startswith("broker killed"):
                    assistant.there.clear()
                end()
                back = until(lambda: is_right(assistant, house.there))
                print(f"| {name} | {seconds:.0f} | | {back:.1f} |", flush=True)
            program.kill()
            program.wait()
            told = until(lambda: assistant.there.get(HERE) == "offline")
            house.there = not house.there
            time.sleep(seconds)
            program = subprocess.Popen(start, cwd=PROJECT)
            back = until(lambda: is_right(assistant, house.there))
            print(f"| delivery killed (kill -9) | {seconds:.0f} | {told:.1f} | {back:.1f} |")
        finally:
            program.kill()
            program.wait()
            assistant.close()
            house.close()
            server.stop()


if __name__ == "__main__":
    main()
