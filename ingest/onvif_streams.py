"""What one ONVIF camera says of itself once it knows who asks: model and stream addresses.

Through onvif-zeep-async, the client Home Assistant uses: it signs with WS-Security and makes up for a camera whose clock
is wrong. It is an extra (`catml[onvif]`); without it cameras are found, but cannot be asked for their streams.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from home.errors import FootageError, WrongUse
from home.values import PASSWORD as PASSWORD_IN_ADDRESS
from ingest.discovery import FoundCamera

PLACEHOLDER = "${CAMERA_PASSWORD}"
TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Streams:
    """What a camera offers.

    Attributes:
        model: maker and model as it says.
        url: its largest stream, with `${CAMERA_PASSWORD}` in place of the password, as home.yaml takes it.
        sub_url: its smallest other stream; None if it has but one.
    """

    model: str
    url: str
    sub_url: str | None


@dataclass(frozen=True)
class _Profile:
    token: str
    pixels: int
    encoding: str


def ask(
    cameras: Sequence[FoundCamera], user: str, password: str, timeout_s: float = TIMEOUT_S
) -> list[Streams | FootageError]:
    """Ask cameras for their streams, all at once.

    Args:
        cameras: where their ONVIF services are.
        user: a user of the cameras; some want one made for ONVIF.
        password: it goes out as a WS-Security digest only, and is in nothing that is returned or raised.
        timeout_s: seconds for all the questions together.

    Returns:
        For each camera what it offers, or why it told nothing: it does not answer, refuses, or has no stream.

    Raises:
        WrongUse: if the library is not installed.
    """
    try:
        _quiet_import()
    except ModuleNotFoundError:
        raise WrongUse("asking cameras for their streams needs a library: pip install 'catml[onvif]'") from None

    async def ask_all() -> list[Streams | FootageError]:
        return await asyncio.gather(*(_answer(camera, user, password, timeout_s) for camera in cameras))

    return asyncio.run(ask_all())


async def _answer(camera: FoundCamera, user: str, password: str, timeout_s: float) -> Streams | FootageError:
    where = f"{camera.host}:{camera.port}"
    try:
        return await asyncio.wait_for(_ask(camera, user, password), timeout_s)
    except TimeoutError:
        return FootageError(f"{where}: no answer within {timeout_s:g} s; is that its ONVIF port?")
    except FootageError as error:
        return error
    except Exception as error:  # what a camera's odd XML sets off in the libraries below has no common root
        # Its text is left out: a fault is the camera's own words, and may repeat what was asked.
        return FootageError(f"{where}: {_why(error)}")


def _quiet_import() -> None:
    """Import the library, which sets up the program's logging as it is imported, and put that back."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    try:
        import onvif  # noqa: F401
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
        logging.getLogger("onvif").setLevel(logging.CRITICAL)
        logging.getLogger("zeep").setLevel(logging.CRITICAL)


async def _ask(found: FoundCamera, user: str, password: str) -> Streams:
    from onvif import ONVIFCamera

    host = f"https://{found.host}" if found.secure else found.host
    # Whatever address the camera gives for its services, the one it was found at is asked (over HTTPS the library cannot).
    nat = not found.secure
    camera = ONVIFCamera(host, found.port, user, password, no_cache=True, adjust_time=True, nat_override=nat)
    try:
        await camera.update_xaddrs()
        about = await (await camera.create_devicemgmt_service()).GetDeviceInformation()
        media = await camera.create_media_service()
        profiles = [profile for profile in map(_profile, await media.GetProfiles() or []) if profile]
        urls = [await _address(media, profile, found.host, user, password) for profile in _main_and_sub(profiles)]
    finally:
        await camera.close()
    if not urls:
        raise FootageError(f"{found.host}: offers no video stream; is one switched on in its settings?")
    model = " ".join(str(part).strip() for part in (about.Manufacturer, about.Model) if part)
    return Streams(model, urls[0], next((url for url in urls[1:] if url != urls[0]), None))


def _profile(profile: Any) -> _Profile | None:
    encoder = getattr(profile, "VideoEncoderConfiguration", None)
    size = getattr(encoder, "Resolution", None)
    if encoder is None or size is None:
        return None
    return _Profile(str(profile.token), int(size.Width) * int(size.Height), str(encoder.Encoding))


def _main_and_sub(profiles: list[_Profile]) -> list[_Profile]:
    """The largest stream and the smallest, H.264 and its like before JPEG, which is for single pictures."""
    video = [profile for profile in profiles if profile.encoding.upper() != "JPEG"] or profiles
    ordered = sorted(video, key=lambda profile: -profile.pixels)
    return ordered if len(ordered) < 2 else [ordered[0], ordered[-1]]


async def _address(media: Any, profile: _Profile, host: str, user: str, password: str) -> str:
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    answer = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile.token})
    return for_home_yaml(str(answer.Uri), host, user, password)


def for_home_yaml(uri: str, host: str, user: str, password: str) -> str:
    """A stream's address as a camera tells it, as home.yaml takes it: its user before the host, no password anywhere.

    Args:
        uri: e.g. `rtsp://192.168.1.20:554/stream1`; some have user and password in the path or the query.
        host: where the camera was reached: cameras behind another address tell one of their own.
        user: put before the host.
        password: replaced wherever it stands.
    """
    parts = urlsplit(uri.strip())
    if parts.scheme not in ("rtsp", "rtsps", "http", "https") or not uri.strip().isprintable() or " " in uri.strip():
        raise FootageError(f"{host}: its stream is no RTSP address; look it up in the camera's manual")
    rest = urlunsplit(("", "", parts.path, parts.query, ""))
    for spelling in sorted({password, quote(password, safe=""), quote(password)}, key=len, reverse=True):
        # A short one would be found within other words; what is said to be a password is replaced below anyway.
        rest = rest.replace(spelling, PLACEHOLDER) if len(spelling) >= 6 else rest
    rest = PASSWORD_IN_ADDRESS.sub(lambda found: f"{found[0].partition('=')[0]}={PLACEHOLDER}", rest)
    port = f":{parts.port}" if parts.port else ""
    where = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{quote(user, safe='')}:{PLACEHOLDER}@{where}{port}{rest or '/'}"


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return "nobody answers there; is that its ONVIF port?"
    name = type(error).__name__
    if name in ("Fault", "ONVIFAuthError") or "401" in str(error):
        return "refuses; is the user right, CAMERA_PASSWORD its password, and ONVIF switched on for this user?"
    return f"what it answers is no ONVIF ({name}); is that its ONVIF port?"
