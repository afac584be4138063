"""The run of one cat: what it did on a local date, how that compares, and what was foretold of it.

What could not be seen is no zero: a behaviour that was not seen has a point only where it could have been seen for half the day.
"""

from __future__ import annotations

import numpy as np

from home.day.day import NOT_BEHAVIOURS
from home.ethogram import NEEDS_ZONE, UNKNOWN
from home.folder import Home
from home.look import BEHAVIOURS, mark_of
from models.habits.came_due import Due, came_due
from models.habits.rhythm import by_weekday, days_of, evenness
from models.posture import NOTE
from tasks.boards.canvas import Picture, png
from tasks.boards.charts import budget_bars, heatmap
from tasks.boards.event_file import EventFile
from tasks.boards.reading import BUDGET_DAYS, WEEKS, Night, lengths
from tasks.habit_history import EYES, awake

__all__ = ["cat_run", "due_of"]

_RIMS = np.linspace(0, 1, 21)  # of the histogram of comfort
_HALF = 0.5


def cat_run(night: Night, cat: str) -> EventFile:
    """Everything of one cat, or of all that nobody could tell, on a local date; empty where nothing is known."""
    shown = EventFile(night.date, night.home.zone)
    _budget(shown, night, cat)
    _counts(shown, night, cat)
    if cat in night.told_apart:
        _comfort(shown, night, cat)
        _unusual(shown, night, cat)
        _rhythm(shown, night, cat)
        _forecasts(shown, night, cat)
    return shown


def name_of(home: Home, cat: str) -> str:
    """What people call it."""
    return home.config.cats[cat].name if cat in home.config.cats else "Unnamed cats"


def due_of(night: Night, cat: str, behaviour: str) -> list[Due]:
    """The forecasts of the last weeks that can be judged by now."""
    said = night.forecasts
    own = said[(said["cat"] == cat) & (said["behaviour"] == behaviour)]
    if not len(own) or not night.histories:
        return []
    known = night.histories[cat, behaviour].between(-np.inf, night.day.span.end.timestamp())
    moments = own[["made_at", "p10", "p25", "p50", "p75", "p90"]].to_numpy()
    found = (came_due(known, row[0].timestamp(), [one.timestamp() for one in row[1:]]) for row in moments)
    return [due for due in found if due is not None]


def _budget(shown: EventFile, night: Night, cat: str) -> None:
    animals = [animal for animal in night.day.animals if animal.cat == cat]
    whole = night.day.span.seconds
    seen_s = sum(animal.seen_s for animal in animals)
    spent: dict[str, float] = {}
    watched: dict[str, float] = {}
    for share in (share for animal in animals for share in animal.budget):
        spent[share.behaviour] = spent.get(share.behaviour, 0.0) + share.seconds
        watched[share.behaviour] = max(watched.get(share.behaviour, 0.0), share.observed_s)
    about = "Hours of the day in which it was seen at it. What happened out of sight is not in it."
    for name, seconds in spent.items():
        if name not in NOT_BEHAVIOURS and (seconds or watched[name] >= _HALF * whole):
            shown.scalar(f"hours a day/{_tag(name)}", seconds / 3600, about)
    if night.day.recorded and animals:
        shown.scalar("seen/share of the day in sight of a camera", seen_s / whole / len(animals))
    if seen_s and cat in night.told_apart:
        parts = np.array([spent[name] / seen_s for name in spent if name not in NOT_BEHAVIOURS and spent[name] > 0])
        bits = float(-(parts * np.log(parts)).sum() / np.log(len(BEHAVIOURS)))
        told = "Shannon's entropy of the time in sight over behaviours: 0 all one of them, 1 the same of each."
        shown.scalar("entropy/of the day's behaviours, 0 to 1", max(0.0, bits), told)
    picture = _bars(night, cat)
    if picture is not None:
        _show(shown, f"time budget/last {BUDGET_DAYS} days", picture)


def _bars(night: Night, cat: str) -> Picture | None:
    """The last days; None where a day holds several animals that nobody could tell, or none has this cat."""
    seconds = {}
    for date, rows in night.budgets.items():
        own = rows[rows["cat"] == cat]
        if own["animal"].nunique() > 1:
            return None
        if len(own):
            seconds[date] = dict(zip(own["behaviour"], own["seconds"].astype(float), strict=True))
    if not any(spent for parts in seconds.values() for name, spent in parts.items() if name not in NOT_BEHAVIOURS):
        return None
    dates = night.budget_dates
    return budget_bars(
        dates, seconds, f"{name_of(night.home, cat)}, last {BUDGET_DAYS} days", lengths(night.home, dates)
    )


def _counts(shown: EventFile, night: Night, cat: str) -> None:
    """By cameras and devices: meals, visits, naps …"""
    whole = night.day.span.seconds
    about = "Events that began on this day, by cameras and devices, while they could have been seen."
    for name, rows in night.counts[night.counts["cat"] == cat].groupby("behaviour", sort=True):
        watched, events = float(rows["observed_s"].sum()), int(rows["events"].sum())
        # What needs no place of its own can be seen wherever a camera looks: one line says it of all.
        if cat in night.told_apart and watched > 0 and (name in NEEDS_ZONE or name == EYES):
            where = _tag(str(name)) if name in NEEDS_ZONE else "all else"
            shown.scalar(f"seen/share of the day that would have shown {where}", watched / whole)
        if name != "other" and (events or (watched >= _HALF * whole and cat in night.told_apart)):
            shown.scalar(f"times a day/{_tag(str(name))}", events, about)


def _comfort(shown: EventFile, night: Night, cat: str) -> None:
    held = [night.held[animal.key] for animal in night.day.animals if animal.cat == cat and animal.key in night.held]
    told = [moment.comfort for each in held for moment in each.told if moment.comfort is not None]
    if told:
        shown.scalar("comfort/median of the day", float(np.median(told)), NOTE)
        shown.histogram("comfort/of the day", told, _RIMS, NOTE)
    seconds, read = sum(each.seconds for each in held), sum(each.read_s for each in held)
    if seconds:
        shown.scalar("comfort/share of the time in which posture could be read", read / seconds)


def _unusual(shown: EventFile, night: Night, cat: str) -> None:
    found = night.anomalies[night.anomalies["cat"] == cat]
    if night.date in night.counted and cat != UNKNOWN:
        shown.scalar(
            "unusual/findings of the day", len(found), "What was said to be unusual for it, against its own past."
        )
    if len(found):
        about = "Of the strangest finding, nats: e to this power is about how many ordinary days hold one so far out."
        shown.scalar("unusual/score", float(found["score"].max()), about)
    held = [night.held[animal.key] for animal in night.day.animals if animal.cat == cat and animal.key in night.held]
    moments = sum(len(each.moments) for each in held)
    if moments:
        strange = sum(len(each.strange) for each in held)
        about = "Of the moments that were read; about a hundredth of ordinary ones is called unusual."
        shown.scalar("unusual/share of moments", strange / moments, about)


def _rhythm(shown: EventFile, night: Night, cat: str) -> None:
    if not night.histories:
        return
    title, active = name_of(night.home, cat), awake(cat, night.histories)
    if active is not None and len(active.starts):
        days = days_of(active)
        _heat(shown, "awake", f"{title}, awake, last {WEEKS} weeks", by_weekday(days)[0], days.timed)
        even = evenness(days)
        if even is not None:
            about = "How evenly being awake is spread over the hours of the day: 0 all in one, 1 the same in each."
            shown.scalar(f"entropy/of the day's hours, last {WEEKS} weeks", even.entropy, about)
    for behaviour in night.home.params.habits.behaviours:
        history = night.histories[cat, behaviour]
        if len(history.starts):
            days, label = days_of(history), mark_of(behaviour).label.lower()
            _heat(shown, label, f"{title}, {label}, last {WEEKS} weeks", by_weekday(days)[0], days.timed)


def _heat(shown: EventFile, tag: str, title: str, rate: np.ndarray, timed: bool) -> None:
    """A share of the time is told in minutes an hour; where devices only say when, it is how often."""
    scaled, unit = (60 * rate, "min an hour") if timed else (rate, "times an hour")
    _show(shown, f"activity by weekday and hour/{tag}", heatmap(scaled, title, unit))


def _forecasts(shown: EventFile, night: Night, cat: str) -> None:
    start = night.day.span.start.timestamp()
    about = (
        "Mean pinball loss of forecasts whose interval of 80 % ended on this day: the lower, the nearer and the surer."
    )
    for behaviour in night.home.params.habits.behaviours:
        today = [due.loss_h for due in due_of(night, cat, behaviour) if due.at > start]
        if today:
            shown.scalar(f"came due, hours off/{_tag(behaviour)}", float(np.mean(today)), about)


def _show(shown: EventFile, tag: str, picture: Picture) -> None:
    shown.image(tag, png(picture), picture.shape[1], picture.shape[0])


def _tag(behaviour: str) -> str:
    return mark_of(behaviour).label.lower()
