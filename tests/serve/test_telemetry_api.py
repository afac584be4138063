"""What devices send, and what is told of it."""

from __future__ import annotations

import datetime as dt

import pytest

from home.folder import Home
from home.telemetry import Reading, readings
from tests.serve.conftest import Asking

PATH = "/api/v1/telemetry"
REPORT = {
    "device": "esp32",
    "ts": "2026-03-01T08:00:00+01:00",
    "ear_value": 0.25,
    "is_drowsy": True,
    "duration_ms": 120,
}


def test_a_report_is_kept_once_as_readings(house: Home, asking: Asking) -> None:
    client = asking("write", "read")
    report = REPORT | {"weight": 4.25, "units": {"weight": "kg"}, "cat": "miso"}
    taken = client.post(PATH, json=report)
    assert taken.status_code == 201 and taken.json() == {"readings": 4, "new": 4}
    assert client.post(PATH, json=[report, report]).json() == {"readings": 8, "new": 0}
    at = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)
    assert readings(house.database) == [
        Reading("esp32", at, "duration_ms", 120.0, "ms", "miso"),
        Reading("esp32", at, "ear_value", 0.25, "", "miso"),
        Reading("esp32", at, "is_drowsy", 1.0, "", "miso"),
        Reading("esp32", at, "weight", 4.25, "kg", "miso"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"device": "esp32"},
        {"device": "esp32", "ear_value": "wide"},
        {"device": "esp32", "weight": "heavy"},
        {"device": "esp32", "weight": None},
        {"device": "esp32", "nested": {"a": 1}},
        {"device": "", "ear_value": 1},
        {"device": "esp32", "ear_value": 1, "duration_ms": -1},
        {"device": "esp32", "ear_value": 1, "ts": "2026-03-01T08:00:00"},
        {"device": "esp32", "ear_value": 1, "ts": "2199-03-01T08:00:00Z"},
        {"device": "esp32", "ear_value": 1, "ts": "0001-01-01T00:00:00+14:00"},
        {"device": "esp32", "ear_value": 1, "ts": "9999-12-31T23:59:59-14:00"},
        {"device": "esp32", **{f"value {number}": 1 for number in range(41)}},
        [],
        [REPORT] * 501,
    ],
)
def test_what_is_no_report_is_told_and_nothing_is_kept(house: Home, asking: Asking, wrong: object) -> None:
    refused = asking("write").post(PATH, json=wrong)
    assert refused.status_code == 422 and refused.json()["detail"]
    assert readings(house.database) == []


def test_what_json_cannot_say_is_refused(house: Home, asking: Asking) -> None:
    for text in (
        '{"device": "a", "b": NaN}',
        '{"device": "a", "b": 1e999}',
        "{",
        '{"device": "a", "b": ' + "9" * 400 + "}",
    ):
        sent = asking("write").post(PATH, content=text, headers={"Content-Type": "application/json"})
        assert sent.status_code == 422, text
    assert readings(house.database) == []


def test_words_of_a_device_are_words_and_no_sql(house: Home, asking: Asking) -> None:
    client = asking("write", "read")
    name = "x'; DROP TABLE telemetry; --"
    assert client.post(PATH, json={"device": name, name: 1.0}).status_code == 201
    (row,) = client.get(PATH, params={"device": name, "name": name}).json()["items"]
    assert row["device"] == row["name"] == name
    assert client.get(PATH, params={"device": "' OR '1'='1"}).json()["items"] == []


def test_readings_are_read_a_page_at_a_time(asking: Asking) -> None:
    client = asking("write", "read")
    client.post(PATH, json=[REPORT | {"ts": f"2026-03-01T08:{minute:02d}:00Z"} for minute in range(4)])
    first = client.get(PATH, params={"limit": 7}).json()
    client.post(PATH, json=REPORT | {"ts": "2026-03-01T07:00:00Z"})  # what comes late moves no page
    second = client.get(PATH, params={"limit": 7, "cursor": first["next"]}).json()
    third = client.get(PATH, params={"limit": 7, "cursor": second["next"]}).json()
    got = [(row["ts"], row["name"]) for page in (first, second, third) for row in page["items"]]
    assert len(got) == len(set(got)) == 15 and third["next"] is None
    some = client.get(PATH, params={"start": "2026-03-01T08:01:00Z", "end": "2026-03-01T08:02:00Z"}).json()["items"]
    assert {row["ts"] for row in some} == {"2026-03-01T08:01:00Z"}
    assert client.get(PATH, params={"cursor": "nonsense"}).status_code == 422


def test_statistics_and_the_last_hour(asking: Asking) -> None:
    client = asking("write", "read")
    empty = client.get("/api/v1/dashboard").json()
    assert empty["totals"]["readings"] == 0 and empty["last_hour"]["drowsy_rate"] is None
    now = dt.datetime.now(dt.UTC)

    def report(minutes: float, drowsy: bool, ear: float, device: str = "esp32") -> dict[str, object]:
        ts = (now - dt.timedelta(minutes=minutes)).isoformat()
        return {"device": device, "ts": ts, "is_drowsy": drowsy, "ear_value": ear, "duration_ms": 100 * ear}

    client.post(
        PATH,
        json=[report(10, True, 0.1), report(20, False, 0.3), report(180, False, 0.5), report(90, True, 0.1, "old")],
    )
    told = client.get("/api/v1/dashboard").json()
    assert (told["totals"]["readings"], told["totals"]["drowsy"], told["totals"]["drowsy_rate"]) == (12, 2, 0.5)
    hour = told["last_hour"]
    assert (hour["readings"], hour["drowsy"], hour["drowsy_rate"], hour["silent"]) == (6, 1, 0.5, ["old"])
    assert hour["mean_ear_value"] == pytest.approx(0.2) and hour["mean_duration_ms"] == pytest.approx(20)
    sums = client.get("/api/v1/statistics", params={"device": "esp32"}).json()
    assert (sums["readings"], sums["devices"]) == (9, 1)
    (drowsy,) = [each for each in sums["by_name"] if each["name"] == "is_drowsy"]
    assert drowsy["share_above_zero"] == pytest.approx(1 / 3) and drowsy["count"] == 3
    assert drowsy["per_hour"] == pytest.approx(2 / (170 / 60))
