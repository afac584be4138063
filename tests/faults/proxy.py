"""A bad network in front of a good S3 server: slow, answering with errors, cutting uploads off, silent, or gone.

with Proxy(s3_server.port) as road:
    road.endpoint                      # http://127.0.0.1:PORT
    road.fate = errors(0.5)            # every other request is answered with 500 and never arrives
    road.down(); road.up()             # nobody at the port; back again
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType

_BLOCK = 16 * 1024


@dataclass(frozen=True)
class Asked:
    """A request: its method, its path with query, and the length of what it brings (bytes)."""

    method: str
    path: str
    length: int

    @property
    def is_upload(self) -> bool:
        """Whether it brings an object, whole or a part of one."""
        return self.method == "PUT" and self.length > 0


@dataclass(frozen=True)
class Fate:
    """What becomes of a request.

    Attributes:
        wait_s: before it is passed on.
        bytes_per_s: how fast its body is passed on; None: as it comes.
        status: answered with this instead of being passed on.
        cut_after: the connection is cut after so many bytes of its body.
        silent: it is read and never answered.
        deaf: it arrives and is answered, but the connection is cut before the answer comes back.
    """

    wait_s: float = 0.0
    bytes_per_s: int | None = None
    status: int | None = None
    cut_after: int | None = None
    silent: bool = False
    deaf: bool = False


Choice = Callable[[Asked], Fate]


def well(_: Asked) -> Fate:
    """Everything is passed on at once."""
    return Fate()


def slow(wait_s: float, bytes_per_s: int) -> Choice:
    """Every request waits, and bodies crawl."""
    return lambda _: Fate(wait_s=wait_s, bytes_per_s=bytes_per_s)


def errors(share: float, status: int = 500, seed: int = 0) -> Choice:
    """A share of all requests is answered with an error, by a seeded throw of dice."""
    dice = random.Random(seed)
    return lambda _: Fate(status=status) if dice.random() < share else Fate()


def cut_uploads(times: int, after: int = 1000, deaf: bool = False) -> Choice:
    """The first so many uploads are cut in the middle (or, if `deaf`, before their answer), the others pass."""
    left = iter(range(times))

    def choose(asked: Asked) -> Fate:
        if not asked.is_upload or next(left, None) is None:
            return Fate()
        return Fate(deaf=True) if deaf else Fate(cut_after=min(after, asked.length // 2))

    return choose


class _Cut(Exception):
    """The connection ends here."""


@dataclass
class Proxy:
    """Passes HTTP from a port of its own to a server on this machine.

    Attributes:
        to: the server's port.
        fate: decides about each request; may be set at any time.
        asked: every request that came, in order.
    """

    to: int
    fate: Choice = well
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    _listening: socket.socket | None = None
    _open: set[socket.socket] = field(default_factory=set)

    @property
    def endpoint(self) -> str:
        """Its address, for `store.endpoint_url`."""
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> Proxy:
        """Open the port."""
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return self

    def down(self) -> None:
        """Close the port and every connection: refused from now on."""
        listening, self._listening = self._listening, None
        if listening is not None:
            # Without it the thread that waits in accept() would keep the port open.
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for connection in list(self._open):
            _end(connection)

    def __enter__(self) -> Proxy:
        return self.up()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server: socket.socket | None = None
        try:
            server = socket.create_connection(("127.0.0.1", self.to), timeout=60)
            self._open.add(server)
            read_client, read_server = client.makefile("rb"), server.makefile("rb")
            while head := _head(read_client):
                self._pass_on(head, client, read_client, server, read_server)
        except (OSError, _Cut, ValueError):
            pass
        finally:
            for connection in (client, server):
                if connection is not None:
                    self._open.discard(connection)
                    _end(connection)

    def _pass_on(self, head: list[bytes], client, read_client, server, read_server) -> None:  # type: ignore[no-untyped-def]
        method, path, _ = head[0].decode("latin-1").split(" ", 2)
        asked = Asked(method, path, int(_value(head, b"content-length") or 0))
        self.asked.append(asked)
        fate = self.fate(asked)
        time.sleep(fate.wait_s)
        if _value(head, b"expect"):
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = [line for line in head if not line.lower().startswith(b"expect:")]
        if fate.status is None and not fate.silent:
            server.sendall(b"".join([*head, b"\r\n"]))
        sent = 0
        for block in _body(head, read_client):
            sent += len(block)
            if fate.cut_after is not None and sent > fate.cut_after:
                raise _Cut
            if fate.status is None and not fate.silent:
                server.sendall(block)
            if fate.bytes_per_s:
                time.sleep(len(block) / fate.bytes_per_s)
        if fate.silent:
            read_client.read(1)  # until the client gives up
            raise _Cut
        if fate.status is not None:
            client.sendall(f"HTTP/1.1 {fate.status} Not Now\r\nContent-Length: 0\r\n\r\n".encode())
            return
        answer = _head(read_server)
        if not answer or fate.deaf:
            raise _Cut
        client.sendall(b"".join([*answer, b"\r\n"]))
        if method != "HEAD" and not answer[0].split()[1].startswith((b"1", b"204", b"304")):
            for block in _body(answer, read_server):
                client.sendall(block)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _head(stream) -> list[bytes]:  # type: ignore[no-untyped-def]
    """The lines of a head with their ends, without the empty one; nothing at the end of the connection."""
    lines: list[bytes] = []
    while (line := stream.readline()) not in (b"\r\n", b"\n", b""):
        lines.append(line)
    return lines


def _value(head: list[bytes], name: bytes) -> str | None:
    for line in head[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().decode("latin-1")
    return None


def _body(head: list[bytes], stream) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    """The bytes after a head, as they were framed."""
    if (_value(head, b"transfer-encoding") or "").lower() == "chunked":
        while True:
            size = stream.readline()
            yield size
            length = int(size.split(b";")[0], 16)
            yield stream.read(length + 2)
            if not length:
                return
    left = int(_value(head, b"content-length") or 0)
    while left:
        block = stream.read1(min(_BLOCK, left))
        if not block:
            raise _Cut
        left -= len(block)
        yield block
