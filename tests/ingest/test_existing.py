"""Importing: what is there is never overwritten, what overlaps is refused, what was interrupted goes on."""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import av
import pytest

from home.coverage import complete, recorded_spans
from home.errors import StoreError, WrongUse
from home.folder import Home
from home.store import Store
from home.tables import COVERAGE
from ingest.existing import ImportReport, import_footage
from tests.conftest import HomeFactory
from tests.ingest.film import START, film, on_the_shelf
from tests.s3_server import S3Server

CREATED = {"creation_time": START.replace(microsecond=0).isoformat()}
LONG = 400  # seconds: from 08:58:07 over 09:00, two chunks
WHOLE = Path(__file__).resolve().parents[2]


def in_store(store: Store) -> dict[str, bytes]:
    return {entry.key: store.read(entry.key) for entry in store.list("")}


def recorded(home: Home, camera: str = "kitchen") -> list[tuple[dt.datetime, dt.datetime]]:
    rows = home.tables.read(COVERAGE, START.date(), camera)
    return [(span.start, span.end) for span in recorded_spans(rows)]


def kinds(report: ImportReport) -> dict[str, str]:
    return {left.path.name: left.kind for left in report.failed}


# What is recorded, and what is not


def test_the_ledger_has_what_was_imported_and_the_rest_of_the_day_is_off(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mp4", LONG)
    report = import_footage(cats_home, [clip], "kitchen", START)
    end = START + dt.timedelta(seconds=LONG)
    assert recorded(cats_home) == [(START, end)]
    assert [(span.start, span.end) for span in report.spans] == [(START, end)]
    day = complete(cats_home.tables, "kitchen", cats_home.camera("kitchen"), START.date(), cats_home.zone)
    assert list(day["state"]) == ["off", "recorded", "off"]
    assert (day["end"] - day["start"]).sum() == dt.timedelta(hours=24)


def test_a_pause_in_a_file_is_not_recorded(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "pause.mp4", [*range(10), *range(70, 80)])
    report = import_footage(cats_home, [clip], "kitchen", START)
    assert [(span.seconds, (span.start - START).total_seconds()) for span in report.spans] == [(10, 0), (10, 70)]
    assert len(recorded(cats_home)) == 2


def test_other_footage_may_fill_the_pause(cats_home: Home, tmp_path: Path) -> None:
    import_footage(cats_home, [film(tmp_path / "between.mp4", 30)], "kitchen", START + dt.timedelta(seconds=20))
    clip = film(tmp_path / "pause.mp4", [*range(10), *range(70, 80)])
    report = import_footage(cats_home, [clip], "kitchen", START)
    assert (len(report.written), report.exit_status) == (2, 0)
    assert len(recorded(cats_home)) == 3


# Twice, and together with other footage


def test_a_killed_import_leaves_chunks_without_a_ledger_and_the_next_one_mends_it(
    cats_home: Home, tmp_path: Path
) -> None:
    clip = film(tmp_path / "clip.mp4", LONG)
    report = import_footage(cats_home, [clip], "kitchen", START)
    everything, ledger = in_store(cats_home.footage), recorded(cats_home)
    cats_home.tables.store.delete(COVERAGE.key(START.date(), "kitchen"))
    cats_home.footage.delete(report.written[0])
    again = import_footage(cats_home, [clip], "kitchen", START)
    assert (again.written, again.there) == (report.written[:1], report.written[1:])
    assert (in_store(cats_home.footage), recorded(cats_home)) == (everything, ledger)


def test_the_same_frames_in_another_container_are_there_already(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mp4", LONG, b_frames=2)
    copy = tmp_path / "clip.mkv"
    with av.open(str(clip)) as source, av.open(str(copy), "w") as output:
        stream = source.streams.video[0]
        template = output.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = template
                output.mux(packet)
    first = import_footage(cats_home, [clip], "kitchen", START)
    second = import_footage(cats_home, [copy], "kitchen", START)
    assert (second.written, second.there, second.exit_status) == ([], first.written, 0)


def test_the_same_file_given_twice_is_one(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "in/clip.mp4", 20, metadata=CREATED)
    shutil.copy(clip, tmp_path / "in/copy.mp4")
    report = import_footage(cats_home, [tmp_path / "in", clip], "kitchen")
    assert (report.files, len(report.written), len(report.there), report.exit_status) == (2, 1, 1, 0)


@pytest.mark.parametrize("shift", [-60, 0, 60, 380])
def test_other_footage_of_a_recorded_time_is_refused_whole(cats_home: Home, tmp_path: Path, shift: int) -> None:
    first = import_footage(cats_home, [film(tmp_path / "a.mp4", LONG)], "kitchen", START)
    before = in_store(cats_home.footage)
    other = film(tmp_path / "b.mp4", LONG, first=1000)
    report = import_footage(cats_home, [other], "kitchen", START + dt.timedelta(seconds=shift))
    assert kinds(report) == {"b.mp4": "OverlapError"}
    shared = LONG - abs(shift)
    touched = first.written[1] if shift == 380 else first.written[0]
    for part in ("b.mp4", f"{shared} s", "kitchen", touched, "nothing of it was imported", "--start"):
        assert part in report.failed[0].reason
    assert (report.exit_status, report.spans) == (1, [])
    assert in_store(cats_home.footage) == before


def test_another_camera_may_have_footage_of_the_same_time(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "a.mp4", 20)
    assert import_footage(cats_home, [clip], "kitchen", START).exit_status == 0
    assert import_footage(cats_home, [clip], "hall", START).written == ["hall/chunk-20260301-085807.mp4"]


def test_files_that_follow_each_other_may_overlap_by_a_rounded_second(cats_home: Home, tmp_path: Path) -> None:
    # A recorder that names its files by the second: the first runs until 10.4 s, the second is named 10.
    first = film(tmp_path / "a.mp4", 104, fps=10, gop=10)
    second = film(tmp_path / "b.mp4", 100, fps=10, gop=10, first=104)
    import_footage(cats_home, [first], "kitchen", START)
    begin = START + dt.timedelta(seconds=10)
    report = import_footage(cats_home, [second], "kitchen", begin)
    assert report.exit_status == 0
    assert recorded(cats_home) == [(START, begin + dt.timedelta(seconds=10))]
    again = import_footage(cats_home, [first], "kitchen", START)
    assert (again.written, again.exit_status) == ([], 0)


def test_a_name_that_is_taken_is_left_alone(cats_home: Home, tmp_path: Path) -> None:
    # Two clips of less than a second, within the same second.
    first = film(tmp_path / "a.mp4", 4, fps=10)
    second = film(tmp_path / "b.mp4", 4, fps=10, first=50)
    begin = START.replace(microsecond=0)
    import_footage(cats_home, [first], "kitchen", begin)
    report = import_footage(cats_home, [second], "kitchen", begin + dt.timedelta(seconds=0.5))
    assert report.written == ["kitchen/chunk-20260301-085807-1.mp4"]
    numbers = [number for number, _ in on_the_shelf(cats_home.footage, sorted(in_store(cats_home.footage)))]
    assert sorted(numbers) == [0, 1, 2, 3, 50, 51, 52, 53]


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_the_beginning_of_the_same_chunk_is_an_upload_that_was_cut_off(
    cats_home: Home, tmp_path: Path, share: float
) -> None:
    clip = film(tmp_path / "clip.mp4", LONG)
    key, *_ = import_footage(cats_home, [clip], "kitchen", START).written
    whole = in_store(cats_home.footage)
    cats_home.footage.write(key, whole[key][: int(len(whole[key]) * share)])
    report = import_footage(cats_home, [clip], "kitchen", START)
    assert (report.written, report.exit_status) == ([key], 0)
    assert in_store(cats_home.footage) == whole


def test_rubbish_under_the_name_is_not_overwritten(cats_home: Home, tmp_path: Path) -> None:
    cats_home.footage.write("kitchen/chunk-20260301-085807.mp4", b"somebody's own bytes")
    report = import_footage(cats_home, [film(tmp_path / "clip.mp4", 20)], "kitchen", START)
    assert report.written == ["kitchen/chunk-20260301-085807-1.mp4"]
    assert cats_home.footage.read("kitchen/chunk-20260301-085807.mp4") == b"somebody's own bytes"


# Folders


def test_frigates_folders(cats_home: Home, tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    for minute, second, first in ((59, 50, 0), (0, 0, 10), (0, 10, 20)):
        hour = 7 if minute == 59 else 8
        for camera in ("kitchen", "garden"):
            film(root / f"2026-03-01/{hour:02}/{camera}/{minute:02}.{second:02}.mp4", 10, first=first)
    report = import_footage(cats_home, [root], "kitchen")
    assert [key.removeprefix("kitchen/chunk-20260301-") for key in report.written] == [
        "075950.mp4",
        "080000.mp4",
        "080010.mp4",
    ]
    assert [number for number, _ in on_the_shelf(cats_home.footage, report.written)] == list(range(30))
    assert (len(report.spans), report.seconds, report.exit_status) == (1, 30, 0)
    assert "3 files of the recorder's camera 'garden'" in report.skipped[0].reason
    with pytest.raises(WrongUse, match="garden, kitchen and none is called 'hall'"):
        import_footage(cats_home, [root], "hall")
    assert import_footage(cats_home, [*root.glob("*/*/garden")], "hall").exit_status == 0


def test_good_ones_go_in_and_bad_ones_are_told(cats_home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    film(folder / "good.mp4", 20, metadata=CREATED)
    film(folder / "undated.avi", 20, codec="mjpeg")
    film(folder / "photo.png", 1, codec="png", container={"update": "1"})
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(500))
    (folder / "notes.txt").write_text("Miso ate.\n" * 30)
    report = import_footage(cats_home, [folder, tmp_path / "absent.mp4"], "kitchen")
    assert kinds(report) == {"undated.avi": "UnknownStart", "broken.mp4": "FootageError", "absent.mp4": "WrongUse"}
    assert sorted(left.path.name for left in report.skipped) == ["notes.txt", "photo.png"]
    assert (len(report.written), report.exit_status) == (1, 1)


def test_a_file_given_by_name_must_be_footage(cats_home: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Miso ate.\n" * 30)
    assert kinds(import_footage(cats_home, [tmp_path / "notes.txt"], "kitchen")) == {"notes.txt": "FootageError"}


def test_an_empty_folder_is_a_failure(cats_home: Home, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    report = import_footage(cats_home, [tmp_path / "bare"], "kitchen")
    assert (report.exit_status, "empty" in report.failed[0].reason) == (1, True)


def test_files_go_in_by_time_and_progress_ends_at_the_whole(cats_home: Home, tmp_path: Path) -> None:
    for name, minute in (("a.mkv", 30), ("b.mkv", 10), ("c.mkv", 20)):
        film(tmp_path / "in" / name, 20, metadata={"creation_time": f"2026-03-01T07:{minute}:00Z"})
    told: list[tuple[str, float, float]] = []
    import_footage(cats_home, [tmp_path / "in"], "kitchen", progress=lambda *args: told.append(args))
    assert [name for name, _, _ in told] == ["b.mkv", "c.mkv", "a.mkv"]
    assert told[-1][1] == told[-1][2] == sum(path.stat().st_size for path in (tmp_path / "in").iterdir())


# Wrong use


def test_wrong_use(cats_home: Home, tmp_path: Path) -> None:
    clips = [film(tmp_path / f"{name}.mp4", 5) for name in "ab"]
    with pytest.raises(WrongUse, match="kitchen, hall"):
        import_footage(cats_home, clips, "garden")
    with pytest.raises(WrongUse, match="2 are given"):
        import_footage(cats_home, clips, "kitchen", START)
    with pytest.raises(WrongUse, match="still to come"):
        import_footage(cats_home, clips[:1], "kitchen", dt.datetime.now(dt.UTC) + dt.timedelta(days=1))
    with pytest.raises(WrongUse, match="time zone"):
        import_footage(cats_home, clips[:1], "kitchen", dt.datetime(2026, 3, 1))  # noqa: DTZ001
    assert in_store(cats_home.footage) == {}


def test_a_start_beside_a_folder_with_one_video(cats_home: Home, tmp_path: Path) -> None:
    film(tmp_path / "in/clip.mkv", 5)
    (tmp_path / "in/readme.txt").write_text("from the old camera")
    report = import_footage(cats_home, [tmp_path / "in"], "kitchen", START)
    assert (len(report.written), len(report.skipped), report.exit_status) == (1, 1, 0)


# Stores, disks and power cuts


def test_an_s3_store_gets_the_same_bytes(home_factory: HomeFactory, s3_server: S3Server, tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mp4", LONG)
    local = home_factory(folder="local")
    bucket = s3_server.bucket(f"b{uuid.uuid4().hex}")
    store = f"store:\n  footage: {bucket}/footage\n  tables: {bucket}/tables\n  endpoint_url: {s3_server.endpoint}\n"
    remote = home_factory(folder="remote", more=store)
    assert import_footage(local, [clip], "kitchen", START).written
    report = import_footage(remote, [clip], "kitchen", START)
    assert in_store(remote.footage) == in_store(local.footage)
    assert recorded(remote) == recorded(local)
    again = import_footage(remote, [clip], "kitchen", START)
    assert (again.written, again.there) == ([], report.written)
    other = import_footage(remote, [film(tmp_path / "b.mp4", LONG, first=1000)], "kitchen", START)
    assert kinds(other) == {"b.mp4": "OverlapError"}


PROGRAM = """
import datetime as dt, sys
from pathlib import Path
from home.folder import open_home
from ingest.existing import import_footage
report = import_footage(open_home(Path(sys.argv[1])), [Path(sys.argv[2])], "kitchen", dt.datetime.fromisoformat(sys.argv[3]))
print(report.exit_status, report.written, report.failed)
"""


def test_killed_at_any_point_and_run_again_it_ends_the_same(home_factory: HomeFactory, tmp_path: Path) -> None:
    # 3,000 s in a file: eleven chunks, so that most kills strike between or within them.
    clip = film(tmp_path / "long.mp4", 3000)
    start = START - dt.timedelta(hours=1)
    whole = home_factory(folder="whole")
    import_footage(whole, [clip], "kitchen", start)
    killed = home_factory(folder="killed")
    command = [sys.executable, "-c", PROGRAM, str(killed.root), str(clip), start.isoformat()]
    some = 0
    for delay in (0.0, 0.02, 0.05, 0.1, 0.15):
        process = subprocess.Popen(command, cwd=WHOLE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for_incoming(killed, process)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        some = max(some, len(killed.footage.list("")))
    assert some > 0
    report = import_footage(killed, [clip], "kitchen", start)
    assert report.exit_status == 0
    assert in_store(killed.footage) == in_store(whole.footage)
    assert recorded(killed) == recorded(whole)
    assert [path.name for path in (killed.root / "data").iterdir() if path.name.startswith(".incoming")] == []


def _wait_for_incoming(home: Home, process: subprocess.Popen[bytes]) -> None:
    """Until the import has begun, i.e. has made its own temporary folder."""
    for _ in range(2000):
        if list((home.root / "data").glob(f".incoming-{process.pid}-*")) or process.poll() is not None:
            return
        time.sleep(0.005)


def test_a_full_disk_is_said_and_later_it_goes_on(cats_home: Home, tmp_path: Path) -> None:
    # A limit on the size of a file stands in for a disk that is full: the write fails the same way.
    clip = film(tmp_path / "clip.mp4", LONG, codec="mjpeg")
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(cats_home.root), str(clip), START.isoformat()],
        cwd=WHOLE,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
        check=False,
    )
    assert process.returncode != 0
    assert "StoreError" in process.stderr
    assert "make room" in process.stderr
    assert in_store(cats_home.footage) == {}
    assert import_footage(cats_home, [clip], "kitchen", START).exit_status == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(cats_home: Home, tmp_path: Path) -> None:
    clip = film(tmp_path / "mine.mp4", 5)
    clip.chmod(0)
    report = import_footage(cats_home, [clip], "kitchen", START)
    assert "access refused" in report.failed[0].reason


def test_a_server_that_dies_leaves_nothing_half_done(home_factory: HomeFactory, s3_keys: None, tmp_path: Path) -> None:
    server = S3Server(tmp_path / "server")
    bucket = server.bucket("footage")
    home = home_factory(more=f"store:\n  footage: {bucket}/of\n  endpoint_url: {server.endpoint}\n")
    clip = film(tmp_path / "clip.mp4", LONG)
    server.start()

    def die(*_: object) -> None:
        server.kill()

    with pytest.raises(StoreError, match="footage"):
        import_footage(home, [clip], "kitchen", START, progress=die)  # after the first chunk
    server.start()
    try:
        report = import_footage(home, [clip], "kitchen", START)
        assert (len(report.written), len(report.there), report.exit_status) == (1, 1, 0)
    finally:
        server.kill()
