"""One way to the owner, through Apprise (https://github.com/caronc/apprise), with everything off that asks somebody else.

No plugins or configurations of others are loaded, nothing is kept on the disk, no logo is fetched from anywhere, no
redirect is followed: a message goes to the address in home.yaml, or nowhere. Apprise's own log stays silent, for it
tells of people's addresses.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import apprise
from apprise.attachment.memory import AttachMemory

from home.alert_schemes import MAIL_SCHEMES
from home.alert_settings import Channel
from home.errors import StoreError, WrongUse, redacted
from home.folder import Home
from home.values import ENVIRONMENT, with_environment
from ingest.alerts.mail import as_html, as_text

__all__ = ["WAIT_S", "Picture", "Undelivered", "read_picture", "send", "server_of"]

WAIT_S = 15.0  # for a server to answer, at each step
_LOG = logging.getLogger("apprise")
_LOG.propagate = False  # whatever it says is kept with the message, and goes nowhere else
_LOG.addHandler(logging.NullHandler())
_KINDS = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_LONGEST = 300
_TONES = {
    "urgent": apprise.NotifyType.FAILURE,
    "warning": apprise.NotifyType.WARNING,
    "over": apprise.NotifyType.SUCCESS,
}


@dataclass(frozen=True)
class Picture:
    """A picture: its file, its media type, and the name under which it goes."""

    data: bytes
    kind: str
    name: str


def read_picture(home: Home, key: str) -> Picture | None:
    """A picture of an event: what the watcher kept lies in the home, what others sent with the footage. None if it is gone."""
    ending = key.rpartition(".")[2].lower()
    if ending not in _KINDS:
        return None
    for store in (home.data, home.footage):
        with suppress(StoreError):
            if store.find(key) is not None:
                return Picture(store.read(key), _KINDS[ending], f"picture.{ending}")
    return None


class Undelivered(Exception):
    """The server of a channel did not take a message; says why, without addresses and secrets."""


def send(channel: Channel, content: Mapping[str, Any], picture: Picture | None, name: str = "") -> None:
    """Send a message now.

    Args:
        channel: of home.yaml.
        content: as `ingest.alerts.wording.Content` has it.
        picture: its picture; it is left out where the channel may have none, whoever passes it.
        name: of the message, the same at each try; mails carry it.

    Raises:
        WrongUse: if a variable of the address is not set, or Apprise can make nothing of the address.
        Undelivered: if it was not taken.
    """
    picture = picture if channel.pictures else None
    server = server_of(channel)
    is_mail = _scheme(channel) in MAIL_SCHEMES
    attach = None
    if picture is not None and server.attachment_support:
        attach = apprise.AppriseAttachment(asset=server.asset)
        attach.add(AttachMemory(content=picture.data, name=picture.name, mimetype=picture.kind))
    body = (
        as_html(content, picture.name if picture is not None and attach is not None else "")
        if is_mail
        else as_text(content)
    )
    if is_mail and hasattr(server, "inline"):
        server.inline = True
    if is_mail and name and isinstance(getattr(server, "headers", None), dict):
        server.headers["X-CatML-Message"] = name
    post = apprise.Apprise(asset=server.asset)
    post.add(server)
    with _heard() as said:
        taken = post.notify(
            body=body,
            title=content["title"],
            notify_type=_TONES.get(content["tone"], apprise.NotifyType.INFO),
            body_format=apprise.NotifyFormat.HTML if is_mail else apprise.NotifyFormat.TEXT,
            attach=attach,
        )
    if not taken:
        raise Undelivered(_without_secrets(channel, " ".join(said) or "it was not taken"))


def server_of(channel: Channel) -> Any:
    """What Apprise makes of the address of a channel; nothing is asked yet.

    Raises:
        WrongUse: if a variable of the address is not set, or Apprise can make nothing of the address.
    """
    address = with_environment(channel.url, "`alerts.channels`")
    asset = apprise.AppriseAsset(
        app_id="CatML", app_desc="CatML", app_url="", image_url_mask="", image_url_logo="", storage_mode="memory",
        async_mode=False, secure_logging=True, pgp_autogen=False, pem_autogen=False, http_redirects=False,
    )  # fmt: skip
    server = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if server is None:
        shown = ENVIRONMENT.sub("…", redacted(channel.url)).partition("://")[0]
        raise WrongUse(
            f"Apprise can make nothing of this {shown}:// address; its documentation says what such a one has"
        )
    # A server that says nothing holds up its own channel only, and that not for long.
    server.socket_connect_timeout = min(float(server.socket_connect_timeout), WAIT_S)
    server.socket_read_timeout = min(max(float(server.socket_read_timeout), WAIT_S), WAIT_S)
    return server


def _scheme(channel: Channel) -> str:
    return with_environment(channel.url, "`alerts.channels`").partition("://")[0].lower()


class _Ear(logging.Handler):
    """Keeps what is logged in one thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        if threading.get_ident() == self._thread:
            self.heard.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    ear = _Ear()
    _LOG.addHandler(ear)
    try:
        yield ear.heard
    finally:
        _LOG.removeHandler(ear)


def _without_secrets(channel: Channel, text: str) -> str:
    """Why it was not taken, without what the environment holds and without people's addresses."""
    for name in ENVIRONMENT.findall(channel.url):
        for secret in {os.environ.get(name, ""), quote(os.environ.get(name, ""), safe="")} - {""}:
            text = text.replace(secret, "…")
    text = re.sub(r"[\w.+%-]+@[\w.-]+", "…@…", redacted(text))
    return " ".join(text.split())[:_LONGEST]
