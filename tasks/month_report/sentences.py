"""What a friend would say about the month, before any chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from home.look import duration
from home.speech.speech import Speech, amount_s
from tasks.habit_history import EYES
from tasks.month_report.numbers import Behaviour, Compared

__all__ = ["by_count", "does", "honest", "more_or_less", "opening"]

FIRST = ("sleeping", "eating", "using_litter_box")
"""What everybody asks first; the rest follows in a sentence of its own."""
BY_COUNT = ("eating", "scratching", "hunting", "using_litter_box")
RARE = 0.95  # times a day below which "once in 3 days" is clearer than a number a day


def opening(speech: Speech, who: str, month: str, behaviours: Sequence[Behaviour]) -> list[str]:
    """The first sentences: what the cat did on a usual day, or that too little is known of it.

    Args:
        speech: language.
        who: the subject.
        month: its name with the year.
        behaviours: of the month.
    """
    if not any(each.observed_s for each in behaviours):
        return [speech.say("nobody_watched", month, who)]
    if not any(each.enough for each in behaviours):
        longest = max(behaviours, key=lambda each: each.observed_s)
        seen = [speech.events(each.behaviour, each.events) for each in behaviours if each.events]
        told = speech.say("seen_in_all", speech.listed(seen)) if seen else speech.say("seen_nothing")
        return [speech.say("too_little", who, speech.length(longest.observed_s), month), told]
    told_of = [each for each in behaviours if each.enough and each.events and each.behaviour != EYES]
    groups = [[each for each in told_of if (each.behaviour in FIRST) is first] for first in (True, False)]
    said = [_sentence(speech, who, group) for group in groups if group]
    sight = _in_sight(speech, who, behaviours)
    return [*said, *sight] or [speech.say("seen_nothing")]


def _in_sight(speech: Speech, who: str, behaviours: Sequence[Behaviour]) -> list[str]:
    """For how much of a day cameras saw the cat at all: sleep that nobody saw was no waking."""
    eyes = next((each for each in behaviours if each.behaviour == EYES), None)
    if eyes is None or not eyes.enough or eyes.watched_h < 24:
        return []
    seen_s = sum(each.seconds_a_day or 0.0 for each in behaviours if each.enough)
    return [speech.say("in_sight", who, duration(amount_s(seen_s)))] if 0 < seen_s < 86_000 else []


def _sentence(speech: Speech, who: str, behaviours: Sequence[Behaviour]) -> str:
    ordered = sorted(behaviours, key=lambda each: FIRST.index(each.behaviour) if each.behaviour in FIRST else 0)
    ordered.sort(key=_is_rare)  # what is not of a day stands last
    parts = [does(speech, each, first=number == 0) for number, each in enumerate(ordered)]
    return f"{who} {speech.listed(parts)}."


def does(speech: Speech, each: Behaviour, first: bool = False) -> str:
    """`slept 14 h 20 min a day, 40 min more than in October`; only the first part of a sentence says `a day`."""
    if by_count(each):
        figure, compared = _how_often(speech, each)
    else:
        figure = duration(amount_s(each.seconds_a_day or 0.0))
        compared = more_or_less(speech, each.seconds_then, in_time=True)
    if first and not _is_rare(each):
        figure = speech.say("a_day", figure)
    key = f"did_{each.behaviour}"
    return speech.say(key, figure) + (f", {compared}" if compared else "")


def by_count(each: Behaviour) -> bool:
    """Whether it is told by how often it was rather than by the time it took."""
    return each.behaviour in BY_COUNT or each.seconds_a_day is None


def _is_rare(each: Behaviour) -> bool:
    return by_count(each) and (each.events_a_day or 0.0) < RARE


def _how_often(speech: Speech, each: Behaviour) -> tuple[str, str]:
    a_day = each.events_a_day or 0.0
    if a_day >= RARE:
        return speech.times(a_day), more_or_less(speech, each.events_then, in_time=False)
    days = round(1 / a_day)
    if 2 <= days <= 10 and each.events >= 3:
        return speech.say("once_in", n=days), ""
    return speech.say("rarely", speech.times(each.events)), ""


def more_or_less(speech: Speech, than: Compared | None, in_time: bool) -> str:
    """Empty where the difference is not sure, or too small to be said."""
    if than is None or not than.sure:
        return ""
    by = abs(than.difference)
    if in_time:
        told = duration(amount_s(by)) if by >= 60 else ""
    else:
        told = speech.number(by, 0 if by >= 5.5 else 1) if by >= 0.1 else ""
    if not told:
        return ""
    key = "more_than" if than.difference > 0 else "less_than" if in_time else "fewer_than"
    return speech.say(key, told, speech.month(than.month))


def honest(speech: Speech, who: str, behaviours: Sequence[Behaviour]) -> list[str]:
    """How much the sentences above rest on, and what could not be seen; `who` is empty for the home."""
    return list(_honest(speech, who, [each for each in behaviours if each.behaviour != EYES]))


def _honest(speech: Speech, who: str, behaviours: Sequence[Behaviour]) -> Iterator[str]:
    enough = [each for each in behaviours if each.enough]
    if enough:
        longest = max(enough, key=lambda each: each.observed_s)
        groups: dict[str, list[str]] = {}
        for each in enough:
            share = speech.percent(min(1.0, each.observed_s / each.of_s) if each.of_s else 0.0)
            groups.setdefault(share, []).append(speech.label(each.behaviour))
        told = [speech.say("share_of", speech.listed(_inside(speech, names)), share) for share, names in groups.items()]
        yield speech.say("rests_on", speech.length(longest.observed_s), "; ".join(told))
        hours = min(each.watched_h for each in enough)
        if hours < 24:
            yield speech.say("only_hours", hours)
        never = [speech.label(each.behaviour) for each in enough if not each.events]
        if never:
            yield speech.say("never_seen", speech.listed(_inside(speech, never)))
        little = [speech.label(each.behaviour) for each in behaviours if each.observed_s and not each.enough]
        if little:
            yield speech.say("seen_too_little", speech.listed(_inside(speech, little)))
        blind = [speech.label(each.behaviour) for each in behaviours if not each.observed_s]
        if blind:
            yield speech.say("could_not", speech.listed(_inside(speech, blind)))
    unknown = [speech.events(each.behaviour, each.unknown_events) for each in behaviours if each.unknown_events]
    if unknown:
        told_of = speech.listed(unknown)
        yield speech.say("unknown_too", told_of, who) if who else speech.say("unknown_here", told_of)


def _inside(speech: Speech, names: Sequence[str]) -> list[str]:
    """Labels within a sentence: German nouns keep their capital."""
    return [name if speech.language == "de" else f"{name[:1].lower()}{name[1:]}" for name in names]
