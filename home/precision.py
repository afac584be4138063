"""How often a rule was right, by what people said of its alerts and of what it was made from."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from home.alerts import Alert, alerts
from home.clock import Span
from home.corrections import Correction, corrections
from home.database import Database
from home.verdicts import Verdict, verdicts

__all__ = ["Precision", "precision", "wilson"]

DAYS = 90
_MOST = 5000
_Z = 1.959963985  # of 95 %


@dataclass(frozen=True)
class Precision:
    """What people said of a rule.

    Attributes:
        rule: its name.
        alerts: that it made.
        right, wrong: of those that people judged.
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


def precision(database: Database, now: dt.datetime, days: int = DAYS) -> list[Precision]:
    """The rules that made alerts in the last days, by name.

    An alert is right or wrong as people said of it; where they said nothing of it, as they corrected what a camera saw at the
    time of one of its events: the behaviour, the cat, or that it was no animal; else as they said of its events themselves. Of several corrections the later one counts.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    if database.is_new:
        return []
    found = alerts(database, _MOST, now - dt.timedelta(days=days))
    if not found:
        return []
    span = Span(min(each.began_at for each in found), max(each.last_at for each in found) + dt.timedelta(seconds=1))
    said = corrections(database, span=span)
    told = verdicts(database, "event")
    judged = {each.id: _verdict(each, said) or _of_events(each, told) for each in found}
    made = []
    for rule in sorted({each.rule for each in found}):
        mine = [judged[each.id] for each in found if each.rule == rule]
        right, wrong = mine.count("right"), mine.count("wrong")
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


def _is(right: bool) -> str:
    return "right" if right else "wrong"
