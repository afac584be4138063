"""What `catml report` says at its end: the month's sentences, a small table, and where the reports lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from home.errors import WrongUse
from home.ethogram import known_cat
from home.folder import Home, today
from home.look import duration
from home.speech.month import Month, month_of, parse_month
from home.speech.speech import Speech, amount_s
from home.terminal import Terminal
from tasks.month import FOLDER, HOME, month
from tasks.month_report.numbers import Behaviour, Numbers
from tasks.month_report.sentences import by_count

__all__ = ["asked_month", "report_month"]


def report_month(
    terminal: Terminal, home: Home, asked: str | None, cats: Sequence[str], *, paper: bool = True, force: bool = False
) -> dict[str, Any]:
    """Write the reports of a month and tell of them, to people, and return what `--json` prints.

    Raises:
        WrongUse: if the month is none, or still to come, or the home has no such cat.
        StoreError, TableError: as `tasks.month.month`.
    """
    wanted = asked_month(home, asked)
    called = {key: each.name for key, each in home.config.cats.items()}
    names = [cat if cat == HOME else known_cat(cat, called, nobody=False) for cat in cats]
    with terminal.progress() as progress:
        outcome = month(home, [wanted], names, paper=paper, force=force, progress=progress)
    for warning in outcome.warnings:
        terminal.warn(warning)
    reports = []
    for name in names or [*home.config.cats, HOME]:
        numbers = _read(home, wanted, name)
        _tell(terminal, home, numbers)
        reports.append(
            {
                "name": name,
                "sentences": numbers.sentences,
                "footing": numbers.footing,
                "files": _files(home, wanted, name),
            }
        )
    for each in reports:
        terminal.say(
            f"\n{each['name']}: {each['files'][0]}" if each is reports[0] else f"{each['name']}: {each['files'][0]}"
        )
    return {"month": str(wanted), "outcome": asdict(outcome), "reports": reports}


def asked_month(home: Home, asked: str | None) -> Month:
    """The month that was typed; without one the last full one.

    Raises:
        WrongUse: if it is none, or still to come.
    """
    now = month_of(today(home))
    if asked is None:
        return now.before
    wanted = parse_month(asked)
    if wanted > now:
        raise WrongUse(f"--month {wanted} is still to come; it is {now} in {home.config.timezone}")
    return wanted


def _read(home: Home, wanted: Month, name: str) -> Numbers:
    return Numbers.model_validate_json(home.data.read(f"{FOLDER}/{wanted}/{name}.json"))


def _files(home: Home, wanted: Month, name: str) -> list[str]:
    base = f"{FOLDER}/{wanted}/{name}"
    return [
        str(home.root / "data" / f"{base}.{kind}")
        for kind in ("html", "pdf", "json")
        if home.data.find(f"{base}.{kind}")
    ]


def _tell(terminal: Terminal, home: Home, numbers: Numbers) -> None:
    speech = Speech(numbers.language, home.zone)
    said, rows = (" ".join(each) for each in (numbers.sentences, numbers.footing) if each), _rows(numbers, speech)
    terminal.say("\n" + "\n".join(said))
    if rows:
        terminal.say("")
        terminal.table([speech.say(f"col_{name}") for name in ("behaviour", "a_day", "in_all", "observed")], rows)


def _rows(numbers: Numbers, speech: Speech) -> list[tuple[str, ...]]:
    return [
        (
            speech.label(each.behaviour),
            _a_day(each, speech),
            str(each.events),
            speech.percent(each.observed_s / each.of_s),
        )
        for each in numbers.behaviours
        if each.observed_s and each.of_s
    ]


def _a_day(each: Behaviour, speech: Speech) -> str:
    if not each.enough:
        return "–"
    if by_count(each):
        return speech.times(each.events_a_day or 0.0) if each.events else speech.say("never")
    return duration(amount_s(each.seconds_a_day or 0.0)) if each.events else speech.say("never")
