"""What is kept of a training run beside its weights: figures and curves for DVC, and what it was made with."""

from __future__ import annotations

import csv
import importlib.metadata
import io
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from home.errors import VersionError
from home.folder import PROJECT
from home.repository import Repository
from home.store import md5_of, write_file
from home.training_params import TrainParams
from models.detector.pictures import Picture

__all__ = ["NAMES", "commit", "metrics_file", "packages", "write_record"]

NAMES = {
    "train/box_loss": "train_box_loss",
    "train/cls_loss": "train_class_loss",
    "train/l1_loss": "train_edge_loss",
    "val/box_loss": "val_box_loss",
    "val/cls_loss": "val_class_loss",
    "val/l1_loss": "val_edge_loss",
    "metrics/precision(B)": "val_precision",
    "metrics/recall(B)": "val_recall",
    "metrics/mAP50(B)": "val_ap50",
    "metrics/mAP50-95(B)": "val_ap50_95",
}
"""What Ultralytics calls its figures, and what they are called here."""

_PACKAGES = ("catml", "torch", "torchvision", "ultralytics-opencv-headless", "numpy", "opencv-python-headless")


def metrics_file(folder: Path) -> Path:
    """Where the figures of a run lie: beside its folder."""
    return folder.with_name(f"{folder.name}.json")


def write_record(
    folder: Path,
    pictures: Path,
    learns: Sequence[Picture],
    watched: Sequence[Picture],
    params: TrainParams,
    device: str,
) -> None:
    """Write `curves.csv` and `metadata.json` into the run's folder and its metrics beside it. Same run, same bytes.

    Args:
        folder: of the run, with `results.csv` and `weights/last.pt`.
        pictures: the list it was trained from.
        learns, watched: what it was trained on, and what its curves are drawn of.
        params: of the run.
        device: it ran on.
    """
    rows = _curves(folder / "results.csv")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_file(folder / "curves.csv", text.getvalue().encode())
    counts = {"pictures": len(learns), "animals": sum(len(picture.boxes) for picture in learns)}
    write_file(metrics_file(folder), _json({**{key: float(value) for key, value in rows[-1].items()}, **counts}))
    tree = {
        "commit": commit(),
        "packages": packages(_PACKAGES),
        "python": platform.python_version(),
        "device": device,
        "params": params.model_dump(mode="json"),
        "pictures": {"list": pictures.as_posix(), "md5": md5_of(pictures), "train": len(learns), "val": len(watched)},
        "weights": {"md5": md5_of(folder / "weights" / "last.pt")},
    }
    write_file(folder / "metadata.json", _json(tree))


def _curves(results: Path) -> list[dict[str, str]]:
    """The lines of Ultralytics' results without their times, under the names used here."""
    with results.open(encoding="utf-8", newline="") as file:
        rows = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)]
    return [
        {"epoch": row["epoch"], **{ours: row[theirs] for theirs, ours in NAMES.items() if theirs in row}}
        for row in rows
    ]


def _json(tree: dict[str, Any]) -> bytes:
    return (json.dumps(tree, indent=1) + "\n").encode()


def commit() -> str | None:
    """The commit of CatML's source, None where it was installed without its repository."""
    try:
        return Repository(PROJECT).head()
    except VersionError:
        return None


def packages(names: Sequence[str]) -> dict[str, str]:
    """The versions of those that are installed."""
    return {name: version for name in names if (version := _version(name))}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
