"""How often a rule was right, by what people said of its alerts and of what it was made from."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from home.alerts import Alert, alerts
from home.clock import Span
from home.corrections import Correction, corrections
from home.database import Database
from home.findings import JudgedFinding
from home.verdicts import Verdict, verdicts

__all__ = ["DAYS", "Precision", "of_kind", "precision", "wilson"]

DAYS = 90
_MOST = 5000
_Z = 1.959963985  # of 95 %


@dataclass(frozen=True)
class Precision:
    """What people said of a rule.

    Attributes:
        rule: its name; `of_kind` of what was unusual.
        alerts: that it made.
        right, wrong: of those that people judged, and of findings that no alert was made of.
        low, high: 95 % interval of the share that is right, 0..1; both None where nobody judged one.
    """

    rule: str
    alerts: int
    right: int
    wrong: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """The share that was right; None where nobody judged one."""
        judged = self.right + self.wrong
        return self.right / judged if judged else None


def of_kind(kind: str) -> str:
    """The name under which one kind of what was unusual is counted, e.g. `anomaly less_often`."""
    return f"anomaly {kind}"


def precision(
    database: Database, now: dt.datetime, days: int = DAYS, findings: Sequence[JudgedFinding] = ()
) -> list[Precision]:
    """The rules that made alerts in the last days, and the kinds of what was unusual, by name.

    An alert is right or wrong as people said of it; where they said nothing of it, as they corrected what a camera saw at the
    time of one of its events: the behaviour, the cat, or that it was no animal; else as they said of its events themselves. Of several corrections the later one counts.

    Args:
        database: where alerts are kept.
        now: UTC.
        days: that are looked back on.
        findings: that people judged in these days. Each says it for its alert, and for its kind alone where none was made.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    if database.is_new:
        return []
    found = alerts(database, _MOST, now - dt.timedelta(days=days))
    if not found and not findings:
        return []
    first, last = (
        min((each.began_at for each in found), default=now),
        max((each.last_at for each in found), default=now),
    )
    said = corrections(database, span=Span(first, last + dt.timedelta(seconds=1)))
    told = verdicts(database, "event")
    judged = [
        (_name(each), _verdict(each, said) or _of_events(each, told) or _of_findings(each, findings)) for each in found
    ]
    alone = [each for each in findings if not any(_is_of(alert, each) for alert in found)]
    made = []
    for rule in sorted({name for name, _ in judged} | {of_kind(each.kind) for each in alone}):
        mine = [verdict for name, verdict in judged if name == rule]
        all_said = mine + [_is(each.right) for each in alone if of_kind(each.kind) == rule]
        right, wrong = all_said.count("right"), all_said.count("wrong")
        low, high = wilson(right, right + wrong) if right + wrong else (None, None)
        made.append(Precision(rule, len(mine), right, wrong, low, high))
    return made


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927, https://doi.org/10.1080/01621459.1927.10502953).

    Raises:
        ValueError: if there is nothing that it is a share of.
    """
    if not 0 <= right <= of or not of:
        raise ValueError(f"{right} of {of}: a share is of one or more")
    share, square = right / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _verdict(alert: Alert, said: Iterable[Correction]) -> str:
    if alert.verdict or alert.category != "cat":
        return alert.verdict
    last = dict[str, Correction]()
    for each in said:
        if any(s.camera == each.camera and s.at in each.span for s in alert.sightings):
            last[each.field] = each
    behaviour = str(alert.said.get("behaviour", ""))
    verdicts = [
        *(["wrong"] if "not_an_animal" in last else []),
        *([_is(last["behaviour"].value == behaviour)] if "behaviour" in last and behaviour else []),
        *([_is(last["cat"].value == alert.subject)] if "cat" in last else []),
    ]
    return "wrong" if "wrong" in verdicts else "right" if verdicts else ""


def _of_events(alert: Alert, told: Mapping[str, Verdict]) -> str:
    """What people said of its events themselves: one that was wrong makes it wrong."""
    said = [told[sighting.event_id].right for sighting in alert.sightings if sighting.event_id in told]
    return _is(all(said)) if said else ""


def _name(alert: Alert) -> str:
    return of_kind(str(alert.said["kind"])) if alert.category == "anomaly" and "kind" in alert.said else alert.rule


def _of_findings(alert: Alert, findings: Iterable[JudgedFinding]) -> str:
    """What people last said on the page of what it was made from."""
    said = [each.right for each in findings if _is_of(alert, each)]
    return _is(said[-1]) if said else ""


def _is_of(alert: Alert, finding: JudgedFinding) -> bool:
    """Whether an alert tells a finding: one that lasts is found again each night, until when it was last looked at."""
    said = alert.said
    if alert.category != "anomaly" or (alert.subject, said.get("kind"), said.get("of")) != (
        finding.cat,
        finding.kind,
        finding.of,
    ):
        return False
    until = dt.datetime.fromisoformat(str(said["known_until"])) if "known_until" in said else alert.last_at
    return alert.began_at <= finding.raised <= max(until, alert.last_at)


def _is(right: bool) -> str:
    return "right" if right else "wrong"
