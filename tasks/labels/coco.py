"""COCO annotations (https://cocodataset.org/#format-data): boxes, keypoints, and cats by their names, as categories.

The name of a picture says where it comes from, `CAMERA_YYYYmmdd-HHMMSS-mmm.jpg` in UTC: of all that a picture carries,
that is what every labelling program gives back.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from home.clock import UTC
from home.errors import WrongUse
from home.ethogram import known_cat
from home.folder import Home
from home.marks import Mark, Picture
from models.pose.keypoints import KEYPOINTS, SKELETON

__all__ = ["ANY", "name_of", "picture_of", "read_coco", "tree_of"]

ANY = "cat"
"""The category of an animal of which nobody said which cat it is."""
_NAME = re.compile(r"(?P<camera>.+)_(?P<stamp>\d{8}-\d{6})-(?P<milli>\d{3})\.(?:jpe?g|png)", re.IGNORECASE)
_OVER = 0.001  # programs round to a tenth of a pixel: so far off the picture is still its edge


def name_of(picture: Picture) -> str:
    """The file of a picture."""
    camera, ts = picture
    return f"{camera}_{ts.astimezone(UTC):%Y%m%d-%H%M%S}-{ts.microsecond // 1000:03d}.jpg"


def picture_of(home: Home, name: str) -> Picture:
    """The camera and time of a file.

    Raises:
        WrongUse: if it is no picture that was exported from this home.
    """
    match = _NAME.fullmatch(PurePosixPath(name.replace("\\", "/")).name)
    try:
        if match is None:
            raise ValueError
        ts = dt.datetime.strptime(match["stamp"], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        right = "CAMERA_YYYYmmdd-HHMMSS-mmm.jpg, as `catml labels export --coco` names it"
        raise WrongUse(f"the picture {name!r} is none of this home; it must be {right}") from None
    home.camera(match["camera"])
    return match["camera"], ts + dt.timedelta(milliseconds=int(match["milli"]))


def tree_of(
    home: Home, marked: Mapping[Picture, Sequence[Mark]], sizes: Mapping[Picture, tuple[int, int]]
) -> dict[str, Any]:
    """Marks as COCO has them.

    Args:
        home: the home.
        marked: by picture.
        sizes: width and height of each picture, pixels.
    """
    names = [ANY, *home.config.cats]
    lines = [[first + 1, second + 1] for first, second in SKELETON]  # COCO counts from 1
    head = {"supercategory": "animal", "keypoints": list(KEYPOINTS), "skeleton": lines}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, picture in enumerate(sorted(marked), start=1):
        width, height = sizes[picture]
        taken = f"{picture[1].astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        images.append(
            {"id": number, "file_name": name_of(picture), "width": width, "height": height, "date_captured": taken}
        )
        for each in marked[picture]:
            category = names.index(each.cat) + 1 if each.cat in names else 1
            entry = {"id": len(annotations) + 1, "image_id": number, "category_id": category}
            annotations.append(entry | _geometry(each, width, height))
    return {
        "info": {"description": "CatML"},
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": name, **head} for number, name in enumerate(names, start=1)],
    }


def _geometry(each: Mark, width: int, height: int) -> dict[str, Any]:
    x1, y1, x2, y2 = (round(share * side, 2) for share, side in zip(each.box, (width, height) * 2, strict=True))
    points = each.keypoints or ((0.0, 0.0, 0),) * len(KEYPOINTS)
    flat = [value for x, y, seen in points for value in (round(x * width, 2), round(y * height, 2), seen)]
    box = [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)]
    seen = sum(point[2] > 0 for point in points)
    return {"bbox": box, "area": round(box[2] * box[3], 2), "iscrowd": 0, "keypoints": flat, "num_keypoints": seen}


def read_coco(home: Home, path: Path, renamed: Mapping[str, str]) -> dict[Picture, list[Mark]]:
    """Marks of a COCO file, by picture, those without a mark too.

    Args:
        home: the home.
        path: annotations as JSON.
        renamed: our name of a cat by the labeller's.

    Raises:
        WrongUse: if something in it cannot be: says which entry, and what would be right.
    """
    try:
        tree = json.loads(path.read_bytes())
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise WrongUse(f"{path}: not JSON ({error})") from None
    where = "the file"
    try:
        images, found = {}, dict[Picture, list[Mark]]()
        for number, image in enumerate(tree["images"]):
            where = f"images[{number}]"
            images[image["id"]] = (picture_of(home, image["file_name"]), int(image["width"]), int(image["height"]))
            found[images[image["id"]][0]] = []
        categories = {}
        for number, category in enumerate(tree["categories"]):
            where = f"categories[{number}]"
            categories[category["id"]] = (_cat(home, category["name"], renamed), _order(category.get("keypoints", [])))
        for number, annotation in enumerate(tree["annotations"]):
            where = f"annotations[{number}] (id {annotation.get('id')})"
            picture, width, height = images[annotation["image_id"]]
            found[picture].append(_mark(annotation, *categories[annotation["category_id"]], width, height))
    except WrongUse as error:
        raise WrongUse(f"{path}, {where}: {error}") from None
    except (KeyError, TypeError, AttributeError, ValueError, ZeroDivisionError) as error:
        right = "COCO has images (id, file_name, width, height), categories (id, name) and annotations (image_id, category_id, bbox)"
        raise WrongUse(f"{path}, {where}: {type(error).__name__}: {error}; {right}") from None
    return found


def _cat(home: Home, name: str, renamed: Mapping[str, str]) -> str:
    name = renamed.get(name, name)
    return "" if name == ANY else known_cat(name, {key: cat.name for key, cat in home.config.cats.items()})


def _order(names: Sequence[str]) -> list[int]:
    """For each of the file's keypoints its place among ours."""
    unknown = [name for name in names if name not in KEYPOINTS]
    if unknown:
        raise WrongUse(f"no keypoint {unknown[0]!r}; there are: {', '.join(KEYPOINTS)}")
    return [KEYPOINTS.index(name) for name in names]


def _mark(annotation: Mapping[str, Any], cat: str, order: Sequence[int], width: int, height: int) -> Mark:
    x, y, w, h = (float(value) for value in annotation["bbox"])
    edges = [x / width, y / height, (x + w) / width, (y + h) / height]
    if not (w > 0 and h > 0 and all(-_OVER <= edge <= 1 + _OVER for edge in edges)):
        raise WrongUse(
            f"bbox {annotation['bbox']} does not lie in its picture of {width} x {height}; it is x, y, width, height in pixels"
        )
    flat = annotation.get("keypoints") or []
    if len(flat) != 3 * len(order) and flat:
        raise WrongUse(
            f"{len(flat)} numbers in keypoints; its category names {len(order)} points of x, y and visibility"
        )
    points = [(0.0, 0.0, 0)] * len(KEYPOINTS)
    for place, (px, py, seen) in zip(order, zip(*[iter(flat)] * 3, strict=True), strict=False):
        if seen not in (0, 1, 2) or not (math.isfinite(px) and math.isfinite(py)):
            raise WrongUse(
                f"the keypoint {KEYPOINTS[place]} is {[px, py, seen]}; it is x and y in pixels, and 0, 1 or 2"
            )
        points[place] = (_rounded(px / width), _rounded(py / height), int(seen)) if seen else (0.0, 0.0, 0)
    x1, y1, x2, y2 = (_rounded(min(1.0, max(0.0, edge))) for edge in edges)
    return Mark(cat, (x1, y1, x2, y2), tuple(points) if any(seen for *_, seen in points) else ())


def _rounded(share: float) -> float:
    """To a hundredth of a pixel of any camera: the same file gives the same rows."""
    return round(share, 6)
