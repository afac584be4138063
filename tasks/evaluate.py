"""Stage `evaluate`: every detector against every set of pictures, with intervals, tables and the worst of it to look at."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from home.errors import WrongUse
from home.store import write_file
from home.training_params import EvaluateParams, ExportParams
from tasks.train import trained_weights
from tasks.training import run

if TYPE_CHECKING:
    from models.detector.judge import PictureSet
    from tasks.evaluation_page import Evaluation
    from tasks.measured_models import Candidate

__all__ = ["evaluate", "main", "measure_all", "write_evaluation"]

WORST = 12  # pictures on each sheet


def evaluate(
    params: EvaluateParams, weights: Path, pictures: Path, export: ExportParams, *, saw_everything: bool = False
) -> dict[str, float]:
    """Measure trained weights as they will be shipped, and the other models of the parameters beside them.

    Args:
        params: what is measured, and on what.
        weights: the trained `.pt`.
        pictures: the list of pictures.
        export: how the weights will be exported.
        saw_everything: they were trained on the held-out pictures too; the models of the folds speak for them there.

    Returns:
        The figures of the trained one on the held-out pictures by name, those of the folds as `out_of_fold_…`, or those
        of the folds alone where it saw everything; also written as JSON to `params.metrics`. `params.folder` gets `evaluation.md`, `evaluation.json`, and sheets of the
        worst misses and the worst false animals.

    Raises:
        WrongUse: there is no list, its split is empty, a folder cannot be read, or weights that saw everything have no
            folds.
        ModelError: weights cannot be exported or loaded, or are of other classes than the list.
    """
    from models.detector.classes import read_classes
    from tasks.evaluation_page import flat
    from tasks.measured_models import OUT_OF_FOLD, TRAINED, Candidate, folded, named_models, trained_model
    from tasks.measured_sets import HELD_OUT, MEASURED, measured_sets

    if saw_everything and not params.folds:
        raise WrongUse(
            "train.everything: nothing is left that these weights did not see; train the folds (train.fold=0, 1, …) and "
            "name their folder in evaluate.folds"
        )
    target = Path(params.folder)
    sets, classes = measured_sets(params, pictures, target), read_classes(pictures)
    if saw_everything:
        sets = [each for each in sets if each.name != HELD_OUT]
    with tempfile.TemporaryDirectory() as room:
        models = [Candidate(TRAINED, trained_model(weights, Path(room), export, classes, params.threads))]
        if params.folds:
            models.append(folded(Path(params.folds), Path(room), export, classes, params.threads))
        models += named_models(params.models, classes, params, target / "converted")
        done = measure_all(models, sets, params)
    write_evaluation(done, target)
    by = {(verdict.set_name, verdict.model): verdict for verdict in done.verdicts}
    own = (MEASURED, OUT_OF_FOLD) if saw_everything else (HELD_OUT, TRAINED)
    of = {each.name: each for each in sets}
    figures = flat(by[own], of[own[0]])
    if params.folds and not saw_everything:
        folded_ = flat(by[MEASURED, OUT_OF_FOLD], of[MEASURED])
        figures |= {f"out_of_fold_{name}": value for name, value in folded_.items()}
    write_file(Path(params.metrics), (json.dumps(figures, indent=2) + "\n").encode())
    return figures


def measure_all(models: Sequence[Candidate], sets: Sequence[PictureSet], params: EvaluateParams) -> Evaluation:
    """Each model on each set: those of folds on the pictures with folds only, the trained one on those it never saw."""
    from models.detector.judge import judge, versus
    from tasks.evaluation_page import Evaluation
    from tasks.measured_models import OUT_OF_FOLD, TRAINED
    from tasks.measured_sets import MEASURED

    verdicts, gaps = [], {}
    for pictures in sets:
        not_here = TRAINED if pictures.name == MEASURED else OUT_OF_FOLD
        first = None
        for model in models:
            if model.name == not_here:
                continue
            verdict = judge(model.name, model.models, pictures, confidence=params.confidence, times=params.draws)
            verdicts.append(verdict)
            if first is not None:
                gaps[pictures.name, model.name] = versus(
                    first, verdict, pictures, confidence=params.confidence, times=params.draws
                )
            first = first or verdict
    return Evaluation(list(sets), verdicts, gaps, params.confidence)


def write_evaluation(done: Evaluation, folder: Path) -> list[Path]:
    """Write `evaluation.md`, `evaluation.json`, and for the first model of each set its worst as `worst-….png`."""
    import cv2

    from models.detector.sheet import contact_sheet
    from models.detector.worst import worst_false, worst_misses
    from tasks.evaluation_page import as_markdown, as_tree

    files = {
        folder / "evaluation.md": as_markdown(done).encode(),
        folder / "evaluation.json": (json.dumps(as_tree(done), indent=1, ensure_ascii=False) + "\n").encode(),
    }
    for pictures in done.sets:
        for verdict in done.of(pictures.name)[:1]:
            for kind, worst in (("misses", worst_misses), ("false", worst_false)):
                if tiles := worst(verdict, pictures, WORST):
                    sheet = contact_sheet(tiles, columns=4, side=300)
                    _, png = cv2.imencode(".png", sheet[..., ::-1])
                    files[folder / f"worst-{kind}-{pictures.name.replace(' ', '-')}.png"] = png.tobytes()
    for path, content in files.items():
        write_file(path, content)
    return list(files)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m tasks.evaluate`."""
    return run(
        lambda params: evaluate(
            params.evaluate,
            trained_weights(params.train),
            Path(params.prepare.pictures),
            params.export,
            saw_everything=params.train.everything,
        ),
        argv,
    )


if __name__ == "__main__":
    raise SystemExit(main())
