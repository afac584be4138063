"""The whole state of a training run on disk, so that a run that was killed goes on as if it had not been."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from home.errors import ModelError, StoreError
from home.store import write_file
from home.training_params import TrainParams
from models.detector.pictures import Picture

__all__ = ["fingerprint_of_run", "random_state", "read_state", "restore_random", "save_whole", "told_full"]

_WHERE_NOT_WHAT = {"runs", "threads", "device"}
"""Parameters that say where a run works, not what it learns."""


def fingerprint_of_run(
    train: Sequence[Picture], val: Sequence[Picture], classes: Sequence[str], params: TrainParams
) -> str:
    """Changes with whatever changes the result: pictures, boxes, classes, parameters. 64 hexadecimal digits."""
    digest = hashlib.sha256(json.dumps([*classes, params.model_dump(exclude=_WHERE_NOT_WHAT)]).encode())
    for pictures in (train, val):
        digest.update(b"\n")
        for picture in pictures:
            digest.update(f"{picture.path.as_posix()} {picture.classes}".encode())
            digest.update(np.ascontiguousarray(picture.boxes, np.float32).tobytes())
    return digest.hexdigest()


def save_whole(content: Any, path: Path) -> None:
    """Save with PyTorch under a temporary name, then rename: what was there stays until the new one is whole.

    Raises:
        StoreError: the disk is full.
    """
    import torch

    buffer = io.BytesIO()
    torch.save(content, buffer)
    try:
        write_file(path, buffer.getvalue())
    except OSError as error:
        raise told_full(error, path) from error


def told_full(error: OSError, path: Path) -> OSError | StoreError:
    """The error to raise for one met while writing: a full disk is said to be one."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return error
    return StoreError(
        f"the disk is full: {path} could not be written. What was saved before is whole; make room there and run the "
        "same command again, it goes on from the last epoch that was saved"
    )


def read_state(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """The state of a run that was interrupted; None where there is none, or it is of another run.

    Raises:
        ModelError: the file is damaged.
    """
    import torch

    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        return state if state["fingerprint"] == fingerprint else None
    except Exception as error:  # whatever torch raised on bytes that are no checkpoint
        raise ModelError(f"{path} is no checkpoint of a training run; delete it to begin anew: {error}") from error


def random_state(generator: Any) -> dict[str, Any]:
    """The state of every source of chance in training, as plain values and tensors.

    Args:
        generator: the torch generator that orders the pictures.
    """
    import torch

    kind, keys, position, has_gauss, gauss = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": (kind, [int(key) for key in np.asarray(keys)], int(position), int(has_gauss), float(gauss)),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "order": generator.get_state(),
    }


def restore_random(state: dict[str, Any], generator: Any) -> None:
    """Set every source of chance back to what `random_state` has told."""
    import torch

    random.setstate(state["python"])
    kind, keys, *rest = state["numpy"]
    np.random.set_state((kind, np.array(keys, np.uint32), *rest))
    torch.set_rng_state(state["torch"])
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    generator.set_state(state["order"])
