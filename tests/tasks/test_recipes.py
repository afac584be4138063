"""The recipes of the trainings: what their DVC stages name is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from home.document import load_document
from home.folder import PROJECT
from home.params import Params
from tasks.photo_train import reader_of

RECIPES = {
    "models/detector/dvc.yaml": "params.yaml",
    "models/detector/full/dvc.yaml": "models/detector/full/params.yaml",
}


def stages(recipe: str) -> dict[str, Any]:
    return YAML(typ="safe").load((PROJECT / recipe).read_text())["stages"]


POSE = {"models/pose/dvc.yaml": "params.yaml", "models/pose/full/dvc.yaml": "models/pose/full/params.yaml"}


BEHAVIOUR = {
    "models/behaviour/dvc.yaml": "params.yaml",
    "models/behaviour/full/dvc.yaml": "models/behaviour/full/params.yaml",
}


@pytest.mark.parametrize("recipe", [*RECIPES, *POSE, *BEHAVIOUR])
def test_a_stage_depends_on_code_that_is_there_and_on_what_an_earlier_one_writes(recipe: str) -> None:
    written: set[str] = set()
    for name, stage in stages(recipe).items():
        assert (PROJECT / recipe).parent.joinpath(stage["wdir"]).resolve() == PROJECT
        for needed in stage["deps"]:
            assert (PROJECT / needed).exists() or needed in written, f"{name}: {needed}"
        written |= {out if isinstance(out, str) else next(iter(out)) for out in stage.get("outs", [])}
        written |= set(stage.get("metrics", []))


@pytest.mark.parametrize(("recipe", "file"), RECIPES.items())
def test_the_parameters_of_a_recipe_are_valid_and_lie_where_its_stages_look(recipe: str, file: str) -> None:
    params = load_document(PROJECT / file, Params)
    folder = Path(params.prepare.pictures).parent
    outs = {
        out
        for stage in stages(recipe).values()
        for out in [*stage.get("outs", []), *stage.get("metrics", [])]
        if isinstance(out, str)
    }
    assert {params.prepare.pictures, params.evaluate.metrics, params.export.folder, f"{params.train.runs}.json"} <= outs
    assert all(Path(out).is_relative_to(folder) for out in outs)
    for stage in stages(recipe).values():
        named = [PROJECT / word for word in stage["cmd"].split() if word.endswith(".yaml")]
        assert all(path.parent == (PROJECT / recipe).parent for path in named) and bool(named) == (
            file != "params.yaml"
        )


def test_what_ships_saw_no_measured_picture() -> None:
    """So that each figure on a measured picture is of one that the detector never saw."""
    full = load_document(PROJECT / "models/detector/full/params.yaml", Params)
    assert full.prepare.measured and not full.train.measured and not full.train.everything
    assert set(full.prepare.measured) <= set(full.evaluate.folders)


def test_a_fresh_clone_can_train() -> None:
    """As it ships, the recipe needs nothing from outside the clone."""
    params = load_document(PROJECT / "params.yaml", Params)
    assert params.prepare.folders == [] and params.prepare.simulated > 0 and params.prepare.teacher == ""
    assert params.train.start.endswith(".yaml")


@pytest.mark.parametrize(("recipe", "file"), POSE.items())
def test_a_pose_recipe_measures_every_fold_that_it_trains(recipe: str, file: str) -> None:
    """The figures of what ships are those of runs that differ in the fold alone, all of one list."""
    params = load_document(PROJECT / file, Params)
    found = stages(recipe)
    outs = {
        out
        for stage in found.values()
        for entry in stage.get("outs", [])
        for out in ([entry] if isinstance(entry, str) else entry)
    }
    assert {params.pose_prepare.animals, params.pose_train.runs, params.pose_export.folder} <= outs
    assert params.pose_export.evaluation in outs and params.pose_train.fold is None
    folds = [name for name in found if name.startswith("pose_fold")]
    assert len(folds) == (params.pose_prepare.folds if "full" in recipe else 1)
    for number, name in enumerate(folds):
        assert found[name]["cmd"].endswith(f"--set pose_train.fold={number}")
        assert f"{params.pose_train.runs}-fold{number}" in found["pose_evaluate"]["deps"]


@pytest.mark.parametrize(("recipe", "file"), BEHAVIOUR.items())
def test_a_behaviour_recipe_writes_where_its_parameters_say(recipe: str, file: str) -> None:
    params = load_document(PROJECT / file, Params)
    found = stages(recipe)
    outs = {
        out
        for stage in found.values()
        for entry in stage["outs"]
        for out in ([entry] if isinstance(entry, str) else entry)
    }
    assert {params.behaviour_prepare.folder, params.behaviour_train.folder} == outs - {
        str(reader_of(params.behaviour_prepare))
    }
    assert ("photo_train" in found) == bool(params.behaviour_prepare.photos)
    assert all(("--params" in stage["cmd"]) == (file != "params.yaml") for stage in found.values())
