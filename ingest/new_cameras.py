"""`catml cameras discover`: what was found, as entries to paste into home.yaml."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from pydantic import ValidationError

from home.config import Camera, HomeConfig
from home.errors import FootageError, WrongUse
from home.look import counted
from home.terminal import Terminal
from ingest.discovery import FoundCamera, discover
from ingest.onvif_streams import PLACEHOLDER, Streams, ask

VARIABLE = "CAMERA_PASSWORD"
NONE_FOUND = """no camera answered. What to try:
- Switch ONVIF on in the camera's app or web page; many makes ship it off and want a user of its own for it.
- Be in the camera's network: the question crosses no router, no guest Wi-Fi, no VLAN and no container's own network.
- Ask it directly: catml cameras discover 192.168.1.20 --user NAME (Tapo: 192.168.1.20:2020).
- A firewall on this machine may drop the answers (UDP from port 3702).
- Battery cameras and an ESP32-CAM speak no ONVIF: docs/cameras.md has their addresses."""


@dataclass(frozen=True)
class Entry:
    """A camera as home.yaml would have it.

    Attributes:
        id: suggested; free in home.yaml and among the others.
        name: as it calls itself.
        model: maker and model as far as known.
        host: its address.
        port: of its ONVIF service.
        url: its main stream; None if it was not asked or did not say.
        sub_url: its second stream, if it has one.
        problem: why there is no `url`, and what to do.
        known_as: the camera of home.yaml that has this address.
    """

    id: str
    name: str
    model: str
    host: str
    port: int
    url: str | None = None
    sub_url: str | None = None
    problem: str = ""
    known_as: str | None = None


def discover_cameras(
    config: HomeConfig | None, hosts: Sequence[str], user: str | None, wait_s: float, terminal: Terminal
) -> int:
    """The command: find, ask, print.

    Args:
        config: home.yaml, where there is one: its ids are not suggested again, its cameras are told as known.
        hosts: `HOST[:PORT]` of cameras to ask directly; none: those that answer in this network.
        user: of the cameras; its password is in the environment.
        wait_s: seconds to wait for answers.
        terminal: where to speak.

    Returns:
        The exit status: 1 if no camera was found, or none of those that were named told a stream.

    Raises:
        WrongUse: if a user has no password, a host no user, or what it takes to ask is not installed.
    """
    password = os.environ.get(VARIABLE)
    if user is not None and not password:
        raise WrongUse(f"--user needs the password in the environment: export {VARIABLE}=…")
    if hosts and user is None:
        raise WrongUse("a camera is asked for its streams as one of its users: add --user NAME")
    if not hosts:
        terminal.note(f"Asking in this network; answers are waited for {wait_s:g} s …")
    found = [_given(host) for host in hosts] or discover(wait_s)
    entries = suggest(found, config)
    if user is not None and password:
        told = ask(found, user, password)
        entries = [with_streams(*pair) for pair in zip(entries, told, strict=True)]
    terminal.result({"cameras": [asdict(entry) for entry in entries]})
    if not entries:
        terminal.warn(NONE_FOUND)
        return 1
    tell(entries, terminal)
    return int(bool(hosts) and all(entry.url is None for entry in entries))


def suggest(found: Sequence[FoundCamera], config: HomeConfig | None) -> list[Entry]:
    """Entries without streams: id, name, and whether home.yaml has the camera already."""
    cameras = config.cameras if config else {}
    known = {_host(camera): name for name, camera in cameras.items()}
    taken, entries = set(cameras), []
    for camera in found:
        id_ = _free(_slug(camera.name) or _slug(camera.model) or "camera", taken)
        taken.add(id_)
        right = f"with --user NAME, its password in {VARIABLE}, it is asked for its streams"
        entries.append(
            Entry(
                id_, camera.name, camera.model, camera.host, camera.port, problem=right, known_as=known.get(camera.host)
            )
        )
    return entries


def with_streams(entry: Entry, told: Streams | FootageError) -> Entry:
    """An entry with what its camera said when it was asked."""
    if isinstance(told, FootageError):
        return replace(entry, problem=str(told))
    for url in filter(None, (told.url, told.sub_url)):
        try:
            Camera(url=url)
        except ValidationError:
            return replace(entry, problem=f"{entry.host}: its stream has no address home.yaml takes; see its manual")
    return replace(entry, model=told.model or entry.model, url=told.url, sub_url=told.sub_url, problem="")


def tell(entries: Sequence[Entry], terminal: Terminal) -> None:
    """Print entries that can be pasted, and which cameras home.yaml has already."""
    new = [entry for entry in entries if entry.known_as is None]
    for entry in entries:
        if entry.known_as is not None:
            terminal.say(f"{entry.host} is `{entry.known_as}` of home.yaml.")
    terminal.say(f"{counted(len(new), 'new camera')}." + (" For home.yaml:\n" if new else ""))
    if new:
        terminal.say("\n".join(["cameras:", *(line for entry in new for line in as_yaml(entry))]))
        terminal.say(f"\nThe password comes from the environment: export {VARIABLE}=…, then: catml check")


def as_yaml(entry: Entry) -> list[str]:
    """An entry as lines of home.yaml below `cameras:`."""
    what = ", ".join(part for part in (entry.model, entry.host) if part)
    # What a camera calls itself is quoted: it may hold anything.
    lines = [
        f"  {entry.id}:  # {what}",
        f"    name: {json.dumps(entry.name or entry.model or entry.id, ensure_ascii=False)}",
    ]
    if entry.url is None:
        return [*lines, f"    # {entry.problem}", f"    # url: rtsp://user:{PLACEHOLDER}@{entry.host}:554/…"]
    return [*lines, f"    url: {entry.url}", *([f"    sub_url: {entry.sub_url}"] if entry.sub_url else [])]


def _given(host: str) -> FoundCamera:
    try:
        parts = urlsplit(f"//{host}")
        if not parts.hostname or parts.path or parts.username:
            raise ValueError
        return FoundCamera(parts.hostname, parts.port or 80)
    except ValueError:
        raise WrongUse(f"{host!r} is no address of a camera; it must be HOST or HOST:PORT, e.g. 192.168.1.20") from None


def _host(camera: Camera) -> str | None:
    try:
        return urlsplit(camera.safe_address).hostname
    except ValueError:
        return None


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789")[:50].rstrip("-")


def _free(id_: str, taken: set[str]) -> str:
    number, free = 1, id_
    while free in taken:
        number += 1
        free = f"{id_}-{number}"
    return free
