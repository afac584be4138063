"""`catml retention`: what would go, or what went, and what stays and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from home.folder import Home
from home.look import counted
from home.terminal import Terminal
from ingest.due import CameraPlan, plan
from ingest.retention import GB, Housekept, delete


def retention(home: Home, today: dt.date, deleting: bool, share: float | None, terminal: Terminal) -> int:
    """The command.

    Args:
        home: the home.
        today: the home's local date.
        deleting: False for a dry run.
        share: instead of `retention.most_share`, this time.
        terminal: where it speaks.

    Returns:
        The exit status: 1 if something was to be deleted and was not allowed to.

    Raises:
        StoreError, TableError: if footage, tables or the ledger cannot be reached.
    """
    return _delete(home, today, share, terminal) if deleting else _look(home, today, share, terminal)


def _look(home: Home, today: dt.date, share: float | None, terminal: Terminal) -> int:
    plans = plan(home, today, share)
    terminal.table(
        ("camera", "kept for", "oldest", "chunks", "GB", "would go", "GB", "up to"),
        [_row(home, found) for found in plans],
    )
    for found in plans:
        if found.refused:
            terminal.warn(f"{found.camera}: nothing would be deleted: {found.refused}")
        for held in found.held_back:
            terminal.say(f"{found.camera} keeps {held}")
    if any(found.going for found in plans):
        terminal.say("\nNothing was deleted. To delete: catml retention --delete")
    elif all(found.days is None for found in plans):
        terminal.say("\nAll footage is kept for ever: home.yaml has no `retention`.")
    elif not any(found.refused for found in plans):
        terminal.say("\nNothing is to be deleted.")
    terminal.result({"today": today, "deleted": False, "cameras": [_tree(found) for found in plans]})
    return 0


def _row(home: Home, found: CameraPlan) -> tuple[str, ...]:
    if found.days is None:
        return (found.camera, "ever", "", "", "", "", "", "")
    going = found.going
    oldest = f"{found.oldest.astimezone(home.zone):%Y-%m-%d}" if found.oldest else "no footage"
    last = str(going[-1].date) if going else ""
    sizes = [f"{size / GB:.2f}" for size in (found.bytes, sum(due.entry.size for due in going))]
    return (
        found.camera, counted(found.days, "day"), oldest, str(found.chunks), sizes[0], str(len(going)), sizes[1], last
    )  # fmt: skip


def _tree(found: CameraPlan) -> dict[str, object]:
    return {
        "camera": found.camera,
        "days": found.days,
        "oldest": found.oldest,
        "chunks": found.chunks,
        "bytes": found.bytes,
        "due": [
            {"chunk": due.entry.key, "date": due.date, "bytes": due.entry.size, "goes": not found.refused}
            for due in found.due
        ],
        "held_back": [asdict(held) for held in found.held_back],
        "refused": found.refused,
    }


def _delete(home: Home, today: dt.date, share: float | None, terminal: Terminal) -> int:
    with terminal.progress() as progress:
        done = delete(home, today, share, lambda camera, gone, of: progress(f"{camera} old chunks", gone, of))
    for each in done:
        _tell(each, terminal)
    if not done:
        terminal.say("All footage is kept for ever: home.yaml has no `retention`.")
    terminal.result({"today": today, "deleted": True, "cameras": [asdict(each) for each in done]})
    return 1 if any(each.refused for each in done) else 0


def _tell(each: Housekept, terminal: Terminal) -> None:
    if each.camera:
        terminal.say(f"{each}.")
    for note in each.notes:
        terminal.say(f"kept, {note}")
    for warning in each.warnings:
        terminal.warn(warning)
