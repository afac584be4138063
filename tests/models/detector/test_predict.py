"""Detectors loaded from all the sources a user may name, and what they say about a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError
from models.detector import DEFAULT_WEIGHTS, Detector
from models.detector.coco import COCO_CLASSES
from models.detector.description import ModelDescription, fingerprint_of, read_description
from tests.models.detector.networks import brightest_detector, constant_detector

COCO = Path("../shared/data/weights/yolox_nano_416_coco.onnx")
CAT_IN_THE_MIDDLE = np.array([[16, 16, 48, 48, 0.9, 0]], np.float32)
GREY = np.full((64, 64, 3), 128, np.uint8)


def describe(onnx: Path, **changes: object) -> Path:
    fields = {"name": "a test", "input_size": 64, "classes": ["cat"], "output": "end2end"} | changes
    ModelDescription.model_validate(fields).write(onnx.with_name("model.json"))
    return onnx


def test_a_bright_spot_is_found_where_it_is(tmp_path: Path) -> None:
    """128 x 64 is halved and lies between rows 16 and 48 of the canvas: its spot fills one cell of 8 there."""
    detector = Detector.load(describe(brightest_detector(tmp_path / "bright.onnx")))
    image = np.zeros((64, 128, 3), np.uint8)
    image[16:32, 96:112] = 255
    found = detector.detect([image])[0]
    np.testing.assert_allclose(found.boxes, [[96 / 128, 16 / 64, 112 / 128, 32 / 64]], atol=1e-6)
    assert found.scores.tolist() == pytest.approx([1.0])
    assert found.classes.tolist() == ["cat"]


def test_pictures_of_many_sizes_keep_their_order(tmp_path: Path) -> None:
    """Each picture's spot has its own brightness; a mix of sizes and a fixed batch of three must not confuse them."""
    detector = Detector.load(describe(brightest_detector(tmp_path / "bright.onnx")))
    sizes = [(64, 64), (32, 64), (64, 64), (64, 32), (32, 64), (64, 64), (64, 64)]
    images = [np.zeros((*size, 3), np.uint8) for size in sizes]
    for number, image in enumerate(images):
        image[8:24, 8:24] = 140 + 10 * number  # brighter than the border's 114
    scores = [float(found.scores[0]) for found in detector.detect(images)]
    assert scores == pytest.approx([(140 + 10 * number) / 255 for number in range(len(images))], abs=1e-5)


@pytest.mark.parametrize("batch", [1, 3, "batch"])
def test_fixed_and_free_batches(tmp_path: Path, batch: int | str) -> None:
    onnx = describe(constant_detector(tmp_path / "m.onnx", CAT_IN_THE_MIDDLE, batch=batch, sides=[64, 64]))
    found = Detector.load(onnx).detect([GREY] * 4)
    assert [len(one) for one in found] == [1] * 4
    np.testing.assert_allclose(found[3].boxes, [[0.25, 0.25, 0.75, 0.75]], atol=1e-5)


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    assert Detector.load(describe(constant_detector(tmp_path / "m.onnx", CAT_IN_THE_MIDDLE))).detect([]) == []


def test_confidence_cuts(tmp_path: Path) -> None:
    detector = Detector.load(describe(constant_detector(tmp_path / "m.onnx", CAT_IN_THE_MIDDLE)))
    assert (len(detector.detect([GREY], 0.89)[0]), len(detector.detect([GREY], 0.91)[0])) == (1, 0)


def test_ultralytics_metadata_stands_in_for_a_description(tmp_path: Path) -> None:
    """What `yolo export` writes: names as a dictionary, the size as a list, and no end-to-end head."""
    answer = np.array([[32, 32, 16, 16, 0.2, 0.7]], np.float32).T
    told = {"names": "{0: 'dog', 1: 'cat'}", "imgsz": "[64, 64]", "end2end": "False"}
    detector = Detector.load(constant_detector(tmp_path / "m.onnx", answer, metadata=told))
    assert detector.description.output == "raw"
    found = detector.detect([GREY])[0]
    assert found.classes.tolist() == ["cat"]
    np.testing.assert_allclose(found.boxes, [[24 / 64, 24 / 64, 40 / 64, 40 / 64]], atol=1e-5)


def test_an_end_to_end_export_is_known_by_its_metadata(tmp_path: Path) -> None:
    told = {"names": "{0: 'cat'}", "imgsz": "[64, 64]", "end2end": "True"}
    detector = Detector.load(constant_detector(tmp_path / "m.onnx", CAT_IN_THE_MIDDLE, metadata=told))
    assert (detector.description.output, len(detector.detect([GREY])[0])) == ("end2end", 1)


def test_a_yolox_is_known_by_its_shapes(tmp_path: Path) -> None:
    """Its authors' export says nothing of itself: 64 + 16 + 4 cells of 85 numbers at a side of 64."""
    answer = np.zeros((84, 85), np.float32)
    answer[80] = [0.5, 0.5, 0, 0, 1, *(0.8 if name == "cat" else 0 for name in COCO_CLASSES)]
    detector = Detector.load(constant_detector(tmp_path / "m.onnx", answer, batch=1, sides=[64, 64]))
    assert (detector.description.output, detector.description.colour) == ("yolox", "bgr")
    np.testing.assert_allclose(detector.detect([GREY])[0].boxes, [[0, 0, 0.5, 0.5]], atol=2e-4)


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    rows = np.array([[0, 0, 9, 9, 0.9, 0], [20, 20, 40, 40, 0.8, 1]], np.float32)
    onnx = describe(constant_detector(tmp_path / "m.onnx", rows), classes=["cat", "dog"])
    assert Detector.load(onnx).detect([GREY])[0].classes.tolist() == ["cat"]
    assert Detector.load(onnx, classes=["dog", "cat"]).detect([GREY])[0].classes.tolist() == ["cat", "dog"]


def damaged(folder: Path) -> Path:
    onnx = constant_detector(folder / "m.onnx", CAT_IN_THE_MIDDLE)
    describe(onnx, fingerprint=fingerprint_of(onnx))
    onnx.write_bytes(onnx.read_bytes() + b"\0")
    return onnx


def unknown_key(folder: Path) -> Path:
    onnx = constant_detector(folder / "m.onnx", CAT_IN_THE_MIDDLE)
    (folder / "model.json").write_text(
        '{"name": "x", "input_size": 63, "classes": ["cat"], "output": "raw", "sise": 1}'
    )
    return onnx


WRONG = {
    "damaged": (damaged, r"m\.onnx' has the fingerprint .* damaged or exchanged"),
    "unknown key": (unknown_key, r"model\.json' does not describe a detector: .*input_size.*sise"),
    "no such class": (
        lambda f: describe(constant_detector(f / "m.onnx", CAT_IN_THE_MIDDLE), classes=["dog", "cow"]),
        r"has no class cat; it has: dog, cow",
    ),
    "says nothing": (lambda f: constant_detector(f / "m.onnx", CAT_IN_THE_MIDDLE), r"put a model\.json beside it"),
    "another size": (
        lambda f: describe(constant_detector(f / "m.onnx", CAT_IN_THE_MIDDLE, sides=[96, 96])),
        r"takes pictures of 96 x 96, its description says 64",
    ),
    "missing": (lambda f: f / "nowhere.onnx", r"no detector at .*nowhere\.onnx"),
    "missing weights": (lambda f: f / "nowhere.pt", r"no detector at .*nowhere\.pt"),
    "no model": (lambda f: f / "cat.jpg", r"cat\.jpg' is no detector; give an \.onnx or \.pt"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, case: str) -> None:
    make, message = WRONG[case]
    with pytest.raises(ModelError, match=message):
        Detector.load(make(tmp_path), cache=tmp_path / "cache")


def test_a_pt_needs_a_cache(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="name a cache folder"):
        Detector.load("yolo26n.pt")


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (np.zeros((8, 8), np.uint8), r"image 1 is uint8 \[8, 8\]"),
        (np.zeros((8, 8, 3), np.float32), "image 1 is float32"),
        (np.zeros((0, 8, 3), np.uint8), r"\[0, 8, 3\]"),
    ],
)
def test_a_picture_of_another_kind_is_told(tmp_path: Path, image: np.ndarray, told: str) -> None:
    detector = Detector.load(describe(constant_detector(tmp_path / "m.onnx", CAT_IN_THE_MIDDLE)))
    with pytest.raises(ValueError, match=told):
        detector.detect([GREY, image])


def test_the_fingerprint_follows_what_changes_the_boxes(tmp_path: Path) -> None:
    """Weights, the way they are read, and the classes asked for; not the name nor the figures of the description."""
    onnx = constant_detector(tmp_path / "m.onnx", CAT_IN_THE_MIDDLE)
    prints = [Detector.load(describe(onnx, **changes)).fingerprint for changes in ({}, {"name": "b", "default": True})]
    assert prints[0] == prints[1]
    others = {
        "size": Detector.load(describe(onnx, input_size=96)).fingerprint,
        "classes": Detector.load(describe(onnx, classes=["cat", "dog"]), classes=["cat", "dog"]).fingerprint,
        "weights": Detector.load(describe(constant_detector(onnx, CAT_IN_THE_MIDDLE + 1))).fingerprint,
    }
    assert len({prints[0], *others.values()}) == 4


def test_the_shipped_detector_is_the_one_described() -> None:
    description = read_description(DEFAULT_WEIGHTS)  # raises if the fingerprint does not match
    assert description is not None
    assert description.fingerprint == fingerprint_of(DEFAULT_WEIGHTS)
    assert (description.default, description.classes) == (True, ["cat"])


def test_the_shipped_detector_does_not_care_for_company_or_order() -> None:
    """Metamorphic: the same picture alone, in a batch and after others gives the same bits."""
    rng = np.random.default_rng(5)
    images = [rng.integers(0, 256, size, np.uint8) for size in ((120, 160, 3), (160, 120, 3), (120, 160, 3))]
    detector = Detector.load()
    together = detector.detect(images, 0.0001)
    for image, found in zip(images, together, strict=True):
        alone = detector.detect([image], 0.0001)[0]
        assert len(found) > 0
        assert (alone.boxes.tobytes(), alone.scores.tobytes()) == (found.boxes.tobytes(), found.scores.tobytes())


@pytest.mark.skipif(not COCO.is_file(), reason="the COCO model of ../shared/data/weights is not here")
def test_a_real_coco_model_finds_real_cats() -> None:
    """Forty pictures of one large cat each, labelled by hand; by our measure the model finds 32 of them."""
    from models.detector.boxes import match
    from models.detector.pictures import read_folder, read_image

    pictures = read_folder(Path("../shared/data/detect/voc"))
    large = [p for p in pictures if len(p.boxes) == 1 and np.prod(p.boxes[0, 2:] - p.boxes[0, :2]) > 0.3][:40]
    detector = Detector.load(COCO)
    found = [detector.detect([read_image(picture.path)])[0] for picture in large]
    right = [match(f.boxes, f.scores, p.boxes, 0.5).any() for f, p in zip(found, large, strict=True)]
    assert sum(right) >= 28
    assert {name for one in found for name in one.classes} == {"cat"}
