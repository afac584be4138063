"""Cameras found in the network and asked for their streams, against an ONVIF camera on this machine."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest
from ruamel.yaml import YAML

from home.config import HomeConfig
from home.errors import WrongUse
from home.terminal import Terminal
from ingest import new_cameras
from ingest.discovery import FoundCamera, discover, parse
from ingest.new_cameras import discover_cameras, suggest
from ingest.onvif_streams import for_home_yaml
from tests.ingest.onvif_camera import PASSWORD, USER, Device, Responder, probe_match

SCOPES = "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Tapo%20C200 onvif://www.onvif.org/hardware/C200"
HOME = HomeConfig.model_validate(
    {
        "timezone": "UTC",
        "cameras": {"tapo-c200": {"url": "rtsp://192.0.2.50/1"}, "hall": {"url": "rtsp://me@192.0.2.51:554/live"}},
    }
)
# Answers come within milliseconds on one machine; the wait is spent in full by design.
WAIT_S = 0.5
needs_onvif = pytest.mark.skipif(find_spec("onvif") is None, reason="pip install 'catml[onvif]'")


@pytest.fixture
def responder() -> Iterator[Callable[[Callable[[str], list[bytes]]], Responder]]:
    made: list[Responder] = []

    def make(answers: Callable[[str], list[bytes]]) -> Responder:
        made.append(Responder(answers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def device() -> Iterator[Device]:
    camera = Device()
    yield camera
    camera.close()


@pytest.fixture
def ask_device(device: Device, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, str]]]:
    """`catml cameras discover 127.0.0.1:PORT --user …`, as JSON."""
    monkeypatch.setenv("CAMERA_PASSWORD", PASSWORD)

    def ask(capsys: pytest.CaptureFixture[str], user: str = USER) -> list[dict[str, str]]:
        discover_cameras(HOME, [f"127.0.0.1:{device.server_port}"], user, WAIT_S, Terminal(as_json=True))
        found: list[dict[str, str]] = json.loads(capsys.readouterr().out)["cameras"]
        return found

    return ask


def test_a_camera_that_answers_twice_is_found_once(responder: Callable[..., Responder]) -> None:
    camera = responder(lambda asked: [probe_match(asked, "http://127.0.0.1:2020/onvif/device_service", SCOPES)] * 2)
    assert discover(WAIT_S, [camera.target]) == [FoundCamera("127.0.0.1", 2020, False, "Tapo C200", "C200")]
    assert b"NetworkVideoTransmitter" in camera.asked[0] and len(camera.asked) > 1


def test_two_cameras_with_one_identity_are_two(responder: Callable[..., Responder]) -> None:
    # Cheap cameras of a make share the endpoint's UUID; here they share the machine too, so the port tells them apart.
    first = responder(lambda asked: [probe_match(asked, "http://127.0.0.1:81/onvif/device_service", SCOPES)])
    second = responder(lambda asked: [probe_match(asked, "http://127.0.0.1:82/onvif/device_service", SCOPES)])
    assert [camera.port for camera in discover(WAIT_S, [first.target, second.target])] == [81, 82]


def test_garbage_on_the_wire_hides_no_camera(responder: Callable[..., Responder]) -> None:
    good = "http://127.0.0.1/onvif/device_service"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    garbage = [
        b"",
        b"\x00\xff" * 700,
        b"<",
        b"<s:Envelope/>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        bomb.encode() + b"]><x>&j;</x>",
        probe_match("x", "", SCOPES),
        probe_match("x", "http://[::1:99999/ http://:80/ ftp://127.0.0.1/", SCOPES),
        probe_match("x", good, "ldap:///ou=printers", types="wsdp:Device"),
        probe_match("x", good, SCOPES)[:-40],
    ]
    camera = responder(lambda asked: [*garbage, probe_match(asked, good, SCOPES)])
    assert discover(WAIT_S, [camera.target]) == [FoundCamera("127.0.0.1", 80, False, "Tapo C200", "C200")]


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        (
            "http://192.0.2.9/onvif/device_service http://192.0.2.7:8000/onvif/device_service",
            ("192.0.2.7", 8000, False),
        ),
        ("http://[fe80::1]/onvif/device_service https://192.0.2.7/onvif/device_service", ("192.0.2.7", 443, True)),
        ("http://192.168.0.10:8899/onvif/device_service", ("192.0.2.7", 8899, False)),
    ],
)
def test_the_address_that_answered_is_taken(addresses: str, found: tuple[str, int, bool]) -> None:
    (camera,) = parse(probe_match("x", addresses, "onvif://www.onvif.org/name/a%0A%1b%5b31mb"), "192.0.2.7")
    assert (camera.host, camera.port, camera.secure) == found
    assert camera.name == "a [31mb"  # nothing that a camera calls itself moves a terminal's cursor


# Its IPv6 thread dies of an IPv4 address it is to answer; the other one answers.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_another_programs_publisher_is_found_by_multicast() -> None:
    """The WSDiscovery package as the camera: the question is one that others understand, on a network's real group."""
    publishing = pytest.importorskip("wsdiscovery.publishing", reason="pip install WSDiscovery")
    from wsdiscovery import QName, Scope

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("239.255.255.250", 3702))
        except OSError:
            pytest.skip("no network interface that carries multicast")
        address = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("no network interface but loopback")
    publisher = publishing.ThreadedWSPublishing()
    publisher.start()
    try:
        kind = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")
        scope = Scope("onvif://www.onvif.org/name/Published")
        publisher.publishService([kind], [scope], [f"http://{address}:8123/onvif/device_service"])
        # It waits up to half a second before it answers, as the standard asks, and loops every tenth of one.
        found = discover(2.0)
    finally:
        publisher.stop()
    assert FoundCamera(address, 8123, False, "Published") in found


def test_what_is_printed_without_a_login_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        FoundCamera("192.0.2.7", 80, False, "Tapo C200"),
        FoundCamera("192.0.2.8", 80, False, '"Söf: {x}'),
        FoundCamera("192.0.2.9", 80),
    ]
    entries = suggest(found, HOME)
    assert [entry.id for entry in entries] == ["tapo-c200-2", "sof-x", "camera"]  # tapo-c200 is taken in home.yaml
    new_cameras.tell(entries, Terminal())
    said = capsys.readouterr().out
    pasted = YAML(typ="safe").load(said[said.index("cameras:") : said.index("\nThe password")])
    assert HomeConfig.model_validate({"timezone": "UTC", **pasted}).cameras["sof-x"].name == '"Söf: {x}'
    assert "--user NAME" in said


@needs_onvif
@pytest.mark.parametrize("services", [False, True], ids=["GetCapabilities", "GetServices"])
def test_streams_of_a_camera(
    device: Device, ask_device: Callable[..., list[dict[str, str]]], services: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    device.services = services
    (camera,) = ask_device(capsys)
    # The port is the stream's own; the host is where the camera was reached, not the one it believes to have.
    assert camera["url"] == f"rtsp://{USER}:${{CAMERA_PASSWORD}}@127.0.0.1:554/stream1"
    assert camera["sub_url"] == f"rtsp://{USER}:${{CAMERA_PASSWORD}}@127.0.0.1:554/stream2"
    assert camera["model"] == "Acme C 200" and camera["problem"] == ""
    assert "GetStreamUri" in device.requests and PASSWORD not in "".join(device.bodies)


@needs_onvif
def test_a_camera_whose_clock_was_never_set(
    device: Device, ask_device: Callable[..., list[dict[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    device.clock = -dt.timedelta(days=9000)  # most wake in 2000 or 1970, and refuse signatures of another time
    (camera,) = ask_device(capsys)
    assert camera["problem"] == "" and camera["url"]


@needs_onvif
def test_a_wrong_user_is_told_without_the_password(
    device: Device, ask_device: Callable[..., list[dict[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    (camera,) = ask_device(capsys, user="nobody")
    assert camera["url"] is None and "refuses" in camera["problem"] and PASSWORD not in json.dumps(camera)


@needs_onvif
def test_a_camera_without_a_second_stream_or_any(
    device: Device, ask_device: Callable[..., list[dict[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    device.profiles = [("only", "JPEG", 1600, 1200, "rtsp://10.255.255.1/live")]
    (camera,) = ask_device(capsys)
    assert camera["url"].endswith("@127.0.0.1/live") and camera["sub_url"] is None
    device.profiles = []
    (camera,) = ask_device(capsys)
    assert camera["url"] is None and "no video stream" in camera["problem"]


@needs_onvif
def test_a_camera_that_is_silent_and_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.onvif_streams import ask

    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        ports = silent.getsockname()[1], unused.getsockname()[1]
        slow, gone = ask([FoundCamera("127.0.0.1", port) for port in ports], USER, PASSWORD, timeout_s=1)
    assert "no answer within 1 s" in str(slow) and "nobody answers" in str(gone)


@needs_onvif
def test_a_port_with_401_in_it_is_no_refusal() -> None:
    from ingest.onvif_streams import _why

    assert "nobody answers" in _why(ConnectionRefusedError(111, "Cannot connect to host 127.0.0.1:34015"))
    assert "refuses" in _why(RuntimeError("Unknown error: status 401"))


@pytest.mark.parametrize(
    ("uri", "safe"),
    [
        # XMEye boards put both into the path, others into the query; a user may hold what must be encoded.
        ("rtsp://10.0.0.2:554/user=admin_password=tlJwpbo6_channel=1.sdp", "/user=admin_password=${CAMERA_PASSWORD}"),
        ("rtsp://10.0.0.2/live?user=admin&password=hunter2&x=1", "/live?user=admin&password=${CAMERA_PASSWORD}&x=1"),
        ("rtsp://admin:hunter2@10.0.0.2/a/hunter2/b", "/a/${CAMERA_PASSWORD}/b"),
        ("rtsp://10.0.0.2", "/"),
    ],
)
def test_no_password_comes_back_in_an_address(uri: str, safe: str) -> None:
    address = for_home_yaml(uri, "192.0.2.7", "me@home", "hunter2")
    assert address.startswith("rtsp://me%40home:${CAMERA_PASSWORD}@192.0.2.7") and safe in address
    assert "hunter2" not in address and "tlJwpbo6" not in address
    HomeConfig.model_validate({"timezone": "UTC", "cameras": {"a": {"url": address}}})


def test_nobody_answers(
    responder: Callable[..., Responder], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = responder(lambda asked: [])
    monkeypatch.setattr(new_cameras, "discover", lambda wait_s: discover(wait_s, [nobody.target]))
    assert discover_cameras(None, [], None, WAIT_S, Terminal(as_json=True)) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == {"cameras": []} and "catml cameras discover 192.168.1.20" in said.err


def test_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAMERA_PASSWORD", raising=False)
    with pytest.raises(WrongUse, match="export CAMERA_PASSWORD"):
        discover_cameras(None, [], "me", WAIT_S, Terminal())
    with pytest.raises(WrongUse, match="--user NAME"):
        discover_cameras(None, ["192.0.2.1"], None, WAIT_S, Terminal())
    monkeypatch.setenv("CAMERA_PASSWORD", PASSWORD)
    with pytest.raises(WrongUse, match="HOST or HOST:PORT"):
        discover_cameras(None, ["http://192.0.2.1/x"], "me", WAIT_S, Terminal())


def test_a_camera_of_the_home_is_told_as_known(capsys: pytest.CaptureFixture[str]) -> None:
    entries = suggest([FoundCamera("192.0.2.51", 80, False, "Hall")], HOME)
    new_cameras.tell(entries, Terminal())
    assert "192.0.2.51 is `hall` of home.yaml" in capsys.readouterr().out
