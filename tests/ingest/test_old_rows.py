"""What was passed on goes, what nobody has had goes much later and is told, and old pictures of events go."""

from __future__ import annotations

import datetime as dt
import os
import threading
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from home.clock import local_date
from home.deliveries import acknowledged, aside, first, take_over
from home.event_payloads import CatPayload
from home.events import Event, events, keep, withdraw
from home.folder import Home
from home.idempotency import once
from home.media import keep_picture
from home.outbox import KEPT, LONGEST, advance, entries, missed, position
from ingest.check_deliver import deliver as check_deliver
from ingest.deliver import parts
from ingest.old_rows import tidy
from ingest.retention import housekeep
from tests.conftest import HomeFactory

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
CABIN = "deliver:\n  cabin: {url: 'http://127.0.0.1:9/api/v1/events', timeout_s: 0.2}\n"
WANTED = {"cabin": lambda category, rule: True}


def event(media: tuple[str, ...] = (), at: dt.datetime = NOW) -> Event:
    return Event(
        event_id=uuid4(), stream_id="kitchen", timestamp_utc=at, payload=CatPayload(identity="miso"), media=media
    )


def after(home: Home, age: dt.timedelta) -> dt.date:
    """The local date on which what is kept now is older than that."""
    return local_date(NOW + age + DAY, home.zone)


def seqs(home: Home) -> list[int]:
    return [entry.seq for entry in entries(home.database, 0)]


def test_what_all_have_had_goes_after_a_week_and_numbers_go_on(home_factory: HomeFactory) -> None:
    home = home_factory()
    for reader in ("alerts", "deliver cabin"):
        position(home.database, reader)
    keep(home.database, [event(), event(), event()])
    advance(home.database, "alerts", 3)
    advance(home.database, "deliver cabin", 2)
    assert tidy(home, local_date(NOW, home.zone)) == [] and seqs(home) == [1, 2, 3], "they are of today"
    assert housekeep(home, after(home, KEPT)) == [] and seqs(home) == [3]
    advance(home.database, "deliver cabin", 3)
    assert tidy(home, after(home, KEPT)) == [] and seqs(home) == []
    assert len(events(home.database)) == 3, "events stay"
    keep(home.database, [event()])
    assert [entry.seq for entry in entries(home.database, position(home.database, "alerts"))] == [4]


def test_who_does_not_come_keeps_nothing_for_ever_and_is_told_of_it(
    home_factory: HomeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    home = home_factory(more=CABIN + "alerts:\n  channels:\n    mail: {url: 'json://127.0.0.1:9'}\n")
    position(home.database, "alerts")
    keep(home.database, [event(), event()])
    assert tidy(home, after(home, KEPT)) == [] and len(seqs(home)) == 2
    [told] = tidy(home, after(home, LONGEST))
    assert told == "alerts has not come for 90 days: 2 changes of events from before that it will not hear of"
    assert seqs(home) == [] and missed(home.database) == {"alerts": 2}
    keep(home.database, [event()])
    assert tidy(home, after(home, LONGEST)) == [], "said once, and counted"
    assert missed(home.database) == {"alerts": 3}
    found = [each for each in check_deliver(home) if each.what == "alerts"]
    assert [each.state for each in found] == ["warn"] and found[0].found.startswith("3 changes of events not told")
    stop = threading.Event()
    stop.set()
    parts.run(home, stop, parts=())
    assert "alerts did not come for 90 days: 3 changes" in caplog.text
    assert missed(home.database) == {}


def test_what_a_receiver_does_not_take_is_set_aside_and_then_gone(home_factory: HomeFactory) -> None:
    home = home_factory(more=CABIN)
    take_over(home.database, WANTED)
    kept = [event(), event()]
    keep(home.database, kept)
    withdraw(home.database, [kept[0].event_id], NOW)
    assert take_over(home.database, WANTED)["cabin"].waiting == 3
    assert tidy(home, after(home, KEPT)) == [], "it waits, and its revision is still known"
    due = first(home.database, "cabin", "kitchen")
    assert due is not None and (due.seq, due.revision) == (1, 3)
    acknowledged(home.database, "cabin", kept[0].event_id, 3)
    assert tidy(home, after(home, KEPT)) == [] and seqs(home) == [2]
    assert tidy(home, after(home, LONGEST)) == ["1 event set aside that no receiver took for 90 days"]
    assert [(each.seq, each.reason) for each in aside(home.database)] == [
        (2, "its receiver did not take it for 90 days")
    ]
    last = after(home, 2 * LONGEST + DAY)
    assert tidy(home, last) == ["1 event that waited or lay aside for 90 days will not be sent any more"]
    assert aside(home.database) == [] and seqs(home) == []


def test_a_target_that_is_gone_from_home_yaml_keeps_nothing_for_ever(home_factory: HomeFactory) -> None:
    home = home_factory()
    take_over(home.database, WANTED)
    keep(home.database, [event()])
    assert take_over(home.database, WANTED)["cabin"].waiting == 1
    [told] = tidy(home, after(home, LONGEST))
    assert told.startswith("1 event that waited") and seqs(home) == [] and aside(home.database) == []


def test_keys_of_requests_go_though_no_other_comes(home_factory: HomeFactory) -> None:
    home = home_factory()
    once(home.database, "me", "a", "f", lambda connection: "done", NOW)
    count = sa.text("SELECT count(*) FROM idempotency")
    assert tidy(home, after(home, DAY)) == []
    assert home.database.read(lambda connection: connection.execute(count).scalar()) == 1
    assert tidy(home, after(home, KEPT)) == []
    assert home.database.read(lambda connection: connection.execute(count).scalar()) == 0


def test_old_pictures_go_from_both_stores_unless_a_new_event_has_them(home_factory: HomeFactory) -> None:
    home = home_factory()
    sent = {name: keep_picture(home, name.encode(), "jpg") for name in ("old", "used again", "new")}
    home.footage.write("events/notes.txt", b"none of ours")
    long_ago = (NOW - 40 * DAY).timestamp()
    for key in (sent["old"], sent["used again"], "events/notes.txt"):
        os.utime(home.root / "data/footage" / key, (long_ago, long_ago))
    home.data.write(f"events/{NOW - 40 * DAY:%Y-%m-%d}/{UUID(int=1)}.jpg", b"seen")
    keep(home.database, [event((sent["old"],), NOW - 40 * DAY), event((sent["used again"],), NOW - DAY)])
    assert tidy(home, local_date(NOW, home.zone)) == []
    left = {entry.key for entry in home.footage.list("events/")}
    assert left == {sent["used again"], sent["new"], "events/notes.txt"} and home.data.list("events/") == []
    assert len(events(home.database)) == 2
