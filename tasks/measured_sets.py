"""The sets of pictures that detectors are measured on: held-out ones, folders, simulated ones, clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from home.errors import FootageError, WrongUse
from home.training_params import EvaluateParams
from home.video import frames_at, probe
from models.detector.judge import PictureSet, of_pictures
from models.detector.listing import read_listing
from models.detector.pictures import Picture, read_folder, read_image
from tasks.simulated_pictures import simulated_folder

__all__ = ["HELD_OUT", "MEASURED", "clip_set", "measured_sets", "rendered_sets"]

HELD_OUT, MEASURED = "held out", "all folds"
LONGEST = 640  # pixels to which a frame of a clip is scaled down: what a sample of the night has at most
RENDERED_SIZE = 640
_CLIPS = {".mp4", ".mkv", ".mov", ".avi", ".webm"}


def measured_sets(params: EvaluateParams, pictures: Path | None, room: Path) -> list[PictureSet]:
    """All sets that the parameters name, in the order of the tables.

    Args:
        params: section `evaluate`.
        pictures: the list of the training, or None where there is none.
        room: a folder that simulated pictures may be kept in.

    Raises:
        WrongUse: a folder or the list is missing, cannot be read, or holds nothing to measure on.
    """
    sets = []
    if pictures is not None:
        sets.append(of_pictures(HELD_OUT, _filled(read_listing(pictures, params.split), f"split {params.split!r}")))
        if params.folds:
            folded = [picture for picture in read_listing(pictures) if picture.measured and picture.fold >= 0]
            sets.append(of_pictures(MEASURED, _filled(folded, "folds")))
    sets += [of_pictures(Path(folder).name, read_folder(Path(folder))) for folder in params.folders]
    if params.rendered:
        sets += rendered_sets(room, params.rendered, params.rendered_seed)
    if params.clips:
        sets.append(clip_set(Path(params.clips)))
    names = [each.name for each in sets]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise WrongUse(f"evaluate.folders: two sets are called {twice!r}; rename one of the folders")
    if not sets:
        raise WrongUse("nothing to measure on: name evaluate.folders, evaluate.clips, or raise evaluate.rendered")
    return sets


def rendered_sets(room: Path, count: int, seed: int) -> list[PictureSet]:
    """Simulated pictures by day and by night; a night is what an infrared camera saw, grey all over."""
    pictures = read_folder(simulated_folder(room, count=count, size=RENDERED_SIZE, seed=seed))
    dark = [_is_grey(read_image(picture.path)) for picture in pictures]
    parts = {"rendered day": False, "rendered night": True}
    chosen = {
        name: [p for p, is_dark in zip(pictures, dark, strict=True) if is_dark == night]
        for name, night in parts.items()
    }
    return [of_pictures(name, members) for name, members in chosen.items() if members]


def clip_set(folder: Path) -> PictureSet:
    """The middle frame of each second of the clips of a folder; each of them shows an animal all the time.

    Raises:
        WrongUse: there are no clips.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in _CLIPS)
    if not paths:
        raise WrongUse(f"no clips in {str(folder)!r}; they end in {', '.join(sorted(_CLIPS))}")
    seconds = {path: _seconds(path) for path in paths}

    def images() -> Iterator[NDArray[np.uint8]]:
        for path, offsets in seconds.items():
            frames = [frame.rgb(LONGEST) for frame in frames_at(path.open("rb"), offsets)]
            if len(frames) != len(offsets):
                raise FootageError(f"{str(path)!r}: {len(frames)} of {len(offsets)} seconds could be decoded")
            yield from frames

    names = [f"{path.name} {offset:.1f} s" for path, offsets in seconds.items() for offset in offsets]
    clips = [path.name for path, offsets in seconds.items() for _ in offsets]
    return PictureSet("clips", names, images, None, clips)


def _seconds(path: Path) -> list[float]:
    """The middle of each whole second."""
    with path.open("rb") as source:
        length = float(probe(source).offsets[-1])
    return [second + 0.5 for second in range(int(length + 0.5))] or [0.0]


def _filled(pictures: list[Picture], where: str) -> list[Picture]:
    if not pictures:
        raise WrongUse(f"the list has no pictures of {where} to measure on; see prepare.measured")
    return pictures


def _is_grey(image: NDArray[np.uint8]) -> bool:
    """Whether red, green and blue are the same but for what a JPEG does to them."""
    channels = image.astype(np.int16)
    return float(np.abs(channels - channels.mean(2, keepdims=True)).mean()) < 1.5
