"""Which alert an event belongs to: a new one, one that is there, or none. No clock, no network, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from uuid import UUID, uuid5

from home.alert_settings import AlertSettings, Severity
from home.alerts import Alert, Sighting
from home.ethogram import UNKNOWN
from home.event_payloads import AnomalyPayload, CatPayload, HumanPayload, SystemPayload, WildlifePayload
from home.events import Event

__all__ = ["DONE", "OURS", "SEVERITIES", "joined"]

OURS = UUID("0c5f6a3e-8a51-5b0e-9a0b-3b1f4f1d2c77")
"""The namespace of alerts and messages (RFC 9562, version 5)."""
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
DONE = ("ended", "taken back")  # of what was told: nothing more is to be said
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_MOST = 500  # sightings that an alert remembers
_RISK: dict[str, Severity] = {"info": "notice", "warn": "warning", "critical": "urgent"}
_THREAT: dict[str, Severity] = {"high": "warning", "critical": "urgent"}


@dataclass(frozen=True)
class _Of:
    category: Literal["cat", "human", "wildlife", "anomaly", "system"]
    rule: str
    subject: str
    severity: Severity
    over_at: dt.datetime | None


def joined(book: Mapping[UUID, Alert], event: Event, settings: AlertSettings) -> Alert | None:
    """The alert of an event, as it is with it; None where it makes none.

    An event that is there already changes its alert; one that nothing is of yet joins what the same rule found of the same
    cat a short while ago (`group_minutes`), or the fault of the house that lasts; else it begins a new one.

    Args:
        book: the alerts that something can still be said of.
        event: as it stands now.
        settings: of home.yaml.
    """
    of = _of(event, settings)
    name = str(event.event_id)
    there = next((each for each in book.values() if any(s.event_id == name for s in each.sightings)), None)
    if there is None and (of is None or event.withdrawn_at is not None):
        return None
    if of is None:
        assert there is not None
        return _without(there, event)
    found = there or _open(book, event, of, settings)
    media = next((key for key in event.media if key.lower().endswith(_PICTURES)), "")
    sighting = Sighting(name, event.timestamp_utc, event.stream_id or "", media, of.over_at is not None)
    if found is None:
        at = event.timestamp_utc
        return Alert(
            uuid5(OURS, name), of.category, of.rule, of.subject, of.severity, at, max(at, of.over_at or at),
            of.over_at, sightings=(sighting,), payload=_payload(event),
        )  # fmt: skip
    return _with(found, sighting, event, of)


def _of(event: Event, settings: AlertSettings) -> _Of | None:
    """What an event makes; None where it makes no alert: a cat that no rule asked for, a person who does nothing."""
    said, back = event.payload, event.withdrawn_at
    own = settings.rule(event.rule).severity if event.rule else None
    if isinstance(said, SystemPayload):
        return _Of("system", said.kind, said.of, own or said.severity, back or said.end)
    if isinstance(said, AnomalyPayload):
        return _Of("anomaly", "anomaly", said.cat, settings.rule("anomaly").severity or said.severity, back)
    if isinstance(said, CatPayload):
        return _Of("cat", event.rule, said.identity, own or "notice", back) if event.rule else None
    if isinstance(said, HumanPayload):
        quiet = event.rule is None and said.risk_level == "info"
        return None if quiet else _Of("human", event.rule or "human", "human", own or _RISK[said.risk_level], back)
    assert isinstance(said, WildlifePayload)
    severity = own or _THREAT.get(said.threat_level, "notice")
    return _Of("wildlife", event.rule or "wildlife", said.species, severity, back)


def _open(book: Mapping[UUID, Alert], event: Event, of: _Of, settings: AlertSettings) -> Alert | None:
    """The alert that goes on with an event that is new: of its own cat if there is one, else of one that nobody could tell.

    A cat that wanders about is told on one camera and not on the next: that is still one alert.
    """
    open_ = [each for each in book.values() if _takes(each, event, of, settings)]
    exact = [each for each in open_ if each.subject == of.subject]
    vague = [each for each in open_ if of.category == "cat" and UNKNOWN in (each.subject, of.subject)]
    return max(exact or vague, key=lambda each: each.last_at, default=None)


def _takes(alert: Alert, event: Event, of: _Of, settings: AlertSettings) -> bool:
    """Whether an alert may go on with an event, whoever it is of."""
    if (alert.category, alert.rule) != (of.category, of.rule) or alert.state == "over":
        return False
    if of.category == "system":
        return alert.ended_at is None
    if of.category == "anomaly" or alert.ended_at is not None:
        return False
    return alert.began_at - settings.group <= event.timestamp_utc <= alert.last_at + settings.group


def _with(alert: Alert, new: Sighting, event: Event, of: _Of) -> Alert:
    kept = [each for each in alert.sightings if each.event_id != new.event_id]
    told = sorted([*kept, new], key=lambda each: each.at)[-_MOST:]
    newest = all(each.at <= new.at for each in kept)
    severity = max(alert.severity, of.severity, key=lambda each: SEVERITIES.index(each))
    if alert.category in ("anomaly", "system") and len(told) == 1:
        severity = of.severity  # of one that lasts, how it is now
    over = all(each.over for each in told)
    changed = replace(
        alert,
        subject=of.subject if alert.subject == UNKNOWN else alert.subject,
        severity=severity,
        began_at=min(alert.began_at, new.at),
        last_at=max(alert.last_at, new.at, of.over_at or new.at),
        ended_at=(of.over_at or alert.ended_at or new.at) if over else None,
        sightings=tuple(told),
        payload=_payload(event) if newest else alert.payload,
    )
    return replace(changed, **_state(alert, changed, is_new=len(kept) == len(alert.sightings)))


def _state(before: Alert, now: Alert, is_new: bool) -> dict[str, Any]:
    """What is to be looked at again: what got worse, what stands again, and what goes on though it was silenced."""
    worse = SEVERITIES.index(now.severity) > SEVERITIES.index(before.severity)
    again = before.ended_at is not None and now.ended_at is None
    if now.state == "told" and now.ended_at is None and (worse or (again and before.reason in DONE)):
        return {"state": "waiting", "reason": "worse" if worse else "again"}
    if now.ended_at is None and ((now.state == "silenced" and (is_new or worse)) or (now.state == "over" and again)):
        return {"state": "waiting", "reason": ""}
    return {}


def _without(alert: Alert, event: Event) -> Alert:
    """The alert without an event that makes none any more: it says something else now."""
    told = tuple(replace(each, over=each.over or each.event_id == str(event.event_id)) for each in alert.sightings)
    return replace(alert, sightings=told, ended_at=event.timestamp_utc if all(each.over for each in told) else None)


def _payload(event: Event) -> dict[str, Any]:
    return event.payload.model_dump(mode="json") | {"taken_back": event.withdrawn_at is not None}
