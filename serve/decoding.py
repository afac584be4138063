"""The other end of `serve.decoder`: processes that wait for files, are killed when they take too long, and come again."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from home.errors import ServeError
from home.folder import PROJECT
from home.serve_params import ServeParams
from serve.kinds import Kind
from serve.problems import Problem

__all__ = ["Decoded", "Decoders", "Shot"]

START_S = 60.0
_KEEPS_PAGES = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
"""Bytes that glibc does not give back after each photo: to get them again, page by page, took as long as to decode it (mallopt(3))."""
_SLOWER = 20.0  # a busy machine may take so many times the CPU seconds that are allowed


@dataclass(frozen=True)
class Shot:
    """One picture of what was sent, upright.

    Attributes:
        at: seconds from the beginning; 0 for a photo.
        picture: RGB `uint8 [h,w,3]`, scaled down.
    """

    at: float
    picture: NDArray[np.uint8]


class Decoded:
    """The pictures of one file as they come; `facts` are there when they are through.

    Attributes:
        facts: `width` and `height` in pixels, upright, as sent; of a clip `seconds`, `frames`, and `damaged`: some of it could
            not be decoded, and was not seen.
    """

    def __init__(self, shots: Iterator[Shot | dict[str, Any]]) -> None:
        self._shots = shots
        self.facts: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Shot]:
        for each in self._shots:
            if isinstance(each, Shot):
                yield each
            else:
                self.facts = each


class Decoders:
    """Processes that decode, started when they are first needed and kept.

    Args:
        params: how much may be decoded, and for how long.
        count: processes; a file waits until one is free.
    """

    def __init__(self, params: ServeParams, count: int) -> None:
        self._params = params
        self._free: queue.Queue[_Process | None] = queue.Queue()
        for _ in range(count):
            self._free.put(None)
        self._all: set[_Process] = set()
        self._lock, self._closed = threading.Lock(), False

    @contextlib.contextmanager
    def decode(self, file: BinaryIO, kind: Kind, fps: float) -> Iterator[Decoded]:
        """Decode a file; to leave early ends its process.

        Args:
            file: with a file descriptor of its own.
            kind: what it is.
            fps: pictures a second of a clip.

        Raises:
            Problem: it cannot be decoded, or takes too much; while the pictures are taken.
        """
        process = self._free.get()
        try:
            if process is None or not process.alive:
                process = self._started(process)
            yield Decoded(process.pictures(file, self._asked(kind, fps)))
        finally:
            if process is not None and not process.idle:
                self._end(process)
                process = None
            self._free.put(process)

    def warm(self) -> None:
        """Start one process, so that the first one who asks need not wait."""
        process = self._free.get()
        try:
            process = process or self._started(None)
        finally:
            self._free.put(process)

    def close(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._closed = True
            running, self._all = list(self._all), set()
        for process in running:
            process.end()

    def _asked(self, kind: Kind, fps: float) -> dict[str, Any]:
        params = self._params
        limits = {"seconds": params.clip_seconds, "frames": params.clip_frames, "fps": fps}
        megapixels = params.clip_megapixels if kind.clip else params.photo_megapixels
        cpu_s = params.clip_decode_s if kind.clip else params.photo_decode_s
        kinds = {"name": kind.name, "reader": kind.reader, "clip": kind.clip}
        return {**kinds, **limits, "pixels": int(megapixels * 1e6), "cpu_s": cpu_s}

    def _started(self, old: _Process | None) -> _Process:
        if old is not None:
            self._end(old)
        with self._lock:
            if self._closed:
                raise Problem(503, "stopping", "This program is ending")
            process = _Process(self._params.decode_mb)
            self._all.add(process)
        process.wait()
        return process

    def _end(self, process: _Process) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)


class _Process:
    """One `serve.decoder`."""

    def __init__(self, megabytes: int) -> None:
        self._end, theirs = socket.socketpair()
        # Nothing of ours is in its environment: neither keys nor passwords.
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        } | _KEEPS_PAGES
        if PROJECT.name != "site-packages":
            environment["PYTHONPATH"] = str(PROJECT)
        command = [sys.executable, "-m", "serve.decoder", str(megabytes << 20)]
        nowhere = subprocess.DEVNULL
        self._program = subprocess.Popen(
            command,
            stdin=theirs.fileno(),
            stdout=nowhere,
            stderr=nowhere,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
        theirs.close()
        self.idle = True

    def wait(self) -> None:
        """Until it is ready.

        Raises:
            ServeError: it cannot be started.
        """
        try:
            self._message(monotonic() + START_S)
        except (OSError, EOFError, TimeoutError):
            self.end()
            raise ServeError(f"the decoder does not start: {sys.executable} -m serve.decoder") from None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._program.poll() is None

    def end(self) -> None:
        """End it now."""
        self._program.kill()
        self._program.wait()
        self._end.close()

    def pictures(self, file: BinaryIO, asked: dict[str, Any]) -> Iterator[Shot | dict[str, Any]]:
        """The pictures of a file, then the facts."""
        self.idle = False
        wait = asked["cpu_s"] * _SLOWER
        try:
            socket.send_fds(self._end, [json.dumps(asked).encode() + b"\n"], [file.fileno()])
            while True:
                told = self._message(monotonic() + wait)
                if "picture" not in told:
                    break
                height, width = told["picture"]
                picture = np.frombuffer(self._take(told["bytes"], monotonic() + wait), np.uint8)
                yield Shot(float(told["at"]), picture.reshape(height, width, 3))
        except (EOFError, OSError):  # the kernel ended it, or it takes for ever
            raise Problem(
                422, "too-much-work", f"Decoding this {asked['name']} takes too long or too much memory",
                f"{asked['cpu_s']:g} s of CPU time are given to it at most",
            ) from None  # fmt: skip
        self.idle = True
        if "refused" in told:
            kind, title, detail = told["refused"]
            raise Problem(415 if kind == "unknown-format" else 422, kind, title, detail)
        yield told["done"]

    def _message(self, until: float) -> dict[str, Any]:
        (length,) = struct.unpack(">I", self._take(4, until))
        if length > 1 << 20:
            raise EOFError
        tree: dict[str, Any] = json.loads(bytes(self._take(length, until)))
        return tree

    def _take(self, count: int, until: float) -> bytearray:
        data = bytearray(count)
        view, at = memoryview(data), 0
        while at < count:
            self._end.settimeout(max(0.001, until - monotonic()))
            got = self._end.recv_into(view[at:])
            if not got:
                raise EOFError
            at += got
        return data
