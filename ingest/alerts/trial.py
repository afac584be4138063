"""A test message, on one channel."""

from __future__ import annotations

from dataclasses import asdict

from home.errors import WrongUse
from home.folder import Home
from ingest.alerts.channels import Undelivered, send
from ingest.alerts.sending import now
from ingest.alerts.wording import Content, Teller

__all__ = ["tried"]


def tried(home: Home, name: str) -> str:
    """Send a test on a channel of home.yaml, now.

    Returns:
        Why it was not taken, without credentials; empty where it was.
    """
    channel = home.config.alerts.channels[name]
    teller = Teller(home.config, channel.language or home.config.language, now())
    content = Content(
        teller.say("try_title"), (teller.say("try_line", name),), language=teller.speech.language,
        foot=teller.say("sent_by"), link=home.config.alerts.url or "", link_words=teller.say("open"),
    )  # fmt: skip
    try:
        send(channel, asdict(content), None)
    except (Undelivered, WrongUse) as error:
        return str(error)
    return ""
