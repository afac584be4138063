"""The day page where networks read the cat: posture with its reasons and its limits, and poses over the stills of bouts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from home.clock import Span, local_day
from home.correcting import correct
from home.errors import StoreError
from home.folder import Home, open_home
from home.look import BEHAVIOURS
from home.nested import column_of
from home.store import Store
from home.tables import ANIMALS, DETECTIONS, IDENTITIES, MOMENTS, POSES
from models.posture import NOT_READ, NOTE
from tasks.report import report
from tests.clips import paint_chunk
from tests.conftest import HomeFactory
from tests.tasks.test_report import BERLIN, BOX, CAMERAS, CATS, DATE, Page, at, bout, page_of, write_day

MODELS = {"pose.model": "pose.onnx", "behave.model": "behaviour.onnx"}
Told = tuple[dt.datetime, str | None, float, list[str]]
HUNCHED = ["the head is held below the line of the back", "not yet compared with this cat's own usual"]


def minutes(first: int, count: int) -> list[dt.datetime]:
    return [at(6) + dt.timedelta(minutes=first + number) for number in range(count)]


def told(home: Home, rows: Sequence[Told], fingerprint: str = "1") -> None:
    frame = pd.DataFrame(
        [
            {"start": start, "end": start, "camera": "kitchen", "chunk": "", "offset_s": 0.0, "track_id": 7}
            | {"cat": "miso", "behaviour": "other", "confidence": 0.9, "posture": posture, "comfort": comfort}
            | {"anomaly": np.nan, "reasons": reasons, **{f"p_{name}": 0.0 for name in BEHAVIOURS}}
            for start, posture, comfort, reasons in rows
        ]
    )
    home.tables.write(MOMENTS, frame[list(MOMENTS.columns)], DATE, "kitchen", fingerprint)


class Gone(Store):
    """Footage that must not be asked for."""

    def open(self, key: str):  # type: ignore[no-untyped-def]
        raise StoreError(f"{key} was opened")


@pytest.fixture
def home(home_factory: HomeFactory) -> Home:
    """Miso does something from 6 to 6:30, with a moment a minute: 10 min relaxed, 10 unread, one bad look, 9 in between."""
    home = open_home(home_factory(CAMERAS, more=CATS).root, MODELS)
    key = paint_chunk(home.root / "data/footage", "kitchen", at(0), 4)
    start = at(6)
    write_day(home, [bout("other", start, at(6, 30), chunk=key, bout_id="b0")], [local_day(DATE, BERLIN)])
    whose = pd.DataFrame([("kitchen", 7, "miso", 1)], columns=list(ANIMALS.columns)).astype({"animal": np.int32})
    home.tables.write(ANIMALS, whose, DATE, fingerprint="1")
    told(
        home,
        [(ts, "relaxed", 1.0, ["curled up"]) for ts in minutes(0, 10)]
        + [(ts, None, np.nan, [f"{NOT_READ}head, back and paws are not all in sight"]) for ts in minutes(10, 10)]
        + [(minutes(20, 1)[0], "in_pain", 0.1, HUNCHED)]
        + [(ts, None, 1.0, []) for ts in minutes(21, 9)],
    )
    points = np.zeros((1, 20, 3), np.float32)
    points[0, 18:, :] = [[0.3, 0.6, 0.9], [0.45, 0.6, 0.8]]  # withers and root of the tail
    points[0, :18] = [0.99, 0.01, 0.29]  # no more than a guess, and in a wild place
    pose = {"ts": start, "camera": "kitchen", "track_id": 7, "chunk": key, "offset_s": 2.0, "burst": False}
    frame = pd.DataFrame([pose | dict(zip(("x1", "y1", "x2", "y2"), BOX, strict=True)) | {"look": [], "coat": []}])
    home.tables.write(POSES, frame.assign(keypoints=column_of(points))[list(POSES.columns)], DATE, "kitchen", "1")
    return home


def test_it_says_how_a_cat_held_itself_and_for_how_long_nobody_could_tell(home: Home) -> None:
    report(home, DATE)
    page = page_of(home)
    words = page.text("#posture")
    assert "Could be read for 20 min of the 30 min in sight (67 %)." in words
    assert "Relaxed 10 min 50 %" in words and "None of these clearly 9 min 45 %" in words
    assert "Not read: head, back and paws are not all in sight 10 min" in words
    assert page.html.count(NOTE) == 1, "an indicator, not a diagnosis: once per page"
    # One bad look among good ones is told as time, and is no stretch of discomfort.
    assert "Comfort 1.0 of 1 on average, from 20 moments" in words
    assert "No sign of discomfort was clear in 3 moments in a row." in words
    assert "Posture relaxed, comfort 1.0, read for 67 % of the time" in page.text(".about")


def test_discomfort_that_lasts_is_told_with_its_time_and_reasons(home: Home) -> None:
    told(home, [(ts, "in_pain", 0.2, HUNCHED) for ts in minutes(0, 3)] + [(minutes(3, 1)[0], None, 1.0, [])], "2")
    report(home, DATE)
    words = page_of(home).text("#posture")
    assert "06:00 to 06:03: comfort 0.2. The head is held below the line of the back; not yet compared" in words
    assert "No sign of discomfort" not in words


def test_a_posture_that_its_owner_named_is_told_as_theirs(home: Home) -> None:
    row = {"ts": at(6, 20), "camera": "kitchen", "chunk": "", "offset_s": 0.0, "burst": False, "track_id": 7}
    row |= {"class": "cat", "confidence": 0.9, "cat": "unknown", "cat_confidence": 0.0}
    seen = pd.DataFrame([row | dict(zip(("x1", "y1", "x2", "y2"), BOX, strict=True))])
    home.tables.write(DETECTIONS, seen.astype({"ts": "datetime64[us, UTC]"}), DATE, "kitchen", "1")
    said = ["kitchen", "2026-03-10T06:20:00", "2026-03-10T06:20:30"]
    correct(home, said, {"posture": "alert"}, at(9), track=7, by="Ann")
    report(home, DATE)
    words = page_of(home).text("#posture")
    assert "Alert 1 min 5 %" in words and "Looks in pain" not in words


def test_an_unusual_moment_leads_to_its_bout(home: Home) -> None:
    odd = "unusual for Miso, above all how the head is held"
    told(home, [(minutes(0, 1)[0], "relaxed", 1.0, ["curled up", odd]), (minutes(5, 1)[0], None, 1.0, [])], "2")
    report(home, DATE)
    page = page_of(home)
    assert "Unusual moments 06:00 to 06:05 : unusual for Miso, above all how the head is held" in page.text("#posture")
    listed = page.html.split("Unusual moments")[1].split("</ul>")[0]
    assert re.findall(r'href="#([^"]+)"', listed) == ["bout-b0"]
    assert "Unusual for Miso" in page.html.split("<article ")[1]


def test_a_pose_lies_over_its_cat_and_guesses_are_not_drawn(home: Home) -> None:
    report(home, DATE)
    page = page_of(home)
    (dots,) = re.findall(r'<svg[^>]*class="pose".*?</svg>', page.html, re.S)
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', dots)]
    (image,) = [values for tag, values in page.tags if tag == "img"]
    width, height = int(image["width"]), int(image["height"])
    assert len(places) == 2, "18 of 20 joints are guesses"
    # The picture shows the cat's surroundings: the box lies where the page says, and the joints in it as in the frame.
    left, top, wide, tall = (
        float(part) / 100
        for part in re.findall(
            r"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%", page.html.split("<article ")[1]
        )[0]
    )
    assert wide > BOX[2] - BOX[0] + 0.1, "nearer than the whole frame"
    inside = [((x / width - left) / wide, (y / height - top) / tall) for x, y in places]
    assert np.allclose(inside, [(0.2, 0.4), (0.8, 0.4)], atol=0.02)
    switch = [values for tag, values in page.tags if tag == "input"]
    assert [each["type"] for each in switch] == ["checkbox"] and "for=" in page.html


def test_the_pose_of_another_animal_on_the_still_is_not_taken(home: Home) -> None:
    rows = home.tables.read(POSES, DATE, "kitchen").assign(x1=np.float32(0.6), x2=np.float32(0.9))
    home.tables.write(POSES, rows, DATE, "kitchen", "2")
    report(home, DATE)
    assert 'class="pose"' not in page_of(home).html


def test_without_models_the_tables_of_an_earlier_night_count_for_nothing(home: Home) -> None:
    report(open_home(home.root), DATE)
    page = page_of(home)
    assert "posture" not in page.ids and 'class="pose"' not in page.html and "<input" not in page.html
    assert "read by rules, not learned" in page.text("#method") and NOTE not in page.html


@pytest.mark.parametrize("table", [MOMENTS, POSES])
def test_other_moments_or_poses_write_the_page_again(home: Home, table) -> None:  # type: ignore[no-untyped-def]
    report(home, DATE)
    assert report(home, DATE).skipped
    home.tables.write(table, home.tables.read(table, DATE, "kitchen"), DATE, "kitchen", "2")
    assert not report(home, DATE).skipped and report(home, DATE).skipped


def test_names_are_told_apart_from_numbers(home: Home) -> None:
    rows = [bout("other", at(hour), at(hour, 5), cat="unknown", animal=number) for hour, number in ((6, 2), (8, 3))]
    write_day(home, rows, [Span(at(5), at(9))], (("miso", 1), ("unknown", 2), ("unknown", 3)))
    home.tables.write(IDENTITIES, IDENTITIES.empty(), DATE, fingerprint="1", notes={"tracks": 5, "named": 3, "said": 1})
    report(home, DATE)
    page: Page = page_of(home)
    assert page.opening.startswith(
        "Miso was not seen. At least 2 cats were seen that were not recognised. They are numbered, not named. Cat 2 spent"
    )
    assert "of 5 tracks 3 got a name, 1 of them because a person said so" in page.text("#method")
    assert "not told apart" not in page.html
    assert "catml cats name CAT BOUT" in page.text("#bouts")


def test_a_page_that_is_written_again_keeps_its_pictures_and_opens_no_footage(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(home, DATE)
    before = [values["src"] for tag, values in page_of(home).tags if tag == "img"]
    for entry in home.footage.list("kitchen/"):
        home.footage.delete(entry.key)
    told(home, [(at(6), "alert", 1.0, [])], "2")
    with monkeypatch.context() as context:
        context.setattr(type(home), "footage", Gone("data/footage", home.root))
        assert not report(home, DATE).skipped
    page = page_of(home)
    assert before and [values["src"] for tag, values in page.tags if tag == "img"] == before
    assert "Alert" in page.text("#posture")
    # Of a moment that no page has shown there is nothing left but words.
    write_day(home, [bout("other", at(6), at(6, 30), offset_s=1.0)], [local_day(DATE, BERLIN)])
    report(home, DATE, force=True)
    assert "The footage of this moment is no longer kept." in page_of(home).text(".missing")
