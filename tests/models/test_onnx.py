"""ONNX Runtime sessions: errors a person can act on, a bounded number of threads, the same bits every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import psutil
import pytest

from home.errors import ModelError
from models.detector.predict import DEFAULT_WEIGHTS
from models.onnx import fixed_dimension, open_session


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ModelError, match=r"no ONNX model at 'nowhere\.onnx'"):
        open_session("nowhere.onnx")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.onnx"
    path.write_bytes(b"\x89PNG not a model")
    with pytest.raises(ModelError, match=r"picture\.onnx' is not an ONNX model"):
        open_session(path)


def test_no_threads_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="1 or more, got 0"):
        open_session(DEFAULT_WEIGHTS, threads=0)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_are_bounded(threads: int) -> None:
    """The caller's own thread works too, so that a session of n threads starts n - 1."""
    process = psutil.Process()
    before = process.num_threads()
    session = open_session(DEFAULT_WEIGHTS, threads=threads)
    session.run(None, {"images": np.zeros((1, 3, 64, 64), np.float32)})
    assert process.num_threads() - before == threads - 1


def test_the_same_input_gives_the_same_bits() -> None:
    picture = np.random.default_rng(0).random((1, 3, 96, 64), np.float32)
    runs = [open_session(DEFAULT_WEIGHTS, threads=2).run(None, {"images": picture})[0] for _ in range(3)]
    assert runs[0].tobytes() == runs[1].tobytes() == runs[2].tobytes()


@pytest.mark.parametrize(("value", "expected"), [(416, 416), ("height", None), (None, None), (-1, None), (0, None)])
def test_fixed_dimension(value: object, expected: int | None) -> None:
    assert fixed_dimension(value) == expected
