"""From stamps to UTC, over simulated cameras, networks and host clocks: what a frame says is compared with the truth."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest

from ingest.record.clock import Lowest, StreamClock
from ingest.record.host import Arrival, HostClock

TICK = Fraction(1, 90_000)  # RTP's clock for video
MARCH = 1_772_355_600.25  # a moment of 2026, s since 1970
UP = 5000.0  # s since the host was started


@dataclass
class Film:
    """A camera with a crystal of its own, seen through a network.

    Attributes:
        fps: frames a second.
        ppm: parts in a million that the camera's clock runs fast.
        base: stamp of the first frame.
        least_s, jitter_s: shortest way through the network, and how much more (mean, exponential).
    """

    fps: float = 5
    ppm: float = 0
    base: int = 123_456_789
    least_s: float = 0.02
    jitter_s: float = 0.03
    seed: int = 1

    def frames(self, seconds: float, begin: float = 0.0, every: int = 1) -> Iterator[tuple[float, int, Arrival]]:
        """True time (s since the film began), stamp, arrival; in order, as TCP delivers."""
        dice, came = random.Random(self.seed), 0.0
        for number in range(0, int(seconds * self.fps), every):
            true = begin + number / self.fps
            came = max(came, true + self.least_s + dice.expovariate(1 / self.jitter_s))
            stamp = self.base + round((true - begin) * (1 + self.ppm * 1e-6) / TICK)
            yield true, stamp, at(came)


def at(moment: float, waited: bool = True, wall: float = 0.0) -> Arrival:
    """An arrival so many seconds after the film began; `wall`: by how much the host's wall clock is set wrong."""
    return Arrival(UP + moment, MARCH + moment + wall, waited)


def errors(frames: Iterator[tuple[float, int, Arrival]], clock: StreamClock, chunk_s: float = 300) -> list[float]:
    """By how many seconds each frame's UTC is later than the truth; a chunk begins every `chunk_s`."""
    found, boundary, last = [], 0.0, 0
    for true, stamp, arrival in frames:
        pts, dts = clock.observe(stamp, stamp, arrival)
        if not clock.settled:
            continue
        if true >= boundary or clock.behind:
            clock.cut(pts, arrival.utc - arrival.monotonic)
            boundary = (true // chunk_s + 1) * chunk_s
        utc, _ = clock.place(pts, dts)
        assert utc > last, "a frame that is not later than the one before"
        last = utc
        found.append(float(utc * TICK) - MARCH - true)
    return found


@pytest.mark.parametrize("ppm", [-200, 200])
def test_a_month_of_a_wrong_crystal_does_not_add_up(ppm: float) -> None:
    # 200 ppm are 17 s a day. A chunk is 60 ms of it; the window looks 120 s back: another 24 ms; and the shortest way.
    # A frame in 20 s stands for all: it makes the lowest of the window worse, not better.
    month = Film(ppm=ppm).frames(30 * 86_400, every=100)
    off = errors(month, StreamClock(TICK))
    assert max(off) < 0.15 and min(off) > -0.15


@pytest.mark.parametrize("ppm", [-200, 200])
def test_every_frame_of_five_chunks_goes_on_rising_at_30_fps(ppm: float) -> None:
    # The correction at a cut (60 ms) is longer than a frame (33 ms): time must not go back, nor a frame be lost.
    off = errors(Film(fps=30, ppm=ppm).frames(1500), StreamClock(TICK))
    assert len(off) == 30 * 1500 and max(map(abs, off)) < 0.15


def test_between_cuts_stamps_are_kept_to_the_tick() -> None:
    clock, steps = StreamClock(TICK), set()
    utc = None
    for _, stamp, arrival in Film(ppm=50).frames(120):
        pts, dts = clock.observe(stamp, stamp, arrival)
        if utc is None:
            clock.cut(pts, MARCH - UP)
        before, utc = utc, clock.place(pts, dts)[0]
        steps.add(utc - before if before else 18_000)
    assert steps <= {18_000, 18_001}  # 50 ppm of 18,000 ticks is one tick


def test_what_a_camera_had_in_store_is_not_now() -> None:
    # Ten frames made before the connection come at once; the first that is waited for says what time it is.
    def joined() -> Iterator[tuple[float, int, Arrival]]:
        for n in range(10):
            yield n / 5, n * 18_000, at(2.0 + n / 1000, waited=False)
        for n in range(10, 100):
            yield n / 5, n * 18_000, at(n / 5 + 0.02)

    clock, held, off = StreamClock(TICK), [], []
    for true, stamp, arrival in joined():
        held.append((true, *clock.observe(stamp, stamp, arrival)))
        if clock.settled:
            if not off:
                clock.cut(held[0][1], MARCH - UP)
            off += [float(clock.place(pts, dts)[0] * TICK) - MARCH - true for true, pts, dts in held]
            held = []
    assert len(off) == 100 and max(map(abs, off)) < 0.03


def test_a_second_is_enough_where_nothing_has_to_be_waited_for() -> None:
    clock = StreamClock(TICK)
    for n in range(7):
        clock.observe(n * 18_000, n * 18_000, at(3 + n / 5, waited=False))
        assert clock.settled == (n >= 5)


def test_a_late_burst_is_no_jump() -> None:
    # The network holds everything back for 4 s, then delivers at once: the stamps know better than the arrivals.
    def held_up() -> Iterator[tuple[float, int, Arrival]]:
        for n in range(300):
            yield n / 5, n * 18_000, at(max(n / 5, 34.0) if 150 <= n < 170 else n / 5)

    assert max(map(abs, errors(held_up(), StreamClock(TICK)))) < 0.001


@pytest.mark.parametrize("jump_s", [-7200, -30, -2, -0.5, 0.5, 2, 30, 7200])
def test_a_jump_of_the_stamps_is_taken_out(jump_s: float) -> None:
    frames = list(Film(jitter_s=0.01).frames(120))
    jumped = ((true, stamp + round(jump_s / TICK) * (true >= 60), arrival) for true, stamp, arrival in frames)
    off = errors(jumped, StreamClock(TICK))
    assert len(off) == len(frames)
    assert max(map(abs, off)) < 0.2  # a frame


@pytest.mark.parametrize("bits", [32, 33])
def test_a_wrap_is_none(bits: int) -> None:
    clock, last = StreamClock(TICK), None
    for n in range(100):
        stamp = 2**bits - 50 * 18_000 - 7 + n * 18_000
        # With B-frames the stamp of showing wraps before the stamp of decoding.
        pts, dts = clock.observe((stamp + 36_000) % 2**bits, stamp % 2**bits, at(n / 5))
        assert pts - dts == 36_000
        assert last is None or pts - last == 18_000
        last = pts


def test_a_stream_whose_clock_stood_still_is_put_right_after_10_s() -> None:
    # SIGSTOP of a camera that counts its frames: 8 s pass, its stamps go on as if nothing had been.
    stopped = ((true + 8 * (true >= 60), stamp, at(true + 8 * (true >= 60))) for true, stamp, _ in Film().frames(120))
    off = errors(stopped, StreamClock(TICK))
    assert max(map(abs, off[:300])) < 0.1
    assert min(off) == pytest.approx(-8, abs=0.1)
    assert max(map(abs, off[300 + 11 * 5 :])) < 0.1


def test_a_network_that_gets_slow_moves_time_by_80_ms_a_chunk() -> None:
    # A quarter of a second later for good: a busy network, or a way that is longer now. Nobody can know.
    slow = ((true, stamp, at(true + 0.25 * (true >= 150))) for true, stamp, _ in Film().frames(1500))
    off = errors(slow, StreamClock(TICK))
    assert off[-1] == pytest.approx(0.24, abs=0.02)
    steps = {round(b - a, 3) for a, b in itertools.pairwise(off)}
    assert max(steps) <= 0.081


def test_a_host_clock_that_is_set_counts_from_the_next_chunk_on() -> None:
    for hour in (3600, -3600):
        clock, host, found = StreamClock(TICK), HostClock(), []
        for true, stamp, arrival in Film(jitter_s=0.001).frames(20):
            now = at(arrival.monotonic - UP, wall=hour if true >= 10 else 0)
            pts, dts = clock.observe(stamp, stamp, now)
            if host.step(now.utc - now.monotonic) or not found:
                clock.cut(pts, now.utc - now.monotonic)
            found.append(float(clock.place(pts, dts)[0] * TICK) - MARCH - true)
        assert max(map(abs, found[:49])) < 0.03
        assert all(abs(off - hour) < 0.03 for off in found[51:])


def test_ntp_slews_without_a_step() -> None:
    host, offset = HostClock(), MARCH - UP
    assert not any(host.step(offset + n * 0.0005) for n in range(10_000))  # 500 ppm: the kernel's most
    assert host.step(offset + 5 + 3600) == pytest.approx(3600)
    assert host.step(offset + 5) == pytest.approx(-3600)


def test_after_a_reconnect_small_overlaps_are_the_anchors_error_and_long_ones_are_true() -> None:
    for overlap, shifted in ((0.3, True), (5.0, False)):
        clock = StreamClock(TICK, after=Fraction(MARCH) + Fraction(overlap))
        pts, dts = clock.observe(0, 0, at(0))
        clock.cut(pts, MARCH - UP)
        first = float(clock.place(pts, dts)[0] * TICK) - MARCH
        assert first == pytest.approx(overlap + 0.02 if shifted else 0, abs=0.001)  # half a frame of 1/25 s


def test_the_lowest_of_the_last_seconds() -> None:
    lowest = Lowest(60)
    for second in range(100):
        lowest.add(second, 5 if second == 50 else 100 - second)
    assert lowest.over(60, 99) == 1 and lowest.over(60, 140) == 1 and lowest.over(60, 170) is None
    lowest.clear()
    assert lowest.over(60, 99) is None and lowest.since is None
