"""The bench's small readers: ends are ends, refills are no meals, years come from the name, silence is no observation."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.device_exports import feeders, litter_boxes

PACIFIC = ZoneInfo("America/Los_Angeles")


def test_visits_close_together_are_one_meal_and_refills_none(tmp_path: Path) -> None:
    (tmp_path / "surepet").mkdir()
    rows = ["occurredAt,subjectName,durationSeconds,attribution"]
    for clock, seconds, what in (
        ("08:02:00", 120, "pet"),
        ("08:10:00", 60, "pet"),
        ("08:30:00", 60, "pet"),
        ("09:00:00", 5, "food_addition"),
    ):
        rows.append(f"2026-06-19T{clock}+00:00,Miso,{seconds},{what}")
    (tmp_path / "surepet" / "feeder_events.csv").write_text("\n".join(rows))
    (meals,) = feeders(tmp_path).values()
    began = dt.datetime(2026, 6, 19, 8, tzinfo=dt.UTC).timestamp()
    # From 08:00 to 08:10, and 19 minutes after that another one.
    assert (meals.starts - began).tolist() == [0, 29 * 60]
    assert meals.durations.tolist() == [600, 60]


def test_exports_over_new_year_and_what_neither_box_said(tmp_path: Path) -> None:
    folder = tmp_path / "litter-robot"
    folder.mkdir()
    head = "Activity,Timestamp,Value\n"
    first = [
        "Weight recorded,1/3 9:00 am,14.3 lbs",
        "Cat detected,1/3 8:58 am,-",
        "Weight recorded,1/1 6:30 am,10.1 lbs",
        "Clean Cycle Complete,12/31 6:00 am,-",
    ]
    second = ["Weight Recorded,1/3 10:00AM,10.4 lbs", "Weight Recorded,12/31 7:00AM,10.0 lbs"]
    (folder / "vegas_robot_1_activity_2026-01-03.csv").write_text(head + "\n".join(first))
    (folder / "vegas_litter_robot_2_activity_1-3-2026.csv").write_text(head + "\n".join(second))
    visits = litter_boxes(tmp_path)

    def at(*when: int) -> float:
        return dt.datetime(*when, tzinfo=PACIFIC).timestamp()

    # Both reported from 31 December 7:00 to 3 January 9:00, and after both times on 1 January nothing for more than a day.
    assert visits["10 lb"].starts.tolist() == [at(2025, 12, 31, 7), at(2026, 1, 1, 6, 30)]
    spans = visits["10 lb"].observed.tolist()
    assert spans[0][0] == at(2025, 12, 31, 7) and spans[-1] == [at(2026, 1, 3, 8, 58), at(2026, 1, 3, 9)]
    assert not visits["10 lb"].sees(visits["10 lb"].starts[-1:] + 86400)[0]
