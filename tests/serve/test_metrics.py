"""What is counted and told of requests, networks and nights, and to whom."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import threading
from pathlib import Path

import pandas as pd
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families as families
from starlette.testclient import TestClient

from home.folder import Home, open_home
from home.tables import BUDGET, DRIFT
from serve.app import create_app
from serve.health import Checks
from serve.looker import Looker
from tests.serve.conftest import Asking, key_for
from tests.serve.test_predict import Served, cat, encoded, noise, served  # noqa: F401

METRICS = "/metrics"
DATE = dt.date(2026, 3, 1)


def read(client: TestClient) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Every sample by name and labels."""
    answer = client.get(METRICS)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def of(**labels: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def test_requests_are_counted_by_their_kind_and_never_by_what_they_ask(asking: Asking, house: Home) -> None:
    reader = asking("read")
    for number in range(3):
        assert reader.get(f"/api/v1/reports/2026-03-0{number + 1}").status_code == 404
        assert reader.get(f"/api/v1/nothing/{number}").status_code == 404
        assert reader.request(f"ODD{number}", f"/x{number}").status_code == 403
    assert reader.head("/api/v1/cats").status_code == 200
    assert asking().get("/api/v1/cats").status_code == 401
    told = read(reader)
    counted = told["catml_http_requests_total"]
    assert counted == {
        of(route="/api/v1/reports/{date}", method="GET", status="404"): 3,
        of(route="/api/v1/cats", method="HEAD", status="200"): 1,
        of(route="other", method="GET", status="404"): 3,
        of(route="other", method="other", status="403"): 3,
        of(route="other", method="GET", status="401"): 1,
    }
    assert told["catml_http_request_seconds_count"][of(route="/api/v1/reports/{date}", method="GET")] == 3
    assert told["catml_http_in_flight"][()] == 1  # the one that asks
    assert "process_resident_memory_bytes" in told


def test_metrics_are_for_readers_only(asking: Asking) -> None:
    assert asking().get(METRICS).status_code == 401
    assert asking("predict").get(METRICS).status_code == 403
    open_metrics = asking("read").get(METRICS, headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")


def test_two_applications_count_for_themselves(house: Home, asking: Asking) -> None:
    other = TestClient(create_app(house), headers={"Authorization": f"Bearer {key_for(house, 'read')}"})
    asking("read").get("/api/v1/cats")
    assert "catml_http_requests_total" not in read(other)


def test_a_fault_is_counted_told_in_the_log_and_nobody_else_sees_its_trace(
    app: FastAPI, asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/api/v1/broken")
    def broken() -> None:
        raise KeyError("a secret")

    reader = asking("read")
    failed = reader.get("/api/v1/broken", headers={"X-Request-ID": "from-a-proxy-1"})
    assert failed.status_code == 500 and failed.headers["content-type"] == "application/problem+json"
    assert failed.json()["request"] == failed.headers["x-request-id"] == "from-a-proxy-1"
    assert "secret" not in failed.text and failed.headers["x-frame-options"] == "DENY"
    (line,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "from-a-proxy-1" in line.getMessage() and line.exc_info
    assert read(reader)["catml_faults_total"] == {of(error="KeyError"): 1}


@pytest.mark.parametrize(
    "told", ["", "short", "x" * 65, "a b c d e f", "new\\nline-new-line", "<script>alert</script>"]
)
def test_a_request_has_a_number_that_is_sane(asking: Asking, told: str) -> None:
    refused = asking().get("/api/v1/cats", headers={"X-Request-ID": told})
    number = refused.headers["x-request-id"]
    assert number != told and len(number) == 16 and refused.json()["request"] == number


def test_what_is_seen_is_counted(served: Served) -> None:  # noqa: F811
    key = key_for(served.home, "read", "predict")
    client = TestClient(served.client.app, headers={"Authorization": f"Bearer {key}"})
    before = read(client)
    status, seen = served.send(encoded(cat()))
    assert status == 200 and served.send(encoded(noise()))[0] == 200
    told = read(client)

    def more(name: str, labels: tuple[tuple[str, str], ...] = ()) -> float:
        return told[name][labels] - before.get(name, {}).get(labels, 0.0)

    assert more("catml_predicted_total", (("class", seen["animals"][0]["behavior"]),)) == 1
    assert more("catml_predictions_total", of(kind="photo")) == 2
    for step in ("decode", "detect", "total"):
        assert more("catml_inference_seconds_count", of(step=step)) == 2
    model = client.get("/api/v1/models").json()
    assert told["catml_model_info"] == {
        of(network=each["task"], version=each["fingerprint"][:12]): 1.0 for each in model
    }
    assert told["catml_validation"] == {
        of(figure="ap50", of="in_use"): model[0]["metric"]["ap50"],
        of(figure="macro_f1", of="in_use"): model[2]["metric"]["macro_f1"],
    }


def test_the_night_is_told_and_what_was_not_seen_is_not(house: Home, asking: Asking) -> None:
    told = read(asking("read"))
    assert "catml_class_share" not in told and "catml_drift_alarm" not in told
    assert told["catml_tables_readable"] == {of(what=each): 1.0 for each in ("networks", "budget", "drift")}

    budget = pd.DataFrame(
        {"behaviour": ["sleeping", "sleeping", "eating", "unseen"], "seconds": [50.0, 40.0, 10.0, 9.0]}
    )
    house.tables.write(BUDGET, budget.assign(cat="miso", animal=0, bouts=1, observed_s=100.0), DATE)
    drift = pd.DataFrame({
        "camera": "kitchen", "watched": ["classes", "looks"], "deviation": [3.0, float("nan")], "sum": [8.0, 0.0],
        "bound": [4.0, 0.0], "alarm": [True, False], "since": "", "reference_nights": 9, "hours": [[], []],
    })  # fmt: skip
    house.tables.write(DRIFT, drift, DATE)
    job = house.root / house.params.evaluate.metrics
    job.parent.mkdir(parents=True)
    job.write_text(json.dumps({"ap50": 0.4, "pictures": 12.0}), "utf-8")
    with TestClient(create_app(house), headers={"Authorization": f"Bearer {key_for(house, 'read')}"}) as client:
        told = read(client)
    share = {dict(labels)["class"]: value for labels, value in told["catml_class_share"].items()}
    assert (share["sleeping"], share["eating"], share["playing"], len(share)) == (0.9, 0.1, 0.0, 8)
    assert told["catml_class_seconds"][()] == 100.0
    assert told["catml_night_end_seconds"][()] == dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC).timestamp()
    assert told["catml_drift_alarm"] == {of(camera="kitchen", watched="classes"): 1.0}
    assert told["catml_drift_sum"] == {of(camera="kitchen", watched="classes"): 2.0}
    assert told["catml_validation"][of(figure="ap50", of="last_job")] == 0.4


def test_a_table_that_is_damaged_is_told_and_costs_the_others_nothing(house: Home) -> None:
    house.tables.store.write(BUDGET.key(DATE, None), b"no parquet")
    with TestClient(create_app(house), headers={"Authorization": f"Bearer {key_for(house, 'read')}"}) as client:
        told = read(client)
    assert (
        told["catml_tables_readable"][of(what="budget")] == 0.0
        and told["catml_tables_readable"][of(what="drift")] == 1.0
    )
    assert "catml_model_info" in told


def test_ready_says_why_not_to_readers_only(asking: Asking, house: Home, app: FastAPI) -> None:
    assert asking().get("/health/ready").status_code == 204
    told = asking("read").get("/health/ready").json()
    assert told == {
        "ready": True, "networks": "not asked for yet", "database": "ok", "footage": "ok", "tables": "ok",
    }  # fmt: skip
    app.state.looker.warm()
    assert asking("read").get("/health/ready").json()["networks"] == "left out"  # this home names none


def test_what_cannot_be_loaded_or_reached_is_not_ready(house: Home) -> None:
    key = key_for(house, "read")
    (house.root / "broken.onnx").write_bytes(b"no network")
    home = open_home(house.root, {"pose.model": "broken.onnx", "behave.model": "broken.onnx"})
    looker = Looker(home)
    said: list[str] = []
    looker.warm(said.append)
    looker.close()
    assert said and looker.state == "cannot be loaded (ModelError)"
    with TestClient(app := create_app(home)) as client:
        app.state.looker.state = looker.state
        assert client.get("/health/live").status_code == 204
        refused = client.get("/health/ready")
        assert refused.status_code == 503 and "networks" not in refused.json()
        told = client.get("/health/ready", headers={"Authorization": f"Bearer {key}"})
        assert told.status_code == 503 and told.json()["networks"] == looker.state


def test_a_store_that_is_gone_is_told(house: Home, tmp_path: Path, s3_keys: None) -> None:
    text = (house.root / "home.yaml").read_text("utf-8")
    store = "store: {footage: 's3://nowhere/footage', endpoint_url: 'http://127.0.0.1:9'}\n"
    (house.root / "home.yaml").write_text(text + store, "utf-8")
    home = open_home(house.root)
    with TestClient(create_app(home), headers={"Authorization": f"Bearer {key_for(home, 'read')}"}) as client:
        told = client.get("/health/ready")
    assert told.status_code == 503 and (told.json()["footage"], told.json()["tables"]) == ("does not answer", "ok")


def test_a_store_that_takes_long_holds_one_thread_whoever_asks(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve.health.PATIENCE_S", 0.05)
    checks, held, asked = Checks(house, Looker(house)), threading.Event(), list[int]()
    checks._work = {"database": lambda: None, "footage": lambda: (asked.append(1), held.wait()), "tables": lambda: None}

    async def crowd() -> None:
        told = await asyncio.gather(*(checks.look() for _ in range(100)))
        assert {(each.ready, each.footage) for each in told} == {(False, "no answer within 0.05 s")} and len(asked) == 1
        held.set()
        while checks._running:
            await asyncio.sleep(0.001)
        assert (await checks.look()).ready and len(asked) == 1

    asyncio.run(crowd())
