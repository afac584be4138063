"""What `catml alerts` says and does, at a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from home.alerts import Alert, alerts, find, judge, messages
from home.errors import WrongUse
from home.findings import judged_findings
from home.folder import Home
from home.look import counted, duration
from home.precision import DAYS, Precision, precision
from home.snoozes import Snooze, end, known_rules, length_of, snoozes, what_is_meant
from home.snoozes import snooze as keep_snooze
from home.terminal import Terminal
from ingest.alerts.deciding import Told
from ingest.alerts.sending import now
from ingest.alerts.wording import Teller

__all__ = ["tell_alerts", "tell_judged", "tell_snoozed", "tell_tried", "tell_unsnoozed"]

_ID = 8  # letters of an id that are shown


def tell_alerts(home: Home, terminal: Terminal, number: int) -> dict[str, Any]:
    """The last alerts, what is snoozed, what waits to go out, and how often each rule was right.

    Raises:
        StoreError, TableError: if the rows cannot be read.
    """
    at, settings = now(), home.config.alerts
    if not settings.channels:
        terminal.warn("no alert goes anywhere: home.yaml has no `channels` under `alerts`; docs/live.md shows some")
    for name in unknown_rules(home):
        terminal.warn(
            f"`alerts` in home.yaml names a rule {name!r} that there is not; {', '.join(known_rules(home.config))} are"
        )
    if home.database.is_new:
        terminal.say("There were no alerts.")
        return {"alerts": [], "snoozes": [], "waiting": {}, "precision": []}
    found, held = alerts(home.database, number), snoozes(home.database, at)
    rules = precision(home.database, at, findings=judged_findings(home, at, DAYS))
    waiting = {name: messages(home.database, name) for name in settings.channels}
    teller = Teller(home.config, "en", at)
    _list(terminal, teller, found)
    for each in held:
        terminal.say(f"Snooze {each.id}: {_whom(each)} until {teller.speech.moment(each.until)}.")
    for name, some in waiting.items():
        if some:
            why = f" ({some[0].error})" if some[0].error else ""
            terminal.say(f"{counted(len(some), 'message')} for {name} could not be sent yet{why}.")
    _rules(terminal, rules)
    return {
        "alerts": [_tree(each) for each in found],
        "snoozes": [asdict(each) for each in held],
        "waiting": {name: len(some) for name, some in waiting.items()},
        "precision": [asdict(each) | {"share": each.share} for each in rules],
    }


def unknown_rules(home: Home) -> list[str]:
    """Rules that the section `alerts` names and that nothing makes: a slip of the pen would silence them for ever."""
    settings = home.config.alerts
    named = {*settings.rules, *(rule for channel in settings.channels.values() for rule in channel.rules)}
    return sorted(named - set(known_rules(home.config)))


def tell_snoozed(home: Home, terminal: Terminal, word: str, length: str, by: str) -> dict[str, Any]:
    """Keep a snooze of what a word names, for a length of time.

    Raises:
        WrongUse: if it names nothing, or the length is none.
        StoreError, TableError: if it cannot be kept.
    """
    cats = {key: cat.name for key, cat in home.config.cats.items()}
    at = now()
    what, name = what_is_meant(word, known_rules(home.config), cats)
    kept = keep_snooze(home.database, Snooze(what, name, at + length_of(length), at, by))
    until = Teller(home.config, "en", at).speech.moment(kept.until)
    terminal.say(f"Snooze {kept.id}: {_whom(kept)} until {until}. catml alerts unsnooze {kept.id} ends it.")
    return {"snooze": asdict(kept)}


def tell_unsnoozed(home: Home, terminal: Terminal, number: int) -> dict[str, Any]:
    """End a snooze.

    Raises:
        WrongUse: if there is none of that number.
        StoreError, TableError: if it cannot be kept.
    """
    ended = end(home.database, number, now())
    terminal.say(f"Snooze {ended.id} of {_whom(ended)} is over.")
    return {"snooze": asdict(ended)}


def tell_judged(home: Home, terminal: Terminal, name: str, verdict: Literal["right", "wrong"]) -> dict[str, Any]:
    """Keep what somebody says of an alert.

    Raises:
        WrongUse: if there is no such alert.
        StoreError, TableError: if it cannot be kept.
    """
    alert = find(home.database, name)
    judge(home.database, alert.id, verdict)
    terminal.say(f"Kept: {alert.rule}, {alert.began_at.astimezone(home.zone):%Y-%m-%d %H:%M}, was {verdict}.")
    return {"alert": str(alert.id), "verdict": verdict}


def tell_tried(home: Home, terminal: Terminal, names: Sequence[str]) -> dict[str, Any]:
    """Send a test on channels, and say what became of it.

    Raises:
        WrongUse: if home.yaml has no such channel, or none at all.
    """
    from ingest.alerts.trial import tried

    channels = home.config.alerts.channels
    unknown = [name for name in names if name not in channels]
    if unknown or not channels:
        there = ", ".join(channels) or "none; docs/live.md shows some"
        raise WrongUse(f"no channel {', '.join(unknown)!r} under `alerts` in home.yaml; it has: {there}")
    told = dict[str, str]()
    for name in names or list(channels):
        told[name] = tried(home, name)
        terminal.say(f"{name}: {f'not taken: {told[name]}' if told[name] else 'taken'}")
    return {"channels": told}


def _list(terminal: Terminal, teller: Teller, found: Sequence[Alert]) -> None:
    if not found:
        terminal.say("There were no alerts.")
        return
    rows = [
        (str(each.id)[:_ID], teller.speech.moment(each.began_at), teller.title(each, over=False), _seen(teller, each), _state(each), each.verdict)
        for each in found
    ]  # fmt: skip
    terminal.table(("alert", "when", "what", "seen", "told", "was it"), rows)
    terminal.say()


def _seen(teller: Teller, alert: Alert) -> str:
    if alert.category in ("cat", "human", "wildlife"):
        long, rooms = (alert.last_at - alert.began_at).total_seconds(), teller.rooms(alert)
        where = [teller.speech.listed(rooms)] if rooms else []
        lasted = [duration(long)] if long >= 1 else []
        return ", ".join([*where, *lasted, teller.counted("times_seen", len(alert.sightings))])
    if alert.ended_at is not None:
        return f"over after {duration((alert.ended_at - alert.began_at).total_seconds())}"
    return next(iter(teller.lines(Told(alert, "begin"))), "")


def _state(alert: Alert) -> str:
    if alert.state == "told":
        return f"told, {alert.reason}" if alert.reason else "told"
    words = {"waiting": "waits", "silenced": "silent", "over": "not told"}[alert.state]
    return f"{words}: {alert.reason}" if alert.reason else words


def _whom(each: Snooze) -> str:
    return "all alerts" if each.what == "all" else f"{each.what} {each.name}"


def _rules(terminal: Terminal, rules: Sequence[Precision]) -> None:
    judged = [each for each in rules if each.share is not None]
    if not judged:
        return
    rows = [
        (each.rule, str(each.alerts), str(each.right), str(each.wrong), _share(each))
        for each in judged
    ]  # fmt: skip
    terminal.say()
    terminal.table(("rule", "alerts", "right", "wrong", "share that is right (95 %)"), rows)


def _share(each: Precision) -> str:
    assert each.share is not None and each.low is not None and each.high is not None
    return f"{each.share:.0%} ({each.low:.0%} to {each.high:.0%})"


def _tree(alert: Alert) -> dict[str, Any]:
    tree = asdict(alert)
    return {**tree, "sightings": [asdict(each) for each in alert.sightings]}
