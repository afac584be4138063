"""A home that is served by a real server on this machine, in a thread of the test."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import IO, Any

import uvicorn

from home.folder import Home
from serve.app import create_app
from serve.server import listen


@contextlib.contextmanager
def serving(home: Home, port: int = 0) -> Iterator[str]:
    """Serve a home; yields its address."""
    listener = listen("127.0.0.1", port)
    number = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(home), log_config=None, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until, "the server does not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{number}"
    finally:
        server.should_exit = True
        thread.join(30)


def said_first(program: IO[str]) -> dict[str, Any]:
    """What a program prints when it is ready, as JSON over several lines; fails where it ends before."""
    said = ""
    while line := program.readline():
        said += line
        if line == "}\n":
            return dict(json.loads(said))
    raise AssertionError(f"it ended before it was ready, and said {said!r}")
