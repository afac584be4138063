"""Every word of the monthly report, in English and in German. `one|many` are the forms for 1 and for any other number.

A test asserts that both languages fill the same places, so that no page is half translated.
"""

from __future__ import annotations

__all__ = ["LANGUAGES", "MONTHS", "WEEKDAYS", "WORDS"]

LANGUAGES = ("en", "de")
MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
}  # fmt: skip
WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
WORDS: dict[str, tuple[str, str]] = {
    # Behaviours: as a label, and as what a cat did; {0} is how long, or how often.
    "sleeping": ("Sleeping", "Schlafen"),
    "eating": ("Eating", "Fressen"),
    "playing": ("Playing", "Spielen"),
    "grooming": ("Grooming", "Putzen"),
    "scratching": ("Scratching", "Kratzen"),
    "hunting": ("Hunting", "Jagen"),
    "using_litter_box": ("Using the litter box", "Katzenklo"),
    "other": ("Something else", "Anderes"),
    "awake": ("Up and about", "Wach und unterwegs"),
    "unseen": ("Out of sight", "Nicht im Bild"),
    "idle": ("Observed, nothing of these", "Beobachtet, nichts davon"),
    "gap": ("Not observed", "Nicht beobachtet"),
    "night": ("Night: the sun is down", "Nacht: die Sonne ist unter"),
    "did_sleeping": ("slept {0}", "schlief {0}"),
    "did_eating": ("ate {0}", "fraß {0}"),
    "did_playing": ("played {0}", "spielte {0}"),
    "did_grooming": ("groomed {0}", "putzte sich {0}"),
    "did_scratching": ("scratched {0}", "kratzte {0}"),
    "did_hunting": ("hunted {0}", "jagte {0}"),
    "did_using_litter_box": ("used the litter box {0}", "ging {0} aufs Katzenklo"),
    "did_other": ("spent {0} on other things", "verbrachte {0} mit anderem"),
    "n_eating": ("{n} meal|{n} meals", "{n} Mahlzeit|{n} Mahlzeiten"),
    "n_using_litter_box": (
        "{n} visit to the litter box|{n} visits to the litter box",
        "{n} Gang aufs Katzenklo|{n} Gänge aufs Katzenklo",
    ),
    "n_sleeping": ("{n} sleep|{n} sleeps", "{n} Schlaf|{n} Schläfchen"),
    "n_playing": ("{n} time of play|{n} times of play", "{n} Spiel|{n} Spiele"),
    "n_grooming": ("{n} grooming|{n} groomings", "{n} Putzen|{n}-mal Putzen"),
    "n_scratching": ("{n} scratching|{n} scratchings", "{n} Kratzen|{n}-mal Kratzen"),
    "n_hunting": ("{n} hunt|{n} hunts", "{n} Jagd|{n} Jagden"),
    "n_other": ("{n} other bout|{n} other bouts", "{n} andere Episode|{n} andere Episoden"),
    # Numbers
    "and": ("and", "und"),
    "once": ("once", "einmal"),
    "twice": ("twice", "zweimal"),
    "times": ("{n} times", "{n}-mal"),
    "a_day": ("{0} a day", "{0} am Tag"),
    "once_in": ("once in {n} days", "einmal in {n} Tagen"),
    "rarely": ("{0} in all", "insgesamt {0}"),
    "day_long": ("{n} day|{n} days", "{n} Tag|{n} Tage"),
    "of_days": ("{n} day|{n} days", "{n} Tag|{n} Tagen"),
    "more_than": ("{0} more than in {1}", "{0} mehr als im {1}"),
    "less_than": ("{0} less than in {1}", "{0} weniger als im {1}"),
    "fewer_than": ("{0} fewer than in {1}", "{0} weniger als im {1}"),
    "about_at": ("about {0} ({1} to {2})", "etwa {0} ({1} bis {2})"),
    "never": ("never", "nie"),
    # First sentences
    "home_name": ("Your home", "Ihr Zuhause"),
    "all_cats": ("All cats together", "Alle Katzen zusammen"),
    "nobody_watched": (
        "Nobody watched in {0}, so nothing is known of what {1} did.",
        "Im {0} hat niemand beobachtet, daher ist nicht bekannt, was {1} tat.",
    ),
    "the_cats_here": ("The cats of this home", "Die Katzen dieses Hauses"),
    "too_little": (
        "{0} could be seen for only {1} in {2}: too little to speak of a usual day.",
        "{0}: im {2} nur {1} lang beobachtet, zu wenig für einen üblichen Tag.",
    ),
    "seen_in_all": ("In that time: {0}.", "In dieser Zeit: {0}."),
    "seen_nothing": ("Nothing was seen in that time.", "In dieser Zeit war nichts zu sehen."),
    "only_hours": (
        "Only {0} hours of the day were ever watched; a day means these hours here.",
        "Nur {0} Stunden des Tages wurden je beobachtet; ein Tag meint hier diese Stunden.",
    ),
    "in_sight": (
        "{0} was in sight for {1} of the 24 hours; what happened out of sight is in no number.",
        "{0} war {1} der 24 Stunden im Bild; was ungesehen geschah, steht in keiner Zahl.",
    ),
    "rests_on": (
        "These averages rest on {0} of observed time: {1}.",
        "Grundlage dieser Mittelwerte: {0} beobachteter Zeit; {1}.",
    ),
    "share_of": ("{0} for {1} of the month", "{0} {1} des Monats"),
    "not_over": (
        "The month is not over: this is what is known up to {0}.",
        "Der Monat ist noch nicht vorbei: bekannt ist, was bis {0} geschah.",
    ),
    "never_seen": ("Not once seen in the time observed: {0}.", "In der beobachteten Zeit nie gesehen: {0}."),
    "could_not": ("Could not be seen: {0}.", "Konnte nicht gesehen werden: {0}."),
    "seen_too_little": (
        "Could be seen too little to say how often: {0}.",
        "Zu wenig beobachtet, um zu sagen wie oft: {0}.",
    ),
    "unknown_too": (
        "{0} were of a cat that nobody could tell; some may be of {1}.",
        "{0} waren von einer Katze, die niemand erkannte; manche können von {1} sein.",
    ),
    "unknown_here": ("{0} were of a cat that nobody could tell.", "{0} waren von einer Katze, die niemand erkannte."),
    "nothing_unusual": ("Nothing unusual was found.", "Nichts Ungewöhnliches wurde gefunden."),
    "unusual_count": ("{n} thing was unusual|{n} things were unusual", "{n} Auffälligkeit|{n} Auffälligkeiten"),
    "see_below": ("{0}; see below.", "{0}; siehe unten."),
    "no_cats": (
        "home.yaml names no cat yet; add one under cats: and each gets a report of its own.",
        "In home.yaml steht noch keine Katze; unter cats: eingetragen bekommt jede ihren eigenen Bericht.",
    ),
    "clocks_forward": ("On {0} the clocks went forward.", "Am {0} wurden die Uhren vorgestellt."),
    "clocks_back": ("On {0} the clocks went back.", "Am {0} wurden die Uhren zurückgestellt."),
}
