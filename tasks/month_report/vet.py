"""What a vet asks for, on one page: weight, meals, litter box, sleep, each with its trend and how much of it was observed."""

from __future__ import annotations

from dataclasses import dataclass

from home.speech.month import parse_month
from home.speech.speech import Speech
from tasks.month_report.numbers import Numbers
from tasks.month_report.telling import difference_words, figure

__all__ = ["VetRow", "vet_rows"]

ASKED = {
    "eating": "vet_meals",
    "using_litter_box": "vet_visits",
    "sleeping": "vet_sleep",
    "grooming": "vet_grooming",
    "scratching": "vet_scratching",
}


@dataclass(frozen=True)
class VetRow:
    """One line: what, this month, against the last one, and the share of the month in which it could be seen."""

    what: str
    now: str
    then: str
    observed: str


def vet_rows(numbers: Numbers, speech: Speech) -> list[VetRow]:
    """The lines of the page for the vet; what is not known says so."""
    before = speech.month(parse_month(numbers.month).before)
    rows = []
    if numbers.weight is not None:
        weight = numbers.weight
        told = speech.say("vet_kg", speech.number(weight.kg, 2), speech.counted("readings", weight.readings))
        then = "" if weight.then_kg is None else speech.say("vet_kg_then", speech.number(weight.then_kg, 2), before)
        rows.append(VetRow(speech.say("vet_weight"), told, then, ""))
    known = {each.behaviour: each for each in numbers.behaviours}
    for behaviour, key in ASKED.items():
        each = known[behaviour]
        share = speech.percent(min(1.0, each.observed_s / each.of_s)) if each.of_s and each.observed_s else ""
        rows.append(VetRow(speech.say(key), figure(each, speech), difference_words(each, speech), share))
    return rows
