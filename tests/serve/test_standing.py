"""Networks with their figures, and the contests of own models, over the API."""

from __future__ import annotations

import json
from pathlib import Path

from home.champion import Standing, champion_folder, write_standing
from home.folder import Home, open_home
from serve.standing import Contest, networks
from tests.serve.conftest import Asking


def test_each_network_has_its_figures_with_intervals_and_says_what_they_rest_on(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text("timezone: Europe/Berlin\n", encoding="utf-8")
    found = networks(open_home(tmp_path))
    assert [each.task for each in found] == ["detector", "pose", "behaviour", "photo"]
    for network in found:
        assert len(network.fingerprint) == 64 and network.card.startswith("# ")
        assert all(count > 0 for count in network.measured_on.values()) and network.measured_on
        ranged = [each for each in network.figures if each.low is not None and each.high is not None]
        assert ranged and all(each.low <= each.value <= each.high for each in ranged)  # type: ignore[operator]
        assert not any(each.name.endswith(("_low", "_high")) for each in network.figures)


def test_what_waits_and_what_was_not_better(house: Home, asking: Asking) -> None:
    client = asking("read")
    behaviour, habits = (Contest.model_validate(each) for each in client.get("/api/v1/models/contests").json())
    assert (behaviour.in_place, behaviour.waiting, behaviour.own) == ("", "", []) and habits.what == "habits"
    folder = champion_folder(house)
    for name, why in (("aaaa", "14 of 20 held-out tracks better"), ("bbbb", "not clearly better"), ("cccc", "")):
        (folder / name).mkdir(parents=True)
        (folder / name / "metadata.json").write_text(json.dumps({"verdict": {"why": why}}) if why else "{")
    write_standing(house, Standing(waiting="aaaa"))
    weekly = champion_folder(house, "habits") / "2026-03-01-aaaa"
    weekly.mkdir(parents=True)
    verdicts = [
        {"takes_over": True, "gain": {"share": 0.1}},
        {"takes_over": False, "gain": {"share": -0.1}},
        {"takes_over": True},
    ]
    (weekly / "model.json").write_text(json.dumps({"models": [{"verdict": each} for each in verdicts]}))
    write_standing(house, Standing(promoted=["2026-03-01-aaaa"]), "habits")
    behaviour, habits = (Contest.model_validate(each) for each in client.get("/api/v1/models/contests").json())
    told = {each.name: (each.state, each.verdict) for each in behaviour.own}
    assert told == {
        "aaaa": ("waiting", "14 of 20 held-out tracks better"),
        "bbbb": ("not_better", "not clearly better"),
        "cccc": ("not_better", ""),
    }
    (week,) = habits.own
    assert (week.state, week.verdict) == (
        "in_place",
        "of 2 behaviours that could be compared, the new model was no worse in 1",
    )
