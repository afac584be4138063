"""Pictures of simulated rooms as a folder in YOLO format, drawn once for a seed, a size and a renderer."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from home.folder import PROJECT
from home.store import write_file

__all__ = ["SOURCE", "drawn_once", "renderer", "simulated_folder"]

SOURCE = "simulated"


def simulated_folder(root: Path, *, count: int, size: int, seed: int) -> Path:
    """The folder `root/simulated` with `count` pictures and their labels; one that is there and right is kept.

    Only the style of drawing that is meant for training is used.

    Args:
        root: where it is made.
        count: number of pictures.
        size: longer side, pixels.
        seed: of the first picture; the others count on.
    """
    from simulate.training import write_detection_set

    def draw(folder: Path) -> None:
        write_detection_set(folder, count, seed, size)
        (folder / "classes.txt").write_text("cat\n", encoding="utf-8")

    return drawn_once(root / SOURCE, {"count": count, "size": size, "seed": seed}, draw)


def drawn_once(folder: Path, asked: dict[str, Any], draw: Callable[[Path], None]) -> Path:
    """The folder as `draw` fills it; one that was filled for the same wishes by the same renderer is kept."""
    mark = folder / "made.json"
    asked = {**asked, "renderer": renderer()}
    if mark.is_file() and json.loads(mark.read_text(encoding="utf-8")) == asked:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    draw(folder)
    write_file(mark, (json.dumps(asked, indent=1) + "\n").encode())
    return folder


def renderer() -> str:
    """A fingerprint of the code that draws: another renderer, other pictures."""
    digest = hashlib.sha256()
    for path in sorted((PROJECT / "simulate").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
