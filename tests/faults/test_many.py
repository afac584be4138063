"""Sixty cameras on one machine: nothing is missing that the cameras sent, and memory stays where it is."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.checker import Verdict
from tests.faults.house import House, a_house
from tests.faults.source import Source, why_no_source
from tests.faults.table import Tell

pytestmark = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")

MB = 1e6
RECORDER_MB = 80  # the number
GROWTH = 0.05  # of the memory, from the first minute's end to the last: the recorder's buffers fill once


def memory(processes: list[psutil.Process]) -> list[float]:
    """Resident megabytes of each."""
    return [process.memory_info().rss / MB for process in processes]


def worked(processes: list[psutil.Process]) -> float:
    """CPU seconds of all, so far."""
    return sum(process.cpu_times().user + process.cpu_times().system for process in processes)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("cameras", "minutes"), [(60, 10)])
def test_sixty_cameras_for_ten_minutes(tmp_path: Path, tell: Tell, cameras: int, minutes: float) -> None:
    """`catml record` in its parts: a recorder a camera and one uploader; chunks of 5 minutes, as they are."""
    with Source(tmp_path / "source", mounts=cameras, size=(160, 120), fps=2, keyframe_s=5, bitrate=50) as source:
        sources = {f"c{number:02}": source for number in range(cameras)}
        with a_house(tmp_path / "home", sources, mounts=True, chunk_s=300) as house:
            recorders = _started(house)
            began, cpu = time.monotonic(), worked(recorders)
            time.sleep(60)
            early = memory(recorders)
            time.sleep(60 * (minutes - 1))
            late = memory(recorders)
            share = (worked(recorders) - cpu) / (time.monotonic() - began)
            # The source's last frames are on their way for less than this.
            last = source.sent()[-1].number - 2
            house.end()
            verdicts = [house.verdict(camera, last=last) for camera in sources]
            worst = max(verdicts, key=lambda verdict: verdict.lost_s)
            note = (
                f"{statistics.median(late):.0f} MB each (most {max(late):.0f}), grown by "
                f"{max(b - a for a, b in zip(early, late, strict=True)):.1f} MB at most; {share:.2f} cores for all"
            )
            tell(f"{cameras} cameras for {minutes:g} min, the worst of them", worst, note)
            _nothing_is_missing(verdicts, minutes)
            assert max(late) <= RECORDER_MB
            assert all(after <= before * (1 + GROWTH) for before, after in zip(early, late, strict=True)), (early, late)


def _started(house: House) -> list[psutil.Process]:
    """All recorders, five at a time as the supervisor starts them; returns once all record."""
    house.uploader()
    names = list(house.sources)
    started = []
    for number, camera in enumerate(names):
        started.append(psutil.Process(house.recorder(camera).pid))
        if number % 5 == 4:
            house.until_recording(camera, 60)
    for camera in names:
        house.until_recording(camera, 60)
    return started


def _nothing_is_missing(verdicts: list[Verdict], minutes: float) -> None:
    for verdict in verdicts:
        assert verdict.in_order and not verdict.missing, verdict
        assert verdict.filmed_s >= 60 * minutes
        assert not verdict.later_than(1.0), verdict
