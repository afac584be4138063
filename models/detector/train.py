"""Train a YOLO on pictures with boxes, with Ultralytics as the engine."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from home.errors import ModelError, WrongUse
from home.training_params import TrainParams
from models.detector.library import load_yolo
from models.detector.pictures import Picture

__all__ = ["fit", "link_pictures"]

Report = Callable[[int, dict[str, float]], None]
"""Called after each epoch with its number, from 1, and its losses, rates and validation figures."""


def fit(
    train: Sequence[Picture], val: Sequence[Picture], params: TrainParams, folder: Path, *, report: Report | None = None
) -> Path:
    """Train one class, `cat`, and give the weights after the last epoch.

    The last epoch's averaged weights are taken, not the best by validation: on the few dozen pictures that a home or
    a small collection can spare, the difference between late epochs is noise, and choosing by it is fitting to it.

    Args:
        train, val: pictures with their boxes; `val` draws the curves and steers nothing.
        params: how to train.
        folder: emptied first; gets `weights/last.pt` after each epoch, `results.csv` and `args.yaml`.
        report: hears of each epoch.

    Returns:
        Path of the trained `.pt`.

    Raises:
        WrongUse: no picture to train on or to validate with, or no box in either.
        ModelError: Ultralytics is not installed, the start cannot be read, or training failed.
    """
    for name, pictures in (("train", train), ("val", val)):
        if not any(len(picture.boxes) for picture in pictures):
            raise WrongUse(f"the {name} split has {len(pictures)} pictures and no animal: give it some with boxes")
    shutil.rmtree(folder, ignore_errors=True)
    data = link_pictures({"train": train, "val": val}, folder / "pictures")
    yolo = load_yolo(params.start)
    if report is not None:
        yolo.add_callback("on_fit_epoch_end", lambda trainer: _tell(trainer, report))
    # Ultralytics sets the number of threads itself while it sets up
    yolo.add_callback("on_train_start", lambda _: _use_threads(params.threads))
    with _half_precision(params.device), contextlib.redirect_stdout(io.StringIO()):  # progress bars of its own
        try:
            yolo.train(data=str(data), project=str(folder.parent.resolve()), name=folder.name, **_settings(params))
        except (RuntimeError, ValueError, OSError, AssertionError) as error:
            raise ModelError(f"training failed: {error}") from error
    shutil.rmtree(folder / "pictures")
    return folder / "weights" / "last.pt"


def link_pictures(splits: dict[str, Sequence[Picture]], folder: Path) -> Path:
    """Lay pictures out as Ultralytics wants them, as links and label files, and write its `data.yaml`.

    Returns:
        Path of the `data.yaml`.
    """
    for split, pictures in splits.items():
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        for number, picture in enumerate(pictures):
            name = f"{number:06d}_{picture.source}"  # two sources may use one name
            (folder / "images" / split / (name + picture.path.suffix)).symlink_to(picture.path.resolve())
            (folder / "labels" / split / f"{name}.txt").write_text(_label(picture), encoding="ascii")
    data = folder / "data.yaml"
    lines = [f"path: {folder.resolve()}", *(f"{split}: images/{split}" for split in splits), "names:", "  0: cat"]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


def _label(picture: Picture) -> str:
    low, high = picture.boxes[:, :2], picture.boxes[:, 2:]
    rows = np.concatenate([(low + high) / 2, high - low], axis=1)
    return "".join("0 " + " ".join(f"{value:.6f}" for value in row) + "\n" for row in rows)


def _settings(params: TrainParams) -> dict[str, Any]:
    return {
        "epochs": params.epochs,
        "imgsz": params.image_size,
        "batch": params.batch,
        "optimizer": "AdamW",
        "lr0": params.rate,
        "cos_lr": True,
        "warmup_epochs": params.warmup_epochs,
        "close_mosaic": min(params.plain_epochs, max(0, params.epochs - 1)),
        "degrees": 5.0,  # cameras are seldom hung straight
        "device": params.device,
        "seed": params.seed,
        "workers": 0,  # the pictures lie in memory; a second process would only take a core away
        "cache": "ram",
        "patience": 0,
        "exist_ok": True,
        "plots": False,
        "verbose": False,
    }


def _tell(trainer: Any, report: Report) -> None:
    if trainer.epoch < trainer.epochs:  # Ultralytics closes with one more validation, of weights that are not taken
        report(trainer.epoch + 1, _figures(trainer))


def _figures(trainer: Any) -> dict[str, float]:
    losses = trainer.label_loss_items(trainer.tloss, prefix="train")
    return {name: float(value) for name, value in {**losses, **trainer.lr, **trainer.metrics}.items()}


def _use_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


@contextlib.contextmanager
def _half_precision(device: str) -> Iterator[None]:
    """Let a CPU that multiplies bfloat16 do so: twice as fast at the same result. Ultralytics only does so on GPUs."""
    import torch
    from ultralytics.engine import trainer

    if device != "cpu" or not torch.cpu._is_avx512_bf16_supported():
        yield
        return
    own = trainer.autocast
    trainer.autocast = lambda *_, **__: torch.autocast("cpu", dtype=torch.bfloat16)
    try:
        yield
    finally:
        trainer.autocast = own
