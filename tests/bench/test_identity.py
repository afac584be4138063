"""What the bench of identity rests on: sessions that share nothing, pictures without margins, and shares of the right whole."""

from __future__ import annotations

import numpy as np
import pytest

from bench.identity import session_of, without_margins
from bench.identity_homes import Second, row_of


def test_photos_without_a_date_are_one_session_for_the_program_that_named_them() -> None:
    assert session_of("20240415_105633_jpg.rf.0c.jpg") == session_of("20240415_173906_jpg.rf.59.jpg") == "20240415"
    assert session_of("20210209100924_IMG_0114_JPG.rf.36.jpg") == "20210209"
    assert session_of("Snapchat-1090326751_jpg.rf.55.jpg") == session_of("Snapchat-7246962_jpg.rf.09.jpg")
    assert session_of("2015599c-f60c-469c_jpeg.rf.d0.jpg") == session_of("6abbe8ec-f70e_jpeg.rf.c3.jpg") == "no date"


def test_a_letterbox_s_margins_go_and_the_box_stays_on_the_cat() -> None:
    picture = np.full((100, 200, 3), 255, np.uint8)
    picture[:, 50:150] = np.random.default_rng(0).integers(0, 200, (100, 100, 3))
    inner, boxes = without_margins(picture, np.array([[0.3, 0.2, 0.6, 0.9]], np.float32))
    assert np.array_equal(inner, picture[:, 50:150])
    assert boxes[0].tolist() == pytest.approx([0.1, 0.2, 0.7, 0.9], abs=1e-6)


def test_a_visitor_who_is_named_counts_as_no_known_cat_s_time() -> None:
    def seconds(cat: str, named: str, count: int) -> list[Second]:
        return [Second(0, "soft", cat, "day", named)] * count

    told = [
        *seconds("miso", "miso", 6), *seconds("miso", "unknown", 2), *seconds("tofu", "miso", 2),
        *seconds("pixel", "tofu", 1), *seconds("pixel", "unknown", 3),
    ]  # fmt: skip
    assert row_of("2 known", told, 2) == ["2 known", "10", "0.800", "0.750", "0.200", "4", "0.750"]
