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
    """`catml record` as a user starts it."""
    with Source(tmp_path / "source", mounts=cameras, size=(160, 120), fps=2, keyframe_s=5, bitrate=50) as source:
        sources = {f"c{number:02}": source for number in range(cameras)}
        with a_house(tmp_path / "home", sources, mounts=True) as house:
            recorders = _started(house)
            began, cpu = time.monotonic(), worked(recorders)
            time.sleep(60)
            early = memory(recorders)
            time.sleep(60 * (minutes - 1))
            late = memory(recorders)
            share = (worked(recorders) - cpu) / (time.monotonic() - began)
            house.end()
            verdicts = [house.verdict(camera) for camera in sources]
            worst = max(verdicts, key=lambda verdict: verdict.lost_s)
            note = (
                f"{statistics.median(late):.0f} MB each, {max(late):.0f} at most, grown by "
                f"{max(b - a for a, b in zip(early, late, strict=True)):.1f} MB at most; {share:.2f} of a core for all"
            )
            tell(f"{cameras} cameras for {minutes:g} min, the worst of them", worst, note)
            _nothing_is_missing(verdicts, minutes)
            assert max(late) <= RECORDER_MB
            assert all(after <= before * (1 + GROWTH) for before, after in zip(early, late, strict=True)), (early, late)


def _started(house: House) -> list[psutil.Process]:
    """The processes of all recorders, once all record."""
    supervisor = psutil.Process(house.catml_record().pid)
    for camera in house.sources:
        house.until_recording(camera, 180)
    recorders = [child for child in supervisor.children() if "ingest.record.recorder" in " ".join(child.cmdline())]
    assert len(recorders) == len(house.sources)
    return recorders


def _nothing_is_missing(verdicts: list[Verdict], minutes: float) -> None:
    for verdict in verdicts:
        assert verdict.in_order and not verdict.missing, verdict
        assert verdict.filmed_s >= 60 * minutes
        # While sixty processes start on a few cores, packets are taken late; half a minute on every clock is right.
        settled = min(verdict.off) + 60
        assert not [number for number in verdict.later_than(0.5) if number > settled], verdict
