"""Timelapses: time goes on at one pace, a gap stays a gap, what is kept goes with its footage, and what takes too long ends."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import time
from pathlib import Path

import av
import numpy as np
import pytest

from home.clock import Span
from home.coverage import record, tell_gaps
from home.folder import Home
from home.timelapse import forget, kept
from serve.timelapse import Timelapse, Timelapses
from tests.clips import paint_chunk, walking
from tests.serve.conftest import Asking

DATE = dt.date(2026, 3, 1)
AT = dt.datetime(2026, 3, 1, 6, 0, tzinfo=dt.UTC)


@pytest.fixture
def filmed(house: Home) -> Home:
    """A minute, a minute without footage, a minute."""
    assert house.footage.folder is not None
    minute = dt.timedelta(minutes=1)
    for start in (AT, AT + 2 * minute):
        paint_chunk(house.footage.folder, "kitchen", start, 60, walking)
    record(house.tables, "kitchen", [Span(AT, AT + minute), Span(AT + 2 * minute, AT + 3 * minute)], house.zone)
    tell_gaps(house.tables, "kitchen", [(Span(AT + minute, AT + 2 * minute), "camera_down")], house.zone)
    return house


def made(making: Timelapses, home: Home) -> Timelapse:
    """It, once it is through."""
    making.make(home, "kitchen", DATE)
    for _ in range(600):
        if (found := making.look(home, "kitchen", DATE)).state != "making":
            return found
        time.sleep(0.1)
    raise AssertionError("it is never made")


def test_a_gap_takes_as_long_as_it_was(filmed: Home, asking: Asking) -> None:
    client = asking("read", "write")
    path = f"/api/v1/timelapse/kitchen/{DATE}"
    assert client.get(path).json()["state"] == "none" and client.get(f"{path}.mp4").status_code == 404
    assert asking("read").post(path).status_code == 403
    first = client.post(path)
    assert (first.status_code, first.json()["of"], first.json()["step_s"]) == (202, 36, 5.0)
    for _ in range(600):
        if (found := client.get(path).json())["state"] != "making":
            break
        time.sleep(0.1)
    assert (found["state"], found["words"]) == ("ready", "One picture every 5 s, 07:00 to 07:03.")
    with av.open(io.BytesIO(client.get(found["video"]).content)) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(shown) == 36 and shown[0].shape == (240, 320, 3)
    # The room grows brighter from left to right, a hatched picture does not.
    rooms = [float(picture[:60, 240:].mean()) > float(picture[:60, :80].mean()) + 20 for picture in shown]
    assert rooms == [True] * 12 + [False] * 12 + [True] * 12
    # A picture is of its own time: the square has walked on.
    places = [int(np.argmax(picture[140, :, 0])) for picture in shown[:3]]
    assert places == sorted(places) and len(set(places)) == 3


def test_it_goes_with_its_footage_and_one_that_is_old_is_not_shown(filmed: Home) -> None:
    making = Timelapses(1024)
    assert made(making, filmed).state == "ready"
    (key,) = kept(filmed.data, "kitchen", DATE)
    assert filmed.footage.folder is not None
    paint_chunk(filmed.footage.folder, "kitchen", AT + dt.timedelta(minutes=10), 5)
    assert making.look(filmed, "kitchen", DATE).state == "none"
    assert made(making, filmed).state == "ready"
    assert len(kept(filmed.data, "kitchen", DATE)) == 1 and kept(filmed.data, "kitchen", DATE) != [key]
    forget(filmed.data, "kitchen", [DATE])
    assert not kept(filmed.data, "kitchen", DATE)
    assert making.look(filmed, "kitchen", dt.date(2026, 2, 1)).state == "nothing"


def test_what_takes_too_long_is_ended_and_told(filmed: Home) -> None:
    found = made(Timelapses(1024, wall_s=0.05), filmed)
    assert found.state == "failed" and "took too long" in found.words
    assert not kept(filmed.data, "kitchen", DATE)
    assert not list(Path(tempfile.gettempdir()).glob("catml-timelapse-*/day.mp4"))
