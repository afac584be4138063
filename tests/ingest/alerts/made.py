"""Events, settings and books that tests of alerts begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from home.alert_settings import AlertSettings
from home.alerts import Alert
from home.event_payloads import AnomalyPayload, CatPayload, SystemPayload
from home.events import Event
from home.snoozes import Snooze
from ingest.alerts.deciding import Told, World, decided
from ingest.alerts.joining import joined

AT = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)  # Monday, 13:00 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")
_NAMES = UUID(int=9)


def after(minutes: float) -> dt.datetime:
    """A moment, minutes after AT."""
    return AT + dt.timedelta(minutes=minutes)


def settings(**more: Any) -> AlertSettings:
    """Settings with one channel that takes all."""
    channels = more.pop("channels", {"mail": {"url": "mailto://127.0.0.1?from=a@b.org&to=c@d.org"}})
    return AlertSettings.model_validate({"channels": channels, **more})


def seen(
    minutes: float, camera: str = "kitchen", cat: str = "miso", rule: str = "counter", behaviour: str = "", **more: Any
) -> Event:
    """A cat was seen."""
    name = uuid5(_NAMES, f"{minutes}/{camera}/{cat}/{rule}")
    return Event(
        event_id=name, stream_id=camera, timestamp_utc=after(minutes), rule=rule,
        payload=CatPayload(identity=cat, behaviour=behaviour), **more,
    )  # fmt: skip


def fresh(rule: str, **more: Any) -> Event:
    """A cat was seen just now, by the clock of this machine."""
    return seen(0, rule=rule, **more).model_copy(update={"timestamp_utc": dt.datetime.now(dt.UTC)})


def offline(start: float, end: float | None = None, camera: str = "kitchen", severity: Any = "warning") -> Event:
    """A camera has no picture."""
    payload = SystemPayload(
        kind="camera_offline", of=camera, severity=severity, sentence="No picture of kitchen: it does not answer.",
        start=after(start), end=None if end is None else after(end),
    )  # fmt: skip
    name = uuid5(_NAMES, f"offline/{camera}/{start}")
    return Event(event_id=name, stream_id=camera, timestamp_utc=after(start), payload=payload)


def unusual(severity: Any = "notice", number: int = 1, **more: Any) -> Event:
    """Something was unusual for a cat."""
    payload = AnomalyPayload(
        cat="miso", kind="none", of="eating", severity=severity, score=9.0,
        sentence="No meal for 20 h of observed time; nearly all waits of this cat are under 14 h.",
        numbers={"seen": 72_000.0, "usual": 50_000.0}, start=after(-1200), end=AT, known_until=AT,
    )  # fmt: skip
    return Event(event_id=UUID(int=1000 + number), timestamp_utc=after(-600), payload=payload, **more)


class Run:
    """Alerts as the program has them, with a clock that a test sets."""

    def __init__(self, with_: AlertSettings, snoozes: Sequence[Snooze] = (), chance: Any = None) -> None:
        self.world = World(with_, BERLIN, snoozes, chance or (lambda cat, behaviour, at: None))
        self.book = dict[UUID, Alert]()
        self.told = list[tuple[dt.datetime, Told]]()

    def step(self, at: dt.datetime, *events: Event) -> list[Told]:
        """What is told at a moment at which events came."""
        for event in events:
            alert = joined(self.book, event, self.world.settings)
            if alert is not None:
                self.book[alert.id] = alert
        changed, told = decided(self.book, self.world, at)
        self.book |= {each.id: each for each in changed}
        self.told += [(at, each) for each in told]
        return told

    def play(self, events: Iterable[Event], until: dt.datetime, every_s: float = 30) -> list[tuple[dt.datetime, Told]]:
        """What is told, and when, as events come and time goes by."""
        coming, at = sorted(events, key=lambda each: each.timestamp_utc), min(e.timestamp_utc for e in events)
        while at <= until:
            self.step(at, *(each for each in coming if at - dt.timedelta(seconds=every_s) < each.timestamp_utc <= at))
            at += dt.timedelta(seconds=every_s)
        return self.told

    @staticmethod
    def ended(alert: Alert, at: dt.datetime) -> Alert:
        """An alert that is over."""
        return replace(alert, ended_at=at, told_at=AT)

    @property
    def alerts(self) -> list[Alert]:
        """All alerts, oldest first."""
        return sorted(self.book.values(), key=lambda each: each.began_at)
