"""The relay, asked how it is: MediaMTX's control API, `GET /v3/paths/list` as its api/openapi.yaml describes it."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from home.config import Camera, Relay
from home.errors import CatMLError, FootageError
from home.folder import Home
from ingest.mediamtx import DEFAULT_FILE
from ingest.record.address import as_fetched, relay_path

if TYPE_CHECKING:
    from ingest.check import Finding

TIMEOUT_S = 5.0
PAGE = 100


@dataclass(frozen=True)
class Path:
    """A path at the relay.

    Attributes:
        name: as it is read: a camera's id, or `<id>/sub`.
        online: its camera sends.
        codecs: MediaMTX's names, e.g. `H264` or `M-JPEG`; empty while nothing comes.
        readers: who reads it now.
    """

    name: str
    online: bool
    codecs: tuple[str, ...]
    readers: int


def findings(home: Home) -> Iterator[Finding]:
    """What `catml check` says of the relay and of each camera that is read from it; nothing without a relay."""
    from ingest.check import Finding

    relay = home.config.relay
    if relay is None:
        return
    try:
        paths = {path.name: path for path in list_paths(relay)}
    except CatMLError as error:
        found, _, right = str(error).partition("; ")
        yield Finding("relay", "fail", found, right)
        return
    readers = sum(path.readers for path in paths.values())
    yield Finding("relay", "ok", f"{relay.api}: {len(paths)} paths, {readers} readers")
    for camera in home.config.recorded_cameras:
        settings = home.config.cameras[camera]
        if as_fetched(home, camera) is not settings:
            yield _camera(camera, settings, paths.get(relay_path(camera, settings.record)))


def _camera(camera: str, settings: Camera, path: Path | None) -> Finding:
    from ingest.check import Finding

    what = f"relay of {camera}"
    if path is None:
        return Finding(what, "fail", "the relay has no such path", f"catml mediamtx, then: mediamtx {DEFAULT_FILE}")
    if not path.online:
        right = "is the camera on, and its address right in what `catml mediamtx` last wrote?"
        return Finding(what, "fail", f"nothing comes from {settings.safe_address}", right)
    return Finding(what, "ok", f"{', '.join(path.codecs) or 'online'}; readers now: {path.readers}")


def list_paths(relay: Relay, timeout_s: float = TIMEOUT_S) -> list[Path]:
    """All paths of the relay.

    Raises:
        WrongUse: if a variable of the relay's address is not set.
        FootageError: if its API does not answer, refuses, or answers something else.
    """
    paths: list[Path] = []
    page, pages = 0, 1
    while page < pages:
        tree = _get(relay, f"/v3/paths/list?page={page}&itemsPerPage={PAGE}", timeout_s)
        try:
            paths += [_path(item) for item in tree["items"]]
            page, pages = page + 1, int(tree["pageCount"])
        except (KeyError, TypeError, ValueError):
            raise FootageError(f"{relay.api}: no list of paths in its answer; {_IS_IT}") from None
    return paths


_IS_IT = "is this MediaMTX's API? `relay.api` in home.yaml names it"


def _path(item: dict[str, Any]) -> Path:
    # `online` and `tracks2` are the newer names of `ready` and `tracks`, which older versions know alone.
    codecs = [track["codec"] for track in item["tracks2"]] if item.get("tracks2") else item.get("tracks") or []
    online = bool(item["online"] if "online" in item else item["ready"])
    return Path(str(item["name"]), online, tuple(map(str, codecs)), len(item.get("readers") or []))


def _get(relay: Relay, path: str, timeout_s: float) -> Any:
    request = urllib.request.Request(relay.api.rstrip("/") + path, headers=_login(relay))
    # A relay is in the house: whatever proxy the machine has for the web is not asked.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            raise FootageError(f"{relay.api}: refuses; are user and password those of `relay.rtsp`?") from None
        raise FootageError(f"{relay.api}: answers with HTTP {error.code}; {_IS_IT}") from None
    except ValueError:
        raise FootageError(f"{relay.api}: what it answers is no JSON; {_IS_IT}") from None
    except OSError as error:
        why = getattr(error, "reason", error)
        slow = isinstance(why, TimeoutError)
        found = f"no answer within {timeout_s:g} s" if slow else "nobody answers"
        raise FootageError(
            f"{relay.api}: {found}; start it: mediamtx {DEFAULT_FILE} (`catml mediamtx` writes it)"
        ) from None


def _login(relay: Relay) -> dict[str, str]:
    """The readers' name and password, which the API asks for too."""
    parts = urlsplit(Camera(url=relay.rtsp).address())
    if parts.password is None:
        return {}
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
