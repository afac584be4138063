"""Photos of known behaviour as moments."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import WrongUse
from home.ethogram import BEHAVIOURS
from models.behaviour.evidence import NEIGHBOURS, ZONES
from models.behaviour.strokes import STROKES
from tasks.photographed import labelled_photos, read_photographed, write_photographed
from tests.models.pose.networks import brightest_pose


def folder_of(root: Path, **counts: int) -> str:
    """Folders of noise, each photo another."""
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            cv2.imwrite(str(root / name / f"{number}.png"), rng.integers(0, 255, (60, 80, 3), np.uint8))
    return str(root)


def test_a_folder_is_named_for_what_its_photos_show(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos", sleeping=2, loafing=1)
    (tmp_path / "photos" / "sleeping" / "notes.txt").write_text("no photo")
    photos = labelled_photos([folder], ["loafing: other"])
    assert [(path.name, BEHAVIOURS[label]) for path, label in photos] == [
        ("0.png", "other"), ("0.png", "sleeping"), ("1.png", "sleeping")
    ]  # fmt: skip
    with pytest.raises(WrongUse, match="no behaviour 'loafing'"):
        labelled_photos([folder], [])
    with pytest.raises(WrongUse, match="found no folder"):
        labelled_photos([str(tmp_path / "none")], [])
    (tmp_path / "empty" / "eating").mkdir(parents=True)
    with pytest.raises(WrongUse, match="hold no photo"):
        labelled_photos([str(tmp_path / "empty")], [])


def test_a_photo_is_a_moment_without_burst_neighbours_and_zones(tmp_path: Path) -> None:
    brightest_pose(tmp_path / "pose.onnx")
    folder = folder_of(tmp_path / "photos", sleeping=4, eating=4)
    copy = tmp_path / "photos" / "eating" / "copy.png"
    copy.write_bytes((tmp_path / "photos" / "eating" / "0.png").read_bytes())
    photos = labelled_photos([folder], [])
    for name in ("one.npz", "two.npz"):
        write_photographed(tmp_path / name, photos, tmp_path / "pose.onnx", 2, 0)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    told = read_photographed(tmp_path / "one.npz")
    assert told.values.shape == told.known.shape == (9, len(told.names)) and not told.found.any()
    missing = np.isin(told.names, [*STROKES, *NEIGHBOURS, *ZONES])
    assert not told.known[:, missing].any() and told.known[:, ~missing].any()
    assert set(told.fold) == {0, 1}
    eating = [number for number, (path, _) in enumerate(photos) if path.name in ("0.png", "copy.png")]
    assert told.fold[eating[0]] == told.fold[eating[1]]  # a copy is not measured by what learned from the original
