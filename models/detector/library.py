"""The one door to Ultralytics: training and export only, silent, and never telling anybody about it."""

from __future__ import annotations

import os
from typing import Any

from home.errors import ModelError

__all__ = ["load_yolo", "quiet_ultralytics"]


def quiet_ultralytics() -> None:
    """Make Ultralytics importable without it reporting, syncing or installing anything.

    Raises:
        ModelError: it is not installed.
    """
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("YOLO_VERBOSE", "false")
    os.environ.setdefault(
        "YOLO_OFFLINE", "true"
    )  # else it asks the network whether it is there, and for newer versions
    # threads that wait must not spin: on a machine that also records, two spinning ones did half the work of one
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from ultralytics import settings
    except ImportError as error:
        raise ModelError(
            "this needs Ultralytics and PyTorch, which run training: pip install 'catml[train]'"
        ) from error
    off = ("sync", "clearml", "comet", "dvc", "hub", "mlflow", "neptune", "raytune", "wandb", "tensorboard")
    changed = {key: False for key in off if settings.get(key)}
    if changed:
        settings.update(changed)


def load_yolo(source: str) -> Any:
    """An `ultralytics.YOLO` of an architecture (`yolo26n.yaml`) or of weights (`.pt`).

    Raises:
        ModelError: Ultralytics is not installed, or the file cannot be read as one of its models.
    """
    quiet_ultralytics()
    from ultralytics import YOLO

    try:
        return YOLO(source)
    except Exception as error:  # torch, pickle and YAML errors alike
        raise ModelError(f"{source!r} is no model that Ultralytics can read: {error}") from error
