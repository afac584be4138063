"""What cats in general do in a day, and how one cat differs from another.

Sources:
    Lucas 1974: Lucas and Sterman, The polycyclic sleep-wake cycle in the cat, Experimental Neurology 42:347-368. Laboratory
        cats take about 104 min from one sleep to the next, 79 of them asleep or drowsy by EEG (known to us from citations).
    Kuwabara 1986: Kuwabara, Seki and Aoki, Physiology and Behavior 38:283-289. Sleep has a daily rhythm with troughs at
        dawn and dusk, and waves of 2 to 4 h on top of it.
    Eckstein 2000: Eckstein and Hart, The organization and control of grooming in cats, Applied Animal Behaviour Science
        68:131-140. Oral grooming takes 4 % of all time, scratching oneself 1/50 of that; grooming follows sleep.
    Shin 2024: Shin et al., J. Veterinary Clinics 41:71-78. 37 healthy cats: median 3 litter visits a day (reference
        interval 1 to 7), 59 s a visit (5 to 132 s).
    Bradshaw 2006: The evolutionary basis for the feeding behavior of domestic dogs and cats, J. Nutrition 136:1927S-1931S.
        Several small meals by day and by night, where food is there.
    Kane 1987: Kane, Leung, Rogers and Morris, Diurnal feeding and drinking patterns of adult cats as affected by changes
        in the level of fat in the diet, Appetite 9:89-98. Many small meals spread over 24 hours.
    Wilson 2016: Wilson et al., Owner observations regarding cat scratching behavior, J. Feline Medicine and Surgery
        18:791-797. Posts are scratched to stretch, especially after rest.
    feeder: two cats at chip-reading feeders for 27 days (a public log under the MIT licence): visits at most 10 min apart
        merged into meals, 9 meals a day each; a visit takes 106 s (median; quartiles 59 to 148 s), a quarter of the gaps
        between meals is under 45 min.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

__all__ = ["Traits", "traits_of"]

MINUTE = 60
HOUR = 3600

# Lengths in seconds: median and spread (standard deviation of the logarithm), then the shortest and the longest.
Length = tuple[float, float, float, float]
LENGTHS: dict[str, Length] = {
    "meal": (100, 0.5, 20, 400),  # feeder
    "urinating": (48, 0.35, 15, 150),  # Shin 2024, both kinds together
    "defecating": (80, 0.35, 25, 200),
    "grooming": (200, 0.7, 20, 1500),  # with about 15 bouts a day the 4 % of Eckstein 2000
    "post": (14, 0.5, 5, 60),  # our choice
    "leg": (7, 0.4, 3, 20),  # with about 10 bouts a day the 1/50 of Eckstein 2000
    "playing": (200, 0.6, 40, 1200),  # this and the following: our choice
    "hunting": (110, 0.6, 25, 600),
    "sitting": (300, 0.7, 30, 1800),
    "loafing": (800, 0.6, 120, 3000),
    "standing": (9, 0.5, 3, 40),
}

# After a meal or a visit the next one is not due for this long. Feeder: merged within 10 minutes; the rest our choice.
MEAL_REST_S = 12 * MINUTE
VOID_REST_S = 90 * MINUTE
STOOL_REST_S = 6 * HOUR


@dataclass(frozen=True)
class Traits:
    """One cat's own way.

    Attributes:
        sleep_h: hours asleep a day over the year.
        sleep_s: length of a usual sleep, seconds.
        meals, voids, stools: a day.
        playfulness, cleanliness: factors on playing and hunting, and on grooming.
        sharpness: how much the hour of the day matters (exponent on the drive).
        hidden: share of its stays that are out of every camera's sight.
        rooms: how much it likes each camera's room, by camera.
    """

    sleep_h: float
    sleep_s: float
    meals: float
    voids: float
    stools: float
    playfulness: float
    cleanliness: float
    sharpness: float
    hidden: float
    rooms: dict[str, float]


def traits_of(seed: int, cat: str, cameras: list[str]) -> Traits:
    """The traits of a cat: its name and the seed decide.

    Ranges: 12 to 16 h of sleep and 2 to 5 litter visits (median 3, Shin 2024) on most days, so the means lie inside; sleeps
    of around 79 min where nothing cuts them short (Lucas 1974); about 9 meals (feeder). The rest is our choice.
    """
    rng = Random(f"{seed}/traits/{cat}")
    return Traits(
        sleep_h=rng.uniform(13.2, 14.8),
        sleep_s=rng.uniform(65, 90) * MINUTE,
        meals=rng.uniform(8, 12),
        voids=rng.uniform(2.0, 3.0),
        stools=rng.uniform(0.8, 1.2),
        playfulness=rng.uniform(0.5, 1.5),
        cleanliness=rng.uniform(0.8, 1.2),
        sharpness=rng.uniform(0.7, 1.2),
        hidden=rng.uniform(0.15, 0.35),
        rooms={camera: rng.uniform(0.5, 1.5) for camera in cameras},
    )


def length(rng: Random, kind: str, factor: float = 1.0) -> int:
    """A length in whole seconds, drawn for one of `LENGTHS`; `factor` scales it within its limits."""
    median, spread, shortest, longest = LENGTHS[kind]
    return round(min(max(factor * median * rng.lognormvariate(0, spread), shortest), longest))
