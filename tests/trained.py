"""A tiny detector that is really trained: once in a session, for every test that needs trained weights."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.training_params import PrepareParams, TrainParams

EPOCHS = 14
needs_training = pytest.mark.skipif(find_spec("ultralytics") is None, reason="training needs the extra `train`")
"""PyTorch is looked for, not imported: every worker collects every test, and few of them train."""

TINY = """\
# The head of YOLO26 on five convolutions: what is said of training and export holds, in a tenth of the time.
nc: 1
end2end: True
reg_max: 1
backbone:
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
head:
  - [[2, 3, 4], 1, Detect, [nc]]
"""


@dataclass(frozen=True)
class Trained:
    """What came of it; tests only read it.

    Attributes:
        root: the folder of everything.
        pictures: the list of pictures.
        training: the parameters; they say where the weights are.
        last: figures of the last epoch.
    """

    root: Path
    pictures: Path
    training: TrainParams
    last: dict[str, float]


def draw(folder: Path, count: int, *, empty: int = 0, seed: int = 0) -> Path:
    """Pictures of 64 x 64 with a bright ellipse on noise, and `empty` ones without."""
    rng = np.random.default_rng(seed)
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for number in range(count + empty):
        image = cv2.resize(rng.integers(0, 120, (8, 8, 3), np.uint8), (64, 64), interpolation=cv2.INTER_CUBIC)
        label = ""
        if number < count:
            x, y = rng.uniform(0.3, 0.7, 2)
            cv2.ellipse(image, (int(64 * x), int(64 * y)), (14, 9), 0, 0, 360, (240, 240, 240), -1)
            label = f"0 {x:.4f} {y:.4f} {28 / 64:.4f} {18 / 64:.4f}\n"
        cv2.imwrite(str(folder / "images" / f"{number:03d}.png"), image)
        (folder / "labels" / f"{number:03d}.txt").write_text(label)
    return folder


def settings(root: Path, **changes: object) -> PrepareParams:
    """Photos that are measured, and rooms that only train."""
    fields = {
        "folders": [str(root / "photos"), str(root / "rooms")],
        "measured": [str(root / "photos")],
        "most_empty": 2,
        "simulated": 0,
        "copy_bits": 0,
        "pictures": str(root / "work" / "pictures.csv"),
    }
    return PrepareParams.model_validate(fields | changes)


def tiny(folder: Path) -> str:
    """The architecture as a file, for `train.start`."""
    path = folder / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return str(path)


def trained_once(root: Path) -> Trained:
    """Train in a folder, or take what another worker of the session has trained there.

    A few epochs on 60 pictures of 64 pixels: enough to find nearly every ellipse.
    """
    from tasks.prepare import prepare
    from tasks.train import train

    root.mkdir(exist_ok=True)
    chosen = settings(root, val_share=0.2)
    training = TrainParams(
        start=str(root / "tiny.yaml"), epochs=EPOCHS, image_size=64, batch=4, step=4, rate=0.02, warmup_epochs=0.5,
        plain_epochs=EPOCHS, threads=1, device="cpu", head="end2end", cheap_cameras=0.0, runs=str(root / "run"),
    )  # fmt: skip
    done = root / "done.json"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_file():
            draw(root / "photos", 60, empty=6)
            draw(root / "rooms", 0, empty=4, seed=1)
            tiny(root)
            prepare(chosen)
            done.write_text(json.dumps(train(training, Path(chosen.pictures))))
    return Trained(root, Path(chosen.pictures), training, json.loads(done.read_text()))
