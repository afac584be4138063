"""Would a channel take a message? Its address is read, its server asked for, and a mail server logged in to; nothing is sent."""

from __future__ import annotations

import smtplib
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from home.alert_settings import Channel
from home.errors import WrongUse
from ingest.alerts.channels import server_of

__all__ = ["NoAnswer", "knock"]

_WAIT_S = 5.0
# Of those that do not speak HTTP; of others no connection is tried, but their name is looked up.
_PORTS = {"mqtt": 1883, "mqtts": 8883, "irc": 6667, "ircs": 6697, "xmpp": 5222, "xmpps": 5222}
_SILENT = ("growl", "rsyslog", "smpp", "smpps", "syslog")  # UDP, or a protocol that a bare connection disturbs


class NoAnswer(Exception):
    """Nobody is there now; messages would wait."""


def knock(channel: Channel) -> str:
    """Ask the server of a channel.

    Returns:
        What it says to that, without credentials.

    Raises:
        WrongUse: the address is none, a variable of it is not set, or the server takes no such user and password.
        NoAnswer: nobody answers there now.
    """
    server = server_of(channel)
    if all(hasattr(server, name) for name in ("smtp_host", "secure_mode", "targets")):
        return _mail(server)
    host, port = _where(server)
    if not host:
        return "Apprise can read its address; it has no server that could be asked without sending"
    where = f"{host}:{port}" if port else host
    try:
        if port:
            socket.create_connection((host, port), _WAIT_S).close()
        else:
            socket.getaddrinfo(host, None)
    except OSError as error:
        raise NoAnswer(f"{where}: no answer ({_plain(error)})") from None
    return f"{where} answers" if port else f"{where} is known"


def _mail(server: Any) -> str:
    """Log in to a mail server as Apprise does, and out again."""
    where = f"{server.smtp_host}:{server.port}"
    context = ssl.create_default_context()
    if not server.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            smtplib.SMTP_SSL(server.smtp_host, server.port, timeout=_WAIT_S, context=context)
            if server.secure_mode == "ssl"
            else smtplib.SMTP(server.smtp_host, server.port, timeout=_WAIT_S)
        ) as mail:
            if server.secure_mode == "starttls":
                mail.starttls(context=context)
            if not (server.user and server.password):
                mail.ehlo_or_helo_if_needed()
                return f"{where}: the mail server answers; no login is asked of it"
            mail.login(server.user, server.password)
            return f"{where}: the mail server answers and takes user and password"
    except smtplib.SMTPAuthenticationError as error:
        raise WrongUse(
            f"{where}: the mail server takes no such user and password ({error.smtp_code}); the variable of its address must be right"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise WrongUse(
            f"{where}: the mail server knows no such login or no TLS; mailto:// for one without TLS, mailtos:// with it"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise WrongUse(
            f"{where}: its certificate is not to be trusted ({error.verify_message}); the name it was made out to"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NoAnswer(f"{where}: no answer ({_plain(error)})") from None


def _where(server: Any) -> tuple[str, int]:
    """Host and port of who would be asked; no host where none is known, and no port where it would not like that.

    In addresses of services the place of the host is that of a token: it is a host only where the service says so.
    """
    scheme = str(server.schema).lower()
    is_cloud = getattr(server, "mode", None) == "cloud"
    known = getattr(server, "cloud_notify_url", None) if is_cloud else getattr(server, "notify_url", None)
    if isinstance(known, str) and known.startswith("http"):
        parts = urlsplit(known)
        return (
            ("", 0) if "{" in parts.netloc else (parts.hostname or "", parts.port or _of_web(parts.scheme == "https"))
        )
    has_host = all("{host}" in each for each in server.templates) or getattr(server, "mode", None) == "private"
    if not has_host or not server.host:
        return "", 0
    port = 0 if scheme in _SILENT else server.port or _PORTS.get(scheme) or _of_web(bool(server.secure))
    return str(server.host), int(port)


def _of_web(secure: bool) -> int:
    return 443 if secure else 80


def _plain(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
