"""The rules for Prometheus, each firing where it should and not where it should not, as promtool has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from home.folder import PROJECT
from tests.deploy.prometheus_server import checked, why_not

FOLDER = PROJECT / "deploy" / "prometheus"
RULES = FOLDER / "catml.rules.yml"
ALERTS = {
    rule["alert"]: rule
    for group in YAML(typ="safe").load(RULES.read_text("utf-8"))["groups"]
    for rule in group["rules"]
}

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@dataclass(frozen=True)
class Case:
    """Series as promtool writes them, and when to look.

    Attributes:
        bad, good: values by series; those of `good` replace the same ones of `bad`.
        after: minutes.
    """

    bad: dict[str, str]
    good: dict[str, str]
    after: str = "30m"


HOUR, DAYS = "x120", "x43200"  # of minutes; 30 days
PHOTO = 'catml_http_requests_total{route="/api/v1/predict",method="POST",status="%s"}'
READ = 'catml_http_request_seconds_bucket{method="GET",route="/api/v1/%s",le="%s"}'
STEP = 'catml_inference_seconds_bucket{job="%s",step="%s",le="%s"}'
LAG = 'catml_delivery_lag_seconds_bucket{target="log",le="%s"}'
SHARE = 'catml_class_share{class="%s"}'
SEEN = 'catml_predicted_total{class="%s"}'

CASES = {
    "CatMLDown": Case({'up{job="catml-watch"}': f"0{HOUR}"}, {'up{job="catml-watch"}': f"1{HOUR}"}),
    # 2 % fail; then 1 in 200.
    "CatMLErrors": Case(
        {PHOTO % 200: f"0+98{HOUR}", PHOTO % 503: f"0+2{HOUR}"}, {PHOTO % 200: f"0+398{HOUR}", PHOTO % 404: f"0+9{HOUR}"}
    ),
    "CatMLFault": Case({'catml_faults_total{error="KeyError"}': f"0+1{HOUR}"}, {'catml_faults_total{error="KeyError"}': f"3{HOUR}"}),
    # All take more than 0.3 s; then all less. Evidence is cut and decoded, which may take long.
    "CatMLSlowReading": Case(
        {READ % ("bouts", "0.3"): f"0{HOUR}", READ % ("bouts", "0.5"): f"0+60{HOUR}", READ % ("bouts", "+Inf"): f"0+60{HOUR}"},
        {READ % ("bouts", "0.3"): f"0+60{HOUR}", READ % ("evidence/{camera}", "+Inf"): f"0+60{HOUR}"},
    ),
    "CatMLSlowPhotos": Case(
        {STEP % ("catml", "wait", "1.0"): f"0{HOUR}", STEP % ("catml", "wait", "2.5"): f"0+9{HOUR}", STEP % ("catml", "wait", "+Inf"): f"0+9{HOUR}"},
        {STEP % ("catml", "wait", "1.0"): f"0+9{HOUR}"},
    ),
    "CatMLTablesUnreadable": Case({'catml_tables_readable{what="drift"}': f"0{HOUR}"}, {'catml_tables_readable{what="drift"}': f"1{HOUR}"}),
    "CatMLStreamOffline": Case(
        {'catml_stream_online{camera="hall"}': f"0{HOUR}"},
        {'catml_stream_online{camera="hall"}': f"1{HOUR}"},
    ),
    "CatMLNoFrames": Case(
        {'catml_stream_fps{camera="hall"}': f"0{HOUR}", 'catml_stream_online{camera="hall"}': f"1{HOUR}"},
        {'catml_stream_fps{camera="hall"}': f"5{HOUR}"},
    ),
    # 10 s of every minute; then 2 s, a reconnection now and then.
    "CatMLGap": Case(
        {'catml_gap_seconds_total{camera="hall",reason="offline"}': f"0+10{HOUR}"},
        {'catml_gap_seconds_total{camera="hall",reason="offline"}': f"0+2{HOUR}"},
    ),
    "CatMLUploadLag": Case({"catml_upload_lag_seconds": f"7200{HOUR}"}, {"catml_upload_lag_seconds": f"300{HOUR}"}),
    # 4 of 5 frames a second are dropped; then 1.
    "CatMLQueueDrops": Case(
        {'catml_queue_drops_total{camera="hall"}': f"0+240{HOUR}", 'catml_stream_fps{camera="hall"}': f"5{HOUR}"},
        {'catml_queue_drops_total{camera="hall"}': f"0+60{HOUR}"},
    ),
    "CatMLSlowInference": Case(
        {STEP % ("catml-watch", "detect", "0.5"): f"0{HOUR}", STEP % ("catml-watch", "detect", "1.0"): f"0+9{HOUR}", STEP % ("catml-watch", "detect", "+Inf"): f"0+9{HOUR}"},
        {STEP % ("catml-watch", "detect", "0.5"): f"0+9{HOUR}"},
    ),
    "CatMLDeliveryLag": Case(
        {LAG % "60": f"0{HOUR}", LAG % "300": f"0+9{HOUR}", LAG % "+Inf": f"0+9{HOUR}"}, {LAG % "60": f"0+9{HOUR}"}
    ),
    # Some wait and none arrives; then as many wait, and some arrive.
    "CatMLDeliveryStuck": Case(
        {'catml_delivery_waiting{target="log"}': f"7{HOUR}", 'catml_deliveries_total{target="log",outcome="delivered"}': f"9{HOUR}"},
        {'catml_deliveries_total{target="log",outcome="delivered"}': f"9+1{HOUR}"},
    ),
    "CatMLEventsSetAside": Case(
        {'catml_deliveries_total{target="log",outcome="set_aside"}': f"0+1{HOUR}"},
        {'catml_deliveries_total{target="log",outcome="set_aside"}': f"4{HOUR}"},
    ),
    "CatMLAlertFailures": Case(
        {'catml_alert_failures_total{channel="mail"}': f"0+1{HOUR}"}, {'catml_alert_failures_total{channel="mail"}': f"4{HOUR}"}
    ),
    # From 0.68 to 0.61, and to 0.66.
    "CatMLValidationDropped": Case(
        {'catml_validation{figure="ap50",of="last_job"}': "0.68x60 0.61x60"},
        {'catml_validation{figure="ap50",of="last_job"}': "0.68x60 0.66x60"}, after="90m",
    ),
    "CatMLClassShift": Case(
        {'catml_drift_alarm{camera="hall",watched="classes"}': f"1{HOUR}"},
        {'catml_drift_alarm{camera="hall",watched="classes"}': f"0{HOUR}", 'catml_drift_alarm{camera="hall",watched="view"}': f"1{HOUR}"},
    ),
    "CatMLCameraChanged": Case(
        {'catml_drift_alarm{camera="hall",watched="view"}': f"1{HOUR}"},
        {'catml_drift_alarm{camera="hall",watched="view"}': f"0{HOUR}", 'catml_drift_alarm{camera="hall",watched="classes"}': f"1{HOUR}"},
    ),
    # 4 days of 80 % sleeping, then a day of 40 %; or of 70 %. After that a night of which little was seen.
    "CatMLNightShift": Case(
        {SHARE % "sleeping": "0.8x5760 0.4x1440", SHARE % "hunting": "0.2x5760 0.6x1440", "catml_class_seconds": "9000x7200"},
        {SHARE % "sleeping": "0.8x5760 0.7x1440", SHARE % "hunting": "0.2x5760 0.3x1440"}, after="6000m",
    ),
    # Of 10 a minute 8 sleep; on the last day 3, or 7.
    "CatMLPredictedShift": Case(
        {SEEN % "sleeping": "0+8x5760 46080+3x1440", SEEN % "eating": "0+2x5760 11520+7x1440"},
        {SEEN % "sleeping": "0+8x5760 46080+7x1440", SEEN % "eating": "0+2x5760 11520+3x1440"}, after="7200m",
    ),
    # promtool's clock begins in 1970: a day that ended then, seen 40 hours later.
    "CatMLNightLate": Case({"catml_night_end_seconds": "0x3000"}, {"catml_night_end_seconds": "36000x3000"}, after="2400m"),
}  # fmt: skip


def test_every_rule_is_tried_and_says_what_to_do() -> None:
    assert set(CASES) == set(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in ("page", "ticket"), name
        assert set(rule["annotations"]) == {"summary", "description"}, name


def test_rules_and_configuration_are_right(tmp_path: Path) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "catml.key").write_text("catml_x", "utf-8")
    assert f"{len(ALERTS)} rules found" in checked("check", "config", str(tmp_path / "prometheus.yml"))
    checked("check", "rules", str(RULES))


def test_every_rule_fires_where_it_should_and_not_where_it_should_not(tmp_path: Path) -> None:
    for long, every in ((False, "5m"), (True, "1h")):  # of days every hour is enough
        cases = {name: case for name, case in CASES.items() if (len(case.after) > len("90m")) is long}
        tests = [_tried(name, case, bad) for name, case in cases.items() for bad in (True, False)]
        file = tmp_path / "tests.yml"
        with file.open("w", encoding="utf-8") as out:
            YAML().dump({"rule_files": [str(RULES)], "evaluation_interval": every, "tests": tests}, out)
        checked("test", "rules", str(file))


def _tried(name: str, case: Case, bad: bool) -> dict[str, object]:
    series = case.bad if bad else case.bad | case.good
    if not bad and name == "CatMLErrors":
        series = {each: values for each, values in series.items() if 'status="503"' not in each}
    firing = f'count(ALERTS{{alertname="{name}",alertstate="firing"}})'
    expected = [{"labels": "{}", "value": 1}] if bad else []
    return {
        "name": f"{name} {'fires' if bad else 'does not fire'}",
        "interval": "1m",
        "input_series": [{"series": _of_a_job(each), "values": values} for each, values in series.items()],
        "promql_expr_test": [{"expr": firing, "eval_time": case.after, "exp_samples": expected}],
    }


def _of_a_job(series: str) -> str:
    """With the labels that Prometheus gives to what it asks for."""
    name, _, labels = series.partition("{")
    job = "" if "job=" in labels else 'job="catml",'
    return f'{name}{{{job}instance="home",{labels or "}"}' if labels else f'{name}{{job="catml",instance="home"}}'


def test_no_rule_asks_for_what_nobody_tells() -> None:
    """Every metric that a rule names is one of these, which the programs write (their own tests hold the names)."""
    told = (PROJECT / "docs" / "serving.md").read_text("utf-8")
    for name, rule in ALERTS.items():
        for metric in re.findall(r"\bcatml_[a-z0-9_]+", rule["expr"]):
            assert f"`{re.sub(r'_(bucket|total)$', '', metric)}" in told, (name, metric)
