"""Alerts when the machine goes down: none is lost, and each crash doubles one message at most."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from home.alerts import alerts, messages
from home.events import keep
from home.folder import PROJECT, Home
from home.outbox import position
from ingest.alerts.program import READER
from tests.conftest import HomeFactory
from tests.ingest.alerts.made import fresh
from tests.ingest.alerts.servers import Hook
from tests.waiting import until

PROGRAM = (
    "import sys, threading; from pathlib import Path; from home.folder import open_home;"
    "from ingest.alerts.program import run; run(open_home(Path(sys.argv[1])), threading.Event())"
)
KILLS, EACH = 2, 12


def started(home: Home) -> subprocess.Popen[bytes]:
    """The program in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(home.root)], cwd=PROJECT)


@pytest.fixture
def hook() -> Hook:
    """A webhook."""
    return Hook()


def test_kill_9_loses_no_alert_and_doubles_one_at_most(home_factory: HomeFactory, hook: Hook, tmp_path: Path) -> None:
    channels = f'alerts:\n  channels:\n    hook: {{url: "{hook.url}"}}\n'
    home = home_factory(more=channels)
    position(home.database, READER)
    wanted = 0
    for kill in range(KILLS):
        before = len(hook.posts)
        process = started(home)
        try:
            for number in range(EACH):
                keep(home.database, [fresh(f"rule-{kill}-{number}")])
                wanted += 1
            # It is killed in the middle of its work: after some messages, at another place each time.
            until(lambda before=before: len(hook.posts) > before, "the first messages")
            time.sleep(0.013 * kill)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    last = started(home)
    try:
        until(lambda: len(alerts(home.database, 500)) == wanted and not messages(home.database, "hook"), "the rest")
    finally:
        last.send_signal(signal.SIGKILL)
        last.wait()
        hook.stop()
    told = Counter(part for post in hook.posts for part in _rules(post["title"] + "\n" + post["message"]))
    assert len(told) == wanted, "every alert was told"
    assert len(hook.posts) - len({post["title"] + post["message"] for post in hook.posts}) <= KILLS


def _rules(text: str) -> set[str]:
    return {line.partition(": ")[2] for line in text.splitlines() if ": rule " in line}
