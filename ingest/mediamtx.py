"""MediaMTX as a relay: it asks each camera once, for the recorder, live watching and people who look.

A cheap camera bears one connection (an ESP32-CAM), or few. `catml mediamtx` writes the relay's configuration from
home.yaml; where home.yaml has a `relay:`, recorder and watcher read from it (ingest.record.address).

The keys are those of the commented reference `mediamtx.yml` and of `api/openapi.yaml` in MediaMTX's repository, read at
the commits 0b63561 (2025) and 00974ef (2026). `rtspTransports` and its like got their names with 1.11: the oldest version
that takes this file. MediaMTX refuses a file with a key that it does not know, so newer keys are left out.

Cameras' passwords: MediaMTX also takes `MTX_PATHS_<NAME>_SOURCE` from its environment, but it ends NAME at the first
underscore, and neither shells nor systemd pass a variable with a dash in its name: `living-room` and `living_room` could
not be named. So the addresses stand in the file, and the file is readable by its owner only. Readers' name and password
stand there as SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from ruamel.yaml import YAML

from home.config import Camera, Relay
from home.errors import WrongUse
from home.folder import Home
from home.terminal import Terminal
from ingest.record.address import Which, can_be_relayed, relay_path

OLDEST_VERSION = "1.11"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# In the home's data folder, which its Git never takes in.
DEFAULT_FILE = Path("data/mediamtx.yml")
HEADER = f"""\
# MediaMTX's configuration ({OLDEST_VERSION} or newer), written by `catml mediamtx` from home.yaml: write it again there.
# It holds the cameras' passwords and is for its owner's eyes only. Start: mediamtx THIS_FILE
"""


@dataclass(frozen=True)
class Written:
    """What `catml mediamtx` did.

    Attributes:
        file: where the configuration lies.
        paths: what the relay offers: path at the relay, and the camera's address without its credentials.
        left_out: paths that it cannot offer, each with the reason.
    """

    file: Path
    paths: dict[str, str]
    left_out: dict[str, str]


def mediamtx(home: Home, out: Path | None, lan: bool, terminal: Terminal) -> None:
    """The command: write the configuration and say what is in it.

    Raises:
        WrongUse: as `write`.
    """
    written = write(home, out, lan)
    for camera, why in written.left_out.items():
        terminal.warn(f"{camera} is not relayed: {why}")
    terminal.say(f"{written.file}: {len(written.paths)} paths. It holds passwords; only you can read it.\n")
    terminal.table(("path", "pulled from"), list(written.paths.items()))
    terminal.say(f"\nStart the relay with: mediamtx {written.file}")
    if home.config.relay is None:
        terminal.say("Recorder and watcher read from it once home.yaml has the line `relay:`.")
    terminal.result({"file": written.file, "paths": written.paths, "left_out": written.left_out})


def write(home: Home, out: Path | None = None, lan: bool = False) -> Written:
    """Write the configuration, readable by its owner only.

    Args:
        home: cameras and `relay` of its home.yaml.
        out: the file; None: data/mediamtx.yml of the home.
        lan: HLS, WebRTC and RTSP can be watched from other machines too.

    Raises:
        WrongUse: if a variable of an address is not set, other machines could watch without a password, or the file
            cannot be written.
    """
    text = io.StringIO()
    text.write(HEADER)
    _yaml().dump(configuration(home, lan), text)
    file = out or home.root / DEFAULT_FILE
    try:
        _write_private(file, text.getvalue())
    except OSError as error:
        raise WrongUse(f"{file} cannot be written ({error.strerror}); name another with --out") from None
    return Written(
        file,
        {relay_path(camera, which): settings.safe_address for camera, which, settings in _streams(home, carried=True)},
        {
            relay_path(
                camera, which
            ): f"{settings.safe_address} is neither RTSP nor HLS; it is read from the camera itself"
            for camera, which, settings in _streams(home, carried=False)
        },
    )


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.representer.sort_base_mapping_type_on_output = False, 4096, False
    return yaml


def configuration(home: Home, lan: bool = False) -> dict[str, Any]:
    """MediaMTX's configuration as a tree. Secret: it holds the cameras' passwords.

    Raises:
        WrongUse: if a variable of an address is not set, or other machines could watch without a password.
    """
    relay, api = _relay(home)
    everywhere = lan or relay.hostname not in LOOPBACK
    if everywhere and not relay.password:
        raise WrongUse(
            "a relay that other machines can reach needs a password; write into home.yaml\n"
            "relay:\n  rtsp: rtsp://catml:${RELAY_PASSWORD}@"
            f"{relay.hostname}:{relay.port or 554}\nand set RELAY_PASSWORD in the environment"
        )
    viewing = "" if lan else "127.0.0.1"
    paths = {
        relay_path(camera, which): {
            "source": settings.address(),
            # What is recorded is pulled all the time, the other stream of the camera while somebody looks.
            "sourceOnDemand": home.config.cameras[camera].record != which,
        }
        for camera, which, settings in _streams(home, carried=True)
    }
    return {
        "logLevel": "info",
        # After so long without a packet a camera counts as gone, and is asked again every few seconds.
        "readTimeout": "10s",
        "authMethod": "internal",
        "authInternalUsers": [_readers(relay)],
        "api": True,
        "apiAddress": f"{'127.0.0.1' if api.hostname in LOOPBACK else ''}:{_port(api)}",
        "apiEncryption": api.scheme == "https",
        "rtsp": True,
        "rtspTransports": ["tcp"],
        "rtspAddress": f"{'' if everywhere else '127.0.0.1'}:{_port(relay)}",
        "hls": True,
        "hlsAddress": f"{viewing}:8888",
        "webrtc": True,
        "webrtcAddress": f"{viewing}:8889",
        "webrtcLocalUDPAddress": f"{viewing}:8189",
        # No server of somebody else is asked what this machine's address is.
        "webrtcICEServers2": [],
        "rtmp": False,
        "srt": False,
        "pathDefaults": {"rtspTransport": "tcp", "record": False},
        "paths": paths,
    }


def _relay(home: Home) -> tuple[SplitResult, SplitResult]:
    """The relay's RTSP address, its credentials included, and that of its API; the defaults where home.yaml has none."""
    relay = home.config.relay or Relay()
    rtsp = urlsplit(Camera(url=relay.rtsp).address())
    if rtsp.scheme != "rtsp":
        raise WrongUse(f"`relay.rtsp` in home.yaml begins with {rtsp.scheme}://; the relay is set up for rtsp://")
    return rtsp, urlsplit(relay.api)


def _port(address: SplitResult) -> int:
    return address.port or {"rtsp": 554, "rtsps": 322, "https": 443}.get(address.scheme, 80)


def _streams(home: Home, carried: bool) -> Iterator[tuple[str, Which, Camera]]:
    """The streams that the relay can carry, or cannot: camera, which of its two, settings whose address is that stream's."""
    for camera, settings in home.config.cameras.items():
        both: tuple[tuple[Which, str | None], ...] = (("main", settings.url), ("sub", settings.sub_url))
        for which, url in both:
            if url is not None and can_be_relayed(url) == carried:
                yield camera, which, settings.model_copy(update={"record": which})


def _readers(relay: SplitResult) -> dict[str, Any]:
    """Who may watch and ask the API. Nobody may publish: every path is pulled."""
    permissions = [{"action": "read"}, {"action": "api"}]
    if not relay.password:
        return {"user": "any", "pass": "", "ips": ["127.0.0.1", "::1"], "permissions": permissions}
    user, password = (_hashed(unquote(text or "")) for text in (relay.username, relay.password))
    return {"user": user, "pass": password, "ips": [], "permissions": permissions}


def _hashed(text: str) -> str:
    """As MediaMTX takes it: docs, Authentication, Internal database."""
    return "sha256:" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _write_private(file: Path, text: str) -> None:
    """Write under a temporary name that only the owner can read, then rename."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
