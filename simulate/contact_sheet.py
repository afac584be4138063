"""A sheet of pictures that shows each behaviour as it is rendered: would a stranger name it?

`python -m simulate.contact_sheet OUT.png` draws every scene of SCENES, one row each, its frames from left to right in time.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from simulate.acting import Actor
from simulate.camera import Camera, Picture
from simulate.coat import COATS, varied
from simulate.flesh import Body
from simulate.light import STYLES
from simulate.routine import Episode
from simulate.scenery import PLAIN_COATS, SEES_ALONE, furnished_view

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIZE = (1280, 720)
CROP, SHOWN = 300, 224  # pixels of the picture around the cat, and their size on the sheet
LABEL = 150
LASTS_S, CAT = 60, "miso"


@dataclass(frozen=True)
class Scene:
    """One row: a behaviour with its subtype, and what is shown: seconds after its start, or postures as they come."""

    behaviour: str
    subtype: str | None
    zone: str | None
    shown: tuple[float | str, ...]


SCENES = (
    Scene("sleeping", "curled", "bed", (3, 3.4, 3.8, 4.2, 4.6, 5)),
    Scene("sleeping", "stretched", "bed", (3, 3.4, 3.8, 4.2, 4.6, 5)),
    Scene("sleeping", "loaf", "bed", (3, 3.4, 3.8, 4.2, 4.6, 5)),
    Scene("eating", None, "food_bowl", (3, 3.2, 3.4, 3.6, 9, 14)),
    Scene("grooming", None, None, ("lick_flank", "lick_flank", "groom", "groom", "wash_face", "wash_face")),
    Scene("scratching", "post", "scratching_post", (3, 3.2, 3.4, 3.6, 3.8, 4)),
    Scene("scratching", "leg", None, (3, 3.2, 3.4, 3.6, 3.8, 4)),
    Scene("hunting", None, None, ("stalk", "lurk", "rush", "rush", "pounce", "bat")),
    Scene("playing", "toy", None, ("bat", "bat", "bat", "lurk", "rush", "pounce")),
    Scene("using_litter_box", "urinating", "litter_box", (3, 3.4, "squat", 30, 50, 50.4)),
    Scene("other", "walking", None, (1, 1.4, 1.8, 2.2, 2.6, 3)),
    Scene("other", "sitting", None, (3, 5, 7, 9, 11, 13)),
    Scene("other", "loafing", None, (3, 5, 7, 9, 11, 13)),
    Scene("other", "hunched", None, (3, 5, 7, 9, 11, 13)),
    Scene("other", "window", None, ("leap", "sit", "sit", "sit", 58.4, 59.4)),
)


def contact_sheet(seed: int = 3, hour: int = 12, style: str = "soft") -> Picture:
    """The sheet (h, w, 3), BGR; `hour` decides the light, `style` of STYLES the drawing."""
    start = NOON.replace(hour=hour)
    return np.concatenate([_row(scene, number, seed + number, start, style) for number, scene in enumerate(SCENES)])


def _row(scene: Scene, number: int, seed: int, start: datetime, style: str) -> Picture:
    camera, actor = _scene(scene, number, seed, start, style)
    cells = [_label(f"{scene.behaviour}\n{scene.subtype or ''}")]
    for moment in _moments(scene, actor, start):
        frame = camera.frame(moment)
        picture = np.asarray(cv2.cvtColor(frame.yuv, cv2.COLOR_YUV2BGR_I420), np.uint8)
        boxes = [sighting.box for sighting in frame.truth.values()]
        cells.append(_crop(picture, boxes[0]) if boxes else np.zeros((SHOWN, SHOWN, 3), np.uint8))
    return np.concatenate(cells, axis=1)


def _moments(scene: Scene, actor: Actor, start: datetime) -> list[datetime]:
    out = list[datetime]()
    now = 0.6
    for what in scene.shown:
        if isinstance(what, str):
            later = (t for t in np.arange(now, LASTS_S, 0.1) if _takes(actor, start + timedelta(seconds=t)) == what)
            now = float(next(later, now))
        else:
            now = what
        out.append(start + timedelta(seconds=round(float(now), 1)))
        now += 0.2 if scene.shown.count(what) > 1 and what in ("rush", "lick_flank", "groom", "wash_face") else 0.4
    return out


def _takes(actor: Actor, ts: datetime) -> str | None:
    """The posture, once it is settled in."""
    stance = actor.stance(ts)
    return stance.posture if stance and (stance.before is None or stance.settled > 0.6) else None


def _scene(scene: Scene, number: int, seed: int, start: datetime, style: str = "soft") -> tuple[Camera, Actor]:
    """A camera that sees one cat do what the scene says, after a walk up to it and before one away."""
    way = ("other", None, "sitting" if scene.subtype == "walking" else "walking")
    plan = (way, (scene.behaviour, scene.zone, scene.subtype), way)
    lasts = 6 if scene.subtype == "walking" else LASTS_S
    cuts = [start + timedelta(seconds=s) for s in (-6, 0, lasts, lasts + 6)]
    diary = [
        Episode(CAT, what, cuts[k], cuts[k + 1], "den", zone, subtype) for k, (what, zone, subtype) in enumerate(plan)
    ]
    room, view = furnished_view(seed, 0, SEES_ALONE, SIZE)
    coat = varied(COATS[PLAIN_COATS[number % len(PLAIN_COATS)]], np.random.default_rng(seed))
    body = Body(coat, 0.9 + 0.05 * (number % 5))
    actor = Actor(diary, "den", room, seed, size=body.size)
    return Camera(room, view, {CAT: (body, actor)}, seed, style=style), actor


def _crop(picture: Picture, box: tuple[float, float, float, float]) -> Picture:
    height, width = picture.shape[:2]
    x, y = (box[0] + box[2]) / 2 * width, (box[1] + box[3]) / 2 * height
    left, top = int(np.clip(x - CROP / 2, 0, width - CROP)), int(np.clip(y - CROP / 2, 0, height - CROP))
    return np.asarray(cv2.resize(picture[top : top + CROP, left : left + CROP], (SHOWN, SHOWN)), np.uint8)


def _label(text: str) -> Picture:
    cell = np.full((SHOWN, LABEL, 3), 255, np.uint8)
    for line, words in enumerate(text.split("\n")):
        cv2.putText(cell, words, (4, 100 + 24 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return cell


def main() -> None:
    """`python -m simulate.contact_sheet OUT.png`."""
    parser = argparse.ArgumentParser(description="Draw a sheet of all behaviours as they are rendered.")
    parser.add_argument("out", type=Path, help="picture to write")
    parser.add_argument("--seed", type=int, default=3, help="room and cats")
    parser.add_argument("--hour", type=int, default=12, help="hour of the day: 12 daylight, 20 lamps, 2 infrared")
    parser.add_argument("--style", choices=STYLES, default=STYLES[0], help="of drawing")
    options = parser.parse_args()
    cv2.imwrite(str(options.out), contact_sheet(options.seed, options.hour, options.style))


if __name__ == "__main__":
    main()
