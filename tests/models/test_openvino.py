"""OpenVINO runs the same files and finds the same animals, in what it was told to compute in, and tells nobody of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("openvino", reason="the extra `openvino` is not installed")

from home.errors import ModelError
from models.detector.modes import Offer, write_modes
from models.detector.predict import DEFAULT_WEIGHTS, Detections, Detector
from models.network import Network, Precision, open_network
from tests.models.detector.networks import constant_detector

PROJECT = Path(__file__).parents[2]
SIDE = 256


@pytest.fixture(scope="module")
def rooms() -> list[np.ndarray]:
    """Simulated rooms with cats that the shipped detector finds."""
    from simulate.training import training_picture

    return [training_picture(seed, SIDE)[0] for seed in (43, 44, 46, 48)]


def in_openvino(path: Path = DEFAULT_WEIGHTS, precision: Precision = "fp32", threads: int = 1) -> Network:
    return open_network(path, threads=threads, callers=2, runtime="openvino", precision=precision)


def inside(network: Network) -> Any:
    """What OpenVINO itself made of the network, for pictures of 256 x 256."""
    return network.compiled((1, 3, SIDE, SIDE)).network  # type: ignore[attr-defined]


def has_bf16() -> bool:
    return in_openvino(precision="bf16").runtime.endswith("bf16")


def test_it_computes_in_what_it_was_told_on_the_threads_it_was_given() -> None:
    """Told nothing, it would take bfloat16 where the processor has it, every core, and pin its threads to them."""
    for precision in ("fp32", "bf16"):
        network = in_openvino(precision=precision)  # type: ignore[arg-type]
        half = network.runtime == "openvino bf16"
        told = {name: inside(network).get_property(name) for name in _ASKED}
        kind = told["INFERENCE_PRECISION_HINT"].get_type_name()
        assert kind == ("bf16" if half else "f32") and not (half and precision == "fp32")
        assert (told["INFERENCE_NUM_THREADS"], told["NUM_STREAMS"]) == (2, 2)  # one thread for each of two callers
        assert told["ENABLE_CPU_PINNING"] is False and told["EXECUTION_DEVICES"] == ["CPU"]


_ASKED = (
    "INFERENCE_PRECISION_HINT", "INFERENCE_NUM_THREADS", "NUM_STREAMS", "ENABLE_CPU_PINNING", "EXECUTION_DEVICES"
)  # fmt: skip


def found_by(detector: Detector, rooms: list[np.ndarray]) -> list[Detections]:
    return detector.detect(rooms, 0.1)


def same(first: list[Detections], second: list[Detections], *, score: float, side: float) -> int:
    """Assert that the sure boxes of both lie in the same places; how many there are."""
    told = 0
    for one, other in zip(first, second, strict=True):
        for mine, theirs in ((one, other), (other, one)):
            for number in np.flatnonzero(mine.scores >= 0.3):
                gaps = np.abs(theirs.boxes - mine.boxes[number]).max(1)
                assert len(gaps) and gaps.min() <= side, (mine, theirs)
                assert abs(theirs.scores[gaps.argmin()] - mine.scores[number]) <= score
                told += 1
    return told


@pytest.mark.parametrize(("precision", "score", "side"), [("fp32", 1e-3, 1e-3), ("bf16", 0.05, 0.02)])
def test_it_finds_what_onnx_runtime_finds(
    tmp_path: Path, rooms: list[np.ndarray], precision: Precision, score: float, side: float
) -> None:
    """fp32 differs in the order of additions; bfloat16 has 8 bits of a number."""
    onnx = tmp_path / "detector.onnx"
    for name in ("detector.onnx", "model.json"):
        (tmp_path / name).symlink_to(DEFAULT_WEIGHTS.with_name(name))
    offer = Offer(onnx, SIDE, precision)
    write_modes(onnx, {"fast": offer, "accurate": offer})
    plain, other = (Detector.load(onnx, runtime=name) for name in ("onnxruntime", "openvino"))
    assert other.network.runtime == ("openvino bf16" if precision == "bf16" and has_bf16() else "openvino")
    assert same(found_by(plain, rooms), found_by(other, rooms), score=score, side=side) >= 4
    assert plain.fingerprint != other.fingerprint  # not the same to the last bit: a night is not taken for the other's


def test_int8_of_onnx_runtime_runs_in_it(tmp_path: Path, rooms: list[np.ndarray]) -> None:
    """The file that is quantised for ONNX Runtime, with its scales, is the one OpenVINO computes in INT8.

    Of a network compiled for any height and width it makes other scores, wrong by a quarter and more.
    """
    pytest.importorskip("onnx", reason="conversion needs the extra `train`")
    from models.detector.description import fingerprint_of, read_description
    from models.detector.precision import calibration_inputs, to_int8

    small = tmp_path / "detector-int8.onnx"
    to_int8(DEFAULT_WEIGHTS, small, calibration_inputs(rooms, SIDE))
    told = read_description(DEFAULT_WEIGHTS)
    assert told is not None
    told = told.model_copy(update={"input_size": SIDE, "second_size": None, "fingerprint": fingerprint_of(small)})
    told.write(small.with_suffix(".json"))
    plain, other = (Detector.load(small, runtime=name) for name in ("onnxruntime", "openvino"))
    assert same(found_by(plain, rooms), found_by(other, rooms), score=0.1, side=0.03) >= 4
    kinds = {
        node.get_rt_info()["runtimePrecision"]
        for node in inside(other.network).get_runtime_model().get_ops()
        if node.get_rt_info()["layerType"] == "Convolution"
    }
    assert "i8" in kinds or "u8" in kinds, kinds


def test_two_callers_get_the_bits_of_one(rooms: list[np.ndarray]) -> None:
    """The night asks from several threads; on how many a picture is computed changes nothing either."""
    batches = [(room.transpose(2, 0, 1)[None] / 255).astype(np.float32) for room in rooms]
    alone = [in_openvino().run(batch) for batch in batches]
    shared, gate = in_openvino(threads=2), threading.Barrier(2)

    def ask(batch: np.ndarray) -> np.ndarray:
        gate.wait(30)
        return shared.run(batch)

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(ask, batches))
    assert [answer.tobytes() for answer in together] == [answer.tobytes() for answer in alone]


@pytest.mark.parametrize("content", [b"", b"\x89PNG", DEFAULT_WEIGHTS.read_bytes()[:500_000]])
def test_it_refuses_what_is_no_model(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    told = r"broken\.onnx' is not an ONNX model that OpenVINO can run: (Model can't be parsed|it holds no network)"
    with pytest.raises(ModelError, match=told):
        open_network(path, runtime="openvino")
    assert not capfd.readouterr().err  # its other readers would each complain of the file
    with pytest.raises(ModelError, match=r"no ONNX model at"):
        open_network(tmp_path / "gone.onnx", runtime="openvino")


def test_what_the_file_says_of_itself_is_read(tmp_path: Path) -> None:
    told = {"names": "{0: 'dog', 1: 'cat'}", "imgsz": "[64, 64]", "end2end": "True"}
    onnx = constant_detector(tmp_path / "m.onnx", np.array([[16, 16, 48, 48, 0.9, 1]], np.float32), metadata=told)
    assert open_network(onnx, runtime="openvino").signature.metadata == told
    detector = Detector.load(onnx, runtime="openvino")
    assert detector.detect([np.full((64, 64, 3), 128, np.uint8)])[0].classes.tolist() == ["cat"]


WATCHED = """
import os, sys, threading
told = []
sys.addaudithook(lambda event, _: told.append(event))
from models.network import open_network
import numpy as np
network = open_network(sys.argv[1], runtime="openvino")
network.run(np.zeros((1, 3, 64, 64), np.float32))
assert "openvino" in sys.modules
assert "openvino_telemetry.main" not in sys.modules, "its telemetry was imported"
asked = {event for event in told if event.startswith(("socket.", "urllib.", "os.fork", "os.posix_spawn", "subprocess."))}
assert not asked, asked
print("quiet")
"""


def test_it_phones_nobody(tmp_path: Path) -> None:
    """Left alone, an import starts a process that tells a web service of it, and keeps a number for this user.

    Here nothing opens a socket or starts a process, and the user's folder stays empty. CI is taken out of the
    environment: where it is set, the library would be silent of itself.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "TF_BUILD", "JENKINS_URL")}
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, str(DEFAULT_WEIGHTS)],
        cwd=PROJECT, capture_output=True, text=True, env=environment | {"HOME": str(tmp_path)},
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "quiet\n"), ran.stderr
    assert not list(tmp_path.iterdir())
