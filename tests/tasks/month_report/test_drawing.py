"""The actogram and the drawings on paper."""

from __future__ import annotations

import base64
import datetime as dt
import re
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np

from home.clock import local_day
from home.config import Place
from home.day.drawing import swatch
from home.speech.speech import Speech
from models.habits.history import History
from tasks.month_report.actogram import ROW, actogram_of
from tasks.month_report.heat import heat_of
from tasks.month_report.numbers import Heatmap
from tasks.month_report.paper import for_paper
from tasks.month_report.strips import cover_strip

KATHMANDU = ZoneInfo("Asia/Kathmandu")
DATES = [dt.date(2026, 3, day) for day in (1, 2, 3)]
SPEECH = Speech("en", KATHMANDU)


def drawn(place: Place | None = None) -> str:
    """A meal of an hour at 06:00 on the second of three days; the afternoon of the first was not watched."""
    first, second, third = (local_day(date, KATHMANDU) for date in DATES)
    noon, end = first.start.timestamp() + 12 * 3600, third.end.timestamp()
    observed = np.array([[first.start.timestamp(), noon], [second.start.timestamp(), end]])
    start = second.start.timestamp() + 6 * 3600
    known = History(np.array([start]), np.array([3600.0]), observed, np.empty(0), KATHMANDU)
    return str(actogram_of({"eating": known}, DATES, observed, place, SPEECH).drawing)


def test_a_bout_stands_on_its_own_date_and_beside_the_date_before() -> None:
    (path,) = re.findall(r'<path d="([^"]*)"', drawn())
    own, beside = f"M360 {ROW + 1}h60", f"M{1440 + 360} 1h60"
    assert own in path and beside in path and path.count("M") == 2


def test_what_was_not_watched_is_hatched_and_the_next_month_is_left_out() -> None:
    page = drawn()
    gaps = re.findall(r'<rect x="([\d.]+)%" width="([\d.]+)%" y="(\d+)" height="\d+" fill="url\(#hatch-gap\)"', page)
    assert [(float(x), float(width), int(y)) for x, width, y in gaps] == [(25.0, 25.0, 1)]
    strips = re.findall(r'<rect ([^>]*)class="strip"', page)
    assert ['width="50%"' in strip for strip in strips] == [False, False, True]


def test_night_is_drawn_where_the_home_has_a_place() -> None:
    assert 'class="night"' not in drawn()
    nights = re.findall(
        r'x="([\d.]+)%" width="([\d.]+)%" y="0"[^>]*class="night"', drawn(Place(latitude=27.7, longitude=85.3))
    )
    # The sun rises in Kathmandu at about 06:30 and sets at about 18:05 in the first days of March.
    sunrise = min(float(x) + float(width) for x, width in nights if float(x) == 0)
    sunset = min(float(x) for x, _ in nights if float(x) > 0)
    assert 6 < sunrise * 0.48 < 7 and 17.5 < sunset * 0.48 < 18.75


def test_an_hour_without_observation_is_no_step_of_the_scale() -> None:
    values: list[list[float | None]] = [[0.0] * 24 for _ in range(7)]
    values[2][5], values[3][6] = None, 0.8
    heat = heat_of(Heatmap(of="eating", unit="events_an_hour", values=values), SPEECH)
    assert heat.drawing.count("url(#hatch-gap)") == 1 and heat.holes and heat.high == "1"
    assert (
        "Wednesday 5:00–6:00: Not observed" in heat.drawing
        and "Thursday 6:00–7:00: 0.8 per observed hour" in heat.drawing
    )


def test_on_paper_every_drawing_stands_alone() -> None:
    """Neither the page's colours nor its hatches reach a drawing there; one holds another."""
    page = f"<p>before</p>{swatch('eating')}<p>between</p>{drawn(Place(latitude=27.7, longitude=85.3))}<p>behind</p>"
    paper = for_paper(page)
    assert [word in paper for word in ("before", "between", "behind")] == [True] * 3
    drawings = [base64.b64decode(each).decode() for each in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", paper)]
    assert len(drawings) == 2 and "<svg" not in paper, "the actogram holds another drawing"
    for svg in drawings:
        ElementTree.fromstring(svg)
        assert set(re.findall(r"url\(#([\w-]+)\)", svg)) == set(re.findall(r'<pattern id="([\w-]+)"', svg)) != set()
        assert "var(" not in svg
    assert "#D55E00" in drawings[0] and "".join(drawings).count("<svg") == page.count("<svg")


def on_paper(svg: str) -> str:
    """A drawing as the picture that it is on paper."""
    return base64.b64decode(re.findall(r"base64,([^\"]+)", for_paper(svg))[0]).decode()


def test_on_paper_a_heatmap_is_as_many_pieces_as_it_has_colours() -> None:
    values: list[list[float | None]] = [[(hour % 3) / 2 for hour in range(24)] for _ in range(7)]
    values[2][5] = None
    svg = on_paper(heat_of(Heatmap(of="eating", unit="events_an_hour", values=values), SPEECH).drawing)
    cells = re.findall(r'<path d="([^"]*)" fill="none" stroke="(#\w+)" stroke-width="21"', svg)
    assert sorted(line.count("M") for line, _ in cells) == [55, 56, 56] and len({colour for _, colour in cells}) == 3
    assert svg.count("url(#hatch-gap)") == 1 and "<title" not in svg
    assert "M67.28 28.5h23.55" in cells[0][0], "Monday's first hour: a tenth of 672.8 pixels from the left"


def test_on_paper_what_was_recorded_lies_over_what_was_not() -> None:
    """The first date was recorded whole, the second for a half: no hatch may hide what came before it."""
    svg = on_paper(cover_strip({DATES[0]: 1.0, DATES[1]: 0.5}, DATES, "camera", SPEECH))
    assert svg.index("url(#hatch-gap)") < svg.index("fill:#4B5563"), "painted later"
    assert svg.count("<path") == 3 + 3, "not recorded, recorded, to come; and three lines of the hatch"
