"""The words of the page around the sentences, in English and in German, as in `words`."""

from __future__ import annotations

__all__ = ["PAGE_WORDS"]

PAGE_WORDS: dict[str, tuple[str, str]] = {
    "report_of": ("{0}, {1}", "{0}, {1}"),
    "skip": ("Skip to the numbers of each day", "Zu den Zahlen jedes Tages"),
    "col_behaviour": ("Behaviour", "Verhalten"),
    "col_a_day": ("A day", "Am Tag"),
    "col_in_all": ("In all", "Insgesamt"),
    "col_observed": ("Could be seen for", "Beobachtbar"),
    "col_then": ("Against {0}", "Gegenüber {0}"),
    "col_date": ("Date", "Tag"),
    # An average day
    "day_title": ("A usual day", "Ein üblicher Tag"),
    "day_bar": ("24 hours of {0}, as they were seen", "24 Stunden von {0}, soweit gesehen"),
    "day_note": (
        "A day is a mean over the time in which this could be seen. A difference to the month before is only told where a "
        "bootstrap of days is 95 % sure of it.",
        "Ein Tag ist ein Mittel über die Zeit, in der dies gesehen werden konnte. Ein Unterschied zum Vormonat steht nur da, wo "
        "ein Bootstrap über die Tage sich zu 95 % sicher ist.",
    ),
    "as_before": ("no sure difference", "kein sicherer Unterschied"),
    "not_compared": ("not comparable", "nicht vergleichbar"),
    "too_little_short": ("too little seen", "zu wenig beobachtet"),
    "not_seen": ("never seen", "nie gesehen"),
    "not_watched": ("could not be seen", "nicht beobachtbar"),
    # Weekday and hour
    "week_title": ("By weekday and hour", "Nach Wochentag und Stunde"),
    "week_awake": ("Up and about", "Wach und unterwegs"),
    "week_eating": ("Meals", "Mahlzeiten"),
    "week_using_litter_box": ("Visits to the litter box", "Gänge aufs Katzenklo"),
    "hours_note": (
        "Columns are hours of the home's clock, {0}. A hatched hour was never observed: nothing is known of it.",
        "Spalten sind Stunden der Uhr im Haus, {0}. Eine schraffierte Stunde wurde nie beobachtet: von ihr ist nichts bekannt.",
    ),
    "unit_minutes_an_hour": ("min per observed hour", "min je beobachteter Stunde"),
    "unit_events_an_hour": ("per observed hour", "je beobachteter Stunde"),
    # Actogram
    "acto_title": ("Day by day", "Tag für Tag"),
    "acto_alt": (
        "Actogram: a row for each date, and the date after it to the right of it; the numbers stand in the table of the days.",
        "Aktogramm: eine Zeile je Tag, rechts daneben der Tag danach; die Zahlen stehen in der Tabelle der Tage.",
    ),
    "acto_note": (
        "Each row is a date, with the date after it on its right, so that nights stay whole; the newest is at the bottom. Sleep "
        "is the lower half of a row, what is done awake the upper one, meals and the litter box take both. A bout is drawn 8 "
        "minutes wide at least.",
        "Jede Zeile ist ein Tag, rechts daneben steht der Tag danach, damit Nächte ganz bleiben; der neueste steht unten. Schlaf "
        "ist die untere Hälfte einer Zeile, Wachsein die obere, Mahlzeiten und Katzenklo beide. Eine Episode ist mindestens "
        "8 Minuten breit gezeichnet.",
    ),
    # The shape of the day
    "shape_title": ("The shape of the day", "Wie der Tag verläuft"),
    "wave": (
        "A daily wave: highest at about {0}, 95 % sure within {1} of it ({2}).",
        "Ein Tagesrhythmus: am höchsten gegen {0}, zu 95 % sicher auf {1} genau ({2}).",
    ),
    "no_wave": (
        "No sure daily wave ({0}).",
        "Kein sicherer Tagesrhythmus ({0}).",
    ),
    "two_peaks": (
        "Two peaks, at about {0} and {1}; they are there in {2} of redrawn months.",
        "Zwei Gipfel, gegen {0} und {1}; sie sind in {2} der neu gezogenen Monate da.",
    ),
    "not_two_peaks": (
        "Two peaks a day are not sure; they are there in {0} of redrawn months.",
        "Zwei Gipfel am Tag sind nicht sicher; sie sind in {0} der neu gezogenen Monate da.",
    ),
    "evenness": (
        "Spread over the hours: {0} (95 %: {1} to {2}), where 0 is all in one hour and 1 the same in each.",
        "Verteilung über die Stunden: {0} (95 %: {1} bis {2}); 0 wäre alles in einer Stunde, 1 in jeder gleich viel.",
    ),
    "shape_unknown": (
        "Too little was observed to tell the shape of a day: every hour must have been seen, on three days at least.",
        "Zu wenig beobachtet für den Verlauf eines Tages: jede Stunde muss gesehen worden sein, an mindestens drei Tagen.",
    ),
    # What changed
    "changed_title": ("What changed", "Was sich geändert hat"),
    "changed": (
        "{0}: from {1} on {2} times in 24 observed hours, {3} before.",
        "{0}: ab {1} {2}-mal in 24 beobachteten Stunden, vorher {3}-mal.",
    ),
    "nothing_changed": (
        "No habit changed on a date of this month so that it would be sure; two months before it were looked at too.",
        "Keine Gewohnheit hat sich in diesem Monat sicher geändert; die zwei Monate davor wurden mit betrachtet.",
    ),
    "changed_mean": ("{0}: {1} a day.", "{0}: am Tag {1}."),
    # Forecasts
    "next_title": ("What comes next, and how right it was", "Was als Nächstes kommt, und wie oft es stimmte"),
    "hits": (
        "{0}: {1} of {2} forecasts of this month held, where 8 in 10 should.",
        "{0}: {1} von {2} Vorhersagen dieses Monats trafen zu, 8 von 10 sollten es.",
    ),
    "hits_unseen": (
        "{n} could not be judged, because nobody watched then.|{n} could not be judged, because nobody watched then.",
        "{n} ließ sich nicht beurteilen, weil dann niemand beobachtete.|{n} ließen sich nicht beurteilen, weil dann niemand beobachtete.",
    ),
    "next_said": (
        "{0}: said on {1}, next at about {2}, 8 in 10 sure between {3} and {4}.",
        "{0}: am {1} gesagt, nächstes Mal gegen {2}, zu 80 % zwischen {3} und {4}.",
    ),
    "next_no_better": (
        "{0}: no forecast; none was surely better than how long it took at that hour in the last 14 days.",
        "{0}: keine Vorhersage; keine war sicher besser als die Wartezeit zur selben Stunde der letzten 14 Tage.",
    ),
    "next_too_little": (
        "{0}: no forecast yet; too little is known to judge one by.",
        "{0}: noch keine Vorhersage; es ist zu wenig bekannt, um eine zu beurteilen.",
    ),
    "no_forecast": (
        "Nothing was forecast in this month; catml weekly learns to.",
        "In diesem Monat wurde nichts vorhergesagt; catml weekly lernt es.",
    ),
    "col_made": ("Said", "Gesagt"),
    "col_said": ("8 in 10 sure", "Zu 80 % sicher"),
    "col_came": ("Came", "Geschah"),
    "outcome_hit": ("as said", "wie gesagt"),
    "outcome_early": ("earlier", "früher"),
    "outcome_late": ("later", "später"),
    "outcome_unseen": ("nobody watched", "niemand sah hin"),
    "bands_most": (
        "Of each behaviour the newest {0} are shown; the sentences above count all.",
        "Von jedem Verhalten sind die neuesten {0} gezeigt; die Sätze darüber zählen alle.",
    ),
    "bands_note": (
        "The wide band is 8 in 10, the dark one 5 in 10, the dot what came true.",
        "Das breite Band ist 8 von 10, das dunkle 5 von 10, der Punkt was geschah.",
    ),
}
