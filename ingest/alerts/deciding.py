"""What is to be told now, what waits, and what stays silent: a function of alerts, settings and the time, and of nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from home.alert_settings import AlertSettings, Channel
from home.alerts import Alert, State
from home.snoozes import Snooze
from ingest.alerts.joining import DONE, SEVERITIES

__all__ = ["EXPECTED", "Told", "World", "decided", "is_quiet", "wants"]

EXPECTED = 0.5  # chance of an hour from which on what happens in it is as usual; our choice
LATE = dt.timedelta(hours=24)  # what a cat did longer ago is no alert; the list and the day page have it
_PASSED = ("quiet hours", "grouping", "worse", "again")  # it was decided before that it is to be told


def _nobody_knows(cat: str, behaviour: str, at: dt.datetime) -> float | None:
    return None


@dataclass(frozen=True)
class World:
    """What decisions rest on.

    Attributes:
        settings: of home.yaml.
        zone: of the home.
        snoozes: those that hold.
        chance: how likely a cat does something in the hour of a moment, 0..1; None where no forecast says.
    """

    settings: AlertSettings
    zone: ZoneInfo
    snoozes: Sequence[Snooze] = ()
    chance: Callable[[str, str, dt.datetime], float | None] = field(default=_nobody_knows)


@dataclass(frozen=True)
class Told:
    """An alert that is to be told now: that it began, that it is over, or both in one."""

    alert: Alert
    phase: Literal["begin", "end", "was"]


def decided(book: Mapping[UUID, Alert], world: World, now: dt.datetime) -> tuple[list[Alert], list[Told]]:
    """The alerts that change at a moment, as they are then, and what is to be told of them.

    Args:
        book: the alerts that something can still be said of.
        world: what decisions rest on.
        now: UTC.
    """
    current, told = dict(book), list[Told]()
    for key, alert in sorted(book.items(), key=lambda pair: (pair[1].began_at, pair[1].id)):
        if alert.state == "waiting":
            state, reason = _verdict(alert, current.values(), world, now)
            told_at = now if state == "told" else alert.told_at
            current[key] = replace(alert, state=state, reason=reason, told_at=told_at)
            if state == "told":
                told.append(Told(current[key], "was" if reason in DONE else "begin"))
        elif _end_is_due(alert, world, now):
            back = bool(alert.said.get("taken_back")) or not alert.lasts
            current[key] = replace(alert, reason="taken back" if back else "ended")
            told.append(Told(current[key], "end"))
    return [each for key, each in current.items() if each != book[key]], told


def wants(channel: Channel, alert: Alert) -> bool:
    """Whether an alert is told on a channel."""
    return (
        channel.alerts
        and (not channel.rules or alert.rule in channel.rules)
        and (not channel.categories or alert.category in channel.categories)
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(channel.least)
    )


def is_quiet(settings: AlertSettings, now: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether a moment lies in the quiet hours: by the clock on the wall, whatever it was set to that night."""
    if settings.quiet_hours is None:
        return False
    begin, end = settings.quiet_hours.split("-")
    local = now.astimezone(zone).strftime("%H:%M")
    return begin <= local < end if begin < end else local >= begin or local < end


def _end_is_due(alert: Alert, world: World, now: dt.datetime) -> bool:
    """Whether what was told is over, nobody has said so, and it may be said now."""
    over = alert.state == "told" and alert.ended_at is not None and alert.reason not in DONE
    return over and not _must_wait(alert, world, now)


def _verdict(alert: Alert, others: Iterable[Alert], world: World, now: dt.datetime) -> tuple[State, str]:
    if alert.ended_at is not None:
        return _of_ended(alert, others, world, now)
    if not world.settings.ways(lambda channel: wants(channel, alert)):
        return "silenced", "no channel"
    if _is_snoozed(alert, world, now):
        return ("waiting" if alert.lasts else "silenced"), "snoozed"
    if alert.reason not in _PASSED:
        if not alert.lasts and alert.severity != "urgent" and now - alert.last_at > LATE:
            return "silenced", "too late"
        if _is_too_soon(alert, others, world.settings, now):
            return ("waiting" if alert.lasts else "silenced"), "cooldown"
        if _is_expected(alert, world):
            return "silenced", "expected"
    if alert.severity != "urgent" and _is_collecting(alert, world.settings, now):
        return "waiting", "grouping"
    if alert.severity != "urgent" and is_quiet(world.settings, now, world.zone):
        return "waiting", "quiet hours"
    return "told", ""


def _of_ended(alert: Alert, others: Iterable[Alert], world: World, now: dt.datetime) -> tuple[State, str]:
    """What is over before it was told. A fault of the night is told in the morning: nobody watched while it lasted."""
    if alert.told_at is not None:  # it got worse, and is over now
        return ("waiting", alert.reason) if _must_wait(alert, world, now) else ("told", "ended")
    if alert.said.get("taken_back"):
        return "over", "taken back"
    soon = not alert.reason and _is_too_soon(alert, others, world.settings, now)
    if alert.category != "system" or soon or alert.reason not in ("", "quiet hours"):
        return "over", "over before it was told"
    if not world.settings.ways(lambda channel: wants(channel, alert)):
        return "silenced", "no channel"
    if _must_wait(alert, world, now):
        return "waiting", "quiet hours"
    return "told", "ended"


def _must_wait(alert: Alert, world: World, now: dt.datetime) -> bool:
    quiet = alert.severity != "urgent" and is_quiet(world.settings, now, world.zone)
    return quiet or _is_snoozed(alert, world, now)


def _is_snoozed(alert: Alert, world: World, now: dt.datetime) -> bool:
    subject = "" if alert.category == "system" else alert.subject
    return any(each.holds(alert.rule, subject, now) for each in world.snoozes)


def _is_too_soon(alert: Alert, others: Iterable[Alert], settings: AlertSettings, now: dt.datetime) -> bool:
    """Whether the same was told, or is about to be, a short while before.

    What a cat does is as far off as it was in the footage; a fault that comes and goes is told again when its time is over.
    """
    if alert.category in ("anomaly", "missing"):
        return False  # they are rare by themselves
    cooldown = settings.cooldown(alert.rule)
    for each in _same(alert, others):
        since = now - (each.told_at or each.began_at) if alert.lasts else alert.last_at - each.began_at
        if dt.timedelta() <= since < cooldown:
            return True
    return False


def _same(alert: Alert, others: Iterable[Alert]) -> Iterator[Alert]:
    """Other alerts of the same rule and cat that were told or are held for the morning."""
    for each in others:
        alike = (each.rule, each.subject) == (alert.rule, alert.subject)
        about_to = each.state == "waiting" and each.reason in _PASSED
        if alike and each.id != alert.id and (each.told_at is not None or about_to):
            yield each


def _is_expected(alert: Alert, world: World) -> bool:
    if alert.category != "cat" or not world.settings.rule(alert.rule).unless_expected:
        return False
    chance = world.chance(alert.subject, str(alert.said.get("behaviour", "")), alert.last_at)
    return chance is not None and chance >= EXPECTED


def _is_collecting(alert: Alert, settings: AlertSettings, now: dt.datetime) -> bool:
    """Whether more may come that belongs to it. A clock that was set does not hold it back."""
    grouped = settings.rule(alert.rule).tell == "grouped" and not alert.lasts and alert.told_at is None
    return grouped and dt.timedelta() <= now - alert.began_at < settings.group
