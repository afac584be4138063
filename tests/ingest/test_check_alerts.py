"""What `catml check` says of the channels of alerts."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from home.folder import Home
from ingest.check_alerts import alerts
from ingest.finding import Finding
from tests.conftest import HomeFactory
from tests.ingest.alerts.servers import Box, Hook, free_port

PASSWORD = "a secret nobody may read"


class Locked:
    """A mail server that wants a password, and says what it was told when it refuses."""

    def __init__(self) -> None:
        self.logins, self.mails = 0, 0
        self.controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), authenticator=self._knows, auth_require_tls=False
        )

    def _knows(self, server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins += 1
        right = data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False, message=None if right else f"535 not {data.password!r}")

    async def handle_DATA(self, *_: object) -> str:
        self.mails += 1
        return "250 OK"


@pytest.fixture
def locked() -> Iterator[Locked]:
    server = Locked()
    server.controller.start()
    yield server
    server.controller.stop()


def a_home(make: HomeFactory, **urls: str) -> Home:
    told = "".join(f'    {name}: {{url: "{url}"}}\n' for name, url in urls.items())
    return make(more=f"alerts:\n  channels:\n{told}")


def found(home: Home, send: bool = False) -> dict[str, Finding]:
    return {each.what.removeprefix("alerts "): each for each in alerts(home, send)}


def test_each_channel_is_asked_and_nothing_is_sent(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch, locked: Locked
) -> None:
    monkeypatch.setenv("RIGHT", PASSWORD)
    monkeypatch.setenv("WRONG", "quite another secret")
    monkeypatch.setenv("BOT", "nothing that Telegram gives")
    mail = f"127.0.0.1:{locked.controller.port}?from=cats@example.org&to=me@example.org"
    box, hook, nobody = Box().start(), Hook(), free_port()
    try:
        home = a_home(
            home_factory,
            right=f"mailto://me:${{RIGHT}}@{mail}",
            wrong=f"mailto://me:${{WRONG}}@{mail}",
            open=box.url,
            unset=f"mailto://me:${{NOT_SET}}@{mail}",
            hook=hook.url,
            gone=f"ntfy://127.0.0.1:{nobody}/cats",
            malformed="tgram://${BOT}",
        )
        said = found(home)
    finally:
        box.stop()
        hook.stop()
    assert {name: each.state for name, each in said.items()} == {
        "right": "ok", "wrong": "fail", "open": "ok", "unset": "fail", "hook": "ok", "gone": "warn", "malformed": "fail",
    }  # fmt: skip
    assert said["right"].found.endswith("answers and takes user and password")
    assert "takes no such user and password (535)" in said["wrong"].found
    assert "NOT_SET is not set" in said["unset"].found
    assert said["gone"].found == f"127.0.0.1:{nobody}: no answer (Connection refused)"
    assert "Apprise can make nothing of this tgram:// address" in said["malformed"].found
    assert locked.logins >= 2 and locked.mails == 0 and box.mails == [] and hook.posts == []
    for secret in (PASSWORD, "quite another secret", "nothing that Telegram gives"):
        assert secret not in repr(said)


def test_a_mail_server_that_hangs_is_told_and_not_waited_for_long(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.alerts.knocking._WAIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"mailto://127.0.0.1:{server.getsockname()[1]}?from=cats@example.org&to=me@example.org"
        [each] = alerts(a_home(home_factory, mail=url))
    assert each.state == "warn" and "no answer" in each.found and "wait" in each.right


def test_a_service_is_asked_by_its_own_name_and_its_token_is_no_host(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT", "123456789:abcdefg_hijklmnop")
    monkeypatch.setenv("HOOK", "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    asked = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address)
        raise OSError(113, "No route to host")

    monkeypatch.setattr("socket.create_connection", connect)
    said = found(a_home(home_factory, bot="tgram://${BOT}/12315544", chat="slack://${HOOK}", topic="ntfy://cats"))
    assert sorted(asked) == [("api.telegram.org", 443), ("ntfy.sh", 443)]
    assert said["bot"].found == "api.telegram.org:443: no answer (No route to host)"
    assert said["chat"].state == "ok" and "no server that could be asked" in said["chat"].found
    assert "123456789" not in repr(said) and "T1JJ3T3L2" not in repr(said)


def test_a_test_is_sent_where_that_is_asked_for(home_factory: HomeFactory) -> None:
    box, hook = Box().start(), Hook()
    try:
        home = a_home(home_factory, mail=box.url, hook=hook.url)
        assert {name: each.state for name, each in found(home, send=True).items()} == {"mail": "ok", "hook": "ok"}
        assert [mail["Subject"] for mail in box.mails] == ["CatML can reach you"] and len(hook.posts) == 1
        box.refuses = "550 no such box"
        told = found(home, send=True)["mail"]
        assert told.state == "fail" and told.found.startswith("a test was not taken")
    finally:
        box.stop()
        hook.stop()


def test_a_home_without_channels_has_nothing_to_check(home_factory: HomeFactory) -> None:
    assert list(alerts(home_factory())) == []
