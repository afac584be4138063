"""How many corrections bring how much: a drawn household that the network never saw, and what it reads after people spoke.

    python -m tasks.behaviour_prepare      # draws the homes, once: some minutes each
    python -m bench.corrections [FOLDER] [--rooms 4] [--draws 6]

A network learns from all homes of the folder but the last `--rooms`: these are the rooms of one household, each with its own
camera, zones and cats. A third of the bouts is put aside to be asked; some of the others are corrected, drawn at random. Seven
in ten of the corrected ones are learned from, the rest decide whether the new network is put in place, all by the code of
`catml train behaviour`; bouts stand for tracks. `mixed zones`: the zones lie where others should. `strange looks`: the numbers
that say what an animal looks like are exchanged for each other, as by a camera or a coat that no drawn home has. `poisoned`:
whatever is corrected is given any name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.behaviour_params import BehaviourTrainParams
from home.ethogram import BEHAVIOURS
from home.markdown import table
from models.behaviour.contest import MARGIN, duel, not_worse
from models.behaviour.figures import macro_f1
from models.behaviour.learn import Examples, LearnSettings, learn
from models.behaviour.replay import Replay
from models.behaviour.tune import TUNE, balanced, tuned
from tasks.behaviour_train import examples_of
from tasks.drilled import Drilled, read_drilled
from tasks.own_moments import HELD_OUT, WEIGHT
from tasks.replaying import episodes_of, replay_of

CORRECTED = (20, 40, 80)  # bouts
ASKED = 1 / 3
KINDS = len(BEHAVIOURS)

Truth = NDArray[np.int64]


@dataclass(frozen=True)
class Own:
    """The moments of the household: evidence, truth and number of the bout; `asked`: put aside."""

    values: NDArray[np.float32]
    known: NDArray[np.float32]
    truth: Truth
    bout: Truth
    asked: NDArray[np.bool_]


def household(rooms: Sequence[Drilled], what: str, rng: np.random.Generator) -> Own:
    """The rooms as they are, with the first of the turns in which their zones lie elsewhere, or with their looks exchanged."""
    turn = int(what == "mixed zones")  # rows come turn by turn, the right one first
    own = [np.arange(len(room.truth)) // int(room.right.sum()) == turn for room in rooms]
    values, known, truth = (
        np.concatenate([getattr(room, name)[rows] for room, rows in zip(rooms, own, strict=True)])
        for name in ("values", "known", "truth")
    )
    bout = np.concatenate([
        episodes_of(room)[rows] + 100_000 * number for number, (room, rows) in enumerate(zip(rooms, own, strict=True))
    ])  # fmt: skip
    if what == "strange looks":
        looks = np.flatnonzero([name.startswith("look_") for name in rooms[0].names])
        values[:, looks] = values[:, rng.permutation(looks)]
    asked = np.zeros(len(truth), bool)
    for behaviour in range(KINDS):
        bouts = rng.permutation(np.unique(bout[truth == behaviour]))
        asked |= np.isin(bout, bouts[: round(len(bouts) * ASKED)])
    return Own(values, known.astype(np.float32), truth, bout, asked)


def read(network: Any, values: NDArray[np.float32], known: NDArray[np.float32]) -> Truth:
    """What a network says `[N]`."""
    import torch

    with torch.no_grad():
        scores = network(torch.from_numpy(np.concatenate([values, known], axis=1)))
    return np.asarray(scores.argmax(dim=1).numpy(), np.int64)


@dataclass(frozen=True)
class Came:
    """What came of one draw: what the old and the new network say of the asked moments, and whether the new one won."""

    truth: Truth
    before: Truth
    after: Truth
    won: bool
    kept: bool


def drawn(
    base: Any, names: Sequence[str], replay: Replay, own: Own, count: int, poisoned: bool, rng: np.random.Generator
) -> Came:
    """Correct some bouts, learn, compare."""
    corrected = rng.permutation(np.unique(own.bout[~own.asked]))[:count]
    decides = corrected[: round(len(corrected) * HELD_OUT)]
    said = own.truth.copy()
    if poisoned:
        for bout in corrected:
            said[own.bout == bout] = rng.integers(KINDS)
    rows = np.isin(own.bout, corrected) & ~np.isin(own.bout, decides)
    told = Examples(own.values[rows], own.known[rows], said[rows], np.full(int(rows.sum()), WEIGHT, np.float32))
    first = replay.of("learn")
    mixed_in = Examples(first.values, first.known.astype(np.float32), first.truth, first.weight)
    new = tuned(deepcopy(base), balanced([mixed_in, told], KINDS), names, TUNE)
    judge = np.isin(own.bout, decides)
    judged = (own.values[judge], own.known[judge])
    fought = duel(said[judge], read(base, *judged), read(new, *judged), own.bout[judge])
    rest = replay.of("calibrate", "ask")
    shown = (rest.values, rest.known.astype(np.float32))
    kept = not_worse(rest.truth, read(base, *shown), read(new, *shown), rest.group)
    asked = (own.values[own.asked], own.known[own.asked])
    return Came(own.truth[own.asked], read(base, *asked), read(new, *asked), fought.won, kept["at_least"] >= -MARGIN)


def row_of(what: str, count: int, came: Sequence[Came]) -> list[str]:
    """A line of the table: all draws together."""
    truth = np.concatenate([each.truth for each in came])
    before = np.concatenate([each.before for each in came])
    after = np.concatenate([each.after for each in came])
    stays = np.concatenate([each.after if each.won and each.kept else each.before for each in came])
    figures = [f"{macro_f1(truth, said):.3f}" for said in (before, after, stays)]
    gains = [macro_f1(each.truth, each.after) - macro_f1(each.truth, each.before) for each in came]
    better = f"{sum(gain > 0 for gain in gains)} / {sum(gain < 0 for gain in gains)}"
    won = sum(each.won and each.kept for each in came)
    return [
        what,
        str(count),
        *figures[:2],
        better,
        f"{won} of {len(came)}",
        figures[2],
        str(sum(not each.kept for each in came)),
    ]


def homes_in(folder: Path) -> list[Drilled]:
    """The homes of a folder, in the order of their seeds."""
    files = [*folder.glob("home-*/moments.npz"), *folder.glob("home-*.npz")]
    seeds = {int((file.parent.name if file.name == "moments.npz" else file.stem).split("-")[1]): file for file in files}
    return [read_drilled(seeds[seed]) for seed in sorted(seeds)]


def main() -> None:
    """`python -m bench.corrections`."""
    parser = argparse.ArgumentParser(description="How many corrections bring how much.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data/training/behaviour/moments"))
    parser.add_argument("--rooms", type=int, default=4, help="homes at the end of the list that are the household")
    parser.add_argument("--draws", type=int, default=6, help="times that other bouts are asked and corrected")
    options = parser.parse_args()
    homes = homes_in(options.folder)
    rest = homes[: -options.rooms]
    if len(rest) < 5:
        parser.error(f"{len(homes)} homes in {str(options.folder)!r}; `python -m tasks.behaviour_prepare` draws them")
    learns, calibrates, asked = rest[:-4], rest[-4:-2], rest[-2:]
    params, names = BehaviourTrainParams(), homes[0].names
    base = learn(examples_of(learns, params), names, BEHAVIOURS, LearnSettings(**params.learning()))
    replay = replay_of(learns, calibrates, asked, params)
    rooms = homes[-options.rooms :]
    print(f"{len(learns)} homes learned from, {options.rooms} rooms corrected, {options.draws} draws each", flush=True)
    rows = []
    for what in ("as it is", "mixed zones", "strange looks", "poisoned"):
        for count in CORRECTED:
            came = []
            for draw in range(options.draws):
                rng = np.random.default_rng(draw)
                own = household(rooms, what, rng)
                came.append(drawn(base, names, replay, own, count, what == "poisoned", rng))
            rows.append(row_of(what, count, came))
            print(rows[-1], file=sys.stderr, flush=True)
    head = (
        "home",
        "bouts corrected",
        "macro-F1 before",
        "new network",
        "better / worse",
        "put in place",
        "what is in place",
        "forgot",
    )
    print(table(head, rows))


if __name__ == "__main__":
    main()
