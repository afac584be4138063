"""What `catml deliver` says."""

from __future__ import annotations

from dataclasses import asdict

from home.deliveries import Aside, Queue, aside, retry
from home.errors import WrongUse
from home.folder import Home
from home.terminal import Terminal

__all__ = ["again", "tell_aside", "tell_once"]


def tell_aside(home: Home, terminal: Terminal) -> None:
    """List what was set aside, with the reasons."""
    there = aside(home.database)
    if not there:
        terminal.say("Nothing was set aside.")
    terminal.table(
        ["number", "target", "of", "set aside", "why"],
        [[str(each.seq), each.target, each.stream or "the home", _at(home, each), each.reason] for each in there],
    )
    if there:
        terminal.note("catml deliver --retry NUMBER, or --retry all, lets them wait for their target again.")
    terminal.result({"set_aside": [asdict(each) for each in there]})


def again(home: Home, asked: list[str], terminal: Terminal) -> None:
    """Let what was set aside wait again.

    Args:
        home: the home.
        asked: numbers, or `all`.
        terminal: where it is said.

    Raises:
        WrongUse: one is no number, or none that is set aside.
    """
    numbers = None if asked == ["all"] else [_number(text) for text in asked]
    there = {each.seq for each in aside(home.database)}
    if missing := sorted(set(numbers or ()) - there):
        known = ", ".join(map(str, sorted(there))) or "none"
        raise WrongUse(f"--retry {missing[0]}: nothing of this number is set aside; there are: {known}")
    count = retry(home.database, numbers)
    terminal.say(f"{count} wait again; they are sent when catml deliver runs.")
    terminal.result({"waiting_again": count})


def tell_once(queues: dict[str, Queue], terminal: Terminal) -> None:
    """Say what is left after all that was due was tried."""
    for name, queue in queues.items():
        if queue.waiting:
            terminal.warn(f"{name}: {queue.waiting} wait; its receiver does not take them now")
        if queue.aside:
            terminal.warn(f"{name}: {queue.aside} are set aside; catml deliver --set-aside tells why")
        if not queue.waiting:
            terminal.say(f"{name} has all it is to hear.")
    terminal.result({"targets": {name: {"waiting": q.waiting, "set_aside": q.aside} for name, q in queues.items()}})


def _number(text: str) -> int:
    if not text.isdecimal():
        raise WrongUse(f"--retry {text!r}: a number of `catml deliver --set-aside`, or `all`")
    return int(text)


def _at(home: Home, each: Aside) -> str:
    return each.set_aside_at.astimezone(home.zone).strftime("%Y-%m-%d %H:%M")
