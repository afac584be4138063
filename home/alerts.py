"""What people are told: the rows of the tables `alerts` and `alert_messages`.

An alert is what one rule found of one cat in one go, or one fault of the house. A message is what goes out of it on one
channel; it is kept in the transaction that says that the alert is told, and sent from there until it has gone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args
from uuid import UUID

import sqlalchemy as sa

from home.database import Database, Moment
from home.errors import WrongUse

__all__ = [
    "Alert",
    "Message",
    "Sighting",
    "alerts",
    "find",
    "forget",
    "judge",
    "keep",
    "messages",
    "recent",
    "update_message",
]

Category = Literal["cat", "human", "wildlife", "anomaly", "system", "missing"]
State = Literal["waiting", "told", "silenced", "over"]
Verdict = Literal["", "right", "wrong"]


LASTING = dt.timedelta(days=60)  # what has lasted for longer is told no end of


@dataclass(frozen=True)
class Sighting:
    """An event of an alert.

    Attributes:
        event_id: of the event; of what no event tells, a name that comes again with it.
        at: when, UTC.
        camera: that saw it; empty where none did.
        media: key of its picture in the store; empty where there is none.
        over: it is known not to have been so, or over.
    """

    event_id: str
    at: dt.datetime
    camera: str = ""
    media: str = ""
    over: bool = False


@dataclass(frozen=True)
class Alert:
    """What one rule found of one cat in one go, or one fault of the house.

    Attributes:
        id: the same for the same first event.
        category: of its events; `missing` is what was expected and not seen.
        rule: of home.yaml, or the house's own name for it.
        subject: id of a cat, `unknown`, a camera, a species, a flow.
        severity: notice, warning or urgent.
        began_at, last_at: of what it tells, UTC.
        ended_at: when it was over or taken back, UTC; None while it lasts. What cats do has no end here.
        state: waiting to be told, told, silenced, or over without having been told.
        reason: why it waits or is silenced; `ended` and `taken back` where it was told and that was told too.
        told_at: since when, UTC.
        sightings: its events, in the order in which they came.
        payload: what the last event says, as `home.event_payloads` has it; what was expected, of one that is missing.
        verdict: whether people said that it was right; empty while nobody has.
    """

    id: UUID
    category: Category
    rule: str
    subject: str
    severity: str
    began_at: dt.datetime
    last_at: dt.datetime
    ended_at: dt.datetime | None = None
    state: State = "waiting"
    reason: str = ""
    told_at: dt.datetime | None = None
    sightings: tuple[Sighting, ...] = ()
    payload: Mapping[str, Any] | None = None
    verdict: Verdict = ""

    @property
    def said(self) -> Mapping[str, Any]:
        """The payload, empty where there is none."""
        return self.payload or {}

    @property
    def lasts(self) -> bool:
        """Whether it is of the kind that lasts until it is over, and not of something that happened."""
        return self.category in ("anomaly", "system", "missing")


@dataclass(frozen=True)
class Message:
    """What goes out on one channel.

    Attributes:
        id: the same for the same alerts in the same state on the same channel.
        channel: id in home.yaml.
        rule: of its alert, for figures; `digest`, or `several`.
        content: what it says, as `ingest.alerts.wording` has it.
        made_at: when, UTC.
        state: waiting, sent, or dropped: it was tried for too long.
        tries: so far.
        next_at: when it is tried next, UTC.
        sent_at: UTC.
        error: of the last try; empty where it went well.
    """

    id: UUID
    channel: str
    rule: str
    content: Mapping[str, Any]
    made_at: dt.datetime
    state: Literal["waiting", "sent", "dropped"] = "waiting"
    tries: int = 0
    next_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    error: str = ""


_ALERTS = sa.Table(
    "alerts",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("category", "rule", "subject", "severity", "state", "reason")),
    *(sa.Column(name, Moment) for name in ("began_at", "last_at", "ended_at", "told_at")),
    *(sa.Column(name, sa.Text) for name in ("sightings", "payload", "verdict")),
)
_MESSAGES = sa.Table(
    "alert_messages",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("channel", "rule", "content", "state", "error")),
    *(sa.Column(name, Moment) for name in ("made_at", "next_at", "sent_at")),
    sa.Column("tries", sa.Integer),
)


def keep(database: Database, changed: Iterable[Alert], new: Iterable[Message]) -> None:
    """Keep alerts and what goes out of them, all or none. A message that is there already stays as it is.

    What people said of an alert in the meantime stays too.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    rows, outgoing = [_row(each) for each in changed], list(new)

    def work(connection: sa.Connection) -> None:
        for row in rows:
            values = {name: value for name, value in row.items() if name != "verdict"}
            if not connection.execute(sa.update(_ALERTS).where(_ALERTS.c.id == row["id"]).values(**values)).rowcount:
                connection.execute(sa.insert(_ALERTS).values(**row))
        for message in outgoing:
            there = sa.select(_MESSAGES.c.id).where(_MESSAGES.c.id == str(message.id))
            if connection.execute(there).first() is None:
                connection.execute(sa.insert(_MESSAGES).values(**_message_row(message)))

    if rows or outgoing:
        database.write(work)


def recent(database: Database, since: dt.datetime) -> list[Alert]:
    """The alerts that something can still be said of: those that wait, those that last, and those since a moment.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    lasting = sa.and_(
        _ALERTS.c.ended_at.is_(None),
        _ALERTS.c.category.in_(("anomaly", "system", "missing")),
        _ALERTS.c.began_at >= since - LASTING,
    )
    query = sa.select(_ALERTS).where(sa.or_(_ALERTS.c.last_at >= since, _ALERTS.c.state == "waiting", lasting))
    return _read(database, query.order_by(_ALERTS.c.began_at, _ALERTS.c.id))


def alerts(database: Database, limit: int = 50, since: dt.datetime | None = None) -> list[Alert]:
    """The alerts, newest first.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_ALERTS).order_by(_ALERTS.c.began_at.desc(), _ALERTS.c.id).limit(limit)
    return _read(database, query if since is None else query.where(_ALERTS.c.began_at >= since))


def find(database: Database, name: str) -> Alert:
    """The alert whose id begins so.

    Raises:
        WrongUse: if there is none, or more than one.
        StoreError, TableError: as `Database.read`.
    """
    found = _read(database, sa.select(_ALERTS).where(_ALERTS.c.id.startswith(name, autoescape=True)).limit(2))
    if len(found) != 1 or not name:
        many = "more than one alert has" if len(found) > 1 else "no alert has"
        raise WrongUse(f"{many} an id that begins with {name!r} (`catml alerts` lists them)")
    return found[0]


def judge(database: Database, alert: UUID, verdict: Verdict) -> None:
    """Keep what people say of an alert: right, wrong, or nothing any more.

    Raises:
        ValueError: if the verdict is none of these.
        StoreError, TableError: as `Database.write`.
    """
    if verdict not in get_args(Verdict):
        raise ValueError(f"verdict {verdict!r}: right, wrong or an empty one would be right")
    change = sa.update(_ALERTS).where(_ALERTS.c.id == str(alert)).values(verdict=verdict)
    database.write(lambda connection: connection.execute(change))


def messages(database: Database, channel: str, limit: int = 50) -> list[Message]:
    """What waits to go out on a channel, in the order in which it was made.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    mine = sa.and_(_MESSAGES.c.channel == channel, _MESSAGES.c.state == "waiting")
    query = sa.select(_MESSAGES).where(mine).order_by(_MESSAGES.c.made_at, _MESSAGES.c.id).limit(limit)
    return database.read(lambda connection: [_read_message(dict(row)) for row in connection.execute(query).mappings()])


def update_message(database: Database, message: Message) -> None:
    """Keep how a message fares. After one that went, the others of its channel need not wait: somebody answers.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    row = _message_row(message)

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.update(_MESSAGES).where(_MESSAGES.c.id == row["id"]).values(**row))
        if message.state == "sent" and message.tries > 1:
            others = sa.and_(_MESSAGES.c.channel == message.channel, _MESSAGES.c.state == "waiting")
            connection.execute(sa.update(_MESSAGES).where(others).values(next_at=message.sent_at))

    database.write(work)


def forget(database: Database, before: dt.datetime) -> None:
    """Let go of messages that went, or were dropped, before a moment; what was told stays, as alerts.

    Raises:
        StoreError, TableError: as `Database.write`.
    """
    old = sa.and_(_MESSAGES.c.state != "waiting", _MESSAGES.c.made_at < before)
    database.write(lambda connection: connection.execute(sa.delete(_MESSAGES).where(old)))


def _read(database: Database, query: sa.Select[Any]) -> list[Alert]:
    return database.read(lambda connection: [_read_alert(dict(row)) for row in connection.execute(query).mappings()])


def _row(alert: Alert) -> dict[str, Any]:
    sightings = [[s.event_id, s.at.isoformat(), s.camera, s.media, s.over] for s in alert.sightings]
    plain = {each.name: getattr(alert, each.name) for each in fields(alert)}
    texts = {"sightings": _text(sightings), "payload": _text(dict(alert.said))}
    return {**plain, **texts, "id": str(alert.id)}


def _read_alert(row: dict[str, Any]) -> Alert:
    told = [Sighting(key, dt.datetime.fromisoformat(at), *rest) for key, at, *rest in json.loads(row["sightings"])]
    return Alert(**{**row, "id": UUID(row["id"]), "sightings": tuple(told), "payload": json.loads(row["payload"])})


def _message_row(message: Message) -> dict[str, Any]:
    plain = {each.name: getattr(message, each.name) for each in fields(message)}
    return {
        **plain,
        "id": str(message.id),
        "content": _text(dict(message.content)),
        "next_at": message.next_at or message.made_at,
    }


def _read_message(row: dict[str, Any]) -> Message:
    return replace(Message(**{**row, "id": UUID(row["id"])}), content=json.loads(row["content"]))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
