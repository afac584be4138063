"""Counts by the local hour: days of 23 and 25 hours, hours that nobody watched, and the histories that are read from them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from home.clock import Span, local_day
from home.device_coverage import Told, enter
from home.folder import Home
from home.manifest import CameraManifest, Chunk, Manifest, manifest_key
from home.tables import BOUTS, COUNTS, DEVICE_EVENTS, EPISODES, OBSERVED
from tasks.counts import counts, hours_of
from tasks.habit_history import read_episodes, read_histories
from tests.conftest import HomeFactory

DATE = dt.date(2026, 3, 1)
BOWL = "{zones: {food_bowl: [[0, 0], [1, 0], [1, 1]]}}"
MORE = "cats:\n  miso: {name: Miso}\n  tom: {name: Tom}\n"
"""The day of 1 March 2026 in Kathmandu begins at 18:15 UTC of the day before."""


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    """A kitchen with a bowl and a hall without one."""
    return home_factory(cameras=f"  kitchen: {BOWL}\n  hall: {{}}\n", timezone="Asia/Kathmandu", more=MORE)


def local(home: Home, hour: float, date: dt.date = DATE) -> dt.datetime:
    return local_day(date, home.zone).start + dt.timedelta(hours=hour)


def film(home: Home, date: dt.date, **recorded: tuple[float, float]) -> None:
    """Footage of cameras from one local hour to another."""
    cameras = {}
    for camera, (first, last) in recorded.items():
        start, end = local(home, first, date), local(home, last, date)
        chunk = Chunk(f"{camera}/chunk-{start:%Y%m%d-%H%M%S}.mp4", 1, "0" * 32, start, end, "h264", 640, 480, 5.0)
        cameras[camera] = CameraManifest([chunk])
    home.data.write(manifest_key(date), Manifest(date, home.config.timezone, cameras).to_json())


def bouts(home: Home, *told: tuple[str, str, float, float], date: dt.date = DATE) -> None:
    """Write the bouts of a date: cat, behaviour, and the local hours of its start and end."""
    rows = [
        {
            "cat": cat, "animal": number, "behaviour": behaviour, "start": local(home, first, date),
            "end": local(home, last, date), "duration_s": (last - first) * 3600, "confidence": 0.9, "cameras": ["kitchen"],
            "chunk": "k", "offset_s": 0.0, "continues_before": False, "continues_after": False, "bout_id": f"{cat} {date} {first}",
            "evidence": "", "camera": "kitchen", "x1": 0.0, "y1": 0.0, "x2": 1.0, "y2": 1.0,
        }
        for number, (cat, behaviour, first, last) in enumerate(told, start=1)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(BOUTS.columns))
    home.tables.write(BOUTS, frame, date, fingerprint=f"{told}")


def fed(
    home: Home, *told: tuple[str, float, float], covers: tuple[float, float] = (0, 24), date: dt.date = DATE
) -> None:
    """Write a feeder's day: cat, and the local hours of start and end."""
    rows = [
        ["feeder", "surepet", "food", cat, "eating", local(home, first, date), local(home, last, date), 7.0, "g"]
        for cat, first, last in told
    ]
    home.tables.write(
        DEVICE_EVENTS, pd.DataFrame(rows, columns=list(DEVICE_EVENTS.columns)), date, fingerprint=f"{told}"
    )
    span = Span(local(home, covers[0], date), local(home, covers[1], date))
    enter(home.tables, home.config, [Told("feeder", "eating", cat, span) for cat in ("miso", "tom")], [date])


def counted(home: Home, cat: str, behaviour: str, date: dt.date = DATE) -> pd.DataFrame:
    """By local hour."""
    rows = home.tables.read(COUNTS, date)
    own = rows[(rows["cat"] == cat) & (rows["behaviour"] == behaviour)]
    hours = ((own["hour"] - local_day(date, home.zone).start).dt.total_seconds() / 3600).round(3)
    return own.set_index(hours)[["events", "seconds", "observed_s", "unknown_events"]]


def test_hours_are_those_of_the_home_and_what_nobody_watched_is_unobserved(home: Home) -> None:
    film(home, DATE, kitchen=(6, 9.5), hall=(0, 24))
    bouts(home, ("miso", "eating", 7.75, 8.25), ("unknown", "eating", 8.5, 8.6), ("tom", "sleeping", 1.0, 2.0))
    outcome = counts(home, DATE)
    assert outcome.facts == {"events": 3, "unknown": 1, "seen_twice": 0, "rejected": 0} and outcome.warnings == []
    miso = counted(home, "miso", "eating")
    assert len(miso) == 24
    assert miso.loc[[5, 7, 8, 9]].to_numpy().tolist() == [
        [0, 0, 0, 0], [1, 900, 3600, 0], [0, 900, 3600, 1], [0, 0, 1800, 0],
    ]  # fmt: skip
    assert counted(home, "tom", "eating").loc[8].tolist() == [0, 0, 3600, 1]
    assert counted(home, "unknown", "eating").loc[8].tolist() == [1, 360, 3600, 0]
    assert counted(home, "tom", "sleeping")["observed_s"].sum() == 24 * 3600, "any camera sees a cat that sleeps"
    assert counted(home, "tom", "grooming")["observed_s"].sum() == 0, "the rules do not know it"
    assert counts(home, DATE).skipped


def test_a_feeder_watches_where_no_camera_does_and_a_meal_seen_by_both_is_one(home: Home) -> None:
    film(home, DATE, kitchen=(6, 9))
    bouts(home, ("unknown", "eating", 7.0, 7.05), ("tom", "eating", 8.0, 8.05))
    fed(home, ("miso", 7.01, 7.06), ("miso", 10.0, 10.1), covers=(7, 12))
    assert counts(home, DATE).facts == {"events": 3, "unknown": 0, "seen_twice": 1, "rejected": 0}
    miso, tom = counted(home, "miso", "eating"), counted(home, "tom", "eating")
    assert miso["events"].to_dict() == {hour: int(hour in (7, 10)) for hour in range(24)}
    assert miso["seconds"][7] == pytest.approx(0.06 * 3600)
    assert [hour for hour, seconds in tom["observed_s"].items() if seconds] == [6, 7, 8, 9, 10, 11]
    episodes = home.tables.read(EPISODES, DATE)
    assert [sorted(sources) for sources in episodes["sources"]] == [["feeder", "kitchen"], ["kitchen"], ["feeder"]]
    assert [list(ids) for ids in episodes["bouts"]] == [["unknown 2026-03-01 7.0"], ["tom 2026-03-01 8.0"], []]


def test_a_meal_over_midnight_is_counted_once_and_timed_twice(home: Home) -> None:
    after = DATE + dt.timedelta(days=1)
    fed(home, ("miso", 23.9, 24.1), covers=(12, 36))
    fed(home, ("miso", 0.15, 0.2), covers=(0, 12), date=after)
    for date in (DATE, after):
        counts(home, date)
    before, next_ = counted(home, "miso", "eating"), counted(home, "miso", "eating", after)
    assert (before["events"].sum(), next_["events"].sum()) == (1, 0)
    assert before["seconds"][23] == pytest.approx(360) and next_["seconds"][0] == pytest.approx(360 + 180)
    history = read_histories(home, DATE, after)["miso", "eating"]
    assert history.durations.tolist() == pytest.approx([900]) and len(history.observed) == 1
    assert np.ptp(history.observed) == pytest.approx(24 * 3600)


@pytest.mark.parametrize(
    ("date", "zone", "lengths"),
    [
        (dt.date(2026, 3, 29), "Europe/Berlin", [3600] * 23),
        (dt.date(2026, 10, 25), "Europe/Berlin", [3600] * 25),
        (dt.date(2028, 2, 29), "Asia/Kathmandu", [3600] * 24),
        # 2 o'clock becomes half past one: that hour has 90 minutes
        (dt.date(2026, 4, 5), "Australia/Lord_Howe", [3600, 5400, *[3600] * 22]),
        # clocks skip midnight: the day begins at 1
        (dt.date(2026, 4, 24), "Africa/Cairo", [3600] * 23),
    ],
)  # fmt: skip
def test_the_hours_of_a_day(date: dt.date, zone: str, lengths: list[int]) -> None:
    day = local_day(date, ZoneInfo(zone))
    hours = hours_of(day, ZoneInfo(zone))
    assert [hour.seconds for hour in hours] == lengths and hours[0].start == day.start and hours[-1].end == day.end
    assert {hour.start.astimezone(ZoneInfo(zone)).minute for hour in hours} == {0}


@pytest.mark.parametrize(("date", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change_is_counted_whole(home_factory: HomeFactory, date: dt.date, hours: int) -> None:
    home = home_factory(cameras=f"  kitchen: {BOWL}\n", timezone="Europe/Berlin", more=MORE)
    meals = [("miso", hour + 0.5, hour + 0.6) for hour in range(hours)]
    fed(home, *meals, covers=(0, hours), date=date)
    assert counts(home, date).facts["rejected"] == 0
    rows = counted(home, "miso", "eating", date)
    assert rows["events"].tolist() == [1] * hours and rows["observed_s"].tolist() == [3600] * hours


def test_what_was_seen_in_time_that_nobody_watched_does_not_make_it_watched(home: Home) -> None:
    """A person says that she ate in front of a camera that shows no bowl: it happened, but says nothing of how often."""
    film(home, DATE, hall=(6, 9))
    bouts(home, ("miso", "eating", 7.0, 7.05))
    counts(home, DATE)
    assert counted(home, "miso", "eating").loc[7].tolist() == [1, 180, 0, 0]
    history = read_histories(home, DATE, DATE)["miso", "eating"]
    assert len(history.starts) == len(history.observed) == 0
    assert read_episodes(home, DATE, DATE)["cat"].tolist() == ["miso"]


def test_footage_that_nobody_has_read_is_not_observed(home: Home) -> None:
    film(home, DATE, kitchen=(6, 9))
    fed(home, ("miso", 10.0, 10.1), covers=(10, 11))
    counts(home, DATE)
    assert [hour for hour, seconds in counted(home, "miso", "eating")["observed_s"].items() if seconds] == [10]


def test_a_day_without_anything_leaves_nothing_behind(home: Home) -> None:
    assert counts(home, DATE).skipped and home.tables.dates(COUNTS) == home.tables.dates(OBSERVED) == []
    histories = read_histories(home, DATE, DATE)
    assert set(histories) >= {("miso", "eating"), ("unknown", "sleeping")}
    assert all(len(known.starts) == len(known.observed) == len(known.possible) == 0 for known in histories.values())


def test_a_history_knows_what_was_possible_and_leaves_other_dates_out(home: Home) -> None:
    for offset in range(3):
        date = DATE + dt.timedelta(days=offset)
        film(home, date, kitchen=(0, 24))
        bouts(home, ("miso", "eating", 7.0, 7.05), ("unknown", "eating", 12.0, 12.1), date=date)
        counts(home, date)
    histories = read_histories(home, DATE, DATE + dt.timedelta(days=1))
    miso, tom, unknown = (histories[cat, "eating"] for cat in ("miso", "tom", "unknown"))
    day = local_day(DATE, home.zone).start.timestamp()
    assert miso.starts.tolist() == [day + 7 * 3600, day + 31 * 3600] and miso.zone == home.zone
    assert (
        miso.possible.tolist() == tom.possible.tolist() == unknown.starts.tolist() == [day + 12 * 3600, day + 36 * 3600]
    )
    assert tom.starts.size == unknown.possible.size == 0
    assert miso.observed.tolist() == [[day, day + 48 * 3600]]


def test_the_same_again_byte_for_byte(home: Home, tmp_path: Path) -> None:
    fed(home, ("miso", 7.0, 7.1))
    counts(home, DATE)
    keys = [table.key(DATE) for table in (COUNTS, EPISODES, OBSERVED)]
    before = [home.tables.store.read(key) for key in keys]
    assert not counts(home, DATE, force=True).skipped
    assert [home.tables.store.read(key) for key in keys] == before
