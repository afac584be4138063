"""Every word of an alert, in English and in German, as in `home.speech.words`. `one|many` are the forms for 1 and for any other number.

A test asserts that both languages fill the same places.
"""

from __future__ import annotations

__all__ = ["RULES", "WORDS"]

# What the house calls what it finds by itself; a rule of home.yaml goes by its own name.
RULES: dict[str, tuple[str, str]] = {
    "anomaly": ("unusual", "ungewöhnlich"),
    "camera_offline": ("camera without picture", "Kamera ohne Bild"),
    "disk_nearly_full": ("disk nearly full", "Festplatte fast voll"),
    "expected_and_missing": ("expected and not seen", "erwartet und nicht gesehen"),
    "flow_failed": ("job failed", "Auftrag gescheitert"),
    "human": ("a person", "eine Person"),
    "stream_slow": ("camera too slow", "Kamera zu langsam"),
    "wildlife": ("a wild animal", "ein wildes Tier"),
}
WORDS: dict[str, tuple[str, str]] = {
    # Titles
    "of_rule": ("{0}: {1}", "{0}: {1}"),
    "unknown": ("A cat", "Eine Katze"),
    "human": ("A person", "Eine Person"),
    "unusual_notice": ("A little unusual for {0}", "Etwas ungewöhnlich für {0}"),
    "unusual_warning": ("Unusual for {0}", "Ungewöhnlich für {0}"),
    "unusual_urgent": ("Look at {0} now", "Bitte jetzt nach {0} sehen"),
    "camera_offline": ("No picture of {0}", "Kein Bild von {0}"),
    "camera_offline_end": ("{0} is back", "{0} ist wieder da"),
    "stream_slow": ("{0} is too slow", "{0} ist zu langsam"),
    "stream_slow_end": ("{0} keeps up again", "{0} kommt wieder mit"),
    "disk_nearly_full": ("The disk is nearly full", "Die Festplatte ist fast voll"),
    "disk_nearly_full_end": ("The disk has room again", "Die Festplatte hat wieder Platz"),
    "flow_failed": ("The job {0} failed", "Der Auftrag {0} ist gescheitert"),
    "flow_failed_end": ("The job {0} succeeded again", "Der Auftrag {0} lief wieder durch"),
    "missing": ("{0}: {1} was expected and not seen", "{0}: {1} erwartet und nicht gesehen"),
    "missing_end": ("{0}: {1} seen after all", "{0}: {1} doch noch gesehen"),
    "clear": ("All clear: {0}", "Entwarnung: {0}"),
    "several": ("{n} alerts", "{n} Meldungen"),
    # Sentences
    "seen_once": ("Seen in {0} at {1}.", "Gesehen: {0}, um {1}."),
    "seen_long": ("Seen in {0}, {1} to {2} ({3}).", "Gesehen: {0}, {1} bis {2} ({3})."),
    "seen_at": ("Seen at {0}.", "Gesehen um {0}."),
    "doing": ("It looked like: {0}.", "Sah aus wie: {0}."),
    "looks": ("It held itself: {0}.", "Haltung: {0}."),
    "times_seen": ("{n} event|{n} events", "{n} Ereignis|{n} Ereignisse"),
    "since": ("Since {0}.", "Seit {0}."),
    "lasted": ("From {0} to {1}, {2}.", "Von {0} bis {1}, {2}."),
    "unwatched": (
        "What happened in that time before this camera nobody saw.",
        "Was in dieser Zeit vor dieser Kamera geschah, hat niemand gesehen.",
    ),
    "unwatched_now": (
        "Until it is back, what happens before it is not known: it does not count as not happening.",
        "Bis sie wieder da ist, ist nicht bekannt, was vor ihr geschieht: Es zählt nicht als nicht geschehen.",
    ),
    "advice_camera_offline": (
        "Its plug, its network and its address in home.yaml would be the first to look at.",
        "Zuerst nachsehen: Strom, Netz, und die Adresse in home.yaml.",
    ),
    "advice_stream_slow": (
        "This machine does not keep up with it; fewer pictures a second help.",
        "Dieser Rechner kommt nicht mit; weniger Bilder in der Sekunde helfen.",
    ),
    "advice_disk_nearly_full": ("Make room, or keep fewer days.", "Platz schaffen oder weniger Tage aufbewahren."),
    "advice_flow_failed": (
        "Days that it did not look at stay unknown until it does.",
        "Tage, die er nicht ansah, bleiben bis dahin unbekannt.",
    ),
    "in_english": ("In its words: {0}", "Im englischen Wortlaut: {0}"),
    "taken_back": (
        "What was told at {0} does not stand any more: {1}",
        "Was um {0} gemeldet wurde, gilt nicht mehr: {1}",
    ),
    "was_expected": (
        "It was expected about {0} ({1} to {2}, four times out of five).",
        "Erwartet war es etwa um {0} ({1} bis {2}, vier von fünf Malen).",
    ),
    "not_seen": (
        "It could have been seen all that time, and was not, until {0}.",
        "Es wäre die ganze Zeit zu sehen gewesen und war es nicht, bis {0}.",
    ),
    "came_at": ("It was seen at {0}.", "Gesehen um {0}."),
    "severity_notice": ("Notice", "Hinweis"),
    "severity_warning": ("Warning", "Warnung"),
    "severity_urgent": ("Urgent", "Dringend"),
    "severity_over": ("All clear", "Entwarnung"),
    "indicator": (
        "CatML compares a cat with its own past. What it says is an indicator, not a diagnosis.",
        "CatML vergleicht eine Katze mit ihrer eigenen Vergangenheit. Was es sagt, ist ein Anhaltspunkt, keine Diagnose.",
    ),
    "open": ("Open the page", "Seite öffnen"),
    "picture_of": ("The picture is of {0}.", "Das Bild ist von {0}."),
    "sent_by": (
        "Sent by CatML in your home. catml alerts snooze keeps it quiet for a while.",
        "Von CatML in Ihrem Zuhause. catml alerts snooze hält es für eine Weile still.",
    ),
    "try_title": ("CatML can reach you", "CatML kann Sie erreichen"),
    "try_line": ("This is a test of the channel {0}: nothing has happened.", "Ein Test des Kanals {0}: Es ist nichts geschehen."),
    # Digest
    "digest": ("The cats on {0}", "Die Katzen am {0}"),
    "section_cats": ("What they did", "Was sie taten"),
    "section_unusual": ("What was unusual", "Was ungewöhnlich war"),
    "section_watched": ("What could be seen", "Was zu sehen war"),
    "section_alerts": ("What was told", "Was gemeldet wurde"),
    "no_alerts": ("No alerts.", "Keine Meldungen."),
    "more_alerts": ("and {n} more|and {n} more", "und {n} weitere|und {n} weitere"),
}  # fmt: skip
