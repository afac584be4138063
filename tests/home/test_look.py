"""One visual language: colours that can be read and told apart, in colour and in grey, and numbers as people say them."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import xml.etree.ElementTree as ET
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from home import look
from home.ethogram import BEHAVIOURS

BERLIN = ZoneInfo("Europe/Berlin")


def test_contrast_agrees_with_the_standard() -> None:
    # WCAG 2.2: black on white is 21:1; #777777 on white is the well-known grey that just misses 4.5:1 (4.48).
    assert look.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert look.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent"])
@pytest.mark.parametrize("ground", ["page", "surface"])
def test_text_reads_on_every_ground(side: int, ink: str, ground: str) -> None:
    assert look.contrast(look.THEME[ink][side], look.THEME[ground][side]) >= 4.5


def test_every_behaviour_of_the_ethogram_has_its_mark() -> None:
    assert tuple(look.BEHAVIOURS) == BEHAVIOURS


@pytest.mark.parametrize("name", look.BEHAVIOURS)
def test_letters_read_on_their_colour(name: str) -> None:
    mark = look.BEHAVIOURS[name]
    for fill in (mark.light, mark.dark):
        assert look.contrast(look.ink_on(fill), fill) >= 4.5


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_muted_text_reads_where_night_is_shaded(side: int) -> None:
    assert look.contrast(look.THEME["muted"][side], look.THEME["night"][side]) >= 4.5


def test_every_behaviour_has_its_own_colour_and_can_be_told_without_it() -> None:
    marks = list(look.BEHAVIOURS.values())
    assert len({mark.light for mark in marks}) == len({mark.dark for mark in marks}) == len(marks)
    assert len({(mark.letter, mark.hatch) for mark in marks}) == len(marks)
    assert len({mark.letter for mark in marks if mark.letter}) == 7  # all but `other`


def test_unseen_and_gap_look_like_no_behaviour_and_unlike_each_other() -> None:
    unseen, gap = look.UNSEEN, look.GAP
    assert gap.hatch != look.PLAIN and unseen.hatch == look.PLAIN
    for state in (unseen, gap):
        assert not state.letter
        assert all(state.hatch != mark.hatch or state.hatch == look.PLAIN for mark in look.BEHAVIOURS.values())
        for side, mark in itertools.product((0, 1), look.BEHAVIOURS.values()):
            fills = [(one.light, one.dark)[side] for one in (state, mark)]
            assert look.contrast(*fills) > 1.5, (state.label, mark.label, side)


def _tile(hatch: look.Hatch, side: int = 120) -> np.ndarray:
    """Coarse raster of a hatch, 4 samples a pixel: 1 where it is inked."""
    y, x = np.mgrid[0:side, 0:side] / 4 % hatch.size
    inked = np.zeros((side, side), bool)
    for x1, y1, x2, y2 in hatch.lines:
        along = np.array([x2 - x1, y2 - y1], float)
        share = np.clip(((x - x1) * along[0] + (y - y1) * along[1]) / (along @ along), 0, 1)
        inked |= np.hypot(x - x1 - share * along[0], y - y1 - share * along[1]) < 0.65
    for cx, cy, radius in hatch.circles:
        away = np.hypot(x - cx, y - cy)
        inked |= away < radius if hatch.filled else abs(away - radius) < 0.65
    return inked


def test_hatches_differ_when_drawn() -> None:
    hatched = {name: _tile(mark.hatch) for name, mark in look.MARKS.items() if mark.hatch != look.PLAIN}
    for name, tile in hatched.items():
        assert 0.08 < tile.mean() < 0.6, name  # seen, and the fill still seen between
    for (one, first), (other, second) in itertools.combinations(hatched.items(), 2):
        assert (first != second).mean() > 0.1, (one, other)


def test_a_behaviour_of_the_homes_own_gets_its_name_and_the_look_of_other() -> None:
    mark = look.mark_of("knocking_things_over")
    assert (mark.label, mark.light) == ("Knocking things over", look.BEHAVIOURS["other"].light)
    assert look.mark_of("eating") is look.BEHAVIOURS["eating"]


def test_css_and_patterns_name_the_same_colours() -> None:
    css, svg = look.css_variables(), look.svg_patterns()
    light, dark = css.split("@media screen and (prefers-color-scheme:dark)")
    used = set(re.findall(r"var\((--[a-z-]+)\)", svg))
    assert used
    for half in (light, dark):
        assert used <= {name for name, _ in re.findall(r"(--[a-z-]+):(#[0-9A-F]{6})", half)}
    assert "--using-litter-box:#56B4E9" in light and "--using-litter-box:#8CD0F5" in dark
    ids = [pattern.get("id") for pattern in ET.fromstring(f"<defs>{svg}</defs>")]
    assert ids == [f"hatch-{look.css_name(name)}" for name in look.MARKS]


def test_rgb_reads_a_colour() -> None:
    assert look.rgb("#0072B2") == (0, 114, 178)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (596, "10 min"),
        (725, "12 min"),
        (3570, "1 h"),  # 59.5 min: rounded before hours are taken out, so never "60 min"
        (54_600, "15 h 10 min"),
        (90_000, "25 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert look.duration(seconds) == words


def test_counts_and_lists() -> None:
    assert [look.times(count) for count in (1, 2, 3)] == ["once", "twice", "3 times"]
    assert [look.counted(count, "camera") for count in (0, 1, 2)] == ["0 cameras", "1 camera", "2 cameras"]
    assert look.counted(2, "box", "boxes") == "2 boxes"
    assert [look.listed(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_times_of_day_are_local() -> None:
    moment = dt.datetime(2026, 3, 29, 1, 30, 5, tzinfo=dt.UTC)  # half an hour after Berlin's clocks went forward
    assert look.clock_time(moment, BERLIN) == "03:30"
    assert look.clock_time(moment, BERLIN, seconds=True) == "03:30:05"
    low, high = moment - dt.timedelta(hours=1), moment + dt.timedelta(hours=1)
    assert look.about(moment, low, high, BERLIN) == "about 03:30 (01:30 to 04:30)"


def test_a_place_in_a_video_is_cut_not_rounded() -> None:
    assert look.footage_offset(192.999) == "00:03:12"
    assert look.footage_offset(3725) == "01:02:05"


def test_day_names_need_no_locale() -> None:
    assert look.day_name(dt.date(2026, 3, 1)) == "Sunday 1 March 2026"


def test_confidence_comes_in_words_and_figures() -> None:
    words = [look.sureness(value) for value in (0.91, 0.72, 0.48)]
    assert words == ["sure (0.91)", "fairly sure (0.72)", "unsure (0.48)"]
