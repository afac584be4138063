"""What stands under each heading of a report, in words: the shape of the day, what changed, forecasts, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from home.look import duration
from home.speech.speech import Speech, amount_s
from tasks.habit_history import EYES
from tasks.month_report.numbers import Behaviour, Foretold, Gap, Numbers, Rhythm, Source
from tasks.month_report.sentences import by_count, more_or_less

__all__ = ["changed_words", "difference_words", "figure", "forecast_words", "gap_words", "next_words", "shape_words"]

SURE = 0.05
MOST_GAPS = 8


def figure(each: Behaviour, speech: Speech) -> str:
    """A usual day in a figure: `14 h 20 min`, `8 times`, or why there is none."""
    if not each.observed_s:
        return speech.say("not_watched")
    if not each.enough:
        return speech.say("too_little_short")
    if not each.events:
        return speech.say("not_seen")
    if by_count(each) or each.seconds_a_day is None:
        return speech.times(each.events_a_day or 0.0)
    return duration(amount_s(each.seconds_a_day))


def difference_words(each: Behaviour, speech: Speech) -> str:
    """Against the month before: `+ 40 min`, `no sure difference`, or that they cannot be compared."""
    than = each.events_then if by_count(each) else each.seconds_then
    if than is None:
        return speech.say("not_compared") if each.enough else ""
    if not than.sure:
        return speech.say("as_before")
    by = abs(than.difference)
    told = speech.number(by) if by_count(each) else duration(amount_s(by))
    return f"{'+' if than.difference > 0 else '−'} {told}"


def shape_words(rhythm: Rhythm, speech: Speech) -> list[str]:
    """Wave, peaks and evenness, each a sentence with how sure it is."""
    said = []
    if rhythm.wave is not None:
        chance = f"p {speech.number(rhythm.wave.p, 3)}" if rhythm.wave.p >= 0.001 else f"p < {speech.number(0.001, 3)}"
        if rhythm.wave.top_h is not None and rhythm.wave.within_h is not None:
            within = duration(max(600, round(rhythm.wave.within_h * 6) * 600))
            said.append(speech.say("wave", speech.hour(rhythm.wave.top_h), within, chance))
        else:
            said.append(speech.say("no_wave", chance))
    if rhythm.peaks is not None:
        sure = speech.percent(rhythm.peaks.confidence)
        if len(rhythm.peaks.hours) == 2 and rhythm.peaks.confidence >= 0.8:
            said.append(speech.say("two_peaks", *map(speech.hour, rhythm.peaks.hours), sure))
        else:
            said.append(speech.say("not_two_peaks", sure))
    if rhythm.evenness is not None and rhythm.evenness_low is not None and rhythm.evenness_high is not None:
        told = (speech.number(value, 2) for value in (rhythm.evenness, rhythm.evenness_low, rhythm.evenness_high))
        said.append(speech.say("evenness", *told))
    return said


def changed_words(numbers: Numbers, speech: Speech) -> list[str]:
    """Sure differences to the month before, then habits that changed on a date; or that nothing did."""
    said = []
    for each in numbers.behaviours:
        than = each.events_then if by_count(each) else each.seconds_then
        if than is not None and than.sure and each.behaviour != EYES:
            told = more_or_less(speech, than, in_time=not by_count(each))
            if told:
                said.append(speech.say("changed_mean", speech.label(each.behaviour), told))
    for change in numbers.changes:
        rates = (speech.number(rate) for rate in (change.after, change.before))
        said.append(speech.say("changed", speech.label(change.behaviour), speech.date(change.date), *rates))
    return said


def forecast_words(foretold: Sequence[Foretold], speech: Speech) -> list[str]:
    """How many of the month's forecasts held, for each behaviour that was forecast."""
    said = []
    for behaviour in dict.fromkeys(each.behaviour for each in foretold):
        own = [each for each in foretold if each.behaviour == behaviour]
        judged = [each for each in own if each.outcome != "unseen"]
        hits, unseen = sum(each.outcome == "hit" for each in judged), len(own) - len(judged)
        told = (
            speech.say("hits", speech.label(behaviour), hits, len(judged)) if judged else f"{speech.label(behaviour)}:"
        )
        said.append(f"{told} {speech.counted('hits_unseen', unseen)}" if unseen else told)
    return said


def next_words(numbers: Numbers, speech: Speech) -> list[str]:
    """What the newest forecast of each behaviour says, or why it is silent."""
    said, seen = [], {each.behaviour for each in numbers.behaviours if each.observed_s}
    for each in (each for each in numbers.next if each.behaviour in seen):
        label = speech.label(each.behaviour)
        if each.abstained or each.p10 is None or each.p50 is None or each.p90 is None:
            key = "next_too_little" if each.reason == "too_little" else "next_no_better"
            said.append(speech.say(key, label))
        else:
            made = speech.date(each.made_at.astimezone(speech.zone).date())
            said.append(speech.say("next_said", label, made, *map(speech.clock, (each.p50, each.p10, each.p90))))
    return said


def gap_words(source: Source, speech: Speech) -> Iterator[str]:
    """The longest gaps of a source in order of time, each with its reason; then how many more."""
    longest = sorted(source.gaps, key=lambda gap: gap.start - gap.end)[:MOST_GAPS]
    for gap in sorted(longest, key=lambda gap: gap.start):
        yield _gap(gap, speech)
    if len(source.gaps) > MOST_GAPS:
        yield speech.counted("gaps_more", len(source.gaps) - MOST_GAPS)


def _gap(gap: Gap, speech: Speech) -> str:
    seconds = (gap.end - gap.start).total_seconds()
    same = gap.start.astimezone(speech.zone).date() == gap.end.astimezone(speech.zone).date()
    end = speech.clock(gap.end) if same else speech.moment(gap.end)
    return speech.say("gap_line", speech.moment(gap.start), end, speech.reason(gap.reason), speech.length(seconds))
