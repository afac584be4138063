"""Illnesses of simulated cats: what they change, from which second on, how fast. They are there to be found later.

Each changes one habit alone, so that what is found can be named. The signs are those that vets ask owners for (feline
lower urinary tract disease: frequent small voids, or none when the urethra is blocked: Gunn-Moore, J. Feline Medicine and
Surgery 5:133-138, 2003; crouched, hunched posture: Reid et al., Definitive Glasgow acute pain scale for cats, Veterinary
Record 180:449, 2017). Sick cats visit the box more often and stay shorter (Shin et al., J. Veterinary Clinics 41:71-78,
2024). How large each change is, is our choice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from home.clock import parse_moment

__all__ = ["HEALTHY", "KINDS", "Condition", "Illness", "condition", "parse_illness"]

# What is told of each, and the days it usually takes to come on in full.
KINDS = {
    "cystitis": ("frequent small litter visits", 1.0),
    "obstruction": ("no litter visits at all", 0.5),
    "no_appetite": ("hardly a meal", 2.0),
    "restless_nights": ("up and about while people sleep", 7.0),
    "hunched": ("rests hunched, moves little", 3.0),
}
DAY_S = 86_400


@dataclass(frozen=True)
class Illness:
    """One illness of one cat.

    Attributes:
        cat: its name.
        kind: one of `KINDS`.
        onset: UTC; before it nothing differs from the healthy cat.
        ramp_days: from the onset until it is at its worst.
        days: after so many days it is over at once; None: it stays.
        severity: at its worst, 0..1.
    """

    cat: str
    kind: str
    onset: dt.datetime
    ramp_days: float
    days: float | None = None
    severity: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"illness {self.kind!r} of {self.cat!r} is not one of {', '.join(KINDS)}")
        if self.onset.utcoffset() is None:
            raise ValueError(f"{self.kind} of {self.cat!r}: the onset {self.onset} needs a zone, for example UTC")
        if self.ramp_days < 0 or not 0 < self.severity <= 1 or (self.days is not None and self.days <= 0):
            raise ValueError(
                f"{self.kind} of {self.cat!r}: days and ramp must be positive, severity over 0 and up to 1"
            )

    def at(self, moment: int) -> float:
        """How bad it is at a UTC second: 0 before the onset and after its end, `severity` from the end of the ramp on."""
        since = (moment - int(self.onset.timestamp())) / DAY_S
        if since < 0 or (self.days is not None and since >= self.days):
            return 0.0
        return self.severity * min(1.0, since / self.ramp_days if self.ramp_days else 1.0)


@dataclass(frozen=True)
class Condition:
    """What illnesses do to a cat at one moment, as factors on its healthy habits.

    Attributes:
        appetite: on how fast it gets hungry, and on how much it eats at once.
        voids, void_s: on how often it urinates, and how long it takes.
        stools: on how often it defecates.
        night_sleep: on the length of its sleep while people sleep.
        hunched: share of its awake rest that it spends hunched, 0..1.
        vigour: on playing, hunting and grooming.
    """

    appetite: float = 1.0
    voids: float = 1.0
    void_s: float = 1.0
    stools: float = 1.0
    night_sleep: float = 1.0
    hunched: float = 0.0
    vigour: float = 1.0


HEALTHY = Condition()


def condition(illnesses: Sequence[Illness], moment: int) -> Condition:
    """The condition of a cat with these illnesses (all of one cat) at a UTC second."""
    if not any(illness.at(moment) for illness in illnesses):
        return HEALTHY
    cystitis, blocked, inappetence, restless, hunched = (
        max((illness.at(moment) for illness in illnesses if illness.kind == kind), default=0.0) for kind in KINDS
    )
    return Condition(
        appetite=1 - 0.95 * inappetence,
        voids=(1 + 4 * cystitis) * (1 - blocked),
        void_s=1 - 0.6 * cystitis,
        stools=1 - blocked,
        night_sleep=1 - 0.75 * restless,
        hunched=0.9 * hunched,
        vigour=1 - 0.8 * hunched,
    )


def parse_illness(text: str, cats: Sequence[str], zone: ZoneInfo) -> Illness:
    """An illness from `CAT KIND ONSET [DAYS]`, e.g. `miso cystitis 2026-04-10` or `miso hunched 2026-04-10T06:00 14`.

    Args:
        text: as it was typed; the onset is local time.
        cats: the cats there are.
        zone: of the home.

    Raises:
        ValueError: with what is wrong and what would be right.
    """
    parts = text.split()
    if len(parts) not in (3, 4):
        raise ValueError(
            f"{text!r} is no illness; it is CAT KIND ONSET [DAYS], e.g. `{cats[0]} cystitis 2026-04-10 14`"
        )
    cat, kind, onset, *days = parts
    if cat not in cats:
        raise ValueError(f"{text!r}: there is no cat {cat!r}; there are {', '.join(cats)}")
    if kind not in KINDS:
        known = ", ".join(f"{name} ({told})" for name, (told, _) in KINDS.items())
        raise ValueError(f"{text!r}: there is no illness {kind!r}; there are {known}")
    try:
        return Illness(cat, kind, parse_moment(onset, zone), KINDS[kind][1], float(days[0]) if days else None)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
