"""A real Prometheus asks a real server of a home, takes the rules, and answers every query of the dashboard."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uvicorn
from ruamel.yaml import YAML

from home.folder import PROJECT, Home
from home.tables import BUDGET, DRIFT
from home.users import ApiKey, add_key
from serve.app import create_app
from serve.secrets_kept import digest, new_key
from serve.server import listen
from tests.conftest import HomeFactory
from tests.deploy.prometheus_server import PrometheusServer, why_not

DEPLOY = PROJECT / "deploy"
BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "catml.json").read_text("utf-8"))
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", "1m")
    for panel in BOARD["panels"]
    for target in panel.get("targets", ())
}
# What only other programs tell, and what nothing is told of until somebody sends a photo or something fails.
ELSEWHERE = re.compile(
    r"catml_(stream|queue|active|track|events|recording|gap|upload|deliver|alert|faults|inference)|ALERTS"
)
DATE = dt.date(2026, 3, 1)

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def seen(home: Home) -> None:
    """A night."""
    budget = pd.DataFrame({"behaviour": ["sleeping", "eating"], "seconds": [90.0, 10.0]})
    home.tables.write(BUDGET, budget.assign(cat="miso", animal=0, bouts=1, observed_s=100.0), DATE)
    drift = {"camera": "kitchen", "watched": ["classes"], "deviation": 0.3, "sum": 1.0, "bound": 4.0, "alarm": False}
    rows = pd.DataFrame(drift).assign(since="", reference_nights=9, hours=[[]])
    home.tables.write(DRIFT, rows, DATE)


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    made = home_factory()
    seen(made)
    return made


@pytest.fixture
def asked(home: Home, tmp_path: Path) -> Iterator[PrometheusServer]:
    """A Prometheus that asks a server of the home, every second, with the project's configuration and a key that reads."""
    key, listener = new_key(), listen("127.0.0.1", 0)
    add_key(home.database, ApiKey("prometheus", digest(key), ("read",), dt.datetime.now(dt.UTC)))
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(create_app(home), log_config=None, access_log=False, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    (tmp_path / "catml.key").write_text(f"{key}\n", "utf-8")
    (tmp_path / "catml.rules.yml").write_bytes((DEPLOY / "prometheus" / "catml.rules.yml").read_bytes())
    configuration = YAML(typ="safe").load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["scrape_configs"][0]["static_configs"] = [{"targets": [address]}]
    with (tmp_path / "prometheus.yml").open("w", encoding="utf-8") as out:
        YAML().dump(configuration, out)
    prometheus = PrometheusServer(tmp_path / "prometheus.yml")
    try:
        prometheus.wait_for('count_over_time(catml_http_requests_total{route="/metrics"}[1m]) > 2')
        yield prometheus
    finally:
        prometheus.stop()
        server.should_exit = True
        thread.join()


def test_it_is_asked_with_a_key_and_every_query_of_the_dashboard_is_answered(
    asked: PrometheusServer, home: Home
) -> None:
    jobs = {each["metric"]["job"]: each["value"][1] for each in asked.query("up")}
    assert jobs.pop("catml") == "1" and set(jobs.values()) == {"0"}  # the others do not run here
    assert (
        float(asked.query("catml_night_end_seconds")[0]["value"][1])
        == dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC).timestamp()
    )
    wanting = {name for name, query in QUERIES.items() if not asked.query(query) and not ELSEWHERE.search(query)}
    assert not wanting
    groups = asked.ask("rules")["groups"]
    assert [rule["health"] for group in groups for rule in group["rules"] if rule["health"] == "err"] == []
    state = {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}
    assert state["CatMLNightLate"] == "pending" and state["CatMLErrors"] == state["CatMLClassShift"] == "inactive"
    # What stands in the words of a rule is filled in by Prometheus alone.
    alerts = {each["labels"]["alertname"]: each["annotations"] for each in asked.ask("alerts")["alerts"]}
    assert re.match(r"The last day that was worked on ended \d+d", alerts["CatMLNightLate"]["summary"])
    assert alerts["CatMLDown"]["summary"].startswith("catml-")


def test_the_dashboard_asks_the_data_source_that_is_provisioned() -> None:
    folder = DEPLOY / "grafana" / "provisioning"
    source = YAML(typ="safe").load((folder / "datasources" / "catml.yaml").read_text("utf-8"))["datasources"][0]
    provider = YAML(typ="safe").load((folder / "dashboards" / "catml.yaml").read_text("utf-8"))["providers"][0]
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"] if "targets" in panel} == {source["uid"]}
    assert provider["options"]["path"].endswith("deploy/grafana/dashboards")
    places = [tuple(panel["gridPos"].values()) for panel in BOARD["panels"]]
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(set(places)) == len(BOARD["panels"])
