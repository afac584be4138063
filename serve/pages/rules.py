"""Of Events: what of all that is seen live is told, and how often that was right."""

from __future__ import annotations

import datetime as dt
from typing import Any

from nicegui import ui
from starlette.requests import Request

from home.ethogram import BEHAVIOURS, UNKNOWN
from home.folder import Home
from home.look import counted, duration, listed, mark_of
from home.precision import Precision, precision
from home.rules import Rule
from serve.pages.frame import called, home_of, may_change, outer, read, template
from serve.pages.home_file import edited
from serve.pages.saying import keep, say, status

__all__ = ["right", "rules", "told"]

ANY = ""
ANEW = "A watcher reads it when it starts anew."


async def rules(request: Request) -> None:
    """The rules as sentences with their precision; the owner edits, adds and removes them."""
    home, allowed = home_of(request), may_change(request)
    found = {each.rule: each for each in await read(precision, home.database, dt.datetime.now(dt.UTC))}
    ui.html(template("rules.html", any=bool(home.config.rules), change=allowed), sanitize=False)
    said = status()
    listing = ui.element("div")

    def draw() -> None:
        now = home_of(request)
        listing.clear()
        with listing:
            for name, rule in now.config.rules.items():
                with ui.element("article").classes("rule").props(f'aria-label="Rule {name}"'):
                    words = template("rule.html", rule=name, words=told(now, rule), right=right(found.get(name)))
                    ui.html(words, sanitize=False)
                    if allowed:
                        with ui.element("details"):
                            ui.html("Change it", tag="summary", sanitize=False)
                            _form(request, said, draw, name, rule)
            if allowed:
                with ui.element("details").classes("rule"):
                    ui.html("A new rule", tag="summary", sanitize=False)
                    _form(request, said, draw, "", Rule.model_validate({}))

    draw()


def told(home: Home, rule: Rule) -> str:
    """A rule in words: `Miso, eating, in food_bowl, on Kitchen, for 10 s or more, 22:00-06:30`."""
    who = called(home, rule.cat) if rule.cat else f"A {rule.kind.replace('_', ' ')}"
    cameras = listed(home.config.cameras[each].name or each for each in rule.cameras) if rule.cameras else ""
    parts = [
        who if rule.cat != UNKNOWN else "A cat that is none of ours",
        mark_of(rule.behaviour).label.lower() if rule.behaviour else "",
        f"in {rule.zone}" if rule.zone else "",
        f"on {cameras}" if cameras else "",
        f"for {duration(rule.duration_s)} or more" if rule.duration_s else "",
        " and ".join(rule.hours),
    ]
    return ", ".join(part for part in parts if part) + "."


def right(found: Precision | None) -> str:
    """How often a rule was right, by what people said; the interval where anybody said anything."""
    if found is None:
        return "Nothing was told by it yet."
    if found.share is None or found.low is None or found.high is None:
        return f"{counted(found.alerts, 'alert')}; nobody said yet whether that was right."
    judged = found.right + found.wrong
    return f"Right {found.right} of {judged} times ({100 * found.low:.0f} to {100 * found.high:.0f} in 100)."


def _form(request: Request, said: ui.element, draw: Any, name: str, rule: Rule) -> None:
    """The fields of one rule; an empty name is a new one."""
    home = home_of(request)
    zones = sorted({zone for camera in home.config.cameras.values() for zone in camera.zones})
    cats = {ANY: "any"} | {key: each.name for key, each in home.config.cats.items()} | {UNKNOWN: "none of ours"}
    deeds = {ANY: "whatever it does"} | {each: mark_of(each).label for each in BEHAVIOURS}
    with ui.element("div").classes("row-of"):
        called_ = ui.input("Name", value=name).props(f"outlined maxlength=60{' readonly' if name else ''}")
        kind = ui.input("What (class)", value=rule.kind).props("outlined maxlength=60")
        cat = ui.select(cats, value=rule.cat or ANY, label="Which cat").props("outlined")
        deed = ui.select(deeds, value=rule.behaviour or ANY, label="Doing").props("outlined")
        zone = ui.select(
            {ANY: "anywhere"} | {each: each for each in zones}, value=rule.zone or ANY, label="Zone"
        ).props("outlined")
        where = ui.select(
            list(home.config.cameras), value=list(rule.cameras), label="Cameras (none: all)", multiple=True
        )
        where.props("outlined")
        seconds = ui.number("For seconds", value=rule.duration_s, min=0, max=86_400).props("outlined")
        hours = ui.input("Hours, e.g. 22:00-06:30", value=", ".join(rule.hours)).props("outlined maxlength=200")
        risk = ui.select(["info", "warn", "critical"], value=rule.risk, label="How much it matters").props("outlined")

    async def save() -> None:
        own = (called_.value or "").strip()
        values = {
            "class": None if kind.value in ("", "cat") else kind.value, "cat": cat.value or None, "behaviour": deed.value or None,
            "zone": zone.value or None, "cameras": list(where.value) or None, "duration_s": float(seconds.value or 0) or None,
            "hours": [each.strip() for each in hours.value.split(",") if each.strip()] or None,
            "risk": None if risk.value == "info" else risk.value,
        }  # fmt: skip
        if not own:
            return say(said, ["Give the rule a name: litter, night-snack."], wrong=True)
        if not name and own in home_of(request).config.rules:
            return say(said, [f"There is a rule {own} already; change that one."], wrong=True)
        await keep(
            outer(request),
            said,
            lambda was: edited(was, lambda tree: _set(tree, own, values)),
            f"The rule {own} is kept. {ANEW}",
            draw,
        )
        return None

    async def remove() -> None:
        await keep(
            outer(request),
            said,
            lambda was: edited(was, lambda tree: _gone(tree, name)),
            f"The rule {name} is gone. {ANEW}",
            draw,
        )

    with ui.element("div").classes("row-of"):
        ui.button("Keep it", on_click=save).props("unelevated color=primary")
        if name:
            ui.button("Remove it", on_click=remove).props("outline")


def _gone(tree: Any, name: str) -> None:
    """Take a rule out of it; one that somebody else took out meanwhile is gone too."""
    (tree.get("rules") or {}).pop(name, None)


def _set(tree: Any, name: str, values: dict[str, Any]) -> None:
    """Put a rule into the tree of home.yaml, comments beside it kept."""
    if not tree.get("rules"):
        tree["rules"] = {}
    if not tree["rules"].get(name):
        tree["rules"][name] = {}
    for key, value in values.items():
        if value is None:
            tree["rules"][name].pop(key, None)
        elif tree["rules"][name].get(key) != value:
            tree["rules"][name][key] = value
