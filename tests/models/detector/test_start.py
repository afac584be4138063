"""What a training goes on from: the shipped weights are the shipped detector, and known classes stay known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from home.folder import PROJECT
from models.detector.predict import DEFAULT_WEIGHTS
from models.detector.start import START, begin_classes, write_start
from models.onnx import OnnxNetwork
from tests.trained import Trained, needs_training, tiny

pytestmark = needs_training


def network(folder: Path, names: list[str], seed: int) -> Any:
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(seed)
    made: Any = DetectionModel(tiny(folder), nc=len(names), verbose=False)
    made.names = dict(enumerate(names))
    return made


def test_a_known_class_goes_on_and_a_new_one_begins_as_the_mean(tmp_path: Path) -> None:
    start, learns = network(tmp_path, ["cat", "bird"], 1), network(tmp_path, ["dog", "cat", "bird"], 2)
    learns.load(start)
    begin_classes(learns, start, ["dog", "cat", "bird"])
    for branch in ("cv3", "one2one_cv3"):
        known, rows = (getattr(each.model[-1], branch)[0][2].bias for each in (start, learns))
        np.testing.assert_allclose(rows.detach(), [float(known.mean()), float(known[0]), float(known[1])], rtol=1e-6)


def test_one_class_begins_as_the_one_that_is_known(tmp_path: Path) -> None:
    """A detector of dogs begins where it sees cats."""
    import torch

    start, learns = network(tmp_path, ["cat"], 1), network(tmp_path, ["dog"], 2)
    learns.load(start)
    begin_classes(learns, start, ["dog"])
    batch = torch.rand((1, 3, 64, 64), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        cats, dogs = (each.train()(batch)["one2many"]["scores"] for each in (start, learns))
    torch.testing.assert_close(dogs, cats)


def test_what_is_shipped_is_the_same_for_the_same_weights(trained: Trained, tmp_path: Path) -> None:
    """Its bytes hang on the weights alone, and nothing of the machine or of a teacher travels."""
    import torch

    weights = trained.root / "run" / "weights" / "last.pt"
    taught = torch.load(weights, map_location="cpu", weights_only=False) | {"answers": {"stem": torch.zeros(9)}}
    torch.save(taught, tmp_path / "taught.pt")
    write_start(weights, tmp_path / "a.pt")
    write_start(tmp_path / "taught.pt", tmp_path / "b.pt")
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()
    assert str(trained.root).encode() not in (tmp_path / "a.pt").read_bytes()


def test_the_shipped_start_is_the_shipped_detector() -> None:
    """The two files lie in one folder; a new export that forgot one of them would go on from another network."""
    import torch
    from ultralytics import YOLO

    assert START.is_relative_to(PROJECT)
    model = YOLO(str(START)).model.float().eval()
    model.end2end = False
    batch = np.random.default_rng(3).random((1, 3, 96, 96), np.float32)
    with torch.no_grad():
        found = model(torch.from_numpy(batch))[0].numpy()
    np.testing.assert_allclose(found, OnnxNetwork(DEFAULT_WEIGHTS, threads=1).run(batch), rtol=1e-3, atol=0.05)
