"""The log of `catml record`, written to by processes and read by people, programs, or nobody."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ingest.record.log import Log

ZONE = ZoneInfo("UTC")


def line(state: str, reason: str = "", camera: str = "hall") -> dict[str, Any]:
    return {"camera": camera, "state": state, "before": "connecting", "reason": reason}


def said(*lines: dict[str, Any] | str, people: bool = False, quiet: bool = False) -> list[str]:
    """What is written of some lines; those that are text are written by a process."""
    to = io.StringIO()
    log = Log(to, ZONE, people, quiet)
    for each in lines:
        if isinstance(each, str):
            words = [sys.executable, "-c", f"import sys; print({each!r}, file=sys.stderr)"]
            subprocess.run(words, stderr=log.descriptor, check=True)
        else:
            log.say(each)
    log.close()
    return to.getvalue().splitlines()


def test_every_line_is_json_also_the_last_words_of_a_process() -> None:
    lines = [json.loads(text) for text in said(line("recording"), "error at rtsp://cat:Sesame@h/x")]
    assert [set(each) for each in lines] == [{"time", "camera", "state", "before", "reason"}, {"time", "message"}]
    assert lines[1]["message"] == "error at rtsp://…@h/x"


def test_at_a_terminal_they_are_sentences() -> None:
    at, _, read = said(line("recording"), people=True)[0].partition(" ")
    assert len(at) == len("10:00:00") and read == "hall: recording"


def test_quiet_is_what_is_wrong_and_that_it_is_over() -> None:
    lines = said(
        {"process": "supervisor", "note": "hall: rtsp://h/x"}, line("connecting", "recorder_down"), line("recording"),
        line("recording", camera="kitchen"), line("connecting", "camera_down"), line("waiting", "camera_down"),
        line("recording"), line("stopped"), quiet=True,
    )  # fmt: skip
    told = [json.loads(text) for text in lines]
    assert [(each["camera"], each["state"]) for each in told] == [
        ("hall", "connecting"), ("hall", "waiting"), ("hall", "recording"),
    ]  # fmt: skip


def test_a_process_that_says_the_same_at_every_start_is_heard_once() -> None:
    assert len(said("no such folder", "no such folder", "another")) == 2


def test_a_process_that_is_started_again_and_again_does_not_flood_the_log() -> None:
    assert len(said(*[line("connecting", "camera_down")] * 300, line("recording", camera="kitchen"))) == 121


def test_nobody_waits_for_a_reader_who_has_stopped_reading() -> None:
    """A terminal after Ctrl-S: the first line is never taken. What comes then fills the pipe, and must not block."""
    taken, let_go = threading.Event(), threading.Event()

    class Frozen(io.StringIO):
        def write(self, text: str) -> int:
            taken.set()
            let_go.wait(60)
            return super().write(text)

    log = Log(Frozen(), ZONE, people=False, quiet=False)
    log.say(line("recording"))
    assert taken.wait(10)
    for _ in range(2000):  # a pipe holds 64 kB, a line is 100 bytes and more
        log.say(line("recording"))
    let_go.set()
    log.close()


def test_a_log_on_a_full_disk_is_no_reason_to_stop() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        log = Log(full, ZONE, people=False, quiet=False)
        log.say(line("recording"))
        log.say(line("stopped"))
        log.close()
        assert not log._reader.is_alive(), "it read to the end"
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # closing it would write again
