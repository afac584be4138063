"""What a friend would say about the day, before any chart."""

from __future__ import annotations

import re

from home.day.day import NOT_BEHAVIOURS, Animal, Day, Share
from home.ethogram import UNKNOWN
from home.look import counted, duration, listed, mark_of, times

# How a sentence says it: by the time it took, or by how often it was. {0} is the figure.
SAID = {
    "sleeping": "slept {0}",
    "eating": "ate {0}",
    "playing": "played for {0}",
    "grooming": "groomed for {0}",
    "scratching": "scratched {0}",
    "hunting": "hunted {0}",
    "using_litter_box": "used the litter box {0}",
    "other": "spent {0} on other things",
}
BY_COUNT = ("eating", "scratching", "hunting", "using_litter_box")
MOST_STRETCHES = 6
ZONES = {"eating": "food_bowl", "using_litter_box": "litter_box"}


def opening(day: Day) -> list[str]:
    """The first sentences of the page: of the day as a whole if it must be, then one per animal."""
    recorded_s = sum(span.seconds for span in day.recorded)
    if not recorded_s:
        return ["No footage was recorded on this day. What happened in it is not known."]
    if not day.analysed:
        return ["The night's work has not looked at this day yet, so this page knows nothing of its cats."]
    if not any(animal.seen_s for animal in day.animals):
        named = [animal.name for animal in day.animals if animal.cat != UNKNOWN]
        who = f"{listed(named)} {'was' if len(named) == 1 else 'were'} not seen" if named else "No cat was seen"
        return [f"{who} in the {duration(recorded_s)} that were recorded."]
    strangers = sum(animal.cat == UNKNOWN for animal in day.animals)
    why = (
        "that were not recognised. They are numbered, not named."
        if day.known
        else "They are numbered, not named: nobody has shown CatML which is which."
    )
    numbered = f"At least {counted(strangers, 'cat')} were seen{' ' if day.known else '. '}{why}"
    named = [did(animal) for animal in day.animals if animal.cat != UNKNOWN]
    others = [did(animal) for animal in day.animals if animal.cat == UNKNOWN]
    return [*named, *([numbered] if strangers > 1 else []), *others]


def did(animal: Animal) -> str:
    """`Miso slept 15 h 10 min, ate 8 times and used the litter box 3 times.` Only what was seen, never a zero."""
    parts = [_part(share) for share in animal.budget if share.seconds > 0 and share.behaviour not in NOT_BEHAVIOURS]
    return f"{animal.subject} {listed(parts)}." if parts else f"{animal.subject} was not seen."


def _part(share: Share) -> str:
    said = SAID.get(share.behaviour, f"was {mark_of(share.behaviour).label.lower()} for {{0}}")
    if share.behaviour not in BY_COUNT:
        return said.format(duration(share.seconds))
    # A bout that goes on from the day before counts there: this day has its time, and no further "time".
    return said.format(times(share.bouts) if share.bouts else f"for {duration(share.seconds)}")


WITHIN = {"Cat": "the cat", "Another cat": "another cat"}  # within a sentence


def in_sight(day: Day) -> list[str]:
    """How much of the day the sentences above rest on."""
    recorded_s = sum(span.seconds for span in day.recorded)
    if not recorded_s:
        return []
    whole, recorded = duration(day.span.seconds), duration(recorded_s)
    share = f"All {whole} of the day" if recorded == whole else f"{recorded} of the day's {whole}"
    cameras = sum(any(part.state == "recorded" for part in row) for row in day.coverage.values())
    sentences = [f"{share} were recorded, by {counted(cameras, 'camera')}."]
    if not day.analysed:
        sentences.append(f"To have it looked at, run catml nightly --date {day.date.isoformat()} in the home's folder.")
    seen = [animal for animal in day.animals if animal.seen_s]
    if seen:
        shares = [
            f"{WITHIN.get(animal.name, animal.name)} {'was in sight ' if animal is seen[0] else ''}for {duration(animal.seen_s)}"
            for animal in seen
        ]
        sentences.append(f"Of that, {listed(shares)}.")
    return sentences


def missing_footage(day: Day) -> list[str]:
    """`04:30 to 05:40: camera unreachable`, the longest stretches without any footage, in order of time."""
    longest = sorted(day.without_footage, key=lambda part: -part.span.seconds)[:MOST_STRETCHES]
    ordered = sorted(longest, key=lambda part: part.span)
    return [f"{day.from_to(part.span)}: {part.reason}" for part in ordered]


def could_not_be_seen(day: Day) -> list[str]:
    """What this day's cameras could not have shown, so that nobody reads its absence as a no."""
    sentences = []
    for behaviour, zone in ZONES.items():
        shares = [share for animal in day.animals for share in animal.budget if share.behaviour == behaviour]
        if day.recorded and day.animals and not any(share.observed_s or share.seconds for share in shares):
            name = mark_of(behaviour).label
            sentences.append(f"{name} could not be seen: no camera that recorded has a zone {zone} in home.yaml.")
    return sentences


def changed(day: Day) -> list[str]:
    """What a camera shows that is not as it was in its first nights."""
    return [f"{as_sentence(words)} What this page says of that camera may be less right." for words in day.drifted]


def clock_change(day: Day) -> str:
    """A sentence on the days that are not 24 hours long, else empty."""
    hours = day.span.seconds / 3600
    if hours == 24:
        return ""
    change = "forward" if hours < 24 else "back"
    return f"The clocks went {change} on this day: it is {duration(day.span.seconds)} long."


def as_sentence(words: str) -> str:
    """Words from a table with a capital at the front and a full stop behind."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) or not words else ".")


def unbroken(sentence: str) -> str:
    """The same with spaces and hyphens inside a figure that no line breaks at: `1 h 58 min`, `19 %` and `3-mal` stay together."""
    whole = re.sub(
        r"(?<=\d) (?=(?:h|min|s|times|cats?)\b|%)|(?<=\d h) (?=\d)|(?<=\d min) (?=\d)", "\N{NO-BREAK SPACE}", sentence
    )
    return re.sub(r"(?<=\d)-(?=mal\b)", "\N{NON-BREAKING HYPHEN}", whole)
