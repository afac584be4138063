"""When a forecast's next event is to come, as the pages say it."""

from __future__ import annotations

import datetime as dt

import pytest

from home.folder import moment_now
from serve.pages.frame import due
from tests.conftest import HomeFactory

DATE = "2026-03-01"


def row(start: str, middle: str, end: str) -> dict[str, dt.datetime]:
    moments = (dt.datetime.fromisoformat(f"{text}+00:00") for text in (start, middle, end))
    return dict(zip(("p10", "p50", "p90"), moments, strict=True))


def test_what_is_to_come_and_what_is_over(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_factory()
    monkeypatch.setenv("CATML_TODAY", DATE)
    assert moment_now(home).date() == dt.date.fromisoformat(DATE)
    words, over = due(home, row("2026-03-01T07:00", "2026-03-01T08:00", "2026-03-01T09:00"))
    assert words.startswith("today, about ") and not over
    # It may still come: not all of its time is over.
    assert not due(home, row("2026-02-28T07:00", "2026-02-28T08:00", "2026-03-01T09:00"))[1]
    words, over = due(home, row("2026-02-28T07:00", "2026-02-28T08:00", "2026-02-28T09:00"))
    assert words.startswith("yesterday, about ") and words.endswith("the next night's work tells what came") and over
