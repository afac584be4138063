"""The words of the page around the sentences, in English and in German, as in `words`."""

from __future__ import annotations

__all__ = ["PAGE_WORDS"]

PAGE_WORDS: dict[str, tuple[str, str]] = {
    "col_behaviour": ("Behaviour", "Verhalten"),
    "col_a_day": ("A day", "Am Tag"),
    "col_in_all": ("In all", "Insgesamt"),
    "col_observed": ("Could be seen for", "Beobachtbar"),
    "report_of": ("{0}: {1}", "{0}: {1}"),
    "skip": ("Skip to the numbers of each day", "Zu den Zahlen jedes Tages"),
    "week_title": ("By weekday and hour", "Nach Wochentag und Stunde"),
    "week_awake": ("Up and about, minutes in each hour", "Wach und unterwegs, Minuten je Stunde"),
    "week_eating": ("Meals, in each hour", "Mahlzeiten je Stunde"),
    "week_using_litter_box": ("Visits to the litter box, in each hour", "Gänge aufs Katzenklo je Stunde"),
    "hours_note": (
        "Columns are hours of the home's clock, {0}. A hatched hour was never observed: nothing is known of it.",
        "Spalten sind Stunden der Uhr im Haus, {0}. Eine schraffierte Stunde wurde nie beobachtet: von ihr ist nichts bekannt.",
    ),
    "unit_minutes_an_hour": ("min in an observed hour", "min je beobachteter Stunde"),
    "unit_events_an_hour": ("times in an observed hour", "mal je beobachteter Stunde"),
}
