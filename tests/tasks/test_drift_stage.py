"""Stage `drift`: each camera against its own first nights, told on the page, and nothing of a later night in an earlier answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from home.day.reading import read_day
from home.errors import ConfigError
from home.folder import Home, open_home
from home.tables import DRIFT, REMEMBERED, SCENES
from models.drift import WATCHED, learn_trained, write_trained
from models.scene import Look
from models.scene_drift import SHOWN
from tasks.drift import drift
from tasks.scenes import Scenes
from tests.plain import PLAIN

FIRST = dt.date(2026, 3, 1)
NIGHTS = [FIRST + dt.timedelta(days=number) for number in range(20)]
CHANGE = 16  # night on which the lamp is another
WIDTH = 6


def opened(root: Path, **more: str) -> Home:
    (root / "home.yaml").write_text("timezone: UTC\ncameras: {kitchen: {name: The kitchen}, hall: {}}\n")
    return open_home(root, {"behave.model": "behaviour/b.onnx", **more})


def remember(
    home: Home, date: dt.date, camera: str, *, moved: float = 0.0, count: int = 60, eyes: str = "a", seed: int = 0
) -> None:
    rng = np.random.default_rng((seed, date.toordinal(), camera == "hall"))
    rows = pd.DataFrame({
        "start": pd.Timestamp(date, tz="UTC") + pd.to_timedelta(np.arange(count), unit="min"), "camera": camera,
        "track_id": 1, "cat": "unknown", "behaviour": rng.choice(["sleeping", "other", "eating"], count, p=[0.6, 0.3, 0.1]),
        "seen": rng.beta(8, 2, count), "confidence": 0.8, "numbers": [np.zeros(1)] * count,
        "look": list(rng.normal(0, 1, (count, WIDTH)) + rng.normal(0, 0.1, WIDTH) + moved),
    })  # fmt: skip
    notes = {"digest": f"{seed} {moved} {count}", "eyes": eyes, "moments": count, "network": "network a"}
    home.tables.write(REMEMBERED, rows, date, camera, "made", notes)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Twenty nights of two cameras; the lamp in the kitchen is another from the seventeenth on."""
    home = opened(tmp_path)
    for number, date in enumerate(NIGHTS):
        remember(home, date, "kitchen", moved=2.0 * (number >= CHANGE))
        remember(home, date, "hall")
    return home


def show(home: Home, date: dt.date, camera: str, *, view: int = 0, brighter: float = 0.0, hours: int = 24) -> None:
    """What a camera shows on a day; `view` is which of two."""
    rng = np.random.default_rng((7, date.toordinal(), camera == "hall"))
    edges = np.random.default_rng(view).uniform(0, 255, 768)
    scenes = Scenes(camera)
    for hour in range(hours):
        for minute in (5, 25, 45):
            day = 7 <= hour < 18
            tones = np.float32([100 + brighter + 15 * day * rng.normal(), 40])
            colours = np.float32([-8, 8, 12]) * day
            layout = np.clip(edges + rng.normal(0, 8, 768), 0, 255).astype(np.uint8)
            ts = dt.datetime.combine(date, dt.time(hour, minute), dt.UTC)
            scenes.add(ts, Look(tones, colours.astype(np.float32), layout))
    home.tables.write(SCENES, scenes.rows(), date, camera, "made", scenes.notes())


def alarms(home: Home, date: dt.date) -> list[str]:
    rows = home.tables.read(DRIFT, date)
    return [f"{row.camera} {row.watched}" for row in rows[rows["alarm"]].itertuples()]


def test_a_change_of_one_camera_is_told_of_that_camera_within_two_nights(home: Home) -> None:
    told = {}
    for date in NIGHTS[CHANGE - 2 : CHANGE + 2]:
        told[date] = drift(home, date).warnings
    assert not any(told[date] for date in NIGHTS[CHANGE - 2 : CHANGE])
    first = next(date for date in NIGHTS[CHANGE:] if told[date])
    assert alarms(home, first) == ["kitchen looks"]
    assert (
        f"The kitchen: {WATCHED['looks']}, since 2026-03-17 or so" in told[first][0] and "drift.since" in told[first][0]
    )
    assert read_day(home, first).drifted == (f"The kitchen: {WATCHED['looks']}, since 2026-03-17 or so",)
    page = (home.root / f"data/quality/drift/{first}.html").read_text()
    assert WATCHED["looks"] in page and "kitchen: " in page


def test_the_first_nights_say_nothing(home: Home) -> None:
    outcome = drift(home, NIGHTS[7])
    assert outcome.facts == {"cameras": 2, "compared": 0, "alarms": 0}
    rows = home.tables.read(DRIFT, NIGHTS[7])
    assert rows["deviation"].isna().all() and not rows["alarm"].any() and set(rows["reference_nights"]) == {7}
    assert drift(home, NIGHTS[8]).facts["compared"] == 2


def test_a_night_depends_on_no_later_one_and_is_skipped_where_nothing_changed(home: Home) -> None:
    drift(home, NIGHTS[15])
    before = home.tables.store.read(DRIFT.key(NIGHTS[15]))
    remember(home, NIGHTS[16], "kitchen", moved=5.0, seed=3)
    assert drift(home, NIGHTS[15]).skipped
    remember(home, NIGHTS[2], "kitchen", seed=3)
    assert not drift(home, NIGHTS[15]).skipped, "a night of the reference says something else"
    assert home.tables.store.read(DRIFT.key(NIGHTS[15])) != before
    assert drift(home, NIGHTS[15]).skipped


def test_what_is_meant_to_stay_begins_a_new_reference(home: Home) -> None:
    for number in range(20, 32):
        remember(home, FIRST + dt.timedelta(days=number), "kitchen", moved=2.0)
    last = FIRST + dt.timedelta(days=31)
    assert drift(home, last).warnings
    meant = opened(home.root, **{"drift.since": str(NIGHTS[CHANGE])})
    assert drift(meant, last).facts == {"cameras": 1, "compared": 1, "alarms": 0}
    with pytest.raises(ConfigError, match=r"drift\.since: found"):
        opened(home.root, **{"drift.since": "spring"})


def test_other_networks_are_not_compared_and_a_night_without_cats_says_nothing(home: Home) -> None:
    remember(home, NIGHTS[17], "kitchen", moved=2.0, eyes="b")
    remember(home, NIGHTS[18], "kitchen", moved=2.0, count=10)
    for date in NIGHTS[17:19]:
        drift(home, date)
        rows = home.tables.read(DRIFT, date).query("camera == 'kitchen'")
        assert rows["deviation"].isna().all() and not rows["alarm"].any()
    assert home.tables.read(DRIFT, NIGHTS[17]).query("camera == 'kitchen'")["reference_nights"].eq(0).all()


@pytest.mark.parametrize(("network", "known"), [("network a", True), ("network b", False)])
def test_looks_of_the_training_count_if_they_are_of_the_same_network(home: Home, network: str, known: bool) -> None:
    (home.root / "behaviour").mkdir()
    looks = np.random.default_rng(1).normal(0, 1, (300, WIDTH))
    (home.root / "behaviour" / "b.onnx").touch()
    write_trained(home.root / "behaviour" / "looks.npz", learn_trained(looks, network))
    for date in NIGHTS[CHANGE : CHANGE + 2]:
        drift(home, date)
    rows = home.tables.read(DRIFT, NIGHTS[CHANGE + 1]).query("camera == 'kitchen' and watched == 'trained'")
    assert rows["deviation"].notna().item() is known
    assert rows["sum"].item() > 3 if known else rows["sum"].item() == 0


def test_a_camera_that_looks_elsewhere_is_told_without_any_classifier(tmp_path: Path) -> None:
    opened(tmp_path)
    rooms = open_home(tmp_path, PLAIN)
    for number, date in enumerate(NIGHTS):
        show(rooms, date, "kitchen", view=int(number >= CHANGE), brighter=40.0 * (number >= CHANGE))
        show(rooms, date, "hall")
    for date in NIGHTS[CHANGE - 2 : CHANGE]:
        assert drift(rooms, date).facts == {"cameras": 2, "compared": 2, "alarms": 0}
    told = [drift(rooms, date).warnings for date in NIGHTS[CHANGE : CHANGE + 2]]
    assert f"The kitchen: {SHOWN['view']}, since 2026-03-17 or so" in told[0][0]
    for warnings in told:  # that it is brighter there too goes without saying
        assert len(warnings) == 1 and SHOWN["view"] in warnings[0]
        assert "`catml snapshot kitchen`" in warnings[0] and "drift.since" not in warnings[0]
    assert alarms(rooms, NIGHTS[CHANGE]) == ["kitchen view"]
    assert alarms(rooms, NIGHTS[CHANGE + 1]) == ["kitchen brightness", "kitchen view"]
    page = (rooms.root / f"data/quality/drift/{NIGHTS[CHANGE]}.html").read_text()
    assert "nothing has changed" not in page and "catml snapshot kitchen" in page
    assert drift(rooms, NIGHTS[CHANGE]).skipped


def test_rooms_and_cats_stand_in_one_table_and_a_short_day_says_nothing_of_its_room(home: Home) -> None:
    for number, date in enumerate(NIGHTS):
        show(home, date, "kitchen", brighter=40.0 * (number >= CHANGE), hours=3 if number == CHANGE + 2 else 24)
    drift(home, NIGHTS[CHANGE + 1])
    both = home.tables.read(DRIFT, NIGHTS[CHANGE + 1])
    assert both.loc[both["camera"] == "kitchen", "watched"].tolist() == [*WATCHED, *SHOWN]
    assert both.loc[both["camera"] == "hall", "watched"].tolist() == [*WATCHED]
    assert "kitchen brightness" in alarms(home, NIGHTS[CHANGE + 1])
    assert f"{SHOWN['brightness']} (from 0 to 7" in " ".join(home.tables.notes(DRIFT, NIGHTS[CHANGE + 1])["told"])
    drift(home, NIGHTS[CHANGE + 2])
    short = home.tables.read(DRIFT, NIGHTS[CHANGE + 2]).query("watched in @SHOWN")
    assert short["deviation"].isna().all() and not short["alarm"].any()


def test_without_a_classifier_and_rooms_it_is_left_out(tmp_path: Path) -> None:
    opened(tmp_path)
    assert drift(open_home(tmp_path, PLAIN), FIRST).left_out == "params.yaml names no behave.model"
    assert drift(opened(tmp_path), FIRST).skipped
