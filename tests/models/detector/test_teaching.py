"""Learning from all that a teacher says: its words, the lesson's loss, and the batches that are made ahead."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from home.errors import ModelError
from models.detector.ahead import Ahead
from models.detector.cheap_cameras import as_cheap_camera
from models.detector.dense_teacher import DenseTeacher
from tests.models.detector.networks import brightest_detector, seeing_yolox


def test_a_teacher_says_of_each_cell_how_sure_it_is_and_what_it_sees(tmp_path: Path) -> None:
    """The teacher of these lines is sure of as much red as a cell has, and sees red, green and blue."""
    teacher = DenseTeacher(seeing_yolox(tmp_path / "yolox.onnx", side=64, classes=2), tmp_path / "room")
    assert (teacher.side, teacher.classes, teacher.features) == (64, 2, 3)
    pictures = np.zeros((2, 3, 64, 64), np.uint8)
    pictures[1, 0, :32, 32:] = 255  # red, above on the right
    for words, cells in zip(teacher(pictures), (8, 4, 2), strict=True):
        assert words.shape == (2, 1 + 2 + 3, cells, cells) and not words[0].any()
        half = cells // 2
        assert (
            (words[1, 0, :half, half:] == 1).all() and not words[1, 0, half:].any() and not words[1, 0, :, :half].any()
        )
        blue, green, red = words[1, 3:]
        assert (red[:half, half:] == 255).all() and not green.any() and not blue.any()


def test_a_picture_of_another_size_is_fitted(tmp_path: Path) -> None:
    teacher = DenseTeacher(seeing_yolox(tmp_path / "yolox.onnx", side=64, classes=2), tmp_path / "room")
    large = np.zeros((1, 3, 96, 96), np.uint8)
    large[0, 0, :48] = 255
    assert [words.shape[-1] for words in teacher(large)] == [8, 4, 2]
    assert (teacher(large)[0][0, 0, :3] == 1).all()


def test_what_is_no_teacher_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"train\.teacher: no file .*nowhere\.onnx'; it must be a YOLOX"):
        DenseTeacher(tmp_path / "nowhere.onnx", tmp_path)
    (tmp_path / "broken.onnx").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match=r"broken\.onnx' is no ONNX detector"):
        DenseTeacher(tmp_path / "broken.onnx", tmp_path)
    with pytest.raises(ModelError, match=r"other\.onnx' puts out \[1, 6\] .* a YOLOX puts out a row for each cell"):
        DenseTeacher(brightest_detector(tmp_path / "other.onnx"), tmp_path)


def lesson(objectness: float, sight: float) -> float:
    """The loss of an answer to a teacher who sees one thing, in the middle."""
    torch = pytest.importorskip("torch", reason="training needs the extra `train`")
    from models.detector.pupil import lesson_loss

    words = torch.zeros(1, 1 + 2 + 3, 5, 5)
    words[0, :2, 2, 2] = 1.0
    words[0, 3:] = torch.arange(75.0).reshape(3, 5, 5)
    thing = torch.full((1, 1, 5, 5), -objectness)
    thing[0, 0, 2, 2] = objectness
    named = torch.tensor([objectness, -objectness]).reshape(1, 2, 1, 1).expand(1, 2, 5, 5)
    seen = sight * torch.arange(75.0).reshape(1, 3, 5, 5)
    return float(lesson_loss([(thing, named, seen)], [words]))


def test_the_lesson_is_learned_when_the_answer_is_the_teachers() -> None:
    """Features need only agree but for size; the surer of what is right, the better."""
    assert lesson(10.0, 1.0) == pytest.approx(lesson(10.0, 7.0), abs=1e-3)
    assert lesson(10.0, 1.0) < 0.001 < lesson(3.0, 1.0) < lesson(0.0, 1.0) < lesson(-3.0, 1.0)
    assert lesson(10.0, -1.0) > 3.9  # the opposite of each feature: (1 - -1) squared


def test_a_pupil_becomes_a_plain_detector_that_says_the_same() -> None:
    torch = pytest.importorskip("torch", reason="training needs the extra `train`")
    from models.detector.pupil import pupil_class

    torch.manual_seed(0)
    pupil = pupil_class()("yolo26n.yaml", 2, both_heads=False, taught=(80, 64), weight=1.0).eval()
    image = torch.rand(1, 3, 64, 64)
    before = pupil(image)[0]
    plain = pupil.plain()
    assert type(plain).__module__ == "ultralytics.nn.tasks" and not any(
        "answers" in name for name in plain.state_dict()
    )
    assert torch.allclose(plain(image)[0], before, atol=1e-4)


class Loader:
    """A loader that draws from `random` as it goes."""

    def __init__(self, length: int, fails_at: int = -1) -> None:
        self.length, self.fails_at = length, fails_at

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number in range(self.length):
            if number == self.fails_at:
                raise OSError("the disk is gone")
            yield {"number": number, "drawn": random.random()}


def test_batches_made_ahead_are_the_same_ones() -> None:
    random.seed(3)
    plain = [[dict(batch) for batch in Loader(5)] for _ in range(2)]
    random.seed(3)
    ahead = Ahead(Loader(5), lambda batch: batch | {"finished": True})
    assert len(ahead) == 5 and ahead.length == 5
    assert [[batch | {"finished": True} for batch in epoch] for epoch in plain] == [list(ahead) for _ in range(2)]


def test_an_error_in_the_thread_is_raised_where_the_batches_are_used() -> None:
    got = []
    with pytest.raises(OSError, match="the disk is gone"):
        for batch in Ahead(Loader(5, fails_at=2)):
            got.append(batch["number"])
    assert got == [0, 1]


def test_leaving_early_ends_the_thread() -> None:
    import threading

    for batch in Ahead(Loader(50)):
        assert batch["number"] == 0
        break
    assert not [thread for thread in threading.enumerate() if thread.name == "next batch"]


def test_faults_of_cheap_cameras_change_pictures_not_their_size() -> None:
    picture = np.full((40, 60, 3), (40, 120, 200), np.uint8)
    random.seed(0)
    np.random.seed(0)
    seen = [as_cheap_camera(picture) for _ in range(40)]
    assert {image.shape for image in seen} == {picture.shape} and {image.dtype for image in seen} == {picture.dtype}
    assert any((image == picture).all() for image in seen) and sum((image != picture).any() for image in seen) > 20
    assert any((image[..., 0] == image[..., 2]).all() for image in seen)  # grey
