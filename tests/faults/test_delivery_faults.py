"""Delivery through what goes wrong: nothing that is kept is lost, and its receiver has it once, in the order of each stream."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from home.database import Database
from home.events import events, keep
from home.folder import PROJECT, Home, open_home
from home.outbox import entries
from ingest.deliver import program
from tests.conftest import HomeFactory
from tests.faults.table import Tell
from tests.ingest.deliver.conftest import seen
from tests.receiver import Answer, Got, Receiver
from tests.serve.conftest import key_for
from tests.serving import serving
from tests.waiting import until

COUNT = 24


def a_home(home_factory: HomeFactory, url: str, key: str = "") -> Home:
    """A home that tells one receiver; what was kept before it first looked is not told."""
    target = f"deliver:\n  other: {{url: '{url}', timeout_s: 0.5, longest_wait_s: 0.5{key}}}\n"
    home = home_factory(more=target, folder="telling")
    program.once(home, threading.Event())
    return home


def kept(home: Home, numbers: range) -> None:
    """Events of two streams, one at a time, as they happen."""
    for number in numbers:
        keep(home.database, [seen(number, "kitchen" if number % 2 else "hall")])


@contextmanager
def delivering(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """The program itself; what is left of it is killed."""
    command = [sys.executable, str(PROJECT / "catml.py"), "deliver", "--home", str(home.root)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def cost(numbers: list[int]) -> dict[str, int]:
    """What became of all events, by the numbers that arrived: each stream in its order, or the test fails."""
    first = list(dict.fromkeys(numbers))
    for stream in (0, 1):
        came = [number for number in first if number % 2 == stream]
        assert came == sorted(came), f"not in order: {came}"
    lost = set(range(1, COUNT + 1)) - set(numbers)
    assert not lost, f"lost: {sorted(lost)}"
    return {"kept": COUNT, "lost": len(lost), "twice": len(numbers) - len(first)}


def test_the_receiver_is_gone_and_comes_back(home_factory: HomeFactory, tell_events: Tell) -> None:
    with Receiver() as receiver:
        home = a_home(home_factory, receiver.url)
    with delivering(home):
        kept(home, range(1, COUNT + 1))
        with Receiver(port=receiver.port) as back:
            returned = time.monotonic()
            until(lambda: len(set(back.numbers)) == COUNT, "all of it")
            after_s = time.monotonic() - returned
    tell_events("receiver gone", **cost(back.numbers), after_s=after_s, note="in order")


@pytest.mark.parametrize("how", [pytest.param("answers 500", marks=pytest.mark.long), "hangs"])
def test_the_receiver_fails_for_a_while(home_factory: HomeFactory, tell_events: Tell, how: str) -> None:
    well = threading.Event()

    def answer(got: Got) -> Answer:
        if not well.is_set():
            if how == "hangs":
                well.wait(30)
            return 500, {}, b""
        return 204, {}, b""

    with Receiver(answer) as receiver:
        home = a_home(home_factory, receiver.url)
        with delivering(home):
            kept(home, range(1, COUNT + 1))
            until(lambda: len(receiver.came) >= 5, "it is asked again")
            well.set()
            returned = time.monotonic()
            until(lambda: len(set(receiver.numbers)) == COUNT, "all of it")
            after_s = time.monotonic() - returned
        tell_events(f"receiver {how}", **cost(receiver.numbers), after_s=after_s, note="in order")


def test_it_is_killed_between_a_request_and_its_answer(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch, tell_events: Tell
) -> None:
    """The receiver has the event, the sender does not know: it is sent again under its key, and is one event there."""
    other = home_factory(folder="other")
    silent = threading.Event()
    silent.set()
    with (
        serving(other) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key_for(other, 'write')}"}) as api,
    ):

        def relayed(got: Got) -> Answer:
            headers = {"Content-Type": "application/json", "Idempotency-Key": got.key}
            answer = api.post("/api/v1/events", content=got.body, headers=headers)
            while silent.is_set():
                time.sleep(0.02)
            return answer.status_code, {}, answer.content

        with Receiver(relayed) as relay:
            home = a_home(home_factory, relay.url)
            kept(home, range(1, COUNT // 2))
            with delivering(home) as process:
                until(lambda: len(relay.came) == 2, "the first of each stream is on its way")
                until(lambda: len(events(other.database)) == 2, "and is there")
                os.kill(process.pid, signal.SIGKILL)
                process.wait(10)
            silent.clear()
            kept(home, range(COUNT // 2, COUNT + 1))  # while it is dead
            begun = time.monotonic()
            with delivering(home):
                until(lambda: len(events(other.database)) == COUNT, "all of it")
                after_s = time.monotonic() - begun
                until(lambda: len(relay.taken) == COUNT + 2, "and its answers")
        keys = [got.key for got in relay.came]
        assert len(keys) == COUNT + 2 and len(set(keys)) == COUNT, "those two were sent again, under the keys they had"
        arrived = [entry.event.event_id.int for entry in entries(other.database, 0)]
    told = cost(arrived)
    assert told["twice"] == 0
    tell_events(
        "killed (-9) before the answer", **told, after_s=after_s, note="2 sent again, known there by their keys"
    )


@pytest.mark.parametrize("how", ["gone", pytest.param("without its database", marks=pytest.mark.long)])
def test_the_api_of_another_home_is_away(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch, tell_events: Tell, how: str
) -> None:
    other = home_factory(folder="other")
    monkeypatch.setenv("OTHER_KEY", key_for(other, "write"))
    with serving(other) as url:
        port = int(url.rpartition(":")[2])
        home = a_home(home_factory, f"{url}/api/v1/events", ", key: '${OTHER_KEY}'")
    with delivering(home) as process:
        kept(home, range(1, COUNT + 1))
        if how != "gone":
            with unreadable(other), serving(open_home(other.root), port):
                time.sleep(5.0)
                assert process.poll() is None, "it waits"
        with serving(other, port):
            returned = time.monotonic()
            # An API that cannot keep anything asks for 30 s.
            until(lambda: len(events(other.database)) == COUNT, "all of it", 20 if how == "gone" else 60)
            after_s = time.monotonic() - returned
    arrived = [entry.event.event_id.int for entry in entries(other.database, 0)]
    tell_events(f"API {how}", **cost(arrived), after_s=after_s, note="in order")


def test_the_database_of_the_events_is_gone_for_a_while(home_factory: HomeFactory, tell_events: Tell) -> None:
    with Receiver() as receiver:
        home = a_home(home_factory, receiver.url)
        with delivering(home) as process:
            kept(home, range(1, 7))
            until(lambda: len(receiver.taken) == 6, "what is kept before")
            with unreadable(home):
                time.sleep(1.5)
                assert process.poll() is None, "it waits"
            kept(Home(home.root, home.config, home.params), range(7, COUNT + 1))
            returned = time.monotonic()
            until(lambda: len(set(receiver.numbers)) == COUNT, "all of it")
            after_s = time.monotonic() - returned
    tell_events("database gone", **cost(receiver.numbers), after_s=after_s, note="in order")


@contextmanager
def unreadable(home: Home) -> Iterator[None]:
    """Its SQLite file is no database for a while, and then again what it was."""
    path: Path = home.root / "data" / "rows.sqlite"
    away = path.with_name("away.sqlite")
    assert isinstance(home.database, Database)
    path.rename(away)
    path.mkdir()
    try:
        yield
    finally:
        path.rmdir()
        away.rename(path)
