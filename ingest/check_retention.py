"""Is what home.yaml says of old footage possible, and what is held?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from home.errors import CatMLError, Problem
from home.folder import Home
from home.holds import read_holds
from home.look import counted
from home.yaml_file import parse_file
from ingest.due import too_short
from ingest.finding import Finding


def retention(home: Home) -> Iterator[Finding]:
    """What becomes of old footage, and what is wrong with that."""
    kept = {camera: home.config.retention_days(camera) for camera in home.config.cameras}
    wrong = list(_impossible(home, kept))
    yield from wrong
    try:
        holds = read_holds(home)
    except CatMLError as error:
        found, _, right = str(error).partition("; ")
        yield Finding("holds", "fail", found, right)
        return
    if not wrong:
        told = [f"{camera} {f'{days} days' if days else 'for ever'}" for camera, days in kept.items()]
        whole = ", ".join(told) if any(kept.values()) else "for ever"
        held = f"; {counted(len(holds), 'hold')}" if holds else ""
        yield Finding("retention", "ok", f"footage is kept: {whole}{held}")


def _impossible(home: Home, kept: dict[str, int | None]) -> Iterator[Finding]:
    told = set()
    for camera, days in kept.items():
        own = home.config.cameras[camera].retention_days is not None
        where = ("cameras", camera, "retention_days") if own else ("retention", "days")
        if days is None or where in told:
            continue
        told.add(where)
        if short := too_short(home, days):
            yield Finding("retention", "fail", *_at(home, where, days, short))
        # A run each night finds one day due, of these days, itself, and the one that has just begun.
        elif home.config.retention.most_share < 1 / (days + 1):
            share = home.config.retention.most_share
            right = f"a night's day is {1 / (days + 1):.2f} of {days} days: more than this share is never deleted; make it larger"
            yield Finding("retention", "warn", *_at(home, ("retention", "most_share"), share, right))


def _at(home: Home, where: tuple[str, ...], value: float, right: str) -> tuple[str, str]:
    """What was found, with its file and line, and what would be right."""
    file = home.root / "home.yaml"
    problem = Problem(str(file), _line(home, where), ".".join(where), repr(value), right)
    found, _, right = str(problem).partition("; ")
    return found, right


def _line(home: Home, where: tuple[str, ...]) -> int | None:
    """The line of a key in home.yaml; None if it does not stand there."""
    line, node = None, None
    with contextlib.suppress(CatMLError, KeyError, AttributeError):
        node = parse_file(home.root / "home.yaml")
        for part in where:
            line = node.lc.data[part][0] + 1
            node = node[part]
        return line
    return None
