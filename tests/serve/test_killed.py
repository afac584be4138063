"""Kill -9 in the middle of writes: what was acknowledged is there, nothing is there twice, and the next start goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
from starlette.testclient import TestClient

from home.folder import PROJECT, open_home
from home.telemetry import readings
from home.users import keys
from serve.app import create_app
from tests.conftest import HomeFactory
from tests.serve.conftest import key_for
from tests.serving import said_first

WRITERS, EACH = 4, 12  # reports in a request, each of two readings
PATH = "/api/v1/telemetry"


class Server:
    """`catml serve` on a port of its own."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, str(PROJECT / "catml.py"), "serve", "--port", "0", "--json", "--quiet"]
        self._process = subprocess.Popen(
            [*command, "--home", str(root)], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        self.url = str(said_first(self._process.stdout)["url"])

    def kill(self) -> None:
        """With -9; its decoders end by themselves when their other end is gone."""
        self._process.kill()
        self._process.communicate()


def report(writer: int, number: int) -> list[dict[str, object]]:
    """A request of a writer: reports that are no other's."""
    return [
        {"device": f"scale-{writer}", "ts": f"2026-03-01T07:{number // 60:02}:{number % 60:02}.{place:03}Z", "weight": 4.5, "full": True}
        for place in range(EACH)
    ]  # fmt: skip


def write(url: str, key: str, writer: int, wanted: Callable[[], bool], acknowledged: list[tuple[int, int]]) -> int:
    """Send one request after the other until the server is gone; returns how many were begun."""
    number = 0
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30) as client:
        while wanted():
            try:
                answer = client.post(url + PATH, json=report(writer, number))
            except httpx.TransportError:
                return number + 1  # it may or may not have been kept
            if answer.status_code == 201:
                acknowledged.append((writer, number))
            number += 1
    return number


def test_what_was_acknowledged_outlives_kill_9_and_nothing_is_doubled(home_factory: HomeFactory) -> None:
    home = home_factory(overrides={})
    key = key_for(home, "write", "read")
    server, acknowledged, begun = Server(home.root), list[tuple[int, int]](), dict[int, int]()
    enough = threading.Event()

    def writing(writer: int) -> None:
        def wanted() -> bool:
            if len(acknowledged) >= 3 * WRITERS:
                enough.set()
            return True

        begun[writer] = write(server.url, key, writer, wanted, acknowledged)

    threads = [threading.Thread(target=writing, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    assert enough.wait(120)
    server.kill()  # all of them are in the middle of a request, or between two
    for thread in threads:
        thread.join()

    house = open_home(home.root)
    kept = [(each.device, each.ts, each.name) for each in readings(house.database)]
    sent = {
        (row["device"], row["ts"], name)
        for writer, number in acknowledged for row in report(writer, number) for name in ("weight", "full")
    }  # fmt: skip
    there = [
        (device, ts.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ts.microsecond // 1000:03}Z", name) for device, ts, name in kept
    ]
    assert len(acknowledged) >= 3 * WRITERS and sent <= set(there) and len(there) == len(set(there))
    # A request is kept whole or not at all, also one that nobody was told of.
    assert len(there) % (2 * EACH) == 0 and len(keys(house.database)) == 1

    with TestClient(create_app(house), headers={"Authorization": f"Bearer {key}"}) as client:
        every = [report(writer, number) for writer, count in begun.items() for number in range(count)]
        new = sum(client.post(PATH, json=each).json()["new"] for each in every)
        told = client.get("/api/v1/statistics").json()["readings"]
    assert new + len(there) == told == 2 * EACH * len(every)
