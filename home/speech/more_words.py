"""More words of the page, in English and in German, as in `words`: what is unusual, coverage, for the vet, every day."""

from __future__ import annotations

__all__ = ["MORE_WORDS"]

MORE_WORDS: dict[str, tuple[str, str]] = {
    # Unusual
    "unusual_title": ("What was unusual", "Was ungewöhnlich war"),
    "nobody_looked": (
        "What was unusual in this month could not be judged: nobody looked (catml nightly does), or too little was seen.",
        "Was in diesem Monat ungewöhnlich war, ließ sich nicht beurteilen: Niemand hat gesucht (catml nightly tut es), oder zu wenig war zu sehen.",
    ),
    "looked_days": (
        "{n} night was judged.|{n} nights were judged.",
        "{n} Nacht wurde beurteilt.|{n} Nächte wurden beurteilt.",
    ),
    "severity_notice": ("notice", "Hinweis"),
    "severity_warning": ("warning", "Warnung"),
    "severity_urgent": ("urgent", "dringend"),
    "rests_on_events": ("It rests on: {0}.", "Es beruht auf: {0}."),
    "and_more": ("and {n} more|and {n} more", "und {n} weiteres|und {n} weitere"),
    "no_footage": ("No picture: {0}", "Kein Bild: {0}"),
    "not_kept": ("the footage is no longer kept", "die Aufnahme wird nicht mehr aufbewahrt"),
    "of_night": ("Night", "Nacht"),
    "found_none": (
        "No {0} for {1} of observed time{2}.",
        "{0}: {1} beobachtete Zeit lang nichts{2}.",
    ),
    "waits_under": (
        "; nearly all waits of this cat are under {0}",
        "; fast alle Pausen dieser Katze sind kürzer als {0}",
    ),
    "found_often": ("{0} {1}{2}{3}.", "{0} {1}{2}{3}."),
    "found_in": ("in {0}", "in {0}"),
    "found_watched": (", {0} of it observed", ", davon {0} beobachtet"),
    "found_possible": (
        ", {0} of an unknown cat counted in part",
        ", {0} einer unbekannten Katze anteilig gezählt",
    ),
    "found_shorter": (", shorter than usual", ", kürzer als sonst"),
    "found_usual": ("; usual would be {0}", "; üblich wären {0}"),
    "found_less": ("{0}: {1} {2}{3}.", "{0}: {1} {2}{3}."),
    "found_long": ("{0}: {1} on average {2}{3}.", "{0}: im Mittel {1} {2}{3}."),
    "found_up": ("Up {0} times at night {1}{2}.", "Nachts {0}-mal auf {1}{2}."),
    "found_drift_up": ("{0} is higher than usual: {1}{2}.", "{0} ist höher als sonst: {1}{2}."),
    "found_drift_down": ("{0} is lower than usual: {1}{2}.", "{0} ist niedriger als sonst: {1}{2}."),
    "of_eating": ("meal", "Fressen"),
    "of_using_litter_box": ("visit to the litter box", "Katzenklo"),
    # Coverage
    "cover_title": ("What was observed, and what was not", "Was beobachtet wurde und was nicht"),
    "cover_none": (
        "No camera and no device told of anything in this month. What happened in it is not known; catml check says what is in reach.",
        "Keine Kamera und kein Gerät meldete in diesem Monat etwas. Was geschah, ist nicht bekannt; catml check sagt, was erreichbar ist.",
    ),
    "cover_legend": (
        "A column is as high as the share of the day that was observed; what is hatched was not.",
        "Eine Säule ist so hoch wie der beobachtete Anteil des Tages; was schraffiert ist, war es nicht.",
    ),
    "kind_camera": ("camera", "Kamera"),
    "kind_device": ("device", "Gerät"),
    "cover_share": ("{0} of the month", "{0} des Monats"),
    "gap_line": ("{0} to {1}: {2}, {3}", "{0} bis {1}: {2}, {3}"),
    "gaps_more": ("and {n} shorter one|and {n} shorter ones", "und {n} kürzere|und {n} kürzere"),
    "no_gaps": ("no gap", "keine Lücke"),
    "why_camera_down": ("the camera did not answer", "die Kamera antwortete nicht"),
    "why_stalled": ("the camera sent nothing", "die Kamera sendete nichts"),
    "why_auth_failed": ("the camera refused user or password", "die Kamera lehnte die Anmeldung ab"),
    "why_not_found": ("the camera has no such stream", "die Kamera hat keinen solchen Stream"),
    "why_spool_full": ("the spool was full", "der Zwischenspeicher war voll"),
    "why_corrupt": ("the file was damaged", "die Datei war beschädigt"),
    "why_clock_step": ("this machine's clock was set", "die Uhr dieses Rechners wurde gestellt"),
    "why_waiting": ("recorded, waits for the store", "aufgenommen, wartet auf den Speicher"),
    "why_recorder_down": ("the recorder was down", "der Rekorder lief nicht"),
    "why_owner's hours": ("private hours", "private Stunden"),
    "why_imports only": ("no recording was planned", "keine Aufnahme geplant"),
    "why_silent": ("did not report", "meldete sich nicht"),
    "why_no_log": ("in no log", "in keinem Protokoll"),
    # For the vet
    "vet_title": ("{0} in {1}, for the vet", "{0} im {1}, für die Tierarztpraxis"),
    "vet_note": (
        "Observed at home by cameras and devices: an indicator, not a diagnosis.",
        "Zu Hause durch Kameras und Geräte beobachtet: ein Anhaltspunkt, keine Diagnose.",
    ),
    "vet_weight": ("Weight", "Gewicht"),
    "vet_kg": ("{0} kg, middle of {1}", "{0} kg, Mitte von {1}"),
    "readings": ("{n} reading|{n} readings", "{n} Messung|{n} Messungen"),
    "vet_kg_then": ("{0} kg in {1}", "{0} kg im {1}"),
    "vet_meals": ("Meals a day", "Mahlzeiten am Tag"),
    "vet_visits": ("Visits to the litter box a day", "Gänge aufs Katzenklo am Tag"),
    "vet_sleep": ("Sleep a day", "Schlaf am Tag"),
    "vet_grooming": ("Grooming a day", "Putzen am Tag"),
    "vet_scratching": ("Scratching a day", "Kratzen am Tag"),
    "vet_col_what": ("What", "Was"),
    "vet_col_now": ("This month", "Dieser Monat"),
    "vet_changes": ("Changes", "Änderungen"),
    "vet_alarms": ("Unusual", "Ungewöhnlich"),
    # Every day
    "days_title": ("Every day in numbers", "Jeder Tag in Zahlen"),
    "days_note": (
        "A number leads to its events, a date to its page with pictures, where there is one. – could not be seen; a star: seen "
        "for less than the whole day, so that there may have been more.",
        "Eine Zahl führt zu ihren Ereignissen, ein Datum zu seiner Seite mit Bildern, wo es eine gibt. – war nicht zu sehen; ein "
        "Stern: nicht den ganzen Tag beobachtet, es kann mehr gewesen sein.",
    ),
    "events_title": ("Every event", "Jedes Ereignis"),
    "events_note": (
        "A time leads to its bout with picture and clip, where a camera saw it. Others are told by devices.",
        "Eine Zeit führt zu ihrer Episode mit Bild und Film, wo eine Kamera sie sah. Andere melden Geräte.",
    ),
    "events_of": ("{0}: {1}", "{0}: {1}"),
    "events_n": ("{n} event|{n} events", "{n} Ereignis|{n} Ereignisse"),
    "no_events": ("No event is known of this month.", "Aus diesem Monat ist kein Ereignis bekannt."),
    "col_observed_day": ("Observed", "Beobachtet"),
    # The home
    "cats_title": ("The cats beside each other, a day", "Die Katzen nebeneinander, am Tag"),
    "nobody_told": ("Not recognised", "Nicht erkannt"),
    "about_title": ("How this was made", "Wie dies entstand"),
    "about": (
        "From what cameras and devices told of {0}, in {1} time, by catml report. What was not observed is not counted as not "
        "happening. The same numbers stand in {2}.",
        "Aus dem, was Kameras und Geräte aus {0} meldeten, in der Zeit von {1}, durch catml report. Was nicht beobachtet wurde, "
        "zählt nicht als nicht geschehen. Dieselben Zahlen stehen in {2}.",
    ),
}
