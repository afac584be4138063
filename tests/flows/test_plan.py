"""What is deployed; the whole of it under `catml up` is tested in up/test_up.py."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.utilities.callables import parameter_schema
from prefect.utilities.importtools import import_object
from ruamel.yaml import YAML

import flows
from flows.plan import PULL, TAG, deploy, plan
from tests.conftest import HomeFactory
from tests.flows.own_prefect import PROJECT

YAML_PLAN: dict[str, Any] = YAML(typ="safe").load((PROJECT / "prefect.yaml").read_text("utf-8"))


def test_night_week_month_and_export_are_those_of_prefect_yaml(home_factory: HomeFactory) -> None:
    planned = plan(home_factory())  # whose camera has no stream
    for each, written in zip(planned, YAML_PLAN["deployments"], strict=True):
        assert (each.name, each.description, each.entrypoint) == tuple(
            written[key].strip() for key in ("name", "description", "entrypoint")
        )
        assert [(each.slug, each.cron)] == [
            (schedule["slug"], schedule["cron"]) for schedule in written.get("schedules", [{"slug": "", "cron": ""}])
        ]
        assert each.parameters == written.get("parameters", {})
        assert written["tags"] == [TAG] and written["work_pool"]["job_variables"]["env"] == flows.QUIET
    assert YAML_PLAN["pull"] == PULL


@pytest.mark.parametrize("flow", ["ingest", "watch"])
def test_each_camera_with_a_stream_has_its_own_minute_of_the_hour(home_factory: HomeFactory, flow: str) -> None:
    """Sixty runs at once would take 6 GB."""
    cameras = "".join(f"  camera-{number}: {{url: 'rtsp://10.0.0.{number}/live'}}\n" for number in range(60))
    deployed = [each for each in plan(home_factory(cameras=f"{cameras}  imported: {{}}")) if each.flow == flow]
    assert [each.parameters for each in deployed] == [{"camera": f"camera-{number}"} for number in range(60)]
    minutes = {each.cron.split()[0] for each in deployed}
    assert minutes == {str(minute) for minute in range(60)}
    # 03:15 may be skipped or come twice, but every hour has a run.
    assert all(each.cron.split()[1:] == ["*"] * 4 for each in deployed)


def test_the_form_of_a_run_asks_for_little(home_factory: HomeFactory) -> None:
    (_, _, of_month, ship, camera, live) = plan(home_factory(cameras="  hall: {url: 'rtsp://10.0.0.1/live'}"))
    asked = [
        (of_month, ["home", "months", "force", "overrides"], []),
        (ship, ["home", "params_file", "overrides", "only_new"], []),
        (camera, ["camera", "home", "minutes"], ["camera"]),
        (live, ["camera", "home", "minutes"], ["camera"]),
    ]
    for deployed, fields, needed in asked:
        schema = parameter_schema(import_object(deployed.entrypoint)).model_dump()
        assert (list(schema["properties"]), schema.get("required", [])) == (fields, needed)
        assert all(field["description"] for field in schema["properties"].values())


@pytest.mark.usefixtures("server")
def test_a_server_takes_all_of_it_with_its_schedules(home_factory: HomeFactory) -> None:
    home = home_factory(cameras="  hall: {url: 'rtsp://10.0.0.1/live'}")
    for _ in range(2):
        assert deploy(home, "home") == [
            "nightly/nightly",
            "weekly/weekly",
            "report/report",
            "export/export",
            "ingest/hall",
            "watch/hall",
        ]
    with get_client(sync_client=True) as client:
        zones = {each.name: [one.schedule.timezone for one in each.schedules] for each in client.read_deployments()}
    berlin = ["Europe/Berlin"]
    assert zones == {"nightly": berlin, "weekly": berlin, "report": berlin, "hall": berlin, "export": berlin}
