"""What was unusual, in a sentence of the report's language."""

from __future__ import annotations

from home.speech.found import found_in_words
from home.speech.speech import Speech
from models.habits.sentences import sentence
from tasks.month_report.numbers import Alarm

__all__ = ["found"]


def found(alarm: Alarm, speech: Speech) -> str:
    """The finding with its numbers; in English as the terminal says it."""
    if speech.language == "en":
        return sentence(alarm.kind, alarm.of, alarm.numbers)
    return found_in_words(speech, alarm.kind, alarm.of, alarm.numbers)
