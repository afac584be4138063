"""The sentences of `home.day.sentences` in German, from the same numbers. A test holds both to the same cases."""

from __future__ import annotations

from home.day.day import NOT_BEHAVIOURS, Animal, Day, Share
from home.day.sentences import BY_COUNT, ZONES
from home.ethogram import BEHAVIOURS, UNKNOWN
from home.look import duration
from home.speech.speech import Speech

__all__ = ["could_not_be_seen", "did", "in_sight", "opening"]

_ZONES = {"eating": "Fressen", "using_litter_box": "Katzenklo"}


def opening(day: Day) -> list[str]:
    """The first sentences: of the day as a whole if it must be, then one per animal."""
    recorded_s = sum(span.seconds for span in day.recorded)
    if not recorded_s:
        return ["An diesem Tag wurde nichts aufgenommen. Was geschah, ist nicht bekannt."]
    if not day.analysed:
        return ["Die Nachtarbeit hat diesen Tag noch nicht angesehen; von seinen Katzen ist nichts bekannt."]
    speech = Speech("de", day.zone)
    named = [animal for animal in day.animals if animal.cat != UNKNOWN]
    others = [animal for animal in day.animals if animal.cat == UNKNOWN]
    if not any(animal.seen_s for animal in day.animals):
        who = speech.listed(animal.name for animal in named) if named else "Keine Katze"
        return [
            f"{who} {'waren nicht' if len(named) > 1 else 'war nicht' if named else 'war'} zu sehen in den {duration(recorded_s)}, die aufgenommen wurden."
        ]
    numbered = f"Mindestens {len(others)} Katzen wurden nicht erkannt; sie haben Nummern, keine Namen."
    return [
        *(did(animal, speech) for animal in named),
        *([numbered] if len(others) > 1 else []),
        *(did(animal, speech) for animal in others),
    ]


def did(animal: Animal, speech: Speech) -> str:
    """`Miso schlief 15 h 10 min, fraß 8-mal und ging 3-mal aufs Katzenklo.` Only what was seen, never a zero."""
    parts = [
        _part(share, speech) for share in animal.budget if share.seconds > 0 and share.behaviour not in NOT_BEHAVIOURS
    ]
    name = _name(animal)
    return f"{name} {speech.listed(parts)}." if parts else f"{name} war nicht zu sehen."


def in_sight(day: Day) -> list[str]:
    """How much of the day the sentences above rest on."""
    recorded_s = sum(span.seconds for span in day.recorded)
    if not recorded_s:
        return []
    whole, recorded = duration(day.span.seconds), duration(recorded_s)
    cameras = sum(any(part.state == "recorded" for part in row) for row in day.coverage.values())
    by = "1 Kamera" if cameras == 1 else f"{cameras} Kameras"
    told = [f"Aufgenommen: {'alle ' if recorded == whole else ''}{recorded} von {whole} des Tages, von {by}."]
    speech = Speech("de", day.zone)
    seen = [f"{_name(animal)} {duration(animal.seen_s)}" for animal in day.animals if animal.seen_s]
    return [*told, f"Davon im Bild: {speech.listed(seen)}."] if seen else told


def could_not_be_seen(day: Day) -> list[str]:
    """What this day's cameras could not have shown, so that nobody reads its absence as a no."""
    sentences = []
    for behaviour, zone in ZONES.items():
        shares = [share for animal in day.animals for share in animal.budget if share.behaviour == behaviour]
        if day.recorded and day.animals and not any(share.observed_s or share.seconds for share in shares):
            sentences.append(
                f"{_ZONES[behaviour]} war nicht zu sehen: Keine Kamera, die aufnahm, hat in home.yaml eine Zone {zone}."
            )
    return sentences


def _name(animal: Animal) -> str:
    return (
        {"Cat": "Eine Katze", "Another cat": "Eine andere Katze"}.get(
            animal.name, animal.name.replace("Cat ", "Katze ")
        )
        if animal.cat == UNKNOWN
        else animal.name
    )


def _part(share: Share, speech: Speech) -> str:
    if share.behaviour not in BEHAVIOURS:
        return f"{speech.label(share.behaviour)} {duration(share.seconds)}"
    counted = share.behaviour in BY_COUNT and share.bouts
    return speech.say(f"did_{share.behaviour}", speech.times(share.bouts) if counted else duration(share.seconds))
