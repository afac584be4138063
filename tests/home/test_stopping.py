"""A program told to end does, wherever its main thread is just then."""

from __future__ import annotations

import subprocess
import sys

import pytest

from home.folder import PROJECT

SETUP = """
import signal
from home.stopping import told_to_stop
stop = told_to_stop(signal.SIGTERM, signal.SIGINT)
"""


def ended(body: str) -> str:
    """What a program says that has ended; one that waits for itself never does."""
    done = subprocess.run(
        [sys.executable, "-c", SETUP + body], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_waiting(signal: str) -> None:
    assert "True" in ended(f"signal.raise_signal(signal.{signal})\nprint(stop.wait(50))")


def test_a_signal_that_comes_while_the_event_is_held_ends_it_too() -> None:
    # As `stop.wait` and `stop.set` hold it for some microseconds, in which a signal may come.
    held = "with stop._cond:\n    signal.raise_signal(signal.SIGTERM)\n    signal.raise_signal(signal.SIGTERM)\n"
    assert "True" in ended(held + "print(stop.wait(50))")


def test_without_a_signal_it_goes_on() -> None:
    assert "False" in ended("print(stop.wait(0.05))")
