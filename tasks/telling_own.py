"""What is told of a network that learned from a home's corrections: how it did, whether it waits, what is in place."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice

from home.champion import behaviour_model, promote, read_standing, take_back
from home.folder import Home
from home.look import counted, listed
from home.terminal import Terminal
from tasks.own_behaviour import MOST_CHANGED
from tasks.own_contest import Contest

__all__ = ["promoted", "tell_contest"]

_CHANGES = 3  # kinds of change that are named


def tell_contest(home: Home, terminal: Terminal, done: Contest) -> None:
    """Say how both networks did, and what becomes of the new one."""
    if done.gone:
        numbers = listed(map(str, done.gone))
        terminal.warn(
            f"of {counted(len(done.gone), 'correction')} the tables are gone, nothing was learned of: {numbers}"
        )
    own, rest = done.own, done.rest
    terminal.say(f"A new network, {done.name}, has learned from {counted(done.learned, 'track')} of this home.\n")
    rows = [
        (
            f"{counted(own.groups, 'track')} held out: share of each that is read right",
            f"{own.before:.3f}",
            f"{own.after:.3f}",
        ),
        ("drawn homes that neither learned from: macro-F1", f"{rest['before']:.3f}", f"{rest['after']:.3f}"),
    ]
    terminal.table(("", "in place", "new"), rows)
    most = [f"{what} {count}" for what, count in islice(done.changed.items(), _CHANGES)]
    terminal.say(
        f"\nOf {counted(done.unsaid, 'other moment')} on the same days, of which nobody said anything, it reads "
        f"{sum(done.changed.values())} otherwise{f', most of all {listed(most)}' if most else ''}."
    )
    standing = read_standing(home)
    in_place = bool(standing.promoted) and standing.promoted[-1] == done.name
    terminal.say(f"{done.why[0].upper()}{done.why[1:]}.\n")
    terminal.say(_becomes(home, done, in_place))
    terminal.result({**asdict(done), "in_place": in_place, "waiting": standing.waiting == done.name})


def _becomes(home: Home, done: Contest, in_place: bool) -> str:
    if in_place:
        return "It is in place: the next night reads with it. catml promote behaviour --back takes it back."
    if not done.better:
        return "The network in place stays. More corrections, of what was read right as well, tell more."
    asked = "It waits for your word: catml promote behaviour puts it in place."
    if home.params.behave.promote == "auto":
        return f"It reads more than {MOST_CHANGED:.0%} of those other moments otherwise: nobody but you can say whether rightly. {asked}"
    return asked


def promoted(home: Home, terminal: Terminal, back: bool) -> None:
    """The command: change which network is in place, and say so.

    Raises:
        WrongUse: none waits, or there is none to take back.
        ModelError: the file that says which is in place is damaged.
    """
    standing = take_back(home) if back else promote(home)
    name = standing.promoted[-1] if standing.promoted else f"the one of params.yaml ({home.params.behave.model})"
    terminal.say(f"The behaviour network in place is now {name}.")
    again = f"the last {counted(home.params.nightly.look_back_days, 'day')}"
    other = "catml promote behaviour" if back else "catml promote behaviour --back"
    terminal.say(f"The next night reads {again} again with it, older days stay as they are. {other} undoes this.")
    terminal.result({"in_place": standing.promoted[-1:] or None, "file": str(behaviour_model(home))})
