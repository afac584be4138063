"""Train a YOLO on pictures with boxes, with Ultralytics as the engine."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from home.errors import CatMLError, ModelError, WrongUse
from home.training_params import TrainParams
from models.detector.checkpoint import fingerprint_of_run, read_state, told_full
from models.detector.dense_teacher import CUT, DenseTeacher
from models.detector.library import load_yolo
from models.detector.pictures import Picture
from models.detector.start import begin_classes
from models.detector.trainer import STATE, Epoch, trainer_class

__all__ = ["device_of", "fit", "link_pictures"]

Look = Callable[[Epoch], None]
"""Called after each epoch, when it is saved."""

ROOM = 300_000_000
"""Bytes that must be free: two states of the smallest network, its weights twice, curves and events."""


def fit(
    train: Sequence[Picture],
    val: Sequence[Picture],
    params: TrainParams,
    folder: Path,
    *,
    classes: Sequence[str] = ("cat",),
    look: Look | None = None,
    begins: Callable[[int], None] | None = None,
) -> Path:
    """Train, or go on where the same run was interrupted, and give the weights after the last epoch.

    The last epoch's averaged weights are taken, not the best by validation: on the few dozen pictures that a home or
    a small collection can spare, the difference between late epochs is noise, and choosing by it is fitting to it.

    Args:
        train, val: pictures with their boxes; `val` draws the curves and steers nothing.
        params: how to train.
        folder: gets `weights/last.pt` after each epoch, `results.csv` and `args.yaml`; emptied first, unless it holds
            the state of the very same run.
        classes: what the network tells apart, in order; boxes of others are not trained on.
        look: hears of each epoch.
        begins: hears, before the first, how many epochs are done already.

    Returns:
        Path of the trained `.pt`.

    Raises:
        WrongUse: no picture to train on or to validate with, or no box in either; no GPU where one is asked for.
        ModelError: Ultralytics is not installed, the start cannot be read, or training failed.
        StoreError: the disk is full; what was saved last is whole.
    """
    for name, pictures in (("train", train), ("val", val)):
        if not any(len(picture.boxes) for picture in pictures):
            raise WrongUse(f"the {name} split has {len(pictures)} pictures and no animal: give it some with boxes")
    yolo, device = load_yolo(params.start), device_of(params.device)
    fingerprint = fingerprint_of_run(train, val, classes, params)
    state = read_state(folder / "weights" / STATE, fingerprint)
    if state is not None and state["epoch"] + 1 >= params.epochs:  # it was killed between its last epoch and its end
        return _finished(folder)
    if state is None:
        shutil.rmtree(folder, ignore_errors=True)
        _check_room(folder)
    shutil.rmtree(folder / "pictures", ignore_errors=True)
    teacher = DenseTeacher(params.teacher, folder, threads=params.threads) if params.teacher else None
    kind = trainer_class(fingerprint, params, look or (lambda _: None), begins or (lambda _: None), teacher)
    try:
        data = link_pictures({"train": train, "val": val}, folder / "pictures", classes)
        with _half_precision(device), contextlib.redirect_stdout(io.StringIO()):  # progress bars of its own
            _run(kind, yolo, {"data": str(data), **_place(folder), **_settings(params, device)}, params.threads)
    except OSError as error:
        told = told_full(error, folder)
        raise told if isinstance(told, CatMLError) else ModelError(f"training failed: {error}") from error
    except (RuntimeError, ValueError, AssertionError) as error:
        raise ModelError(f"training failed: {error}") from error
    return _finished(folder)


def _finished(folder: Path) -> Path:
    """Nothing is left of a run that ended but what it made: the next call begins anew."""
    shutil.rmtree(folder / "pictures", ignore_errors=True)
    (folder / CUT).unlink(missing_ok=True)
    (folder / "weights" / STATE).unlink()
    return folder / "weights" / "last.pt"


def device_of(asked: str) -> str:
    """`cpu` or the number of a GPU; `auto` is the first GPU, or the CPU where there is none.

    Raises:
        WrongUse: a GPU was asked for by its number and PyTorch has none of that number.
    """
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if asked == "auto":
        return "0" if count else "cpu"
    if asked != "cpu" and not (asked.isdigit() and int(asked) < count):
        raise WrongUse(
            f"train.device: found {asked!r}; PyTorch sees {count} GPUs here, use auto, cpu or a GPU's number"
        )
    return asked


def _check_room(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise WrongUse(
            f"{folder} is on a disk with {free / 1e6:.0f} MB free, and training needs {ROOM / 1e6:.0f}; "
            "make room, or name another place in train.runs"
        )


def _run(kind: Any, yolo: Any, arguments: dict[str, Any], threads: int) -> None:
    import torch

    trainer = kind(overrides={"model": yolo.overrides["model"], "task": "detect", "mode": "train", **arguments})
    if yolo.ckpt:
        trainer.model = trainer.get_model(weights=yolo.model, cfg=yolo.model.yaml, verbose=False)
        trainer.model.remember(yolo.ckpt.get("answers"))
        begin_classes(trainer.model, yolo.model, list(trainer.data["names"].values()))
    # Ultralytics sets the number of threads itself while it sets up
    trainer.add_callback("on_train_start", lambda _: torch.set_num_threads(threads))
    trainer.train()


def link_pictures(splits: dict[str, Sequence[Picture]], folder: Path, classes: Sequence[str] = ("cat",)) -> Path:
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
            (folder / "labels" / split / f"{name}.txt").write_text(_label(picture, classes), encoding="ascii")
    data = folder / "data.yaml"
    lines = [f"path: {folder.resolve()}", *(f"{split}: images/{split}" for split in splits), "names:"]
    lines += [f"  {number}: {json.dumps(name, ensure_ascii=False)}" for number, name in enumerate(classes)]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


def _label(picture: Picture, classes: Sequence[str]) -> str:
    low, high = picture.boxes[:, :2], picture.boxes[:, 2:]
    rows = np.concatenate([(low + high) / 2, high - low], axis=1)
    known = [(classes.index(name), row) for name, row in zip(picture.classes, rows, strict=True) if name in classes]
    return "".join(f"{number} " + " ".join(f"{value:.6f}" for value in row) + "\n" for number, row in known)


def _place(folder: Path) -> dict[str, Any]:
    return {"project": str(folder.parent.resolve()), "name": folder.name, "exist_ok": True}


def _settings(params: TrainParams, device: str) -> dict[str, Any]:
    return {
        "epochs": params.epochs,
        "imgsz": params.image_size,
        "batch": params.batch,
        "nbs": max(params.step, params.batch),
        "optimizer": "AdamW",
        "lr0": params.rate,
        "cos_lr": True,
        "warmup_epochs": params.warmup_epochs,
        "warmup_bias_lr": 0.0,  # the 0.1 they have for gradient descent is a hundred times too much for AdamW
        "weight_decay": params.decay,
        "mosaic": params.mosaic,
        "close_mosaic": min(params.plain_epochs, max(0, params.epochs - 1)),
        "degrees": 5.0,  # cameras are seldom hung straight
        "device": device,
        "amp": device != "cpu",
        "seed": params.seed,
        # On a CPU a second process would only take a core away; a GPU waits for those who prepare its pictures.
        "workers": 0 if device == "cpu" else params.threads,
        "cache": "ram",
        "patience": 0,
        "plots": False,
        "verbose": False,
    }


@contextlib.contextmanager
def _half_precision(device: str) -> Iterator[None]:
    """Let a CPU that multiplies bfloat16 do so: twice as fast at the same result. Ultralytics only does so on GPUs.

    On a GPU Ultralytics would try its half precision on a network that it downloads; that it works there is known.
    """
    import torch
    from ultralytics.engine import trainer

    changed: dict[str, Any] = {"check_amp": lambda _: True}
    if device == "cpu" and torch.cpu._is_avx512_bf16_supported():
        changed = {"autocast": lambda *_, **__: torch.autocast("cpu", dtype=torch.bfloat16)}
    own = {name: getattr(trainer, name) for name in changed}
    for name, value in changed.items():
        setattr(trainer, name, value)
    try:
        yield
    finally:
        for name, value in own.items():
            setattr(trainer, name, value)
