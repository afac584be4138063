"""What is in the spool comes into the store once, whatever store, ledger, disk and power do; the ledger says what and when."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from home.clock import UTC, Span, merge
from home.config import Recording
from home.coverage import complete, recorded_spans
from home.errors import WrongUse
from home.folder import PROJECT, Home
from home.store import md5_of
from home.tables import COVERAGE
from ingest.record import bookkeeping, uploader
from ingest.record.spool import Spool, open_spool
from ingest.record.uploader import Uploader
from ingest.record.waiting import chunk_spans
from tests.conftest import HomeFactory
from tests.faults.proxy import Fate, Proxy, errors, slow, well
from tests.ingest.record.spooled import CHUNK_S, MORNING, Filmed, after, span
from tests.s3_server import SECRET, S3Server
from tests.waiting import until

DAY = dt.date(2026, 3, 1)
CAMERAS = "  hall:\n    url: rtsp://camera/live\n  attic:\n    url: rtsp://other/live\n"
WITHIN_S = 20.0


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Filmed:
    return Filmed(tmp_path_factory.mktemp("stream"))


@pytest.fixture
def road(s3_server: S3Server) -> Iterator[Proxy]:
    with Proxy(s3_server.port) as proxy:
        yield proxy


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    """A home that keeps footage and tables in folders."""
    return home_factory(CAMERAS)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploader, "LOOK_S", 0.05)


def on_s3(make: HomeFactory, bucket: str, endpoint: str, tables: str = "data/tables") -> Home:
    store = f"store:\n  footage: {bucket}\n  tables: {tables}\n  endpoint_url: {endpoint}\n"
    return make(CAMERAS, more=store)


@contextlib.contextmanager
def uploading(home: Home, spool: Spool) -> Iterator[Uploader]:
    """An uploader that runs meanwhile."""
    stop, working = threading.Event(), Uploader(home, spool)
    thread = threading.Thread(target=working.run, args=(stop,))
    thread.start()
    try:
        yield working
    finally:
        stop.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive()


def state(spool: Spool) -> dict[str, Any]:
    with contextlib.suppress(FileNotFoundError):
        return dict(json.loads((spool.root / "uploader.json").read_text()))
    return {}


def recorded(home: Home, camera: str = "hall") -> list[Span]:
    return recorded_spans(home.tables.read(COVERAGE, DAY, camera))


def reasons(home: Home, camera: str = "hall") -> list[tuple[Span, str]]:
    """What the ledger says of gaps, but for those that nobody told of."""
    whole = complete(home.tables, camera, home.camera(camera), DAY, home.zone)
    assert (whole["end"] - whole["start"]).dt.total_seconds().sum() == 86_400
    told = whole[(whole["state"] == "gap") & (whole["reason"] != "recorder_down")]
    return [(Span(row.start.to_pydatetime(), row.end.to_pydatetime()), row.reason) for row in told.itertuples()]


def in_store(home: Home) -> dict[str, str]:
    """Checksum of every object, read back."""
    return {
        entry.key: home.footage.checksum(entry)
        for camera in ("hall", "attic")
        for entry in home.footage.list(f"{camera}/")
    }


def in_spool(spool: Spool) -> dict[str, str]:
    return {f"{path.parent.name}/{path.name}": md5_of(path) for path in spool.finished()}


def lines(said: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_everything_comes_into_the_store_and_the_ledger(
    home_factory: HomeFactory, filmed: Filmed, request: pytest.FixtureRequest, where: str
) -> None:
    home = home_factory(CAMERAS)
    if where == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        bucket = server.bucket("all")
        home = on_s3(home_factory, f"{bucket}/footage", server.endpoint, f"{bucket}/tables")
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 5)
    filmed.chunks(spool, "attic", 2, after(3600))
    sent = in_spool(spool)
    assert Uploader(home, spool).once()
    assert in_store(home) == sent and len(sent) == 7 and not spool.finished()
    assert recorded(home) == [span(0, 10)] and recorded(home, "attic") == [span(3600, 3604)]
    assert state(spool) | {"began": "", "since": "", "updated": "", "pid": 0, "uploaded_bytes": 0} == {
        "pid": 0, "began": "", "state": "stopped", "reason": "", "since": "", "updated": "", "waiting": 0, "waiting_bytes": 0,
        "lag_s": 0.0, "uploaded": 7, "uploaded_bytes": 0, "failures": 0,
    }  # fmt: skip
    assert Uploader(home, spool).once() and in_store(home) == sent


def test_it_goes_on_with_what_comes(home: Home, filmed: Filmed) -> None:
    spool = open_spool(home)
    with uploading(home, spool):
        for number in range(3):
            filmed.chunk(spool, "hall", after(number * CHUNK_S))
            until(lambda: not spool.finished())
        until(lambda: len(merge(recorded(home))) == 1 and recorded(home)[0] == span(0, 6))
    assert len(in_store(home)) == 3


def test_the_oldest_of_all_cameras_goes_first_a_few_at_a_time(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    home = on_s3(home_factory, s3_server.bucket("order"), road.endpoint)
    spool = open_spool(home)
    for number in range(6):
        filmed.chunk(spool, ("hall", "attic")[number % 2], after(number * CHUNK_S))
    expected = [f"/order/{path.parent.name}/{path.name}" for path in spool.finished()]
    road.fate = lambda asked: Fate(wait_s=0.05 if asked.is_upload else 0)
    assert Uploader(home, spool).once()
    sent = [asked.path for asked in road.asked if asked.is_upload]
    # Two at a time: a neighbour may overtake, no other.
    assert sorted(sent) == sorted(expected)
    assert all(abs(sent.index(path) - place) <= 1 for place, path in enumerate(expected))


def test_a_name_that_is_taken_is_not_overwritten(home: Home, filmed: Filmed) -> None:
    spool = open_spool(home)
    path = filmed.chunk(spool, "hall", MORNING)
    key, sent = f"hall/{path.name}", md5_of(path)
    home.footage.write(key, b"imported before")
    home.footage.write(key.replace(".mp4", "-1.mp4"), path.read_bytes()[:2000])  # its own beginning: an upload cut off
    assert Uploader(home, spool).once()
    assert home.footage.read(key) == b"imported before"
    assert in_store(home)[key.replace(".mp4", "-1.mp4")] == sent and len(in_store(home)) == 2


def test_what_arrived_before_a_power_cut_is_not_put_again(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    """The store has the chunk, and neither ledger nor spool know."""
    home = on_s3(home_factory, s3_server.bucket("again"), road.endpoint)
    spool = open_spool(home)
    path = filmed.chunk(spool, "hall", MORNING)
    home.footage.put(f"hall/{path.name}", path)
    before = len([asked for asked in road.asked if asked.is_upload])
    assert Uploader(home, spool).once()
    assert len([asked for asked in road.asked if asked.is_upload]) == before == 1
    assert recorded(home) == [span(0, 2)] and len(in_store(home)) == 1 and not spool.finished()


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.long)])
def test_killed_at_any_time_nothing_is_lost_and_nothing_is_doubled(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed, kills: int
) -> None:
    """kill -9 at random moments of its work: between rename, upload, ledger and deletion, and within each."""
    dice = random.Random(7)
    bucket = s3_server.bucket(f"killed{kills}")
    home = on_s3(home_factory, f"{bucket}/footage", road.endpoint, f"{bucket}/tables")
    spool = open_spool(home)
    road.fate = slow(0.01, 1_000_000)
    command = [sys.executable, "-m", "ingest.record.uploader", "--home", str(home.root)]
    sent: dict[str, str] = {}
    period = CHUNK_S + 2  # 2 s of a gap behind each chunk of the attic, so that no span can hide in another
    for number in range(kills + 1):
        # Few chunks, so that upload, ledger and deletion all come within the second or so in which it is killed.
        filmed.chunks(spool, "hall", 3, after(3 * number * CHUNK_S))
        filmed.chunk(spool, "attic", after(number * period))
        spool.journal("attic").gap(after(number * period + CHUNK_S), after((number + 1) * period), "stalled")
        sent |= in_spool(spool)
        before = len(road.asked)
        process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL)
        until(lambda before=before: len(road.asked) > before)  # type: ignore[misc]
        if number < kills:
            time.sleep(dice.uniform(0, 1.2))
            process.kill()
        else:
            until(lambda: not spool.finished())
            process.terminate()
        process.wait(WITHIN_S)
    assert in_store(home) == sent and len(sent) == 4 * (kills + 1)
    assert recorded(home) == [span(0, 3 * (kills + 1) * CHUNK_S)]
    assert recorded(home, "attic") == [span(n * period, n * period + CHUNK_S) for n in range(kills + 1)]
    assert sum(part.seconds for part, why in reasons(home, "attic") if why == "stalled") == (kills + 1) * 2


def test_an_outage_pauses_all_and_is_said_once(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed, capsys: pytest.CaptureFixture[str]
) -> None:
    home = on_s3(home_factory, s3_server.bucket("outage"), road.endpoint)
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 20)
    sent = in_spool(spool)
    road.down()
    with uploading(home, spool):
        until(lambda: state(spool).get("failures", 0) >= 2)
        told = state(spool)
        assert told["state"] == "failing" and "is it up" in told["reason"] and told["waiting"] == 20
        assert told["lag_s"] >= 0 and told["waiting_bytes"] == spool.size()
        road.up()
        until(lambda: not spool.finished())
    said = lines(capsys.readouterr().err)
    assert [line["state"] for line in said] == ["failing", "recovered"]
    assert in_store(home) == sent and recorded(home) == [span(0, 40)]


def test_a_server_that_only_answers_errors_is_not_flooded(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed, capsys: pytest.CaptureFixture[str]
) -> None:
    home = on_s3(home_factory, s3_server.bucket("errors"), road.endpoint)
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 20)
    road.fate = errors(1)
    with uploading(home, spool):
        until(lambda: state(spool).get("failures", 0) >= 2)
        # Two chunks begin together; after that it is one at a time, each asked for a few times by the S3 client.
        assert len(road.asked) <= 16 * (state(spool)["failures"] + 1)
        road.fate = well
        until(lambda: not spool.finished())
    assert len(in_store(home)) == 20 and recorded(home) == [span(0, 40)]
    assert [line["state"] for line in lines(capsys.readouterr().err)] == ["failing", "recovered"]


def test_one_chunk_that_the_store_refuses_does_not_keep_the_others(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    home = on_s3(home_factory, s3_server.bucket("poison"), road.endpoint)
    spool = open_spool(home)
    first, *_ = filmed.chunks(spool, "hall", 6)
    road.fate = lambda asked: Fate(status=500 if asked.is_upload and asked.path.endswith(first.name) else None)
    with uploading(home, spool):
        until(lambda: spool.finished() == [first])
        until(lambda: state(spool)["state"] == "failing")
        road.fate = well
        until(lambda: not spool.finished())
    assert len(in_store(home)) == 6 and recorded(home) == [span(0, 12)]


@pytest.mark.parametrize(("key", "tries"), [("wrong", 2), ("", 1)])
def test_wrong_keys_are_said_once_and_without_the_key(
    home_factory: HomeFactory,
    s3_server: S3Server,
    filmed: Filmed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: str,
    tries: int,
) -> None:
    home = on_s3(home_factory, s3_server.bucket("keys"), s3_server.endpoint)
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 3)
    if key:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"{SECRET}-{key}")
    else:
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with uploading(home, spool):
        until(lambda: state(spool).get("failures", 0) >= tries)
        assert state(spool)["state"] == "failing" and "AWS_SECRET_ACCESS_KEY" in state(spool)["reason"]
    said = capsys.readouterr().err
    assert [line["state"] for line in lines(said)] == ["failing"] and "AWS_SECRET_ACCESS_KEY" in said
    assert SECRET not in said and all(
        SECRET not in path.read_text("utf-8", "replace") for path in spool.root.glob("*.json")
    )
    assert len(spool.finished()) == 3


def test_a_bucket_that_is_made_later_is_found(
    home_factory: HomeFactory, s3_server: S3Server, filmed: Filmed, capsys: pytest.CaptureFixture[str]
) -> None:
    home = on_s3(home_factory, "s3://not-there-yet", s3_server.endpoint)
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 2)
    with uploading(home, spool):
        until(lambda: state(spool).get("state") == "failing")
        assert "no such bucket" in state(spool)["reason"]
        s3_server.bucket("not-there-yet")
        until(lambda: not spool.finished())
    assert [line["state"] for line in lines(capsys.readouterr().err)] == ["failing", "recovered"]


def test_a_ledger_out_of_reach_does_not_keep_chunks_from_the_store(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    home = on_s3(home_factory, "data/footage", road.endpoint, s3_server.bucket("ledger"))
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 4)
    sent = in_spool(spool)
    road.down()
    with uploading(home, spool):
        until(lambda: in_store(home) == sent)
        until(lambda: state(spool)["state"] == "failing")
        assert in_spool(spool) == sent  # the ledger does not have them yet
        road.up()
        until(lambda: not spool.finished())
        assert state(spool)["uploaded"] == 4 and state(spool)["failures"] == 0
    assert recorded(home) == [span(0, 8)]


def test_a_store_out_of_reach_does_not_keep_gaps_from_the_ledger(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    home = on_s3(home_factory, s3_server.bucket("away"), road.endpoint)
    spool = open_spool(home)
    old, new = filmed.chunks(spool, "hall", 2)
    for path, minutes in ((old, 11), (new, 9)):
        finished = time.time() - 60 * minutes
        os.utime(path, (finished, finished))
    spool.journal("hall").gap(after(100), after(200), "camera_down")
    road.down()
    with uploading(home, spool):
        until(lambda: bool(reasons(home)))
    assert reasons(home) == [(span(0, 2), "waiting"), (span(100, 200), "camera_down")]
    road.up()
    assert Uploader(home, spool).once()
    assert recorded(home) == [span(0, 4)] and reasons(home) == [(span(100, 200), "camera_down")]


def test_a_damaged_ledger_of_one_camera_does_not_keep_the_others(home: Home, filmed: Filmed) -> None:
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 2)
    (attic,) = filmed.chunks(spool, "attic", 1)
    home.tables.store.write(COVERAGE.key(DAY, "attic"), b"not a table")
    assert not Uploader(home, spool).once()
    assert recorded(home) == [span(0, 4)] and spool.finished() == [attic] and len(in_store(home)) == 3
    home.tables.store.delete(COVERAGE.key(DAY, "attic"))
    assert Uploader(home, spool).once() and recorded(home, "attic") == [span(0, 2)]


def test_the_journal_goes_into_the_ledger_once(home: Home) -> None:
    spool = open_spool(home)
    journal = spool.journal(spool.folder("hall").name)
    journal.gap(after(0), after(60), "camera_down")
    journal.gap(after(60), after(90), "spool_full")
    journal.gap(after(90) - dt.timedelta(days=20_000), after(90), "clock_step")  # a clock that stood at 1970
    assert Uploader(home, spool).once()
    told = [(span(0, 60), "camera_down"), (span(60, 90), "spool_full")]
    assert reasons(home) == told and len(home.tables.dates(COVERAGE)) == 1
    entry = home.tables.store.find(COVERAGE.key(DAY, "hall"))
    (spool.root / "hall" / bookkeeping.FOLDED).unlink()  # killed before it was remembered
    assert Uploader(home, spool).once() and home.tables.store.find(COVERAGE.key(DAY, "hall")) == entry
    journal.gap(after(100), after(101), "stalled")
    assert Uploader(home, spool).once() and reasons(home) == [*told, (span(100, 101), "stalled")]


def test_a_long_journal_is_emptied_once_it_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeping, "_LONG_BYTES", 1000)
    spool = open_spool(home)
    journal = spool.journal(spool.folder("hall").name)
    for second in range(50):  # of some hundred bytes each
        journal.gap(after(10 * second), after(10 * second + 1), "stalled")
    assert Uploader(home, spool).once()
    assert journal.path.stat().st_size == 0 and len(reasons(home)) == 50
    journal.gap(after(900), after(901), "camera_down")
    assert Uploader(home, spool).once()
    assert len(reasons(home)) == 51 and reasons(home)[-1] == (span(900, 901), "camera_down")


def test_a_chunk_that_nobody_can_read_is_kept_aside(home: Home, filmed: Filmed) -> None:
    spool = open_spool(home)
    garbage, well_written = filmed.chunks(spool, "hall", 2)
    garbage.write_bytes(random.Random(1).randbytes(3000))
    finished = after(CHUNK_S).timestamp()
    os.utime(garbage, (finished, finished))
    damaged = md5_of(garbage)
    assert Uploader(home, spool).once()
    assert list(in_store(home)) == [f"hall/{well_written.name}"] and recorded(home) == [span(2, 4)]
    aside = garbage.parent / "quarantine" / garbage.name
    assert md5_of(aside) == damaged and "no frame" in aside.with_suffix(".txt").read_text() and not garbage.exists()
    # From the second in its name to its last writing, and no further than the next chunk.
    assert reasons(home) == [(Span(MORNING.replace(microsecond=0), after(CHUNK_S)), "corrupt")]


@pytest.mark.parametrize("closed", [True, False], ids=["lost its end", "never closed"])
def test_a_chunk_that_broke_off_comes_in_as_far_as_it_goes(
    home: Home, filmed: Filmed, tmp_path: Path, closed: bool
) -> None:
    spool = open_spool(home)
    path = filmed.chunk(spool, "hall", MORNING)
    data = path.read_bytes() if closed else _never_closed(filmed, tmp_path)
    path.write_bytes(data[: len(data) * 2 // 3])
    finished = after(CHUNK_S).timestamp()
    os.utime(path, (finished, finished))
    assert Uploader(home, spool).once()
    (kept,) = recorded(home)
    assert kept.start == MORNING and 0.4 < kept.seconds < CHUNK_S
    assert reasons(home) == [
        (Span(MORNING.replace(microsecond=0), MORNING), "corrupt"),
        (Span(kept.end, after(CHUNK_S)), "corrupt"),
    ]
    assert not list((path.parent / "quarantine").iterdir()) and not spool.finished()
    (key,) = in_store(home)
    assert home.footage.folder and chunk_spans(home.footage.folder / key) == [kept]


def _never_closed(filmed: Filmed, folder: Path) -> bytes:
    """What is on the disk of a chunk whose recorder is killed behind the last frame."""
    code = (
        "import os, sys; from pathlib import Path; from tests.ingest.record.film import *; import datetime as dt\n"
        "with coming(Path(sys.argv[1])) as (stream, packets):\n"
        "    chunk = ChunkFile(Path(sys.argv[2]), stream, dt.datetime.fromisoformat(sys.argv[3]))\n"
        "    [chunk.write(*timed) for timed in packets]\n"
        "    os._exit(0)\n"
    )
    path = folder / "unfinished.mp4"
    command = [sys.executable, "-c", code, str(filmed.stream), str(path), MORNING.isoformat()]
    subprocess.run(command, cwd=PROJECT, check=True)
    return path.read_bytes()


def test_a_second_uploader_refuses(home: Home) -> None:
    spool = open_spool(home)
    with uploading(home, spool):
        until(lambda: bool(state(spool)))
        with pytest.raises(WrongUse, match=f"process {os.getpid()} works here already"):
            Uploader(home, spool).once()
        command = [sys.executable, "-m", "ingest.record.uploader", "--home", str(home.root), "--once"]
        refused = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert refused.returncode == 2 and "works here already" in refused.stderr
    assert Uploader(home, spool).once()


def test_what_is_under_way_is_not_dropped_for_want_of_room(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    home = on_s3(home_factory, s3_server.bucket("dropping"), road.endpoint)
    spool = open_spool(home)
    paths = filmed.chunks(spool, "hall", 5)
    size = paths[0].stat().st_size
    arrived = threading.Event()
    road.fate = lambda asked: Fate(wait_s=1.0 if asked.is_upload and not arrived.is_set() else 0)
    full = Spool(spool.root, Recording(spool_gb=3 * size / 1e9))
    with uploading(home, spool):
        until(lambda: len([asked for asked in road.asked if asked.is_upload]) == 2)
        assert full.make_room(0)  # 5 are there, 3 have room: the oldest two are under way, so the next two go
        assert spool.finished() == [paths[0], paths[1], paths[4]]
        arrived.set()
        until(lambda: not spool.finished())
    assert recorded(home) == [span(0, 4), span(8, 10)]
    assert Uploader(home, spool).once() and reasons(home) == [(span(4, 8), "spool_full")]


def test_told_to_end_it_does_not_wait_for_an_upload_that_crawls(
    home_factory: HomeFactory, s3_server: S3Server, road: Proxy, filmed: Filmed
) -> None:
    home = on_s3(home_factory, s3_server.bucket("crawls"), road.endpoint)
    spool = open_spool(home)
    filmed.chunks(spool, "hall", 1)
    road.fate = slow(60, 1)
    command = [sys.executable, "-m", "ingest.record.uploader", "--home", str(home.root)]
    process = subprocess.Popen(command, cwd=PROJECT)
    until(lambda: bool(road.asked))
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    road.fate = well
    assert Uploader(home, spool).once() and recorded(home) == [span(0, 2)]


def test_it_ends_with_who_started_it(home: Home, tmp_path: Path) -> None:
    spool = open_spool(home)
    code = (
        "import subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'ingest.record.uploader', '--home', sys.argv[1]]\n"
        "print(subprocess.Popen(command).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(home.root)], cwd=PROJECT, stdout=subprocess.PIPE)
    assert parent.stdout
    child = int(parent.stdout.readline())
    until(lambda: state(spool).get("pid") == child)
    parent.kill()
    parent.communicate()
    until(lambda: state(spool)["state"] == "stopped")


def test_what_a_camera_left_that_is_no_longer_recorded_comes_in(home_factory: HomeFactory, filmed: Filmed) -> None:
    home = home_factory(CAMERAS)
    spool = open_spool(home)
    filmed.part(spool, "shed", MORNING)  # not in home.yaml
    recording = filmed.part(spool, "hall", MORNING).path
    for camera in ("shed", "hall"):
        (spool.root / camera / "lock").touch()
    with uploading(home, spool):
        until(lambda: bool(home.footage.list("shed/")) and not spool.finished())
    assert recording.exists() and recorded(home, "shed") == [span(0, 2)]


def test_a_chunk_without_its_own_start_goes_by_its_name(home: Home, filmed: Filmed) -> None:
    """Nothing of ours writes such; a chunk that somebody put there does."""
    spool = open_spool(home)
    path = spool.folder("hall") / "chunk-20260301-080000.mp4"
    command = ["ffmpeg", "-loglevel", "error", "-i", str(filmed.stream), "-c", "copy", str(path)]
    subprocess.run(command, check=True)
    assert Uploader(home, spool).once()
    (found,) = recorded(home)
    assert found.start == dt.datetime(2026, 3, 1, 8, tzinfo=UTC) and found.seconds == pytest.approx(2, abs=0.2)
    assert not chunk_spans(path)
