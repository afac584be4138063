"""Let a trained behaviour network go on learning: from examples of one home, with some of its own training mixed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from home.errors import ModelError
from models.behaviour.classifier import ClassifierDescription
from models.behaviour.learn import Examples, LearnSettings, fit, network_class

__all__ = ["TUNE", "balanced", "restored", "tuned"]

TUNE = LearnSettings(epochs=20, batch=64, rate=0.001)
"""Few passes at a third of the rate of a whole training: our choice, by drawn homes other than docs/labels.md reports."""


def restored(onnx_file: Path, described: ClassifierDescription) -> Any:
    """The PyTorch network that an ONNX file of `to_onnx` was written from: its weights are in it, by their names.

    Raises:
        ModelError: the file is of another network, or what trains is not installed.
    """
    try:
        import onnx
        import torch
        from onnx import numpy_helper
    except ImportError as error:
        raise ModelError("this needs PyTorch and onnx, which run training: pip install 'catml[train]'") from error
    held = {each.name: numpy_helper.to_array(each).copy() for each in onnx.load(str(onnx_file)).graph.initializer}
    looks = torch.tensor([name.startswith("look_") for name in described.evidence])
    try:
        widths = replace(TUNE, hidden=len(held["body.0.weight"]), looks=len(held.get("few.weight", [0])))
        mean, spread = torch.tensor(held["mean"]), torch.tensor(held["spread"])
        network = network_class()(mean, spread, looks, len(described.behaviours), widths)
        network.load_state_dict({name: torch.tensor(held[name]) for name in network.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"{str(onnx_file)!r} cannot go on learning: it is no network of `tasks.behaviour_train` ({error}); "
            "name one in params.yaml, behave.model"
        ) from error
    return network.eval()


def balanced(parts: list[Examples], behaviours: int) -> Examples:
    """All examples as one, each behaviour weighing the same in sum: that is what the network says its shares are."""
    values, known, truth, weight = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "known", "truth", "weight")
    )
    total = np.bincount(truth, weight, behaviours)
    weight = weight * (len(truth) / behaviours / np.maximum(total, 1e-9))[truth]
    return Examples(values, known, truth, weight.astype(np.float32))


def tuned(network: Any, examples: Examples, names: Sequence[str], settings: LearnSettings = TUNE) -> Any:
    """Let a network learn from examples, on one thread: same network and examples, same result on any number of cores."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        torch.manual_seed(settings.seed)
        return fit(network, examples, names, settings)
    finally:
        torch.set_num_threads(threads)
