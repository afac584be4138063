"""What `catml check` says of those who are to hear of events."""

from __future__ import annotations

import pytest

from home.events import keep
from ingest.check_deliver import deliver
from tests.conftest import HomeFactory
from tests.ingest.deliver.conftest import seen
from tests.ingest.deliver.test_delivery import sent
from tests.receiver import Receiver
from tests.serve.conftest import key_for
from tests.serving import serving


def test_each_target_is_asked_and_what_was_set_aside_is_told(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = home_factory(folder="other")
    monkeypatch.setenv("RIGHT_KEY", key_for(other, "write"))
    monkeypatch.setenv("WRONG_KEY", "catml_wrong")
    with serving(other) as url, Receiver(lambda got: (422, {}, b"")) as receiver:
        api = f"url: '{url}/api/v1/events'"
        home = home_factory(
            more=f"deliver:\n  right: {{{api}, key: '${{RIGHT_KEY}}'}}\n  wrong: {{{api}, key: '${{WRONG_KEY}}'}}\n"
            f"  none: {{{api}, key: '${{NO_KEY}}'}}\n  gone: {{url: 'http://127.0.0.1:9/x'}}\n  picky: {{url: '{receiver.url}'}}\n"
        )
        found = {finding.what: finding for finding in deliver(home)}
        assert {what: finding.state for what, finding in found.items()} == {
            "deliver right": "ok", "deliver wrong": "fail", "deliver none": "fail", "deliver gone": "warn", "deliver picky": "ok"
        }  # fmt: skip
        assert "NO_KEY is not set" in found["deliver none"].found and "not taken" in found["deliver wrong"].found
        assert "catml_wrong" not in repr(found) and receiver.came == [], "nothing is posted"
        sent(home)
        keep(home.database, [seen(1)])
        sent(home)
        *_, last = deliver(home)
        assert (last.what, last.state) == ("deliver", "warn") and last.found.startswith("1 event"), last


def test_a_home_that_tells_nobody_has_nothing_to_check(home_factory: HomeFactory) -> None:
    assert list(deliver(home_factory())) == []
