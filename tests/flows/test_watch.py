"""A camera's live watching under Prefect, against a real camera, its real watcher, and a temporary server in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.live import shown_now
from flows.up import parts
from flows.watch import watch
from home.errors import WrongUse
from tests.conftest import HomeFactory
from tests.faults.source import Source, why_no_source
from tests.flows.test_ingest import artifact

A_MOMENT = 0.04  # minutes: long enough for one look after the first


@pytest.mark.usefixtures("server")
@pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")
def test_watching_is_started_once_and_goes_on_after_the_run(home_factory: HomeFactory, tmp_path: Path) -> None:
    with Source(tmp_path, size=(160, 120)) as camera:
        home = home_factory(cameras=f"  cat_flap: {{url: '{camera.url}'}}", more="rules:\n  there: {}\n")
        try:
            first = watch("cat_flap", home.root, minutes=A_MOMENT, return_state=True)
            assert first.is_completed(), first.message
            watcher = parts.watching(home)
            pid, shown = watcher.pid, shown_now(home, "cat_flap")
            assert pid is not None and shown is not None
            again = watch("cat_flap", home.root, minutes=A_MOMENT, return_state=True)
            assert again.is_completed() and watcher.pid == pid
            found = artifact(again)
            assert found.key == "watch-cat-flap"  # Prefect's keys have no underscores
            (told,) = json.loads(found.data)
            assert (told["tracks"], told["events"]) == ("0", "0")
        finally:
            assert parts.watching(home).stop()


@pytest.mark.usefixtures("server")
def test_where_there_are_no_rules_nobody_watches(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  hall: {url: 'rtsp://127.0.0.1:9/live'}\n  imported: {}")
    state = watch("hall", home.root, return_state=True)
    assert state.is_completed() and state.name == "Skipped"
    assert parts.watching(home).pid is None
    with pytest.raises(WrongUse, match="only gets imports"):
        watch("imported", home.root)
