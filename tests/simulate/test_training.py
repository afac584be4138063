"""Training pictures: labels that fit, empty ones among them, decided by their seed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from simulate.training import LEAST_PIXELS, LEAST_SHOWN, training_picture, write_detection_set

SIZE = 160


def test_a_set_in_yolo_format(tmp_path: Path) -> None:
    write_detection_set(tmp_path, 12, seed=100, size=SIZE)
    images = sorted((tmp_path / "images").iterdir())
    labels = sorted((tmp_path / "labels").iterdir())
    assert [p.stem for p in images] == [p.stem for p in labels]
    assert len(images) == 12
    empty = 0
    for image, label in zip(images, labels, strict=True):
        picture = cv2.imread(str(image))
        assert picture is not None and max(picture.shape[:2]) == SIZE
        rows = [[float(v) for v in line.split()] for line in label.read_text("utf-8").splitlines()]
        empty += not rows
        for kind, x, y, w, h in rows:
            assert kind == 0
            assert x - w / 2 >= -1e-6 and y - h / 2 >= -1e-6 and x + w / 2 <= 1 + 1e-6 and y + h / 2 <= 1 + 1e-6
            assert max(w * picture.shape[1], h * picture.shape[0]) >= LEAST_PIXELS - 0.01
    assert empty == 3, "every fifth picture has no cat: 100, 105 and 110"


def test_a_picture_depends_on_its_own_seed_alone(tmp_path: Path) -> None:
    write_detection_set(tmp_path / "three", 3, seed=201, size=SIZE)
    write_detection_set(tmp_path / "last", 1, seed=203, size=SIZE)
    for kind, suffix in (("images", "jpg"), ("labels", "txt")):
        name = f"{kind}/sim-0000203.{suffix}"
        assert (tmp_path / "three" / name).read_bytes() == (tmp_path / "last" / name).read_bytes()


def test_hidden_cats_are_no_labels() -> None:
    for seed in range(301, 309):
        _, sightings = training_picture(seed, SIZE)
        assert all(s.shown >= LEAST_SHOWN for s in sightings)
        assert bool(sightings) == (seed % 5 != 0)


def test_pictures_differ() -> None:
    first, second = (training_picture(seed, SIZE)[0] for seed in (401, 402))
    assert first.shape != second.shape or np.abs(first.astype(int) - second).mean() > 5
