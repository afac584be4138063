"""The sentences of a day in German have the figures of the English ones."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from home.clock import Span, local_day
from home.day import german, sentences
from home.day.day import Animal, Day, Share, Stretch
from home.manifest import Manifest

BERLIN = ZoneInfo("Europe/Berlin")
DATE = dt.date(2026, 3, 10)
DAY = local_day(DATE, BERLIN)
MISO = {"sleeping": (54_600.0, 6), "eating": (1_200.0, 8), "using_litter_box": (300.0, 1), "other": (60.0, 2)}


def animal(cat: str = "miso", number: int = 1, name: str = "Miso", **did: tuple[float, int]) -> Animal:
    """A row of the day."""
    shares = tuple(Share(behaviour, seconds, bouts, 60_000.0) for behaviour, (seconds, bouts) in did.items())
    return Animal(cat, number, name, name, shares, ())


def day(*animals: Animal, analysed: bool = True, hours: float = 24) -> Day:
    """A day of one camera."""
    recorded = Span(DAY.start, DAY.start + dt.timedelta(hours=hours))
    row = (Stretch(recorded, "recorded", ""),) if hours else ()
    return Day(
        DATE,
        BERLIN,
        DAY,
        analysed,
        animals,
        {"kitchen": "kitchen"},
        {"kitchen": row},
        (),
        Manifest(DATE, "Europe/Berlin", {}),
        (),
        0,
        "",
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            day(animal(**MISO)),
            "Miso schlief 15 h 10 min, fraß 8-mal, ging einmal aufs Katzenklo und verbrachte 1 min mit anderem.",
        ),
        (day(animal()), "Miso war nicht zu sehen in den 24 h, die aufgenommen wurden."),
        (day(animal(), animal("tofu", 1, "Tofu"), hours=20), "Miso und Tofu waren nicht zu sehen in den 20 h"),
        (day(hours=20), "Keine Katze war zu sehen in den 20 h"),
        (day(animal(**MISO), hours=0), "nicht bekannt"),
        (day(animal(**MISO), analysed=False), "noch nicht angesehen"),
        (day(animal("unknown", 1, "Cat", eating=(60.0, 1))), "Eine Katze fraß einmal."),
        (
            day(animal("unknown", 1, "Cat 1", eating=(60.0, 2)), animal("unknown", 2, "Cat 2", sleeping=(600.0, 1))),
            "Mindestens 2 Katzen wurden nicht erkannt; sie haben Nummern, keine Namen. Katze 1 fraß zweimal. Katze 2 schlief 10 min.",
        ),
        (day(animal(eating=(60.0, 0))), "Miso fraß 1 min."),
    ],
)
def test_what_they_did(told: Day, words: str) -> None:
    said = " ".join(german.opening(told))
    assert words in said
    once = str.maketrans({})
    english = " ".join(sentences.opening(told)).translate(once)
    numbers = [set(re.findall(r"\d+", text)) for text in (said, english)]
    assert numbers[0] == numbers[1], "both say the same figures"


def test_what_it_rests_on() -> None:
    told = day(animal(**MISO), hours=20)
    assert german.in_sight(told) == [
        "Aufgenommen: 20 h von 24 h des Tages, von 1 Kamera.",
        "Davon im Bild: Miso 15 h 36 min.",
    ]
    assert "15 h 36 min" in " ".join(sentences.in_sight(told))
    assert german.in_sight(day(animal(**MISO), hours=0)) == []
    blind = day(Animal("miso", 1, "Miso", "Miso", (Share("sleeping", 60.0, 1, 0.0),), ()))
    assert len(german.could_not_be_seen(blind)) == len(sentences.could_not_be_seen(blind)) == 2
    assert german.could_not_be_seen(day(animal(**MISO))) == []
