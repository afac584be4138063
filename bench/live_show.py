"""Everything live at once, on real clips: cameras, watcher, alerts, a mail box, Home Assistant's broker, the page; and what comes out.

    python -m bench.live_show [--minutes 2] [--out runs/live]

Clips of ../shared/data/video are looped as RTSP cameras (GStreamer's server). `catml watch`, `catml deliver` and `catml serve` run as an
owner's do; a mail server (aiosmtpd) and Mosquitto on this machine take what they tell. Prints how long it was from a frame to
the event and to the mail, what was told, and what stands at the broker; `--out` gets the first mail with a picture (`mail.html`,
`mail.jpg`), the topics, and the page Live as it was.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import re
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from bench.watch import CLIPS, codec_of, looped
from home.database import Database
from home.errors import WrongUse
from home.events import events
from home.folder import Home, open_home
from home.live import look
from home.outbox import entries
from tests import chromium
from tests.faults.source import Source, why_no_source
from tests.ingest.alerts.servers import Box, body_of, picture_of
from tests.mqtt_server import MqttServer
from tests.mqtt_server import why_not as why_no_broker
from tests.ports import free_port

SHOWN = {
    "feeder": "eat_feedercam_vitortoniolo",
    "hall": "walk_hall_vimaurya_1080p",
    "chair": "chair_play_dinov3",
    "sofa": "pet_cat_thanyanit",
}
PASSWORD = "correct horse battery"
SETTLES_S = 90.0  # for networks to load and cameras to be connected, at most


class _Mails(Box):
    """A mail box that knows when each came."""

    def __init__(self) -> None:
        super().__init__()
        self.came = list[dt.datetime]()

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.came.append(dt.datetime.now(dt.UTC))
        return await super().handle_DATA(server, session, envelope)


def written(root: Path, urls: dict[str, str], mail: str, broker: int, page: int) -> Home:
    """A home with these cameras, two rules, a channel and a broker."""
    cameras = "".join(
        f"  {name}: {{name: {name.capitalize()}, room: {name}, url: '{url}'}}\n" for name, url in urls.items()
    )
    (root / "home.yaml").write_text(
        f"timezone: Europe/Berlin\ncameras:\n{cameras}rules:\n  seen: {{}}\n  eats: {{behaviour: eating}}\n"
        f"alerts:\n  url: http://127.0.0.1:{page}\n  cooldown_minutes: 0\n  group_minutes: 0\n"
        f"  channels:\n    mail: {{url: '{mail}', pictures: true}}\nmqtt: {{address: 'mqtt://127.0.0.1:{broker}'}}\n",
        encoding="utf-8",
    )
    return open_home(root)


@contextlib.contextmanager
def running(root: Path, *command: str):  # type: ignore[no-untyped-def]
    """A program of CatML, until the end of this."""
    environment = os.environ | {"CATML_OWNER_PASSWORD": PASSWORD}
    with (root / f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "catml", *command, "--home", str(root)], stdout=log, stderr=log, env=environment
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


def topics(port: int, seconds: float = 3.0) -> dict[str, str]:
    """What is retained at the broker, but for the configurations."""
    told = dict[str, str]()
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _, __, message: told.__setitem__(message.topic, message.payload.decode())
    client.connect("127.0.0.1", port)
    client.subscribe("catml/#")
    client.loop_start()
    time.sleep(seconds)
    client.loop_stop()
    client.disconnect()
    return dict(sorted(told.items()))


def photographed(url: str, out: Path) -> None:
    """The page Live in a real browser, on a desk and on a phone."""
    with chromium.browsing() as browser:
        for name, size in (("desk", {"width": 1200, "height": 900}), ("phone", {"width": 390, "height": 844})):
            page = browser.new_page(viewport=size)  # type: ignore[arg-type]
            page.goto(f"{url}/login")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button").first.click()
            page.goto(f"{url}/live")
            page.wait_for_timeout(4000)
            page.screenshot(path=str(out / f"live-{name}.png"))
            page.goto(f"{url}/events")
            page.wait_for_timeout(1500)
            page.screenshot(path=str(out / f"events-{name}.png"))


def told(mails: _Mails, database: Database, since: dt.datetime) -> None:
    """How long it took, and what was told."""
    made = [event for event in events(database) if event.rule and event.timestamp_utc >= since]
    rows = {entry.event.event_id: entry.at for entry in entries(database, 0, 1_000_000)}
    to_row = np.array([(rows[each.event_id] - each.timestamp_utc).total_seconds() for each in made])
    print(f"{len(made)} events: " + ", ".join(sorted({f"{each.rule} ({each.stream_id})" for each in made})))
    if len(to_row):
        print(f"  frame to event   P50 {np.median(to_row):.2f} s   P95 {np.percentile(to_row, 95):.2f} s")
    at = {str(each.event_id): each.timestamp_utc for each in made}
    waits = [
        (came - at[link[1]]).total_seconds()
        for came, mail in zip(mails.came, mails.mails, strict=True)
        if (link := re.search(r"event=([0-9a-f-]{36})", body_of(mail, "html"))) and link[1] in at
    ]
    print(f"{len(mails.mails)} mails, {len(waits)} of one event")
    if waits:
        print(
            f"  frame to mail    P50 {np.median(waits):.2f} s   P95 {np.percentile(waits, 95):.2f} s   most {max(waits):.2f} s"
        )
    for mail in mails.mails[:5]:
        print(f"  {mail['Subject']}")


def kept(mail: EmailMessage, out: Path) -> None:
    """A mail as it is read."""
    html = body_of(mail, "html")
    picture = picture_of(mail)
    if picture is not None:
        (out / "mail.jpg").write_bytes(picture)
    (out / "mail.html").write_text(html, encoding="utf-8")


def main() -> None:
    """`python -m bench.live_show`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--out", type=Path, default=Path("runs/live"))
    options = parser.parse_args()
    missing = why_no_source() or why_no_broker() or ("" if CLIPS.is_dir() else f"{CLIPS} is not there")
    if missing:
        raise SystemExit(f"error: {missing}")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="catml-bench-") as folder, contextlib.ExitStack() as stack:
        root = Path(folder) / "home"
        root.mkdir()
        sources = dict[str, str]()
        for name, clip in SHOWN.items():
            loop = looped(CLIPS / f"{clip}.mp4", 60 * options.minutes + SETTLES_S + 30, Path(folder) / f"{name}.mp4")
            sources[name] = stack.enter_context(Source(Path(folder) / name, codec=codec_of(loop), clip=loop)).url
        (Path(folder) / "broker").mkdir()
        broker = MqttServer(Path(folder) / "broker").start()
        stack.callback(broker.stop)
        mails = _Mails()
        mails.start()
        stack.callback(mails.stop)
        port = free_port()
        home = written(root, sources, mails.url, broker.port, port)
        stack.enter_context(running(root, "deliver"))
        stack.enter_context(running(root, "serve", "--port", str(port)))
        stack.enter_context(running(root, "watch"))
        since, until = dt.datetime.now(dt.UTC), time.monotonic() + SETTLES_S
        while sum(each.online for each in look(root)) < len(SHOWN):
            if time.monotonic() > until:
                raise SystemExit(f"error: not all cameras were seen: {(root / 'watch.log').read_text()[-2000:]}")
            time.sleep(0.5)
        time.sleep(60 * options.minutes)
        if not chromium.why_not():
            photographed(f"http://127.0.0.1:{port}", options.out)
        found = topics(broker.port)
        (options.out / "topics.txt").write_text("".join(f"{name:58} {text}\n" for name, text in found.items()))
        told(mails, home.database, since)
        print(f"{len(found)} topics at the broker, see {options.out / 'topics.txt'}")
        with_picture = [mail for mail in mails.mails if picture_of(mail) is not None]
        if not with_picture:
            raise WrongUse("no mail with a picture came")
        kept(with_picture[0], options.out)


if __name__ == "__main__":
    main()
