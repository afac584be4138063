"""How the stages of training run as programs: `python -m tasks.prepare`, `train`, `evaluate`, `export`, `pose_…`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from home.document import load_document
from home.errors import CatMLError
from home.params import Params
from tasks.stage import parse_overrides

__all__ = ["run"]

STOPPED = 130  # what shells end with after Ctrl-C: 128 and the signal's number


def run(stage: Callable[[Params], dict[str, float]], argv: Sequence[str] | None = None) -> int:
    """Run a stage with `params.yaml` of the folder it is called in, and tell its figures.

    Args:
        stage: takes the parameters, gives figures by name.
        argv: arguments after the program's name; None for those of this process.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong use or configuration, 130 stopped by Ctrl-C.
    """
    parser = argparse.ArgumentParser(description="A stage of a model's training; parameters are in params.yaml.")
    parser.add_argument(
        "--home", type=Path, default=Path(), metavar="DIR", help="folder of params.yaml (default: here)"
    )
    parser.add_argument(
        "--params", type=Path, metavar="FILE", help="a file of parameters in place of the params.yaml of that folder"
    )
    parser.add_argument("--set", action="append", default=[], metavar="STAGE.PARAM=VALUE", help="for this run only")
    options = parser.parse_args(argv)
    try:
        file = options.params or options.home / "params.yaml"
        figures = stage(load_document(file, Params, parse_overrides(options.set)))
    except KeyboardInterrupt:
        print("stopped; what is done stays, run it again to go on", file=sys.stderr)
        return STOPPED
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    print(", ".join(f"{name} {value:g}" for name, value in figures.items()), file=sys.stderr)
    return 0
