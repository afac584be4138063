"""The truth as files: it comes back as it was, the same for the same seed, and can be looked at."""

from __future__ import annotations

import csv
import datetime as dt
import xml.etree.ElementTree as ET
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from home.clock import Span, local_day
from home.config import Place
from simulate.actogram import DRAWN, WIDTH, actogram
from simulate.grade import Found, grade
from simulate.illness import parse_illness
from simulate.living import Household, liveliest
from simulate.rhythm import Rhythm
from simulate.routine import Episode, read_diary, write_diary
from simulate.truth import FILES, Truth, simulated_truth, write_truth

BERLIN = ZoneInfo("Europe/Berlin")
HOME = Household(
    {"living-room": ("bed", "food_bowl"), "utility-room": ("litter_box", "bed")},
    ("miso", "tofu"),
    BERLIN,
    1,
    Place(latitude=52.5, longitude=13.4),
)
WEEK = Span(local_day(dt.date(2026, 3, 24), BERLIN).start, local_day(dt.date(2026, 3, 30), BERLIN).end)  # clocks change


@pytest.fixture(scope="module")
def truth() -> Truth:
    return simulated_truth(HOME, WEEK, [parse_illness("tofu cystitis 2026-03-28", HOME.cats, BERLIN)])


@pytest.fixture(scope="module")
def folder(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth")
    write_truth(folder, truth)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_same_seed_same_bytes(truth: Truth, folder: Path, tmp_path: Path) -> None:
    write_truth(tmp_path, simulated_truth(HOME, WEEK, truth.illnesses))
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_diary_comes_back_and_is_graded(truth: Truth, folder: Path, tmp_path: Path) -> None:
    diary = read_diary(folder / "diary.parquet")
    assert diary == truth.diary
    write_diary(tmp_path / "diary.csv", diary)
    assert read_diary(tmp_path / "diary.csv") == diary
    named = ("sleeping", "eating", "using_litter_box")
    found = [Found(e.behaviour, e.start, e.end) for e in diary if e.camera and e.behaviour in named]
    scores = {score.behaviour: score for score in grade(diary, found, named).scores}
    assert all(scores[name].recall == 1 == scores[name].precision for name in named)
    assert scores["other"].recall == 0 and scores["eating"].true_bouts > 60


def test_a_table_of_something_else_is_no_diary(tmp_path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"cat": ["miso"]}).to_parquet(tmp_path / "diary.parquet")
    with pytest.raises(ValueError, match=r"diary\.parquet: columns \['behaviour', .*\] are missing"):
        read_diary(tmp_path / "diary.parquet")


def test_counts_sum_to_the_diary(truth: Truth, folder: Path) -> None:
    counts = rows(folder / "counts.csv")
    by_day: dict[tuple[str, str], int] = {}
    for row in counts:
        day = row["date"], row["cat"]
        by_day[day] = by_day.get(day, 0) + int(row["seconds"])
        assert int(row["seconds"]) >= int(row["in_sight_s"]) >= int(row["seen_s"]) >= 0
    assert by_day["2026-03-29", "miso"] == 23 * 3600 and by_day["2026-03-28", "tofu"] == 24 * 3600
    meals = sum(int(row["bouts"]) for row in counts if (row["cat"], row["behaviour"]) == ("miso", "eating"))
    assert meals == len([e for e in truth.diary if (e.cat, e.behaviour) == ("miso", "eating")])
    visits = {row["date"]: int(row["bouts"]) for row in counts if (row["cat"], row["behaviour"]) == ("tofu", "using_litter_box")}  # fmt: skip
    assert max(visits[date] for date in visits if date < "2026-03-28") < visits["2026-03-30"]


def test_coverage_and_illnesses_are_told(folder: Path) -> None:
    coverage = rows(folder / "coverage.csv")
    assert list(coverage[0]) == ["camera", "start", "end", "state", "reason"]
    for camera in HOME.cameras:
        own = [row for row in coverage if row["camera"] == camera]
        spans = [(dt.datetime.fromisoformat(r["start"]), dt.datetime.fromisoformat(r["end"])) for r in own]
        assert sum((end - start).total_seconds() for start, end in spans) == WEEK.seconds
    (illness,) = rows(folder / "illnesses.csv")
    assert (illness["cat"], illness["kind"], illness["onset"]) == ("tofu", "cystitis", "2026-03-27T23:00:00+00:00")


def test_the_page_shows_both_cats(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    assert page.count('class="actogram"') == 2 and "Tofu" in page and "frequent small litter visits" in page
    assert "Sun 29 Mar, 23 h" in page, "the day of the change of clocks says so"


def test_an_actogram_draws_each_second_twice_where_the_clock_shows_it() -> None:
    """Noon of the second day: in the left half of its own row, in the right half of the row above."""
    dates = [dt.date(2026, 5, 4), dt.date(2026, 5, 5)]
    noon = dt.datetime(2026, 5, 5, 12, tzinfo=BERLIN).astimezone(dt.UTC)
    meal = Episode("miso", "eating", noon, noon + dt.timedelta(hours=6))
    svg = ET.fromstring(actogram([meal], dates, BERLIN, Rhythm(BERLIN, HOME.place, 1), "two days"))
    groups = [g for g in svg.iter("g") if g.get("fill") == "var(--eating)"]
    assert len(groups) == 1 and len(list(svg.iter("g"))) == len(DRAWN)
    right, left = groups[0].iter("rect")
    (first, second) = sorted({float(r.get("y", "")) for r in svg.iter("rect") if r.get("class") == "ground"})
    assert (float(left.get("y", "")), float(right.get("y", ""))) == (second, first)
    assert float(right.get("x", "")) - float(left.get("x", "")) == pytest.approx(WIDTH / 2, abs=0.2)
    assert float(left.get("width", "")) == pytest.approx(WIDTH / 8, abs=0.2), "6 of 48 hours"


def test_a_lively_part_shows_more_than_most(truth: Truth) -> None:
    day = local_day(dt.date(2026, 3, 25), BERLIN)
    best = liveliest(truth.diary, day, 20)
    assert best.seconds == 1200 and day.start <= best.start and best.end <= day.end

    def kinds(span: Span) -> int:
        shown = [e for e in truth.diary if e.camera and e.start < span.end and e.end > span.start]
        return len({(e.cat, e.behaviour) for e in shown if e.behaviour != "other"})

    others = [Span(day.start + dt.timedelta(minutes=m), day.start + dt.timedelta(minutes=m + 20)) for m in range(0, 1420, 20)]  # fmt: skip
    assert kinds(best) >= 4 and kinds(best) > 1.5 * sum(map(kinds, others)) / len(others)
