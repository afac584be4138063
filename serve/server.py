"""The application on a port of this machine, until it is stopped."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from home.errors import ServeError, WrongUse
from home.params import Params

__all__ = ["listen", "run"]

_WHY = {
    errno.EADDRINUSE: "another program has it",
    errno.EACCES: "ports below 1024 are for the system's administrator",
}
GRACE_S = 10  # for what is being answered when the program is told to end


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: address or name of this machine.
        port: 0 for any that is free.

    Raises:
        ServeError: the port is taken, or may not be listened on.
        WrongUse: this machine has no such address.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise WrongUse(f"--host {host!r}: {error.strerror}; an address of this machine, e.g. 127.0.0.1") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise WrongUse(
                f"--host {host!r}: this machine has no such address; 127.0.0.1 is this machine alone"
            ) from None
        why = _WHY.get(error.errno or 0, (error.strerror or "it cannot be listened on").lower())
        another = port + 1 if 1024 <= port < 65535 else 8000
        raise ServeError(f"port {port} of {host}: {why}; name another one: --port {another}") from None
    listener.setblocking(False)
    return listener


def run(app: FastAPI, listener: socket.socket, params: Params, ready: Callable[[], None] = lambda: None) -> None:
    """Answer until Ctrl-C or SIGTERM; what is being answered then is answered.

    Args:
        app: from `create_app`.
        listener: from `listen`.
        params: whose `serve.trusted_proxies` may say who really asks.
        ready: called when it answers.
    """
    proxies = params.serve.trusted_proxies
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses and searches of people are nobody's log
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config, ready)
    with _ends_quietly():
        server.run(sockets=[listener])
    if not server.started:
        raise ServeError("the API could not be started; the reason stands above")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._ready()


@contextlib.contextmanager
def _ends_quietly() -> Iterator[None]:
    """Uvicorn raises the signal that ended it once more, after all is done: to end is what it was told."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
