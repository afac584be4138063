"""An illness shows in the true counts from its onset on, and not before."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from home.clock import Span, local_day
from home.config import Place
from simulate.illness import HEALTHY, KINDS, Illness, condition, parse_illness
from simulate.living import Household, clipped, lived_diary
from simulate.routine import Episode
from simulate.tally import daily

BERLIN = ZoneInfo("Europe/Berlin")
ROOMS = {"living-room": ("bed", "food_bowl"), "utility-room": ("litter_box", "bed")}
HOME = Household(ROOMS, ("miso", "tofu"), BERLIN, 3, Place(latitude=52.5, longitude=13.4))
FIRST = dt.date(2026, 4, 1)
ONSET = dt.date(2026, 5, 1)
WHOLE = Span(local_day(FIRST, BERLIN).start, local_day(dt.date(2026, 5, 30), BERLIN).end)

Diary = list[Episode]


@pytest.fixture(scope="module")
def well() -> Diary:
    return lived_diary(HOME, WHOLE.start, WHOLE.end)


def ill(kind: str, days: float | None = None) -> Illness:
    return Illness("miso", kind, local_day(ONSET, BERLIN).start, KINDS[kind][1], days)


def counts(diary: Diary, behaviour: str, what: str = "bouts", cat: str = "miso") -> tuple[np.ndarray, np.ndarray]:
    """Per day: of the 30 days before the onset, and of those from ten days after it on, when every ramp has ended."""
    rows = [getattr(r, what) for r in daily(diary, WHOLE, BERLIN) if (r.cat, r.behaviour) == (cat, behaviour)]
    return np.array(rows[:30]), np.array(rows[40:])


@pytest.mark.parametrize("kind", KINDS)
def test_before_its_onset_nothing_differs(well: Diary, kind: str) -> None:
    illness = ill(kind)
    sick = lived_diary(HOME, WHOLE.start, WHOLE.end, [illness])
    assert clipped(sick, WHOLE.start, illness.onset) == clipped(well, WHOLE.start, illness.onset)
    assert clipped(sick, illness.onset, WHOLE.end) != clipped(well, illness.onset, WHOLE.end)
    for behaviour in ("eating", "using_litter_box"):
        before, after = counts(sick, behaviour, cat="tofu")
        assert abs(after.mean() - before.mean()) < 0.25 * before.mean(), "the other cat is well"


def test_cystitis_is_frequent_and_short(well: Diary) -> None:
    sick = lived_diary(HOME, WHOLE.start, WHOLE.end, [ill("cystitis")])
    before, after = counts(sick, "using_litter_box")
    assert before.mean() < 5 and after.mean() > 2.5 * before.mean() and after.min() > before.max()
    voids = [e for e in sick if e.cat == "miso" and e.subtype == "urinating"]
    lengths = [[e.seconds for e in voids if (e.start >= ill("cystitis").onset) is late] for late in (False, True)]
    assert np.mean(lengths[1]) < 0.7 * np.mean(lengths[0])
    assert counts(sick, "eating")[1].mean() == pytest.approx(counts(well, "eating")[1].mean(), rel=0.2)


def test_obstruction_is_no_visit_at_all() -> None:
    sick = lived_diary(HOME, WHOLE.start, WHOLE.end, [ill("obstruction")])
    before, after = counts(sick, "using_litter_box")
    assert before.mean() > 2 and after.sum() == 0
    last = max(e.start for e in sick if e.cat == "miso" and e.behaviour == "using_litter_box")
    assert last < ill("obstruction").onset + dt.timedelta(days=1)


def test_no_appetite_is_hardly_a_meal() -> None:
    before, after = counts(lived_diary(HOME, WHOLE.start, WHOLE.end, [ill("no_appetite")]), "eating")
    assert before.mean() > 7 and after.mean() < 2


def test_restless_nights_are_awake_nights() -> None:
    def asleep_at_night(diary: Diary, late: bool) -> float:
        total = 0.0
        for number in range(30):
            date = (ONSET if late else FIRST) + dt.timedelta(days=number)
            begin = dt.datetime.combine(date, dt.time(0), BERLIN).astimezone(dt.UTC)
            night = Span(begin, begin + dt.timedelta(hours=5))
            total += sum(e.seconds for e in clipped(diary, night.start, night.end)
                         if (e.cat, e.behaviour) == ("miso", "sleeping"))  # fmt: skip
        return total / 30 / 3600

    sick = lived_diary(HOME, WHOLE.start, WHOLE.end, [ill("restless_nights")])
    assert asleep_at_night(sick, late=False) > 2.8
    assert asleep_at_night(sick, late=True) < asleep_at_night(sick, late=False) - 0.8


def test_hunched_rest_has_a_subtype_that_healthy_cats_never_show(well: Diary) -> None:
    sick = lived_diary(HOME, WHOLE.start, WHOLE.end, [ill("hunched")])
    hunched = [e for e in sick if e.subtype == "hunched"]
    assert {e.cat for e in hunched} == {"miso"} and min(e.start for e in hunched) >= ill("hunched").onset
    assert sum(e.seconds for e in hunched) / 30 > 3600
    assert not [e for e in well if e.subtype == "hunched"]
    before, after = counts(sick, "playing", "seconds")
    assert after.mean() < 0.5 * before.mean()


def test_it_comes_on_over_its_ramp_and_ends_with_its_days() -> None:
    illness = Illness("miso", "cystitis", local_day(ONSET, BERLIN).start, ramp_days=2, days=10, severity=0.5)
    onset = int(illness.onset.timestamp())
    assert [illness.at(onset + round(day * 86_400)) for day in (-0.1, 0, 1, 2, 9.9, 10)] == [0, 0, 0.25, 0.5, 0.5, 0]
    assert condition([illness], onset - 1) is HEALTHY and condition([illness], onset + 10 * 86_400) is HEALTHY
    assert condition([illness], onset + 2 * 86_400).voids == 3
    sick = lived_diary(HOME, WHOLE.start, WHOLE.end, [ill("cystitis", days=5)])
    before, after = counts(sick, "using_litter_box")
    assert after.mean() == pytest.approx(before.mean(), rel=0.3), "it is over"


def test_an_illness_that_comes_back_does_not_heal_the_first() -> None:
    first, second = (Illness("miso", "cystitis", WHOLE.start + dt.timedelta(days=n), 0, days=5) for n in (0, 20))
    start = int(WHOLE.start.timestamp())
    assert [condition([first, second], start + n * 86_400).voids for n in (1, 10, 21, 30)] == [5, 1, 5, 1]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("cystitis", "CAT KIND ONSET"),
        ("felix cystitis 2026-04-10", "there is no cat 'felix'; there are miso, tofu"),
        ("miso flu 2026-04-10", "no illness 'flu'; there are cystitis"),
        ("miso cystitis soon", "soon"),
        ("miso cystitis 2026-04-10 -3", "must be positive"),
    ],
)
def test_wrong_illnesses_are_told(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        parse_illness(text, ("miso", "tofu"), BERLIN)


def test_an_illness_as_it_is_typed() -> None:
    illness = parse_illness("tofu hunched 2026-04-10T06:00 14", ("miso", "tofu"), BERLIN)
    assert illness.onset == dt.datetime(2026, 4, 10, 4, tzinfo=dt.UTC) and illness.days == 14
    assert illness.ramp_days == KINDS["hunched"][1]


def test_a_cat_of_another_home_cannot_be_ill() -> None:
    stranger = Illness("felix", "cystitis", WHOLE.start, 1)
    with pytest.raises(ValueError, match=r"\['felix'\] cannot be ill"):
        lived_diary(HOME, WHOLE.start, WHOLE.end, [stranger])
