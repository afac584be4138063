"""A line of the log as a person reads it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

# Why a camera is not recorded, while it is tried again. `home.coverage` has the words for what is over.
_WHY = {
    "camera_down": "the camera does not answer",
    "stalled": "the camera sends nothing",
    "auth_failed": "the camera refuses user or password",
    "not_found": "the camera has no such stream",
    "corrupt": "what the camera sends cannot be written",
    "clock_step": "this machine's clock was set",
}
_BEGINNING = ("", "recorder_down")


def why(reason: str) -> str:
    """A gap's reason, while it lasts, in words."""
    return _WHY.get(reason, reason.replace("_", " "))


def is_trouble(line: dict[str, Any]) -> bool:
    """Whether a line says that something is wrong."""
    state, reason = line.get("state"), line.get("reason", "")
    if not {"event", "message", "warning"}.isdisjoint(line) or state in ("failing", "spool_full"):
        return True
    return state in ("connecting", "waiting") and reason not in _BEGINNING


def sentence(line: dict[str, Any], zone: ZoneInfo) -> str:
    """A line of the log: the local time, who, and what.

    Args:
        line: as `telling` and the supervisor write it; the last words of a process are a `message` alone.
        zone: of the home.
    """
    who = line.get("camera") or line.get("process")
    if who is None or "note" in line:
        return str(line.get("message") or line.get("note", ""))
    if "warning" in line:
        return f"warning: {line['warning']}"
    at = dt.datetime.fromisoformat(line["time"]).astimezone(zone)
    more = f" ({line['left_out']} lines left out before this one)" if line.get("left_out") else ""
    return f"{at:%H:%M:%S} {who}: {_what(line)}{more}"


def _what(line: dict[str, Any]) -> str:
    state, reason = line.get("state", ""), line.get("reason") or ""
    if "event" in line:
        return f"its process ended ({line.get('how')}), {line.get('then')}"
    if "message" in line:
        return str(line["message"])
    if state == "connecting":
        return _connecting(line, reason)
    if state == "waiting":
        silent = line.get("before") == "recording"
        return f"{_WHY['stalled']}; waiting for it" if silent else "connected; recording begins with the next keyframe"
    if state == "failing":
        return f"uploads fail, and are tried again: {reason}"
    if state == "recovered":
        return reason
    told = {"private": "private hours: nothing is recorded", "spool_full": "not recorded: no room in the spool"}
    return told.get(state, state)


def _connecting(line: dict[str, Any], reason: str) -> str:
    if reason in _BEGINNING:
        return f"connecting to {line.get('address', 'the camera')}"
    why, detail = _WHY.get(reason, reason.replace("_", " ")), line.get("detail")
    return f"{why}{f' ({detail})' if detail else ''}; trying again"
