"""`catml train detector`, `train behaviour`, `promote`: models of one's own pictures, corrections and habits."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, opened


def detector(
    data: Annotated[
        list[Path], typer.Option("--data", metavar="FOLDER", help="Pictures with YOLO labels; may be given again.")
    ],
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class", metavar="NAME", help="What to learn; may be given again.", show_default="all named there"
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the detector and of its folder.")] = "own",
    epochs: Annotated[
        int | None, typer.Option("--epochs", metavar="N", min=1, help="Passes over the pictures.")
    ] = None,
    size: Annotated[
        int | None, typer.Option("--size", metavar="PIXELS", help="Side of the pictures.", show_default="320")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="FILE", help="Weights to go on from, or yolo26n.yaml: none.", show_default="CatML's own"
        ),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train a detector on your own pictures, of any animal or thing.

    Called again after an interruption, it goes on from its last epoch.
    """
    from home.document import load_document
    from home.params import Params
    from home.terminal import Terminal
    from tasks.own_detector import OWN, own_params, train_own
    from tasks.stage import parse_overrides

    terminal = Terminal(as_json, quiet)
    typed = {"epochs": epochs, "image_size": size, "start": start}
    overrides = {f"train.{key}": json.dumps(value) for key, value in typed.items() if value is not None}
    overrides = OWN | parse_overrides(set_ or []) | overrides
    params = load_document(home / "params.yaml", Params, overrides, may_be_missing=True)
    folder = home / "data" / "training" / name
    asked = own_params(params, data, folder, name, classes or [])
    made = train_own(asked, terminal.note)
    place = made.onnx.relative_to(home) if made.onnx.is_relative_to(home) else made.onnx
    terminal.say(f"{place} finds {', '.join(made.classes)}. On {made.figures['pictures']:g} pictures it never saw:\n")
    terminal.table(("figure", ""), [(key, f"{value:g}") for key, value in made.figures.items()])
    terminal.say(f"\nIts data card: {folder / 'README.md'}; its curves: tensorboard --logdir {folder}")
    terminal.say("\nTo run the night with it, write into params.yaml:\n")
    terminal.say(f"detect:\n  model: {place}\n  classes: [{', '.join(made.classes)}]")
    terminal.result({**asdict(made), "onnx": str(made.onnx)})


def behaviour(
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let the network that reads behaviour learn from your corrections and labels.

    Some are held out and never learned from. The network in place stays until
    the new one reads those better, and drawn homes no worse. Then it waits for
    [bold]catml promote behaviour[/bold], unless behave.promote of params.yaml is auto.

    It takes a minute or two, and no footage: only what the nights have read.
    """
    from home.terminal import Terminal
    from tasks.own_behaviour import train_behaviour
    from tasks.telling_own import tell_contest

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    tell_contest(house, terminal, train_behaviour(house, terminal.note))


def promote(
    model: Annotated[
        Literal["behaviour", "habits"], typer.Argument(metavar="behaviour|habits", help="What to put in place.")
    ],
    back: Annotated[
        bool, typer.Option("--back", metavar="", help="Put the one before in place again; this one waits.")
    ] = False,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Put what was learned in place, or take it back.

    [bold]behaviour[/bold]: the network that learned from your corrections. The next night
    reads with it, and reads the days of its look-back again.

    [bold]habits[/bold]: the models that [bold]catml weekly[/bold] learned. What comes next is foretold anew.
    """
    from home.terminal import Terminal
    from tasks.telling_habits import promoted_habits
    from tasks.telling_own import promoted

    (promoted if model == "behaviour" else promoted_habits)(opened(home, set_), Terminal(as_json, quiet), back)
