"""The export as a flow: the functions of the stages themselves, on weights that were really trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.utilities.importtools import import_object
from ruamel.yaml import YAML

import tasks.evaluate
import tasks.export
from flows.export import CARD, MEASURE, WRITE, export
from home.errors import WrongUse
from home.folder import open_home
from home.tables import DETECTIONS
from home.training_params import EvaluateParams, ExportParams, PrepareParams
from tasks.night import run_night
from tests.flows.conftest import CAMERAS, DATE, Cats
from tests.flows.own_prefect import PROJECT
from tests.trained import Trained


def test_the_flow_calls_the_functions_of_the_stages() -> None:
    assert (MEASURE.fn, WRITE.fn) == (tasks.evaluate.evaluate, tasks.export.export)


def test_it_is_deployed_for_what_is_new_alone() -> None:
    plan: dict[str, Any] = YAML(typ="safe").load((PROJECT / "prefect.yaml").read_text("utf-8"))
    (written,) = [each for each in plan["deployments"] if each["name"] == "export"]
    assert import_object(written["entrypoint"]) is export
    assert [schedule["cron"] for schedule in written["schedules"]] == ["15 7 * * 0"]
    assert written["parameters"] == {"only_new": True}


@pytest.mark.usefixtures("server")
def test_by_its_schedule_it_ends_at_once_where_nothing_was_trained(tmp_path: Path) -> None:
    """As in most homes, which have no params.yaml either."""
    assert export(tmp_path, only_new=True) == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("server")
def test_what_was_trained_ships_and_runs_the_night(trained: Trained, cats: Cats) -> None:
    """By hand, with the parameters of the training in a file of their own, as for `models/detector/full/params.yaml`."""
    home = cats("home")
    sections = {
        "prepare": PrepareParams(pictures=str(trained.pictures)),
        "train": trained.training,
        "evaluate": EvaluateParams(draws=20),
        "export": ExportParams(name="ellipses", image_size=64, precisions=["fp32", "int8"], most_lost=0.5),
    }
    tree = {name: section.model_dump() for name, section in sections.items()}
    (home.root / "recipe.yaml").write_text(json.dumps(tree), "utf-8")  # JSON is YAML

    figures = export(home.root, Path("recipe.yaml"), ("export.calibration=8",))
    assert figures["ap50"] > 0.6
    assert export(home.root, Path("recipe.yaml"), only_new=True) == {}  # it has been exported
    made = home.root / "data/training/export"
    assert {path.name for path in made.glob("*.onnx")} == {"detector.onnx", "detector-int8.onnx"}
    with get_client(sync_client=True) as client:
        shown = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[CARD])))
    assert shown[0].data == (made / "README.md").read_text("utf-8")

    with_it = open_home(home.root, {"detect.model": "data/training/export/detector.onnx"})
    done = [outcome for outcome in run_night(with_it, [DATE]) if outcome.stage == "detect"]
    assert [outcome.facts["model"] for outcome in done] == ["ellipses"] * len(CAMERAS)
    assert all(with_it.tables.fingerprint(DETECTIONS, DATE, camera) for camera in CAMERAS)


@pytest.mark.usefixtures("server")
def test_weights_that_saw_everything_are_not_judged_by_what_they_saw(trained: Trained, tmp_path: Path) -> None:
    training = trained.training.model_copy(update={"everything": True})
    tree = {"prepare": {"pictures": str(trained.pictures)}, "train": training.model_dump()}
    (tmp_path / "params.yaml").write_text(json.dumps(tree), "utf-8")
    with pytest.raises(WrongUse, match="folds"):
        export(tmp_path)


@pytest.mark.usefixtures("server")
def test_without_a_list_of_pictures_it_fails_and_says_what_writes_it(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("train:\n  epochs: 1\n")
    with pytest.raises(WrongUse, match=r"no list of pictures at .* `python -m tasks\.prepare` writes it"):
        export(tmp_path)
