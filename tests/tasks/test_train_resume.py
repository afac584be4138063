"""Training survives what happens to long runs: a kill in mid-epoch, a full disk, another fold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from home.errors import ModelError, StoreError, WrongUse
from home.folder import PROJECT
from home.training_params import TrainParams
from models.detector.checkpoint import save_whole
from models.detector.listing import read_listing
from models.detector.train import ROOM, device_of, fit
from models.detector.trainer import Epoch
from tasks.prepare import prepare
from tasks.train import run_folder, train, trained_weights, training_split
from tests.small_disk import a_small_disk
from tests.test_catml import hears_ctrl_c
from tests.trained import draw, needs_training, settings, tiny

pytestmark = needs_training

# Some 20 pictures in batches of 8 make 3 batches an epoch, and 8 batches are gathered before a step: a run that is
# interrupted has gradients that wait. The mosaic is closed for the last two epochs.
SHORT = {
    "epochs": 6,
    "image_size": 64,
    "batch": 8,
    "step": 64,
    "warmup_epochs": 1.0,
    "plain_epochs": 2,
    "threads": 1,
    "device": "cpu",
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set, and beside it a network as small."""
    root = tmp_path_factory.mktemp("set")
    draw(root / "photos", 26, empty=4)
    chosen = settings(root, folders=[str(root / "photos")], test_share=0.2, val_share=0.2)
    prepare(chosen)
    tiny(root)
    return Path(chosen.pictures)


def short(pictures: Path, runs: Path, **changes: object) -> TrainParams:
    start = str(pictures.parents[1] / "tiny.yaml")
    return TrainParams.model_validate(SHORT | {"start": start, "runs": str(runs)} | changes)


def program(pictures: Path, runs: Path, **changes: int) -> subprocess.Popen[str]:
    settings = short(pictures, runs).model_dump(include={*SHORT, "start", "runs"}) | changes
    sets = [part for name, value in settings.items() for part in ("--set", f"train.{name}={value}")]
    arguments = [sys.executable, "-m", "tasks.train", "--set", f"prepare.pictures={pictures}", *sets]
    return subprocess.Popen(
        arguments, cwd=PROJECT, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip


def weights(runs: Path) -> dict[str, np.ndarray]:
    import torch

    content = torch.load(runs / "weights" / "last.pt", weights_only=False)
    return {name: value.float().numpy() for name, value in content["model"].state_dict().items()}


@pytest.fixture(scope="module")
def unbroken(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run without a kill."""
    runs = tmp_path_factory.mktemp("unbroken") / "run"
    train(short(pictures, runs), pictures)
    return runs


@pytest.mark.parametrize("done", [2, pytest.param(5, marks=pytest.mark.long)])
def test_a_run_killed_in_mid_epoch_ends_as_one_that_was_not(
    pictures: Path, unbroken: Path, tmp_path: Path, done: int
) -> None:
    """Killed in the third epoch, or in the last, after the mosaic was closed: the same weights to the last bit.

    The same weights have the same AP; half a point would be allowed.
    """
    process = program(pictures, tmp_path / "run")
    assert process.stderr is not None
    assert any(f"epoch {done} of 6" in line for line in process.stderr)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL and (tmp_path / "run/weights/state.pt").is_file()
    told: list[str] = []
    train(short(pictures, tmp_path / "run"), pictures, told.append)
    assert told[0] == f"goes on after epoch {done} of 6" and len(told) == 1 + 6 - done
    ends, expected = weights(tmp_path / "run"), weights(unbroken)
    assert max(float(np.abs(ends[name] - value).max()) for name, value in expected.items()) == 0.0
    rows = [(run / "results.csv").read_text().splitlines() for run in (tmp_path / "run", unbroken)]
    without_time = [[[row.split(",")[0], *row.split(",")[2:]] for row in lines] for lines in rows]
    assert without_time[0] == without_time[1]
    assert not (tmp_path / "run/weights/state.pt").exists() and not (tmp_path / "run/pictures").exists()


def test_ctrl_c_ends_without_a_traceback_and_the_run_goes_on(pictures: Path, tmp_path: Path) -> None:
    """A run of so many epochs that it cannot end by itself before the signal comes."""
    process = program(pictures, tmp_path / "run", epochs=2000)
    assert process.stderr is not None
    assert any("epoch 1 of 2000" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    told = process.communicate()[1]
    assert process.returncode == 130 and told.endswith("stopped; what is done stays, run it again to go on\n")
    assert "Traceback" not in told
    process = program(pictures, tmp_path / "run", epochs=2000)
    assert process.stderr is not None
    assert "goes on after epoch" in next(line for line in process.stderr)
    process.kill()
    process.communicate()


def test_a_head_that_was_not_trained_is_not_exported(unbroken: Path, tmp_path: Path) -> None:
    from models.detector.export import to_onnx

    with pytest.raises(ModelError, match=r"export\.head is end2end, and .*last\.pt' has no such head: train it with"):
        to_onnx(unbroken / "weights" / "last.pt", tmp_path, head="end2end")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with a little more room than training asks for."""
    with a_small_disk(tmp_path / "disk", ROOM + 30_000_000) as folder:
        yield folder


def test_a_full_disk_ends_the_run_and_keeps_the_last_epoch(pictures: Path, small_disk: Path) -> None:
    """After the second epoch somebody else fills the disk; when there is room again the run goes on after it."""
    params = short(pictures, small_disk / "run")
    learns, watched = training_split(read_listing(pictures), params)
    ballast = small_disk / "ballast"

    def fill(epoch: Epoch) -> None:
        if epoch.number == 2:
            with ballast.open("wb", buffering=0) as file, pytest.raises(OSError):
                while True:
                    file.write(bytes(1_000_000))

    with pytest.raises(StoreError, match=r"the disk is full: .* goes on from the last epoch that was saved"):
        fit(learns, watched, params, small_disk / "run", look=fill)
    ballast.unlink()
    done: list[int] = []
    assert fit(learns, watched, params, small_disk / "run", begins=done.append).is_file()
    assert done == [2]
    with pytest.raises(WrongUse, match=r"MB free, and training needs 300"):
        (small_disk / "more").write_bytes(bytes(60_000_000))
        fit(learns, watched, params, small_disk / "other")


def test_another_parameter_is_another_run(pictures: Path, tmp_path: Path) -> None:
    """A state of other parameters is not gone on from; where a run works is none of them."""
    params = short(pictures, tmp_path / "run", epochs=1, fold=1)
    learns, watched = training_split(read_listing(pictures), params)
    measured = {one.path for one in watched}
    assert measured and not measured & {one.path for one in learns}
    state = run_folder(params) / "weights" / "state.pt"
    save_whole({"fingerprint": "of another run"}, state)
    train(params, pictures)
    assert run_folder(params).name == "run-fold1" and trained_weights(params).is_file() and not state.exists()
    state.write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"state\.pt is no checkpoint of a training run; delete it"):
        train(params, pictures)
    with pytest.raises(WrongUse, match=r"train\.fold: found 7; the list of pictures has the folds 0, 1, 2, 3, 4"):
        train(params.model_copy(update={"fold": 7}), pictures)


def test_the_device_is_found_and_a_missing_gpu_is_told() -> None:
    import torch

    count = torch.cuda.device_count()
    assert device_of("auto") == ("0" if count else "cpu")
    with pytest.raises(WrongUse, match=r"train\.device: found '64'; PyTorch sees \d+ GPUs here"):
        device_of("64")
