"""The export as a flow: the functions of the stages themselves, and a clear end where nothing was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prefect.utilities.importtools import import_object
from ruamel.yaml import YAML

import tasks.evaluate
import tasks.export
from flows.export import MEASURE, WRITE, export
from home.errors import WrongUse
from tests.flows.own_prefect import PROJECT


def test_the_flow_calls_the_functions_of_the_stages() -> None:
    assert (MEASURE.fn, WRITE.fn) == (tasks.evaluate.evaluate, tasks.export.export)


def test_it_is_deployed_without_a_schedule() -> None:
    plan: dict[str, Any] = YAML(typ="safe").load((PROJECT / "prefect.yaml").read_text("utf-8"))
    (written,) = [each for each in plan["deployments"] if each["name"] == "export"]
    assert import_object(written["entrypoint"]) is export
    assert "schedules" not in written


@pytest.mark.usefixtures("server")
def test_without_a_list_of_pictures_it_fails_and_says_what_writes_it(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("train:\n  epochs: 1\n")
    with pytest.raises(WrongUse, match=r"no list of pictures at .* `python -m tasks\.prepare` writes it"):
        export(tmp_path)
