"""Results on standard output, all else on standard error, nothing but an object with --json."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import home.terminal
from home.terminal import Terminal


def speak(terminal: Terminal) -> None:
    terminal.say("A sentence [with brackets].")
    terminal.table(("what", "state"), [("disk", "ok"), ("store", "fail")])
    terminal.note("going on")
    terminal.warn("take care")
    terminal.result({"date": dt.date(2026, 3, 1), "page": Path("a/b"), "name": "Möhre"})


def test_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    speak(Terminal())
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines()]
    assert lines == [["A", "sentence", "[with", "brackets]."], ["what", "state"], ["disk", "ok"], ["store", "fail"]]
    assert err == "going on\nwarning: take care\n"


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    speak(Terminal(as_json=True))
    out, err = capsys.readouterr()
    assert json.loads(out) == {"date": "2026-03-01", "page": "a/b", "name": "Möhre"}
    assert err == "going on\nwarning: take care\n"


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    speak(Terminal(quiet=True))
    assert capsys.readouterr() == ("", "warning: take care\n")


def test_progress_without_a_terminal_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Terminal().progress() as progress:
        for n in range(1000):
            progress("kitchen extract", n, 1000)
        assert capsys.readouterr() == ("", "")  # within the first half minute nothing
        monkeypatch.setattr(home.terminal, "PLAIN_EVERY_S", 0.0)
        progress("kitchen extract", 500, 1000)
    assert capsys.readouterr() == ("", "  kitchen extract: 50%\n")
