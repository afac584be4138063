"""How well the house sees, by night's work: recall against diaries, false cats of empty rooms, seconds of real clips.

    python -m bench.seeing [homes] [rooms] [clips] [--model FILE] [--set detect.confidence=0.3] [--out runs/seeing]

Prints tables in Markdown. What was filmed is kept in the folder and used again, so that another model, or another setting,
costs only the detector's time. Runs `manifest`, `extract`, `detect` and `bouts` as they are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from bench.seeing import clips, homes, rooms
from home.folder import PROJECT
from simulate.light import STYLES

PARTS = ("homes", "rooms", "clips")
DATA = Path("../shared/data")


def told_homes(options: argparse.Namespace, settings: dict[str, str]) -> str:
    """Recall against the diary."""
    seeds = homes.TUNED_ON if options.tuning else homes.SEEDS
    seen = [
        homes.seen_in_home(
            options.out / f"home-{seed}-{style}", homes.home_plan(seed, style, options.minutes), settings
        )
        for seed in seeds
        for style in options.styles
    ]
    told = homes.as_markdown(*(pd.concat(parts) for parts in zip(*seen, strict=True)))
    listed = ", ".join(map(str, seeds))
    return (
        f"## Simulated homes\n\nSeeds {listed}: {homes.CATS} cats, {homes.CAMERAS} cameras, {options.minutes} minutes by "
        f"day and {options.minutes} by night each, the liveliest.\n\n{told}"
    )


def told_rooms(options: argparse.Namespace, settings: dict[str, str]) -> str:
    """False cats in empty rooms."""
    parts = [
        rooms.rendered_rooms(
            options.out / f"rooms-{seed}-{style}", rooms.room_plan(seed, style, options.minutes), settings
        )
        for seed in (rooms.TUNED_ON if options.tuning else rooms.SEEDS)
        for style in options.styles
    ]
    folders = [folder for folder in options.empty if folder.is_dir()]
    if pictures := rooms.empty_pictures(folders, options.list, options.fold, options.pictures):
        parts.append(rooms.real_rooms(options.out / "rooms-real", pictures, settings))
    return f"## Empty rooms\n\n{rooms.as_markdown(pd.concat(parts))}"


def told_clips(options: argparse.Namespace, settings: dict[str, str]) -> str:
    """Seconds of real clips."""
    if not options.clips.is_dir():
        return f"## Clips\n\nThere are no clips in {options.clips}."
    return f"## Clips\n\n{clips.as_markdown(clips.seen_in_clips(options.out / 'clips', options.clips, settings))}"


def main() -> None:
    """`python -m bench.seeing`."""
    parser = argparse.ArgumentParser(description="How well the house sees, by night's work.")
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], help="homes, rooms, clips; all of them if none is named"
    )
    parser.add_argument("--model", type=Path, help="the detector; default: the one that is shipped")
    parser.add_argument("--set", action="append", default=[], metavar="stage.param=value", help="as in catml")
    parser.add_argument("--styles", nargs="+", default=list(STYLES), choices=STYLES, help="styles of drawing")
    parser.add_argument("--tuning", action="store_true", help="the homes that the tracking was tuned on")
    parser.add_argument("--minutes", type=int, default=homes.MINUTES, help="of each stretch that is filmed")
    parser.add_argument("--clips", type=Path, default=DATA / "video", help="folder of the clips of clips.csv")
    parser.add_argument(
        "--empty", type=Path, nargs="+", default=[DATA / "detect" / "voc", DATA / "detect" / "empty_rooms"],
        help="folders with real pictures without a cat",
    )  # fmt: skip
    parser.add_argument("--pictures", type=int, default=250, help="most pictures of each of them")
    parser.add_argument("--list", type=Path, help="list of the training: only pictures it has not learned from")
    parser.add_argument("--fold", type=int, help="with --list: the model is the one of this fold")
    parser.add_argument("--out", type=Path, default=Path("runs/seeing"), help="where footage is kept")
    options = parser.parse_args()
    settings = dict(one.split("=", 1) for one in options.set)
    model = options.model or PROJECT / "models" / "detector" / "weights" / "detector.onnx"
    settings["detect.model"] = str(model.absolute())
    tell = {"homes": told_homes, "rooms": told_rooms, "clips": told_clips}
    print(f"# How well the house sees\n\nModel {model.name}, {' '.join(options.set) or 'parameters as shipped'}.")
    for part in options.parts or PARTS:
        print(f"\n{tell[part](options, settings)}", flush=True)


if __name__ == "__main__":
    main()
