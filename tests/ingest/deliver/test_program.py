"""`catml deliver` as a program: what it says, how it ends, and parts that fail beside parts that do not."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import signal
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import sqlalchemy as sa

from commands.live import deliver
from home.errors import WrongUse
from home.events import keep
from home.folder import PROJECT, Home
from home.terminal import Terminal
from ingest.deliver import parts, program
from ingest.deliver.parts import Part
from ingest.deliver.telling import tell_once
from tests.conftest import HomeFactory
from tests.ingest.deliver.conftest import Telling, seen
from tests.ports import free_port
from tests.receiver import Receiver
from tests.waiting import until


def catml(home: Home, *options: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "catml.py"), "deliver", "--home", str(home.root), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


def test_once_sends_what_is_due_and_what_is_set_aside_is_listed_and_tried_again(
    telling: Telling, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [2]
    with Receiver(lambda got: (422, {}, b"no") if int(got.json["event_id"][-1]) in bad else (204, {}, b"")) as receiver:
        home = telling(cabin=f"url: {receiver.url}")
        keep(home.database, [seen(1), seen(2, None), seen(3)])
        done = catml(home, "--once", "--json")
        assert done.returncode == 0 and json.loads(done.stdout) == {
            "targets": {"cabin": {"waiting": 0, "set_aside": 1}}
        }
        assert "1 are set aside" in done.stderr and set(receiver.numbers) == {1, 3}
        deliver(set_aside=True, home=home.root)
        listed = " ".join(capsys.readouterr().out.split())
        assert "cabin" in listed and "422 Unprocessable Entity: no" in listed
        deliver(set_aside=True, home=home.root, as_json=True)
        (told,) = json.loads(capsys.readouterr().out)["set_aside"]
        assert told["event_id"].endswith("2") and told["stream"] == ""
        with pytest.raises(WrongUse, match=f"there are: {told['seq']}"):
            deliver(retry=["99"], home=home.root)
        with pytest.raises(WrongUse, match="a number of `catml deliver --set-aside`"):
            deliver(retry=["x"], home=home.root)
        with pytest.raises(WrongUse, match="stand alone"):
            deliver(set_aside=True, once=True, home=home.root)
        bad.clear()
        deliver(retry=[str(told["seq"])], home=home.root)
        assert "1 wait again" in capsys.readouterr().out
        tell_once(program.once(home, threading.Event()), Terminal())
        assert "cabin has all it is to hear." in capsys.readouterr().out and receiver.numbers[-1] == 2


def test_a_home_that_tells_nobody_says_what_would_be_right(home_factory: HomeFactory) -> None:
    with pytest.raises(WrongUse, match="an address under `deliver:`"):
        deliver(home=home_factory().root)


def test_it_ends_cleanly_and_is_alone_and_tells_its_metrics(telling: Telling) -> None:
    port = free_port()
    with Receiver() as receiver:
        home = telling(cabin=f"url: {receiver.url}")
        keep(home.database, [seen(1)])
        command = [
            sys.executable,
            str(PROJECT / "catml.py"),
            "deliver",
            "--home",
            str(home.root),
            "--metrics-port",
            str(port),
        ]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            until(lambda: receiver.taken, "the first")
            assert "works here already" in catml(home, "--once").stderr
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                text = answer.read().decode()
            for line in (
                'catml_deliveries_total{outcome="delivered",target="cabin"} 1.0',
                'catml_deliveries_total{outcome="set_aside",target="cabin"} 0.0',
                'catml_delivery_lag_seconds_count{target="cabin"} 1.0',
                'catml_delivery_waiting{target="cabin"}',
            ):
                assert line in text
            listening = (
                Path(f"/proc/{process.pid}/net/tcp").read_text() + Path(f"/proc/{process.pid}/net/tcp6").read_text()
            )
            assert f"0100007F:{port:04X}" in listening and f"00000000:{port:04X}" not in listening, "this machine only"
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0 and "stopped" in said and "Traceback" not in said
        assert str(receiver.port) not in said and "miso" not in said, "a log names neither addresses nor cats"


def test_a_taken_port_is_told_and_events_go_on(telling: Telling) -> None:
    with closing(socket()) as taken, Receiver() as receiver:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home = telling(cabin=f"url: {receiver.url}")
        keep(home.database, [seen(1)])
        done = catml(home, "--once", "--metrics-port", str(port))
    assert done.returncode == 0 and f"no metrics: port {port}: " in done.stderr and receiver.numbers == [1]


def test_a_part_that_fails_is_started_again_and_costs_the_others_nothing(
    telling: Telling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One fails twice and then works, one ends at once, one cannot even be loaded; what is delivered is delivered."""
    (tmp_path / "a_part_that_fails.py").write_text(
        "from home.errors import StoreUnreachable\n"
        "begun = []\n"
        "def run(home, stop):\n"
        "    begun.append(home)\n"
        "    if len(begun) == 1:\n"
        "        raise ZeroDivisionError\n"
        "    if len(begun) == 2:\n"
        "        raise StoreUnreachable('mqtt://user:secret@broker: no answer')\n"
        "    stop.wait()\n"
        "    begun.append('ended')\n"
    )
    (tmp_path / "a_part_that_ends.py").write_text("begun = []\ndef run(home, stop):\n    begun.append(home)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("ingest.deliver.parts._MOST_S", 0.05)
    with Receiver() as receiver:
        home = telling(cabin=f"url: {receiver.url}")
        there = [
            Part("fails", "a_part_that_fails", lambda home: True), Part("ends", "a_part_that_ends", lambda home: True),
            Part("missing", "a_part_that_is_missing", lambda home: True), Part("not set up", "nowhere", lambda home: False),
            *parts.PARTS,
        ]  # fmt: skip
        assert [part.name for part in parts.configured(home, there)] == ["fails", "ends", "missing", "targets"]
        stop, left = threading.Event(), [["?"]]
        thread = threading.Thread(target=lambda: left.append(parts.run(home, stop, there)))
        thread.start()
        try:
            until(
                lambda: "a_part_that_fails" in sys.modules and len(sys.modules["a_part_that_fails"].begun) == 3,
                "it works",
            )
            until(lambda: len(sys.modules["a_part_that_ends"].begun) > 2, "it is started again and again")
            keep(home.database, [seen(1)])
            until(lambda: receiver.taken, "the event")
        finally:
            stop.set()
            thread.join(20)
    assert left[-1] == [] and sys.modules["a_part_that_fails"].begun[-1] == "ended"
    assert "No module named" in caplog.text and "secret" not in caplog.text and "nowhere" not in caplog.text


def test_a_part_that_does_not_end_is_named(
    home_factory: HomeFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_part_that_stays.py").write_text(
        "import threading\nbegun, free = threading.Event(), threading.Event()\n"
        "def run(home, stop):\n    begun.set()\n    free.wait()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("ingest.deliver.parts._ENDS_WITHIN_S", 0.1)
    stop = threading.Event()
    stop.set()
    assert parts.run(home_factory(), stop, [Part("stays", "a_part_that_stays", lambda home: True)]) == []
    stays = importlib.import_module("a_part_that_stays")
    stop.clear()
    threading.Thread(target=lambda: (stays.begun.wait(30), stop.set())).start()
    try:
        assert parts.run(home_factory(), stop, [Part("stays", "a_part_that_stays", lambda home: True)]) == ["stays"]
    finally:
        stays.free.set()


def test_alerts_and_targets_are_one_program(home_factory: HomeFactory) -> None:
    """An alert and the event it is of, from one process; `--once` is for targets alone."""
    with Receiver() as target, Receiver() as channel:
        alerts = (
            f"alerts:\n  channels:\n    hook: {{url: 'json://127.0.0.1:{channel.port}/alert', categories: [cat]}}\n"
        )
        silent = home_factory(more=alerts, folder="silent")
        with pytest.raises(WrongUse, match="there are none, only alerts"):
            deliver(once=True, home=silent.root)
        home = home_factory(more=f"{alerts}deliver:\n  cabin: {{url: '{target.url}'}}\n")
        assert [part.name for part in parts.configured(home)] == ["targets", "alerts"]
        program.once(home, threading.Event())
        stop = threading.Event()
        thread = threading.Thread(target=parts.run, args=(home, stop))
        thread.start()
        try:
            until(lambda: target.port and _reads(home, "alerts"), "alerts have begun to read")
            keep(home.database, [seen(1, rule="meals", timestamp_utc=dt.datetime.now(dt.UTC))])
            until(lambda: target.taken and channel.taken, "both")
        finally:
            stop.set()
            thread.join(30)
        assert target.numbers == [1] and channel.taken[0].path == "/alert" and not thread.is_alive()


def _reads(home: Home, reader: str) -> bool:
    names = sa.text("SELECT name FROM readers")
    return any(
        reader in name for name in home.database.write(lambda connection: connection.execute(names).scalars().all())
    )
