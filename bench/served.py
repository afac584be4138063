"""`catml serve` as its owner starts it, on a port of its own, for measurements."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psutil
from PIL import Image

from home.folder import PROJECT, Home
from home.users import ApiKey, add_key
from serve.secrets_kept import digest, new_key

__all__ = ["PASSWORD", "Served", "serving"]

PASSWORD = "correct horse battery"
_READY_S = 300.0  # for networks to be loaded, at most


@dataclass(frozen=True)
class Served:
    """A server that runs.

    Attributes:
        url: where.
        key: may read and predict, as often as it likes.
        process: it.
    """

    url: str
    key: str
    process: psutil.Process

    @property
    def memory(self) -> int:
        """Bytes that it and its decoders hold."""
        return sum(each.memory_info().rss for each in [self.process, *self.process.children(recursive=True)])

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends."""
        return {"Authorization": f"Bearer {self.key}"}


@contextlib.contextmanager
def serving(home: Home, *, today: dt.date | None = None) -> Iterator[Served]:
    """Serve a home until the end of this; its networks are loaded.

    Raises:
        RuntimeError: it does not come up.
    """
    key = new_key()
    add_key(home.database, ApiKey("bench", digest(key), ("read", "predict"), dt.datetime.now(dt.UTC)))
    environment = os.environ | {"CATML_OWNER_PASSWORD": PASSWORD} | ({"CATML_TODAY": str(today)} if today else {})
    command = [sys.executable, str(PROJECT / "catml.py"), "serve", "--home", str(home.root), "--port", "0", "--json"]
    command += ["--set", "serve.requests_per_minute=1000000"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            said = "".join(iter(process.stdout.readline, "}\n"))
            served = Served(str(json.loads(said + "}")["url"]), key, psutil.Process(process.pid))
            _wait(served)
            yield served
        finally:
            process.terminate()
            process.wait(60)


def _wait(served: Served) -> None:
    until = time.monotonic() + _READY_S
    blank = io.BytesIO()
    Image.new("RGB", (640, 480), (128, 128, 128)).save(blank, "JPEG")
    while time.monotonic() < until:
        for mode in ("fast", "accurate"):
            answer = httpx.post(
                f"{served.url}/api/v1/predict", headers=served.headers, files={"file": blank.getvalue()}, data={"mode": mode},
                timeout=_READY_S, trust_env=False,
            )  # fmt: skip
            if not answer.is_success:
                break
        else:
            return
        time.sleep(1)
    raise RuntimeError(f"catml serve does not look at photos: {answer.status_code} {answer.text[:300]}")
