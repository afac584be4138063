"""BORIS' "tabular events": a line for each key that was pressed, as CSV or TSV (Friard and Gamba, Methods in Ecology and
Evolution 2016; the columns are those of BORIS 8 and 9).

`Time` runs over all videos of player 1 and carries the observation's offset. The column `Media file name` is not read:
at the edge of two videos BORIS names either.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from home.errors import WrongUse
from tasks.labels.observation import NOBODY, Event, Observation

__all__ = ["read_tabular", "tabular"]

_COLUMNS = (
    "Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source",
    "Time offset (s)", "Media duration (s)", "FPS", "Subject", "Behavior", "Behavioral category", "Behavior type", "Time",
    "Media file name", "Image index", "Image file path", "Comment",
)  # fmt: skip
_NEEDED = (
    "Observation id",
    "Source",
    "Time offset (s)",
    "Media duration (s)",
    "Subject",
    "Behavior",
    "Behavior type",
    "Time",
)
_PLAYER = re.compile(r"player #(\d+):\s*(.*?)\s*(?=\|?\s*player #\d+:|$)")
_NONE = "NA"


def read_tabular(path: Path) -> list[Observation]:
    """The observations of a file of tabular events, in its order.

    Raises:
        WrongUse: if it is none: says in which line, and what would be right.
    """
    lines = _lines(path)
    number, header = next(lines, (1, [""]))
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        right = "export it in BORIS 8 or later: Observations > Export events > Tabular events, as CSV or TSV"
        raise WrongUse(f"{path}, line {number}: the columns {', '.join(missing)} are missing; {right}")
    found: dict[str, Observation] = {}
    for number, cells in lines:
        row = dict(zip(header, cells, strict=False))
        if len(cells) < len(header):
            raise WrongUse(
                f"{path}, line {number}: {len(cells)} cells, the header has {len(header)}; the file is cut off here"
            )
        name = row["Observation id"]
        if name not in found:
            found[name] = Observation(name, _media(path, number, row))
        found[name].events.append(_event(path, number, row))
    return list(found.values())


def tabular(observations: Sequence[Observation], separator: str = "\t") -> bytes:
    """Observations as tabular events: what BORIS would export of them."""
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=separator, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for observation in observations:
        paths, lengths = [path for path, _ in observation.media], [seconds for _, seconds in observation.media]
        edges = list(itertools.accumulate(lengths))
        whole = f"{sum(lengths):.3f}"
        head = [observation.name, observation.date, "", whole, "Media file(s)", "player #1:" + ";".join(paths), "0.0"]
        head += [";".join(f"{seconds:.3f}" for seconds in lengths), ";".join(f"{fps:.3f}" for fps in observation.fps)]
        for event in observation.events:
            medium = next((path for path, edge in zip(paths, edges, strict=True) if event.seconds <= edge), paths[-1])
            what = [event.subject or NOBODY, event.behaviour, "", event.kind, f"{event.seconds:.3f}"]
            writer.writerow([*head, *what, medium, _NONE, _NONE, ""])
    return sink.getvalue().encode()


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that is not empty."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path}: byte {error.start} is not UTF-8; save it as CSV or TSV in UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max("\t,;", key=first.count))
    for cells in reader:
        if any(cells):
            yield reader.line_num, cells


def _media(path: Path, number: int, row: dict[str, str]) -> list[tuple[str, float]]:
    players = {player: files for player, files in _PLAYER.findall(row["Source"])}
    files = [name.strip() for name in players.get("1", "").split(";") if name.strip()]
    lengths = [text for text in row["Media duration (s)"].split("|")[0].split(";") if text.strip()]
    if files and len(files) != len(lengths):
        raise WrongUse(
            f"{path}, line {number}: {len(files)} videos in `Source` and {len(lengths)} in `Media duration (s)`"
        )
    return [
        (name, _number(path, number, "Media duration (s)", text)) for name, text in zip(files, lengths, strict=False)
    ]


def _event(path: Path, number: int, row: dict[str, str]) -> Event:
    kind = row["Behavior type"].strip().upper()
    if kind not in ("START", "STOP", "POINT"):
        raise WrongUse(
            f"{path}, line {number}: `Behavior type` is {row['Behavior type']!r}; it is START, STOP or POINT"
        )
    offset = row["Time offset (s)"].strip()
    seconds = _number(path, number, "Time", row["Time"])
    seconds -= _number(path, number, "Time offset (s)", offset) if offset not in ("", _NONE) else 0.0
    subject = row["Subject"].strip()
    return Event(f"line {number}", seconds, "" if subject == NOBODY else subject, row["Behavior"].strip(), kind)


def _number(path: Path, number: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise WrongUse(f"{path}, line {number}: `{column}` is {text!r}; it is a number of seconds, e.g. 12.345")
    return value
