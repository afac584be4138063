"""What passes events on belongs to a home that is up: started where somebody is to hear of them, and started again."""

from __future__ import annotations

import os
import signal
import threading
import time

from flows.up import parts
from flows.up.command import _delivery
from flows.up.keeper import Kept, Wanted, _everything, notes
from home.events import keep
from home.folder import Home
from ingest.deliver import program
from tests.conftest import HomeFactory
from tests.ingest.deliver.conftest import seen
from tests.receiver import Receiver
from tests.waiting import until


def names(home: Home) -> list[str]:
    parts.run_folder(home).mkdir(parents=True)
    return [kept.part.name for kept in _everything(home, Wanted(port=0))]


def test_it_is_one_of_a_homes_programs_where_somebody_is_to_hear(home_factory: HomeFactory) -> None:
    silent = home_factory()
    assert names(silent) == ["server", "worker"] and _delivery(silent) == []
    telling = home_factory(more="deliver:\n  cabin: {url: 'http://127.0.0.1:9/x'}\n", folder="telling")
    assert names(telling) == ["deliver", "server", "worker"] and notes(telling)["deliver"] == ["targets"]
    (found,) = _delivery(telling)
    assert found.state == "fail" and "deliver.log" in found.found, "it does not run"


def test_killed_it_is_started_again_and_stopped_it_ends(home_factory: HomeFactory) -> None:
    with Receiver() as receiver:
        home = home_factory(more=f"deliver:\n  cabin: {{url: '{receiver.url}'}}\n")
        program.once(home, threading.Event())
        keep(home.database, [seen(1)])
        part = parts.delivering(home)
        kept = Kept(part, parts.environment(home))

        def looked() -> bool:
            kept.turn(time.monotonic())
            return part.pid is not None

        try:
            kept.turn(time.monotonic())
            until(lambda: looked() and receiver.taken, "the first event")
            first = part.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            keep(home.database, [seen(2)])
            until(
                lambda: looked() and set(receiver.numbers) == {1, 2} and part.pid != first,
                "the second, from another process",
            )
        finally:
            assert part.stop() and part.pid is None
        assert "stopped" in part.last_words()
