"""Footage that others recorded: found, timed, cut into chunks, put into the store, written into the ledger.

Importing is safe to repeat. A chunk comes out the same every time, is put in whole, and what is there already is left
as it is; killed at any point, the same import ends in the same state.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from home.clock import UTC, Span, intersect, iso, merge
from home.coverage import SEAM_S, record
from home.errors import CatMLError, FootageError, OverlapError, WrongUse
from home.folder import Home
from home.footage import CHUNK_S
from ingest.chunks import Part, Plan, copy_chunks, scan
from ingest.encode import encode_chunks
from ingest.report import ImportReport, Left
from ingest.shelf import Shelf, Taken
from ingest.sources import Source, find_files, of_camera, recorded_at

Progress = Callable[[str, float, float], None]
"""Called with the file at hand, and how many bytes of how many are in."""

_INCOMING = ".incoming-"


def silent(what: str, done: float, of: float) -> None:
    """No progress is shown."""


def import_footage(
    home: Home, paths: list[Path], camera: str, start: dt.datetime | None = None, progress: Progress = silent
) -> ImportReport:
    """Take existing footage in as footage of a camera.

    A file that cannot go in is reported and the others go in. Folders are searched to their ends; files are taken in
    order of time.

    Args:
        home: the home.
        paths: files and folders.
        camera: id of the camera.
        start: when the one file that is given begins, tz-aware; it wins over what the file says.
        progress: told after every chunk.

    Raises:
        WrongUse: if the home has no such camera, or `start` cannot be meant: it is still to come, or stands beside
            several files.
        StoreError: if a store or the disk does not do its part; what is in stays in, importing again goes on.
    """
    home.camera(camera)
    now = dt.datetime.now(UTC)
    if start is not None and (start.tzinfo is None or start > now):
        raise WrongUse(f"--start {start.isoformat()} is still to come" if start.tzinfo else "--start needs a time zone")
    report = ImportReport(camera)
    sources = _sources(paths, camera, report)
    timed = _timed(sources, start, now, report)
    ends = list(accumulate((source.path.stat().st_size for _, source in timed), initial=0))
    with _incoming(home.root / "data") as folder:
        intake = _Intake(Shelf(home.footage, camera), folder, report)
        for index, (begin, source) in enumerate(timed):

            def told(share: float, name: str = source.path.name, index: int = index) -> None:
                progress(name, ends[index] + share * (ends[index + 1] - ends[index]), ends[-1])

            try:
                intake.take(source.path, begin, told)
            except FootageError as error:
                _leave(report, source, error)
            # A recorder's folders hold files of seconds by the thousand: one writing for every 5 minutes of them.
            if sum(span.seconds for span in intake.pending) >= CHUNK_S or index == len(timed) - 1:
                record(home.tables, camera, intake.pending, home.zone)
                report.spans += intake.pending
                intake.pending.clear()
    report.spans = merge(report.spans, SEAM_S)
    return report


@dataclass
class _Intake:
    """One import under way; `pending` are the spans that are in and not in the ledger yet."""

    shelf: Shelf
    folder: Path
    report: ImportReport
    pending: list[Span] = field(default_factory=list)

    def take(self, path: Path, start: dt.datetime, told: Callable[[float], None]) -> None:
        """Take one file in; what is in stays in, also where the rest of the file fails."""
        plan = scan(path, start)
        there = _already_there(self.shelf, plan, start, self.folder)
        spans = plan.spans(start)
        length = spans[-1].end - spans[0].start
        for index, part in enumerate(_parts(plan, start, self.folder)):
            key, written = (there[index], False) if index in there else self.shelf.put(part)
            (self.report.written if written else self.report.there).append(key)
            self.pending.append(part.span)
            part.path.unlink()
            told(min(1.0, (part.span.end - spans[0].start) / length))
        self.report.warnings += [f"{path}: {problem}" for problem in plan.problems]
        if plan.encode:
            self.report.warnings.append(f"{path}: re-encoded to H.264, because {plan.encode}")


def _sources(paths: list[Path], camera: str, report: ImportReport) -> list[Source]:
    found: dict[Path, Source] = {}
    for path in paths:
        try:
            for source in find_files(path):
                found.setdefault(source.path.resolve(), source)
        except WrongUse as error:
            report.failed.append(Left(path, str(error), type(error).__name__))
    sources, others = of_camera(list(found.values()), camera)
    folder = paths[0] if len(paths) == 1 else Path()
    for name, number in others.items():
        report.skipped.append(Left(folder, f"{number} files of the recorder's camera {name!r}, not of {camera!r}"))
    return sources


def _timed(
    sources: list[Source], start: dt.datetime | None, now: dt.datetime, report: ImportReport
) -> list[tuple[dt.datetime, Source]]:
    """Files with their starts, in order of time."""
    if start is not None:
        videos = [source for source in sources if source.should_be_video]
        if len(videos) > 1:
            raise WrongUse(
                f"--start says when one file begins, {len(videos)} are given; import each with its own --start, "
                "or none where the files say it themselves"
            )
        report.skipped += [Left(source.path, "not a video file") for source in sources if source not in videos]
        report.files = len(videos)
        return [(start.astimezone(UTC), source) for source in videos]
    timed = []
    for source in sources:
        try:
            timed.append((recorded_at(source.path, now), source))
            report.files += 1
        except FootageError as error:
            _leave(report, source, error)
    return sorted(timed, key=lambda pair: (pair[0], pair[1].path))


def _leave(report: ImportReport, source: Source, error: CatMLError) -> None:
    if source.should_be_video:
        report.failed.append(Left(source.path, str(error), type(error).__name__))
    else:
        report.skipped.append(Left(source.path, str(error)))


def _parts(plan: Plan, start: dt.datetime, folder: Path) -> Iterator[Part]:
    return encode_chunks(plan, start, folder) if plan.encode else copy_chunks(plan, start, folder)


def _already_there(shelf: Shelf, plan: Plan, start: dt.datetime, folder: Path) -> dict[int, str]:
    """The parts that are in the store, by number: an import that is repeated, or goes on after it was killed.

    Raises:
        OverlapError: if other footage covers the time.
    """
    spans = plan.spans(start)
    rivals = shelf.overlapping(spans)
    there: dict[int, str] = {}
    if not rivals:
        return there
    for index, part in enumerate(_parts(plan, start, folder)):
        for taken in [rival for rival in rivals if rival.span.overlap(part.span)]:
            if shelf.holds(part, taken):
                there[index] = taken.entry.key
                rivals.remove(taken)
            elif shelf.began(part, taken):
                rivals.remove(taken)
        part.path.unlink()
    if rivals:
        raise OverlapError(
            _overlap(plan.path, shelf.camera, intersect(spans, [rival.span for rival in rivals]), rivals)
        )
    return there


def _overlap(path: Path, camera: str, shared: list[Span], rivals: list[Taken]) -> str:
    first, more = rivals[0].entry.key, f" and {len(rivals) - 1} more" if len(rivals) > 1 else ""
    return (
        f"{path}: {sum(span.seconds for span in shared):.0f} s of it are recorded already on {camera}, from "
        f"{iso(shared[0].start)[:19]}Z to {iso(shared[-1].end)[:19]}Z, by {first}{more}; nothing of it was imported. "
        "If its time is wrong, give the right one with --start"
    )


@contextlib.contextmanager
def _incoming(data: Path) -> Iterator[Path]:
    """A folder for the chunk at hand, on the home's own disk; what a killed import has left there goes first."""
    data.mkdir(parents=True, exist_ok=True)
    for left in data.glob(f"{_INCOMING}*"):
        try:
            os.kill(int(left.name.removeprefix(_INCOMING).split("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:
            continue  # alive, somebody else's
    folder = Path(tempfile.mkdtemp(prefix=f"{_INCOMING}{os.getpid()}-", dir=data))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
