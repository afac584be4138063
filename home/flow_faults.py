"""A job that failed is a fault of the house until it succeeds: whoever is told of the cats is told that nobody looked."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from home.errors import CatMLError, WrongUse, redacted
from home.faults import begin, end
from home.folder import Home

__all__ = ["told_if_it_fails"]

_LONGEST = 300


@contextmanager
def told_if_it_fails(home: Home, job: str) -> Iterator[list[str]]:
    """Keep the fault that a job ends with, or let the one of an earlier run be over.

    Yields:
        A list for what failed without ending the job.
    """
    parts = list[str]()
    try:
        yield parts
    except WrongUse:
        raise  # nothing was begun
    except Exception as error:
        _failed(home, job, str(error) or type(error).__name__)
        raise
    if parts:
        _failed(home, job, "; ".join(parts))
    else:
        _succeeded(home, job)


def _failed(home: Home, job: str, why: str) -> None:
    """Keep that a job failed. Rows that cannot be written are no reason to hide why it did."""
    reason = " ".join(redacted(why).split())[:_LONGEST].rstrip(".")
    sentence = f"The {job} job failed: {reason}. Days that it did not look at are unknown; catml {job} runs it again."
    try:
        begin(home.database, "flow_failed", job, "warning", sentence, dt.datetime.now(dt.UTC))
    except CatMLError as error:
        print(f"warning: that {job} failed could not be kept: {redacted(str(error))}", file=sys.stderr)


def _succeeded(home: Home, job: str) -> None:
    """Let the fault of a job be over. Work that is done is done, also where that cannot be written."""
    try:
        end(home.database, "flow_failed", job, dt.datetime.now(dt.UTC))
    except CatMLError as error:
        print(f"warning: that {job} succeeded could not be kept: {redacted(str(error))}", file=sys.stderr)
