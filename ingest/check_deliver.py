"""Does everybody who is to hear of events answer, and is their key taken?"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from home.deliver_settings import Target
from home.deliveries import aside
from home.errors import CatMLError
from home.folder import Home
from home.look import counted
from home.outbox import LONGEST, missed
from ingest.finding import Finding

__all__ = ["deliver"]


def deliver(home: Home) -> Iterator[Finding]:
    """Ask each target whether it is there (OPTIONS, which changes nothing), and tell what was set aside or never had."""
    for name, target in home.config.deliver.items():
        yield _target(f"deliver {name}", target)
    readers = {f"deliver {name}" for name in home.config.deliver} | (
        {"alerts"} if home.config.alerts.channels else set()
    )
    if readers and not home.database.is_new:
        try:
            there, never = len(aside(home.database)), missed(home.database)
        except CatMLError:
            return  # told of the database itself
        for reader in sorted(never.keys() & readers):
            found = (
                f"{counted(never[reader], 'change')} of events not told: nobody came for them in {LONGEST.days} days"
            )
            yield Finding(reader, "warn", found, "let `catml deliver` run; catml up does")
        if there:
            yield Finding(
                "deliver", "warn", f"{counted(there, 'event')} set aside", "catml deliver --set-aside tells why"
            )


def _target(what: str, target: Target) -> Finding:
    waits = "events wait until it answers"
    try:
        key = target.secret()
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        with httpx.Client(trust_env=False, timeout=target.timeout_s) as http:
            status = http.options(target.url, headers=headers).status_code
    except CatMLError as error:
        found, _, right = str(error).partition("; ")
        return Finding(what, "fail", found, right)
    except httpx.HTTPError as error:
        return Finding(what, "warn", f"{target.url}: no answer ({type(error).__name__})", waits)
    if status in (401, 407):
        return Finding(what, "fail", f"{target.url}: the key is not taken ({status})", "a key with the scope write")
    if 300 <= status < 400:
        return Finding(what, "fail", f"{target.url} leads elsewhere ({status})", "the address that it leads to")
    if status >= 500 and status != 501:  # one that knows no OPTIONS is there all the same
        return Finding(what, "warn", f"{target.url} fails ({status})", waits)
    return Finding(what, "ok", f"{target.url} answers")
