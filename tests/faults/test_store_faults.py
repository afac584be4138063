"""What stores do: be away for a day, crawl, answer with errors, break off. Nothing that fits into the spool is lost."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from home.coverage import complete
from home.store import md5_of
from tests.faults.house import CAMERA, House, a_house
from tests.faults.proxy import Proxy, cut_uploads, errors, slow, well
from tests.faults.source import Source, why_no_source
from tests.faults.table import Tell
from tests.s3_server import S3Server

pytestmark = pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or "")

SMALL = {"size": (160, 120), "fps": 5, "keyframe_s": 1.0}
# Retries back off: after an outage of minutes the next try may be a minute away.
NEXT_TRY_S = 90


@pytest.fixture
def road(s3_server: S3Server) -> Iterator[Proxy]:
    with Proxy(s3_server.port) as proxy:
        yield proxy


def nothing_is_lost(house: House) -> None:
    """Everything recorded is in the store, whole and once, and nothing is left in the spool."""
    verdict = house.verdict()
    assert not verdict.missing and verdict.in_order, verdict
    assert not list(house.spool.glob("*/chunk-*.mp4")) and not list(house.spool.glob("*/.part-*"))
    ledger = complete(
        house.home.tables, CAMERA, house.home.camera(CAMERA), dt.datetime.now(house.home.zone).date(), house.home.zone
    )
    recorded = ledger[ledger["state"] == "recorded"]
    assert (recorded["end"] - recorded["start"]).dt.total_seconds().sum() == pytest.approx(verdict.took_s, abs=1.5)


# A day has 288 chunks; compressed, one lasts a second.
@pytest.mark.parametrize("chunks", [15, pytest.param(288, marks=pytest.mark.long)])
@pytest.mark.timeout(900)
def test_the_store_is_away_for_a_compressed_day(
    tmp_path: Path, tell: Tell, s3_server: S3Server, road: Proxy, chunks: int
) -> None:
    bucket = s3_server.bucket(f"away{chunks}")
    with (
        Source(tmp_path / "source", **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}, chunk_s=1, store=bucket, endpoint=road.endpoint) as house,
    ):
        house.uploader()
        recorder = house.recorder()
        house.until(lambda: house.uploading().get("uploaded", 0) >= 1, 30)
        road.down()
        house.until(lambda: len(house.finished()) >= chunks, 2 * chunks + 30)
        assert house.uploading()["state"] == "failing"
        road.up()
        returned = time.monotonic()
        house.end(recorder)
        house.until_uploaded(NEXT_TRY_S + chunks)
        lag = time.monotonic() - returned
        house.end()
        tell(f"store away for {chunks} chunks", house.verdict(), f"all uploaded {lag:.0f} s after it came back")
        nothing_is_lost(house)


@pytest.mark.parametrize("rounds", [1, pytest.param(6, marks=pytest.mark.long)])
@pytest.mark.timeout(1500)
def test_a_store_that_crawls_fails_and_breaks_off(
    tmp_path: Path, tell: Tell, s3_server: S3Server, road: Proxy, rounds: int
) -> None:
    bucket, uploads = s3_server.bucket(f"bad{rounds}"), 5
    with (
        Source(tmp_path / "source", bitrate=1500, noise=120, **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}, chunk_s=1, store=bucket, endpoint=road.endpoint) as house,
    ):
        house.uploader()
        recorder = house.recorder()
        # Half of what a camera sends, two waits a request; every second request fails; uploads are cut in the middle,
        # and cut when all has arrived but the answer.
        for fate in rounds * (slow(0.5, 100_000), errors(0.5), cut_uploads(uploads), cut_uploads(uploads, deaf=True)):
            road.fate = fate
            seen = len(road.asked)
            house.until(lambda seen=seen: len([a for a in road.asked[seen:] if a.is_upload]) >= uploads, NEXT_TRY_S)  # type: ignore[misc]
        road.fate = well
        house.end(recorder)
        house.until_uploaded(NEXT_TRY_S + 60 * rounds)
        house.end()
        asked = len([asked for asked in road.asked if asked.is_upload])
        tell(f"store slow, 500s, uploads cut, {rounds} times", house.verdict(), f"{asked} uploads tried")
        nothing_is_lost(house)


def test_power_goes_between_rename_and_upload(tmp_path: Path, tell: Tell, s3_server: S3Server, road: Proxy) -> None:
    """Everything is killed at once with finished chunks in the spool, one of them in the store already."""
    bucket = s3_server.bucket("power")
    with (
        Source(tmp_path / "source", **SMALL) as source,
        a_house(tmp_path / "home", {CAMERA: source}, chunk_s=2, store=bucket, endpoint=road.endpoint) as house,
    ):
        road.fate = cut_uploads(1000, deaf=True)  # arrived, but nobody was told
        house.recorder()
        house.uploader()
        house.until(lambda: len(house.finished()) >= 2 and any(asked.is_upload for asked in road.asked), 30)
        house.kill_all()
        moment = time.monotonic()
        renamed = {path.name: md5_of(path) for path in house.finished()}
        assert renamed
        road.fate = well
        recorder = house.recorder()
        house.uploader()
        house.until_recording()
        house.end(recorder)
        house.until_uploaded(NEXT_TRY_S)
        house.end()
        verdict = house.verdict()
        had = sum(verdict.frame_s for frame in verdict.missing if frame.monotonic < moment)
        tell("power loss between rename and upload", verdict, f"{had:.1f} s of what it had")
        assert verdict.in_order and had <= 2, verdict
        for name, checksum in renamed.items():
            assert md5_of(s3_server.folder / "power" / CAMERA / name) == checksum
