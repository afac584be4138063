"""Models: which networks read the home and how well, whether what they see has drifted, and what waits to take their place."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup
from nicegui import ui
from starlette.requests import Request

from home.champion import promote, take_back
from home.day.drawing import element
from home.errors import CatMLError
from home.folder import Home
from home.look import counted, listed
from home.tables import DRIFT
from serve.pages.drift_drawing import Night, drawn_drift
from serve.pages.frame import framed, home_of, may_change, read, show, template
from serve.pages.saying import say, status
from serve.standing import Contest, Figure, Network, contests, networks

NIGHTS = 40  # that drift is drawn over, as many as it is judged by
TASKS = {
    "detector": "Finds cats on a picture",
    "pose": "Reads how a cat holds itself",
    "behaviour": "Tells what it does",
    "photo": "Tells what it does on a single photo",
}
WORDS = {
    "ap50": "Average precision, boxes that overlap by half (AP50)",
    "ap75": "The same, boxes that overlap by three quarters (AP75)",
    "ap50_95": "The same, averaged over overlaps (AP50-95)",
    "false_boxes": "False boxes a picture",
    "recall": "Cats that are found",
    "recall_small": "Small cats that are found",
    "recall_middle": "Middle-sized cats that are found",
    "recall_large": "Large cats that are found",
    "precision": "Finds that are cats",
    "false_per_100": "False finds on 100 empty pictures",
    "pck": "Keypoints within a tenth of the cat (PCK@0.1)",
    "oks_ap": "Average precision of whole poses (OKS-AP)",
    "macro_f1": "Behaviours told right on drawn homes (macro-F1)",
    "macro_f1_day": "The same by day",
    "macro_f1_night": "The same by night",
    "macro_f1_no_zones": "The same without zones",
    "ece": "How far its chances are off (calibration error)",
    "photos_macro_f1": "Behaviours told right on photos (macro-F1)",
    "photos_ece": "How far its chances are off on photos",
}
OF_PHOTOS = {
    "macro_f1": "Behaviours told right (macro-F1)",
    "right": "Photos told right",
    "scenes_macro_f1": "The same in scenes that it had not seen (macro-F1)",
    "scenes_right": "Photos told right in scenes that it had not seen",
    "scenes_ece": "How far its chances are off there",
}
COUNTED = {
    "pictures": ("picture", "pictures"),
    "animals": ("animal", "animals"),
    "empty_pictures": ("picture without one", "pictures without one"),
    "moments": ("moment", "moments"),
    "homes": ("drawn home", "drawn homes"),
    "photos": ("photo", "photos"),
    "found": ("cat found on them", "cats found on them"),
    "scenes": ("scene", "scenes"),
}
WATCHED = {
    "confidence": "How surely cats are found",
    "classes": "Shares of the behaviours",
    "looks": "How the cats look",
    "trained": "Likeness to what was learned from",
    "brightness": "Light",
    "colour": "Colours",
    "view": "Where the camera looks",
}
STATES = {"in_place": "in place", "waiting": "waits", "before": "was in place", "not_better": "not better"}


@dataclass(frozen=True)
class Watched:
    """A number of a camera over the nights: what it is, how it stands, and its drawing."""

    name: str
    words: str
    drawn: Markup


@ui.page("/models", title="Models · CatML", response_timeout=30)
async def page(request: Request) -> None:
    """The page."""
    home = home_of(request)
    found, fights, (cameras, told, compared) = await read(_filled, home)
    with framed(request, "Models"):
        opening = _opening(found, fights, told, compared)
        show("models.html", opening=opening, cameras=cameras, told=told, compared=compared)
        ui.html(template("networks.html", any=bool(found)), sanitize=False)
        for network in found:
            _network(network)
        ui.html("<h2>What this home learned itself</h2>", sanitize=False)
        for fight in fights:
            ui.html(template("contest.html", fight=fight, states=STATES), sanitize=False)
            if fight.what == "behaviour" and may_change(request):
                _promoting(home, fight)


def _filled(home: Home) -> tuple[list[Network], list[Contest], tuple[list[tuple[str, list[Watched]]], list[str], int]]:
    return networks(home), contests(home), _drift(home)


def _opening(found: list[Network], fights: list[Contest], told: list[str], compared: int) -> list[str]:
    if not found:
        return ["No network is described here."]
    said = [f"{counted(len(found), 'network')} {'reads' if len(found) == 1 else 'read'} what the cameras see."]
    if told:
        said.append("Something has drifted.")
    elif compared:
        said.append(f"Nothing has drifted on {counted(compared, 'camera')}.")
    waiting = [
        {"behaviour": "A behaviour network of your own", "habits": "New habit models"}[each.what]
        for each in fights
        if each.waiting
    ]
    return said + (
        [f"{listed(waiting)} {'wait' if len(waiting) > 1 or waiting[0].endswith('s') else 'waits'} for your word."]
        if waiting
        else []
    )


def _network(network: Network) -> None:
    words = WORDS | (OF_PHOTOS if network.task == "photo" else {})
    rows = [
        (words.get(each.name, each.name.replace("_", " ")), each, _said(each), _bar(each)) for each in network.figures
    ]
    on = listed(counted(count, *COUNTED[name]) for name, count in network.measured_on.items())
    ui.html(template("network.html", network=network, rows=rows, on=on, does=TASKS[network.task]), sanitize=False)
    if network.card:
        with ui.element("details").classes("model-card"):
            ui.html("Its card: what it learned from, and where it fails", tag="summary", sanitize=False)
            ui.markdown(re.sub(r"^#+ ", "#### ", network.card, flags=re.MULTILINE))


def _said(figure: Figure) -> str:
    digits = 2 if figure.value <= 1 else 1
    value = f"{figure.value:.{digits}f}"
    return (
        value
        if figure.low is None or figure.high is None
        else f"{value} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
    )


def _bar(figure: Figure) -> Markup:
    """A share as a dot with its interval on a line from 0 to 1; nothing for what is no share."""
    if not 0 <= figure.value <= 1:
        return Markup("")
    parts = [element("line", x1=0, x2=100, y1=6, y2=6, class_="ground")]
    if figure.low is not None and figure.high is not None:
        low, high = (100 * min(1.0, max(0.0, each)) for each in (figure.low, figure.high))
        parts.append(element("line", x1=f"{low:.1f}", x2=f"{high:.1f}", y1=6, y2=6, class_="interval"))
    dot = 100 * figure.value
    parts.append(element("line", x1=f"{dot:.1f}", x2=f"{dot:.1f}", y1=1, y2=11, class_="dot"))
    return element("svg", *parts, class_="share", viewBox="-1 0 102 12", preserveAspectRatio="none", aria_hidden="true")


def _drift(home: Home) -> tuple[list[tuple[str, list[Watched]]], list[str], int]:
    """The drawings by camera, what the last night says has changed, and how many cameras it could compare."""
    dates = home.tables.dates(DRIFT)[-NIGHTS:]
    if not dates:
        return [], [], 0
    notes = home.tables.notes(DRIFT, dates[-1])
    told = [f"{one}. {what}." for one, what in zip(notes.get("told", []), notes.get("to_do", []), strict=False)]
    rows = pd.concat([home.tables.read(DRIFT, date).assign(date=date) for date in dates], ignore_index=True)
    names = {camera: settings.name or camera for camera, settings in home.config.cameras.items()}
    cameras = []
    for camera, own in rows.groupby("camera", sort=True):
        drawn = [each for name in WATCHED if (each := _watched(name, own[own["watched"] == name])) is not None]
        if drawn:
            cameras.append((names.get(str(camera), str(camera)), drawn))
    off = {names.get(camera, camera) for camera in rows.loc[rows["alarm"].astype(bool), "camera"]}
    cameras.sort(key=lambda pair: pair[0] not in off)  # what is off comes first
    return cameras, told, int(notes.get("compared", 0))


def _watched(name: str, rows: pd.DataFrame) -> Watched | None:
    """One number; None where no night could be compared."""
    nights = [_night(row) for row in rows.sort_values("date").itertuples()]
    known = [night for night in nights if night.share is not None]
    if not known:
        return None
    last, alarm = known[-1], rows[rows["alarm"].astype(bool)]
    when = "" if last.date == nights[-1].date else f" on {_short(last.date)}"
    words = f"{100 * min(9.99, last.share or 0.0):.0f} % of an alarm{when}"
    if len(alarm):
        words = f"Left its band on {listed([_short(each) for each in alarm['date']][-3:])}: {words}"
    return Watched(WATCHED[name], words, drawn_drift(nights, f"{WATCHED[name]}: {words}"))


def _night(row: Any) -> Night:
    known = pd.notna(row.deviation) and pd.notna(row.sum) and row.bound > 0
    return Night(row.date, float(row.sum / row.bound) if known else None, bool(row.alarm))


def _short(date: dt.date) -> str:
    return f"{date.day} {date:%b}"


def _promoting(home: Home, fight: Contest) -> None:
    """Put the behaviour network that waits in place, or take the present one back."""
    said = status()

    async def change(back: bool) -> None:
        try:
            standing = await read(take_back if back else promote, home)
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        name = f"The network {standing.promoted[-1]}" if standing.promoted else "The network that ships"
        words = f"{name} is in place. The next night reads the last {home.params.nightly.look_back_days} days again with it."
        return say(said, words, lambda: change(not back))

    with ui.element("div").classes("row-of"):
        if fight.waiting:
            ui.button("Put the one that waits in place", on_click=lambda: change(False)).props(
                "unelevated color=primary"
            )
        if fight.in_place:
            ui.button("Take the present one back", on_click=lambda: change(True)).props("outline")
