"""The truth of a simulated home as files: diary, counts, coverage, illnesses, and a page to judge it by."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from home.clock import Span
from simulate.illness import Illness
from simulate.living import Household, lived_diary
from simulate.outages import Outage, covered, missing, outages
from simulate.routine import Episode, write_diary
from simulate.tally import Tally, daily
from simulate.truth_page import truth_page

__all__ = ["FILES", "Truth", "simulated_truth", "write_truth"]

FILES = ("diary.parquet", "counts.csv", "coverage.csv", "illnesses.csv", "index.html")
Table = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Truth:
    """What truly happened, and what of it was recorded.

    Attributes:
        household: who lives where.
        whole: the time of it all.
        diary: episodes by cat, then time.
        illnesses: of the cats.
        outages: when cameras were not recorded.
        recorded: spans that there is footage of whatever `outages` says.
    """

    household: Household
    whole: Span
    diary: list[Episode]
    illnesses: Sequence[Illness]
    outages: list[Outage]
    recorded: list[Span] = field(default_factory=list)

    def counts(self) -> list[Tally]:
        """A row per cat, local date and behaviour."""
        return daily(self.diary, self.whole, self.household.zone, missing(self.outages, self.recorded))


def simulated_truth(
    household: Household, whole: Span, illnesses: Sequence[Illness] = (), recorded: Sequence[Span] = ()
) -> Truth:
    """Live through a time, and lose some of the recording; the same arguments give the same truth."""
    diary = lived_diary(household, whole.start, whole.end, illnesses)
    lost = outages(list(household.cameras), whole, household.seed)
    return Truth(household, whole, diary, illnesses, lost, list(recorded))


def write_truth(folder: Path, truth: Truth) -> None:
    """Write `FILES` into an existing folder; same truth, same bytes.

    `diary.parquet` is read by `simulate.routine.read_diary`; `coverage.csv` has the columns of the coverage table; times are
    ISO 8601 in UTC, dates local. In `counts.csv` a bout counts on the day it begins, and `seen` is what happened in front of
    a camera while it was recorded.
    """
    counts = truth.counts()
    zone = truth.household.zone
    write_diary(folder / "diary.parquet", truth.diary)
    _write(
        folder / "counts.csv",
        ("date", "cat", "behaviour", "bouts", "seconds", "in_sight_s", "seen_bouts", "seen_s"),
        [
            (row.span.start.astimezone(zone).date(), row.cat, row.behaviour, row.bouts, round(row.seconds),
             round(row.in_sight_s), row.seen_bouts, round(row.seen_s))
            for row in counts
        ],
    )  # fmt: skip
    rows = covered(list(truth.household.cameras), truth.whole, truth.outages, truth.recorded)
    _write(folder / "coverage.csv", ("camera", "start", "end", "state", "reason"), rows)
    _write(
        folder / "illnesses.csv",
        ("cat", "kind", "onset", "ramp_days", "days", "severity"),
        [(i.cat, i.kind, i.onset, i.ramp_days, "" if i.days is None else i.days, i.severity) for i in truth.illnesses],
    )
    page = truth_page(truth.household, truth.whole, truth.diary, counts, truth.illnesses, rows)
    (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")


def _write(path: Path, columns: Sequence[str], rows: Table) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
