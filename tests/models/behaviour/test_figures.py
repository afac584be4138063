"""Figures by class, and what certainty is worth."""

from __future__ import annotations

import numpy as np
import pytest

from models.behaviour.figures import by_class, confusion, expected_calibration_error, reliability


def test_precision_recall_and_f1_of_each_class() -> None:
    table = confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 3)
    np.testing.assert_allclose(by_class(table), [[1, 2 / 3, 0.8], [0.5, 1, 2 / 3], [np.nan] * 3])


def test_certainty_is_held_against_what_is_right() -> None:
    """Eight of ten right at a certainty of 0.8 is honest; all right at 0.6 promises too little."""
    sure = np.array([0.8] * 10 + [0.6] * 10)
    told = np.stack([sure, 1 - sure], axis=1)
    truth = np.array([0] * 8 + [1] * 2 + [0] * 10)
    bins = reliability(truth, told)
    np.testing.assert_allclose(bins[8], [10, 0.8, 0.8])
    np.testing.assert_allclose(bins[6], [10, 0.6, 1.0])
    assert np.isnan(bins[0, 1:]).all() and bins[:, 0].sum() == 20
    assert expected_calibration_error(truth, told) == pytest.approx(0.2)
