"""The week as a flow: the function of the stage itself, and its sentences for people to read."""

from __future__ import annotations

import numpy as np
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

import tasks.forecast
import tasks.habits
from flows.weekly import FORECAST, FORETELL, LEARN, weekly
from home.tables import FORECASTS, HABITS
from tasks.telling_habits import habits_in_words
from tests.conftest import HomeFactory
from tests.tasks.fed import LAST, every_few_hours, lived


def test_the_flow_calls_the_function_of_the_stage() -> None:
    assert LEARN.fn is tasks.habits.habits and FORETELL.fn is tasks.forecast.forecast


@pytest.mark.usefixtures("server")
def test_the_week_is_learned_and_shown(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_factory(more="cats: {miso: {name: Miso}}\n")
    monkeypatch.setenv("CATML_TODAY", str(LAST))
    assert weekly(home.root) == ["there are no counts of earlier days; catml nightly or catml import-log makes them"]
    lived(home, every_few_hours(np.random.default_rng(3)))
    told = weekly(home.root)
    assert told == habits_in_words(home, LAST) and home.tables.dates(HABITS) == home.tables.dates(FORECASTS) == [LAST]
    assert told[0].startswith("Miso, eating: next at about ") and " 8 in 10 sure between " in told[0]
    assert told[1:] == [
        "Nothing could have shown Miso sleeping so far.",
        "Nothing could have shown Miso using the litter box so far.",
    ]
    with get_client(sync_client=True) as client:
        shown = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[FORECAST])))
    newest = max(shown, key=lambda artifact: artifact.created)
    assert f"- {told[0]}" in str(newest.data)
