"""From what a user named as a model to an ONNX file on this disk."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from home.errors import ModelError
from models.detector.description import fingerprint_of

__all__ = ["to_onnx_file"]


def to_onnx_file(source: str | Path, *, cache: Path | None = None) -> Path:
    """Give the ONNX file of a model source, converting a `.pt` once into `cache`.

    Args:
        source: path of a `.onnx` or `.pt` file, or a hub name `NAME.pt` without a folder.
        cache: folder for what is converted or downloaded, made where missing.

    Raises:
        ModelError: no such file, an unknown kind, no `cache` for a `.pt`, Ultralytics is not installed, or the hub
            could not be reached.
    """
    path = Path(source)
    if path.suffix == ".onnx":
        if not path.is_file():
            raise ModelError(f"no detector at {str(source)!r}; give an .onnx or .pt file, or a hub name (yolo26n.pt)")
        return path
    if path.suffix != ".pt":
        raise ModelError(f"{str(source)!r} is no detector; give an .onnx or .pt file, or a hub name such as yolo26n.pt")
    if cache is None:
        raise ModelError(f"{str(source)!r} must be converted to ONNX: name a cache folder to keep the result in")
    cache.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        return _converted(path, cache)
    if path.parent != Path():
        raise ModelError(f"no detector at {str(source)!r}; give an .onnx or .pt file, or a hub name (yolo26n.pt)")
    kept = cache / path.name
    if not kept.is_file():
        _download(path.name, kept)
    return _converted(kept, cache)


def _converted(weights: Path, cache: Path) -> Path:
    """The ONNX file of these very weights: its name carries their fingerprint, so new weights are converted anew."""
    target = cache / f"{weights.stem}-{fingerprint_of(weights)[:16]}.onnx"
    if not target.is_file():
        from models.detector.export import to_onnx

        with tempfile.TemporaryDirectory(dir=cache) as folder:
            to_onnx(weights, Path(folder)).replace(target)
    return target


def _download(name: str, target: Path) -> None:
    """Fetch a hub model; Ultralytics looks the name up among its own releases."""
    from models.detector.library import quiet_ultralytics

    quiet_ultralytics()
    from ultralytics.utils.downloads import attempt_download_asset

    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        asked = Path(folder) / name
        try:
            got = Path(attempt_download_asset(asked))
        except Exception as error:  # the hub's client raises whatever its transport raised
            raise ModelError(_no_hub(name)) from error
        if not got.is_file():
            raise ModelError(_no_hub(name))
        shutil.move(got, target)


def _no_hub(name: str) -> str:
    return (
        f"{name!r} is no file here and could not be had from the model hub (no network, or no such model); "
        "put the file on this machine and give its path"
    )
