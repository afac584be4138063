"""Cameras of this network, found by WS-Discovery, as entries for home.yaml.

One message goes out on each network interface, and cameras answer to the socket it came from: WS-Discovery of April 2005
(http://schemas.xmlsoap.org/ws/2005/04/discovery/ws-discovery.pdf), which the ONVIF Core Specification, chapter 7, builds on.
It is done here on plain sockets: the WSDiscovery package stops listening for good at an answer with a sequence number that
is no number, and asks on no link-local address, which a camera on a direct cable has.
"""

from __future__ import annotations

import re
import selectors
import socket
import struct
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

GROUP, PORT = "239.255.255.250", 3702
# SOAP over UDP sends everything twice, so that one lost datagram hides no camera.
SENDINGS, PAUSE_S = 2, 0.2
MOST_ANSWERS = 2000
NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
}
# Video transmitters are what cameras must answer as; some only do as devices.
TYPES = (
    ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
    ("http://www.onvif.org/ver10/device/wsdl", "Device"),
)
SCOPE = re.compile(r"onvif://www\.onvif\.org/(name|hardware)/(.+)", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class FoundCamera:
    """A camera that answered.

    Attributes:
        host: its address, without brackets.
        port: of its ONVIF service.
        secure: that service is asked over HTTPS.
        name: as it calls itself; may be empty.
        model: its hardware as it says; may be empty.
    """

    host: str
    port: int
    secure: bool = False
    name: str = ""
    model: str = ""


def discover(wait_s: float = 4.0, targets: Iterable[tuple[str, int]] = ((GROUP, PORT),)) -> list[FoundCamera]:
    """Ask on every network interface, and gather what answers.

    Args:
        wait_s: seconds to wait for answers; cameras take up to half a second on purpose, slow ones more.
        targets: where to ask.

    Returns:
        Cameras by address, each once, however often it answered. What is no answer of a camera is passed over.
    """
    found: dict[tuple[str, int], FoundCamera] = {}
    messages = [_probe(*type_) for type_ in TYPES]
    with selectors.DefaultSelector() as selector:
        try:
            for sender in _senders():
                selector.register(sender, selectors.EVENT_READ)
            senders = [key.fileobj for key in selector.get_map().values()]
            for _ in range(SENDINGS):
                _send(senders, messages, targets)
                _gather(selector, time.monotonic() + PAUSE_S, found)
            _gather(selector, time.monotonic() + max(wait_s - SENDINGS * PAUSE_S, 0), found)
        finally:
            for key in [*selector.get_map().values()]:
                key.fileobj.close()  # type: ignore[union-attr]
    return sorted(found.values(), key=lambda camera: (_numeric(camera.host), camera.port))


def _senders() -> Iterator[socket.socket]:
    """A UDP socket for each network interface: a multicast goes out on one interface only."""
    for index, _ in socket.if_nameindex():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", index))
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)  # no further than this network
            sender.setblocking(False)
        except OSError:  # an interface without IPv4
            sender.close()
            continue
        yield sender


def _send(senders: Iterable[object], messages: Iterable[bytes], targets: Iterable[tuple[str, int]]) -> None:
    for sender in senders:
        for message in messages:
            for target in targets:
                try:
                    sender.sendto(message, target)  # type: ignore[attr-defined]
                except OSError:  # an interface that is down, or goes nowhere
                    continue


def _gather(selector: selectors.BaseSelector, until: float, found: dict[tuple[str, int], FoundCamera]) -> None:
    while (left := until - time.monotonic()) > 0 and len(found) < MOST_ANSWERS:
        for key, _ in selector.select(left):
            try:
                answer, sender = key.fileobj.recvfrom(65_535)  # type: ignore[union-attr]
            except OSError:  # a host said that nobody listens there
                continue
            # By address, not by the endpoint's identity: cheap cameras of one make all have the same.
            for camera in parse(answer, sender[0]):
                found.setdefault((camera.host, camera.port), camera)


def parse(answer: bytes, sender: str) -> list[FoundCamera]:
    """The cameras of a ProbeMatches message; none of anything else.

    Args:
        answer: a datagram, from anybody.
        sender: the address it came from.
    """
    try:
        root = ET.fromstring(answer)
    except (ET.ParseError, ValueError, LookupError):  # LookupError: an encoding that does not exist
        return []
    matches = root.iterfind("s:Body/d:ProbeMatches/d:ProbeMatch", NAMESPACES)
    return [camera for match in matches if (camera := _match(match, sender))]


def _match(match: ET.Element, sender: str) -> FoundCamera | None:
    scopes, types = _text(match, "d:Scopes").split(), _text(match, "d:Types")
    if "NetworkVideoTransmitter" not in types and not any("onvif.org" in scope for scope in scopes):
        return None  # a printer, or another program's device
    told: dict[str, str] = {}
    for scope in scopes:
        if named := SCOPE.fullmatch(scope):
            told.setdefault(named[1].lower(), _plain(unquote(named[2])))
    service = _service(_text(match, "d:XAddrs").split(), sender)
    return FoundCamera(*service, told.get("name", ""), told.get("hardware", "")) if service else None


def _service(addresses: list[str], sender: str) -> tuple[str, int, bool] | None:
    """Host, port and whether HTTPS of the camera's service: of those it names, the one at the address it answered from."""
    read = []
    for address in addresses:
        try:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and parts.hostname:
                secure = parts.scheme == "https"
                read.append((parts.hostname, parts.port or (443 if secure else 80), secure))
        except ValueError:
            continue
    if not read:
        return None
    # None of its own among them: a camera may still name the address it had before.
    return next((service for service in read if service[0] == sender), (sender, *read[0][1:]))


def _text(element: ET.Element, path: str) -> str:
    return (element.findtext(path, "", NAMESPACES) or "").strip()


def _plain(text: str) -> str:
    """One line that a terminal and a YAML comment can show."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:60]


def _numeric(host: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", host))


def _probe(namespace: str, name: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<s:Envelope xmlns:s="{NAMESPACES["s"]}" xmlns:a="{NAMESPACES["a"]}" xmlns:d="{NAMESPACES["d"]}">'
        "<s:Header>"
        f'<a:Action s:mustUnderstand="1">{NAMESPACES["d"]}/Probe</a:Action>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>"
        '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>'
        "</s:Header><s:Body><d:Probe>"
        f'<d:Types xmlns:n="{namespace}">n:{name}</d:Types>'
        "</d:Probe></s:Body></s:Envelope>"
    ).encode()
