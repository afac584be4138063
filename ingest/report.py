"""What an import tells its caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from home.clock import Span


@dataclass(frozen=True)
class Left:
    """Something that was not imported.

    Attributes:
        path: file or folder.
        reason: what was found, and what would be right.
        kind: name of the error, e.g. `OverlapError`; empty if it was passed over without being one.
    """

    path: Path
    reason: str
    kind: str = ""


@dataclass
class ImportReport:
    """What an import did.

    Attributes:
        camera: id of the camera.
        files: files of footage that were met.
        written: keys of the chunks that were written.
        there: keys of the chunks that were there already.
        spans: the time that is recorded by these files, joined; UTC.
        skipped: what is no footage, or another camera's.
        failed: what should have gone in and did not.
        warnings: what a person should know about files that went in.
    """

    camera: str
    files: int = 0
    written: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    skipped: list[Left] = field(default_factory=list)
    failed: list[Left] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 if all that was meant is in, else 1."""
        return 1 if self.failed or not (self.written or self.there) else 0

    @property
    def seconds(self) -> float:
        """Seconds of footage that these files hold."""
        return sum(span.seconds for span in self.spans)
