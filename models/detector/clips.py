"""Which pictures are frames of one clip, or one picture changed several times: told by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from models.detector.pictures import Picture

__all__ = ["Naming", "clip_of", "groups_with_clips", "with_clips"]

Naming = Literal["marked", "numbered", "none"]

# Roboflow's exports: `NAME_jpg.rf.HASH`, one NAME for all that was made of a picture by turning, cutting, brightening.
_CHANGED = re.compile(r"(?P<name>.+?)(?:_(?:jpe?g|png|webp|bmp))?\.rf\.\w+", re.IGNORECASE)
_FRAME = re.compile(
    r"(?P<clip>.+?[._](?:mp4|avi|mov|mkv|webm|m4v|ts))[-_. ]*\d+|(?P<before>.*?)[-_. ]*frame[-_. ]*\d+", re.IGNORECASE
)
_NUMBER = re.compile(r"(?P<before>.*?)[-_. (]*\d+\)?")
_NO_CLIP = {"images", "train", "val", "valid", "test", "obj_train_data"}
"""Folders of a set, which say nothing of a clip."""


def clip_of(path: Path, naming: Naming) -> str:
    """What a picture was cut from, the same for all frames of a clip; empty where its name does not tell.

    Args:
        path: of the picture. `kitchen_frame_0012.jpg`, `kitchen.mp4-12.png` and Roboflow's `x_jpg.rf.0a1b.jpg` are marked.
        naming: `numbered` takes all before the last number for the clip, `none` asks no name.
    """
    if naming == "none":
        return ""
    changed = _CHANGED.fullmatch(path.stem)
    name = changed["name"] if changed else path.stem
    if frame := _FRAME.fullmatch(name):
        return _within(path, frame["clip"] or frame["before"] or "frames")
    if naming == "numbered" and (number := _NUMBER.fullmatch(name)):
        return _within(path, number["before"] or "frames")
    return name if changed else ""


def _within(path: Path, clip: str) -> str:
    """Two folders may each have frames of the same name."""
    return clip if path.parent.name in _NO_CLIP else f"{path.parent.name}/{clip}"


def with_clips(pictures: Sequence[Picture], naming: Naming) -> list[Picture]:
    """The pictures with their clips."""
    return [replace(picture, clip=clip_of(picture.path, naming)) for picture in pictures]


def groups_with_clips(pictures: Sequence[Picture], groups: Sequence[int]) -> list[int]:
    """Join groups of copies that have frames of one clip.

    Args:
        pictures: from `with_clips`.
        groups: from `copy_groups`, one per picture.

    Returns:
        For each picture the number of the first picture of its group.
    """
    root = {group: group for group in groups}

    def first(group: int) -> int:
        while root[group] != group:
            group = root[group]
        return group

    clips: dict[tuple[str, str], int] = {}
    for picture, group in zip(pictures, groups, strict=True):
        if picture.clip:
            one, other = first(group), first(clips.setdefault((picture.source, picture.clip), group))
            root[max(one, other)] = min(one, other)
    return [first(group) for group in groups]
