"""What people want to hear nothing of for a while: the rows of the table `snoozes`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from home.alert_settings import HOUSE_RULES
from home.config import HomeConfig
from home.database import Database, Moment
from home.errors import WrongUse

__all__ = ["LONGEST", "Snooze", "end", "known_rules", "length_of", "snooze", "snoozes", "what_is_meant"]

What = Literal["all", "rule", "cat"]
LONGEST = dt.timedelta(days=30)  # who wants to hear nothing for longer takes the rule out of home.yaml
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Snooze:
    """A time without alerts.

    Attributes:
        what: everything, what one rule finds, or what is of one cat.
        name: of the rule, or id of the cat; empty for everything.
        until: its end, UTC.
        made_at: when it was said, UTC.
        by: who said so; empty where nobody was named.
        id: a number that is never given twice; 0 before it is kept.
    """

    what: What
    name: str
    until: dt.datetime
    made_at: dt.datetime
    by: str = ""
    id: int = 0

    def holds(self, rule: str, subject: str, now: dt.datetime) -> bool:
        """Whether what this rule finds of this cat is not told now."""
        if now >= self.until:
            return False
        return self.what == "all" or self.name == {"rule": rule, "cat": subject}[self.what]


_ROWS = sa.Table(
    "snoozes",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("what", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("until", Moment),
    sa.Column("made_at", Moment),
    sa.Column("by", sa.Text),
)


def snooze(database: Database, new: Snooze) -> Snooze:
    """Keep a snooze. One of the same that holds already gets the later end: saying it twice changes nothing.

    Raises:
        WrongUse: if it ends before it begins, or lasts longer than 30 days.
        StoreError, TableError: as `Database.write`.
    """
    if not dt.timedelta() < new.until - new.made_at <= LONGEST:
        raise WrongUse(f"a snooze lasts from a minute to {LONGEST.days} days; this one would end at {new.until}")

    def work(connection: sa.Connection) -> Snooze:
        same = sa.and_(_ROWS.c.what == new.what, _ROWS.c.name == new.name, _ROWS.c.until > new.made_at)
        row = connection.execute(sa.select(_ROWS).where(same).order_by(_ROWS.c.id)).mappings().first()
        if row is not None:
            until = max(row["until"], new.until)
            connection.execute(sa.update(_ROWS).where(_ROWS.c.id == row["id"]).values(until=until))
            return Snooze(**{**row, "until": until})
        values = {"what": new.what, "name": new.name, "until": new.until, "made_at": new.made_at, "by": new.by}
        connection.execute(sa.insert(_ROWS).values(**values))
        last = connection.execute(sa.select(_ROWS).order_by(_ROWS.c.id.desc())).mappings().first()
        assert last is not None
        return Snooze(**last)

    return database.write(work)


def snoozes(database: Database, now: dt.datetime) -> list[Snooze]:
    """Those that hold now, the one that ends first in front.

    Raises:
        StoreError, TableError: as `Database.read`.
    """
    query = sa.select(_ROWS).where(_ROWS.c.until > now).order_by(_ROWS.c.until, _ROWS.c.id)
    return database.read(lambda connection: [Snooze(**row) for row in connection.execute(query).mappings()])


def end(database: Database, number: int, now: dt.datetime) -> Snooze:
    """Let a snooze end now. One that is over stays as it was.

    Raises:
        WrongUse: if there is none of that number.
        StoreError, TableError: as `Database.write`.
    """

    def work(connection: sa.Connection) -> Snooze:
        one = _ROWS.c.id == number
        connection.execute(sa.update(_ROWS).where(one, _ROWS.c.until > now).values(until=now))
        row = connection.execute(sa.select(_ROWS).where(one)).mappings().first()
        if row is None:
            raise WrongUse(f"no snooze {number} (`catml alerts` lists them)")
        return Snooze(**row)

    return database.write(work)


def known_rules(config: HomeConfig) -> list[str]:
    """Every rule that alerts may be of: those of home.yaml, and those of the house itself."""
    return sorted({*config.rules, *HOUSE_RULES})


def length_of(text: str) -> dt.timedelta:
    """A length of time as it is typed: `30min`, `2h`, `1d`.

    Raises:
        WrongUse: if it is none.
    """
    found = re.fullmatch(r"(\d{1,4})\s*(min|m|h|d)", text.strip().lower())
    if not found or not int(found[1]):
        raise WrongUse(f"{text!r} is no length of time; 30min, 2h or 1d would be")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})


def what_is_meant(word: str, rules: Collection[str], cats: Mapping[str, str]) -> tuple[What, str]:
    """What a word names: everything, a rule, or a cat by its id or name.

    Args:
        word: as it was typed.
        rules: names of rules, those of the house itself too.
        cats: id to name.

    Raises:
        WrongUse: if it names nothing; with what there is.
    """
    if word == "all":
        return "all", ""
    cat = next((key for key, name in cats.items() if word.casefold() in (key.casefold(), name.casefold())), None)
    if word in rules:
        return "rule", word
    if cat is not None:
        return "cat", cat
    raise WrongUse(f"no rule and no cat is called {word!r}; there are: all, {', '.join([*sorted(rules), *cats])}")
