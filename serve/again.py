"""Past days, told again with what is known now: `catml refresh`, as a program of its own, one at a time."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from home.folder import PROJECT, Home
from home.look import counted

__all__ = ["Again", "Told", "router"]

router = APIRouter(prefix="/api/v1/refresh", tags=["cats"])
WALL_S = 3600.0


class Told(BaseModel):
    """How it stands with telling past days again."""

    state: Literal["never", "running", "done", "failed"]
    words: str = Field(description="for people", examples=["Past days are read again; 3 of 14 have changed."])
    since: dt.datetime | None = Field(default=None, description="when it began")


class Again:
    """Tells past days of a home again. Asked while it does, it does so once more.

    Args:
        wall_s: after which it is ended.
    """

    def __init__(self, wall_s: float = WALL_S) -> None:
        self._wall_s = wall_s
        self._lock, self._closed, self._more = threading.Lock(), False, False
        self._process: subprocess.Popen[str] | None = None
        self._told = Told(state="never", words="")

    @property
    def told(self) -> Told:
        """How it stands."""
        return self._told

    def begin(self, home: Home) -> Told:
        """Begin, or note that it must be done once more."""
        with self._lock:
            if self._told.state == "running":
                self._more = True
                return self._told
            words = "Past days are being read again from the tables; this may take some minutes."
            self._told = Told(state="running", words=words, since=dt.datetime.now(dt.UTC))
        threading.Thread(target=self._work, args=(home,), daemon=True).start()
        return self._told

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    def _work(self, home: Home) -> None:
        while True:
            found = self._once(home)
            with self._lock:
                if not self._more or self._closed:
                    self._told = found
                    return
                self._more = False

    def _once(self, home: Home) -> Told:
        begun = self._told.since
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        if PROJECT.name != "site-packages":
            environment["PYTHONPATH"] = str(PROJECT)
        command = [sys.executable, "-m", "catml", "refresh", "--home", str(home.root), "--json", "--quiet"]
        try:
            with self._lock:
                if self._closed:
                    return Told(state="failed", words="It was ended with this program.", since=begun)
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                    env=environment, cwd=home.root, start_new_session=True,
                )  # fmt: skip
            said, _ = self._process.communicate(timeout=self._wall_s)
            days = json.loads(said)["days"] if self._process.returncode == 0 else None
        except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
            days = None
            if self._process is not None:
                self._process.kill()
                self._process.wait()
        if days is None:
            words = "Past days could not be read again; catml refresh says why. What you changed is kept."
            return Told(state="failed", words=words, since=begun)
        changed = sum(bool(day["tracks"] or day["bouts"] or day["page"]) for day in days)
        words = (
            f"{counted(len(days), 'past day')} read again; {changed or 'none'} changed."
            if days
            else "There is no past day yet that this could change."
        )
        return Told(state="done", words=words, since=begun)


@router.get("")
def refreshing(request: Request) -> Told:
    """How it stands with telling past days again."""
    return _again(request).told


@router.post("", status_code=202)
def refresh(request: Request) -> Told:
    """Tell past days again, with the names and cats that are known now. No footage is touched."""
    return _again(request).begin(request.app.state.home)


def _again(request: Request) -> Again:
    found: Again = request.app.state.again
    return found
