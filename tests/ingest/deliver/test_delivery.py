"""Events on their way to receivers: in order, once, whatever the receivers do."""

from __future__ import annotations

import datetime as dt
import email.utils
import io
import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from PIL import Image
from prometheus_client import REGISTRY

from home.deliveries import aside, retry
from home.errors import WrongUse
from home.event_payloads import HumanPayload
from home.events import Event, events, keep, withdraw
from home.folder import Home
from home.media import keep_picture
from ingest.deliver.pauses import FIRST_S, Pauses
from ingest.deliver.program import once
from tests.conftest import HomeFactory
from tests.ingest.deliver.conftest import AT, Telling, running, seen
from tests.receiver import OK, Answer, Got, Receiver
from tests.serve.conftest import key_for
from tests.serving import serving
from tests.waiting import until


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def sent(home: Home) -> dict[str, tuple[int, int]]:
    """By target what waits and what is set aside, after all that is due was tried."""
    return {name: (queue.waiting, queue.aside) for name, queue in once(home, threading.Event()).items()}


def test_events_come_once_in_order_with_a_key_of_their_own(telling: Telling) -> None:
    with Receiver() as receiver:
        home = telling(order=f"url: {receiver.url}")
        keep(home.database, [seen(1), seen(2, "hall"), seen(3), seen(4, None)])
        before = metric("catml_deliveries_total", target="order", outcome="delivered")
        with running(home):
            until(lambda: len(receiver.taken) == 4, "what was kept before")
            keep(home.database, [seen(5), seen(6)])
            until(lambda: len(receiver.taken) == 6, "what is kept now")
            assert [number for number in receiver.numbers if number in (1, 3, 5, 6)] == [1, 3, 5, 6]
            withdraw(home.database, [UUID(int=3)], AT)
            until(lambda: len(receiver.taken) == 7, "what is withdrawn")
        assert len({got.key for got in receiver.taken}) == 7
        assert receiver.taken[-1].json["withdrawn_at"] and receiver.taken[-1].key.startswith(f'"{UUID(int=3)}:')
        told = Event.model_validate_json(receiver.taken[0].body)
        assert told == seen(told.event_id.int, told.stream_id), "the schema of home.events, as it is"
        assert sent(home) == {"order": (0, 0)} and len(receiver.came) == 7
        assert metric("catml_deliveries_total", target="order", outcome="delivered") - before == 7
        assert metric("catml_delivery_lag_seconds_count", target="order") == 7
        assert metric("catml_delivery_waiting", target="order") == 0


def test_a_target_hears_what_it_is_to_hear(telling: Telling) -> None:
    with Receiver() as few, Receiver() as rules:
        home = telling(few=f"url: {few.url}, categories: [human]", rules=f"url: {rules.url}, rules: [meals]")
        person = Event(event_id=UUID(int=3), timestamp_utc=AT, payload=HumanPayload())
        keep(home.database, [seen(1), seen(2, rule="meals"), person, seen(4, rule="naps")])
        assert sent(home) == {"few": (0, 0), "rules": (0, 0)}
        assert (few.numbers, rules.numbers) == ([3], [2])


def test_a_key_comes_from_the_environment_and_one_without_costs_the_others_nothing(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CABIN_KEY", "catml_secret")
    with Receiver() as receiver:
        home = telling(
            cabin=f"url: {receiver.url}, key: '${{CABIN_KEY}}'", shed=f"url: {receiver.url}, key: '${{NONE}}'"
        )
        keep(home.database, [seen(1)])
        assert sent(home) == {"cabin": (0, 0), "shed": (1, 0)}
        assert receiver.came[0].headers["authorization"] == "Bearer catml_secret"
        monkeypatch.delenv("CABIN_KEY")
        with pytest.raises(WrongUse, match="NONE is not set"):
            once(home, threading.Event())


def test_a_receiver_that_is_gone_and_back_gets_everything_once_in_order(telling: Telling) -> None:
    with Receiver() as receiver:
        home = telling(back=f"url: {receiver.url}")
        keep(home.database, [seen(1)])
    with running(home):
        keep(home.database, [seen(number, "kitchen" if number % 2 else "hall") for number in range(2, 30)])
        failed = metric("catml_deliveries_total", target="back", outcome="later")
        until(
            lambda: metric("catml_deliveries_total", target="back", outcome="later") > failed + 5, "it is tried again"
        )
        until(lambda: metric("catml_delivery_waiting", target="back") == 29, "all of it waits")
        with Receiver(port=receiver.port) as again:
            until(lambda: len(again.taken) == 29, "all of it")
            until(lambda: metric("catml_delivery_waiting", target="back") == 0, "nothing waits")
    assert [number for number in again.numbers if number % 2] == list(range(1, 30, 2))
    assert [number for number in again.numbers if not number % 2] == list(range(2, 30, 2))


def test_a_receiver_that_answers_500_for_a_while_gets_everything_once_in_order(telling: Telling) -> None:
    codes = iter([500, 503, 502, 408, 425, 429, 500])
    with Receiver(lambda got: (next(codes, 204), {}, b"")) as receiver:
        home = telling(ill=f"url: {receiver.url}")
        keep(home.database, [seen(number) for number in range(1, 6)])
        with running(home):
            until(lambda: len(receiver.taken) == 5, "all of it")
        assert receiver.numbers == [1, 2, 3, 4, 5] and len(receiver.came) == 12
        assert {got.key for got in receiver.came[:8]} == {receiver.came[0].key}, "one that is sent again has its key"
        assert aside(home.database) == []


@pytest.mark.parametrize("as_date", [False, True])
def test_a_receiver_says_when_to_come_again_for_all_streams(telling: Telling, as_date: bool) -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    later = email.utils.format_datetime(at, usegmt=True) if as_date else "3600"
    answers = {1: (429, {"Retry-After": later}, b""), 2: OK}

    def answer(got: Got) -> Answer:
        return answers[int(got.json["event_id"][-1])]

    with Receiver(answer) as receiver:
        home = telling(busy=f"url: {receiver.url}")
        keep(home.database, [seen(1, "hall")])
        with running(home):
            until(lambda: receiver.came, "the first")
            keep(home.database, [seen(2, "kitchen")])
            until(lambda: metric("catml_delivery_waiting", target="busy") == 2, "it was taken over")
            time.sleep(1.0)  # five times the pause there would be
        assert len(receiver.came) == 1
        assert sent(home) == {"busy": (2, 0)} and len(receiver.came) == 2, "asked anew after a restart, and once"


def test_one_stream_that_hangs_or_fails_holds_up_no_other(telling: Telling) -> None:
    free = threading.Event()

    def answer(got: Got) -> Answer:
        if got.json["stream_id"] == "hall" and not free.is_set():
            free.wait(5)
            return 500, {}, b""
        if got.json["stream_id"] == "garden" and not free.is_set():
            return 500, {}, b""
        return OK

    with Receiver(answer) as receiver:
        home = telling(stuck=f"url: {receiver.url}")
        keep(
            home.database,
            [seen(1, "hall"), seen(2, "garden"), *(seen(number) for number in range(3, 23)), seen(23, "hall")],
        )
        with running(home):
            until(lambda: len(receiver.taken) == 20, "the stream that is well")
            assert receiver.numbers == list(range(3, 23))
            until(lambda: sum(got.json["stream_id"] == "hall" for got in receiver.came) > 1, "who hangs is left")
            free.set()
            until(lambda: len(receiver.taken) >= 23, "the others")
        assert [number for number in receiver.numbers if number in (1, 23)][-2:] == [1, 23]


def test_what_is_never_taken_is_set_aside_with_its_reason_and_may_be_tried_again(telling: Telling) -> None:
    bad = {2, 4}

    def answer(got: Got) -> Answer:
        if int(got.json["event_id"][-1]) in bad:
            said = b'{"title": "Not like this", "detail": "no camera kitchen, password=hunter2"}'
            return 422, {"Content-Type": "application/problem+json"}, said
        return OK

    with Receiver(answer) as receiver:
        home = telling(picky=f"url: {receiver.url}")
        keep(home.database, [seen(number) for number in range(1, 6)])
        with running(home):
            until(lambda: len(receiver.taken) == 3, "what is well")
        assert receiver.numbers == [1, 3, 5]
        told = aside(home.database)
        assert [(each.target, each.stream, each.event_id.int) for each in told] == [
            ("picky", "kitchen", 2),
            ("picky", "kitchen", 4),
        ]
        assert told[0].reason == "422 Unprocessable Entity: Not like this: no camera kitchen, password=…"
        assert sent(home) == {"picky": (0, 2)} and len(receiver.came) == 5, "nobody is asked about them again"
        bad.clear()
        assert retry(home.database, [told[0].seq]) == 1
        assert sent(home) == {"picky": (0, 1)} and receiver.numbers == [1, 3, 5, 2]
        keep(home.database, [seen(4, behaviour="playing")])
        assert sent(home) == {"picky": (0, 0)}, "what stands now was taken: the rest of it is past"


def test_4xx_of_what_was_sent_sets_aside(telling: Telling) -> None:
    wrong = [400, 403, 404, 409, 410, 413, 415, 422]

    def answer(got: Got) -> Answer:
        said = b"<h1>no</h1>\n\x1b[31m" + b"x" * 100_000
        return wrong[int(got.json["event_id"][-1])], {}, said

    with Receiver(answer) as receiver:
        home = telling(no=f"url: {receiver.url}")
        keep(home.database, [seen(number) for number in range(8)])
        assert sent(home) == {"no": (0, 8)} and len(receiver.came) == 8
        for status, told in zip(wrong, aside(home.database), strict=True):
            assert told.reason.startswith(f"{status} ") and "<h1>no</h1>" in told.reason
            assert len(told.reason) < 400 and "\x1b" not in told.reason


def test_a_key_that_is_not_taken_lets_events_wait(telling: Telling) -> None:
    """Nothing is wrong with them: with the right key they go, in order."""
    wrong = {"kitchen": 401, "hall": 407}
    with Receiver(lambda got: (wrong.get(got.json["stream_id"], 204), {}, b"")) as receiver:
        home = telling(key=f"url: {receiver.url}")
        keep(home.database, [seen(1), seen(2), seen(3, "hall")])
        assert sent(home) == {"key": (3, 0)} and len(receiver.came) == 2
        wrong.clear()
        assert sent(home) == {"key": (0, 0)} and [number for number in receiver.numbers if number < 3] == [1, 2]


def test_nobody_is_asked_but_who_was_named(telling: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere_s = [300, 301, 302, 303, 304, 307, 308]
    with Receiver() as elsewhere:
        monkeypatch.setenv("HTTP_PROXY", elsewhere.url)
        monkeypatch.setenv("ALL_PROXY", elsewhere.url)

        def answer(got: Got) -> Answer:
            return elsewhere_s[int(got.json["stream_id"][-1])], {"Location": elsewhere.url}, b""

        with Receiver(answer) as receiver:
            home = telling(moved=f"url: {receiver.url}")
            keep(home.database, [seen(number, f"camera-{number}") for number in range(7)])
            assert sent(home) == {"moved": (7, 0)} and len(receiver.came) == 7 and elsewhere.came == []


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(file, "JPEG")
    return file.getvalue()


def test_pictures_leave_only_where_the_owner_says_so(telling: Telling) -> None:
    def answer(got: Got) -> Answer:
        return (201, {}, b'{"key": "theirs"}') if got.path == "/upload" else OK

    with Receiver(answer) as receiver:
        base = f"http://127.0.0.1:{receiver.port}"
        home = telling(
            shown=f"url: {receiver.url}, pictures: true, upload: '{base}/upload'", hidden=f"url: {base}/other"
        )
        key = keep_picture(home, jpeg(), "jpg")
        keep(home.database, [seen(1, media=(key, "events/gone.jpg"))])
        assert sent(home) == {"shown": (0, 0), "hidden": (0, 0)}
        told = {got.path: got for got in receiver.came}
        assert jpeg() in told["/upload"].body and told["/hook"].json["media"] == ["theirs"]
        assert told["/other"].json["media"] == [] and len(receiver.came) == 3
        assert told["/hook"].key.count(":") == 2 and told["/other"].key.count(":") == 1


def test_a_picture_that_cannot_be_sent_yet_holds_its_event_up_and_one_that_is_refused_does_not(
    telling: Telling,
) -> None:
    answers: Iterator[Answer] = iter([(503, {}, b""), (415, {}, b"")])

    def answer(got: Got) -> Answer:
        return next(answers) if got.path == "/upload" else OK

    with Receiver(answer) as receiver:
        home = telling(shown=f"url: {receiver.url}, pictures: true, upload: 'http://127.0.0.1:{receiver.port}/upload'")
        keep(home.database, [seen(1, media=(keep_picture(home, jpeg(), "jpg"),))])
        assert sent(home) == {"shown": (1, 0)} and receiver.taken == []
        assert sent(home) == {"shown": (0, 0)} and receiver.taken[0].json["media"] == []


def test_another_home_hears_everything_and_its_api_may_be_gone_meanwhile(
    telling: Telling, home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = home_factory(folder="other")
    monkeypatch.setenv("OTHER_KEY", key_for(other, "write"))
    with serving(other) as url:
        port = int(url.rpartition(":")[2])
    home = telling(other=f"url: '{url}/api/v1/events', key: '${{OTHER_KEY}}', pictures: true")
    key = keep_picture(home, jpeg(), "jpg")
    keep(home.database, [seen(1, media=(key,)), seen(2, "hall")])
    assert sent(home) == {"other": (2, 0)}, "it is gone"
    with serving(other, port), running(home):
        until(lambda: len(events(other.database)) == 2, "both")
        withdraw(home.database, [UUID(int=2)], AT)
        until(lambda: len(events(other.database)) == 1, "and that one is none any more")
    assert events(other.database, withdrawn=True) == events(home.database, withdrawn=True)
    assert other.footage.read(key) == jpeg()


def test_two_homes_that_tell_each_other_come_to_an_end(
    telling: Telling, home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = telling(nobody="url: http://127.0.0.1:9/x")
    monkeypatch.setenv("FIRST_KEY", key_for(home, "write"))
    with serving(home) as first:
        other = telling("other", first=f"url: '{first}/api/v1/events', key: '${{FIRST_KEY}}', timeout_s: 30")
        monkeypatch.setenv("OTHER_KEY", key_for(other, "write"))
        with serving(other) as second:
            home = telling(other=f"url: '{second}/api/v1/events', key: '${{OTHER_KEY}}', timeout_s: 30")
            keep(home.database, [seen(1)])
            assert sent(home) == sent(home) == {"other": (0, 0)}
            assert sent(other) == {"first": (0, 0)} and sent(home) == {"other": (0, 0)}
            assert events(home.database) == events(other.database) == [seen(1)]


def test_pauses_grow_to_their_limit_and_begin_anew() -> None:
    pauses = Pauses(10.0)
    told = [pauses.next_s() for _ in range(50)]
    assert 0.6 * FIRST_S <= told[0] <= FIRST_S and all(6.0 <= pause <= 10.0 for pause in told[6:])
    assert len({round(pause, 6) for pause in told[6:]}) > 40, "not all at once"
    pauses.reset()
    assert pauses.next_s() <= FIRST_S
