"""From an event that is kept to its mail in a box: how long it takes, and what it costs.

    python -m bench.alerts [--seconds 60] [--a-second 1]

The program of `catml deliver` runs in a thread, a real mail server in another; events of different rules are kept at random
times, so that none is grouped. A mail whose event asked for a picture has it inside. The processor time is that of the whole
process, mail server and benchmark included.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
import threading
import time
from pathlib import Path
from uuid import UUID

import numpy as np

from home.event_payloads import CatPayload
from home.events import Event, keep
from home.folder import open_home
from home.outbox import position
from ingest.alerts.program import READER, run
from tests.ingest.alerts.servers import Box
from tests.waiting import until

JPEG_BYTES = 60_000  # of a picture of 1280x720
LEAST_S = 0.3  # between two: three that are due together would be one mail


def main() -> None:
    """`python -m bench.alerts`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--a-second", type=float, default=1.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        waits, used, idle = measured(Path(folder), asked.seconds, asked.a_second)
    p50, p95 = np.percentile(waits, (50, 95))
    print(f"{len(waits)} alerts: event to mail P50 {p50:.2f} s, P95 {p95:.2f} s, longest {max(waits):.2f} s")
    print(f"processor: {100 * idle:.1f} % of a core with nothing to tell, {1000 * used / len(waits):.0f} ms an alert")


def measured(root: Path, seconds: float, a_second: float) -> tuple[list[float], float, float]:
    """Seconds from event to mail; processor seconds for all; share of a core that is used while nothing happens."""
    box, dice, kept = Box().start(), random.Random(0), dict[str, float]()
    lines = f"alerts:\n  channels:\n    mail: {{url: '{box.url}', pictures: true}}\n"
    (root / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  kitchen: {{}}\n{lines}")
    home = open_home(root)
    home.data.write("events/a.jpg", b"\xff\xd8" + dice.randbytes(JPEG_BYTES))
    position(home.database, READER)
    stop = threading.Event()
    program = threading.Thread(target=run, args=(home, stop))
    program.start()
    time.sleep(2)
    before = time.process_time()
    time.sleep(5)
    idle = (time.process_time() - before) / 5
    came, before, end = dict[str, float](), time.process_time(), time.monotonic() + seconds
    while time.monotonic() < end:
        rule = f"rule-{len(kept)}"
        kept[f"miso: {rule.replace('-', ' ')}"] = time.monotonic()
        payload = CatPayload(identity="miso")
        at = dt.datetime.now(dt.UTC)
        name = UUID(int=dice.getrandbits(128))
        keep(home.database, [Event(event_id=name, stream_id="kitchen", timestamp_utc=at, rule=rule, payload=payload, media=("events/a.jpg",))])  # fmt: skip
        due = time.monotonic() + LEAST_S + dice.expovariate(a_second)
        while time.monotonic() < due:
            time.sleep(0.005)
            _read(box, came)
    until(lambda: _read(box, came) == len(kept), "the last mails")
    used = time.process_time() - before
    stop.set()
    program.join()
    box.stop()
    return [came[title] - at for title, at in kept.items()], used, idle


def _read(box: Box, came: dict[str, float]) -> int:
    """Note when mails came."""
    for mail in box.mails[len(came) :]:
        came[str(mail["Subject"])] = time.monotonic()
    return len(came)


if __name__ == "__main__":
    main()
