"""What befalls the watcher: the camera gone, kill -9 in the middle, too many frames, a clock that is set.

No event that was kept is lost or told twice, and a track is one track.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from home.event_payloads import SystemPayload
from home.events import Event, events
from home.live import LiveCamera, look
from home.outbox import entries
from home.tracks import TrackRow, tracks
from tests.faults.house import House, a_house
from tests.faults.source import Source, why_no_source
from tests.faults.table import KEY, row
from tests.faults.worker import fake_clock
from tests.ingest.watch import film

pytestmark = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")

CAMERA = film.CAMERA
# Both runtimes give the same tracks; this one loads faster.
PLAIN = ("detect.runtime=onnxruntime", "pose.runtime=onnxruntime")
RULES = "there: {}\nlitter: {zone: litter_box, duration_s: 2}"
VISIT, FILM_S = (1.0, 38.0), 40.0


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a cat that stays for longer than any fault of a test."""
    return film.clip(tmp_path_factory.mktemp("film"), VISIT, FILM_S)


def kept(house: House) -> list[Event]:
    """The events that rules have made, as they are kept; none while there is no database."""
    try:
        return [] if house.home.database.is_new else [each for each in events(house.home.database) if each.rule]
    except sqlite3.Error:
        return []


def followed(house: House) -> list[TrackRow]:
    return [] if house.home.database.is_new else tracks(house.home.database)


def shown(house: House) -> LiveCamera | None:
    return next(iter(look(house.root)), None)


def zoned() -> str:
    return f"\n    zones: {{{film.zones()}}}"


@pytest.fixture
def house(tmp_path: Path, visit: Path) -> Iterator[House]:
    """One camera that sends the visit, from the moment somebody looks."""
    with (
        Source(tmp_path / "source", clip=visit) as source,
        a_house(tmp_path / "home", {CAMERA: source}, rules=RULES, settings=zoned()) as built,
    ):
        yield built


def test_kill_9_in_the_middle_of_a_visit(house: House, record_property: Callable[[str, object], None]) -> None:
    watcher = house.watcher(*PLAIN, "watch.cooldown_s=25")
    house.until(lambda: len(kept(house)) == 2 and len(followed(house)) == 1, 30)
    before, told = kept(house), len(entries(house.home.database, 0))
    (track,) = followed(house)
    time.sleep(2.5)  # a summary more
    watcher.kill()
    killed = dt.datetime.now(dt.UTC)
    watcher.start()
    house.until(lambda: followed(house)[0].seen_at > killed, 30)
    back = (followed(house)[0].seen_at - killed).total_seconds()
    time.sleep(3)  # its rules hold on
    assert watcher.end() == 0
    (after,) = followed(house)  # it went on, and was closed in the end with all that was known
    assert (after.key, after.entered_at, after.ended) == (track.key, track.entered_at, "stopped")
    assert after.duration_s == pytest.approx((after.seen_at - after.entered_at).total_seconds(), abs=0.01)
    assert kept(house) == before and len(entries(house.home.database, 0)) == told
    assert all((house.root / "data" / key).read_bytes()[:2] == b"\xff\xd8" for event in before for key in event.media)
    note = f"watched again within {back:.1f} s; {len(before)} events kept, none lost, none doubled, the track goes on"
    record_property(KEY, row("watcher kill -9 in the middle of a visit", after.duration_s, back, back, note))


@pytest.mark.long
def test_a_track_that_nobody_took_on_is_closed_with_what_was_known(house: House) -> None:
    watcher = house.watcher(*PLAIN, "watch.cooldown_s=0.5")
    house.until(lambda: any(row.zones for row in followed(house)), 30)
    time.sleep(2.5)
    watcher.kill()
    last = followed(house)[-1]
    assert last.left_at is None
    time.sleep(1)
    watcher.start()
    house.until(lambda: all(row.left_at for row in followed(house) if row.key == last.key), 30)
    assert watcher.end() == 0
    closed = next(row for row in followed(house) if row.key == last.key)
    assert closed == last.model_copy(update={"left_at": last.seen_at, "ended": "killed"})
    assert len({row.track_id for row in followed(house)}) == len(followed(house))


def test_the_camera_is_gone_and_comes_back(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    small = Source(tmp_path / "source", size=(160, 120), fps=10, keyframe_s=1.0, user="me", password="Hunter2-of-it")
    with small as source, a_house(tmp_path / "home", {"hall": source}) as house:
        watcher = house.watcher(*PLAIN, "watch.offline_after_s=5")
        house.until(lambda: (now := shown(house)) is not None and now.online and now.fps > 3, 30)
        source.kill()
        gone = dt.datetime.now(dt.UTC)
        house.until(lambda: bool(events(house.home.database)), 30)
        (offline,) = events(house.home.database)
        payload = offline.payload
        assert isinstance(payload, SystemPayload) and (payload.kind, payload.of) == ("camera_offline", "hall")
        assert payload.end is None and abs((payload.start - gone).total_seconds()) < 2
        now = shown(house)
        assert now is not None and not now.online and now.tracks == ()
        source.start()
        returned = time.monotonic()
        house.until(lambda: (now := shown(house)) is not None and now.online, 30)
        back = time.monotonic() - returned
        house.until(lambda: getattr(events(house.home.database)[0].payload, "end", None) is not None, 10)
        (over,) = events(house.home.database)
        assert over.event_id == offline.event_id and len(entries(house.home.database, 0)) == 2
        assert watcher.end() == 0
        assert house.told("Hunter2-of-it") == []
        away = (dt.datetime.now(dt.UTC) - gone).total_seconds()
        note = f"seen again {back:.1f} s after its return; told once, and its end"
        record_property(KEY, row("watched camera gone", away, away, away, note))


def test_more_frames_than_can_be_seen(
    tmp_path: Path, visit: Path, record_property: Callable[[str, object], None]
) -> None:
    """The newest win: it sees less often, and is never behind."""
    with a_house(tmp_path / "home", {}) as house:
        cameras = "".join(f"  c{number}:\n    url: file://{visit}\n" for number in range(8))
        text = f"timezone: UTC\ncameras:\n{cameras}rules:\n  there: {{}}\n"
        (house.root / "home.yaml").write_text(text)
        # Every frame is looked at, twice, on one thread: forty frames a second are wanted of it.
        few = ("watch.mode=accurate", "watch.threads=1", "watch.heartbeat_s=0.2", "watch.slow_share=0.2")
        watcher = house.watcher(*PLAIN, *few, "watch.slow_after_s=5", "pose.model=''")
        house.until(lambda: len({event.stream_id for event in kept(house)}) == 8, 60)
        house.until(lambda: any(event.payload.category == "system" for event in events(house.home.database)), 60)
        house.until(lambda: sum(each.dropped > 0 for each in look(house.root)) == 8, 60)
        now = look(house.root)
        assert watcher.end() == 0
    assert len(now) == 8 and all(each.dropped > 0 and each.queue <= 1 for each in now)
    # What is shown is at most the frame that waited while each of the others had its turn.
    assert max((each.written_at - each.at).total_seconds() for each in now if each.at) < 3
    slow = [event.payload for event in events(house.home.database) if event.payload.category == "system"]
    assert {payload.kind for payload in slow} == {"stream_slow"}
    share = sum(each.dropped for each in now)
    note = f"{share} frames dropped and counted, an event on each of 8 cameras, `stream_slow` told"
    record_property(KEY, row("watcher with a full queue", 8.0, 0.0, 0.0, note))


@pytest.mark.skipif(fake_clock() is None, reason="libfaketime is missing: apt-get install libfaketime")
@pytest.mark.parametrize("step_s", [3600, pytest.param(-3600, marks=pytest.mark.long)])
def test_the_hosts_clock_is_stepped(
    house: House, tmp_path: Path, step_s: int, record_property: Callable[[str, object], None]
) -> None:
    now = tmp_path / "now"
    now.write_text("+0\n")
    environment = fake_clock(now)
    assert environment is not None
    watcher = house.watcher(*PLAIN, **environment)
    house.until(lambda: len(kept(house)) == 2 and len(followed(house)) == 1, 40)
    before, (track,) = kept(house), followed(house)
    now.write_text(f"{step_s:+d}\n")
    house.until(lambda: followed(house)[0].duration_s > track.duration_s + 8, 40)
    assert watcher.end() == 0
    (after,) = followed(house)
    assert (after.key, after.entered_at) == (track.key, track.entered_at)
    # By the clock that nobody sets: not an hour long, and not over before it began.
    assert 0 < (after.seen_at - after.entered_at).total_seconds() < FILM_S
    assert kept(house) == before and [event.rule for event in events(house.home.database)] == ["there", "litter"]
    note = "one track of its true length, no event more or less"
    record_property(
        KEY, row(f"host clock stepped by {step_s / 3600:+.0f} h while watching", after.duration_s, 0, 0, note)
    )


@pytest.mark.skipif(fake_clock() is None, reason="libfaketime is missing: apt-get install libfaketime")
def test_private_hours_begin_in_the_middle_of_a_visit(tmp_path: Path, visit: Path) -> None:
    """Seven hours pass at once, into them: the track ends there, and nothing of the camera is shown any more."""
    now, local = tmp_path / "now", dt.datetime.now(dt.UTC).astimezone(ZoneInfo("Europe/Berlin"))
    hours = f"{local + dt.timedelta(hours=6):%H:%M}-{local + dt.timedelta(hours=8):%H:%M}"
    now.write_text("+0\n")
    environment = fake_clock(now)
    assert environment is not None
    settings = f'{zoned()}\n    private: ["{hours}"]'
    with (
        Source(tmp_path / "source", clip=visit) as source,
        a_house(tmp_path / "home", {CAMERA: source}, rules=RULES, settings=settings) as house,
    ):
        watcher = house.watcher(*PLAIN, **environment)
        picture = house.root / "data" / "live" / f"{CAMERA}.jpg"
        house.until(lambda: len(kept(house)) == 2 and len(followed(house)) == 1 and picture.exists(), 40)
        now.write_text(f"+{7 * 3600}\n")
        house.until(lambda: followed(house)[0].ended == "private" and not picture.exists(), 20)
        time.sleep(1.5)
        (state,) = look(house.root)
        assert not state.online and state.tracks == () and state.at is None and not picture.exists()
        assert watcher.end() == 0
        assert [row.ended for row in followed(house)] == ["private"] and len(kept(house)) == 2
        assert {event.rule for event in events(house.home.database)} == {"there", "litter"}  # silence is no fault


def test_a_camera_that_bears_one_connection_is_recorded_and_watched_through_the_relay(
    tmp_path: Path, visit: Path
) -> None:
    """The camera's own address answers nobody: whatever comes was read from the relay, by both."""
    with (
        Source(tmp_path / "relay", clip=visit) as relay,
        Source(tmp_path / "camera") as camera,
        a_house(tmp_path / "home", {"live": camera}, rules="there: {}") as house,
    ):
        camera.kill()
        file = house.root / "home.yaml"
        file.write_text(f"{file.read_text('utf-8')}relay: {{rtsp: 'rtsp://127.0.0.1:{relay.port}'}}\n", "utf-8")
        house.watcher(*PLAIN)
        house.until(lambda: bool(shown(house)), 30)
        house.recorder("live")
        house.until_recording("live")
        house.until(lambda: len(kept(house)) == 1, 30)
        assert kept(house)[0].stream_id == "live"
