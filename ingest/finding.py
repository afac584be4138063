"""What `catml check` says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: the thing, e.g. `camera kitchen`.
        state: `ok`; `warn` if the night can go on; `fail` if not.
        found: how it is.
        right: what to do; empty if all is right.
    """

    what: str
    state: State
    found: str
    right: str = ""
