"""The numbers of a report put together: of one cat, or of the home as a whole."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from home.clock import local_day
from home.ethogram import BEHAVIOURS, UNKNOWN
from home.speech.month import Month
from home.speech.speech import Speech
from tasks.habit_history import EYES
from tasks.month_report.figures import behaviour_of, changed_in, days_in, heatmap_of, rhythm_of
from tasks.month_report.foretold import foretold_in, next_of
from tasks.month_report.numbers import Alarm, Behaviour, Day, Event, Numbers, Source, Weight
from tasks.month_report.reading import AWAKE, Known
from tasks.month_report.sentences import honest, opening

__all__ = ["cat_numbers", "home_numbers"]

SCHEMA = 1
DRAWN = (AWAKE, "eating", "using_litter_box")
"""What has a heatmap and a rhythm of its own."""


def cat_numbers(known: Known, cat: str, month: Month, sources: Sequence[Source], fingerprint: str) -> Numbers:
    """All that is known of a cat in a month. Same tables, same numbers."""
    home, until = known.home, _until(known, month)
    speech = Speech(home.config.language, home.zone)
    own = {name: known.histories[cat, name] for name in (*BEHAVIOURS, AWAKE) if (cat, name) in known.histories}
    behaviours = [behaviour_of(name, own[name], month, until) for name in BEHAVIOURS]
    name = home.config.cats[cat].name
    alarms = _alarms(known, cat, month)
    return Numbers(
        **_head(known, month, fingerprint),
        cat=cat,
        name=name,
        sentences=[
            *opening(speech, name, speech.month_year(month), behaviours),
            *([_unusual(speech, known, month, {cat: alarms})] if any(each.observed_s for each in behaviours) else []),
        ],
        footing=[*honest(speech, name, behaviours), *_not_over(speech, month, until)],
        looked_days=_looked(known, month, [cat]),
        behaviours=behaviours,
        heatmaps=[map_ for one in DRAWN if one in own and (map_ := heatmap_of(one, own[one], month, until))],
        rhythms=[found for one in DRAWN if one in own and (found := rhythm_of(one, own[one], month, until))],
        changes=[
            found
            for each in behaviours
            if each.enough and each.behaviour != EYES
            for found in changed_in(each.behaviour, own[each.behaviour], month, until)
        ],
        foretold=foretold_in(known, cat, month),
        next=next_of(known, cat, month),
        alarms={cat: alarms},
        weight=_weight(known.readings, cat, month, home.zone),
        days=days_in(own, month, until),
        events=_events(known, cat, month),
        sources=[each for each in sources if not each.cats or cat in each.cats],
    )


def home_numbers(
    known: Known, month: Month, sources: Sequence[Source], fingerprint: str, own: Sequence[Numbers]
) -> Numbers:
    """All that is known of the cats of a home together, those that nobody could tell among them.

    Args:
        known: what was read.
        month: which.
        sources: cameras and devices.
        fingerprint: of all that it is made from.
        own: numbers of each cat.
    """
    home, until = known.home, _until(known, month)
    speech = Speech(home.config.language, home.zone)
    cats = [*home.config.cats, UNKNOWN]
    behaviours = [
        _pooled([behaviour_of(name, known.histories[cat, name], month, until) for cat in cats]) for name in BEHAVIOURS
    ]
    nobody = {name: known.histories[UNKNOWN, name] for name in BEHAVIOURS}
    days = [each.days for each in own] + [days_in(nobody, month, until)]
    alarms = {each.cat: each.alarms[each.cat] for each in own if each.cat}
    who = speech.say("all_cats" if len(own) > 1 else "the_cats_here")
    said = opening(speech, who, speech.month_year(month), behaviours)
    return Numbers(
        **_head(known, month, fingerprint),
        cat=None,
        name=speech.say("home_name"),
        sentences=[*([each.sentences[0] for each in own] or said[:1]), _unusual(speech, known, month, alarms)],
        footing=[
            *([] if own else [speech.say("no_cats")]),
            *(said[:1] if len(own) > 1 and any(each.enough for each in behaviours) else []),
            *honest(speech, "", behaviours),
            *_not_over(speech, month, until),
        ],
        looked_days=_looked(known, month, list(alarms)),
        behaviours=behaviours,
        heatmaps=[],
        rhythms=[],
        changes=[],
        foretold=[found for each in own for found in each.foretold],
        next=[],
        alarms=alarms,
        weight=None,
        days=[_together(each) for each in zip(*days, strict=True)],
        events=[],
        sources=list(sources),
    )


def _together(days: Sequence[Day]) -> Day:
    """One date of several cats: events and seconds add up, and it is observed for as long as that of the least seen one."""
    rows = {
        name: [day.behaviours[name] for day in days if day.behaviours[name][2]] or [(0, 0.0, 0.0)]
        for name in BEHAVIOURS
    }
    return Day(
        date=days[0].date,
        seconds=days[0].seconds,
        behaviours={
            name: (sum(row[0] for row in own), sum(row[1] for row in own), min(row[2] for row in own))
            for name, own in rows.items()
        },
    )


def _head(known: Known, month: Month, fingerprint: str) -> dict[str, Any]:
    home, until = known.home, _until(known, month)
    return {
        "schema_version": SCHEMA,
        "month": str(month),
        "timezone": home.config.timezone,
        "language": home.config.language,
        "over": until == month.after.first,
        "until": until - dt.timedelta(days=1),
        "fingerprint": fingerprint,
    }


def _until(known: Known, month: Month) -> dt.date:
    return max(month.first, min(month.after.first, known.until))


def _unusual(speech: Speech, known: Known, month: Month, alarms: dict[str, list[Alarm]]) -> str:
    """Whether anything was unusual; that nobody could judge it is told as such."""
    number = sum(len(each) for each in alarms.values())
    if number:
        return speech.say("see_below", speech.counted("unusual_count", number))
    return speech.say("nothing_unusual" if _looked(known, month, list(alarms)) else "nobody_looked")


def _looked(known: Known, month: Month, cats: Sequence[str]) -> int:
    """Nights of the month on which something of each of these cats could be judged."""
    judged = [told for night, told in known.judged.items() if month.first <= night <= month.last]
    return sum(bool(cats) and all(each.get(cat) for cat in cats) for each in judged)


def _not_over(speech: Speech, month: Month, until: dt.date) -> list[str]:
    return [] if until == month.after.first else [speech.say("not_over", speech.date(until - dt.timedelta(days=1)))]


def _pooled(parts: Sequence[Behaviour]) -> Behaviour:
    """One behaviour of all cats: rates add up, each over the time in which that cat could have been seen."""
    named, unknown = parts[:-1], parts[-1]
    enough = [each for each in parts if each.enough]
    whole = bool(enough) and all(each.enough for each in named)
    timed = all(each.timed for each in parts if each.events)
    return unknown.model_copy(
        update={
            "events": sum(each.events for each in parts),
            "seconds": sum(each.seconds for each in parts),
            "observed_s": min((each.observed_s for each in named), default=unknown.observed_s),
            "unknown_events": unknown.events,
            "timed": timed,
            "enough": whole,
            "watched_h": min((each.watched_h for each in enough), default=0),
            "events_a_day": sum(each.events_a_day or 0.0 for each in enough) if whole else None,
            "seconds_a_day": sum(each.seconds_a_day or 0.0 for each in enough) if whole and timed else None,
            "events_then": None,
            "seconds_then": None,
        }
    )


def _alarms(known: Known, cat: str, month: Month) -> list[Alarm]:
    rows = known.anomalies[known.anomalies["cat"] == cat]
    start, end = (local_day(date, known.home.zone).start for date in (month.first, month.after.first))
    # What is raised at midnight is of the date that ended then.
    rows = rows[(rows["raised"] > start) & (rows["raised"] <= end)].sort_values(["raised", "kind", "of"], kind="stable")
    return [
        Alarm(
            kind=row.kind,
            of=row.of,
            start=row.start.to_pydatetime(),
            end=row.end.to_pydatetime(),
            raised=row.raised.to_pydatetime(),
            severity=row.severity,
            score=float(row.score),
            numbers={str(name): float(value) for name, value in dict(row.numbers).items()},
            evidence=[pd.Timestamp(each, tz="UTC").to_pydatetime() for each in row.evidence],
        )
        for row in rows.itertuples()
    ]


def _events(known: Known, cat: str, month: Month) -> list[Event]:
    """Every event of the ethogram that began in the month; what is nothing in particular has its day page."""
    rows = known.episodes[(known.episodes["cat"] == cat) & (known.episodes["behaviour"] != EYES)]
    start, end = (local_day(date, known.home.zone).start for date in (month.first, month.after.first))
    rows = rows[(rows["start"] >= start) & (rows["start"] < end)]
    return [
        Event(
            behaviour=row.behaviour,
            start=row.start.to_pydatetime(),
            end=row.end.to_pydatetime(),
            seconds=round(float(row.duration_s), 3),
            sources=list(row.sources),
            bouts=list(row.bouts),
        )
        for row in rows.itertuples()
    ]


def _weight(readings: pd.DataFrame, cat: str, month: Month, zone: Any) -> Weight | None:
    own = readings[readings["cat"] == cat]
    rims = [local_day(date, zone).start for date in (month.before.first, month.first, month.after.first)]
    then, now = (own.loc[(own["start"] >= a) & (own["start"] < b), "value"] for a, b in itertools.pairwise(rims))
    if not len(now):
        return None
    return Weight(
        kg=round(float(np.median(now)), 3),
        readings=len(now),
        then_kg=round(float(np.median(then)), 3) if len(then) else None,
    )
