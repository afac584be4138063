"""Lines of a log: what is in them, what never is, and who waits for whom."""

from __future__ import annotations

import io
import json
import logging
import os
import threading

import pytest
from structlog.contextvars import bound_contextvars

from home.log import open_log

log = logging.getLogger("catml.test")


def test_lines_of_json_carry_what_was_told_and_no_credentials() -> None:
    out = io.StringIO()
    with open_log("json", to=out), bound_contextvars(request="a number"):
        log.info("answered", extra={"status": 200, "ms": 1.5})
        try:
            raise ValueError("rtsp://owner:hunter2@camera/1")
        except ValueError:
            log.exception("failed at s3://key:hunter2@store")
        logging.getLogger("another.library").info("nobody asked")
        logging.getLogger("another.library").warning("password=hunter2")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["answered", "failed at s3://…@store", "password=…"]
    assert (lines[0]["status"], lines[0]["ms"], lines[0]["request"], lines[0]["level"]) == (
        200,
        1.5,
        "a number",
        "info",
    )
    assert lines[0]["time"].endswith("Z") and "ValueError" in lines[1]["exception"]
    assert "hunter2" not in out.getvalue()


def test_lines_for_people_and_only_what_is_wrong_where_it_is_quiet() -> None:
    out = io.StringIO()
    with open_log("plain", quiet=True, to=out):
        log.info("answered")
        log.warning("the disk is full: %s", "data")
    assert "answered" not in out.getvalue() and "the disk is full: data" in out.getvalue()
    assert out.getvalue().count("\n") == 1 and "\x1b" not in out.getvalue()


def test_what_was_before_comes_back() -> None:
    root, own = logging.getLogger(), logging.getLogger("catml")
    before = root.handlers[:], root.level, own.level
    with open_log(to=io.StringIO()):
        assert root.handlers != before[0]
    assert (root.handlers, root.level, own.level) == before


def test_nobody_waits_for_a_reader_who_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("home.log._MOST", 100)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as out:
        with open_log("json", to=out):
            for number in range(3000):  # a pipe takes 64 kB of them, 500 or so, the queue 100
                log.info("line %d", number)
            taken: list[bytes] = []
            thread = threading.Thread(target=lambda: taken.extend(iter(reader.readline, b"")))
            thread.start()
        out.close()
        thread.join()
    told = [json.loads(line)["message"] for line in taken]
    lost = [int(line.split()[0]) for line in told if line.endswith("lines were lost")]
    assert lost and sum(lost) + len(told) - len(lost) == 3000
