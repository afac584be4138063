"""The proxies' files, in front of a program that says what it was asked: nginx and Caddy as Debian has them."""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from home.folder import PROJECT
from home.serve_params import ServeParams
from tests.ports import free_port

FILES = PROJECT / "deploy" / "proxy"
MB = 1_000_000  # as `serve.upload_mb` counts
FITS, TOO_MUCH = int(ServeParams().upload_mb * MB), 70 * MB


WHOLE: list[int] = []  # bytes of each upload that came whole


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked: path, headers, and how many bytes came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(self.rfile.read(4)[::-1])  # whatever comes, the other way round
            self.close_connection = True
            return
        self._tell(0)

    def do_POST(self) -> None:
        left = length = int(self.headers["Content-Length"])
        while left:
            part = self.rfile.read(min(left, MB))
            if not part:
                self.close_connection = True
                return
            left -= len(part)
        WHOLE.append(length)
        self._tell(length)

    def _tell(self, took: int) -> None:
        told = json.dumps({"path": self.path, "took": took, "headers": {k.lower(): v for k, v in self.headers.items()}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def behind() -> Iterator[int]:
    """The port of the program behind the proxy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def changed(text: str, changes: dict[str, str]) -> str:
    """The file with what is of this test's machine; each must be there to be changed."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {name if name == 'caddy' else 'nginx-light'}")
    return found


@contextlib.contextmanager
def running(
    command: list[str], listens: tuple[int, int], folder: Path, env: dict[str, str] | None = None
) -> Iterator[None]:
    """A proxy at work, until the end of this."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=env)
    try:
        until = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                for port in listens:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=["nginx", "caddy"])
def ports(request: pytest.FixtureRequest, tmp_path: Path, behind: int) -> Iterator[tuple[int, int]]:
    """The ports for HTTPS and HTTP of a proxy with the project's file."""
    name = program(request.param)
    secure, plain = free_port(), free_port()
    make: Callable[..., contextlib.AbstractContextManager[None]] = {"nginx": nginx, "caddy": caddy}[request.param]
    with make(name, tmp_path, secure, plain, behind):
        yield secure, plain


def nginx(name: str, folder: Path, secure: int, plain: int, behind: int) -> contextlib.AbstractContextManager[None]:
    paper = [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-out", str(folder / "fullchain.pem"), "-keyout", str(folder / "privkey.pem"),
    ]  # fmt: skip
    subprocess.run([program("openssl"), *paper], check=True, capture_output=True)
    site = changed(
        (FILES / "nginx.conf").read_text("utf-8"),
        {
            "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl", "listen [::]:443 ssl": f"listen [::1]:{secure} ssl",
            "listen 80;": f"listen 127.0.0.1:{plain};", "listen [::]:80;": f"listen [::1]:{plain};",
            "/etc/letsencrypt/live/cats.example": str(folder), "127.0.0.1:8000": f"127.0.0.1:{behind}",
        },
    )  # fmt: skip
    if not has_ipv6():
        site = "\n".join(line for line in site.splitlines() if "[::1]" not in line)
    own = [f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    whole = f"daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{}}\n"
    whole += f"http {{ access_log off; {' '.join(own)}\n{site}\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    command = [name, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    asked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    return running(command, (secure, plain), folder)


def caddy(name: str, folder: Path, secure: int, plain: int, behind: int) -> contextlib.AbstractContextManager[None]:
    # Its own authority signs for localhost, and is not put into this machine's store.
    own = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tskip_install_trust\n\tstorage file_system {folder}/kept\n}}\n"
    site = changed((FILES / "Caddyfile").read_text("utf-8"), {"127.0.0.1:8000": f"127.0.0.1:{behind}"})
    (folder / "Caddyfile").write_text(own + site)
    env = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "CATML_DOMAIN": "localhost"}
    where = ["--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    asked = subprocess.run([name, "validate", *where], capture_output=True, text=True, check=False, env=env)
    assert asked.returncode == 0, asked.stderr
    return running([name, "run", *where], (secure, plain), folder, env)


def connection(secure: int) -> http.client.HTTPSConnection:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(100):  # Caddy listens before it has made its certificate
        found = http.client.HTTPSConnection("localhost", secure, timeout=30, context=context)
        with contextlib.suppress(ssl.SSLError):
            found.connect()
            return found
        time.sleep(0.1)
    raise AssertionError("no TLS")


def test_a_proxy_says_who_asks_and_lets_nobody_else_say_it(ports: tuple[int, int]) -> None:
    asking = connection(ports[0])
    lies = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "http", "X-Real-IP": "10.9.9.9"}
    asking.request("GET", "/api/v1/cats?x=1", headers=lies)
    told = json.loads(asking.getresponse().read())
    assert told["path"] == "/api/v1/cats?x=1"
    assert told["headers"]["x-forwarded-for"] in ("127.0.0.1", "::1")
    assert told["headers"]["x-forwarded-proto"] == "https"
    assert told["headers"]["host"].startswith("localhost")
    asking.close()


def test_what_is_larger_than_a_clip_may_be_is_refused_and_a_clip_is_not(ports: tuple[int, int]) -> None:
    WHOLE.clear()
    asking = connection(ports[0])
    asking.request("POST", "/api/v1/predict/clip", body=bytes(FITS))
    answer = asking.getresponse()
    assert answer.status == 200 and json.loads(answer.read())["took"] == FITS
    asking.close()
    asking = connection(ports[0])
    # A proxy that says no may close before all was sent; Caddy 2.6 says 502, newer ones 413.
    with contextlib.suppress(OSError, http.client.HTTPException):
        asking.request("POST", "/api/v1/predict/clip", body=bytes(TOO_MUCH))
        assert asking.getresponse().status in (413, 502)
    asking.close()
    assert WHOLE == [FITS]


def test_pages_keep_their_connection(ports: tuple[int, int]) -> None:
    """A page of NiceGUI speaks over a WebSocket."""
    asking = connection(ports[0])
    assert isinstance(asking.sock, ssl.SSLSocket)
    asked = "GET /_nicegui_ws/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    asking.sock.sendall(
        f"{asked}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += asking.sock.recv(4096)
    assert head.startswith(b"HTTP/1.1 101"), head
    asking.sock.sendall(b"meow")
    rest = head.partition(b"\r\n\r\n")[2]
    while len(rest) < 4:
        rest += asking.sock.recv(4)
    assert rest == b"woem"
    asking.close()


def test_plain_http_leads_to_tls(ports: tuple[int, int]) -> None:
    asking = http.client.HTTPConnection("127.0.0.1", ports[1], timeout=10)
    asking.request("GET", "/events?date=2026-03-01", headers={"Host": "localhost"})
    answer = asking.getresponse()
    assert answer.status == 308
    there = answer.getheader("Location") or ""
    assert there.startswith("https://localhost") and there.endswith("/events?date=2026-03-01")
    asking.close()
