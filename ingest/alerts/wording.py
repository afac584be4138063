"""What a message says: plain data in one language, of which `ingest.alerts.mail` and the channels make what they need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import uuid5

from home.alerts import Alert, Message, Sighting
from home.clock import local_date
from home.config import HomeConfig
from home.ethogram import BEHAVIOURS, UNKNOWN
from home.look import duration
from home.speech.found import found_in_words
from home.speech.speech import Speech
from ingest.alerts.deciding import Told, wants
from ingest.alerts.joining import OURS
from ingest.alerts.words import RULES, WORDS

__all__ = ["Content", "Teller", "outgoing"]

MANY = 3  # so many that are due together go out as one message
_MOST_PARTS = 20
_MOST_ROOMS = 6


@dataclass(frozen=True)
class Content:
    """What a message says.

    Attributes:
        title: one line.
        lines: sentences.
        label: severity in words.
        tone: notice, warning, urgent or over: its colour.
        note: small, below; empty for none.
        link, link_words: to the page; empty without one.
        picture: key of a picture in the store; empty without one.
        picture_words: what it shows.
        parts: of a message that tells of several things, or in sections: title, lines and link of each.
        language: of all that.
        foot: who sends it.
    """

    title: str
    lines: tuple[str, ...] = ()
    label: str = ""
    tone: str = "notice"
    note: str = ""
    link: str = ""
    link_words: str = ""
    picture: str = ""
    picture_words: str = ""
    parts: tuple[Mapping[str, Any], ...] = field(default=())
    language: str = "en"
    foot: str = ""


class Teller:
    """Puts alerts into words.

    Args:
        config: of the home: names, time zone, where its pages are.
        language: en or de.
        now: times of another local date than that of this moment are told with their date.
    """

    def __init__(self, config: HomeConfig, language: str, now: dt.datetime) -> None:
        self.config, self.speech, self._now = config, Speech(language, config.zone), now
        self._number = ("en", "de").index(language)

    def say(self, key: str, *fills: object, **named: object) -> str:
        """The words under a key, filled."""
        return WORDS[key][self._number].format(*fills, **named)

    def counted(self, key: str, number: int) -> str:
        """The words under a key in the form that a number asks for."""
        one, many = WORDS[key][self._number].split("|")
        return (one if number == 1 else many).format(n=number)

    def rule(self, name: str) -> str:
        """A rule in words."""
        return RULES[name][self._number] if name in RULES else name.replace("_", " ").replace("-", " ")

    def who(self, alert: Alert) -> str:
        """Whom it is of, at the beginning of a sentence."""
        if alert.category == "human":
            return self.say("human")
        if alert.category == "wildlife":
            return alert.subject.replace("_", " ").capitalize()
        if alert.category == "system":
            return self.camera(alert.subject)
        cat = self.config.cats.get(alert.subject)
        return cat.name if cat else self.say("unknown") if alert.subject == UNKNOWN else alert.subject

    def camera(self, camera: str) -> str:
        """What people call a camera."""
        settings = self.config.cameras.get(camera)
        return settings.name or camera.replace("-", " ") if settings else camera

    def content(self, told: Told) -> Content:
        """What is said of an alert."""
        alert, over = told.alert, told.phase == "end"
        note = self.say("indicator") if alert.category in ("anomaly", "missing") or alert.said.get("posture") else ""
        shown = next((each for each in reversed(alert.sightings) if each.media), None)
        return Content(
            self.title(alert, over),
            tuple(self.lines(told)),
            self.say("severity_over" if over else f"severity_{alert.severity}"),
            "over" if over else alert.severity,
            note,
            self.link(alert),
            self.say("open"),
            shown.media if shown and not over else "",
            self._shown(shown),
            language=self.speech.language,
            foot=self.say("sent_by"),
        )

    def title(self, alert: Alert, over: bool) -> str:
        """The subject of the mail."""
        who, taken_back = self.who(alert), bool(alert.said.get("taken_back"))
        if alert.category == "system" and not (over and taken_back):
            return self.say(f"{alert.rule}{'_end' if over else ''}", who)
        if alert.category == "missing":
            return self.say(f"missing{'_end' if over else ''}", who, self.speech.label(str(alert.said.get("of"))))
        if alert.category == "anomaly":
            plain = self.say(f"unusual_{alert.severity}", who)
        elif alert.rule in RULES:
            plain = who
        else:
            plain = self.say("of_rule", who, self.rule(alert.rule))
        return self.say("clear", plain) if over else plain

    def lines(self, told: Told) -> list[str]:
        """What is known of it, a sentence each."""
        alert = told.alert
        if alert.category == "system":
            return self._of_house(told)
        if told.phase == "end" and alert.category != "missing":
            return [self.say("taken_back", self._at(alert.told_at or alert.began_at), self._what(alert))]
        if alert.category == "anomaly":
            return [self._what(alert)]
        if alert.category == "missing":
            return self._missing(told)
        said, lines = alert.said, [self.where_and_when(alert)]
        if said.get("behaviour") and said["behaviour"] != BEHAVIOURS[-1]:
            lines.append(self.say("doing", self.speech.label(said["behaviour"])))
        return lines

    def where_and_when(self, alert: Alert) -> str:
        """`Seen in kitchen, hall and living room, 18:40 to 18:50 (10 min).`"""
        seen, rooms = _standing(alert), self.rooms(alert)
        first, last = seen[0].at, seen[-1].at
        if not rooms:
            return self.say("seen_at", self._at(first))
        where, long = self.speech.listed(rooms), (last - first).total_seconds()
        if long < 60:
            return self.say("seen_once", where, self._at(first))
        return self.say("seen_long", where, self._at(first), self._at(last), duration(long))

    def rooms(self, alert: Alert) -> list[str]:
        """Where it was seen, in that order."""
        return list(dict.fromkeys(self._room(each.camera) for each in _standing(alert) if each.camera))[:_MOST_ROOMS]

    def link(self, alert: Alert) -> str:
        """The page of it; empty where home.yaml does not say where the pages are."""
        base = self.config.alerts.url
        if base is None:
            return ""
        if alert.category == "system":
            return f"{base}/recordings" if alert.rule in ("camera_offline", "stream_slow") else base
        if alert.category == "missing":
            return f"{base}/habits?cat={quote(alert.subject)}&behaviour={quote(str(alert.said.get('of', '')))}"
        return f"{base}/events?event={quote(alert.sightings[-1].event_id)}" if alert.sightings else f"{base}/events"

    def _room(self, camera: str) -> str:
        settings = self.config.cameras.get(camera)
        return (settings.room.replace("-", " ") if settings and settings.room else "") or self.camera(camera)

    def _shown(self, shown: Sighting | None) -> str:
        return self.say("picture_of", f"{self._room(shown.camera)}, {self._at(shown.at)}") if shown else ""

    def _what(self, alert: Alert) -> str:
        """What was found, in a sentence."""
        said = alert.said
        if alert.category != "anomaly":
            return self.where_and_when(alert)
        if self.speech.language == "en":
            return str(said["sentence"])
        return found_in_words(self.speech, said["kind"], said["of"], said["numbers"])

    def _of_house(self, told: Told) -> list[str]:
        alert, camera = told.alert, told.alert.rule in ("camera_offline", "stream_slow")
        if alert.said.get("taken_back"):
            return [self.say("taken_back", self._at(alert.told_at or alert.began_at), self.title(alert, False) + ".")]
        if alert.ended_at is not None:
            long = duration((alert.ended_at - alert.began_at).total_seconds())
            lasted = self.say("lasted", self._at(alert.began_at), self._at(alert.ended_at), long)
            return [lasted, *([self.say("unwatched")] if alert.rule == "camera_offline" else [])]
        # What the house found is kept in English, with figures and file names that are the same in every language.
        found = str(alert.said.get("sentence", ""))
        german = [self.say(f"advice_{alert.rule}"), *([] if camera else [self.say("in_english", found)])]
        lines = [found] if self.speech.language == "en" else german
        lines.append(self.say("since", self._at(alert.began_at)))
        return [*lines, *([self.say("unwatched_now")] if alert.rule == "camera_offline" else [])]

    def _missing(self, told: Told) -> list[str]:
        alert, said = told.alert, told.alert.said
        if told.phase == "end" and alert.ended_at is not None:
            return [self.say("came_at", self._at(alert.ended_at))]
        low, middle, high, until = (
            dt.datetime.fromisoformat(said[key]) for key in ("low", "expected", "high", "until")
        )
        return [
            self.say("was_expected", self._at(middle), self._at(low), self._at(high)),
            self.say("not_seen", self._at(until)),
        ]

    def _at(self, moment: dt.datetime) -> str:
        """A time of day, with its date where that is not today's."""
        today = local_date(moment, self.config.zone) == local_date(self._now, self.config.zone)
        return self.speech.clock(moment) if today else self.speech.moment(moment)


def _standing(alert: Alert) -> list[Sighting]:
    return [each for each in alert.sightings if not each.over] or list(alert.sightings)


def outgoing(told: Sequence[Told], config: HomeConfig, now: dt.datetime) -> list[Message]:
    """The messages of what is told now, for each channel that wants it: one each, or of many together one.

    Args:
        told: as it was decided.
        config: of the home.
        now: UTC.
    """
    made = []
    for name, channel in config.alerts.channels.items():
        mine = [each for each in told if wants(channel, each.alert)]
        teller = Teller(config, channel.language or config.language, now)
        groups = [mine] if len(mine) >= MANY else [[each] for each in mine]
        for group in groups:
            content = teller.content(group[0]) if len(group) == 1 else _several(teller, group)
            marks = [f"{each.alert.id}/{each.phase}/{each.alert.told_at}" for each in group]
            rule = group[0].alert.rule if len(group) == 1 else "several"
            made.append(Message(uuid5(OURS, "/".join([name, *marks])), name, rule, asdict(content), now))
    return made


def _several(teller: Teller, group: Sequence[Told]) -> Content:
    """One message of several alerts, the worst in front."""
    parts = [teller.content(each) for each in sorted(group, key=_worst)]
    shown = next((part for part in parts if part.picture), None)
    return Content(
        teller.say("several", n=len(parts)),
        (teller.counted("more_alerts", len(parts) - _MOST_PARTS).capitalize() + ".",)
        if len(parts) > _MOST_PARTS
        else (),
        label=parts[0].label,
        tone=parts[0].tone,
        note=next((part.note for part in parts if part.note), ""),
        link=f"{teller.config.alerts.url}/events" if teller.config.alerts.url else "",
        link_words=teller.say("open"),
        picture=shown.picture if shown else "",
        picture_words=f"{shown.title}: {shown.picture_words}" if shown else "",
        parts=tuple(
            {"title": part.title, "lines": list(part.lines), "link": part.link} for part in parts[:_MOST_PARTS]
        ),
        language=teller.speech.language,
        foot=teller.say("sent_by"),
    )


_ORDER: Callable[[str], int] = ("urgent", "warning", "notice").index


def _worst(told: Told) -> tuple[bool, int, dt.datetime]:
    return told.phase == "end", _ORDER(told.alert.severity), told.alert.began_at
