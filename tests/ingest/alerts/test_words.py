"""The words of alerts, in both languages, and `catml alerts`."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import get_args

import pytest
from typer.testing import CliRunner

from catml import app
from home.alert_settings import HOUSE_RULES
from home.alerts import keep
from home.errors import WrongUse
from home.event_payloads import SystemPayload
from home.folder import Home
from ingest.alerts.deciding import Told
from ingest.alerts.mail import as_html, as_text
from ingest.alerts.wording import Teller
from ingest.alerts.words import RULES, WORDS
from tests.conftest import HomeFactory
from tests.ingest.alerts.made import Run, after, offline, seen, settings, unusual
from tests.ingest.alerts.servers import Hook


def test_both_languages_fill_the_same_places() -> None:
    for key, (english, german) in {**WORDS, **RULES}.items():
        places = [sorted(re.findall(r"\{[^}]*\}", text)) for text in (english, german)]
        assert places[0] == places[1], key
        assert english.count("|") == german.count("|") <= 1, key


def test_the_house_s_own_rules_have_words() -> None:
    assert set(HOUSE_RULES) == set(RULES)


def test_every_fault_of_the_house_has_its_words() -> None:
    kinds = get_args(SystemPayload.model_fields["kind"].annotation)
    for kind in kinds:
        assert kind in RULES and {kind, f"{kind}_end", f"advice_{kind}"} <= set(WORDS)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_alert_can_be_said(home_factory: HomeFactory, language: str) -> None:
    home = home_factory(more='cats:\n  miso: {name: "<Miso>"}\nalerts: {url: "http://cats.local/a&b"}\n')
    run, teller = Run(settings()), Teller(home.config, language, after(0))
    run.step(after(0), seen(0), seen(0, cat="unknown"), offline(0), unusual("urgent"))
    faults = [
        offline(0).model_copy(update={
            "event_id": seen(number, cat="x").event_id,
            "payload": SystemPayload(kind=kind, of="disk", severity="warning", sentence="1 GB <left>.", start=after(0)),
        })
        for number, kind in enumerate(("disk_nearly_full", "flow_failed", "stream_slow"), 1)
    ]  # fmt: skip
    run.step(after(1), *faults)
    for each in run.alerts:
        for phase in ("begin", "was", "end"):
            ended = each if phase == "begin" else Run.ended(each, after(5))
            content = vars(teller.content(Told(ended, phase)))  # type: ignore[arg-type]
            html, text = as_html(content, ""), as_text(content)
            assert content["title"] and content["lines"] and all(content["lines"])
            assert "<Miso>" not in html and "<left>" not in html and "{" not in text + content["title"]


def catml(home: Home, *words: str) -> str:
    """What a command says."""
    done = CliRunner().invoke(
        app, ["alerts", *words, "--home", str(home.root)], catch_exceptions=False, env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_the_command_lists_snoozes_and_takes_verdicts(home_factory: HomeFactory) -> None:
    channels = 'alerts:\n  rules: {breakfastt: {}}\n  channels:\n    hook: {url: "json://127.0.0.1:9"}\n'
    home = home_factory(cameras="  kitchen: {}\n  hall: {}\n", more=f"cats:\n  miso: {{name: Miso}}\n{channels}")
    run = Run(settings())
    run.step(after(3), seen(0), seen(3, "hall"), seen(3, rule="bin"))
    later = dt.datetime.now(dt.UTC) - after(10)
    keep(
        home.database,
        [replace(each, began_at=each.began_at + later, last_at=each.last_at + later) for each in run.alerts],
        [],
    )
    first = str(next(each.id for each in run.alerts if each.rule == "counter"))[:8]
    assert "was right" in catml(home, "right", first)
    assert "Snooze 1: cat miso until" in catml(home, "snooze", "Miso", "--for", "2h")
    said = catml(home)
    assert "Miso: counter" in said and "kitchen and hall, 3" in said and "100% (21% to 100%)" in said
    assert "Snooze 1: cat miso until" in said and "names a rule 'breakfastt' that there is not" in said
    tree = json.loads(catml(home, "--json").partition("{")[1] + catml(home, "--json").partition("{")[2])
    assert len(tree["alerts"]) == 2 and tree["precision"][1]["right"] == 1 and tree["waiting"] == {"hook": 0}
    with pytest.raises(WrongUse, match="no rule and no cat"):
        catml(home, "snooze", "counterr", "--for", "2h")
    assert "is over" in catml(home, "unsnooze", "1") and "Snooze" not in catml(home)


def test_a_channel_can_be_tried(home_factory: HomeFactory, hook: Hook) -> None:
    home = home_factory(more=f'alerts:\n  channels:\n    hook: {{url: "{hook.url}"}}\n')
    assert catml(home, "try") == "hook: taken" and hook.posts[0]["title"] == "CatML can reach you"
    hook.stop()
    with pytest.raises(AssertionError, match="not taken"):
        catml(home, "try", "hook")
    with pytest.raises(WrongUse, match="it has: hook"):
        catml(home, "try", "phone")


def test_a_moment_of_another_day_has_its_date(home_factory: HomeFactory) -> None:
    run = Run(settings())
    run.step(after(0), seen(0))
    for now, words in ((after(5), "at 13:00."), (after(5) + dt.timedelta(days=1), "at 2 March, 13:00.")):
        told = Teller(home_factory().config, "en", now).lines(Told(run.alerts[0], "begin"))
        assert told == [f"Seen in kitchen {words}"]
