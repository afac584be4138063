"""Cutting and naming: a file as 5-minute chunks that begin at keyframes, copied packet by packet.

A file is read twice. `scan` looks at its packets and says where to cut; `copy_chunks` writes them. Nothing is decoded
but one frame, to see that it can be, and the same file gives the same bytes every time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from home.clock import Span, merge
from home.errors import FootageError, StoreError
from home.footage import start_comment
from ingest.cuts import LONGEST_S, Cut, Groups, find_cuts, moment_of
from ingest.packets import (
    Timed,
    codec_name,
    is_raw,
    lacks_display_times,
    open_video,
    packets,
    tick_of,
)

_TRIAL_PACKETS = 50


@dataclass(frozen=True)
class Plan:
    """What `scan` found out about a file.

    Attributes:
        path: the file.
        tick: seconds of one tick.
        zero: when the file's first frame is shown, ticks: the moment that its start names.
        cuts: the chunks, in order, one at least.
        encode: why it must be re-encoded, or None if a copy serves.
        problems: what a person should know.
    """

    path: Path
    tick: Fraction
    zero: int
    cuts: list[Cut]
    encode: str | None
    problems: list[str]

    def moment(self, ticks: int, start: dt.datetime) -> dt.datetime:
        """A tick as UTC, to the microsecond, for a file that starts at `start`."""
        return moment_of(ticks - self.zero, self.tick, start)

    def spans(self, start: dt.datetime) -> list[Span]:
        """The time the file holds, without its pauses; joined, in order."""
        cuts = [Span(self.moment(cut.zero, start), self.moment(cut.end, start)) for cut in self.cuts]
        return merge(cuts)


@dataclass(frozen=True)
class Part:
    """A chunk that is written, still a local file.

    Attributes:
        path: the file.
        span: exact UTC span from its first frame to the end of its last.
        frames: how many frames it shows.
    """

    path: Path
    span: Span
    frames: int


def scan(path: Path, start: dt.datetime) -> Plan:
    """Read a file's packets and say where to cut it.

    Args:
        path: the file.
        start: UTC moment of its first frame; chunks end at wall-clock multiples of 5 minutes.

    Raises:
        FootageError: if it cannot be read or holds no frame that can be shown.
    """
    problems: list[str] = []
    with open_video(path) as (container, stream):
        tick = tick_of(stream)
        groups = Groups(packets(container, stream, problems))
        cuts = list(find_cuts(groups, tick, start))
        if not cuts:
            raise FootageError(f"{path}: holds no frame that can be shown")
        if is_raw(container):
            rate = float(sum(cut.frames for cut in cuts) / ((groups.end - groups.zero) * tick))
            problems.append(f"carries no times; {rate:g} frames a second are assumed")
        # Matroska counts its duration from 0, others from their first frame.
        missing = float(((stream.duration or 0) - max(groups.end, groups.end - groups.zero)) * tick)
        if missing > max(1.0, 0.02 * float((stream.duration or 0) * tick)):
            problems.append(f"breaks off: its last {missing:.1f} s cannot be read")
        unordered, codec = lacks_display_times(container, stream), codec_name(stream)
    plan = Plan(path, tick, groups.zero, cuts, None, problems)
    if why := _why_encode(plan, codec, unordered, groups.edited):
        return replace(plan, encode=why)
    return replace(plan, problems=problems + list(_losses(plan, groups.dropped)))


def copy_chunks(plan: Plan, start: dt.datetime, folder: Path) -> Iterator[Part]:
    """Write the chunks of a plan by stream copy, one after the other; the caller removes each when it is done with it.

    Args:
        plan: from `scan`.
        start: UTC moment of the file's first frame, as given to `scan`.
        folder: where the parts are written, `0.mp4`, `1.mp4` …

    Raises:
        FootageError: if the file is no longer what was scanned.
        StoreError: if the folder's disk is full.
    """
    firsts = [cut.first for cut in plan.cuts]
    done = 0
    with open_video(plan.path) as (container, stream):
        numbered = enumerate(packets(container, stream, []))
        for index, group in groupby(numbered, lambda item: bisect_right(firsts, item[0]) - 1):
            if index < 0:
                continue
            cut, target = plan.cuts[index], folder / f"{index}.mp4"
            begin = plan.moment(cut.zero, start)
            with writing(target, begin) as output:
                written = _copy(output, stream, cut, (frame for _, frame in group))
            if written != cut.frames:
                raise FootageError(f"{plan.path}: changed while it was imported; import it again when it is whole")
            done += 1
            yield Part(target, Span(begin, plan.moment(cut.end, start)), written)
    if done != len(firsts):
        raise FootageError(f"{plan.path}: became shorter while it was imported; import it again when it is whole")


@contextlib.contextmanager
def writing(target: Path | BinaryIO, start: dt.datetime) -> Iterator[OutputContainer]:
    """An mp4 file that carries its exact start and nothing else that differs from one run to the next.

    The index stands in front, so that a reader over the network need not look for it.

    Raises:
        FootageError: if mp4 does not take what is written.
        StoreError: if the disk does not.
    """
    name = target if isinstance(target, Path) else "(memory)"
    try:
        opened = str(target) if isinstance(target, Path) else target
        options = {"movflags": "+faststart", "fflags": "+bitexact"} if isinstance(target, Path) else {}
        with av.open(opened, "w", format="mp4", options=options) as output:
            output.metadata["comment"] = start_comment(start)
            yield output
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise StoreError(f"{name}: {error.strerror}; make room on that disk and import again") from error
        raise FootageError(f"{name}: mp4 does not take this stream ({error.strerror})") from error


def _why_encode(plan: Plan, codec: str, unordered: bool, edited: bool) -> str | None:
    longest = float(max((cut.end - cut.zero) * plan.tick for cut in plan.cuts))
    if codec not in _mp4_codecs():
        return f"mp4 cannot hold {codec}"
    if unordered:
        return "its container does not say when frames are shown"
    if edited:
        return "an edit list cuts it between keyframes"
    if longest > LONGEST_S:
        return f"no keyframe to cut at for {longest:.0f} s"
    return None if _can_be_copied(plan) else f"mp4 does not take this {codec} as it is"


@cache
def _mp4_codecs() -> frozenset[str]:
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        return frozenset(container.supported_codecs)


def _can_be_copied(plan: Plan) -> bool:
    """Copy the first packets in memory and decode the first frame of the copy."""
    cut, memory = plan.cuts[0], io.BytesIO()
    try:
        with open_video(plan.path) as (container, stream), writing(memory, dt.datetime.now(dt.UTC)) as output:
            _copy(output, stream, cut, islice(packets(container, stream, []), cut.first, cut.first + _TRIAL_PACKETS))
        memory.seek(0)
        with open_video(memory) as (container, stream):
            return next(container.decode(stream), None) is not None
    except (FootageError, av.FFmpegError):
        return False


def _losses(plan: Plan, dropped: int) -> Iterator[str]:
    if dropped:
        seconds = float((plan.cuts[0].zero - plan.zero) * plan.tick)
        yield f"begins between keyframes: its first {seconds:.1f} s cannot be shown and are left out"
    if lost := sum(cut.lead for cut in plan.cuts):
        yield f"{lost} frames that lead a keyframe could not be kept at the cuts"


def _copy(output: OutputContainer, stream: VideoStream, cut: Cut, source: Iterable[Timed]) -> int:
    """Mux the packets of one chunk so that its first frame is shown at 0.

    Returns:
        The number of frames that are shown. What an edit list hides before the first one goes along, before 0, where
        mp4 hides it again: it is needed for decoding.
    """
    copy = output.add_stream_from_template(stream, opaque=True)
    shown = 0
    for frame in source:
        if frame.hidden == (frame.pts >= cut.zero):  # hidden after the last, or leading an open GOP
            continue
        shown += not frame.hidden
        packet = frame.packet
        packet.pts, packet.dts, packet.duration = frame.pts - cut.zero, frame.dts - cut.zero, frame.duration
        packet.stream = copy
        output.mux(packet)
    return shown
