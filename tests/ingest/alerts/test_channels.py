"""What leaves the house on a channel, read by real servers."""

from __future__ import annotations

import base64
import logging
import time

import pytest

from home.alert_settings import Channel
from home.config import HomeConfig
from home.errors import WrongUse
from ingest.alerts.channels import Picture, Undelivered, send
from ingest.alerts.deciding import Told
from ingest.alerts.wording import Teller
from tests.ingest.alerts.made import Run, after, seen, settings
from tests.ingest.alerts.servers import Box, Hook, body_of, hanging, picture_of
from tests.ports import free_port

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)
PICTURE = Picture(JPEG, "image/jpeg", "picture.jpg")


def content(language: str = "en") -> dict[str, object]:
    """What is said of a cat that was on the counter for two minutes."""
    run = Run(settings())
    run.step(after(2), seen(0, behaviour="eating", media=("events/a.jpg",)), seen(2, "hall", behaviour="eating"))
    config = HomeConfig.model_validate(
        {
            "timezone": "Europe/Berlin",
            "cats": {"miso": {"name": "Miso"}},
            "cameras": {"kitchen": {"room": "kitchen"}, "hall": {"name": "Hall <1>"}},
            "alerts": {"url": "http://cats.local:8000"},
        }
    )
    return dict(vars(Teller(config, language, after(2)).content(Told(run.alerts[0], "begin"))))


def channel(url: str, **more: object) -> Channel:
    """A channel."""
    return Channel.model_validate({"url": url, **more})


def test_a_mail_has_subject_text_html_and_its_picture(box: Box) -> None:
    send(channel(box.url, pictures=True), content(), PICTURE, "message-1")
    mail = box.mails[0]
    assert mail["Subject"] == "Miso: counter" and mail["X-CatML-Message"] == "message-1"
    plain, html = body_of(mail, "plain"), body_of(mail, "html")
    for text in (plain, html.replace("&lt;", "<").replace("&gt;", ">")):
        assert "Seen in kitchen and Hall <1>, 13:00 to 13:02 (2 min)." in text
        assert "It looked like: Eating." in text and "http://cats.local:8000/events?event=" in text
    assert picture_of(mail) == JPEG and 'src="cid:picture.jpg"' in html
    assert "apprise" not in mail.as_string().lower().replace("x-application", ""), "no logo and no link of others"


def test_a_mail_in_german(box: Box) -> None:
    send(channel(box.url), content("de"), None)
    assert "Gesehen: kitchen und Hall <1>, 13:00 bis 13:02 (2 min)." in body_of(box.mails[0], "plain")
    assert 'lang="de"' in body_of(box.mails[0], "html")


def test_no_picture_leaves_where_the_owner_has_not_written_true(box: Box, hook: Hook) -> None:
    for url in (box.url, hook.url):
        send(channel(url), content(), PICTURE)
    assert picture_of(box.mails[0]) is None and "cid:" not in box.mails[0].as_string()
    assert base64.b64encode(JPEG)[:40] not in hook.raw[0] and not hook.posts[0].get("attachments")
    send(channel(hook.url, pictures=True), content(), PICTURE)
    assert base64.b64encode(JPEG)[:40] in hook.raw[1], "the same test finds it where it is"


def test_a_webhook_gets_the_text(hook: Hook) -> None:
    send(channel(hook.url), content(), None)
    assert hook.posts[0]["title"] == "Miso: counter" and "<" not in hook.posts[0]["message"].replace("<1>", "")
    assert "Open the page: http://cats.local:8000/events?event=" in hook.posts[0]["message"]


def test_who_refuses_is_away_or_hangs_is_told_without_addresses(
    box: Box, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CATML_TEST_MAIL", "secret word")
    monkeypatch.setattr("ingest.alerts.channels.WAIT_S", 0.5)
    box.refuses = "550 no such user me@example.org"
    with hanging() as silent:
        away = f"mailto://cat:${{CATML_TEST_MAIL}}@127.0.0.1:{free_port()}?from=cats@example.org&to=me@example.org"
        for url in (box.url, away, silent):
            began = time.monotonic()
            with pytest.raises(Undelivered) as error:
                send(channel(url), content(), None)
            assert "secret" not in str(error.value) and "example.org" not in str(error.value)
            assert time.monotonic() - began < 10, "a server that says nothing is not waited for for ever"
    assert not logging.getLogger("apprise").propagate and capfd.readouterr().err == "", (
        "Apprise says nothing to anybody"
    )


def test_an_address_that_is_none_is_told_without_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_TEST_TOKEN", "not-a-token")
    with pytest.raises(WrongUse, match="slack") as error:
        send(channel("slack://${CATML_TEST_TOKEN}"), content(), None)
    assert "not-a-token" not in str(error.value)
    with pytest.raises(WrongUse, match="CATML_TEST_NONE is not set"):
        send(channel("${CATML_TEST_NONE}"), content(), None)
