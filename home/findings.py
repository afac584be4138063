"""What people said of what the night found unusual: verdicts, with the rows of `anomalies` that they are of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from home.clock import local_date
from home.folder import Home
from home.tables import ANOMALIES
from home.verdicts import finding_name, verdicts

__all__ = ["JudgedFinding", "judged_findings"]


@dataclass(frozen=True)
class JudgedFinding:
    """A row of `anomalies` that somebody said was right or wrong to tell.

    Attributes:
        cat, kind, of: as in the table.
        raised: when it could first be said.
        right: what was said.
    """

    cat: str
    kind: str
    of: str
    raised: dt.datetime
    right: bool


def judged_findings(home: Home, now: dt.datetime, days: int) -> list[JudgedFinding]:
    """Those of the last days, in order of time; the table is read only where somebody has said anything.

    Raises:
        StoreError, TableError: if rows or a table cannot be read.
    """
    said = verdicts(home.database, "finding")
    if not said:
        return []
    first = local_date(now - dt.timedelta(days=days), home.zone)
    found = [
        JudgedFinding(str(row.cat), str(row.kind), str(row.of), row.raised.to_pydatetime(), verdict.right)
        for date in home.tables.dates(ANOMALIES)
        if date >= first
        for row in home.tables.read(ANOMALIES, date).itertuples()
        if (verdict := said.get(finding_name(row.cat, row.kind, row.of, row.raised.to_pydatetime())))
    ]
    return sorted(found, key=lambda each: (each.raised, each.cat, each.kind, each.of))
