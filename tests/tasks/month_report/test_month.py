"""The report of a month, from tables of counts to sentences, pages and numbers; first of all where little is known."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from html.parser import HTMLParser

import pytest

from home.clock import local_day
from home.errors import WrongUse
from home.folder import Home
from home.speech.month import Month, parse_month
from home.tables import ANOMALIES, BOUTS, FORECASTS, HABITS
from home.terminal import Terminal
from tasks.month import HOME, month, reports_before
from tasks.month_report.numbers import Numbers
from tasks.telling_month import report_month
from tests.clips import paint_chunk, walking
from tests.conftest import HomeFactory
from tests.tasks.month_report.kept import CATS, days, every, keep, put

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
AFTER = "2026-12-01"


class Page(HTMLParser):
    """What a page says in words, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.links, self.ids, self.open = list[str](), list[str](), set[str](), list[str]()
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if tag not in ("meta", "img", "br", "input"):
            self.open.append(tag)
        if own.get("href"):
            self.links.append(own["href"] or "")
        if own.get("id"):
            assert own["id"] not in self.ids, f"twice: {own['id']}"
            self.ids.add(own["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data.replace("\N{NO-BREAK SPACE}", " "))

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def written(home: Home, which: Month = NOVEMBER, name: str = "miso") -> tuple[Numbers, Page]:
    """The numbers and the page of a report; every link within it leads somewhere."""
    folder = home.root / "data/months" / str(which)
    numbers = Numbers.model_validate_json((folder / f"{name}.json").read_text("utf-8"))
    page = Page((folder / f"{name}.html").read_text("utf-8"))
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    return numbers, page


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_TODAY", AFTER)


def test_a_month_in_one_sentence_and_twice_the_same_bytes(home_factory: HomeFactory) -> None:
    """Four meals a day in October and six in November, on each of 30 and more days: the bootstrap has no doubt."""
    home = home_factory(more=CATS)
    before, now = days(OCTOBER.first, OCTOBER.last), days(NOVEMBER.first, NOVEMBER.last)
    done = every(home, before, (1, 7, 13, 19)) + every(home, now, (1, 5, 9, 13, 17, 21))
    keep(home, done, [*before, *now])
    assert month(home, [NOVEMBER]).facts == {"reports": 2}
    numbers, page = written(home)
    assert numbers.sentences[0] == "Miso ate 6 times a day, 2 more than in October."
    assert numbers.sentences[1].startswith("What was unusual in this month could not be judged")
    assert numbers.sentences[0] in page.text and "eating for 100 % of the month" in page.text
    assert "Could not be seen: sleeping, playing, grooming, scratching, hunting and using the litter box." in page.text
    assert written(home, name=HOME)[0].sentences[0] == numbers.sentences[0]
    folder = home.root / "data/months/2026-11"
    for path in folder.iterdir():  # nothing of this machine goes in
        assert str(home.root.parent).encode() not in path.read_bytes()
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert month(home, [NOVEMBER]).skipped
    month(home, [NOVEMBER], force=True)
    assert first == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"miso.html", "miso.json", "home.html", "home.json"} <= set(first)
    # What is new is told: another event makes another report.
    keep(home, [*done, ("miso", "eating", local_day(now[0], home.zone).start + dt.timedelta(hours=3), 60)], now[:1])
    assert not month(home, [NOVEMBER]).skipped and written(home)[0].days[0].behaviours["eating"][0] == 7


def test_a_page_asks_nobody_and_runs_nothing(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    keep(home, every(home, days(NOVEMBER.first, NOVEMBER.last), (8,)), days(NOVEMBER.first, NOVEMBER.last))
    month(home, paper=False)
    for path in (home.root / "data/months/2026-11").glob("*.html"):
        text = path.read_text("utf-8")
        assert "<script" not in text and not re.search(r"(?:src|href)=\"(?!#|data:|\.\./|[\w-]+\.html)", text)
        assert "default-src 'none'" in text


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_history_at_all(home_factory: HomeFactory, language: str) -> None:
    home = home_factory(more=f"{CATS}language: {language}\n")
    month(home, [NOVEMBER], paper=language == "de")
    numbers, page = written(home)
    nothing = {"en": "Nobody watched in November 2026", "de": "Im November 2026 hat niemand beobachtet"}[language]
    assert numbers.sentences[0].startswith(nothing) and nothing in page.text
    assert all(each.events_a_day is None and not each.enough for each in numbers.behaviours)
    assert written(home, name=HOME)[0].sentences[0].startswith(nothing)
    assert month(home).skipped  # and by itself it writes no month that nothing is known of


def test_a_home_without_cats(home_factory: HomeFactory) -> None:
    home = home_factory()
    assert month(home, [NOVEMBER], paper=False).facts == {"reports": 1}
    assert "home.yaml names no cat yet" in written(home, name=HOME)[1].text


def test_one_single_event(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    date = dt.date(2026, 11, 3)
    keep(home, every(home, [date], (7.2,)), [date], hours=(6, 11))
    month(home, [NOVEMBER], ["miso"], paper=False)
    numbers, page = written(home)
    assert numbers.sentences[:2] == [
        "Miso could be seen for only 5 h in November 2026: too little to speak of a usual day.",
        "In that time: 1 meal.",
    ]
    assert " a day" not in " ".join(numbers.sentences)
    assert len(numbers.events) == 1 and "07:12" in page.text
    assert numbers.behaviours[1].events_a_day is None


def test_a_cat_that_came_yesterday(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The month is going on, and of all of it one day is known."""
    monkeypatch.setenv("CATML_TODAY", "2026-11-21")
    home = home_factory(more=CATS)
    date = dt.date(2026, 11, 20)
    keep(home, every(home, [date], (7, 12, 18)), [date])
    month(home, [NOVEMBER], ["miso"], paper=False)
    numbers, page = written(home)
    assert not numbers.over and numbers.until == date
    assert "The month is not over: this is what is known up to 20 November." in page.text
    assert numbers.sentences[1] == "In that time: 3 meals."


def test_a_behaviour_never_seen_is_told_as_never_seen_and_one_not_observed_is_not(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    dates = days(NOVEMBER.first, NOVEMBER.last)
    keep(home, every(home, dates, (7, 18)), dates, behaviours=("eating", "scratching"))
    month(home, [NOVEMBER], ["miso"], paper=False)
    _, page = written(home)
    assert "Not once seen in the time observed: scratching." in page.text
    assert "Could not be seen: sleeping, playing, grooming, hunting and using the litter box." in page.text
    assert "never seen" in page.text


def test_hours_that_nobody_watches_are_not_made_up(home_factory: HomeFactory) -> None:
    """Two meals in the twelve hours that are watched are two a day, not four."""
    home = home_factory(more=CATS)
    dates = days(NOVEMBER.first, NOVEMBER.last)
    keep(home, every(home, dates, (9, 18)), dates, hours=(8, 20))
    month(home, [NOVEMBER], ["miso"], paper=False)
    numbers, page = written(home)
    assert numbers.sentences[0] == "Miso ate twice a day."
    assert "Only 12 hours of the day were ever watched" in page.text
    assert {value is None for value in numbers.heatmaps[0].values[0][:8]} == {True}
    assert "url(#hatch-gap)" in (home.root / "data/months/2026-11/miso.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("which", "zone", "date", "hours", "words"),
    [
        (Month(2026, 3), "Europe/Berlin", dt.date(2026, 3, 29), 23, "On 29 March the clocks went forward."),
        (Month(2026, 10), "Europe/Berlin", dt.date(2026, 10, 25), 25, "On 25 October the clocks went back."),
        (Month(2024, 2), "Europe/Berlin", dt.date(2024, 2, 29), 24, ""),
        (Month(2026, 10), "Asia/Kathmandu", dt.date(2026, 10, 25), 24, ""),
    ],
)
def test_clock_changes_a_leap_day_and_kathmandu(
    home_factory: HomeFactory, which: Month, zone: str, date: dt.date, hours: int, words: str
) -> None:
    """Three meals on every local day: three a day, whatever the length of one of them."""
    home = home_factory(more=f"{CATS}place: {{latitude: 27.7, longitude: 85.3}}\n", timezone=zone)
    keep(home, every(home, which.dates, (4.5, 9, 20)), which.dates)
    month(home, [which], ["miso"], paper=False)
    numbers, page = written(home, which)
    assert numbers.sentences[0] == "Miso ate 3 times a day."
    own = {day.date: day for day in numbers.days}
    assert own[date].seconds == hours * 3600 and own[date].behaviours["eating"] == (3, 270.0, hours * 3600.0)
    assert len(numbers.days) == len(which.dates) and numbers.over
    assert ("clocks" in page.text) == bool(words) and words in page.text
    assert f"#e-{date}-eating" in page.links


def test_alarms_forecasts_and_where_they_lead(home_factory: HomeFactory) -> None:
    """A forecast that held, one that did not, one that nobody could judge; and an alarm with the event it rests on."""
    home = home_factory(more=f"{CATS}language: de\n")
    dates = [date for date in days(NOVEMBER.first, NOVEMBER.last) if date.day != 15]  # the 15th was not watched
    meals = every(home, dates, (7, 18))
    keep(home, meals, dates)
    for day, low, high in ((8, 6.5, 7.5), (10, 8.0, 9.0), (15, 6.5, 7.5)):
        made = local_day(dt.date(2026, 11, day), home.zone).start
        step = (high - low) / 4
        moments = [made + dt.timedelta(hours=low + step * number) for number in range(5)]
        row = ["miso", "eating", made, "next_event", made, *moments, float("nan"), "habit", 0.1, False]
        put(home, FORECASTS, [row], dt.date(2026, 11, day))
    made = local_day(dt.date(2026, 11, 22), home.zone).start
    none = [None] * 5
    silent = ["miso", "eating", made, "next_event", made, *none, float("nan"), "habit", 0.0, True]
    put(home, FORECASTS, [silent], dt.date(2026, 11, 22))
    put(
        home,
        HABITS,
        [["miso", "eating", made, "habit", True, "no_better", 40, 20.0, 100, 1.0, 1.0, 0.0, 0.0, 0.0, 0.5, 0.8]],
        dt.date(2026, 11, 22),
    )
    meal = meals[8][2]
    found = ["miso", "more_often", "eating", meal, meal, meal + dt.timedelta(hours=2), "warning", 9.0, "…",
             [("hours", 12.0), ("observed_h", 12.0), ("seen", 6.0), ("usual", 1.0)], [meal]]  # fmt: skip
    put(home, ANOMALIES, [found], meal.date())
    month(home, [NOVEMBER], ["miso"], paper=False)
    numbers, page = written(home)
    assert [each.outcome for each in numbers.foretold] == ["hit", "early", "unseen"]
    assert "Fressen: 1 von 2 Vorhersagen dieses Monats trafen zu, 8 von 10 sollten es." in page.text
    assert "1 ließ sich nicht beurteilen" in page.text
    assert "Fressen: keine Vorhersage; keine war sicher besser" in page.text
    assert numbers.sentences[-1] == "1 Auffälligkeit; siehe unten."
    assert "6 Mahlzeiten in 12 h; üblich wären 1." in page.text and "Warnung" in page.text
    assert f"#e-{meal.astimezone(home.zone).date()}-eating" in page.links


def test_a_forecast_of_every_night_stays_readable(home_factory: HomeFactory) -> None:
    """The sentence counts all of them, the table shows the newest; why a night is silent is what the week before it found."""
    home = home_factory(more=CATS)
    dates = days(NOVEMBER.first, NOVEMBER.last)
    keep(home, every(home, dates, (7, 18)), dates, behaviours=("eating", "using_litter_box"))
    weeks = {date: local_day(date, home.zone).start for date in (dates[0], dates[7])}
    rest = [3, 6.0, 0, *[float("nan")] * 7]
    for date, made in weeks.items():
        reason = "too_little" if date == dates[7] else "no_better"
        put(home, HABITS, [["miso", "using_litter_box", made, "", True, reason, *rest]], date)
    for date in dates:
        made = local_day(date, home.zone).start
        moments = [made + dt.timedelta(hours=6.5 + number / 4) for number in range(5)]
        said = ["miso", "eating", made, "next_event", made, *moments, float("nan"), "habit", 0.1, False]
        silent = [
            "miso",
            "using_litter_box",
            made,
            "next_event",
            made,
            *[None] * 5,
            float("nan"),
            "",
            float("nan"),
            True,
        ]
        put(home, FORECASTS, [said, silent], date)
    month(home, [NOVEMBER], ["miso"], paper=False)
    numbers, page = written(home)
    assert len(numbers.foretold) == 30 and "Eating: 30 of 30 forecasts of this month held" in page.text
    assert "Of each behaviour the newest 12 are shown; the sentences above count all." in page.text
    assert page.text.count("07:00 (06:30 to 07:30)") == 12
    assert [each.reason for each in numbers.next] == ["", "too_little"]
    assert ": no forecast yet; too little is known to judge one by." in page.text


def test_numbers_lead_to_the_bouts_of_the_day_page(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    dates = days(NOVEMBER.first, NOVEMBER.last)
    keep(home, every(home, dates, (7,)), dates)
    home.data.write("reports/2026-11-03.html", b"the page of the day")
    chunk = "kitchen/chunk-20261104-060000.mp4"
    start = local_day(dt.date(2026, 11, 4), home.zone).start + dt.timedelta(hours=7)
    nan = float("nan")
    put(home, BOUTS, [["miso", 1, "eating", start, start + dt.timedelta(seconds=90), 90.0, 0.9, ["kitchen"], chunk, 61.5,
                       False, False, "b000", "", "kitchen", nan, nan, nan, nan]], dt.date(2026, 11, 4))  # fmt: skip
    home.footage.write(chunk, b"")
    month(home, [NOVEMBER], ["miso"], paper=False)
    _, page = written(home)
    assert "../../reports/2026-11-03.html" in page.links and "../../reports/2026-11-03.html#bout-b000" in page.links
    (clip,) = [link for link in page.links if "chunk-" in link]
    path, _, moment = clip.partition("#")
    assert (
        moment == "t=61" and (home.root / "data/months/2026-11" / path).resolve() == home.root / "data/footage" / chunk
    )


def test_an_alarm_shows_what_it_rests_on_while_there_is_footage(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    dates = days(dt.date(2026, 11, 3), dt.date(2026, 11, 4))
    meals = every(home, dates, (7,))
    keep(home, meals, dates)
    meal = meals[1][2]
    assert home.footage.folder is not None
    chunk = paint_chunk(home.footage.folder, "kitchen", meal - dt.timedelta(seconds=5), 20, walking)
    put(home, BOUTS, [["miso", 1, "eating", meal, meal + dt.timedelta(seconds=90), 90.0, 0.9, ["kitchen"], chunk, 5.0,
                       False, False, "b000", "", "kitchen", 0.3, 0.3, 0.7, 0.8]], dates[1])  # fmt: skip
    found = ["miso", "more_often", "eating", meal, meal, meal + dt.timedelta(hours=2), "warning", 9.0, "…",
             [("hours", 12.0), ("observed_h", 12.0), ("seen", 6.0), ("usual", 1.0)], [each[2] for each in meals]]  # fmt: skip
    put(home, ANOMALIES, [found], dates[1])

    month(home, [NOVEMBER], ["miso"], paper=False)
    html = (home.root / "data/months/2026-11/miso.html").read_text("utf-8")
    (shown,) = re.findall(r'<div class="alarm-pictures">.*?</div>', html, re.DOTALL)
    (jpeg,) = re.findall(r'data:image/jpeg;base64,([^"]+)', shown)
    assert base64.b64decode(jpeg)[:2] == b"\xff\xd8" and "#t=5" in shown, "a picture, and the clip from there on"
    home.footage.delete(chunk)
    month(home, [NOVEMBER], ["miso"], paper=False, force=True)
    assert "No picture: the footage is no longer kept" in written(home)[1].text


def test_the_numbers_have_names_that_stay(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    keep(home, every(home, days(NOVEMBER.first, NOVEMBER.last), (7,)), days(NOVEMBER.first, NOVEMBER.last))
    month(home, [NOVEMBER], ["miso"], paper=False)
    tree = json.loads((home.root / "data/months/2026-11/miso.json").read_text("utf-8"))
    assert list(tree) == [
        "schema_version", "month", "timezone", "language", "cat", "name", "over", "until", "sentences", "footing",
        "looked_days", "behaviours", "heatmaps", "rhythms", "changes", "foretold", "next", "alarms", "weight", "days", "events",
        "sources", "fingerprint",
    ]  # fmt: skip
    assert list(tree["behaviours"][0]) == [
        "behaviour", "events", "seconds", "observed_s", "of_s", "unknown_events", "timed", "enough", "watched_h",
        "events_a_day", "seconds_a_day", "events_then", "seconds_then",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "November", "0000-01", "9999-12"])
def test_what_is_no_month(text: str) -> None:
    from home.errors import WrongUse

    with pytest.raises(WrongUse, match="it must be YYYY-MM"):
        parse_month(text)


def test_a_pdf_of_other_numbers_does_not_stay(home_factory: HomeFactory) -> None:
    """One report printed beside the page; then the day before is counted too, and nobody asks for paper."""
    home = home_factory(more=CATS)
    first, second = dt.date(2026, 11, 2), dt.date(2026, 11, 3)
    keep(home, every(home, [first], (8,)), [first])
    month(home, [NOVEMBER], ["miso"])
    pdf = home.root / "data/months/2026-11/miso.pdf"
    assert pdf.read_bytes().startswith(b"%PDF-")
    keep(home, every(home, [second], (8,)), [second])
    month(home, [NOVEMBER], ["miso"], paper=False)
    assert not pdf.exists() and len(written(home)[0].events) == 2
    assert not month(home, [NOVEMBER], ["miso"]).skipped and pdf.exists()


def test_a_report_that_rests_on_what_was_corrected_since_is_named(home_factory: HomeFactory) -> None:
    home, dates = home_factory(more=CATS), days(NOVEMBER.first, NOVEMBER.last)
    keep(home, every(home, dates, (8,)), dates)
    month(home, [NOVEMBER], paper=False)
    assert reports_before(home, dates) == []
    keep(home, every(home, dates[:1], (8, 9)), dates[:1])
    assert reports_before(home, dates[:1]) == [NOVEMBER] == reports_before(home, [dt.date(2026, 9, 30)])
    assert reports_before(home, [dt.date(2026, 8, 31)]) == [], "no report there looks at August"
    month(home, [NOVEMBER], paper=False)
    assert reports_before(home, dates) == []


def test_a_report_is_of_a_named_cat_or_of_the_home(home_factory: HomeFactory) -> None:
    home = home_factory(more=CATS)
    for name in ("unknown", "mso"):
        with pytest.raises(WrongUse, match=rf"no cat '{name}'; it has: miso \(Miso\)\. Add one under `cats:`$"):
            report_month(Terminal(as_json=False, quiet=True), home, "2026-11", [name])


@pytest.mark.parametrize(
    ("judged", "said", "nights"),
    [([], "What was unusual in this month could not be judged", 0), (["eating"], "Nothing unusual was found.", 1)],
)
def test_nothing_unusual_is_only_said_of_what_was_judged(
    home_factory: HomeFactory, judged: list[str], said: str, nights: int
) -> None:
    home, seen = home_factory(more=CATS), days(NOVEMBER.first, NOVEMBER.last)
    keep(home, every(home, seen, (1, 13)), seen)
    put(home, ANOMALIES, [], NOVEMBER.last, notes={"judged": {"miso": judged}, "lasting": []})
    month(home, [NOVEMBER], paper=False)
    for name in ("miso", HOME):
        numbers, page = written(home, name=name)
        assert numbers.sentences[-1].startswith(said) and numbers.looked_days == nights
        assert ("Nothing unusual" in page.text) == bool(judged)
