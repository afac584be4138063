"""One event, posted to one receiver, and what the receiver said.

At least once, and known by a key: who sends cannot know whether an answer that never came was "done". So it sends again, with
the same `Idempotency-Key`; a receiver that knows the key does nothing twice (IETF draft-ietf-httpapi-idempotency-key-header).

Only the address that the owner wrote is asked: no redirection is followed, and no proxy of the environment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Literal

import httpx

from home.deliver_settings import Target
from home.deliveries import Due
from home.errors import StoreError, redacted
from home.folder import Home
from home.media import found

__all__ = ["Outcome", "Sender"]

# Of 4xx these say something of now, not of what was sent (RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4), and these of the key.
_LATER = (408, 425, 429)
_KEY = (401, 407)
_LONGEST_ASKED_S = 3600.0  # what a receiver asks for is believed up to this
_ANSWER_BYTES = 16_384  # of an answer that are read
_REASON = 300  # characters


@dataclass(frozen=True)
class Outcome:
    """How a try has ended.

    Attributes:
        kind: `later`: nothing is wrong with the event, it is sent again; `set_aside`: it will never be taken as it is.
        reason: in words, for the owner; may hold what the receiver said.
        told: the same for a log: without it.
        wait_s: after which the receiver wants to be asked again; None where it does not say.
    """

    kind: Literal["delivered", "later", "set_aside"]
    reason: str = ""
    told: str = ""
    wait_s: float | None = None


class Sender:
    """Posts to one receiver.

    Args:
        home: whose pictures may go along.
        target: where to, and what.

    Raises:
        WrongUse: the environment has no such key.
    """

    def __init__(self, home: Home, target: Target) -> None:
        self._home, self._target = home, target
        secret = target.secret()
        headers = {"User-Agent": "catml", "Accept": "application/json, application/problem+json"}
        self._http = httpx.Client(
            headers=headers | ({} if secret is None else {"Authorization": f"Bearer {secret}"}),
            timeout=target.timeout_s,
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def send(self, due: Due) -> Outcome:
        """Post an event as it stands; its pictures first, where they may leave."""
        media: list[str] = []
        for key in due.event.media if self._target.pictures else ():
            sent = self._picture(key)
            if isinstance(sent, Outcome):
                return sent
            media += [sent] if sent else []
        body = due.event.model_copy(update={"media": tuple(media)}).model_dump_json().encode()
        # One revision says one thing. Only its pictures may be others the next time: one may be gone by then.
        number = f"{due.event.event_id}:{due.revision}"
        if media:
            number += f":{hashlib.sha256(' '.join(media).encode()).hexdigest()[:16]}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{number}"'}
        outcome, _ = self._posted(self._target.url, content=body, headers=headers)
        return outcome

    def _picture(self, key: str) -> str | Outcome:
        """Post a picture; its key at the receiver, "" where it does not go along, or why the event cannot be sent yet."""
        try:
            there = found(self._home, key)
            data = there[0].read(key) if there else None
        except StoreError as error:
            return Outcome("later", f"its picture cannot be read: {redacted(str(error))}", "its picture cannot be read")
        address = self._target.upload_url
        if data is None or address is None:
            return ""
        outcome, answer = self._posted(address, files={"file": (key.rpartition("/")[2], data)})
        if outcome.kind == "later":
            return outcome
        try:
            return str(json.loads(answer)["key"]) if outcome.kind == "delivered" else ""
        except (ValueError, TypeError, KeyError):
            return ""  # a receiver of another kind: what it calls the picture nobody knows

    def _posted(self, address: str, **how: object) -> tuple[Outcome, bytes]:
        try:
            with self._http.stream("POST", address, **how) as answer:  # type: ignore[arg-type]
                body = _beginning(answer, monotonic() + self._target.timeout_s)
        except httpx.TimeoutException:
            words = f"no answer within {self._target.timeout_s:g} s"
            return Outcome("later", words, words), b""
        except httpx.HTTPError as error:
            words = f"no answer ({type(error).__name__})"
            return Outcome("later", words, words), b""
        return _outcome(answer, body), body


def _beginning(answer: httpx.Response, until: float) -> bytes:
    """What a receiver says, as far as anybody reads it."""
    body = b""
    try:
        for block in answer.iter_bytes(4096):
            body += block
            if len(body) >= _ANSWER_BYTES or monotonic() > until:
                break
    except httpx.HTTPError:
        pass  # its status has been told; that counts
    return body[:_ANSWER_BYTES]


def _outcome(answer: httpx.Response, body: bytes) -> Outcome:
    status = answer.status_code
    told = f"{status} {answer.reason_phrase}".strip()
    if answer.is_success:
        return Outcome("delivered")
    if answer.is_redirect or status < 400:
        words = f"{told}: it leads elsewhere, where nobody follows; the address itself belongs into home.yaml"
        return Outcome("later", words, words)
    if status in _KEY:
        words = f"{told}: the key of this target is not taken"
        return Outcome("later", words, words)
    reason = f"{told}{_words(body)}"
    if status >= 500 or status in _LATER:
        return Outcome("later", reason, told, _asked_s(answer.headers.get("retry-after", "")))
    return Outcome("set_aside", reason, told)


def _words(body: bytes) -> str:
    """What a problem document (RFC 9457) says, or the text that there is; without what looks like a credential."""
    text = body.decode("utf-8", "replace")
    try:
        tree = dict(json.loads(text))
        text = ": ".join(str(tree[name]) for name in ("title", "detail") if tree.get(name))
    except (ValueError, TypeError):
        pass
    text = redacted(" ".join("".join(sign if sign.isprintable() else " " for sign in text).split()))
    return f": {text[:_REASON]}" if text else ""


def _asked_s(text: str) -> float | None:
    """Seconds of a Retry-After (RFC 9110, 10.2.3): a number, or a date."""
    try:
        wait = float(int(text)) if text.strip().isdecimal() else _until(text)
    except (ValueError, TypeError):
        return None
    return min(max(0.0, wait), _LONGEST_ASKED_S)


def _until(text: str) -> float:
    at = parsedate_to_datetime(text)
    return (at.replace(tzinfo=at.tzinfo or dt.UTC) - dt.datetime.now(dt.UTC)).total_seconds()
