"""What each week learned of every behaviour of every cat, kept by version with its back-test; and which version forecasts.

A version is whole: it has a model for each behaviour of each cat, the one learned that week where that one took over, and
the one in place before where it was better. So one name says what forecasts, and one step leads back. It is a file,
`data/models/habits/DATE-FINGERPRINT/model.json`; same counts, parameters and version before: same name, same bytes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from home.champion import champion_folder, read_standing, write_standing
from home.errors import ModelError
from home.folder import Home
from home.store import write_file
from home.tables import HABITS
from models.habits.contest import IN_PLACE, Champion, Record, Verdict, contest, record, with_champion
from models.habits.forecast import Learned, fit, learn
from models.habits.history import History
from models.habits.kept import Numbers, numbers_of, restored
from models.habits.next_event_blend import CANDIDATES
from models.habits.selection import Choice, Gain

__all__ = [
    "Kept",
    "Key",
    "Version",
    "has_version",
    "in_place",
    "learned",
    "present",
    "read_version",
    "seat",
    "spoken_by",
    "write_version",
]

FILE = "model.json"
Key = tuple[str, str]


class _Strict(BaseModel):
    # JSON knows no NaN: where nothing was compared it says "NaN"
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings", allow_inf_nan=True)


class Kept(_Strict):
    """The model of one behaviour of one cat.

    Attributes:
        cat, behaviour: what it is of.
        learned_at: what it is taught by was known then.
        model: name of the candidate.
        abstains, reason: as `models.habits.selection.Choice`.
        numbers: what it learned.
        record: its back-test when the version was made.
        losses: of every candidate in that back-test, hours.
        before: the back-test of the one in place before; None if that was none or silent.
        challenger: the candidate that was learned this week; where it did not take over, `model` is the one in place before.
        verdict: whether that took over, and why.
    """

    cat: str
    behaviour: str
    learned_at: dt.datetime
    model: str
    abstains: bool
    reason: str
    numbers: Numbers
    record: Record
    losses: dict[str, float]
    before: Record | None
    challenger: str
    verdict: Verdict

    @property
    def key(self) -> Key:
        """Cat and behaviour."""
        return self.cat, self.behaviour

    @property
    def is_news(self) -> bool:
        """Whether it differs from what is in place: silence after silence does not."""
        return self.verdict.takes_over and not (self.verdict.why == "silent" and self.abstains and self.before is None)

    def choice(self) -> Choice:
        """As the forecast takes it."""
        return Choice(self.model, self.abstains, self.reason, self.losses, self.record.skill)

    def champion(self) -> Champion:
        """As one that others stand up against.

        Raises:
            ValueError: if its numbers are not those of such a model.
        """
        fitted = None if self.abstains else restored(self.model, self.numbers)
        return Champion(self.choice(), fitted, self.learned_at.timestamp())


class Version(_Strict):
    """What a week learned.

    Attributes:
        name: `DATE-FINGERPRINT`, of the local date from which on it may forecast and of what it was made from.
        champion: the version in place before; empty if that was none.
        models: of each behaviour of each cat.
    """

    name: str
    champion: str
    models: list[Kept]

    @property
    def by_key(self) -> dict[Key, Kept]:
        """The models by cat and behaviour."""
        return {kept.key: kept for kept in self.models}


def date_of(name: str) -> dt.date:
    """The local date that a version begins on."""
    return dt.date.fromisoformat(name[:10])


def in_place(home: Home, date: dt.date) -> str:
    """Name of the version that forecasts on a date; empty if none did yet.

    Raises:
        ModelError: if the file that says so is damaged.
    """
    names = [name for name in read_standing(home, "habits").promoted if date_of(name) <= date]
    return names[-1] if names else ""


def learned(
    known: History, key: Key, now: dt.datetime, before: Kept | None, *, tested_s: float, memory_s: float
) -> Kept:
    """Learn one behaviour of one cat, and let it stand up against the one in place."""
    at = now.timestamp()
    champion = None if before is None else _asked(before)
    week = learn(known, at, champion.choice if champion else None, tested_s=tested_s, memory_s=memory_s)
    if champion is not None:
        week = Learned(week.choice, with_champion(week.test, champion, known, memory_s=memory_s))
    verdict = contest(week.test, at, champion, week.choice)
    losses = week.choice.losses
    old = record(week, IN_PLACE) if IN_PLACE in week.test.quantiles else None
    if before is not None and not verdict.takes_over and old is not None:
        stays = before.model_copy(update={
            "losses": losses, "before": old, "record": old, "challenger": week.choice.model, "verdict": verdict,
        })  # fmt: skip
        return _silent_if_no_better(stays, old)
    choice = week.choice
    numbers = {} if choice.abstains else numbers_of(fit(known, at, choice, memory_s=memory_s))
    return Kept(
        cat=key[0], behaviour=key[1], learned_at=now, model=choice.model, abstains=choice.abstains, reason=choice.reason,
        numbers=numbers, record=record(week, choice.model), losses=losses, before=old, challenger=choice.model,
        verdict=verdict,
    )  # fmt: skip


def _asked(before: Kept) -> Champion | None:
    """None where the candidate is none any more: then there is nobody to stand up against."""
    return before.champion() if before.model in {one.name for one in CANDIDATES} else None


def present(home: Home, week: Version, date: dt.date) -> tuple[str, dict[Key, Kept]]:
    """What forecasts on a date: the version in place, and the week's own for what that one does not know.

    What is in place still but no longer better than naive is silent: `week` has measured it.

    Raises:
        ModelError: if the version in place is gone or damaged.
    """
    name = in_place(home, date) or week.name
    if name == week.name:
        return name, week.by_key
    here, fresh = read_version(home, name).by_key, week.by_key
    for key, kept in here.items():
        now = fresh[key].before if key in fresh and week.champion == name else None
        here[key] = _silent_if_no_better(kept.model_copy(update={"record": now}), now) if now else kept
    return name, {**fresh, **here}


def spoken_by(home: Home, date: dt.date) -> dict[Key, Kept]:
    """What speaks since a local date that was learned for, in the order of its table `habits`, and as that judged it.

    Whoever fell silent there is silent until it is learned again.

    Raises:
        ModelError: if a version that is needed is gone or damaged.
        StoreError, TableError: if the table cannot be read, or is damaged.
    """
    notes = home.tables.notes(HABITS, date)
    names = dict.fromkeys(name for name in (notes.get("week"), notes.get("models")) if name)
    models = {key: kept for name in names for key, kept in read_version(home, name).by_key.items()}
    judged = {(str(row.cat), str(row.behaviour)): row for row in home.tables.read(HABITS, date).itertuples()}
    return {key: _as_judged(models[key], row) for key, row in judged.items() if key in models}


def _as_judged(kept: Kept, row: Any) -> Kept:
    skill = None if pd.isna(row.skill) else Gain(float(row.skill), float(row.skill_low), float(row.skill_high))
    record = replace(kept.record, skill=skill)
    return kept.model_copy(update={"abstains": bool(row.abstained), "reason": str(row.reason), "record": record})


def _silent_if_no_better(kept: Kept, now: Record) -> Kept:
    if kept.abstains or now.skill is None or now.skill.share > 0:
        return kept
    return kept.model_copy(update={"abstains": True, "reason": "no_better"})


def seat(home: Home, week: Version) -> None:
    """Put a version in place, or let it wait, as `habits.promote` says; where it brings nothing new, neither.

    The first is put in place without asking: there is nothing that it could be worse than. What was taken back comes again
    only by `catml promote habits`; a later week's may. Called again, it changes nothing.

    Raises:
        ModelError: if the file that says what is in place is damaged.
    """
    standing = read_standing(home, "habits")
    held = week.name in standing.taken_back or any(date_of(name) >= date_of(week.name) for name in standing.taken_back)
    news = any(kept.is_news for kept in week.models)
    if week.name in (standing.waiting, *standing.promoted[-1:]) or held or not news:
        return
    if standing.promoted and home.params.habits.promote == "ask":
        if date_of(week.name) >= date_of(standing.promoted[-1]):
            write_standing(home, standing.model_copy(update={"waiting": week.name}), "habits")
        return
    # Of one date the last one counts: the others were learned from counts that have been mended since.
    others = [name for name in standing.promoted if date_of(name) != date_of(week.name)]
    names = sorted([*others, week.name], key=date_of)
    latest = names[-1] == week.name
    update = {"promoted": names, **({"waiting": "", "taken_back": []} if latest else {})}
    write_standing(home, standing.model_copy(update=update), "habits")


def write_version(home: Home, week: Version) -> None:
    """Write it whole, or leave what was there."""
    write_file(_file(home, week.name), (week.model_dump_json() + "\n").encode())


def read_version(home: Home, name: str) -> Version:
    """A version.

    Raises:
        ModelError: if it is gone or damaged.
    """
    file = _file(home, name)
    try:
        return Version.model_validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        raise ModelError(
            f"{str(file)!r} is no version of habit models ({type(error).__name__}); `catml promote habits --back` goes back "
            "to the one before, and `catml weekly --force` learns this week's anew"
        ) from error


def has_version(home: Home, name: str) -> bool:
    """Whether it was learned already."""
    return _file(home, name).exists()


def _file(home: Home, name: str) -> Path:
    return champion_folder(home, "habits") / name / FILE
