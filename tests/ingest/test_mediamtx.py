"""The relay's configuration, held against MediaMTX's own reference, and its API, answered as its OpenAPI file says.

The program itself is in no registry that tests install from: that it takes this very file is not shown here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ruamel.yaml import YAML

from home.errors import WrongUse
from home.folder import Home
from home.terminal import Terminal
from ingest import mediamtx
from ingest.record.address import recorded_address, safe_recorded_address
from ingest.relay import findings
from tests.conftest import HomeFactory

# Keys and what they take, from MediaMTX's commented mediamtx.yml at commit 0b63561 and GlobalConf and PathConf of its
# api/openapi.yaml at 00974ef; a key that it does not know makes MediaMTX refuse the whole file.
GLOBAL: dict[str, type] = {
    **dict.fromkeys(["logLevel", "logFile", "sysLogPrefix", "readTimeout", "writeTimeout", "authMethod"], str),
    **dict.fromkeys(
        ["api", "apiEncryption", "metrics", "pprof", "playback", "rtsp", "rtmp", "hls", "webrtc", "srt"], bool
    ),
    **dict.fromkeys(
        ["apiAddress", "metricsAddress", "playbackAddress", "rtspAddress", "rtspsAddress", "rtpAddress"], str
    ),
    **dict.fromkeys(["rtmpAddress", "hlsAddress", "webrtcAddress", "webrtcLocalUDPAddress", "srtAddress"], str),
    **dict.fromkeys(["authInternalUsers", "rtspTransports", "rtspAuthMethods", "webrtcICEServers2"], list),
    **dict.fromkeys(["webrtcAdditionalHosts", "logDestinations", "hlsTrustedProxies"], list),
    **dict.fromkeys(["rtspEncryption", "hlsVariant", "hlsSegmentDuration", "hlsPartDuration"], str),
    **dict.fromkeys(["hlsAlwaysRemux", "hlsEncryption", "webrtcEncryption", "webrtcIPsFromInterfaces"], bool),
    **dict.fromkeys(["writeQueueSize", "udpMaxPayloadSize", "hlsSegmentCount"], int),
    **dict.fromkeys(["pathDefaults", "paths"], dict),
}
PATH: dict[str, type] = {
    **dict.fromkeys(["source", "sourceFingerprint", "sourceOnDemandStartTimeout", "sourceOnDemandCloseAfter"], str),
    **dict.fromkeys(["sourceOnDemand", "record", "rtspAnyPort", "overridePublisher", "useAbsoluteTimestamp"], bool),
    **dict.fromkeys(["rtspTransport", "rtspRangeType", "recordPath", "recordFormat", "sourceRedirect"], str),
    "maxReaders": int,
}
USER: dict[str, type] = {"user": str, "pass": str, "ips": list, "permissions": list}
ACTIONS = {"publish", "read", "playback", "api", "metrics", "pprof"}
TRANSPORTS = {"udp", "multicast", "tcp", "automatic"}

PASSWORD = "p@ss/wörd"  # what must be percent-encoded in an address, and is in many real passwords
CAMERAS = """\
  hall:
    url: rtsp://me:${CATML_TEST_PASSWORD}@192.0.2.20:554/stream1
    sub_url: rtsp://me:${CATML_TEST_PASSWORD}@192.0.2.20:554/stream2
  hall-sub:
    url: rtsp://192.0.2.21/live
  attic:
    url: rtsp://192.0.2.22/1
    sub_url: rtsp://192.0.2.22/2
    record: sub
  porch:
    url: http://192.0.2.23:81/stream
  imports: {}
"""


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_TEST_PASSWORD", PASSWORD)
    monkeypatch.setenv("CATML_TEST_RELAY", PASSWORD)


@pytest.fixture
def house(home_factory: HomeFactory) -> Home:
    return home_factory(cameras=CAMERAS, more="relay:\n")


def held_against(tree: dict[str, Any], reference: dict[str, type], where: str) -> None:
    for key, value in tree.items():
        assert key in reference, f"{where} has {key}, which MediaMTX does not know"
        assert type(value) is reference[key], f"{where}.{key} is {value!r}"


@pytest.mark.parametrize("lan", [False, True])
def test_every_key_is_one_of_the_reference(home_factory: HomeFactory, lan: bool) -> None:
    relay = "relay:\n  rtsp: rtsp://catml:${CATML_TEST_RELAY}@127.0.0.1:8554\n"
    file = mediamtx.write(home_factory(cameras=CAMERAS, more=relay), lan=lan).file
    tree = YAML(typ="safe").load(file)
    held_against(tree, GLOBAL, "the file")
    held_against(tree["pathDefaults"], PATH, "pathDefaults")
    for name, path in tree["paths"].items():
        held_against(path, PATH, name)
    for user in tree["authInternalUsers"]:
        held_against(user, USER, "a user")
        assert {permission["action"] for permission in user["permissions"]} <= ACTIONS - {"publish"}
    assert set(tree["rtspTransports"]) | {tree["pathDefaults"]["rtspTransport"]} <= TRANSPORTS


def test_paths_of_the_cameras(house: Home) -> None:
    written = mediamtx.write(house)
    tree = YAML(typ="safe").load(written.file)
    encoded = "p%40ss%2Fw%C3%B6rd"
    assert tree["paths"] == {
        # What is recorded is pulled always, the other stream on demand. `hall-sub` is a camera, no stream of `hall`.
        "hall": {"source": f"rtsp://me:{encoded}@192.0.2.20:554/stream1", "sourceOnDemand": False},
        "hall/sub": {"source": f"rtsp://me:{encoded}@192.0.2.20:554/stream2", "sourceOnDemand": True},
        "hall-sub": {"source": "rtsp://192.0.2.21/live", "sourceOnDemand": False},
        "attic": {"source": "rtsp://192.0.2.22/1", "sourceOnDemand": True},
        "attic/sub": {"source": "rtsp://192.0.2.22/2", "sourceOnDemand": False},
    }
    assert list(written.left_out) == ["porch"] and "neither RTSP nor HLS" in written.left_out["porch"]


def test_the_file_is_for_its_owner_only(house: Home, tmp_path: Path) -> None:
    file = tmp_path / "relay.yml"
    file.write_text("older, and readable by all")
    file.chmod(0o644)
    assert mediamtx.write(house, file).file == file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "relay.yml" in path.name] == ["relay.yml"]


def test_what_is_said_has_no_password(house: Home, capfd: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        mediamtx.mediamtx(house, None, False, Terminal(as_json))
    said = "".join(capfd.readouterr())
    assert "rtsp://192.0.2.20:554/stream1" in said and "porch" in said
    assert PASSWORD not in said and "p%40ss" not in said


def test_without_a_password_only_this_machine_may_watch(house: Home) -> None:
    tree = mediamtx.configuration(house)
    addresses = {key: value for key, value in tree.items() if key.endswith("Address")}
    assert addresses == {
        "apiAddress": "127.0.0.1:9997",
        "rtspAddress": "127.0.0.1:8554",
        "hlsAddress": "127.0.0.1:8888",
        "webrtcAddress": "127.0.0.1:8889",
        "webrtcLocalUDPAddress": "127.0.0.1:8189",
    }
    assert tree["authInternalUsers"][0]["ips"] == ["127.0.0.1", "::1"]
    with pytest.raises(WrongUse, match="needs a password"):
        mediamtx.configuration(house, lan=True)


def test_readers_stand_in_the_file_as_hashes(home_factory: HomeFactory) -> None:
    relay = "relay:\n  rtsp: rtsp://catml:${CATML_TEST_RELAY}@nas:8554\n"
    tree = mediamtx.configuration(home_factory(cameras=CAMERAS, more=relay), lan=True)
    # As MediaMTX's documentation makes them: echo -n … | openssl dgst -binary -sha256 | openssl base64
    hashed = base64.b64encode(hashlib.sha256(PASSWORD.encode()).digest()).decode()
    assert tree["authInternalUsers"][0]["pass"] == f"sha256:{hashed}"
    assert (tree["rtspAddress"], tree["hlsAddress"], tree["webrtcAddress"]) == (":8554", ":8888", ":8889")


def test_a_variable_that_is_not_set_is_told(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATML_TEST_PASSWORD")
    with pytest.raises(WrongUse, match="CATML_TEST_PASSWORD is not set"):
        mediamtx.write(house)
    assert not (house.root / mediamtx.DEFAULT_FILE).exists()


def test_where_the_recorder_reads(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = home_factory(cameras=CAMERAS, folder="direct")
    assert recorded_address(direct, "hall") == "rtsp://me:p%40ss%2Fw%C3%B6rd@192.0.2.20:554/stream1"
    relay = "relay:\n  rtsp: rtsp://catml:${CATML_TEST_RELAY}@127.0.0.1:8554/\n"
    relayed = home_factory(cameras=CAMERAS, more=relay, folder="relayed")
    monkeypatch.delenv("CATML_TEST_PASSWORD")  # a recorder behind a relay needs no camera's password
    assert recorded_address(relayed, "hall") == "rtsp://catml:p%40ss%2Fw%C3%B6rd@127.0.0.1:8554/hall"
    assert safe_recorded_address(relayed, "attic") == "rtsp://127.0.0.1:8554/attic/sub"
    assert recorded_address(relayed, "porch") == "http://192.0.2.23:81/stream"
    assert safe_recorded_address(relayed, "imports") == "(imports only)"


class Api(BaseHTTPRequestHandler):
    """GET /v3/paths/list as the OpenAPI file has it, from `server.paths`; `server.login` is asked for where it is set."""

    def do_GET(self) -> None:
        server, asked = self.server, urlsplit(self.path)
        assert isinstance(server, ApiServer) and asked.path == "/v3/paths/list"
        if server.login and self.headers.get("Authorization") != server.login:
            return self._answer(401, {"status": "error", "error": "authentication error"})
        query = {key: int(value[0]) for key, value in parse_qs(asked.query).items()}
        first, each = query["page"] * query["itemsPerPage"], query["itemsPerPage"]
        pages = -(-len(server.paths) // each)
        items = server.paths[first : first + each]
        return self._answer(server.status, {"itemCount": len(server.paths), "pageCount": pages, "items": items})

    def _answer(self, status: int, tree: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"<html>" if status == 203 else json.dumps(tree).encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class ApiServer(ThreadingHTTPServer):
    paths: list[dict[str, Any]]
    login = ""
    status = 200


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with ApiServer(("127.0.0.1", 0), Api) as server:
        server.paths = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def path(name: str, online: bool, readers: int = 0, codec: str = "H264", older: bool = False) -> dict[str, Any]:
    """A path as the API lists it; `older`: as before `online` and `tracks2`."""
    tree: dict[str, Any] = {"name": name, "confName": name, "source": {"type": "rtspSource", "id": ""}}
    tree |= {"ready": online, "readyTime": None, "tracks": [codec] if online else [], "bytesReceived": 1}
    tree |= {"readers": [{"type": "rtspSession", "id": str(number)} for number in range(readers)]}
    if not older:
        tree |= {"available": online, "online": online, "tracks2": [{"codec": codec, "codecProps": None}] * online}
    return tree


def with_relay(home_factory: HomeFactory, api: ApiServer, login: str = "") -> Home:
    more = f"relay:\n  rtsp: rtsp://{login}127.0.0.1:8554\n  api: http://127.0.0.1:{api.server_port}\n"
    return home_factory(cameras=CAMERAS, more=more)


def test_what_check_says_of_each_camera(home_factory: HomeFactory, api: ApiServer) -> None:
    api.paths = [
        path("hall", True, readers=2, codec="M-JPEG"),
        path("hall/sub", False),
        path("attic/sub", False, older=True),
    ]
    found = {finding.what: finding for finding in findings(with_relay(home_factory, api))}
    assert list(found) == ["relay", "relay of hall", "relay of hall-sub", "relay of attic"]
    assert found["relay"].found == f"http://127.0.0.1:{api.server_port}: 3 paths, 2 readers"
    assert (found["relay of hall"].state, found["relay of hall"].found) == ("ok", "M-JPEG; readers now: 2")
    assert found["relay of hall-sub"].state == "fail" and "no such path" in found["relay of hall-sub"].found
    assert found["relay of attic"].state == "fail"
    assert found["relay of attic"].found == "nothing comes from rtsp://192.0.2.22/2"


def test_a_list_of_several_pages_is_read_to_its_end(home_factory: HomeFactory, api: ApiServer) -> None:
    # 60 cameras with two streams each are more than the 100 paths of a page.
    api.paths = [path(f"other{number}", True, older=True) for number in range(120)] + [path("hall", True)]
    found = {finding.what: finding for finding in findings(with_relay(home_factory, api))}
    assert "121 paths" in found["relay"].found and found["relay of hall"].state == "ok"


def test_the_api_is_asked_with_the_readers_login(home_factory: HomeFactory, api: ApiServer) -> None:
    api.login = "Basic " + base64.b64encode(f"catml:{PASSWORD}".encode()).decode()
    assert next(iter(findings(with_relay(home_factory, api, "catml:${CATML_TEST_RELAY}@")))).state == "ok"
    refused = next(iter(findings(with_relay(home_factory, api))))
    assert refused.state == "fail" and refused.found.endswith("refuses") and "relay.rtsp" in refused.right


@pytest.mark.parametrize(("status", "words"), [(500, "HTTP 500"), (203, "no JSON")])
def test_another_program_at_the_apis_port(home_factory: HomeFactory, api: ApiServer, status: int, words: str) -> None:
    api.status = status
    (finding,) = findings(with_relay(home_factory, api))
    assert finding.state == "fail" and words in finding.found and "relay.api" in finding.right


def test_a_relay_that_is_down(home_factory: HomeFactory, api: ApiServer) -> None:
    home = with_relay(home_factory, api)
    api.server_close()
    (finding,) = findings(home)
    assert finding.state == "fail" and finding.found.endswith("nobody answers") and "mediamtx" in finding.right


def test_no_relay_nothing_said(home_factory: HomeFactory) -> None:
    assert list(findings(home_factory(cameras=CAMERAS))) == []
