"""The trained detector as files that ship, under Prefect: measured, exported, and held against PyTorch."""

from __future__ import annotations

import os
from contextlib import chdir
from pathlib import Path
from typing import Any

from prefect import Task, flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from home.document import load_document
from home.params import Params
from tasks.evaluate import evaluate
from tasks.export import export as export_files
from tasks.stage import parse_overrides
from tasks.train import trained_weights

CARD = "detector-card"

# The very functions of the stages `evaluate` and `export`; what they need is on this disk, so nothing is tried again.
MEASURE: Any = Task(evaluate, name="evaluate", cache_policy=NO_CACHE, persist_result=False)
WRITE: Any = Task(export_files, name="export", cache_policy=NO_CACHE, persist_result=False)


@flow(name="export", persist_result=False)
def export(
    home: Path = Path(),
    params_file: Path = Path("params.yaml"),
    overrides: tuple[str, ...] = (),
    only_new: bool = False,
) -> dict[str, float]:
    """Measure the trained weights, write them as ONNX in every precision, and refuse what lost too much.

    Args:
        home: The folder in which the detector was trained. A relative one is seen from the folder the worker runs in.
        params_file: The parameters it was trained with, seen from that folder, e.g. models/detector/full/params.yaml
        overrides: Parameters for this run only, each as stage.param=value, e.g. export.precisions=["fp32", "int8"]
        only_new: Do nothing where nothing was trained, or it is exported already.
    """
    with chdir(home):  # the paths of the parameters are seen from that folder
        params = load_document(params_file, Params, parse_overrides(overrides), may_be_missing=only_new)
        if only_new and (nothing := _nothing_new(trained_weights(params.train), Path(params.export.folder))):
            get_run_logger().info(nothing)
            return {}
        weights, pictures = trained_weights(params.train), Path(params.prepare.pictures)
        MEASURE(params.evaluate, weights, pictures, params.export, saw_everything=params.train.everything)
        figures: dict[str, float] = WRITE(
            params.export, params.train, pictures, Path(params.evaluate.metrics), params.evaluate
        )
        card = Path(params.export.folder) / "README.md"
        create_markdown_artifact(card.read_text(encoding="utf-8"), key=CARD, description=os.fspath(card))
    return figures


def _nothing_new(weights: Path, folder: Path) -> str:
    """Why there is nothing to export; empty if there is something."""
    if not weights.exists():
        return f"nothing is exported: there is no {weights}, nothing was trained here"
    card = folder / "README.md"  # written with the files
    if card.exists() and card.stat().st_mtime >= weights.stat().st_mtime:
        return f"nothing is exported: {folder} is newer than {weights}"
    return ""
