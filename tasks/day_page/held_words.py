"""How an animal held itself, in words: what was seen of it, with its reasons, and for how long nothing can be said."""

from __future__ import annotations

from home.day.day import Animal, Day
from home.look import POSTURES, counted, duration, listed
from tasks.day_page.held import IN_A_ROW, Held

__all__ = ["comfort_words", "of_bout", "opening_of", "share_words"]

FEWEST = 10  # moments that the comfort of a day rests on; our choice


def opening_of(animal: Animal, held: Held) -> str:
    """For how much of the time in sight anything is known: `Could be read for 40 min of the 3 h in sight (22 %).`"""
    sight = f"the {duration(animal.seen_s)} in sight"
    if not held.read_s:
        why = f": {held.unread[0][0]}" if held.unread else ""
        return f"Could not be read in {sight}{why}."
    return f"Could be read for {duration(held.read_s)} of {sight} ({share_words(held.read_s, animal.seen_s)})."


def share_words(seconds: float, of: float) -> str:
    """`22 %`; what is there but rounds to nothing is `under 1 %`."""
    share = 100 * seconds / of if of else 0.0
    return f"{share:.0f} %" if share >= 0.5 or not seconds else "under 1 %"


def comfort_words(day: Day, held: Held) -> list[str]:
    """The comfort of the day with what it rests on, then each stretch in which it was low with its reasons."""
    if held.comfort is None:
        return ["Nothing is said of comfort: it is told of cats at rest and awake, with head, back and paws in sight."]
    if not held.low and len(held.told) < FEWEST:
        return [f"Too little could be read to tell comfort: {counted(len(held.told), 'moment')} at rest and awake."]
    rests = f"{counted(len(held.told), 'moment')} at rest and awake, {duration(sum(m.span.seconds for m in held.told))}"
    words = [f"Comfort {held.comfort:.1f} of 1 on average, from {rests}."]
    if not held.low:
        return [*words, f"No sign of discomfort was clear in {IN_A_ROW} moments in a row."]
    return [
        *words,
        *(f"{day.from_to(low.span)}: comfort {low.comfort:.1f}. {_sentence(low.reasons)}" for low in held.low),
    ]


def of_bout(held: Held) -> str:
    """The posture of one bout in a line, empty where there is no moment of it."""
    if not held.moments:
        return ""
    if not held.read_s:
        return f"Posture not read: {held.unread[0][0]}." if held.unread else "Posture not read."
    clear = [POSTURES[name].lower() for name, seconds in held.postures if name and seconds >= held.read_s / 3]
    posture = f"Posture {listed(clear)}" if clear else "No clear posture"
    comfort = f", comfort {held.comfort:.1f}" if held.comfort is not None and len(held.told) >= IN_A_ROW else ""
    read = f", read for {share_words(held.read_s, held.seconds)} of the time"
    why = f": {'; '.join(held.reasons)}" if held.reasons else ""
    return f"{posture}{comfort}{read}{why}."


def _sentence(reasons: tuple[str, ...]) -> str:
    text = "; ".join(reasons)
    return f"{text[:1].upper()}{text[1:]}."
