"""Real servers on this machine that a test sends to: mail that is read, mail that is refused or hangs, a webhook."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port


class Box:
    """A mail server that keeps what it gets; `refuses` says what it answers instead."""

    def __init__(self) -> None:
        self.mails = list[EmailMessage]()
        self.refuses = ""
        self._controller: Controller | None = None
        self.port = free_port()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail."""
        if self.refuses:
            return self.refuses
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def start(self) -> Box:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Be away; `start` comes back on the same port."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        """As Apprise has it."""
        return f"mailto://127.0.0.1:{self.port}?from=cats@example.org&to=me@example.org"


class Hook:
    """A webhook that keeps the JSON it gets."""

    def __init__(self) -> None:
        self.posts = list[dict[str, Any]]()
        self.raw = list[bytes]()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.raw.append(body)
                hook.posts.append(json.loads(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing to tell."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """As Apprise has it."""
        return f"json://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def hanging() -> Iterator[str]:
    """The address of a mail server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        kept = list[socket.socket]()

        def take() -> None:
            with suppress(OSError):
                while True:
                    kept.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield f"mailto://127.0.0.1:{server.getsockname()[1]}?from=cats@example.org&to=me@example.org"
        for each in kept:
            each.close()
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def picture_of(mail: EmailMessage) -> bytes | None:
    """The picture of a mail; None where it has none."""
    found = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    return base64.b64decode(found[0].get_payload()) if found else None  # type: ignore[arg-type]


def body_of(mail: EmailMessage, kind: str) -> str:
    """The text of a mail: `plain` or `html`."""
    part = mail.get_body((kind,))
    assert part is not None, f"no {kind} part"
    return str(part.get_content())
