"""What is unusual for a cat is told, what was not seen is not, and no more often than is allowed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from models.habits.alarms import shares
from models.habits.daily import Series, daily_share
from models.habits.history import History
from models.habits.unusual import Finding, Watched, findings, judged

DAY = 86_400.0
BERLIN = ZoneInfo("Europe/Berlin")
START = dt.datetime(2026, 1, 1, tzinfo=BERLIN).timestamp()
DAYS = 150
NOTHING = np.empty(0)
Array = NDArray[np.float64]


def visits(seed: int, days: float = DAYS, a_day: float = 4.0, start: float = START) -> Array:
    """A regular cat: gaps are gamma-distributed (shape 3) around a quarter of a day."""
    rng = np.random.default_rng(seed)
    at = start + np.cumsum(rng.gamma(3, DAY / a_day / 3, int(days * a_day * 1.5) + 9))
    return at[at < start + days * DAY]


def known(
    starts: Array, spans: list[tuple[float, float]], seconds: float = 60.0, possible: Array = NOTHING, seed: int = 0
) -> History:
    """What was observed of it, each event about so long."""
    observed = np.array(spans, float).reshape(-1, 2)
    seen = History(NOTHING, NOTHING, observed, NOTHING, BERLIN)
    starts, possible = starts[seen.sees(starts)], possible[seen.sees(possible)]
    lengths = seconds * np.random.default_rng(seed).lognormal(0, 0.3, len(starts))
    return History(starts, lengths, observed, possible, BERLIN)


def told(
    history: History, behaviour: str = "using_litter_box", days: float = DAYS, per_month: float = 1.0
) -> list[Finding]:
    return findings(Watched({behaviour: history}), START, START + days * DAY, per_month)


def whole(days: float = DAYS) -> list[tuple[float, float]]:
    return [(START, START + days * DAY)]


ONSET = START + (DAYS - 5) * DAY


def after(found: list[Finding], *kinds: str) -> list[Finding]:
    return [one for one in found if one.raised > ONSET and one.kind in kinds]


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_visits_tripled_are_told_within_two_days_with_the_visits(seed: int) -> None:
    healthy = visits(seed)
    more = visits(seed + 50, 5, 12.0, ONSET)
    history = known(np.concatenate([healthy[healthy < ONSET], more]), whole())
    found = after(told(history), "more_often", "often_and_short")
    assert found and found[0].raised <= ONSET + 2 * DAY
    assert set(found[0].evidence) <= set(history.starts) and found[0].numbers["seen"] == len(found[0].evidence)
    assert "litter box visits in" in found[0].sentence


@pytest.mark.parametrize("seed", range(3))
def test_no_visit_any_more_is_told_within_a_day_and_a_half(seed: int) -> None:
    healthy = visits(seed)
    found = after(told(known(healthy[healthy < ONSET], whole())), "none", "less_often")
    assert found and found[0].raised <= ONSET + 1.5 * DAY
    assert found[0].end == pytest.approx(START + DAYS * DAY, abs=3600), "it lasts, and is one finding"


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_an_illness_that_goes_on_is_one_alarm_that_goes_on(seed: int) -> None:
    healthy, onset = visits(seed), START + (DAYS - 20) * DAY
    more = visits(seed + 50, 20, 12.0, onset)
    found = told(known(np.concatenate([healthy[healthy < onset], more]), whole()))
    (rise,) = [one for one in found if one.raised > onset and one.kind in ("more_often", "often_and_short")]
    assert rise.raised <= onset + 2 * DAY and rise.end == pytest.approx(START + DAYS * DAY, abs=DAY)


@pytest.mark.parametrize(("seed", "a_day", "severity"), [(1, 5.0, "warning"), (4, 8.0, "urgent")])
def test_an_alarm_that_comes_to_pass_a_limit_rises_and_is_the_same_alarm(
    seed: int, a_day: float, severity: str
) -> None:
    """A cat that eats more or less regularly, gaps gamma-distributed (shape 2), and then no more."""
    meals = START + np.cumsum(np.random.default_rng(seed).gamma(2, DAY / a_day / 2, int(DAYS * 2 * a_day)))
    history = known(meals[meals < ONSET], whole())
    first, then = after(told(history, "eating"), "none", "less_often", "less", "seldom_and_short")
    assert (first.kind, first.severity) == ("less_often", severity) and first.since == first.raised
    assert (then.kind, then.severity, then.since) == ("none", "urgent", first.raised)
    assert then.raised > first.raised and then.end == first.end
    assert then.raised - history.starts[-1] >= 18 * 3600 and then.numbers["seen"] >= 18 * 3600
    assert then.sentence.startswith("No meal for ") and then.evidence.tolist() == [history.starts[-1]]


def test_what_an_unknown_cat_did_takes_back_none() -> None:
    healthy = visits(1)
    someone = np.arange(ONSET, ONSET + 5 * DAY, 5 * 3600.0)
    history = known(healthy[healthy < ONSET], whole(), possible=someone)
    assert not after(told(history), "none", "less_often"), "each of these visits may have been this cat's"
    alone = findings(Watched({"using_litter_box": history}, {"using_litter_box": 0.0}), START, START + DAYS * DAY, 1.0)
    assert after(alone, "less_often") and not after(alone, "none"), "hardly one is likely, but none is not known"


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_told_of_time_that_was_not_observed(seed: int) -> None:
    gap = (ONSET, ONSET + 3 * DAY)
    spans = [(START, gap[0]), (gap[1], START + DAYS * DAY)]
    found = told(known(visits(seed), spans))
    assert not after(found, "none", "less_often", "less", "seldom_and_short"), "three days without a camera are no fast"
    assert not [one for one in found if gap[0] + 3600 < one.raised <= gap[1]]


def test_the_allowance_holds_for_all_that_is_watched_together() -> None:
    months, per_cat = 0.0, {1.0: 0, 0.2: 0}
    for seed in range(10):
        days = 300
        watched = Watched({
            "eating": known(visits(seed, days, 8.0), whole(days), 100, seed=seed),
            "using_litter_box": known(visits(seed + 20, days), whole(days), 50, seed=seed),
        })  # fmt: skip
        months += (days - 60) / 30.44
        for per_month in per_cat:
            found = findings(watched, START, START + days * DAY, per_month)
            per_cat[per_month] += sum(one.raised > START + 60 * DAY for one in found)
    assert 0.3 * months < per_cat[1.0] < 1.3 * months  # 79 months: 1.3 is 2.7 spreads of a Poisson count above 1
    assert per_cat[0.2] < 0.5 * per_cat[1.0]


def test_what_is_told_needs_nothing_that_came_later() -> None:
    history = known(visits(7), whole(), seed=7)
    everything = told(history)
    until = START + 110.5 * DAY
    then = told(history.between(START, until), days=110.5)
    assert then and [(one.raised, one.kind) for one in then] == [
        (o.raised, o.kind) for o in everything if o.raised <= until
    ]


def test_a_day_without_a_visit_is_urgent_for_a_cat_that_is_hardly_known() -> None:
    some = visits(3, 6)
    found = told(known(some, whole(8)), days=8)
    assert [(one.kind, one.severity) for one in found] == [("none", "urgent")]
    assert 24 * 3600 <= found[0].numbers["seen"] < 26 * 3600 and found[0].evidence.tolist() == [some[-1]]
    half = [(START, START + 6 * DAY), *((START + k * DAY, START + (k + 0.4) * DAY) for k in (6, 7))]
    assert not told(known(some, half), days=8), "of these two days 19 hours were observed"


def test_shorter_bouts_and_a_number_that_drifts() -> None:
    starts = visits(5)
    history = known(starts, whole())
    short = np.where(starts >= ONSET, 0.4, 1.0) * history.durations
    assert after(
        told(History(starts, short, history.observed, NOTHING, BERLIN)),
        "shorter",
        "seldom_and_short",
        "often_and_short",
    )
    noise = np.random.default_rng(5).normal(0.2, 0.05, DAYS)
    ends: Array = START + DAY * np.arange(1, DAYS + 1, dtype=np.float64)
    rising = Series(np.where(ends > ONSET, noise + 0.3, noise), ends, np.subtract(ends, DAY))
    watched = Watched({"eating": known(visits(6), whole())}, series={"hunched_rest": rising})
    found = [
        one
        for one in findings(watched, START, START + DAYS * DAY, 1.0)
        if one.of == "hunched_rest" and one.raised > ONSET
    ]
    assert found[0].kind == "drift_up" and found[0].raised <= ONSET + 2 * DAY + 3600
    assert found[0].sentence.startswith("Hunched rest is higher than usual: 0.")


def test_a_restless_night_is_told_with_what_it_was_up_for() -> None:
    usual = visits(8, DAYS, 30.0)
    hour = (usual - START) % DAY / 3600  # Berlin has winter time until the end of March
    twice = visits(9, DAYS, 60.0)
    at_night = ((twice - START) % DAY / 3600 < 5) & (twice >= ONSET)
    active = known(np.sort(np.concatenate([usual[(hour >= 5) | (usual < ONSET)], twice[at_night]])), whole())
    eating = known(visits(6), whole())
    found = [one for one in findings(Watched({"eating": eating}, active=active), START, START + DAYS * DAY, 1.0)]
    first = next(one for one in found if one.of == "night" and one.raised > ONSET)
    assert first.kind == "up_often" and first.raised <= ONSET + 3 * DAY
    assert len(first.evidence) == first.numbers["seen"] and first.sentence.startswith("Up ")
    clock = [dt.datetime.fromtimestamp(at, BERLIN).hour for at in first.evidence]
    assert all(hour >= 23 or hour < 5 for hour in clock)


def test_a_night_out_of_sight_has_no_share() -> None:
    spans = np.array([[START, START + 100], [START + 100, START + 200], [START + 200, START + 300]])
    seen = [(START, START + 200)]
    awake = History(np.array([START + 10]), np.array([30.0]), np.array(seen), NOTHING, BERLIN)
    asleep = History(np.array([START + 50]), np.array([10.0]), np.array(seen), NOTHING, BERLIN)
    share = daily_share(awake, asleep, spans).values
    assert share[0] == 0.75 and np.isnan(share[1:]).all()


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"])
@pytest.mark.parametrize("events", [0, 1, 900])
def test_any_home_and_any_past_gives_an_answer(zone: str, events: int) -> None:
    start = dt.datetime(2028, 1, 20, 13, 7, tzinfo=ZoneInfo(zone)).timestamp()  # a leap day and both changes of clocks
    end = start + 290 * DAY
    rng = np.random.default_rng(events)
    starts = np.sort(rng.uniform(end - DAY if events == 1 else start, end, events))
    history = History(starts, np.full(events, 30.0), np.array([[start, end]]), NOTHING, ZoneInfo(zone))
    empty = History(NOTHING, NOTHING, np.empty((0, 2)), NOTHING, ZoneInfo(zone))
    watched = Watched({"eating": history, "playing": empty}, active=history)
    found = findings(watched, start, end, 1.0)
    assert all(start < one.raised <= end and one.sentence.endswith(".") for one in found)
    assert not found if events < 2 else len(found) < 25


def test_a_cat_seen_first_yesterday_and_one_never_seen() -> None:
    history = known(visits(1, 1, start=START + 99 * DAY), [(START + 99 * DAY, START + 100 * DAY)])
    assert told(history, days=100) == [] and told(known(NOTHING, []), days=100) == []
    assert told(known(NOTHING, []), days=0) == [] and findings(Watched(), START, START + DAY, 1.0) == []


def test_an_allowance_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="over 0 would be right"):
        told(known(visits(1), whole()), per_month=0)


def test_unknown_events_are_shared_out_as_named_ones_are() -> None:
    assert shares({"miso": 59, "tofu": 19}) == {"miso": 0.75, "tofu": 0.25}
    assert shares({"miso": 0, "tofu": 0}) == {"miso": 0.5, "tofu": 0.5}


def test_of_what_was_not_watched_or_is_not_known_nothing_can_be_said_to_be_usual() -> None:
    regular = visits(1)
    end = START + DAYS * DAY - 3600  # a local midnight: clocks went forward
    assert judged(Watched({"using_litter_box": known(regular, whole())}), START, end) == ["using_litter_box"]
    off = [(START, end - 0.7 * DAY)]
    assert judged(Watched({"using_litter_box": known(regular, off)}), START, end) == [], "most of the day was a gap"
    early = START + 45 * DAY
    assert judged(Watched({"using_litter_box": known(regular, [(START, early)])}), START, early) == []
    assert judged(Watched({"eating": known(NOTHING, whole())}), START, end) == [], "never seen to eat"
    both = Watched({"using_litter_box": known(regular, whole())}, active=known(visits(2, a_day=30.0), whole()))
    assert judged(both, START, end) == ["using_litter_box", "night"]
    assert judged(Watched(), START, end) == []
