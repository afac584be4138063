"""Where a camera's picture is fetched: at the camera, or at the relay that asks it once for everybody."""

from __future__ import annotations

import os
from typing import Literal
from urllib.parse import urlsplit

from home.config import Camera
from home.folder import Home
from home.values import ENVIRONMENT

Which = Literal["main", "sub"]


def relay_path(camera: str, which: Which) -> str:
    """The name of a stream at the relay. An id has no slash, so that no camera's second stream is another's first."""
    return camera if which == "main" else f"{camera}/sub"


def can_be_relayed(url: str) -> bool:
    """Whether MediaMTX pulls such an address: RTSP, or HLS, but not MJPEG over HTTP and not a file."""
    whole = ENVIRONMENT.fullmatch(url)
    # All of it in a variable: the relay has the variable, this process need not have it. RTSP is what cameras speak.
    parts = urlsplit(os.environ.get(whole[1], "rtsp://") if whole else url)
    return parts.scheme in ("rtsp", "rtsps") or (parts.scheme in ("http", "https") and parts.path.endswith(".m3u8"))


def as_fetched(home: Home, camera: str) -> Camera:
    """A camera's settings with the address its recorded stream is fetched at.

    Args:
        home: where `relay` may stand in home.yaml.
        camera: its id.

    Returns:
        The settings as they are, or, with a relay that can carry the stream, with the relay's address in place of the
        camera's: `address()` and `safe_address` work on both alike.

    Raises:
        WrongUse: if home.yaml has no such camera.
    """
    settings, relay = home.camera(camera), home.config.relay
    if relay is None or settings.recorded_url is None or not can_be_relayed(settings.recorded_url):
        return settings
    url = f"{relay.rtsp.rstrip('/')}/{relay_path(camera, settings.record)}"
    return settings.model_copy(update={"url": url, "sub_url": None, "record": "main"})


def recorded_address(home: Home, camera: str) -> str:
    """The address a camera's recorded stream is fetched at, credentials included. Never log it.

    Raises:
        WrongUse: if there is no such camera, it has no URL, or a variable of the address is not set.
    """
    return as_fetched(home, camera).address()


def safe_recorded_address(home: Home, camera: str) -> str:
    """The same address without credentials and query, for logs and messages.

    Raises:
        WrongUse: if there is no such camera.
    """
    return as_fetched(home, camera).safe_address
