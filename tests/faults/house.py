"""A home that records, as processes: recorders and the uploader as the supervisor starts them, to be killed at will."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from home.clock import Span, intersect
from home.folder import PROJECT, Home, open_home
from home.footage import ChunkName
from ingest.record.spool import open_spool
from ingest.record.waiting import chunk_spans
from tests.faults.checker import Verdict, check, chunks_of, frames_in
from tests.faults.source import Sent, Source
from tests.faults.worker import Worker

CAMERA = "hall"
_ON_THE_WAY_S = 1.2
PASSWORD = "Hunter2-of-the-hall"


class House:
    """A folder with home.yaml whose cameras are sources of the test.

    Args:
        root: the folder.
        sources: by camera; their passwords go through the environment.
        chunk_s: seconds of a chunk, instead of 300.
        store: address of the footage store, with `endpoint_url` for S3.
        recording: lines of home.yaml's section `recording`, e.g. `spool_gb: 0.01`.
        timezone: of the home.
        settings: more lines for every camera, indented by four.
        mounts: every camera is a mount of its own, in their order.
        rules: lines of home.yaml's section `rules`, e.g. `there: {class: cat}`.
    """

    def __init__(
        self,
        root: Path,
        sources: dict[str, Source],
        *,
        chunk_s: int = 5,
        store: str | None = None,
        endpoint: str | None = None,
        recording: str = "",
        timezone: str = "Europe/Berlin",
        settings: str = "",
        mounts: bool = False,
        rules: str = "",
    ) -> None:
        self.root, self.sources, self.chunk_s = root, sources, chunk_s
        self.workers: list[Worker] = []
        self.last: dict[str, int] = {}
        self.environment = {f"PASSWORD_{name.upper()}": source.password for name, source in sources.items()}
        # Naive local time anywhere would show on the night of the clock change.
        self.environment |= {"TZ": timezone, "PYTHONUNBUFFERED": "1"}
        lines = [f"timezone: {timezone}", "cameras:"]
        for number, (name, source) in enumerate(sources.items()):
            path = f"/live{number or ''}" if mounts else "/live"
            who = f"{source.user}:${{PASSWORD_{name.upper()}}}@" if source.user else ""
            lines += [f"  {name}:", f"    url: rtsp://{who}127.0.0.1:{source.port}{path}{settings}"]
        lines += ["store:", f"  footage: {store or 'data/footage'}"]
        if endpoint:
            lines.append(f"  endpoint_url: {endpoint}")
        lines += ["recording:", "  port: 0", *(f"  {line}" for line in recording.splitlines())]
        lines += ["rules:", *(f"  {line}" for line in rules.splitlines())] if rules else []
        root.mkdir(parents=True, exist_ok=True)
        (root / "home.yaml").write_text("\n".join(lines) + "\n", "utf-8")
        self.home: Home = open_home(root)
        self.spool = open_spool(self.home).root

    def recorder(self, camera: str = CAMERA, **environment: str) -> Worker:
        """The recorder of a camera, started."""
        # The command line has no word for the length of a chunk: nobody but tests has a use for it.
        code = f"import os, sys; from ingest.record.recorder import main; os._exit(main(sys.argv[1:], {self.chunk_s}))"
        command = [sys.executable, "-c", code, "--home", str(self.root), camera]
        return self._worker(command, f"recorder-{camera}.log", environment)

    def uploader(self, **environment: str) -> Worker:
        """The uploader, started."""
        command = [sys.executable, "-m", "ingest.record.uploader", "--home", str(self.root)]
        return self._worker(command, "uploader.log", environment)

    def catml_record(self) -> Worker:
        """`catml record`: all recorders and the uploader under their supervisor, started; chunks of 5 minutes."""
        command = [sys.executable, str(PROJECT / "catml.py"), "record", "--home", str(self.root)]
        return self._worker(command, "recorder-all.log", {})

    def watcher(self, *settings: str, **environment: str) -> Worker:
        """`catml watch` of all cameras, started; `settings` as after `--set`."""
        given = [text for each in settings for text in ("--set", each)]
        command = [sys.executable, str(PROJECT / "catml.py"), "watch", "--home", str(self.root), *given]
        return self._worker(command, "watcher.log", environment)

    def _worker(self, command: list[str], log: str, environment: dict[str, str]) -> Worker:
        worker = Worker(command, self.root / log, self.environment | environment)
        self.workers.append(worker)
        return worker.start()

    def end(self, *only: Worker) -> None:
        """Stop some, or all, as the supervisor does: what recorders have becomes chunks."""
        running = [worker for worker in only or self.workers if worker.alive]
        if any(worker.said.stem.startswith("recorder") for worker in running):
            self.last = {camera: sent[-1].number for camera, source in self.sources.items() if (sent := source.sent())}
            # A frame may be on its way, and is held back until the next one shows where it ends.
            time.sleep(_ON_THE_WAY_S)
        for worker in running:
            worker.tell_to_end()
        for worker in running:
            assert worker.end() == 0, worker.tail()

    def kill_all(self) -> None:
        """kill -9 of everything that was started."""
        for worker in self.workers:
            worker.kill()

    def state(self, camera: str = CAMERA) -> dict[str, Any]:
        """What a recorder says it does; empty before it said anything."""
        return _json(self.spool / camera / "state.json")

    def uploading(self) -> dict[str, Any]:
        """What the uploader says it does."""
        return _json(self.spool / "uploader.json")

    def until_recording(self, camera: str = CAMERA, within_s: float = 20) -> None:
        """Wait until a frame younger than this moment was recorded."""
        since = dt.datetime.now(dt.UTC)
        self.until(
            lambda: (
                (state := self.state(camera)).get("state") == "recording"
                and dt.datetime.fromisoformat(state["last_frame"] or state["since"]) > since
            ),
            within_s,
        )

    def until(self, done: Callable[[], bool], within_s: float) -> None:
        """Wait until something holds.

        Raises:
            AssertionError: if it does not within this time, with what the processes said last.
        """
        until = time.monotonic() + within_s
        while not done():
            if time.monotonic() > until:
                said = "\n".join(f"{worker.said.stem}: {worker.tail()}" for worker in self.workers)
                raise AssertionError(f"not within {within_s} s; {self.state()} {self.uploading()}\n{said}")
            time.sleep(0.05)

    def until_uploaded(self, within_s: float) -> None:
        """Wait until the spool holds no chunk."""
        self.until(lambda: not self.waiting(), within_s)

    def waiting(self) -> list[Path]:
        """Everything in the spool that is or will be a chunk."""
        return sorted(self.spool.glob("*/chunk-*.mp4")) + sorted(self.spool.glob("*/.part-*"))

    def finished(self, camera: str = CAMERA) -> list[Path]:
        """The finished chunks of a camera that wait in the spool."""
        return sorted((self.spool / camera).glob("chunk-*.mp4"))

    def verdict(
        self, camera: str = CAMERA, first: int | None = None, last: int | None = None, inside: Span | None = None
    ) -> Verdict:
        """The finished chunks of store and spool against what the source sent before `end`, or up to `last`.

        With `inside` only those that begin within it, and only up to their own last frame.
        """
        chunks = [
            (name, path)
            for name, path in chunks_of(self.home.footage, camera, self.spool, self.root)
            if inside is None or ((found := ChunkName.parse(f"{camera}/{name}")) and found.start in inside)
        ]
        last = self.last.get(camera) if last is None and inside is None else last
        return check(self.sources[camera].sent(), frames_in(chunks), first, last)

    def gaps(self, camera: str = CAMERA) -> list[tuple[Span, str]]:
        """What the journal of the spool says, in the order in which it was written."""
        journal = self.spool / camera / "gaps.jsonl"
        rows = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
        moment = dt.datetime.fromisoformat
        return [(Span(moment(row["start"]), moment(row["end"])), row["reason"]) for row in rows]

    def gap_s(self, reason: str, camera: str = CAMERA) -> float:
        """Seconds of the journal with this reason."""
        return sum(span.seconds for span, why in self.gaps(camera) if why == reason)

    def untold(self, verdict: Verdict, camera: str = CAMERA, tolerance_s: float = 1.0) -> list[Sent]:
        """Missing frames that no gap of the journal tells of."""
        rim = dt.timedelta(seconds=tolerance_s)
        gaps = [Span(span.start - rim, span.end + rim) for span, _ in self.gaps(camera)]
        return [frame for frame in verdict.missing if not any(frame.utc in gap for gap in gaps)]

    def contradicted(self, camera: str = CAMERA) -> list[tuple[Span, str]]:
        """Gaps of which the chunks of the spool claim more than a second for the ledger: `recorded` wins there."""
        claimed = [span for path in self.finished(camera) for span in chunk_spans(path)]
        return [
            (gap, why) for gap, why in self.gaps(camera) if sum(span.seconds for span in intersect([gap], claimed)) > 1
        ]

    def told(self, secret: str) -> list[str]:
        """Every file of the home, and every command line of ours, that holds a secret."""
        found = [str(path) for path in self.root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
        for worker in self.workers:
            with contextlib.suppress(OSError):
                if secret.encode() in Path(f"/proc/{worker.pid}/cmdline").read_bytes():
                    found.append(f"command line of {worker.said.stem}")
        return found


@contextlib.contextmanager
def a_house(root: Path, sources: dict[str, Source], **options: Any) -> Iterator[House]:
    """A house whose processes are gone at the end, whatever happened."""
    house = House(root, sources, **options)
    try:
        yield house
    finally:
        house.kill_all()


def _json(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return read
