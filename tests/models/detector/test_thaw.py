"""The detector that ships is also a start: what was folded for the export is unfolded without a change."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import ModelError
from models.detector.predict import DEFAULT_WEIGHTS
from models.detector.thaw import thawed
from models.onnx import OnnxNetwork
from tests.models.detector.networks import constant_detector

pytest.importorskip("ultralytics", reason="training needs the extra `train`")

SIDE = 96


def pictures(count: int = 8) -> list[np.ndarray]:
    """Smooth pictures of all colours."""
    cells = np.random.default_rng(5).integers(0, 256, (count, 9, 12, 3), np.uint8)
    return [np.asarray(cv2.resize(cell, (SIDE, 72), interpolation=cv2.INTER_CUBIC), np.uint8) for cell in cells]


def test_the_shipped_detector_comes_back_as_it_was(tmp_path: Path) -> None:
    """Boxes in pixels and scores of all candidates are the file's, with what was measured and with a batch's own figures.

    A network in training is normalised by the batch at hand: on the pictures that were looked at it must say the same.
    """
    import torch
    from ultralytics import YOLO

    weights = thawed(DEFAULT_WEIGHTS, pictures(), SIDE, tmp_path / "start.pt")
    first = weights.read_bytes()
    assert thawed(DEFAULT_WEIGHTS, pictures(), SIDE, tmp_path / "start.pt").read_bytes() == first
    yolo = YOLO(str(weights))
    assert yolo.names == {0: "cat"}
    batch = np.full((8, 3, SIDE, SIDE), 114 / 255, np.float32)
    for picture, out in zip(pictures(), batch, strict=True):
        out[:, 12:84] = picture.transpose(2, 0, 1) / np.float32(255)
    expected = OnnxNetwork(DEFAULT_WEIGHTS, threads=1).run(batch)
    model = yolo.model.float().eval()
    model.end2end = False
    with torch.no_grad():
        found = model(torch.from_numpy(batch))[0].numpy()
        scores = model.train()(torch.from_numpy(batch))["one2many"]["scores"].sigmoid().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=0.05)
    np.testing.assert_allclose(scores, expected[:, 4:], atol=1e-3)


def test_other_classes_begin_as_what_is_known(tmp_path: Path) -> None:
    """Wherever the shipped detector sees a cat, the start sees a cat as surely, and a dog as well."""
    import torch
    from ultralytics import YOLO

    one = YOLO(str(thawed(DEFAULT_WEIGHTS, pictures(), SIDE, tmp_path / "one.pt"))).model
    two = YOLO(str(thawed(DEFAULT_WEIGHTS, pictures(), SIDE, tmp_path / "two.pt", classes=["dog", "cat"]))).model
    assert two.names == {0: "dog", 1: "cat"}
    batch = torch.rand((1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        cats, both = (model.train()(batch)["one2many"]["scores"] for model in (one, two))
    torch.testing.assert_close(both, cats.expand(-1, 2, -1), rtol=1e-4, atol=1e-4)


def test_what_cannot_be_gone_on_from_is_told(tmp_path: Path) -> None:
    other = constant_detector(tmp_path / "other.onnx", np.zeros((5, 10), np.float32))
    (tmp_path / "damaged.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"nothing says what the classes of .*other\.onnx' are"):
        thawed(other, pictures(), SIDE, tmp_path / "start.pt")
    (tmp_path / "model.json").write_text('{"name": "o", "input_size": 64, "classes": ["cat"], "output": "raw"}')
    with pytest.raises(
        ModelError, match=r"other\.onnx' cannot be gone on from: found nothing for model\.0\.conv\.weight"
    ):
        thawed(other, pictures(), SIDE, tmp_path / "start.pt")
    with pytest.raises(ModelError, match=r"damaged\.onnx' is no ONNX file that can be read"):
        thawed(tmp_path / "damaged.onnx", pictures(), SIDE, tmp_path / "start.pt")
    with pytest.raises(ModelError, match=r"no detector at .*nowhere\.onnx' to go on from"):
        thawed(tmp_path / "nowhere.onnx", pictures(), SIDE, tmp_path / "start.pt")
    assert not (tmp_path / "start.pt").exists()
