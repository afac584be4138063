"""The spool keeps footage, and of what it must lose it tells the exact time; the journal of gaps survives what disks do."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from home.clock import UTC
from home.config import Recording
from home.errors import StoreError, WrongUse
from home.folder import PROJECT
from home.locks import only_one
from ingest.record.file import ChunkFile
from ingest.record.journal import Gap, Journal
from ingest.record.spool import GB, Spool
from ingest.record.state import read_state, write_state
from ingest.record.waiting import chunk_spans
from tests.ingest.record.film import FPS, coming, record, stream_of
from tests.ingest.record.spooled import CHUNK_S, MORNING, Filmed, after, span

HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
APPEND = """
import datetime as dt, sys
from pathlib import Path
from ingest.record.file import ChunkFile
from ingest.record.journal import Journal
for second in range(200):
    Journal(Path(sys.argv[1])).gap(*(dt.datetime.fromtimestamp(second + plus, dt.UTC) for plus in (0, 1)), sys.argv[2])
"""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Filmed:
    return Filmed(tmp_path_factory.mktemp("stream"))


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", Recording())


def holding(spool: Spool, chunks: float, size: int, **settings: object) -> Spool:
    """The same spool with room for so many chunks of a size."""
    return Spool(spool.root, Recording(spool_gb=chunks * size / GB, **settings))  # type: ignore[arg-type]


def gaps_of(spool: Spool, camera: str) -> list[Gap]:
    return spool.journal(camera).read(0)[0]


def test_a_finished_chunk_gets_the_next_name_that_is_free(spool: Spool, filmed: Filmed) -> None:
    # Three in one second, as a clock that is set back brings them; the last has a name that a folder blocks.
    folder = spool.folder("hall")
    (folder / "chunk-20260301-080000-2.mp4").mkdir()
    paths = [filmed.chunk(spool, "hall", MORNING, frames) for frames in (20, 10, 5)]
    assert [path.name.removeprefix("chunk-20260301-080000") for path in paths] == [".mp4", "-1.mp4", "-3.mp4"]
    assert [sum(part.seconds for part in chunk.spans) for chunk in spool.waiting("hall")] == [
        2,
        1,
        0.5,
    ]  # none was overwritten
    assert spool.finished() == paths and not spool.unfinished("hall")


def test_unfinished_chunks_of_one_second_get_names_of_their_own(spool: Spool) -> None:
    first = spool.part("hall", MORNING)
    first.touch()
    second = spool.part("hall", MORNING)
    second.touch()
    assert [first.name, second.name] == [".part-20260301-080000.mp4", ".part-20260301-080000-1.mp4"]
    assert spool.unfinished("hall") == [first, second] and not spool.finished()


@pytest.mark.parametrize("kind", ["h264", "h264 with B-frames", "h265 with B-frames", "mjpeg"])
def test_what_a_chunk_covers_is_read_from_its_index(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "chunk-20260301-085807.mp4"
    written = record(stream_of(kind, tmp_path, 33), path)
    (found,) = chunk_spans(path)
    assert found.start == dt.datetime(2026, 3, 1, 8, 58, 7, 250000, UTC)
    assert found.seconds == pytest.approx(written.seconds, abs=1e-3) and written.seconds == pytest.approx(3.3, abs=1e-3)


def test_a_stall_within_a_chunk_is_not_covered_by_it(spool: Spool, filmed: Filmed) -> None:
    # A second of frames, 6 s of nothing, the second that is the rest of the GOP, as the recorder leaves it; at 4 s it would be a slow network.
    for stall, spans in ((6, [span(0, 1), span(7, 8)]), (4, [span(0, 6)])):
        path = spool.part("hall", MORNING)
        with coming(filmed.stream) as (stream, packets):
            chunk = ChunkFile(path, stream, MORNING)
            for number, (packet, pts, dts, duration) in enumerate(packets):
                late = round(stall / stream.time_base) if number >= FPS else 0
                chunk.write(packet, pts + late, dts + late, duration)
            chunk.close()
        assert chunk_spans(path) == spans


def test_chunks_come_oldest_first_over_all_cameras(spool: Spool, filmed: Filmed) -> None:
    order = [("kitchen", 0), ("hall", 2), ("kitchen", 4), ("hall", 4), ("attic", 900)]
    for camera, seconds in reversed(order):
        filmed.chunk(spool, camera, after(seconds))
    found = [(chunk.camera, (chunk.start - spool.waiting()[0].start).total_seconds()) for chunk in spool.waiting()]
    assert found == sorted(order, key=lambda pair: (pair[1], pair[0]))


def test_drop_oldest_drops_the_oldest_of_all_and_tells_their_exact_time(spool: Spool, filmed: Filmed) -> None:
    paths = [
        filmed.chunk(spool, camera, after(n * CHUNK_S)) for n, camera in enumerate(["hall", "attic", "hall", "attic"])
    ]
    size = paths[0].stat().st_size
    full = holding(spool, 4, size)
    assert full.make_room(0) and spool.finished() == paths
    assert full.make_room(2 * size)  # two must go: 4 are there, 4 have room
    assert spool.finished() == paths[2:]
    assert gaps_of(spool, "hall") == [Gap(after(0), after(2), "spool_full")]
    assert gaps_of(spool, "attic") == [Gap(after(2), after(4), "spool_full")]


def test_stop_drops_nothing(spool: Spool, filmed: Filmed) -> None:
    paths = filmed.chunks(spool, "hall", 3)
    size = paths[0].stat().st_size
    full = holding(spool, 3.5, size, when_full="stop")
    assert full.make_room(size // 3) and not full.make_room(size)
    assert spool.finished() == paths and not gaps_of(spool, "hall")
    paths[0].unlink()  # the store is back
    assert full.make_room(size)


def test_nothing_is_dropped_in_vain(spool: Spool, filmed: Filmed) -> None:
    paths = filmed.chunks(spool, "hall", 3)
    size = paths[0].stat().st_size
    assert not holding(spool, 3, size).make_room(4 * size)
    assert spool.finished() == paths


def test_what_is_being_written_or_uploaded_is_not_dropped(spool: Spool, filmed: Filmed) -> None:
    uploading, second, third = filmed.chunks(spool, "hall", 3)
    being_written = filmed.part(spool, "hall", after(6)).path
    size = second.stat().st_size
    holder = subprocess.Popen([sys.executable, "-c", HOLD, uploading], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    try:
        assert holding(spool, 4.5, size).make_room(size)  # 4 and a half have room: one must go
        assert spool.finished() == [uploading, third] and being_written.exists()
        assert not holding(spool, 2.5, size).make_room(size)  # all that may go is not enough
        assert uploading.exists() and being_written.exists()
    finally:
        holder.kill()
        holder.communicate()
    assert holding(spool, 2.5, size).make_room(size)  # killed, it holds nothing any more
    assert spool.finished() == [] and being_written.exists()


def test_recorders_that_need_room_at_once_drop_for_each_only_once(spool: Spool, filmed: Filmed) -> None:
    paths = filmed.chunks(spool, "hall", 12)
    size = paths[0].stat().st_size
    # Each sees 12 of 10: 2 and a bit must go, whoever is first.
    recorders = [holding(spool, 10, size) for _ in range(6)]
    threads = [threading.Thread(target=recorder.make_room, args=(1,)) for recorder in recorders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spool.finished() == paths[3:] and len(gaps_of(spool, "hall")) == 3


def test_the_limit_in_days_goes_by_the_names(spool: Spool, filmed: Filmed) -> None:
    now = dt.datetime.now(UTC)
    starts = [now - dt.timedelta(days=days) for days in (3, 2.01, 1.99, 0.1)]
    paths = [filmed.chunk(spool, "hall", start) for start in starts]
    kept = Spool(spool.root, Recording(spool_days=2, when_full="stop"))
    assert not kept.make_room(0) and spool.finished() == paths
    assert Spool(spool.root, Recording(spool_days=2)).make_room(0)
    assert spool.finished() == paths[2:]
    assert [gap.start for gap in gaps_of(spool, "hall")] == starts[:2]
    assert kept.make_room(0)


def test_quarantine_counts_and_goes_first(spool: Spool, filmed: Filmed) -> None:
    paths = filmed.chunks(spool, "hall", 2)
    quarantined = paths[0].parent / "quarantine" / "chunk-20260228-000000.mp4"
    quarantined.parent.mkdir()
    quarantined.write_bytes(bytes(paths[0].stat().st_size))
    assert spool.size() == 3 * paths[0].stat().st_size
    assert holding(spool, 3, paths[0].stat().st_size).make_room(1)
    assert spool.finished() == paths and not quarantined.exists() and not gaps_of(spool, "hall")


def test_what_is_not_ours_is_passed_over(spool: Spool, filmed: Filmed, tmp_path: Path) -> None:
    (path,) = filmed.chunks(spool, "hall", 1)
    foreign = [
        spool.root / "lost+found" / "chunk-20260101-000000.mp4",
        spool.root / "chunk-20260101-000000.mp4",
        path.parent / "chunk-20260101-000000.mp4.tmp",
        path.parent / "chunk-20261399-000000.mp4",
        path.parent / "holiday.mp4",
        path.parent / ".repair.part-20260101-000000.mp4",
    ]
    for file in foreign:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(bytes(10_000))
    (path.parent / "chunk-20260101-000001.mp4").mkdir()
    outside = tmp_path / "outside.mp4"
    outside.write_bytes(b"not the spool's")
    (path.parent / "chunk-20260101-000002.mp4").symlink_to(outside)
    (spool.root / "state.json").write_text("{")
    assert spool.finished() == [path] and spool.size() == path.stat().st_size
    assert holding(spool, 1, path.stat().st_size).make_room(1000)
    assert not path.exists() and all(file.exists() for file in [*foreign, outside])


def test_a_file_in_the_way_is_said(spool: Spool) -> None:
    spool.root.mkdir()
    (spool.root / "hall").write_text("a note")
    with pytest.raises(StoreError, match="hall: File exists; the spool needs a folder there"):
        spool.folder("hall")
    assert spool.finished() == [] and spool.make_room(1000)
    with pytest.raises(StoreError, match="is no unfinished chunk"):
        spool.finish(spool.root / "hall")


def test_a_share_of_a_small_disk_stays_free(small_disk: Path, filmed: Filmed) -> None:
    spool = Spool(small_disk / "spool", Recording())
    paths = filmed.chunks(spool, "hall", 3)
    (small_disk / "something else").write_bytes(bytes(1_700_000))
    free = os.statvfs(small_disk).f_bavail * 4096
    assert 105_000 < free < 400_000  # 5 % of 2 MiB are 104,858
    assert spool.make_room(free - 105_000) and spool.finished() == paths
    assert spool.make_room(free - 104_000) and spool.finished() == paths[1:]


def test_a_full_disk_costs_neither_gap_nor_state_nor_lock(small_disk: Path) -> None:
    journal, state = Journal(small_disk), small_disk / "state.json"
    journal.gap(after(0), after(1), "stalled")
    write_state(state, {"state": "recording", "frames": 100})
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    # A page holds 57 such lines; beyond it there is no room for more.
    for second in range(1, 60):
        journal.gap(after(second), after(second + 1), "stalled")
    write_state(state, {"state": "spool_full", "frames": 200})
    assert read_state(state) == {"state": "spool_full", "frames": 200}
    with (
        only_one(small_disk / "lock"),
        pytest.raises(WrongUse, match="works here already"),
        only_one(small_disk / "lock"),
    ):
        pass
    assert not journal.flush() and len(journal.read(0)[0]) < 60
    filler.unlink()
    assert journal.flush()
    assert journal.read(0)[0] == [Gap(after(n), after(n + 1), "stalled") for n in range(60)]


def test_a_journal_is_read_from_where_it_was_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.read(0) == ([], 0)
    journal.gap(after(0), after(1), "camera_down")
    journal.gap(after(5), after(5), "stalled")  # nothing
    (gap,), offset = journal.read(0)
    assert gap == Gap(after(0), after(1), "camera_down") and gap.span == span(0, 1)
    assert journal.read(offset) == ([], offset)
    journal.gap(after(2), after(3), "stalled")
    assert journal.read(offset)[0] == [Gap(after(2), after(3), "stalled")]
    assert len(journal.read(10**9)[0]) == 2  # it was emptied since: from the begin


@pytest.mark.parametrize(
    "torn", [b'{"start": "2026-03-01T0', b"\0\0\0\0", b'{"start": 1}\n[]\n\n{"reason"', b"\xff\xfe"]
)
def test_a_torn_line_takes_no_other_with_it(tmp_path: Path, torn: bytes) -> None:
    journal = Journal(tmp_path)
    journal.gap(after(0), after(1), "camera_down")
    with journal.path.open("ab") as file:  # what a power cut leaves
        file.write(torn)
    assert len(journal.read(0)[0]) == 1
    journal.gap(after(2), after(3), "stalled")
    gaps, offset = journal.read(0)
    assert [gap.reason for gap in gaps] == ["camera_down", "stalled"] and offset == journal.path.stat().st_size


def test_a_line_under_way_is_left_for_the_next_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.gap(after(0), after(1), "camera_down")
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + whole[:40])
    gaps, offset = journal.read(0)
    assert len(gaps) == 1 and offset == len(whole)
    journal.path.write_bytes(whole + whole)
    assert len(journal.read(offset)[0]) == 1


def test_several_processes_write_one_journal(tmp_path: Path) -> None:
    reasons = ["camera_down", "spool_full", "corrupt"]
    commands = [[sys.executable, "-c", APPEND, str(tmp_path), reason] for reason in reasons]
    writers = [subprocess.Popen(command, cwd=PROJECT) for command in commands]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    gaps = Journal(tmp_path).read(0)[0]
    assert {reason: sum(gap.reason == reason for gap in gaps) for reason in reasons} == dict.fromkeys(reasons, 200)


def test_a_journal_is_emptied_only_if_all_of_it_was_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.gap(after(0), after(1), "stalled")
    _, offset = journal.read(0)
    journal.gap(after(1), after(2), "stalled")
    assert not journal.forget(offset) and len(journal.read(0)[0]) == 2
    assert journal.forget(journal.read(0)[1]) and journal.read(0) == ([], 0)


def test_a_state_that_is_not_whole_is_none(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert read_state(path) is None
    for broken in (b"", b"{", b"\0\0", b"[]"):
        path.write_bytes(broken)
        assert read_state(path) is None
    write_state(path, {"since": MORNING})
    assert read_state(path) == {"since": str(MORNING)} and [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_a_recorder_that_imports_it_stays_small() -> None:
    heavy = "{'numpy', 'pandas', 'pyarrow', 'cv2', 's3fs', 'prefect', 'rich', 'av'}"
    code = f"import sys, ingest.record.spool; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
