"""What was unusual, in a sentence of another language than English, made from the numbers of the finding."""

from __future__ import annotations

from collections.abc import Mapping

from home.ethogram import BEHAVIOURS
from home.look import mark_of
from home.speech.speech import Speech

__all__ = ["found_in_words"]

OFTEN = ("more_often", "less_often", "often_and_short", "seldom_and_short")


def found_in_words(speech: Speech, kind: str, of: str, numbers: Mapping[str, float]) -> str:
    """A finding from its numbers, in the words of a language.

    Args:
        speech: the language.
        kind: of the finding (`models.habits.unusual`).
        of: the behaviour or series.
        numbers: those of the finding; one that is not known is left out.
    """
    seen, usual = numbers.get("seen", 0.0), numbers.get("usual")
    label = (
        speech.say(f"of_{of}") if f"of_{of}" in {"of_eating", "of_using_litter_box", "of_night"} else _label(speech, of)
    )
    within = _within(speech, kind, numbers)
    if kind == "none":
        long = "" if usual is None else speech.say("waits_under", _length(speech, usual))
        return speech.say("found_none", label, _length(speech, seen), long)
    if kind in OFTEN:
        short = speech.say("found_shorter") if kind.endswith("short") else ""
        return speech.say(
            "found_often", speech.events(of, round(seen)), within, short, _usually(speech, usual, speech.number)
        )
    if kind == "less":
        told = _usually(speech, usual, lambda value: _length(speech, value))
        return speech.say("found_less", label, _length(speech, seen), within, told)
    if kind in ("longer", "shorter"):
        told = _usually(speech, usual, lambda value: _length(speech, value))
        return speech.say("found_long", label, _length(speech, seen), within, told)
    if kind == "up_often":
        return speech.say("found_up", speech.number(seen), within, _usually(speech, usual, speech.number))
    key = "found_drift_up" if kind == "drift_up" else "found_drift_down"
    return speech.say(
        key, label, speech.number(seen, 3), _usually(speech, usual, lambda value: speech.number(value, 3))
    )


def _label(speech: Speech, of: str) -> str:
    return speech.label(of) if of in BEHAVIOURS else mark_of(of).label


def _within(speech: Speech, kind: str, numbers: Mapping[str, float]) -> str:
    told = speech.say("found_in", _length(speech, numbers["hours"] * 3600)) if "hours" in numbers else ""
    if kind != "up_often" and numbers.get("observed_h", 0.0) < 0.98 * numbers.get("hours", 0.0):
        told += speech.say("found_watched", _length(speech, numbers["observed_h"] * 3600))
    if numbers.get("possible"):
        told += speech.say("found_possible", speech.number(numbers["possible"]))
    return told


def _usually(speech: Speech, usual: float | None, told: object) -> str:
    return "" if usual is None else speech.say("found_usual", told(usual))  # type: ignore[operator]


def _length(speech: Speech, seconds: float) -> str:
    """As models.habits.sentences has it: `12 min`, `26 h`, `4 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 96 * 3600 else speech.counted("of_days", round(seconds / 86400))
