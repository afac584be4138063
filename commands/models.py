"""`catml eval`: how well detectors see, on pictures with known boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, opened

RENDERED = 60  # simulated pictures, where nothing else is named to measure on


def evaluate(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="FILE",
            help="A detector, or `name: file`; may be given again.",
            show_default="the home's",
        ),
    ] = None,
    folder: Annotated[
        list[str] | None,
        typer.Option("--folder", metavar="DIR", help="Pictures with YOLO labels; may be given again."),
    ] = None,
    clips: Annotated[
        str | None, typer.Option("--clips", metavar="DIR", help="Clips which each show an animal all the time.")
    ] = None,
    rendered: Annotated[
        int | None, typer.Option("--rendered", metavar="N", min=0, help="Simulated pictures, by day and by night.")
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure detectors on pictures with known boxes.

    One table of every model against every set, with intervals; a page with pictures of the worst misses is kept as
    data/evaluation/evaluation.html.
    """
    from home.terminal import Terminal
    from tasks.evaluate import measure_all, write_evaluation
    from tasks.evaluation_page import as_markdown, as_tree
    from tasks.measured_models import named_models
    from tasks.measured_sets import measured_sets

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    params = house.params.evaluate
    changes = {"models": model, "folders": folder, "clips": clips, "rendered": rendered}
    params = params.model_copy(update={name: value for name, value in changes.items() if value is not None})
    if not (params.folders or params.clips or params.rendered or rendered == 0):
        params = params.model_copy(update={"rendered": RENDERED})
    shipped = house.params.detect.model
    lines = params.models or [str(house.file(shipped)) if house.file(shipped).exists() else shipped]
    kept = house.root / "data" / "evaluation"
    sets = measured_sets(params, None, kept)
    models = named_models(lines, house.params.detect.classes, params, house.root / "data" / "cache" / "models")
    done = measure_all(models, sets, params)
    files = write_evaluation(done, kept)
    terminal.say(as_markdown(done))
    terminal.note(f"to look at: {kept / 'evaluation.html'}; beside it evaluation.json and the pictures of the worst")
    terminal.result({**as_tree(done), "files": [str(path) for path in files]})
