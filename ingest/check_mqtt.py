"""Does the broker of Home Assistant answer, and let us in?"""

from __future__ import annotations

from home.errors import CatMLError
from home.folder import Home
from ingest.finding import Finding

__all__ = ["broker"]


def broker(home: Home) -> list[Finding]:
    """What `catml check` says of it; nothing where home.yaml has none.

    It is a connection of its own that says nothing: `catml deliver` is not disturbed.
    """
    settings = home.config.mqtt
    if settings is None:
        return []
    # Brings paho along: only for homes that have a broker.
    from ingest.mqtt.session import Ended, Session

    what = "Home Assistant"
    try:
        Session(settings, home.root, visit=True).knock()
    except Ended as error:
        found, _, right = str(error).partition("; ")
        return [
            Finding(
                what, "fail", f"{settings.address}: {found}", right or "is the broker on, and `mqtt.address` right?"
            )
        ]
    except CatMLError as error:
        found, _, right = str(error).partition("; ")
        return [Finding(what, "fail", found, right)]
    return [Finding(what, "ok", f"{settings.address}: the broker answers")]
