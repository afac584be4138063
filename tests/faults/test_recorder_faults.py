"""What befalls the recorder itself: kill -9, a second one, a host clock that is stepped, the nights of clock changes."""

from __future__ import annotations

import datetime as dt
import random
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from home.clock import Span
from home.coverage import complete
from home.footage import ChunkName
from tests.faults.house import CAMERA, House, a_house
from tests.faults.source import Source, why_no_source
from tests.faults.table import Tell
from tests.faults.worker import fake_clock

pytestmark = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")

needs_fake_clock = pytest.mark.skipif(
    fake_clock() is None, reason="libfaketime is missing: apt-get install libfaketime"
)
SMALL = {"size": (160, 120), "fps": 10}
KILL_LOSS_S = 2.0  # the number, for a keyframe every 2 s or more often
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("keyframe_s", "kills"),
    [
        (1.0, 2),
        (2.0, 2),
        pytest.param(1.0, 20, marks=pytest.mark.long),
        pytest.param(2.0, 20, marks=pytest.mark.long),
        pytest.param(5.0, 20, marks=pytest.mark.long),
    ],
)
@pytest.mark.timeout(600)
def test_kill_9_at_random_times(tmp_path: Path, tell: Tell, keyframe_s: float, kills: int) -> None:
    """What it had is lost up to the limit; what came while it started again it never had, and is told apart."""
    dice = random.Random(int(keyframe_s * 100) + kills)
    camera = Source(tmp_path / "source", keyframe_s=keyframe_s, **SMALL)
    with camera as source, a_house(tmp_path / "home", {CAMERA: source}, chunk_s=7) as house:
        recorder, killed = house.recorder(), []
        for _ in range(kills):
            house.until_recording()
            time.sleep(dice.uniform(0.2, 8))  # at any place in a fragment and in a chunk
            recorder.kill()
            killed.append(time.monotonic())
            recorder.start()
        house.until_recording()
        house.end()
        verdict = house.verdict()
        had = []
        for moment in killed:
            hole = next((hole for hole in verdict.holes if hole[-1].monotonic > moment > hole[0].monotonic - 0.2), [])
            had.append(sum(verdict.frame_s for frame in hole if frame.monotonic < moment))
        note = f"of what it had at most {max(had):.1f} s per kill, the rest while it started and waited for a keyframe"
        tell(f"recorder kill -9, {kills} times, keyframe every {keyframe_s:g} s", verdict, note)
        assert verdict.in_order, verdict
        assert max(had) <= (KILL_LOSS_S if keyframe_s <= 2 else keyframe_s)
        assert not list(house.spool.glob("*/.part-*"))
        assert sum(len(hole) for hole in verdict.holes) * verdict.frame_s <= kills * (KILL_LOSS_S + keyframe_s + 5)


def test_a_second_recorder_refuses(tmp_path: Path, tell: Tell) -> None:
    with (
        Source(tmp_path / "source", keyframe_s=1.0, **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}) as house,
    ):
        first = house.recorder()
        house.until_recording()
        second = house.recorder()
        house.until(lambda: not second.alive, 15)
        assert second.process is not None and second.process.returncode not in (0, None)
        assert str(first.pid) in second.tail() or "recorded already" in second.tail(), second.tail()
        house.until_recording()
        house.end()
        verdict = house.verdict()
        tell("a second recorder on the same camera", verdict, "the second ends at once and says why")
        assert not verdict.missing and verdict.in_order, verdict


@needs_fake_clock
@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
def test_the_hosts_clock_is_stepped(tmp_path: Path, tell: Tell, step: dt.timedelta) -> None:
    """An hour at once, while it records: every frame is there once, by the clock of its time."""
    now = tmp_path / "now"
    now.write_text("+0\n")
    environment = fake_clock(now)
    assert environment is not None
    with (
        Source(tmp_path / "source", keyframe_s=1.0, **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}, chunk_s=60) as house,
    ):
        house.recorder(**environment)
        house.until(lambda: house.state().get("frames", 0) >= 30, 30)
        before = source.sent()[-1]
        now.write_text(f"{step.total_seconds():+.0f}\n")
        seen = house.state()["frames"]
        house.until(lambda: house.state().get("frames", 0) >= seen + 60, 30)
        house.end()
        verdict = house.verdict()
        late = {number: round(off / HOUR.total_seconds(), 2) for number, off in verdict.off.items()}
        way = "forward" if step > dt.timedelta() else "back"
        tell(f"host clock stepped {way} by 1 h", verdict, "each frame by the clock of its time")
        assert not verdict.missing and not verdict.doubled and not verdict.unreadable, verdict
        # A chunk by the new clock begins with the next keyframe, which is a second away at most; two are granted.
        assert all(late[n] == 0 for n in late if n < before.number)
        after = [late[n] for n in sorted(late) if n > before.number + 20]
        assert after and set(after) == {step / HOUR}, late
        if step > dt.timedelta():
            assert house.gap_s("clock_step") == pytest.approx(step.total_seconds(), abs=5)


# Berlin's clocks go back at 01:00 UTC on 2026-10-25 and forward at 01:00 UTC on 2026-03-29.
@pytest.mark.long
@needs_fake_clock
@pytest.mark.parametrize(
    ("change", "hours"),
    [(dt.datetime(2026, 10, 25, 1, tzinfo=dt.UTC), 25), (dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC), 23)],
    ids=["october", "march"],
)
def test_the_night_the_clocks_change(tmp_path: Path, tell: Tell, change: dt.datetime, hours: int) -> None:
    """Recorded over the change itself and an hour before it: in October twice the same time by the clock on the wall."""
    with (
        Source(tmp_path / "source", keyframe_s=1.0, **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}, chunk_s=5) as house,
    ):
        spans = []
        for begin in (change - HOUR - _BEFORE, change - _BEFORE):
            _record_from(house, tmp_path / "now", begin)
            spans.append(Span(begin, begin + dt.timedelta(minutes=1)))
        spooled = [ChunkName.parse(f"{CAMERA}/{path.name}") for path in house.finished()]
        house.uploader()
        house.until_uploaded(30)
        house.end()
        names = [ChunkName.parse(entry.key) for entry in house.home.footage.list(f"{CAMERA}/chunk-")]
        assert names == sorted(name for name in spooled if name)
        verdicts = [house.verdict(inside=span) for span in spans]
        worst = max(verdicts, key=lambda verdict: verdict.lost_s)
        tell(f"clock change, local day of {hours} h", worst, "nothing overwritten, the ledger has the whole day")
        for verdict, span in zip(verdicts, spans, strict=True):
            assert not verdict.missing and not verdict.doubled and not verdict.unreadable, verdict
            # It crosses a boundary of 5 s: the chunk before it, and the one that begins at it.
            assert len([name for name in names if name and name.start in span]) >= 2, names
        assert all(name and any(name.start in span for span in spans) for name in names), names
        date = change.astimezone(BERLIN).date()
        ledger = complete(house.home.tables, CAMERA, house.home.camera(CAMERA), date, BERLIN)
        length = ledger["end"] - ledger["start"]
        assert length.sum() == dt.timedelta(hours=hours)
        recorded = length[ledger["state"] == "recorded"].dt.total_seconds()
        assert len(recorded) == 2
        assert recorded.sum() == pytest.approx(sum(verdict.took_s for verdict in verdicts), abs=1.0)


_BEFORE = dt.timedelta(seconds=6)  # some of them go by until the recorder has its first frame


def _record_from(house: House, now: Path, begin: dt.datetime) -> None:
    """Seven seconds of recording, which cross a multiple of five, by a clock that says `begin` at the start."""
    now.write_text(f"{(begin - dt.datetime.now(dt.UTC)).total_seconds():+.0f}\n")
    environment = fake_clock(now)
    assert environment is not None
    recorder = house.recorder(**environment)
    house.until(lambda: house.state().get("pid") == recorder.pid and house.state().get("frames", 0) >= 70, 60)
    house.end(recorder)
