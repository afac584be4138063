"""What the home reads with, how well, and what waits for its owner's word: networks, their figures, and the contests of own models.

Figures are those that were measured when a model was made and lie beside it; nothing is measured here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from home.champion import What, champion_folder, read_standing
from home.folder import Home
from models.detector.description import fingerprint_of
from serve.networks import InUse, in_use

__all__ = ["Contest", "Figure", "Network", "Own", "contests", "networks", "router"]

router = APIRouter(prefix="/api/v1/models", tags=["read"])
COUNTS = ("pictures", "animals", "empty_pictures", "moments", "homes", "photos", "found", "scenes")
"""Figures that say what the others were measured on."""


class Figure(BaseModel):
    """One figure, with its interval of 95 in 100 where there is one."""

    name: str = Field(examples=["ap50"])
    value: float = Field(examples=[0.68])
    low: float | None = Field(default=None, examples=[0.58])
    high: float | None = Field(default=None, examples=[0.78])


class Network(BaseModel):
    """A network that the home reads with.

    Attributes:
        card: what is written beside it, Markdown; empty for none.
    """

    task: Literal["detector", "pose", "behaviour", "photo"]
    name: str
    fingerprint: str
    measured_on: dict[str, int]
    figures: list[Figure]
    card: str = ""


class Own(BaseModel):
    """One model that learned in this home."""

    name: str = Field(examples=["2026-03-01-9f2c41d07b3a"])
    state: Literal["in_place", "waiting", "before", "not_better"]
    verdict: str = Field(
        description="how it did against the one before it", examples=["14 of 20 held-out tracks better"]
    )


class Contest(BaseModel):
    """Which model of a kind is in place, and which one waits for `catml promote`."""

    what: What
    in_place: str = Field(description="empty: the one that ships, or none yet")
    waiting: str = Field(description="empty: none")
    own: list[Own] = Field(description="of this home, the newest first")


@router.get("/networks")
def networks_read(request: Request) -> list[Network]:
    """The networks with their figures, intervals and cards."""
    return networks(_home(request))


@router.get("/contests")
def contests_read(request: Request) -> list[Contest]:
    """What this home's own models came to: behaviour and habits."""
    return contests(_home(request))


def networks(home: Home) -> list[Network]:
    """Those that the home reads with; what is not described is left out.

    Raises:
        ModelError: a description is damaged.
    """
    return [_network(each) for each in in_use(home)]


def contests(home: Home) -> list[Contest]:
    """Of behaviour and of habits.

    Raises:
        ModelError: what says which are in place is damaged.
    """
    return [_contest(home, what) for what in ("behaviour", "habits")]


def _network(used: InUse) -> Network:
    figures = _measured(used.file.with_name("metrics.json")) or used.metric
    card = used.file.with_name("README.md")
    return Network(
        task=used.task, name=used.name, fingerprint=fingerprint_of(used.file),
        measured_on={each: int(figures[each]) for each in COUNTS if each in figures},
        figures=[
            Figure(name=each, value=value, low=figures.get(f"{each}_low"), high=figures.get(f"{each}_high"))
            for each, value in figures.items() if each not in COUNTS and not each.endswith(("_low", "_high"))
        ],
        card=card.read_text(encoding="utf-8") if card.is_file() else "",
    )  # fmt: skip


def _measured(file: Path) -> dict[str, float]:
    """The figures of a metrics.json, by name with `_low` and `_high`; none where it is not there or not one of ours."""
    tree = _tree(file)
    if isinstance(tree.get("figures"), dict):
        return {name: float(value) for name, value in tree["figures"].items() if isinstance(value, int | float)}
    figures = {name: float(tree[name]) for name in COUNTS if isinstance(tree.get(name), int | float)}
    own = tree.get("network")
    for name, each in own.items() if isinstance(own, dict) else ():
        if isinstance(each, dict) and "value" in each:
            figures |= {
                f"{name}{end}": float(each[key]) for end, key in (("", "value"), ("_low", "low"), ("_high", "high"))
            }
    return figures


def _contest(home: Home, what: What) -> Contest:
    standing = read_standing(home, what)
    folder = champion_folder(home, what)
    in_place = standing.promoted[-1] if standing.promoted else ""
    said, record = (_said_of_behaviour, "metadata.json") if what == "behaviour" else (_said_of_habits, "model.json")
    kept = {path.parent.name: path.stat().st_mtime for path in folder.glob(f"*/{record}")}
    own = []
    for name in sorted(kept, key=lambda each: (kept[each], each), reverse=True):
        before = name in standing.promoted or name in standing.taken_back
        state = (
            "in_place"
            if name == in_place
            else "waiting"
            if name == standing.waiting
            else "before"
            if before
            else "not_better"
        )
        own.append(Own(name=name, state=state, verdict=said(folder / name)))
    return Contest(what=what, in_place=in_place, waiting=standing.waiting, own=own)


def _said_of_behaviour(folder: Path) -> str:
    verdict = _tree(folder / "metadata.json").get("verdict")
    return str(verdict.get("why", "")) if isinstance(verdict, dict) else ""


def _said_of_habits(folder: Path) -> str:
    """Of how many behaviours of how many cats the model learned that week took over."""
    kept = [each for each in _tree(folder / "model.json").get("models", []) if isinstance(each, dict)]
    verdicts = [each["verdict"] for each in kept if isinstance(each.get("verdict"), dict)]
    compared = [each for each in verdicts if each.get("gain") is not None]
    better = sum(bool(each.get("takes_over")) for each in compared)
    if not verdicts:
        return ""
    if not compared:
        return f"of {len(verdicts)} behaviours none could be compared with what was in place"
    return f"of {len(compared)} behaviours that could be compared, the new model was no worse in {better}"


def _tree(file: Path) -> dict[str, Any]:
    try:
        tree = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home
