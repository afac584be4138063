"""Tracks are told apart by coats more strictly where cats have names to be told apart by."""

import pytest

from home.params import DetectParams
from models.tracker import TrackerSettings
from tasks.detect import SEVERAL, tracker_settings


@pytest.mark.parametrize(
    ("cats", "coat"), [(0, TrackerSettings.coat), (1, TrackerSettings.coat), (2, SEVERAL), (4, SEVERAL)]
)
def test_another_coat_costs_more_where_two_cats_have_names(cats: int, coat: float) -> None:
    settings = tracker_settings(DetectParams(), cats)
    assert settings.coat == coat and settings.max_gap_s == DetectParams().max_gap_s
