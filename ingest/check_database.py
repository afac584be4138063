"""Is the database of corrections, labels and telemetry in reach, and of this version?"""

from __future__ import annotations

from home.corrections import corrections
from home.errors import CatMLError
from home.folder import Home
from home.look import counted
from ingest.finding import Finding

__all__ = ["database"]


def database(home: Home) -> Finding:
    """Open it, migrate its tables, and count the corrections; a file that is not there yet is not made."""
    if home.database.is_new:
        return Finding("database", "ok", f"{home.database}: made with the first correction, label or reading")
    try:
        kept = len(corrections(home.database))
    except CatMLError as error:
        found, _, right = str(error).partition("; ")
        return Finding("database", "fail", found, right)
    return Finding("database", "ok", f"{home.database}: {counted(kept, 'correction')}")
