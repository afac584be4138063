"""The figures of a day, and of a simulated home against its diary."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.tables import BOUTS
from simulate.routine import Episode, write_diary
from tasks.metrics import metrics

DATE = dt.date(2026, 3, 1)
MIDNIGHT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen:\n")
    return open_home(tmp_path)


def write_bouts(home: Home, bouts: list[tuple[str, int, int, bool]]) -> None:
    """Bouts of one animal: behaviour, first and last second of the day, begun the day before."""
    frame = BOUTS.empty().reindex(range(len(bouts)))
    frame[["behaviour", "cat", "camera"]] = [[name, "unknown", "kitchen"] for name, *_ in bouts]
    frame["start"] = pd.to_datetime([MIDNIGHT + dt.timedelta(seconds=first) for _, first, _, _ in bouts])
    frame["end"] = pd.to_datetime([MIDNIGHT + dt.timedelta(seconds=last) for _, _, last, _ in bouts])
    frame["continues_before"] = [before for *_, before in bouts]
    frame["animal"] = np.ones(len(bouts), np.int32)
    home.tables.write(BOUTS, frame, DATE)


def read(home: Home) -> dict[str, dict[str, object]]:
    return dict(json.loads((home.root / "metrics.json").read_text()))


def test_footage_is_counted_within_the_day(home: Home) -> None:
    # A chunk over midnight: two of its five minutes are this day's.
    start = MIDNIGHT - dt.timedelta(minutes=3)
    chunk = Chunk(
        "kitchen/chunk-20260228-235700.mp4", 1, "0" * 32, start, start + dt.timedelta(minutes=5), "h264", 64, 64, 5.0
    )
    manifest = Manifest(DATE, "UTC", {"kitchen": CameraManifest([chunk])})
    home.data.write(manifest_key(DATE), manifest.to_json())
    metrics(home, [DATE])
    assert read(home)["days"]["2026-03-01"]["footage_s"] == 120.0  # type: ignore[index]


def test_a_bout_over_midnight_counts_on_the_day_it_began(home: Home) -> None:
    write_bouts(home, [("sleeping", 0, 100, True), ("eating", 200, 260, False), ("eating", 300, 360, False)])
    metrics(home, [DATE])
    assert read(home)["days"]["2026-03-01"]["bouts"] == {"eating": 2}  # type: ignore[index]
    assert "diary" not in read(home)


def test_bouts_are_held_against_the_diary(home: Home) -> None:
    def moment(second: int) -> dt.datetime:
        return MIDNIGHT + dt.timedelta(seconds=second)

    episodes = [
        Episode("miso", "eating", moment(0), moment(100), "kitchen"),
        Episode("miso", "other", moment(100), moment(200)),
    ]
    home.data.write("diary.csv", b"")
    write_diary(home.root / "data/diary.csv", episodes)
    # 80 of the 100 s at the bowl were found, and 20 s that were none; out of sight nothing is asked for.
    write_bouts(home, [("eating", 20, 120, False)])
    metrics(home, [DATE])
    assert read(home)["diary"]["eating"] == {"precision": 0.8, "recall": 0.8}


def test_somebody_elses_diary_is_no_truth(home: Home) -> None:
    home.data.write("diary.csv", b"date,mood\n2026-03-01,good\n")
    metrics(home, [DATE])
    assert "diary" not in read(home)


def test_other_dates_stay_and_a_damaged_file_is_replaced(home: Home) -> None:
    metrics(home, [dt.date(2026, 2, 28)])
    metrics(home, [DATE])
    assert list(read(home)["days"]) == ["2026-02-28", "2026-03-01"]
    assert metrics(home, [DATE]).skipped
    (home.root / "metrics.json").write_text('{"days": [')
    metrics(home, [DATE])
    assert list(read(home)["days"]) == ["2026-03-01"]
