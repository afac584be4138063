"""What the posture scores say of drawn cats: how often each posture gets which name, and how comfortable it looks.

    python -m bench.posture [--sides 24]

Every posture is seen from all sides by cameras at three heights, with keypoints that jitter by 2 % of the body's size and of
which a quarter is not read, as in `python -m bench.evidence`. The usual of the cat is made of loafing, sitting and
standing in front of the same camera. No cat here is real: nothing is known of how this does on cats in pain.
"""

from __future__ import annotations

import argparse

import numpy as np

from bench.evidence import BURST, SIZE, as_read, projected
from home.ethogram import BEHAVIOURS, POSTURES
from home.markdown import table
from models.behaviour.body import Moments
from models.behaviour.evidence import Evidence, evidence
from models.posture import Posture, posture, usual_of
from simulate.cat import Stance
from simulate.pose import STRIDE_M
from simulate.view import View

HEIGHTS_M, AWAY_M = (0.6, 1.3, 2.0), 2.2
WALKS_M_S = {"walk": 0.45, "stalk": 0.12}
AT_REST = ("loaf", "sit", "stand")
SHOWN = {"hunch": "other", "loaf": "other", "sit": "other", "stand": "other", "walk": "other", "curl": "sleeping",
         "sprawl": "sleeping", "doze": "sleeping", "lurk": "hunting", "stalk": "hunting", "bat": "playing", "eat": "eating"}  # fmt: skip


def seen(name: str, height_m: float, sides: int, rng: np.random.Generator) -> Evidence:
    """A posture from all sides, one moment each."""
    view = View((0.0, -AWAY_M, height_m), (0.0, 0.0, 0.1), 50, *SIZE)
    frames = []
    for heading in np.linspace(0, 2 * np.pi, sides, endpoint=False):
        start, ahead = float(rng.uniform(0, 5)), np.array([np.cos(heading), np.sin(heading)])
        burst = []
        for later in (0.0, *BURST):
            run = WALKS_M_S.get(name, 0.0) * later
            phase = run / STRIDE_M[name] if name in WALKS_M_S else start + later
            x, y = run * ahead
            burst.append(projected(Stance(name, phase, (float(x), float(y), 0.0), float(heading)), 1.0, view))
        frames.append(burst)
    points, boxes = (np.array([[frame[k] for frame in burst] for burst in frames]) for k in (0, 1))
    read, own = as_read(points, boxes, rng)
    return evidence(Moments(
        np.zeros(sides), np.arange(sides), own[:, 0], SIZE[0] / SIZE[1], read[:, 0],
        np.tile(BURST, (sides, 1)), own[:, 1:], read[:, 1:],
    ))  # fmt: skip


def row_of(name: str, found: list[Posture]) -> list[str]:
    """Shares of the moments by name, of those of which nothing is said, and the comfort of the rest."""
    names = [own for part in found for own in part.names()]
    comfort, said = (np.concatenate(own) for own in (
        [part.comfort for part in found], [~np.isnan(part.scores[:, 0]) for part in found]))  # fmt: skip
    shares = [f"{names.count(own) / max(said.sum(), 1):.2f}" for own in POSTURES]
    known = comfort[~np.isnan(comfort)]
    quantiles = [f"{np.quantile(known, q):.2f}" if len(known) else "-" for q in (0.1, 0.5, 0.9)]
    return [name, SHOWN[name], *shares, f"{1 - said.mean():.2f}", *quantiles]


def main() -> None:
    """`python -m bench.posture`."""
    parser = argparse.ArgumentParser(description="What the posture scores say of drawn cats.")
    parser.add_argument("--sides", type=int, default=24)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    found: dict[str, list[Posture]] = {name: [] for name in SHOWN}
    for height_m in HEIGHTS_M:
        rest = [seen(name, height_m, options.sides, rng) for name in AT_REST]
        together = Evidence(
            np.concatenate([own.values for own in rest]), np.concatenate([own.known for own in rest]), rest[0].names
        )
        usual = usual_of(together, np.ones(len(together.values), bool))
        for name, behaviour in SHOWN.items():
            doing = np.full(options.sides, BEHAVIOURS.index(behaviour), np.int8)
            found[name].append(posture(seen(name, height_m, options.sides, rng), doing, usual))
    print(
        "Shares of the moments of which anything is said, and of those of which nothing is; comfort of 10, 50 and 90 %"
    )
    head = ["posture", "told", *POSTURES, "nothing", "10 %", "50 %", "90 %"]
    print(table(head, [row_of(name, own) for name, own in found.items()]))


if __name__ == "__main__":
    main()
