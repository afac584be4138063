"""Whether the evidence carries the behaviours: a small classifier on true keypoints of simulated cats.

    python -m bench.evidence [--homes 24] [--held-out 8]

Every home plays each behaviour, several ways, for half a minute to a minute with walks in between. Keypoints are true, and then made as a
reader's: they jitter by 2 % of the body's size, and a quarter of them is not read. Nothing is drawn, so that nothing hides a
cat. A small network (one hidden layer, training drops zones, bursts and neighbours at random) learns on some homes and is
asked on others, with all evidence, without zones, and of single stills. It shows what the evidence holds; it does not ship.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from itertools import count

import numpy as np
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS
from home.markdown import table
from models.behaviour.body import Moments
from models.behaviour.evidence import NEIGHBOURS, ZONES, Evidence, evidence
from models.behaviour.strokes import STROKES
from simulate.acting import Actor
from simulate.cat import Stance, heading_matrix
from simulate.drill import drill
from simulate.flesh import keypoints
from simulate.room import zones
from simulate.scenery import SEES_ALONE, furnished_view, litter
from simulate.view import View

Array = NDArray[np.float64]
START = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
SIZE, PERIOD_S, BURST = (1280, 720), 5, np.arange(1, 11) / 5
JITTER, LOST, MARGIN_M = 0.02, 0.25, 0.035
DROPPED = {"all": (), "no zones": tuple(ZONES), "single still": (*STROKES, *NEIGHBOURS, *ZONES, "stirring")}
HIDDEN, EPOCHS, RATE, DECAY = 48, 400, 0.01, 1e-3


def projected(stance: Stance, size: float, view: View) -> tuple[Array, Array]:
    """Keypoints `[20,2]` and box `[4]` of a cat, in 0..1; nothing hides it."""
    points = keypoints(stance.pose()) * size @ heading_matrix(stance.facing()).T + np.asarray(stance.at)
    spread = np.concatenate(
        [points + MARGIN_M * np.array(side) for side in ((1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1))]
    )
    flat, around = (view.project(places)[0] / SIZE for places in (points, spread))
    return flat, np.clip(np.concatenate([around.min(axis=0), around.max(axis=0)]), 0, 1)


def home(seed: int) -> tuple[Evidence, list[str]]:
    """One home's evidence and the true behaviour of each moment."""
    rng = np.random.default_rng((seed, 5))
    room, view = furnished_view(seed, 0, SEES_ALONE, SIZE)
    diary, body = drill(("miso",), "room", START, seed, seconds=(30, 60)), litter(("miso",), seed)["miso"]
    actor = Actor(diary, "room", room, seed, 0, body.size)
    truth, seconds, points, boxes = [], [], [], []
    for second in count(0, PERIOD_S):
        stances = [actor.stance(START + dt.timedelta(seconds=float(second + later))) for later in (0.0, *BURST)]
        doing = actor.doing(START + dt.timedelta(seconds=second))
        if doing is None:
            break
        frames = [projected(stance, body.size, view) for stance in stances if stance is not None]
        if len(frames) < len(stances) or any((box[2:] <= box[:2]).any() for _, box in frames):
            continue  # it leaves the picture
        truth.append(doing.behaviour)
        seconds.append(float(second))
        points.append([frame[0] for frame in frames])
        boxes.append([frame[1] for frame in frames])
    read, own = as_read(np.array(points), np.array(boxes), rng)
    moments = Moments(np.array(seconds), np.zeros(len(truth), int), own[:, 0], SIZE[0] / SIZE[1], read[:, 0],
                      np.tile(BURST, (len(truth), 1)), own[:, 1:], read[:, 1:])  # fmt: skip
    kinds: dict[str, list[list[tuple[float, float]]]] = {}
    for name, polygon in zones(room, view).items():
        kinds.setdefault(name, []).append(polygon)
    return evidence(moments, kinds), truth


def as_read(points: Array, boxes: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Jitter, and points that are not read in a whole burst."""
    size = np.sqrt(np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1))[..., None, None]
    noisy = points + rng.normal(0, JITTER, points.shape) * size
    confidence = np.where(rng.random((len(points), 1, 20)) < LOST, 0.05, 0.8) * np.ones((*points.shape[:2], 1))
    return np.concatenate([noisy, confidence[..., None]], axis=-1), boxes + rng.normal(0, JITTER, boxes.shape) * size[
        ..., 0
    ]


def learned(
    values: Array, known: NDArray[np.bool_], truth: NDArray[np.int64], names: tuple[str, ...]
) -> Callable[[Array, NDArray[np.bool_]], Array]:
    """A function from values and mask to class scores."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-3

    def inputs(own: Array, mask: NDArray[np.bool_]) -> torch.Tensor:
        return torch.tensor(
            np.concatenate([np.clip((own - mean) / spread, -5, 5) * mask, mask], axis=1), dtype=torch.float32
        )

    network = torch.nn.Sequential(
        torch.nn.Linear(2 * len(names), HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, len(BEHAVIOURS))
    )
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    weight = torch.tensor(
        len(truth) / np.maximum(np.bincount(truth, minlength=len(BEHAVIOURS)), 1), dtype=torch.float32
    )
    blocks = [torch.tensor(np.isin(np.tile(names, 2), list(kinds))) for kinds in (STROKES, NEIGHBOURS, ZONES)]
    full, target = inputs(values, known), torch.tensor(truth)
    for _ in range(EPOCHS):
        batch = full.clone()
        for block in blocks:
            batch[(torch.rand(len(batch), 1) < 0.3) & block] = 0
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(batch), target, weight).backward()
        optimizer.step()
    return lambda own, mask: network(inputs(own, mask)).detach().numpy()


def main() -> None:
    """`python -m bench.evidence`."""
    parser = argparse.ArgumentParser(description="Whether the evidence carries the behaviours.")
    parser.add_argument("--homes", type=int, default=24)
    parser.add_argument("--held-out", type=int, default=8, help="of these, homes that are asked and not learned from")
    options = parser.parse_args()
    homes = [home(seed) for seed in range(1, options.homes + 1)]
    names = homes[0][0].names
    values = np.concatenate([own.values for own, _ in homes]).astype(float)
    known = np.concatenate([own.known for own, _ in homes])
    truth = np.array([BEHAVIOURS.index(name) for _, labels in homes for name in labels])
    place = np.repeat(np.arange(len(homes)), [len(labels) for _, labels in homes])
    asked = place >= options.homes - options.held_out
    score = learned(values[~asked], known[~asked], truth[~asked], names)
    print(f"{(~asked).sum()} moments to learn from, {asked.sum()} of {options.held_out} other homes")
    for what, dropped in DROPPED.items():
        mask = known[asked] & ~np.isin(names, dropped)
        found = score(values[asked] * mask, mask).argmax(axis=1)
        confusion = np.bincount(truth[asked] * len(BEHAVIOURS) + found, minlength=len(BEHAVIOURS) ** 2).reshape(
            len(BEHAVIOURS), -1
        )
        f1 = 2 * confusion.diagonal() / (confusion.sum(axis=0) + confusion.sum(axis=1))
        print(f"\n{what}: macro-F1 {f1.mean():.3f}; rows are true\n")
        rows = [[name, *row, f"{value:.2f}"] for name, row, value in zip(BEHAVIOURS, confusion, f1, strict=True)]
        print(table(["", *(name[:9] for name in BEHAVIOURS), "F1"], rows))


if __name__ == "__main__":
    main()
