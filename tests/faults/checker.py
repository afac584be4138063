"""What was recorded, frame by frame, against what the source says it sent.

shown = frames_in(chunks_on_disk(folder))
verdict = check(source.sent(), shown)
assert not verdict.missing, verdict
"""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from home.footage import ChunkName, start_of
from home.store import Store
from tests.faults.barcode import cells, number_in
from tests.faults.source import Sent

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame of a chunk: its number (None: its picture cannot be read), the chunk, its UTC by start and time stamp."""

    number: int | None
    chunk: str
    utc: dt.datetime


@dataclass(repr=False)
class Verdict:
    """What became of the frames that should be there.

    Attributes:
        expected: those frames.
        missing: sent, and in no chunk.
        doubled: numbers that are there more than once.
        disordered: numbers that come after a higher one, by chunk name and place in it, or whose UTC is not later
            than that of the frame before.
        unreadable: frames whose picture is damaged, with their chunks.
        hidden: missing ones between two frames of one chunk, which so claims a time that it does not have.
        foreign: numbers that the source never sent.
        off: by how many seconds each frame's UTC is later than the source's, by number.
        frame_s: seconds a frame stands for.
    """

    expected: list[Sent]
    missing: list[Sent] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    disordered: list[int] = field(default_factory=list)
    unreadable: list[Shown] = field(default_factory=list)
    hidden: list[Sent] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    off: dict[int, float] = field(default_factory=dict)
    frame_s: float = 0.0

    @property
    def lost_s(self) -> float:
        """Seconds that were filmed and are in no chunk."""
        return len(self.missing) * self.frame_s

    @property
    def filmed_s(self) -> float:
        """Seconds that should be there."""
        return len(self.expected) * self.frame_s

    @property
    def took_s(self) -> float:
        """Seconds from the first to the end of the last of these frames: more than `filmed_s` where a busy machine's
        source left frames out."""
        return self.expected[-1].monotonic - self.expected[0].monotonic + self.frame_s

    def back_after(self, returned: float) -> float:
        """Seconds from the first frame that was sent after a moment (monotonic) to the first one that is there."""
        after = [frame for frame in self.expected if frame.monotonic >= returned]
        there = [frame for frame in after if frame.number in self.off]
        assert there, f"nothing was recorded after {returned}: {self}"
        return there[0].monotonic - after[0].monotonic

    @property
    def holes(self) -> list[list[Sent]]:
        """The missing frames, those that follow each other together."""
        found: list[list[Sent]] = []
        for frame in self.missing:
            if found and frame.number == found[-1][-1].number + 1:
                found[-1].append(frame)
            else:
                found.append([frame])
        return found

    @property
    def longest_s(self) -> float:
        """Seconds of the longest hole."""
        return max((len(hole) for hole in self.holes), default=0) * self.frame_s

    @property
    def in_order(self) -> bool:
        """Nothing doubled, moved, damaged or foreign; frames may be missing, but not within a chunk."""
        return not (self.doubled or self.disordered or self.unreadable or self.hidden or self.foreign)

    def later_than(self, seconds: float) -> list[int]:
        """Numbers of frames whose UTC is off by more than this, either way."""
        return [number for number, off in self.off.items() if abs(off) > seconds]

    def __repr__(self) -> str:
        holes = ", ".join(f"{hole[0].number}-{hole[-1].number}" for hole in self.holes[:8])
        clock = f"clock off by {min(self.off.values()):+.2f} to {max(self.off.values()):+.2f} s" if self.off else ""
        return (
            f"{self.lost_s:.1f} s lost: of {len(self.expected)} frames {len(self.missing)} missing ({holes}), "
            f"{len(self.doubled)} doubled {self.doubled[:8]}, {len(self.disordered)} out of order {self.disordered[:8]}, "
            f"{len(self.unreadable)} unreadable {[(shown.chunk, str(shown.utc)) for shown in self.unreadable[:4]]}, "
            f"{len(self.hidden)} hidden {[frame.number for frame in self.hidden[:8]]}, "
            f"{len(self.foreign)} foreign {self.foreign[:8]}; {clock}"
        )


def chunks_on_disk(*folders: Path) -> Iterator[tuple[str, Path]]:
    """The finished chunks of folders (a camera's in a store or spool), as they follow, a copy in two of them once."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in folder.glob("chunk-*.mp4"):
            first = found.setdefault(path.name, path)
            assert first is path or first.read_bytes() == path.read_bytes(), f"{path} and {first} differ"
    # Not by their text: `-1` follows the name that was taken.
    yield from sorted(found.items(), key=lambda item: ChunkName.parse(f"camera/{item[0]}") or ChunkName("", _NEVER))


def chunks_of(store: Store, camera: str, spool: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """A camera's chunks in a store (S3 or folder) and in its spool, as local files."""
    fetched = scratch / "fetched" / camera
    fetched.mkdir(parents=True, exist_ok=True)
    for entry in store.list(f"{camera}/chunk-"):
        local = fetched / entry.key.rpartition("/")[2]
        if not local.exists() or local.stat().st_size != entry.size:
            local.write_bytes(store.read(entry.key))
    yield from chunks_on_disk(fetched, spool / camera)


def frames_in(chunks: Iterable[tuple[str, Path]]) -> list[Shown]:
    """Every frame that a player shows, in the order of chunk names and of showing."""
    return [shown for name, path in chunks for shown in _frames(name, path)]


def _frames(name: str, path: Path) -> Iterator[Shown]:
    with av.open(str(path)) as container:
        start = start_of(container.metadata.get("comment"), f"camera/{name}")
        assert start is not None, f"{name}: nothing says when it begins"
        stream = container.streams.video[0]
        assert stream.time_base is not None
        try:
            for frame in container.decode(stream):
                assert frame.pts is not None, f"{name}: a frame without a time"
                yield Shown(number_of(frame), name, start + dt.timedelta(seconds=float(frame.pts * stream.time_base)))
        except av.FFmpegError as error:
            raise AssertionError(f"{name}: cannot be decoded to its end ({type(error).__name__})") from error


def number_of(frame: av.VideoFrame) -> int | None:
    """The number that a picture carries, whatever its size."""
    grey = np.asarray(frame.reformat(format="gray").to_ndarray())
    height, width = grey.shape[:2]
    bits = 0
    for bit, (left, top, right, bottom) in enumerate(cells(width, height)):
        bits |= int(grey[top:bottom, left:right].mean() > 124) << bit
    return number_in(bits)


def check(sent: Sequence[Sent], shown: Sequence[Shown], first: int | None = None, last: int | None = None) -> Verdict:
    """Compare what was recorded with what was sent.

    Args:
        sent: what the source made.
        shown: from `frames_in`.
        first, last: numbers of the first and the last frame that should be there; without them, of those that are.
    """
    numbers = [frame.number for frame in shown if frame.number is not None]
    assert numbers, "no frame was recorded at all"
    moments = {frame.number: frame for frame in sent}
    first = min(numbers) if first is None else first
    last = max(numbers) if last is None else last
    should = [frame for frame in sent if first <= frame.number <= last]
    there, counts = set(numbers), Counter(numbers)
    missing = [frame for frame in should if frame.number not in there]
    gaps = [after.monotonic - before.monotonic for before, after in itertools.pairwise(should)]
    return Verdict(
        expected=should,
        missing=missing,
        doubled=sorted(number for number, times in counts.items() if times > 1),
        disordered=_disordered(shown),
        unreadable=[frame for frame in shown if frame.number is None],
        hidden=_hidden(missing, shown),
        foreign=sorted(there - set(moments)),
        off={
            frame.number: (frame.utc - moments[frame.number].utc).total_seconds()
            for frame in shown
            if frame.number in moments
        },
        frame_s=statistics.median(gaps) if gaps else 0.0,
    )


def _hidden(missing: Sequence[Sent], shown: Sequence[Shown]) -> list[Sent]:
    spans: dict[str, tuple[int, int]] = {}
    for frame in shown:
        if frame.number is not None:
            first, last = spans.get(frame.chunk, (frame.number, frame.number))
            spans[frame.chunk] = min(first, frame.number), max(last, frame.number)
    return [frame for frame in missing if any(first < frame.number < last for first, last in spans.values())]


def _disordered(shown: Sequence[Shown]) -> list[int]:
    found, highest, latest = [], -1, _NEVER
    for frame in shown:
        if frame.number is None:
            continue
        if frame.number < highest or (frame.utc <= latest and frame.number != highest):
            found.append(frame.number)
        highest, latest = max(highest, frame.number), max(latest, frame.utc)
    return found
