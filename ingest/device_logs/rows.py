"""What every log is read into, and how its mistakes are told: all of a file at once, each with its line."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from home.clock import Span
from home.device_coverage import Told
from home.errors import LogError

__all__ = ["Entry", "Log", "Mistakes", "Row", "number", "quantity", "read_rows"]

MOST_TOLD = 10
POUND_KG = 0.45359237  # international avoirdupois pound, exact since 1959 (NIST SP 811, appendix B)
OUNCE_G = 28.349523125  # a sixteenth of it
_UNITS = {
    "lb": (POUND_KG, "kg"), "lbs": (POUND_KG, "kg"), "pounds": (POUND_KG, "kg"), "oz": (OUNCE_G, "g"),
}  # fmt: skip
_QUANTITY = re.compile(r"(-?[0-9]+(?:[.,][0-9]+)?)\s*([^\s0-9.,-]*)")


@dataclass(frozen=True)
class Row:
    """A line of a CSV: its number in the file, from 1, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """What a device said once.

    Attributes:
        device: its id.
        what: in its own words.
        cat: id of a cat, `unknown`, or empty where no cat is meant.
        behaviour: that it tells of, empty if none.
        start, end: UTC; the same where it only says when.
        value: a reading, NaN if there is none.
        unit: of the reading.
    """

    device: str
    what: str
    cat: str
    behaviour: str
    start: dt.datetime
    end: dt.datetime
    value: float = math.nan
    unit: str = ""


@dataclass(frozen=True)
class Log:
    """One export of a device, or of several: what it says, and the time that it covers."""

    path: Path
    entries: list[Entry]
    told: list[Told]

    @classmethod
    def of(cls, path: Path, entries: list[Entry], subjects: set[tuple[str, str, str]], last: dt.timedelta) -> Log:
        """A log that covers the time from its first row to its last, for each device, behaviour and cat of `subjects`.

        Args:
            path: of the file.
            entries: all of it.
            subjects: device, behaviour, and cat or `ANY`.
            last: how long the last row's time stands for: 1 s, or 1 min where times are written in minutes.
        """
        if not entries:
            return cls(path, [], [])
        span = Span(min(entry.start for entry in entries), max(entry.end for entry in entries) + last)
        return cls(path, entries, [Told(*subject, span) for subject in sorted(subjects)])


@dataclass
class Mistakes:
    """What is wrong with a file."""

    path: Path
    told: list[str] = field(default_factory=list)

    def add(self, line: int, words: str) -> None:
        """Note what was found on a line and what would be right."""
        self.told.append(f"{self.path}:{line}: {words}")

    def end(self) -> None:
        """Raise what was noted, if anything was.

        Raises:
            LogError: with the first mistakes.
        """
        if self.told:
            more = len(self.told) - MOST_TOLD
            rest = [f"and {more} more in {self.path}"] if more > 0 else []
            raise LogError("\n".join([*self.told[:MOST_TOLD], *rest, "nothing was imported"]))


def read_rows(path: Path, columns: Sequence[str], delimiter: str = ",") -> list[Row]:
    """The rows of a CSV that has these columns, and maybe others.

    Lines end with any of `\\n`, `\\r\\n` and the `\\r\\r\\n` of a file that was written as text twice; empty ones are no rows.

    Raises:
        LogError: if it cannot be read, lacks a column, or a row has too many or too few cells.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise LogError(f"{path}: found bytes that are no UTF-8; save it as CSV in UTF-8") from None
    except OSError as error:
        raise LogError(f"{path}: {error.strerror}; it must be a file that may be read") from None
    reader = csv.reader((line.rstrip("\r") for line in lines), delimiter=delimiter)
    mistakes = Mistakes(path)
    header: list[str] | None = None
    rows = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            missing = [name for name in columns if name not in header]
            if missing:
                mistakes.add(
                    reader.line_num, f"found the columns {', '.join(header)}; {', '.join(missing)} must be there"
                )
                break
        elif len(cells) != len(header):
            mistakes.add(
                reader.line_num, f"found {len(cells)} cells; {len(header)} would be right, as in the first line"
            )
        else:
            rows.append(Row(reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    if header is None:
        mistakes.add(1, f"found nothing; a first line with the columns {', '.join(columns)} would be right")
    mistakes.end()
    return rows


def number(text: str) -> float:
    """A number, with a point or a comma.

    Raises:
        ValueError: if it is none; says what would be right.
    """
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"found {text!r}; a number would be right")
    return found


def quantity(text: str, unit: str = "") -> tuple[float, str]:
    """A number with its unit, pounds as kg and ounces as g, to the third decimal.

    Args:
        text: `14.3 lbs`, or only a number.
        unit: where the text has none.

    Raises:
        ValueError: if it is no number with a unit; says what would be right.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"found {text!r}; a number with its unit, e.g. 14.3 lbs, would be right")
    said = match[2] or unit
    factor, to = _UNITS.get(said.casefold(), (1.0, said))
    return round(number(match[1]) * factor, 3), to
