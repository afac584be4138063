"""How often ordinary moments of a cat are called unusual, and how often hunched ones of an illness are.

    python -m bench.anomaly [--homes 4] [--days 24] [--looks 100]

Cats live for some weeks in front of one camera. Keypoints are true, and then made as a reader's, as in `python -m bench.evidence`;
nothing is drawn. Each day from the fifteenth on is compared with the fourteen before it, as stage `behave` does. Then the same
lives are lived with an illness that makes the cat rest hunched, at its worst from the fifteenth day on.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.evidence import BURST, SIZE, as_read, projected
from home.clock import UTC
from home.ethogram import BEHAVIOURS
from home.markdown import table
from home.params import Params
from models.behaviour.body import Moments
from models.behaviour.evidence import Evidence, evidence
from models.own_past import learn_own_past, strange
from simulate.acting import Actor
from simulate.illness import Illness
from simulate.living import Household, lived_diary
from simulate.scenery import CAMERA_NAMES, SEES_ALONE, furnished_view, litter
from tasks.remembered import NUMBERS

START, CAMERA, CAT = dt.datetime(2026, 3, 1, tzinfo=UTC), CAMERA_NAMES[0], "miso"
RUN, APART_S = 4, 10  # looks in a row and what lies between them: neighbours in time are evidence too
RATES = (0.01, 0.05)
GROUPS = ("ordinary", "hunched, first day", "hunched, later", "ill, not hunched")


def lived(
    seed: int, days: int, looks: int, illness: Sequence[Illness]
) -> tuple[Evidence, NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Evidence of one life, its days, what the cat does (index into BEHAVIOURS), and whether it rests hunched, `[N]` each."""
    room, view = furnished_view(seed, 0, SEES_ALONE, SIZE)
    household = Household({CAMERA: SEES_ALONE}, (CAT,), UTC, seed)  # type: ignore[arg-type]
    diary = lived_diary(household, START, START + dt.timedelta(days=days), illness)
    body = litter((CAT,), seed)[CAT]
    actor, rng = Actor(diary, CAMERA, room, seed, 0, body.size), np.random.default_rng((seed, 7))
    seconds, track, points, boxes, acts, hunched = [], [], [], [], [], []
    for run in range(days * looks // RUN):
        day = run * RUN // looks
        for _ in range(50):  # until it is in sight
            begin = START + dt.timedelta(days=day, seconds=float(rng.uniform(0, 86_400 - RUN * APART_S - 5)))
            if (doing := actor.doing(begin)) is not None and doing.camera == CAMERA:
                break
        for look in range(RUN):
            ts = begin + dt.timedelta(seconds=look * APART_S)
            stances = [actor.stance(ts + dt.timedelta(seconds=float(later))) for later in (0.0, *BURST)]
            frames = [projected(stance, body.size, view) for stance in stances if stance is not None]
            doing = actor.doing(ts)
            if doing is None or len(frames) < len(stances) or any((box[2:] <= box[:2]).any() for _, box in frames):
                continue
            seconds.append((ts - START).total_seconds())
            track.append(run)
            points.append([frame[0] for frame in frames])
            boxes.append([frame[1] for frame in frames])
            acts.append(BEHAVIOURS.index(doing.behaviour))
            hunched.append(doing.subtype == "hunched")
    read, own = as_read(np.array(points), np.array(boxes), rng)
    moments = Moments(np.array(seconds), np.array(track), own[:, 0], SIZE[0] / SIZE[1], read[:, 0],
                      np.tile(BURST, (len(seconds), 1)), own[:, 1:], read[:, 1:])  # fmt: skip
    found = evidence(moments)
    columns = [found.names.index(name) for name in NUMBERS]
    kept = Evidence(found.values[:, columns], found.known[:, columns], NUMBERS)
    return kept, np.array(seconds).astype(np.int64) // 86_400, np.array(acts), np.array(hunched, bool)


def compared(own: Evidence, day: NDArray[np.int64], acts: NDArray[np.int64], past_days: int) -> NDArray[np.float64]:
    """The p-value of each moment against the days before it; NaN on the first ones."""
    p = np.full(len(day), np.nan)
    for today in range(past_days, int(day.max()) + 1):
        before, now = (day < today) & (day >= today - past_days), day == today
        past = learn_own_past(_of(own, before), acts[before], day[before])
        p[now] = strange(_of(own, now), acts[now], past).p
    return p


def _of(own: Evidence, rows: NDArray[np.bool_]) -> Evidence:
    return Evidence(own.values[rows], own.known[rows], own.names)


def main() -> None:
    """`python -m bench.anomaly`."""
    parser = argparse.ArgumentParser(description="How often moments are called unusual.")
    parser.add_argument("--homes", type=int, default=4)
    parser.add_argument("--days", type=int, default=24)
    parser.add_argument("--looks", type=int, default=100, help="a day")
    options = parser.parse_args()
    back = Params().behave.past_days
    onset = START + dt.timedelta(days=back)
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in GROUPS}
    for seed in range(1, options.homes + 1):
        own, day, acts, _ = lived(seed, options.days, options.looks, ())
        found["ordinary"].append(compared(own, day, acts, back)[day >= back])
        own, day, acts, hunched = lived(seed, options.days, options.looks, (Illness(CAT, "hunched", onset, 0.0),))
        p = compared(own, day, acts, back)
        found["hunched, first day"].append(p[(day == back) & hunched])
        found["hunched, later"].append(p[(day > back) & hunched])
        found["ill, not hunched"].append(p[(day >= back) & ~hunched])
        print(f"home {seed} done", flush=True)
    print(report(found))


def report(found: dict[str, list[NDArray[np.float64]]]) -> str:
    """The table: shares flagged of the moments of which anything is said, over all homes and from the lowest to the highest."""
    rows = []
    for name, parts in found.items():
        each = np.concatenate(parts)
        said = each[np.isfinite(each)]
        shares = [f"{(said <= rate).mean():.3f} ({_span(parts, rate)})" for rate in RATES]
        rows.append([name, len(each), f"{1 - len(said) / len(each):.2f}", *shares])
    return table(["moments", "count", "nothing said", *(f"flagged at {rate:g} (homes)" for rate in RATES)], rows)


def _span(parts: list[NDArray[np.float64]], rate: float) -> str:
    shares = [(part[np.isfinite(part)] <= rate).mean() for part in parts]
    return f"{min(shares):.2f} to {max(shares):.2f}"


if __name__ == "__main__":
    main()
