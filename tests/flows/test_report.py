"""The month as a flow: the function of the stage itself, for the last full month or those that are asked for."""

from __future__ import annotations

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

import tasks.month
from flows.report import WRITE, WRITTEN, report
from home.speech.month import Month
from tests.conftest import HomeFactory
from tests.tasks.month_report.kept import CATS, every, keep


def test_the_flow_calls_the_function_of_the_stage() -> None:
    assert WRITE.fn is tasks.month.month


@pytest.mark.usefixtures("server")
def test_the_last_full_month_is_written_and_no_name_goes_to_the_server(
    home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_factory(more=CATS)
    monkeypatch.setenv("CATML_TODAY", "2026-12-01")
    november = Month(2026, 11)
    keep(home, every(home, november.dates, (8,)), november.dates)
    told = report(home.root)
    assert told == ["2026-11: month: reports 2; they lie in data/months/2026-11 of the home"]
    assert report(home.root, ("2026-11",)) == ["2026-11: month: unchanged; they lie in data/months/2026-11 of the home"]
    assert (home.root / "data/months/2026-11/miso.html").exists()
    with get_client(sync_client=True) as client:
        shown = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[WRITTEN])))
    assert shown and all("iso" not in str(each.data) for each in shown)
