"""From an event that is kept to the mail and the webhook: real servers, the real program."""

from __future__ import annotations

import base64
import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import REGISTRY

from home.alerts import alerts, messages
from home.events import keep, withdraw
from home.folder import Home
from home.outbox import position
from ingest.alerts.program import READER, Alerting, run
from ingest.alerts.sending import Sender
from tests.conftest import HomeFactory
from tests.ingest.alerts.made import AT, after, fresh, offline, seen, unusual
from tests.ingest.alerts.servers import Box, Hook, body_of, hanging, picture_of
from tests.ingest.alerts.test_channels import JPEG
from tests.waiting import until

CAMERAS = "  kitchen: {room: kitchen}\n  hall: {room: hall}\n  living-room: {room: living-room}\n"
ROOMS = ("kitchen", "hall", "living-room")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried soon."""
    monkeypatch.setattr("ingest.alerts.sending.FIRST", dt.timedelta(milliseconds=50))
    monkeypatch.setattr("ingest.alerts.sending.MOST", dt.timedelta(milliseconds=200))
    monkeypatch.setattr("ingest.alerts.channels.WAIT_S", 1.0)


def home_with(factory: HomeFactory, channels: str, more: str = "") -> Home:
    """A home whose alerts go to channels, with a reader that has begun."""
    lines = f"cats:\n  miso: {{name: Miso}}\nalerts:\n  url: http://cats.local:8000\n{more}  channels:\n{channels}"
    home = factory(cameras=CAMERAS, more=lines)
    position(home.database, READER)
    return home


@contextmanager
def running(home: Home) -> Iterator[None]:
    """The program, until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(home, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def wander(start: dt.datetime, media: str = "") -> list[object]:
    """Thirty events in ten minutes, ten in each of three rooms, as they would have been kept."""
    events = [seen(number / 3, ROOMS[number // 10], media=(media,) if media else ()) for number in range(30)]
    return [each.model_copy(update={"timestamp_utc": each.timestamp_utc - AT + start}) for each in events]


def taken(channel: str, rule: str) -> float:
    """What the metric says."""
    return REGISTRY.get_sample_value("catml_alerts_total", {"channel": channel, "rule": rule}) or 0.0


def test_a_wander_is_one_mail_with_a_picture_and_one_post_without(
    home_factory: HomeFactory, box: Box, hook: Hook
) -> None:
    home = home_with(
        home_factory, f'    mail: {{url: "{box.url}", pictures: true}}\n    hook: {{url: "{hook.url}", language: de}}\n'
    )
    home.data.write("events/a.jpg", JPEG)
    before = taken("mail", "counter")
    with running(home):
        for event in wander(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10), "events/a.jpg"):
            keep(home.database, [event])  # type: ignore[list-item]
        until(lambda: box.mails and hook.posts, "the first event")
        until(lambda: len(alerts(home.database)[0].sightings) == 30, "all events")
    assert len(box.mails) == len(hook.posts) == 1
    assert box.mails[0]["Subject"] == "Miso: counter" and picture_of(box.mails[0]) == JPEG
    assert base64.b64encode(JPEG)[:40] not in b"".join(hook.raw) and "Gesehen:" in hook.posts[0]["message"]
    assert taken("mail", "counter") - before == 1
    assert {each.camera for each in alerts(home.database)[0].sightings} == set(ROOMS)


def test_told_grouped_it_names_all_rooms(home_factory: HomeFactory, box: Box) -> None:
    home = home_with(home_factory, f'    mail: {{url: "{box.url}"}}\n', "  rules: {counter: {tell: grouped}}\n")
    alerting, start = Alerting(home), dt.datetime.now(dt.UTC)
    alerting.step(start)
    keep(home.database, wander(start))  # type: ignore[arg-type]
    assert alerting.step(start + dt.timedelta(minutes=9)) == set()
    assert alerting.step(start + dt.timedelta(minutes=10)) == {"mail"}
    Sender(home, "mail", threading.Event()).step()
    plain = body_of(box.mails[0], "plain")
    assert "Seen in kitchen, hall, and living room" in plain or "Seen in kitchen, hall and living room" in plain
    assert "(10 min)" in plain or "(9 min" in plain


def test_a_server_that_hangs_holds_up_no_other_channel(home_factory: HomeFactory, hook: Hook) -> None:
    with hanging() as silent:
        home = home_with(home_factory, f'    mail: {{url: "{silent}"}}\n    hook: {{url: "{hook.url}"}}\n')
        with running(home):
            for number in range(3):
                keep(home.database, [fresh(f"rule-{number}")])
                until(lambda wanted=number + 1: len(hook.posts) == wanted, "the webhook")
            until(lambda: any(each.tries for each in messages(home.database, "mail")), "a try")
    assert len(messages(home.database, "mail")) == 3, "nothing is lost of what hangs"


def test_a_server_that_refuses_and_is_away_gets_everything_once_when_it_is_back(
    home_factory: HomeFactory, box: Box
) -> None:
    home = home_with(home_factory, f'    mail: {{url: "{box.url}"}}\n')
    box.refuses = "451 try again"
    with running(home):
        keep(home.database, [fresh("first")])
        until(lambda: any(each.tries > 1 for each in messages(home.database, "mail")), "two tries")
        box.stop()
        keep(home.database, [fresh("second")])
        until(
            lambda: (
                all(each.tries > 1 for each in messages(home.database, "mail"))
                and len(messages(home.database, "mail")) == 2
            )
        )
        box.refuses = ""
        box.start()
        until(lambda: not messages(home.database, "mail"), "all mails")
    assert sorted(mail["Subject"] for mail in box.mails) == ["Miso: first", "Miso: second"]


def test_what_one_message_is_refused_for_does_not_hold_up_the_next(home_factory: HomeFactory, box: Box) -> None:
    home = home_with(home_factory, f'    mail: {{url: "{box.url}", pictures: true}}\n')
    home.data.write("events/large.jpg", JPEG * 400)
    box_takes = box.handle_DATA

    async def small(server: object, session: object, envelope: object) -> str:
        large = len(envelope.content) > 20_000  # type: ignore[attr-defined]
        return "552 too large" if large else await box_takes(server, session, envelope)

    box.handle_DATA = small  # type: ignore[method-assign]
    with running(home):
        keep(home.database, [fresh("large", media=("events/large.jpg",)), fresh("small")])
        until(lambda: len(box.mails) == 2, "both")
    assert {mail["Subject"] for mail in box.mails} == {"Miso: large", "Miso: small"}
    assert all(picture_of(mail) is None for mail in box.mails), "it went without its picture in the end"


def test_a_fault_and_its_end_and_what_is_taken_back(home_factory: HomeFactory, hook: Hook) -> None:
    home = home_with(home_factory, f'    hook: {{url: "{hook.url}"}}\n')
    alerting, sender = Alerting(home), Sender(home, "hook", threading.Event(), lambda: after(60))
    alerting.step(AT)
    keep(home.database, [offline(0), unusual("urgent")])
    alerting.step(after(1))
    keep(home.database, [offline(0, 12)])
    withdraw(home.database, [unusual().event_id], after(13))
    alerting.step(after(13))
    alerting.step(after(14))
    sender.step()
    said = [(post["title"], post["message"], post["type"]) for post in hook.posts]
    titles = [title for title, _, _ in said]
    assert set(titles) == {
        "Look at Miso now",
        "No picture of kitchen",
        "All clear: Look at Miso now",
        "kitchen is back",
    }
    assert len(said) == 4
    texts = {title: (text, kind) for title, text, kind in said}
    assert "13:00 to 13:12, 12 min" in texts["kitchen is back"][0] and texts["kitchen is back"][1] == "success"
    assert "nobody saw" in texts["kitchen is back"][0] and texts["Look at Miso now"][1] == "failure"
    assert "not a diagnosis" in texts["Look at Miso now"][0]


def test_many_that_are_due_together_are_one_message(home_factory: HomeFactory, hook: Hook) -> None:
    home = home_with(home_factory, f'    hook: {{url: "{hook.url}", language: de}}\n', '  quiet_hours: "22:00-07:00"\n')
    alerting = Alerting(home)
    alerting.step(AT)
    night = after(600)
    keep(home.database, [seen(600, rule=f"rule-{number}") for number in range(4)])
    alerting.step(night)
    morning = dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC)
    alerting.step(morning)
    Sender(home, "hook", threading.Event(), lambda: morning).step()
    assert [post["title"] for post in hook.posts] == ["4 Meldungen"]
    assert all(f"Miso: rule {number}" in hook.posts[0]["message"] for number in range(4))
    assert "2. März, 23:00" in hook.posts[0]["message"], "it was yesterday"


def test_a_digest_goes_out_once_a_day_also_after_a_restart(home_factory: HomeFactory, hook: Hook) -> None:
    home = home_with(home_factory, f'    hook: {{url: "{hook.url}", alerts: false, digest: "02:30"}}\n')
    sender = Sender(home, "hook", threading.Event(), lambda: dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    # The clocks skip 02:30 on 29 March 2026, and run it twice on 25 October.
    for first, days in ((dt.date(2026, 3, 27), 4), (dt.date(2026, 10, 24), 3)):
        hook.posts.clear()
        at = dt.datetime.combine(first, dt.time(), home.zone).astimezone(dt.UTC)
        alerting = Alerting(home)
        for number, hour in enumerate(24 * day + hour for day in range(days) for hour in (0, 1, 2, 3, 8, 14)):
            alerting = Alerting(home) if number % 4 == 3 else alerting  # it is started again and again
            alerting.step(at + dt.timedelta(hours=hour))
        sender.step()
        told = [post["title"] for post in hook.posts]
        assert len(told) == len(set(told)) == days, told
    assert told[0] == "The cats on Friday 23 October"


def test_the_digest_says_what_was_told_and_what_is_not_known(home_factory: HomeFactory, box: Box) -> None:
    home = home_with(home_factory, f'    mail: {{url: "{box.url}", digest: "07:30", language: de}}\n')
    alerting, sender = Alerting(home), Sender(home, "mail", threading.Event(), lambda: after(2000))
    alerting.step(AT)
    keep(home.database, [seen(0)])
    alerting.step(after(1))
    sender.step()
    alerting.step(dt.datetime(2026, 3, 3, 6, 30, tzinfo=dt.UTC))
    sender.step()
    subjects = [mail["Subject"] for mail in box.mails]
    assert subjects == ["Die Katzen am Sonntag, 1. März", "Miso: counter", "Die Katzen am Montag, 2. März"]
    plain = body_of(box.mails[2], "plain")
    assert "nicht bekannt" in plain and "13:00: Miso: counter" in plain
    assert "http://cats.local:8000/?date=2026-03-02" in plain
