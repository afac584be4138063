"""A BORIS project (`.boris`, JSON): what a labeller opens and saves, with the ethogram, the cats and the videos."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from home.look import BEHAVIOURS as MARKS
from tasks.labels.observation import Event, Observation

__all__ = ["project", "read_project"]

_FORMAT = "7.0"  # of the project file; BORIS 7 to 9 write it
_PLAYERS = 8


def read_project(path: Path) -> list[Observation]:
    """The observations of a project, in its order; live ones and those of still pictures have no media.

    Raises:
        WrongUse: if it is no BORIS project: says what is wrong with it.
    """
    try:
        tree = json.loads(path.read_bytes())
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise WrongUse(f"{path}: not JSON ({error}); a .boris file is one, as BORIS saves it") from None
    try:
        points = {each["code"] for each in tree["behaviors_conf"].values() if each["type"].startswith("Point")}
        return [_observation(name, each, points) for name, each in tree["observations"].items()]
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise WrongUse(f"{path}: not a BORIS project of version {_FORMAT} ({type(error).__name__}: {error})") from None


def _observation(name: str, tree: Mapping[str, Any], points: set[str]) -> Observation:
    files = list(tree["file"].get("1", [])) if tree["type"] == "MEDIA" else []
    lengths = tree.get("media_info", {}).get("length", {})
    offset = float(tree.get("time offset") or 0.0)
    begin, end = tree.get("observation time interval") or (0, 0)
    events = [
        Event(
            f"observation {name!r}, event {number}",
            float(row[0]) - offset,
            str(row[1]).strip(),
            str(row[2]).strip(),
            "POINT" if row[2] in points else "",
        )
        for number, row in enumerate(tree["events"], start=1)
    ]
    interval = (float(begin), float(end)) if float(end) > 0 else None
    return Observation(name, [(file, float(lengths[file])) for file in files], events, interval)


def project(name: str, observations: Sequence[Observation], cats: Sequence[str]) -> bytes:
    """A project with the home's ethogram, whose behaviours exclude each other, its cats, and these observations.

    Args:
        name: of the project.
        observations: with or without events.
        cats: their names.
    """
    letters = [MARKS[behaviour].letter.lower() or "o" for behaviour in BEHAVIOURS]
    behaviours = [
        {"type": "State event", "key": key, "code": code, "description": MARKS[code].label, "color": MARKS[code].light}
        | {"category": "", "modifiers": "", "excluded": ",".join(_others(code)), "coding map": ""}
        for code, key in zip(BEHAVIOURS, letters, strict=True)
    ]
    subjects = [{"key": str(number), "name": cat, "description": ""} for number, cat in enumerate(cats, start=1)]
    tree = {
        "time_format": "hh:mm:ss",
        "project_name": name,
        "project_date": observations[0].date.replace(" ", "T") if observations else "",
        "project_description": "",
        "project_format_version": _FORMAT,
        "subjects_conf": {str(number): each for number, each in enumerate(subjects)},
        "behaviors_conf": {str(number): each for number, each in enumerate(behaviours)},
        "behavioral_categories": [],
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
        "observations": {each.name: _tree(each) for each in observations},
    }
    return (json.dumps(tree, indent=1, ensure_ascii=False) + "\n").encode()


def _others(behaviour: str) -> list[str]:
    """All other behaviours: a cat does one thing at a time."""
    return [other for other in BEHAVIOURS if other != behaviour]


def _tree(observation: Observation) -> dict[str, Any]:
    paths = [path for path, _ in observation.media]
    return {
        "file": {"1": paths, **{str(player): [] for player in range(2, _PLAYERS + 1)}},
        "type": "MEDIA",
        "date": observation.date.replace(" ", "T"),
        "description": "",
        "time offset": 0.0,
        "events": [[round(event.seconds, 3), event.subject, event.behaviour, "", ""] for event in observation.events],
        "observation time interval": [0, 0],
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "media_scan_sampling_duration": 0,
        "image_display_duration": 1,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {path: round(seconds, 3) for path, seconds in observation.media},
            "fps": dict(zip(paths, observation.fps, strict=True)),
            "hasVideo": dict.fromkeys(paths, True),
            "hasAudio": dict.fromkeys(paths, False),
            "offset": {"1": 0.0},
        },
    }
