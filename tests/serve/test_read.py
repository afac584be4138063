"""Reading what is known of the home: pages and cursors, what has changed, evidence, and paths that lead nowhere else."""

from __future__ import annotations

import datetime as dt
import io

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from home.clock import Span, local_day
from home.coverage import record
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.tables import ANOMALIES, BOUTS, BUDGET, FORECASTS, MOMENTS
from tests.clips import paint_chunk, walking
from tests.serve.conftest import Asking

DATE = dt.date(2026, 3, 1)
CHUNK = "kitchen/chunk-20260301-060000.mp4"
AT = dt.datetime(2026, 3, 1, 6, 0, 0, 250_000, dt.UTC)


def bouts(home: Home, date: dt.date, count: int, cat: str = "miso") -> None:
    """Write so many bouts of a date, a minute each, sleeping and eating in turn."""
    begin = local_day(date, home.zone).start
    rows = [
        {
            "cat": cat, "animal": 1, "behaviour": ("sleeping", "eating")[number % 2], "start": begin + dt.timedelta(minutes=number),
            "end": begin + dt.timedelta(minutes=number + 1), "duration_s": 60.0, "confidence": 0.75, "cameras": ["kitchen"],
            "chunk": CHUNK, "offset_s": 1.0, "continues_before": False, "continues_after": False, "bout_id": f"{date}-{number}",
            "evidence": "5 of 5 moments look most like it, on kitchen", "camera": "kitchen",
            "x1": 0.25, "y1": 0.25, "x2": 0.5, "y2": float("nan") if number == 0 else 0.5,
        }
        for number in range(count)
    ]  # fmt: skip
    home.tables.write(BOUTS, pd.DataFrame(rows, columns=list(BOUTS.columns)), date)


def test_what_home_yaml_says_is_read_without_its_addresses(home_factory: object, asking: Asking, house: Home) -> None:
    client = asking("read")
    assert client.get("/api/v1/cats").json() == [{"id": "miso", "name": "Miso", "weight_kg": None}]
    (camera,) = client.get("/api/v1/cameras").json()
    assert camera == {"id": "kitchen", "name": None, "room": "", "recorded": False, "zones": {}, "private": []}


def test_coverage_is_the_whole_day(house: Home, asking: Asking) -> None:
    day = local_day(DATE, house.zone)
    record(house.tables, "kitchen", [Span(AT, AT + dt.timedelta(hours=1))], house.zone)
    rows = asking("read").get("/api/v1/coverage", params={"date": "2026-03-01"}).json()
    assert [row["state"] for row in rows] == ["off", "recorded", "off"] and rows[0][
        "words"
    ] == "no recording was planned"
    times = [dt.datetime.fromisoformat(row[side]) for row in rows for side in ("start", "end")]
    assert times[0] == day.start and times[-1] == day.end and times[1:-1:2] == times[2::2]
    refused = asking("read").get("/api/v1/coverage", params={"camera": "cellar"})
    assert refused.status_code == 422 and "no camera 'cellar'" in refused.json()["detail"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_lead_through_all_rows_once(house: Home, asking: Asking, newest_first: bool) -> None:
    days = [DATE + dt.timedelta(days=number) for number in (0, 1, 2, 9)]
    for date, count in zip(days, (7, 0, 4, 5), strict=True):
        bouts(house, date, count)
    client, got, cursor, pages = asking("read"), [], None, 0
    while True:
        asked = {"limit": "3", "newest_first": str(newest_first)} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/bouts", params=asked).json()
        got += [row["bout_id"] for row in page["items"]]
        assert len(page["items"]) <= 3
        cursor, pages = page["next"], pages + 1
        if cursor is None:
            break
    every = [f"{date}-{number}" for date, count in zip(days, (7, 0, 4, 5), strict=True) for number in range(count)]
    assert got == (every[::-1] if newest_first else every) and pages <= 7


def test_only_rows_that_are_asked_for(house: Home, asking: Asking) -> None:
    for number in range(3):
        bouts(house, DATE + dt.timedelta(days=number), 4)
    client = asking("read")
    two = client.get("/api/v1/bouts", params={"start": "2026-03-02", "end": "2026-03-02", "behaviour": "eating"}).json()
    assert [row["bout_id"] for row in two["items"]] == ["2026-03-02-1", "2026-03-02-3"]
    assert client.get("/api/v1/bouts", params={"cat": "tom"}).json() == {"items": [], "next": None}
    first, second = client.get("/api/v1/bouts", params={"limit": 2}).json()["items"]
    assert first["box"] is None and second["box"] == [0.25, 0.25, 0.5, 0.5]
    assert second["evidence"]["still"] == "/api/v1/evidence/kitchen/chunk-20260301-060000/1.000/still.jpg"


def test_a_rare_thing_is_not_searched_through_years_at_once(house: Home, asking: Asking) -> None:
    for number in range(70):
        bouts(house, DATE + dt.timedelta(days=number), 1, cat="tom" if number == 69 else "miso")
    client = asking("read")
    first = client.get("/api/v1/bouts", params={"cat": "tom"}).json()
    assert first["items"] == [] and first["next"]
    second = client.get("/api/v1/bouts", params={"cat": "tom", "cursor": first["next"]}).json()
    assert len(second["items"]) == 1 and second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "' OR 1=1 --", "WyIyMDI2LTAzLTAxIiwgLTFd"])
def test_a_cursor_that_is_none_is_told(asking: Asking, cursor: str) -> None:
    refused = asking("read").get("/api/v1/bouts", params={"cursor": cursor})
    assert refused.status_code == 422 and "send `next` as it was" in refused.json()["detail"]


def test_who_has_the_answer_is_told_so_until_it_changes(house: Home, asking: Asking) -> None:
    bouts(house, DATE, 2)
    client = asking("read")
    first = client.get("/api/v1/bouts")
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get("/api/v1/bouts", headers=known)
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == first.headers["etag"]
    bouts(house, DATE, 3)
    changed = client.get("/api/v1/bouts", headers=known)
    assert changed.status_code == 200 and len(changed.json()["items"]) == 3


def test_budgets_moments_forecasts_and_anomalies(house: Home, asking: Asking) -> None:
    empty = {"bouts": 0, "observed_s": 0.0}
    budget = [
        {"cat": "miso", "animal": 1, "behaviour": name, "seconds": seconds, **empty}
        for name, seconds in (("sleeping", 50_000.0), ("unseen", 36_400.0))
    ]
    house.tables.write(
        BUDGET, pd.DataFrame(budget)[list(BUDGET.columns)].astype({"animal": "int32", "bouts": "int32"}), DATE
    )
    moment = {
        "start": AT, "end": AT + dt.timedelta(seconds=2), "camera": "kitchen", "chunk": CHUNK, "offset_s": 0.0, "track_id": 3,
        "cat": "miso", "behaviour": "eating", "confidence": 0.5, **{f"p_{name}": 0.125 for name in BEHAVIOURS}, "posture": None,
        "comfort": float("nan"), "anomaly": 0.5, "reasons": ["curled up"],
    }  # fmt: skip
    house.tables.write(MOMENTS, pd.DataFrame([moment])[list(MOMENTS.columns)], DATE, "kitchen")
    forecast = {
        "cat": "miso", "behaviour": "eating", "made_at": AT, "kind": "next_event", "ts": None,
        **{f"p{share}": AT + dt.timedelta(hours=share) for share in (10, 25, 50, 75, 90)}, "probability": None, "model": "hazard",
        "skill": 0.1, "abstained": False,
    }  # fmt: skip
    house.tables.write(FORECASTS, pd.DataFrame([forecast])[list(FORECASTS.columns)], DATE)
    anomaly = {
        "cat": "miso", "kind": "meal", "of": "eating", "start": AT, "end": AT, "raised": AT, "severity": "notice", "score": 4.0,
        "sentence": "Miso ate less.", "numbers": {"usual": 8.0}, "evidence": [AT],
    }  # fmt: skip
    house.tables.write(ANOMALIES, pd.DataFrame([anomaly])[list(ANOMALIES.columns)], DATE)
    client = asking("read")
    rows = client.get("/api/v1/budgets").json()["items"]
    assert sum(row["seconds"] for row in rows) == 86_400 and rows[0]["date"] == "2026-03-01"
    (row,) = client.get("/api/v1/moments", params={"camera": "kitchen"}).json()["items"]
    assert (row["comfort"], row["posture"], row["anomaly"], row["reasons"]) == (None, None, 0.5, ["curled up"])
    assert row["probabilities"] == dict.fromkeys(BEHAVIOURS, 0.125)
    (row,) = client.get("/api/v1/forecasts").json()["items"]
    assert row["ts"] is None and row["probability"] is None and row["p50"] == "2026-03-03T08:00:00.250000Z"
    (row,) = client.get("/api/v1/anomalies", params={"cat": "miso"}).json()["items"]
    assert row["numbers"] == {"usual": 8.0} and row["evidence"] == ["2026-03-01T06:00:00.250000Z"]
    assert client.get("/api/v1/habits").json()["items"] == []


def test_reports_are_listed_and_read_without_their_scripts(house: Home, asking: Asking) -> None:
    house.data.write("reports/2026-03-01.html", b"<!doctype html><title>A day</title>")
    house.data.write("reports/2026-03-01.csv", b"a,b")
    client = asking("read")
    assert client.get("/api/v1/reports").json()["items"] == [
        {"date": "2026-03-01", "page": "/api/v1/reports/2026-03-01"}
    ]
    page = client.get("/api/v1/reports/2026-03-01")
    assert "A day" in page.text and "sandbox" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert client.get("/api/v1/reports/2026-03-02").status_code == 404
    assert client.get("/api/v1/reports/..%2f..%2fhome.yaml").status_code in (404, 422)


def test_models_with_their_figures(house: Home, asking: Asking) -> None:
    models = asking("read").get("/api/v1/models").json()
    # this home reads neither pose nor behaviour; a photo that somebody sends is read all the same
    assert [each["task"] for each in models] == ["detector", "photo"]
    assert models[0]["metric"] and len(models[0]["fingerprint"]) == 64


# Evidence.


@pytest.fixture
def filmed(house: Home) -> str:
    """A chunk of 20 seconds, with a keyframe every 5."""
    key = paint_chunk(house.root / "data" / "footage", "kitchen", AT, 20, walking)
    assert key == CHUNK
    return "/api/v1/evidence/kitchen/chunk-20260301-060000"


def test_a_still_shows_the_moment(filmed: str, house: Home, asking: Asking) -> None:
    client = asking("read")
    early, late = (client.get(f"{filmed}/{at}/still.jpg") for at in ("2.000", "18.000"))
    assert early.headers["content-type"] == "image/jpeg"
    left, right = (np.asarray(Image.open(io.BytesIO(each.content)).convert("L")).astype(int) for each in (early, late))
    # The bright square is at a tenth of the width at 2 s, at eight tenths at 18 s.
    assert left.shape == (240, 320) and left[130:170, :130].max() > 200 > left[130:170, 200:].max()
    assert right[130:170, 240:].max() > 200 > right[130:170, :130].max()
    small = client.get(f"{filmed}/2/still.jpg", params={"width": 64})
    assert Image.open(io.BytesIO(small.content)).size == (64, 48)
    again = client.get(f"{filmed}/2.000/still.jpg", headers={"If-None-Match": early.headers["etag"]})
    assert again.status_code == 304


def test_a_clip_is_cut_out_and_plays(filmed: str, asking: Asking) -> None:
    client = asking("read")
    whole = client.get(f"{filmed}/8.0/clip.mp4", params={"seconds": 4})
    assert whole.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(whole.content)) as container:
        frames = [(frame.time, frame.key_frame) for frame in container.decode(video=0)]
    # From the keyframe at 5 s, before 6 s where it should begin, to 12 s: 7 s at 5 frames a second.
    assert len(frames) == 35 and frames[0][1] and frames[-1][0] - frames[0][0] == pytest.approx(6.8, abs=0.01)
    part = client.get(f"{filmed}/8.0/clip.mp4", params={"seconds": 4}, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == whole.content[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    last = client.get(f"{filmed}/8.0/clip.mp4", params={"seconds": 4}, headers={"Range": "bytes=-5"})
    assert last.content == whole.content[-5:]
    beyond = client.get(f"{filmed}/8.0/clip.mp4", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    assert client.get(f"{filmed}/500/clip.mp4").status_code == 422


def test_footage_that_is_gone_is_told(filmed: str, house: Home, asking: Asking) -> None:
    (house.root / "data" / "footage" / CHUNK).unlink()
    for name in ("still.jpg", "clip.mp4"):
        told = asking("read").get(f"{filmed}/2/{name}")
        assert told.status_code == 404 and "not kept any more" in told.json()["title"]


@pytest.mark.parametrize(
    "place",
    [
        "kitchen/..%2f..%2fhome/1/still.jpg",
        "..%2f..%2fdata/chunk-20260301-060000/1/still.jpg",
        "%2e%2e/chunk-20260301-060000/1/still.jpg",
        "cellar/chunk-20260301-060000/1/still.jpg",
        "kitchen/chunk-20261301-060000/1/still.jpg",
        "kitchen/chunk-20260301-060000%00/1/still.jpg",
        "kitchen/rows.sqlite/1/still.jpg",
        "http:%2f%2f127.0.0.1:9%2fx/chunk-20260301-060000/1/still.jpg",
        "kitchen/chunk-20260301-060000/nan/still.jpg",
        "kitchen/chunk-20260301-060000/-1/clip.mp4",
    ],
)
def test_nothing_but_chunks_of_its_cameras_is_opened(filmed: str, asking: Asking, place: str) -> None:
    assert asking("read").get(f"/api/v1/evidence/{place}").status_code in (404, 422)


def test_the_document_tells_of_every_path_with_examples(asking: Asking) -> None:
    document = asking("read").get("/api/v1/openapi.json").json()
    for path in ("cats", "cameras", "coverage", "bouts", "budgets", "moments", "forecasts", "anomalies", "reports", "models",
                 "predict", "telemetry", "statistics", "dashboard"):  # fmt: skip
        assert f"/api/v1/{path}" in document["paths"]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["description"]
    bout = document["components"]["schemas"]["Bout"]["properties"]
    assert bout["behaviour"]["examples"] == ["eating"] and "application/problem+json" in str(
        document["paths"]["/api/v1/bouts"]
    )
