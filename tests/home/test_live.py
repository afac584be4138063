"""What each camera sees right now."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from home.live import FOLDER, LiveCamera, LiveTrack, look, picture, show

AT = dt.datetime(2026, 3, 1, 7, 0, 0, tzinfo=dt.UTC)
TRACK = LiveTrack(track_id=3, kind="cat", bbox=(0.1, 0.2, 0.3, 0.4), confidence=0.8, cat="miso", since=AT)
KITCHEN = LiveCamera(camera="kitchen", at=AT, written_at=AT, online=True, fps=5.0, tracks=(TRACK,))


def test_the_last_state_is_what_is_seen(tmp_path: Path) -> None:
    assert look(tmp_path) == [] and picture(tmp_path, "kitchen") is None
    show(tmp_path, KITCHEN, b"first")
    later = KITCHEN.model_copy(update={"tracks": (), "dropped": 2})
    show(tmp_path, later)
    assert look(tmp_path) == [later]
    seen = picture(tmp_path, "kitchen")
    assert seen is not None and seen[0] == b"first"
    assert sorted(each.name for each in (tmp_path / FOLDER).iterdir()) == ["kitchen.jpg", "kitchen.json"]


def test_a_state_of_another_version_is_read_and_a_broken_one_left_out(tmp_path: Path) -> None:
    show(tmp_path, KITCHEN)
    text = (tmp_path / FOLDER / "kitchen.json").read_text()
    (tmp_path / FOLDER / "kitchen.json").write_text(text.replace("{", '{"new": 1, ', 1))
    (tmp_path / FOLDER / "hall.json").write_text('{"camera": "hall"')
    assert look(tmp_path) == [KITCHEN]
