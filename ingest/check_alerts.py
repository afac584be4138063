"""Would the channels of alerts take a message, or, where that is asked for, do they take one?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from home.errors import WrongUse
from home.folder import Home
from ingest.finding import Finding

__all__ = ["alerts"]


def alerts(home: Home, send: bool = False) -> Iterator[Finding]:
    """Ask each channel, side by side; nothing where home.yaml has none.

    Args:
        home: the home.
        send: a test message on each. Without it nothing is sent.
    """
    names = list(home.config.alerts.channels)
    if not names:
        return
    with ThreadPoolExecutor(len(names)) as threads:
        yield from threads.map(_sent if send else _asked, [home] * len(names), names)


def _asked(home: Home, name: str) -> Finding:
    # Brings Apprise along: only for homes that have a channel.
    from ingest.alerts.knocking import NoAnswer, knock

    try:
        return Finding(f"alerts {name}", "ok", knock(home.config.alerts.channels[name]))
    except WrongUse as error:
        found, _, right = str(error).partition("; ")
        return Finding(f"alerts {name}", "fail", found, right)
    except NoAnswer as error:
        return Finding(f"alerts {name}", "warn", str(error), "messages wait for three days until it answers")


def _sent(home: Home, name: str) -> Finding:
    from ingest.alerts.trial import tried

    why = tried(home, name)
    if why:
        return Finding(f"alerts {name}", "fail", f"a test was not taken: {why}", "its address, and the variables of it")
    return Finding(f"alerts {name}", "ok", "a test was taken")
