"""The day page: what it says, that it can be followed to its proof, and that it is honest about what was not seen."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from astral import Observer
from astral.sun import sun

from home import coverage, look
from home.clock import UTC, Span, local_day
from home.config import Place
from home.day.axis import Axis, nights, zooms
from home.folder import Home, open_home
from home.manifest import CameraManifest, Chunk, Manifest, Rejected, manifest_key
from home.tables import BOUTS, BUDGET, COVERAGE, DETECTIONS, FIXTURES, FRAMES
from tasks.day_page import pictures
from tasks.report import expire, page_dates, report
from tests.clips import paint_chunk
from tests.conftest import HomeFactory

DATE = dt.date(2026, 3, 10)
BERLIN = ZoneInfo("Europe/Berlin")
CAMERAS = """
  kitchen:
    name: Kitchen
    url: rtsp://192.168.1.20/a
    zones: {food_bowl: [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]}
  hall:
    url: rtsp://192.168.1.21/a
    private: ["22:00-06:30"]
"""
CATS = "cats:\n  miso: {name: Miso}\n  tofu: {name: Tofu}\n"
BEHAVIOURS = ("sleeping", "eating", "other")
BOX = (0.25, 0.5, 0.5, 0.75)
VOID = {"input", "meta", "img", "rect", "line", "path", "circle", "link", "br"}


@dataclass
class Page(HTMLParser):
    """A page as a reader takes it in: its text by element, its tags, ids and links."""

    html: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self.feed(self.html)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if "id" in values:
            self.ids.append(values["id"])
        if "href" in values:
            self.links.append(values["href"])
        if tag not in VOID:
            self._open.append(f"{tag}.{values.get('class', '')}#{values.get('id', '')}")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop().split(".")[0] == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.replace("\N{NO-BREAK SPACE}", " ").split())
        if words:
            self.texts.append((tuple(self._open), words))

    def text(self, inside: str = "") -> str:
        """All words inside elements whose tag.class#id holds `inside`, in order."""
        return " ".join(words for where, words in self.texts if any(inside in one for one in where))

    @property
    def opening(self) -> str:
        return self.text(".opening")


def at(hour: int, minute: int = 0, second: int = 0, date: dt.date = DATE) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(hour, minute, second), BERLIN).astimezone(UTC)


def bout(behaviour: str, start: dt.datetime, end: dt.datetime, **more: object) -> dict[str, object]:
    """A row of the bouts table; without footage unless `chunk` says so."""
    row: dict[str, object] = dict(
        cat="miso", animal=1, behaviour=behaviour, start=start, end=end, duration_s=(end - start).total_seconds(),
        confidence=0.72, cameras=["kitchen"], chunk="kitchen/chunk-20260310-000000.mp4", offset_s=2.0,
        continues_before=False, continues_after=False, bout_id=f"{behaviour}{start:%H%M%S}",
        evidence="the box stayed in its place", camera="kitchen", **dict(zip(("x1", "y1", "x2", "y2"), BOX, strict=True)),
    )  # fmt: skip
    return {**row, **more}


def write_day(
    home: Home,
    rows: list[dict[str, object]],
    recorded: list[Span],
    animals: tuple[tuple[str, int], ...] = (("miso", 1),),
    date: dt.date = DATE,
    observed: dict[str, float] | None = None,
) -> None:
    """Tables of a day as the stages before write them: one camera recorded, each animal's budget sums to the day."""
    day = local_day(date, home.zone)
    seen_s = sum(span.seconds for span in recorded)
    budget = []
    for cat, number in animals:
        mine = [row for row in rows if (row["cat"], row["animal"]) == (cat, number)]
        for behaviour in BEHAVIOURS:
            these = [row for row in mine if row["behaviour"] == behaviour]
            seconds = sum(float(str(row["duration_s"])) for row in these)
            count = sum(not row["continues_before"] for row in these)
            budget.append((cat, number, behaviour, seconds, count, (observed or {}).get(behaviour, seen_s)))
        busy = sum(float(str(row["duration_s"])) for row in mine)
        budget += [
            (cat, number, "unseen", seen_s - busy, 0, seen_s),
            (cat, number, "gap", day.seconds - seen_s, 0, 0.0),
        ]
    bouts = pd.DataFrame(rows, columns=list(BOUTS.columns)) if rows else BOUTS.empty()
    home.tables.write(BUDGET, pd.DataFrame(budget, columns=list(BUDGET.columns)), date, fingerprint="1")
    home.tables.write(BOUTS, bouts, date, fingerprint="1")
    home.tables.write(FIXTURES, FIXTURES.empty(), date, fingerprint="1")
    coverage.record(home.tables, "kitchen", recorded, home.zone)


def page_of(home: Home, date: dt.date = DATE) -> Page:
    return Page(home.data.read(f"reports/{date}.html").decode())


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    return home_factory(CAMERAS, more=CATS)


@pytest.fixture
def day(home: Home) -> Home:
    """A day of two cats: Miso sleeps since the evening before, eats three times, the last over midnight; Tofu is away.

    The kitchen has no footage from 04:00 to 05:00; a chunk of 4 s at midnight is the proof of every bout.
    """
    start = at(0)
    key = paint_chunk(home.root / "data/footage", "kitchen", start, 4)
    rows = [
        bout("sleeping", start, at(3, 30), chunk=key, continues_before=True),
        *(bout("eating", at(hour), at(hour, 5), chunk=key) for hour in (6, 12)),
        bout("eating", at(23, 58), local_day(DATE, BERLIN).end, chunk=key, continues_after=True),
        bout("other", at(13), at(13, 0, 20), chunk=key, confidence=0.41),
    ]
    whole = local_day(DATE, BERLIN)
    recorded = [Span(whole.start, at(4)), Span(at(5), whole.end)]
    write_day(home, rows, recorded, (("miso", 1), ("tofu", 1)))
    down = pd.DataFrame([("kitchen", at(4), at(5), "gap", "camera_unreachable")], columns=list(COVERAGE.columns))
    kept = home.tables.read(COVERAGE, DATE, "kitchen")
    home.tables.write(COVERAGE, pd.concat([kept, down]), DATE, "kitchen")
    manifest = Manifest(
        DATE,
        "Europe/Berlin",
        {
            "kitchen": CameraManifest(
                [Chunk(key, 1, "0" * 32, start, start + dt.timedelta(seconds=4), "h264", 320, 240, 5.0)],
                [Rejected("kitchen/chunk-20260310-040000.mp4", "cannot be opened: no moov atom")],
            )
        },
    )
    home.data.write(manifest_key(DATE), manifest.to_json())
    return home


def test_sentences_come_first_and_say_what_was_seen(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    # Sleep by the time it took, meals by their number; nothing that was not seen becomes a zero.
    assert page.opening == "Miso slept 3 h 30 min, ate 3 times and spent 20 s on other things. Tofu was not seen."
    assert page.text(".honest").startswith(
        "23 h of the day's 24 h were recorded, by 1 camera. Of that, Miso was in sight for 3 h 42 min."
    )
    # Tofu's row holds no behaviour but is told apart from a day on which nobody could have known.
    assert "not seen" in page.text("#budget") and "Playing" not in page.text("#budget")


def test_budget_sums_to_the_day_and_every_number_leads_to_its_bouts(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    assert len(page.ids) == len(set(page.ids))
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner and inner <= set(page.ids)
    tables = page.html.split('<section class="animal-budget"')[1:]
    assert len(tables) == 2
    for html in tables:
        body = html.split("<tbody>")[1].split("</tbody>")[0]
        cells = [row.split("<td")[1] for row in body.split("<tr")[1:]]
        seconds = [float(value) for cell in cells for value in re.findall(r'value="([\d.]+)"', cell)]
        assert sum(seconds) == 24 * 3600
    # 3 meals begun on this day, and a group of 3 cards to count them in.
    row = re.search(r"Eating</span>.*?</tr>", tables[0], re.S)
    assert row and '<a href="#bouts-miso-1-eating"><data value="3">3</data></a>' in row[0]
    group = page.html.split('<section id="bouts-miso-1-eating"')[1].split("</section>")[0]
    assert group.count("<article") == 3


def test_every_bout_has_its_picture_box_place_and_reason(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    cards = page.html.split("<article ")[1:]
    assert len(cards) == 5
    for card in cards:
        assert 'src="data:image/jpeg;base64,' in card
        assert "left:25.00%;top:50.00%;width:25.00%;height:25.00%" in card
        assert "The box stayed in its place." in card
        assert "chunk-20260309-230000.mp4</code>" in card and "at 00:00:02" in card
        # Footage and page lie on one disk: the link plays the very moment.
        assert 'href="../footage/kitchen/chunk-20260309-230000.mp4#t=2"' in card
    assert "fairly sure (0.72)" in cards[0] and "unsure (0.41)" in page.html
    assert "Goes on from the day before." in cards[0]
    assert "23:58 to 24:00" in page.html and "Goes on into the next day." in page.html
    widths = {int(values["width"]) for tag, values in page.tags if tag == "img"}
    assert widths == {320}  # the clip's own width: smaller than report.picture_width, and never enlarged


def test_the_page_asks_nobody_for_anything(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    loads = [
        values[name]
        for tag, values in page.tags
        if tag != "a"
        for name in ("src", "href", "srcset", "data", "poster")
        if name in values
    ]
    assert loads and all(load.startswith(("data:image/", "#")) for load in loads)
    assert not re.search(
        r"(?:https?:)?//[a-z]|@import|<script|\bon(?:load|click|error)=", re.sub(r'src="data:[^"]*"', "", page.html)
    )
    assert not re.search(r"url\((?!#)", page.html)
    policy = next(
        values["content"] for tag, values in page.tags if values.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert str(day.root) not in page.html  # no path of this machine


def test_figures_read_without_colour(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    defined = {values["id"] for tag, values in page.tags if tag == "pattern"}
    used = set(re.findall(r"url\(#(hatch-[a-z-]+)\)", page.html))
    assert (
        {"hatch-sleeping", "hatch-eating", "hatch-other", "hatch-unseen", "hatch-gap", "hatch-private"}
        <= used
        <= defined
    )
    # 3.5 h of sleep carry their letter inside, meals of minutes above the row.
    assert "S" in page.text("letter on-sleeping").split()
    assert page.text(".flag").split().count("E") == 3
    assert "Eating, 06:00 to 06:05, 5 min" in page.text("title")


def test_missing_footage_is_named_with_its_reason(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    # No camera recorded from 04:00 to 05:00: the kitchen could not be reached, the hall had its private hours. The fault is what is told.
    assert "No footage 04:00 to 05:00: camera unreachable" in page.text("#timeline")
    footage = page.text("#footage")
    assert "04:00 to 05:00 (camera unreachable)" in footage
    assert "Private hours 8 h 30 min 00:00 to 06:30 · 22:00 to 24:00" in footage
    assert "kitchen/chunk-20260310-040000.mp4 cannot be opened: no moov atom" in footage


def test_trouble_of_earlier_stages_is_told(day: Home) -> None:
    damaged = {"kitchen/chunk-20260310-110000.mp4": "broke off after 12 s"}
    day.tables.write(FRAMES, FRAMES.empty(), DATE, "kitchen", notes={"damaged": damaged})
    day.tables.write(DETECTIONS, DETECTIONS.empty(), DATE, "kitchen", notes={"rejected": 2, "model": "yolo26n"})
    report(day, DATE)
    page = page_of(day)
    assert "kitchen/chunk-20260310-110000.mp4 broke off after 12 s" in page.text("#footage")
    assert "2 rows of the tables broke the rules" in page.text("#footage")
    assert "the detector yolo26n" in page.text("#method")


def test_muted_things_are_shown(day: Home) -> None:
    row = ("kitchen", at(0), at(23), 0.9, 20, *BOX)
    day.tables.write(FIXTURES, pd.DataFrame([row], columns=list(FIXTURES.columns)), DATE, fingerprint="2")
    report(day, DATE)
    page = page_of(day)
    assert "A thing on Kitchen looks like a cat day and night and is ignored." in page.text("#fixtures")
    assert "data:image/jpeg" in page.html.split('id="fixtures"')[1].split("</section>")[0]


def test_the_same_input_gives_the_same_bytes_and_is_skipped(day: Home) -> None:
    first = report(day, DATE)
    before = [day.data.read(f"reports/{DATE}.{kind}") for kind in ("html", "csv")]
    assert not first.skipped and first.facts["bouts"] == first.facts["pictures"] == 5
    assert report(day, DATE).skipped
    assert not report(day, DATE, force=True).skipped
    assert [day.data.read(f"reports/{DATE}.{kind}") for kind in ("html", "csv")] == before


def _changes() -> Iterator[object]:
    def more_bouts(home: Home) -> None:
        home.tables.write(BOUTS, home.tables.read(BOUTS, DATE), DATE, fingerprint="2")

    def coverage_told(home: Home) -> None:
        coverage.record(home.tables, "hall", [Span(at(7), at(8))], home.zone)

    def lost_csv(home: Home) -> None:
        home.data.delete(f"reports/{DATE}.csv")

    def renamed(home: Home) -> None:
        path = home.root / "home.yaml"
        path.write_text(path.read_text("utf-8").replace("Miso", "Mimi"), "utf-8")

    def placed(home: Home) -> None:
        with (home.root / "home.yaml").open("a", encoding="utf-8") as file:
            file.write("place: {latitude: 52.5, longitude: 13.4}\n")

    for change in (more_bouts, coverage_told, lost_csv, renamed, placed):
        yield pytest.param(change, id=change.__name__)


@pytest.mark.parametrize("change", list(_changes()))
def test_a_change_writes_the_page_again(day: Home, change) -> None:  # type: ignore[no-untyped-def]
    report(day, DATE)
    change(day)
    again = open_home(day.root)
    assert not report(again, DATE).skipped
    assert report(again, DATE).skipped


def test_parameters_of_the_picture_count_and_those_of_the_night_do_not(day: Home) -> None:
    report(day, DATE)
    assert report(open_home(day.root, {"nightly.threads": "1"}), DATE).skipped
    assert not report(open_home(day.root, {"report.picture_width": "200"}), DATE).skipped
    assert {values["width"] for tag, values in page_of(day).tags if tag == "img"} == {"200"}


def test_deleted_footage_is_a_sentence(day: Home) -> None:
    for entry in day.footage.list("kitchen/"):
        day.footage.delete(entry.key)
    outcome = report(day, DATE)
    page = page_of(day)
    assert outcome.facts["pictures"] == 0 and not [tag for tag, _ in page.tags if tag == "img"]
    assert page.text(".missing").count("The footage of this moment is no longer kept.") == 5


def test_damaged_footage_is_a_sentence(day: Home) -> None:
    for entry in day.footage.list("kitchen/"):
        day.footage.write(entry.key, b"not a video")
    report(day, DATE)
    assert page_of(day).text(".missing").count("The footage of this moment cannot be read") == 5


def test_a_full_page_keeps_pictures_for_named_behaviours(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # Room for less than one picture: the first in the order still gets in, then the page is full. It is the meal's,
    # though the nameless bouts were earlier.
    monkeypatch.setattr(pictures, "ROOM", 1)
    key = paint_chunk(home.root / "data/footage", "kitchen", at(0), 4)
    rows = [bout("other", at(hour), at(hour, 5), chunk=key) for hour in (1, 2)]
    write_day(home, [*rows, bout("eating", at(3), at(3, 5), chunk=key)], [local_day(DATE, BERLIN)])
    report(home, DATE)
    page = page_of(home)
    meals = page.html.split('id="bouts-miso-1-eating"')[1].split("</section>")[0]
    assert "data:image/jpeg" in meals
    assert "2 bouts stand here without one" in page.text("#bouts")
    assert page.text(".missing").count("Left out, to keep this page small enough to open.") == 2


def test_csv_tells_local_time_and_utc(day: Home) -> None:
    report(day, DATE)
    rows = list(csv.DictReader(io.StringIO(day.data.read(f"reports/{DATE}.csv").decode())))
    assert len(rows) == 5
    meal = next(row for row in rows if row["behaviour"] == "eating")
    assert (meal["start_local"], meal["start_utc"]) == (
        "2026-03-10T06:00:00.000+01:00",
        "2026-03-10T05:00:00.000+00:00",
    )
    assert (meal["duration_s"], meal["x1"], meal["continues_after"], meal["cat"]) == (
        "300.000",
        "0.2500",
        "false",
        "miso",
    )
    for row in rows:
        local, utc = (dt.datetime.fromisoformat(row[name]) for name in ("end_local", "end_utc"))
        assert local == utc


def test_cats_without_a_name_are_numbered_not_guessed(home: Home) -> None:
    rows = [
        bout("sleeping", at(1), at(2), cat="unknown", animal=1),
        bout("other", at(1), at(1, 10), cat="unknown", animal=2),
        bout("other", at(1), at(1, 10), cat="unknown", animal=1),
    ]
    write_day(home, rows, [local_day(DATE, BERLIN)], (("unknown", 1), ("unknown", 2)))
    report(home, DATE)
    page = page_of(home)
    assert page.opening.startswith("At least 2 cats were seen. They are numbered, not named")
    assert "Cat 1 slept 1 h and spent 10 min on other things. Cat 2 spent 10 min on other things." in page.opening
    # Both began the same thing in the same second, so their bouts have one id; each still has its own place.
    assert len(page.ids) == len(set(page.ids)) and page.html.count("<article ") == 3


def test_one_cat_without_a_name(home: Home) -> None:
    # Number 1 was seen on a neighbouring day only; the one that was seen is the day's only cat, whatever its number.
    rows = [bout("eating", at(7), at(7, 4), cat="unknown", animal=2)]
    write_day(home, rows, [local_day(DATE, BERLIN)], (("unknown", 1), ("unknown", 2)))
    report(home, DATE)
    page = page_of(home)
    assert page.opening == "A cat ate once."
    assert "All 24 h of the day were recorded, by 1 camera. Of that, the cat was in sight for 4 min." in page.text(
        ".honest"
    )


def test_what_could_not_be_seen_is_not_reported_as_not_happening(home: Home) -> None:
    write_day(home, [bout("sleeping", at(1), at(2))], [local_day(DATE, BERLIN)], observed={"eating": 0.0})
    report(home, DATE)
    page = page_of(home)
    assert "Eating could not be seen: no camera that recorded has a zone food_bowl" in page.text(".honest")
    row = page.html.split("Eating</span>")[1].split("</tr>")[0]
    assert "could not be seen" in row and "not seen</td>" not in row


@pytest.mark.parametrize(
    ("recorded", "analysed", "sentence"),
    [
        ([local_day(DATE, BERLIN)], True, "No cat was seen in the 24 h that were recorded."),
        ([local_day(DATE, BERLIN)], False, "The night's work has not looked at this day yet"),
        ([], True, "No footage was recorded on this day."),
    ],
    ids=["empty", "not analysed", "no footage"],
)
def test_days_without_a_cat(home: Home, recorded: list[Span], analysed: bool, sentence: str) -> None:
    if analysed:
        write_day(home, [], recorded, (("unknown", 1),))
    else:
        coverage.record(home.tables, "kitchen", recorded, home.zone)
    report(home, DATE)
    page = page_of(home)
    assert page.opening.startswith(sentence)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert ("catml nightly --date 2026-03-10" in page.text(".honest")) != analysed
    assert "There is no bout on this day." in page.text("#bouts")


def test_a_day_nobody_knows_of_gets_no_page(home: Home) -> None:
    assert report(home, DATE).skipped
    assert page_dates(home) == []
    assert not report(home, DATE, force=True).skipped


@pytest.mark.parametrize(
    ("date", "hours", "labels", "change"),
    [
        # Berlin skips 02:00 to 03:00 on the one day and has it twice on the other: 06:00 is 5 or 7 hours after midnight.
        (dt.date(2026, 3, 29), 23, ["00", "03", "06", "09", "12", "15", "18", "21", "24"], "02:00 becomes 03:00"),
        (dt.date(2026, 10, 25), 25, ["00", "03", "06", "09", "12", "15", "18", "21", "24"], "03:00 becomes 02:00"),
    ],
)
def test_the_axis_is_true_on_days_that_are_not_24_hours(
    home: Home, date: dt.date, hours: int, labels: list[str], change: str
) -> None:
    day = local_day(date, BERLIN)
    write_day(home, [bout("sleeping", at(6, date=date), at(9, date=date))], [day], date=date)
    report(home, date)
    page = page_of(home, date)
    assert f"it is {hours} h long" in page.text(".honest")
    assert f"Clocks: {change}" in page.text(".changed")
    ticks = [(values["x"], text) for (tag, values), text in _tick_labels(page)]
    assert [text for _, text in ticks] == labels
    assert float(dict((text, x) for x, text in ticks)["06"].rstrip("%")) == pytest.approx(
        100 * (hours - 18) / hours, abs=0.001
    )
    left = re.search(r'<title>Sleeping, 06:00 to 09:00, 3 h</title><rect x="([\d.]+)%" width="([\d.]+)%"', page.html)
    assert left and float(left[2]) == pytest.approx(100 * 3 / hours, abs=0.001)
    tables = page.html.split("<tfoot>")[1]
    assert f'value="{hours * 3600.0}"' in tables


def _tick_labels(page: Page) -> Iterator[tuple[tuple[str, dict[str, str]], str]]:
    """Labels of the day's axis (the first drawing) with the element that places them."""
    svg = page.html.split('class="timeline"')[1].split("</svg>")[0]
    for match in re.finditer(r'<text x="([\d.]+%)"[^>]*class="tick">(\d\d)', svg):
        yield ("text", {"x": match[1]}), match[2]


def test_an_hour_that_comes_twice_is_labelled_twice() -> None:
    # Havana puts its clocks back from 01:00 to 00:00: midnight comes twice, and the day has 25 hours.
    zone = ZoneInfo("America/Havana")
    axis = Axis(local_day(dt.date(2025, 11, 2), zone), zone)
    ticks = axis.day_ticks()
    assert [tick.hour for tick in ticks][:3] == ["00", "00", "03"]
    assert [tick.at for tick in ticks][:3] == pytest.approx([0, 4, 16])
    assert [change.words for change in axis.changes()] == ["01:00 becomes 00:00"]


def test_short_footage_is_drawn_again_larger(home: Home) -> None:
    begin = at(9)
    rows = [bout("sleeping", begin, begin + dt.timedelta(minutes=4)), bout("eating", at(9, 5), at(9, 6))]
    write_day(home, rows, [Span(begin, at(9, 12))])
    report(home, DATE)
    page = page_of(home)
    assert "The footage from 09:00 to 09:12, larger" in page.text("#timeline")
    drawings = page.html.split('class="timeline"')[1:]
    assert len(drawings) == 2
    # A third of the larger axis, where the day's axis gives it a quarter of a percent.
    assert re.search(r'Sleeping, 09:00 to 09:04, 4 min</title><rect x="0.000%" width="33.333%"', drawings[1])
    assert re.findall(r'class="tick">([\d:]+)', drawings[1]) == ["09:00", "09:05", "09:10"]


def test_zooms_follow_the_footage() -> None:
    day = local_day(DATE, BERLIN)
    clips = [Span(at(hour), at(hour, 0, 20)) for hour in (8, 14, 20)]
    assert zooms(clips, day) == clips
    assert zooms([Span(at(8), at(8, 5)), Span(at(8, 10), at(8, 15))], day) == [Span(at(8), at(8, 15))]
    assert zooms([Span(at(8), at(12))], day) == []  # 4 of 24 hours can be read on the day's own axis
    assert zooms([], day) == []
    assert len(zooms([Span(at(hour), at(hour, 1)) for hour in range(20)], day)) == 12


def test_night_is_shaded_where_the_place_is_known(day: Home) -> None:
    report(day, DATE)
    assert 'class="night"' not in page_of(day).html
    with (day.root / "home.yaml").open("a", encoding="utf-8") as file:
        file.write("place: {latitude: 52.52, longitude: 13.405}\n")
    report(open_home(day.root), DATE)
    assert 'class="night"' in page_of(day).html.split('class="timeline"')[1]


def test_nights_end_at_sunrise_and_begin_at_sunset() -> None:
    # Sampled here; astral solves for the same moments by another way (it adds the refraction itself).
    dark = nights(local_day(DATE, BERLIN), Place(latitude=52.52, longitude=13.405))
    solved = sun(Observer(52.52, 13.405), DATE, tzinfo=BERLIN)
    assert len(dark) == 2
    assert abs((dark[0].end - solved["sunrise"]).total_seconds()) <= 120
    assert abs((dark[1].start - solved["sunset"]).total_seconds()) <= 120
    # Tromsø has no night at midsummer and no day at midwinter: neither is an error.
    tromso, oslo = Place(latitude=69.65, longitude=18.96), ZoneInfo("Europe/Oslo")
    assert nights(local_day(dt.date(2026, 6, 21), oslo), tromso) == []
    assert nights(local_day(dt.date(2026, 12, 21), oslo), tromso) == [local_day(dt.date(2026, 12, 21), oslo)]


def test_names_are_text_never_markup(home_factory: HomeFactory) -> None:
    home = home_factory(CAMERAS, more='cats:\n  miso: {name: "<img src=x onerror=1>"}\n')
    write_day(home, [bout("playing_chess", at(1), at(2), evidence="<b>bold</b> & 'quoted'")], [local_day(DATE, BERLIN)])
    report(home, DATE)
    page = page_of(home)
    assert "<img src=x" not in page.html and "<b>bold" not in page.html
    assert "<img src=x onerror=1>: playing chess" in page.text("#bouts")
    assert "<b>bold</b> & 'quoted'." in page.text(".about")


def test_works_on_every_screen(day: Home) -> None:
    report(day, DATE)
    page = page_of(day)
    assert any(values.get("name") == "viewport" for _, values in page.tags)
    style = page.html.split("<style>")[1].split("</style>")[0]
    assert "prefers-color-scheme:dark" in style and "@media print" in style and "tabular-nums" in style
    for name, mark in look.BEHAVIOURS.items():
        assert f"--{look.css_name(name)}:{mark.light}" in style and mark.dark in style
    pictures_without_words = [values for tag, values in page.tags if tag == "img" and not values.get("alt")]
    assert not pictures_without_words
    assert {level for tag, _ in page.tags if (level := tag) in ("h1", "h2", "h3", "h4")} == {"h1", "h2", "h3", "h4"}


def test_old_pages_go_and_their_bouts_stay(day: Home) -> None:
    report(day, DATE)
    written, keep = dt.datetime(2026, 5, 1, 12, tzinfo=day.zone), day.params.report.keep_days
    page = day.root / "data" / "reports" / f"{DATE}.html"
    os.utime(page, (written.timestamp(), written.timestamp()))
    assert expire(day, written.date() + dt.timedelta(days=keep)) == []
    assert expire(day, written.date() + dt.timedelta(days=keep + 1)) == [DATE]
    assert page_dates(day) == [] and day.data.find(f"reports/{DATE}.csv") is not None


def test_a_new_page_of_an_old_day_stays(day: Home) -> None:
    report(day, DATE)
    assert expire(day, dt.datetime.now(day.zone).date()) == [], "it shows a day of long ago, but was written now"
    assert page_dates(day) == [DATE]
