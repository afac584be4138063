"""prefect.yaml with a real server, a process work pool and a real worker; then all of them killed in the middle of a night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from ruamel.yaml import YAML

import flows
from flows.deployment import enter, settings
from home.errors import ConfigError, WrongUse
from home.folder import Home
from tasks.night import run_night
from tests.flows.conftest import DATE, Cats, make_home, tables_of
from tests.flows.own_prefect import PROJECT, OwnPrefect
from tests.waiting import until

NAME = "nightly/nightly"
PLAN: dict[str, Any] = YAML(typ="safe").load((PROJECT / "prefect.yaml").read_text("utf-8"))
DEPLOYMENT, *_ = PLAN["deployments"]
STARTS_S = 300  # a run is a process that imports Prefect before it begins: seconds, or minutes where others compute
ZONE = ZoneInfo("Europe/Athens")  # where the clocks change between 03:00 and 04:00


def test_the_night_begins_once_on_every_date_in_every_zone() -> None:
    (schedule,) = DEPLOYMENT["schedules"]
    minute, hour, *every_day = schedule["cron"].split()
    assert every_day == ["*", "*", "*"]
    begin = dt.time(int(hour), int(minute))
    dates = [dt.date(2026, 1, 1) + dt.timedelta(days=day) for day in range(365)]
    for zone in map(ZoneInfo, available_timezones()):
        for date in dates:
            first, second = (dt.datetime.combine(date, begin.replace(fold=fold), zone) for fold in (0, 1))
            # PEP 495: the two differ exactly where a local time is skipped or comes twice.
            assert first.utcoffset() == second.utcoffset(), (zone, date)


def test_no_run_phones_home_and_no_machine_is_written_down() -> None:
    for each in PLAN["deployments"]:
        assert each["work_pool"]["job_variables"]["env"] == flows.QUIET
    assert PLAN["pull"] == [{"flows.deployment.enter": {}}]
    assert str(Path.home()) not in (PROJECT / "prefect.yaml").read_text("utf-8")


@pytest.mark.parametrize("named", [None, "", "no/such/folder"])
def test_a_home_that_is_not_there_is_told_with_the_variable_to_set(
    monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    monkeypatch.delenv("CATML_HOME", raising=False)
    if named is not None:
        monkeypatch.setenv("CATML_HOME", named)
    for step in (settings, enter):
        with pytest.raises(WrongUse, match="CATML_HOME"):
            step()


def test_the_steps_read_the_zone_and_go_to_the_home(
    cats: Cats, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = cats("home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CATML_HOME", "home")
    assert settings() == {"timezone": "Europe/Athens"}
    assert enter() == {"directory": str(home.root)} and Path.cwd() == home.root
    (home.root / "home.yaml").write_text("timezone: Europe/Atlantis\n", "utf-8")
    monkeypatch.setenv("CATML_HOME", str(home.root))
    with pytest.raises(ConfigError, match=r"home\.yaml:1"):
        settings()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, footage: Path) -> Home:
    """The home that the worker serves."""
    return make_home(tmp_path_factory.mktemp("here") / "cats", footage)


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory, here: Home) -> Iterator[OwnPrefect]:
    """Deployed by the commands of docs/prefect.md."""
    own = OwnPrefect(tmp_path_factory.mktemp("prefect"), here.root)
    try:
        own.start_server()
        own.command("work-pool", "create", "home", "--type", "process")
        own.command("deploy", "--all")
        own.start_worker()
        yield own
    finally:
        own.kill()


def state_of(client: SyncPrefectClient, run: UUID) -> Any:
    return client.read_flow_run(run).state


@pytest.mark.timeout(900)
def test_from_schedule_to_tables_and_on_after_everything_was_killed(
    prefect: OwnPrefect, here: Home, cats: Cats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test, because a server takes its time to start."""
    plain = cats("plain")
    list(run_night(plain, [DATE]))

    # By hand, as docs/prefect.md says; `home` is left at its default.
    day = f'dates=["{DATE}"]'
    assert "Completed" in prefect.command("deployment", "run", NAME, "--param", day, "--watch")
    assert tables_of(here) == tables_of(plain)

    with prefect.client() as client:
        deployed = client.read_deployment_by_name(NAME)
        scheduled = FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        )

        def nights() -> list[dt.datetime]:
            runs = client.read_flow_runs(flow_run_filter=scheduled)
            return [
                run.expected_start_time for run in runs if run.deployment_id == deployed.id and run.expected_start_time
            ]

        until(lambda: bool(nights()), "nights are scheduled", every_s=0.2)
        assert {night.astimezone(ZONE).time() for night in nights()} == {dt.time(4, 15)}

        # In the middle of another home's night, once frames are there and bouts are not, the power fails.
        there = cats("there")
        asked = {"home": str(there.root), "dates": [DATE.isoformat()]}
        killed = client.create_flow_run_from_deployment(deployed.id, parameters=asked).id
        frames = there.root / "data/tables/frames"
        until(lambda: any(frames.rglob("*.parquet")), "the night is in its middle", STARTS_S)
        prefect.kill()
    assert not (there.root / "data/tables/bouts").exists()
    assert (there.root / "data/cache/nightly.lock").read_text() == str(killed)

    prefect.start_server()
    prefect.start_worker()
    with prefect.client() as client:
        assert state_of(client, killed).is_running()  # nobody has told the server
        next_run = client.create_flow_run_from_deployment(deployed.id, parameters=asked).id
        until(lambda: bool(state_of(client, next_run).is_final()), "the next night is done", STARTS_S, every_s=0.2)
        assert state_of(client, next_run).is_completed(), prefect.log("worker")
        assert state_of(client, killed).is_crashed()
    assert tables_of(there) == tables_of(plain)
    assert (there.root / "data/reports/2026-03-01.html").exists()
