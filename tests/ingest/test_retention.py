"""Housekeeping deletes what is old and was read, oldest first, each chunk in the ledger; whatever is in doubt keeps it."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from home.clock import UTC, Span
from home.coverage import recorded_spans
from home.deletions import gone
from home.errors import StoreError
from home.folder import Home, open_home
from home.holds import add_hold, release
from home.manifest import CameraManifest, Manifest, Rejected, manifest_key, read_manifest
from home.tables import BOUTS, COVERAGE, DELETIONS, DETECTIONS, FRAMES
from home.terminal import Terminal
from ingest import retention
from ingest.due import plan
from ingest.retention import delete, housekeep
from ingest.retention_telling import retention as command
from tasks.night import run_night
from tests.clips import paint_chunk
from tests.conftest import HomeFactory
from tests.ingest.archive import (
    TODAY,
    archive,
    chunk,
    day,
    ledger,
    left,
    nights,
    path_of,
    processes,
    set_age,
    shelve,
    tables,
)
from tests.s3_server import S3Server

DAYS = "retention:\n  days: 20\n  most_share: 0.5\n"
# Days before today that have footage: 4 are due, 6 are kept, so that no run deletes half of it.
OLD, YOUNG = range(21, 25), (1, 2, 3, 18, 19, 20)
NOW = dt.datetime(2026, 3, 31, 3, tzinfo=UTC)


def kept_for_20_days(factory: HomeFactory, server: S3Server | None = None, more: str = "", **options: str) -> Home:
    store = ""
    if server:
        store = f"store:\n  footage: {server.bucket('f')}/cams\n  tables: {server.bucket('t')}/x\n  endpoint_url: {server.endpoint}\n"
    home = factory(more=DAYS + more + store, **options)
    if server:
        (home.root / "server").symlink_to(server.folder)
    return home


@pytest.fixture(params=["folder", "s3"])
def home(request: pytest.FixtureRequest, home_factory: HomeFactory) -> Home:
    """A home that keeps the footage of its camera for 20 days."""
    if request.param == "folder":
        return kept_for_20_days(home_factory)
    server: S3Server = request.getfixturevalue("s3_server")
    for name in ("f", "t"):
        shutil.rmtree(server.folder / name, ignore_errors=True)
    return kept_for_20_days(home_factory, server)


@pytest.fixture
def on_disk(home_factory: HomeFactory) -> Home:
    return kept_for_20_days(home_factory)


def keys(chunks: list) -> list[str]:
    return [each.key for each in chunks]


def test_what_is_old_goes_and_is_written_down(home: Home) -> None:
    chunks = archive(home, [*OLD, *YOUNG])
    [looked] = plan(home, TODAY)
    assert [due.entry.key for due in looked.going] == keys(chunks[:8]) and looked.chunks == 20
    assert left(home) == keys(chunks)  # a dry run
    [done] = housekeep(home, TODAY)
    assert list(done.deleted) == keys(chunks[:8]) and done.warnings == ()
    assert left(home) == keys(chunks[8:])
    assert ledger(home) == [(each.key, "deleted") for each in chunks[:8]]
    row = home.tables.read(DELETIONS, chunks[0].start.date(), "kitchen").iloc[0]
    assert (row.start, row.end, row.bytes, row.md5) == (chunks[0].start, chunks[0].end, chunks[0].size, chunks[0].md5)
    assert row.reason == "older than 20 days"
    # It was recorded, whatever became of it.
    assert recorded_spans(home.tables.read(COVERAGE, chunks[0].start.date(), "kitchen")) == [
        Span(chunks[0].start, chunks[1].end)
    ]
    assert housekeep(home, TODAY) == [] and len(ledger(home)) == 8  # again: nothing


def test_oldest_first_over_all_cameras(home_factory: HomeFactory) -> None:
    home = kept_for_20_days(home_factory, cameras="  kitchen: {}\n  hall: {}\n")
    archive(home, [*OLD, *YOUNG], ("kitchen", "hall"), a_day=1)
    order: list[str] = []
    delete(home, TODAY, progress=lambda camera, done, of: order.append(f"{camera} {done}/{of}"))
    assert order == [f"{camera} {n}/4" for n in range(1, 5) for camera in ("hall", "kitchen")]


def test_kept_for_ever_by_default(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  kitchen: {}\n  hall: {retention_days: 20}\n", more="retention:\n  most_share: 0.5\n")
    chunks = archive(home, [*OLD, *YOUNG, 2000], ("kitchen", "hall"), a_day=1)
    assert {done.camera: len(done.deleted) for done in delete(home, TODAY)} == {"hall": 5}
    assert left(home, "kitchen") == keys(chunks[:11])
    assert housekeep(home_factory(folder="other"), TODAY) == []


def nothing_there(home: Home, date: dt.date) -> None:
    home.data.delete(manifest_key(date))


def unreadable(home: Home, date: dt.date) -> None:
    home.data.write(manifest_key(date), b"{")


def other_size(home: Home, date: dt.date) -> None:
    # Another day's worth of bytes in place of what the night has read; the clock of the file is as old as before.
    for key in [key for key in left(home) if f"{date:%Y%m%d}" in key]:
        home.footage.write(key, b"longer than its key " * 9)
        set_age(home, key, NOW - dt.timedelta(days=40))


def rejected(home: Home, date: dt.date) -> None:
    old = read_manifest(home.data, date)
    content = CameraManifest([], [Rejected(each.key, "is broken") for each in old.chunks("kitchen")])
    home.data.write(manifest_key(date), Manifest(date, "UTC", {"kitchen": content}).to_json())


def late_footage(home: Home, date: dt.date) -> None:
    """A chunk more in the manifest, which `extract` has not met."""
    tables(home, date, "kitchen", 300.0)


def damaged(home: Home, date: dt.date) -> None:
    home.tables.store.write(FRAMES.key(date, "kitchen"), b"PAR1 no")


def without(table: str) -> Callable[[Home, dt.date], None]:
    key = {"frames": FRAMES, "detections": DETECTIONS, "bouts": BOUTS}[table]
    return lambda home, date: home.tables.store.delete(key.key(date, "kitchen" if key.by_camera else None))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (nothing_there, "no night has read it: catml nightly --date DATE"),
        (without("frames"), "no night has read it"),
        (without("detections"), "no night has read it"),
        (without("bouts"), "no night has read it"),
        (late_footage, "no night has read it"),
        (unreadable, "its manifest cannot be read"),
        (other_size, "it is not the one that the night has read"),
        (rejected, "the night could not read it"),
        (damaged, "damaged"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_the_night_has_not_read_stays(on_disk: Home, spoil: Callable[[Home, dt.date], None], why: str) -> None:
    chunks = archive(on_disk, [*OLD, *YOUNG])
    spoilt = TODAY - dt.timedelta(days=23)
    spoil(on_disk, spoilt)
    [done] = housekeep(on_disk, TODAY)
    stays = [key for key in keys(chunks) if f"{spoilt:%Y%m%d}" in key]
    assert list(done.deleted) == [key for key in keys(chunks[:8]) if key not in stays]
    assert set(stays) <= set(left(on_disk))
    [warning] = done.warnings
    assert f"2 chunks of {spoilt}: " in warning and why in warning


def test_only_chunks_of_cameras_that_home_yaml_knows(on_disk: Home) -> None:
    archive(on_disk, [*OLD, *YOUNG])
    strange = [
        "kitchen/chunk-20260101.mp4",
        "kitchen/chunk-20260101-000000.mp4.part",
        "kitchen/chunk-20261301-000000.mp4",
        "kitchen/chunk-20260101-000000-0.mp4",
        "kitchen/notes.txt",
        "kitchen/chunk-old/chunk-20260101-000000.mp4",
        "garden/chunk-20260101-000000.mp4",
    ]
    for key in strange:
        on_disk.footage.write(key, b"x")
        set_age(on_disk, key, day(90))
    [done] = housekeep(on_disk, TODAY)
    assert len(done.deleted) == 8 and done.warnings == ()
    assert [key for key in strange if not path_of(on_disk, key).exists()] == []


def test_a_hold_keeps_its_chunks_until_it_is_released(home: Home) -> None:
    chunks = archive(home, [*OLD, *YOUNG])
    # In Berlin, an hour ahead: into the first chunk of 23 days ago, to the end of that day.
    add_hold(home, "kitchen", "2026-03-08T13:04:59", "2026-03-08T14:00", "for the vet", NOW)
    [done] = housekeep(home, TODAY)
    held = keys(chunks[2:4])
    assert list(done.deleted) == [key for key in keys(chunks[:8]) if key not in held]
    assert done.notes == ("kitchen: 2 chunks of 2026-03-08: hold 1 (for the vet)",) and done.warnings == ()
    assert housekeep(home, TODAY)[0].deleted == ()
    release(home, 1)
    assert list(housekeep(home, TODAY)[0].deleted) == held


def test_a_hold_that_comes_while_it_runs_is_heeded(on_disk: Home) -> None:
    chunks = archive(on_disk, [*OLD, *YOUNG])
    plans = plan(on_disk, TODAY)
    add_hold(on_disk, "kitchen", "2026-03-09T00:00", "2026-03-10T00:00", "", NOW)
    assert retention._delete(on_disk, plans, lambda *_: None) == set(keys(chunks[:4] + chunks[6:8]))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema_version": 1, "holds": [{"id": 1}], "next": 2}'])
def test_holds_that_cannot_be_read_keep_all(on_disk: Home, content: bytes) -> None:
    chunks = archive(on_disk, [*OLD, *YOUNG])
    on_disk.data.write("holds.json", content)
    [done] = housekeep(on_disk, TODAY)
    assert done.deleted == () and "data/holds.json: these are no holds" in done.warnings[0]
    assert left(on_disk) == keys(chunks)


def test_more_than_the_share_of_a_run_is_not_deleted_unless_asked_for(home_factory: HomeFactory) -> None:
    home = home_factory(more="retention:\n  days: 20\n")
    chunks = archive(home, [21, 22, *YOUNG])  # 2 of 8 days: a quarter, a fifth may go
    [done] = housekeep(home, TODAY)
    assert done.deleted == () and done.refused and "4 of 16 chunks are due" in done.warnings[0]
    assert "catml retention --delete --share 0.25" in done.warnings[0] and left(home) == keys(chunks)
    assert list(delete(home, TODAY, 0.25)[0].deleted) == keys(chunks[:4])


def test_a_share_is_of_one_camera(home_factory: HomeFactory) -> None:
    home = kept_for_20_days(home_factory, cameras="  kitchen: {}\n  hall: {}\n")
    archive(home, [*OLD, *YOUNG])
    gone_silent = archive(home, [25, 26], ("hall",))
    assert [len(done.deleted) for done in housekeep(home, TODAY)] == [8, 0]
    assert left(home, "hall") == keys(gone_silent)


def test_footage_that_is_still_to_come_means_a_wrong_clock(on_disk: Home) -> None:
    archive(on_disk, [*OLD, *YOUNG, -1])
    on_disk.data.delete(manifest_key(TODAY + dt.timedelta(days=1)))
    [done] = housekeep(on_disk, TODAY)
    assert done.deleted == () and "kitchen has footage of 2026-04-01" in done.warnings[0]
    on_disk.data.write(manifest_key(dt.date(2026, 4, 2)), Manifest(dt.date(2026, 4, 2), "UTC", {}).to_json())
    on_disk.footage.delete(left(on_disk)[-1])
    on_disk.footage.delete(left(on_disk)[-1])
    [done] = housekeep(on_disk, TODAY)
    assert done.deleted == () and "there is a manifest of 2026-04-02" in done.warnings[0]


def test_a_clock_that_ran_ahead_of_all_recordings(home_factory: HomeFactory) -> None:
    home = kept_for_20_days(home_factory, cameras="  kitchen: {url: rtsp://127.0.0.1:1/live}\n")
    archive(home, [*OLD, *YOUNG])
    # The night looks back 7 days: on the 8th without footage something is wrong.
    later = TODAY + dt.timedelta(days=7)
    [done] = housekeep(home, later)
    assert done.deleted == () and "the night last saw footage of 2026-03-30" in done.warnings[0]
    assert len(housekeep(home, later - dt.timedelta(days=7))[0].deleted) == 8


def test_what_the_night_still_looks_back_on_is_kept(home_factory: HomeFactory) -> None:
    home = home_factory(more="retention:\n  days: 6\n  most_share: 1.0\n")
    chunks = archive(home, [*OLD, *YOUNG])
    [done] = housekeep(home, TODAY)
    assert done.deleted == () and "6 days, but the night looks back 7" in done.warnings[0]
    assert left(home) == keys(chunks)
    week = home_factory(more="retention:\n  days: 7\n  most_share: 1.0\n")
    # Days 1 to 7 are what the night of today looks back on.
    assert list(housekeep(week, TODAY)[0].deleted) == keys(chunks[:-6])


def test_old_footage_that_came_lately_is_new(home: Home) -> None:
    chunks = archive(home, [*OLD, *YOUNG])
    home.footage.write(chunks[0].key, chunks[0].key.encode())  # imported again, now
    [done] = housekeep(home, TODAY)
    assert list(done.deleted) == keys(chunks[1:8])
    assert done.notes == ("kitchen: 1 chunk of 2026-03-07: came into the store less than 20 days ago",)


@pytest.mark.parametrize(
    ("today", "midnight"),
    [  # Berlin; 7 days before: midnight is 23:00 UTC in winter, 22:00 UTC in summer, whatever lies between
        (dt.date(2026, 4, 2), dt.datetime(2026, 3, 25, 23, tzinfo=UTC)),
        (dt.date(2026, 4, 6), dt.datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (dt.date(2026, 10, 30), dt.datetime(2026, 10, 22, 22, tzinfo=UTC)),
        (dt.date(2026, 11, 2), dt.datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_days_are_the_homes_whatever_the_clocks_do(
    home_factory: HomeFactory, today: dt.date, midnight: dt.datetime
) -> None:
    home = home_factory(more="retention:\n  days: 7\n  most_share: 1.0\n")
    minutes = [dt.timedelta(minutes=m) for m in (-10, -5, -3, 0)]  # the third goes over midnight
    chunks = [chunk("kitchen", midnight + before) for before in minutes]
    shelve(home, chunks)
    nights(home, chunks)
    assert list(delete(home, today)[0].deleted) == keys(chunks[:2])
    assert list(delete(home, today + dt.timedelta(days=1))[0].deleted) == keys(chunks[2:])


def test_a_store_that_is_away_is_a_warning(home_factory: HomeFactory, own_s3_server: S3Server) -> None:
    home = home_factory(
        more=f"{DAYS}store:\n  tables: {own_s3_server.bucket('t')}\n  endpoint_url: {own_s3_server.endpoint}\n"
    )
    chunks = archive(home, [*OLD, *YOUNG])
    own_s3_server.kill()
    [done] = housekeep(open_home(home.root), TODAY)
    assert done.camera == "" and "old footage is not deleted: s3://t" in done.warnings[0]
    assert left(home) == keys(chunks)


def test_a_store_that_goes_away_while_it_runs(home_factory: HomeFactory, own_s3_server: S3Server) -> None:
    home = kept_for_20_days(home_factory, own_s3_server)
    chunks = archive(home, [*OLD, *YOUNG])

    def tell(camera: str, done: int, of: int) -> None:
        if done == 3:  # the first of the second day
            own_s3_server.kill()

    with pytest.raises(StoreError):
        delete(home, TODAY, progress=tell)
    own_s3_server.start()
    home = open_home(home.root)
    assert left(home) == keys(chunks[3:])
    assert [state for _, state in ledger(home)] == ["deleted", "deleted", "deleting", "deleting"]
    assert list(housekeep(home, TODAY)[0].deleted) == keys(chunks[3:8])
    assert ledger(home) == [(each.key, "deleted") for each in chunks[:8]]


def test_a_ledger_that_cannot_be_read_keeps_all(on_disk: Home) -> None:
    chunks = archive(on_disk, [*OLD, *YOUNG])
    on_disk.tables.store.write(DELETIONS.key(TODAY - dt.timedelta(days=24), "kitchen"), b"PAR1 no")
    [done] = housekeep(on_disk, TODAY)
    assert "put it back from DVC or a backup" in done.warnings[0] and left(on_disk) == keys(chunks)


def test_a_second_run_beside_it_does_nothing(on_disk: Home) -> None:
    archive(on_disk, [*OLD, *YOUNG])
    with retention._one_run(on_disk):
        [done] = housekeep(on_disk, TODAY)
    assert done.deleted == () and "another run is at it" in done.warnings[0]


def deleting(root: str, begins: Event, chunks: int) -> None:
    """Delete, and die of kill -9 when so many chunks are gone; of none, if it is 0."""
    count = 0

    def tell(camera: str, done: int, of: int) -> None:
        nonlocal count
        count += 1
        if count == chunks:
            os.kill(os.getpid(), signal.SIGKILL)

    home = open_home(Path(root))
    begins.set()
    delete(home, TODAY, progress=tell)


def begin(home: Home, chunks: int = 0) -> BaseProcess:
    """Start to delete in a process of its own; returns when it begins."""
    begins = processes().Event()
    process = processes().Process(target=deleting, args=(str(home.root), begins, chunks))
    process.start()
    assert begins.wait(60)
    return process


def check_after_a_kill(home: Home, chunks: list[str], due: list[str]) -> None:
    """The ledger tells the truth of what a killed run left, and the next run ends where one that was not killed does."""
    told, there = dict(ledger(home)), left(home)
    missing = [key for key in chunks if key not in there]
    assert set(missing) <= set(told) <= set(due)  # nothing went that is not written down
    assert {key for key, state in told.items() if state == "deleted"} <= set(missing)
    assert missing == due[: len(missing)]  # oldest first
    delete(home, TODAY)
    assert left(home) == chunks[len(due) :]
    assert ledger(home) == [(key, "deleted") for key in due]
    assert not (home.root / "data" / "retention" / "begun.json").exists()


def test_killed_at_any_moment_the_ledger_is_true(on_disk: Home, tmp_path: Path) -> None:
    chunks = keys(archive(on_disk, [*OLD, *YOUNG], a_day=5))  # 4 days of 5 go
    shutil.copytree(on_disk.root, tmp_path / "whole")
    process, began = begin(open_home(tmp_path / "whole")), time.monotonic()
    process.join()
    took, cut_short = time.monotonic() - began, 0
    # Within a day, at the end of one, after the last chunk; then five moments, spread over a run without its shutting down.
    for number, kill in enumerate([1, 10, 20, *[0] * 5]):
        root = tmp_path / f"killed-{number}"
        shutil.copytree(on_disk.root, root)
        process = begin(open_home(root), kill)
        if not kill:
            time.sleep(0.5 * took * (number - 3 + random.Random(number).random()) / 5)
            process.kill()
        process.join()
        cut_short += process.exitcode == -signal.SIGKILL
        check_after_a_kill(open_home(root), chunks, chunks[:20])
    assert cut_short >= 3 + 2, "the kills came too late to show anything"


def test_what_a_killed_run_left_and_is_now_held_loses_its_row(on_disk: Home) -> None:
    chunks = archive(on_disk, [*OLD, *YOUNG], a_day=5)
    begin(on_disk, 3).join()
    assert [state for _, state in ledger(on_disk)] == ["deleting"] * 5
    add_hold(on_disk, "kitchen", "2026-03-01T00:00", "2026-03-20T00:00", "", NOW)
    assert housekeep(on_disk, TODAY)[0].deleted == ()
    assert ledger(on_disk) == [(key, "deleted") for key in keys(chunks[:3])]


def test_after_a_real_night(home_factory: HomeFactory) -> None:
    home = home_factory(timezone="UTC", more="retention:\n  days: 7\n  most_share: 1.0\n")
    noon = day(10)
    assert home.footage.folder
    key = paint_chunk(home.footage.folder, "kitchen", noon, 20)
    late = paint_chunk(home.footage.folder, "kitchen", noon + dt.timedelta(minutes=5), 5)
    late_away = path_of(home, late).rename(home.root / "late.mp4")
    list(run_night(home, [noon.date()]))
    late_away.rename(path_of(home, late))
    for each in (key, late):
        set_age(home, each, noon)
    [done] = housekeep(home, TODAY)
    assert done.deleted == (key,)
    assert done.warnings == (f"kitchen: 1 chunk of {noon.date()}: no night has read it: catml nightly --date DATE",)
    assert gone(home.tables, home.footage, "kitchen", noon.date(), [key, late]) == {key}


def test_the_command_shows_what_would_go_and_deletes_it_when_told(
    on_disk: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    archive(on_disk, [*OLD, *YOUNG])
    add_hold(on_disk, "kitchen", "2026-03-08T00:00", "2026-03-09T00:00", "insurance", NOW)
    assert command(on_disk, TODAY, False, None, Terminal()) == 0
    out, _ = capsys.readouterr()
    assert "2026-03-10" in out and "kitchen keeps 2 chunks of 2026-03-08: hold 1 (insurance)" in out
    assert "Nothing was deleted. To delete: catml retention --delete" in out and len(left(on_disk)) == 20
    assert command(on_disk, TODAY, True, None, Terminal(quiet=True)) == 0
    assert capsys.readouterr().out == "" and len(left(on_disk)) == 14
    assert command(on_disk, TODAY, True, None, Terminal(quiet=True)) == 0
    release(on_disk, 1)
    assert command(on_disk, TODAY, True, 0.01, Terminal(quiet=True)) == 1
    assert "2 of 14 chunks are due" in capsys.readouterr().err


def test_the_command_as_json(on_disk: Home, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    archive(on_disk, [*OLD, *YOUNG])
    command(on_disk, TODAY, False, None, Terminal(as_json=True))
    [camera] = json.loads(capsys.readouterr().out)["cameras"]
    assert (camera["chunks"], len(camera["due"]), camera["refused"], camera["held_back"]) == (20, 8, "", [])
    command(on_disk, TODAY, True, None, Terminal(as_json=True, quiet=True))
    assert len(json.loads(capsys.readouterr().out)["cameras"][0]["deleted"]) == 8
