"""The command line, `dvc repro` and the flow call the same functions with the same parameters; the form people fill in."""

from __future__ import annotations

import ast
import importlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prefect.states import Failed
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

import flows
from flows.nightly import nightly
from flows.stages import PATIENCE, TASKS, Watch, worth_another_try
from home.errors import (
    CatMLError,
    ConfigError,
    FootageError,
    ModelError,
    QualityError,
    StoreDenied,
    StoreMissing,
    StoreUnreachable,
    TableError,
    WrongUse,
)
from home.params import Params
from home.tables import DETECTIONS
from tasks.detect import detect
from tasks.extract import extract
from tasks.manifest import manifest
from tasks.night import NIGHT
from tasks.stage import units
from tests.flows.conftest import CAMERAS, DATE, Cats

PROJECT = Path(__file__).resolve().parents[2]
DVC: dict[str, Any] = YAML(typ="safe").load((PROJECT / "dvc.yaml").read_text("utf-8"))["stages"]
# What `dvc repro` does not run: it versions by itself.
OF_THE_NIGHT_ONLY = {"version"}
SHARED = [stage for stage in NIGHT if stage.name not in OF_THE_NIGHT_ONLY]


def test_every_stage_of_the_night_is_a_task_of_its_very_function() -> None:
    assert list(TASKS) == [stage.name for stage in NIGHT] == list(PATIENCE)
    for stage in NIGHT:
        assert TASKS[stage.name].fn is stage.function


def test_dvc_runs_the_same_stages_in_the_same_order() -> None:
    names = [name for name in DVC if name in TASKS]
    assert names == [stage.name for stage in SHARED]
    for name in names:
        assert shlex.split(DVC[name]["cmd"])[:3] == ["python", "-m", f"tasks.{name}"]


def test_what_dvc_has_made_the_flow_finds_unchanged(cats: Cats, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage skips what has the fingerprint of its own function, inputs and parameters: any difference would show."""
    home = cats("home")
    for stage in SHARED:
        _, _, module, *options = shlex.split(DVC[stage.name]["cmd"])
        monkeypatch.setattr("sys.argv", [module, *options, "--home", str(home.root)])
        with pytest.raises(SystemExit, match="0"):
            importlib.import_module(module).main()
    for stage in SHARED:
        for unit in units(stage.per, [DATE], list(CAMERAS)):
            assert TASKS[stage.name].fn(home, *unit).skipped, (stage.name, unit)


@pytest.mark.parametrize("name", [stage.name for stage in SHARED])
def test_the_parameters_dvc_watches_are_those_the_stage_reads(name: str) -> None:
    watched = [str(param).split(".") for param in DVC[name].get("params", [])]
    for section, *key in watched:
        assert section in Params.model_fields
        assert not key or key[0] in type(getattr(Params(), section)).model_fields
    sources = [PROJECT / dep for dep in DVC[name]["deps"] if dep.startswith(("tasks/", "home/day"))]
    files = [file for source in sources for file in (source.glob("*.py") if source.is_dir() else [source])]
    read = set().union(*(sections_read(file) for file in files))
    # How many threads the night may use changes no row.
    assert {section for section, *_ in watched} == read - {"nightly"}


def sections_read(file: Path) -> set[str]:
    """The sections of params.yaml that a file takes from `params`: `home.params.detect`, `params.detect.confidence`."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in Params.model_fields:
            of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            found |= {node.attr} if of == "params" else set()
    return found


def test_the_form_asks_for_days_with_a_calendar_and_says_what_each_field_means() -> None:
    schema = parameter_schema(nightly).model_dump()
    fields = schema["properties"]
    assert list(fields) == ["home", "dates", "cameras", "force", "overrides"]
    assert schema["required"] == []
    assert fields["dates"]["items"] == {"type": "string", "format": "date"}
    assert fields["cameras"]["items"] == {"type": "string"}
    assert fields["force"]["type"] == "boolean"
    assert fields["home"] | {"description": ""} == fields["home"] | {
        "type": "string",
        "default": ".",
        "description": "",
    }
    for name, field in fields.items():
        assert field["description"].endswith((".", "=0.3")), name
        # A default that is null would be drawn as a choice of types, or sent back as a null that the server refuses.
        assert field["default"] is not None and "anyOf" not in field, name


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (StoreUnreachable("no answer"), True),
        (StoreDenied("wrong keys"), False),
        (StoreMissing("no such bucket"), False),
        (WrongUse("no such camera"), False),
        (ConfigError([]), False),
        (ModelError("no weights"), False),
        (TableError("damaged"), False),
        (FootageError("damaged"), False),
        (QualityError("fails"), False),
        (CatMLError("?"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_only_what_may_be_gone_in_a_minute_is_tried_again(error: Exception, again: bool) -> None:
    any_task = TASKS["detect"]
    assert worth_another_try(any_task, None, Failed(data=error)) is again  # type: ignore[arg-type]


def test_what_is_tried_again_is_given_up_before_the_morning() -> None:
    for name, patience in PATIENCE.items():
        assert TASKS[name].retries == len(patience.delays_s) > 0
        assert sum(patience.delays_s) < 10 * 60


def test_a_unit_that_takes_too_long_is_ended_between_two_frames_and_writes_nothing(cats: Cats) -> None:
    home = cats("home")
    manifest(home, DATE)
    extract(home, DATE, CAMERAS[0])
    with pytest.raises(TimeoutError, match=r"living-room detect: \d+% done after 0 h"):
        detect(home, DATE, CAMERAS[0], progress=Watch(timeout_s=0))
    assert home.tables.fingerprint(DETECTIONS, DATE, CAMERAS[0]) is None
    assert not detect(home, DATE, CAMERAS[0], progress=Watch(timeout_s=PATIENCE["detect"].timeout_s)).skipped


def test_nothing_phones_home_once_flows_is_imported(tmp_path: Path) -> None:
    """A fresh process of somebody new, so that nothing but the import can have switched anything off."""
    asked = (
        "import flows, prefect, onnxruntime; "
        "from prefect._internal.analytics.enabled import is_telemetry_enabled as library; "
        "print(library(), prefect.settings.PREFECT_SERVER_ANALYTICS_ENABLED.value())"
    )
    kept = {name: value for name, value in os.environ.items() if name not in (*flows.QUIET, "CI", "GITHUB_ACTIONS")}
    somebody = kept | {"HOME": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, env=somebody, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False", "False"]
    # ONNX Runtime would keep what it is going to send in a database there.
    assert not list(tmp_path.rglob("onnxruntime.db"))
