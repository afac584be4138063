"""Every operation of the OpenAPI document, asked with what Schemathesis makes up: valid, and wrong on purpose.

A few examples of each here; `make fuzz` asks thousands, other ones each time, and several operations side by side.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from starlette.testclient import TestClient

from home.folder import open_home
from home.params import as_yaml
from serve.app import create_app
from tests.clips import paint_chunk, walking
from tests.conftest import _PLAIN
from tests.serve.conftest import key_for
from tests.serve.test_read import AT, DATE, bouts

EXAMPLES = int(os.environ.get("CATML_FUZZ", "5"))
PARTS = 1 if EXAMPLES <= 5 else 8  # of the operations; pytest-xdist gives each to whoever is free
DOCUMENT = "/api/v1/openapi.json"
# A document cannot say that `end` must not lie before `start`, or which cameras there are; and of `?cat=a&cat=b` the last counts.
LEFT_OUT = [positive_data_acceptance, negative_data_rejection]
REAL = {"camera": "kitchen", "chunk": "chunk-20260301-060000"}  # half of the places that are asked for are there


@pytest.fixture(scope="module")
def home_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str]]:
    """A home with a day of bouts and ten seconds of footage, and a key that may do everything but wait."""
    root: Path = tmp_path_factory.mktemp("home")
    (root / "home.yaml").write_text("timezone: UTC\ncameras:\n  kitchen: {}\ncats: {miso: {name: Miso}}\n", "utf-8")
    (root / "params.yaml").write_text(as_yaml(_PLAIN), "utf-8")
    home = open_home(root, {"serve.requests_per_minute": "1000000"})
    bouts(home, DATE, 3)
    home.data.write(f"reports/{DATE}.html", b"<!doctype html><title>A day</title>")
    paint_chunk(root / "data" / "footage", "kitchen", AT, 10, walking)
    app = create_app(home)
    app.router.lifespan_context = _goes_on
    yield app, key_for(home, "admin")


@contextlib.asynccontextmanager
async def _goes_on(_: FastAPI) -> AsyncIterator[None]:
    """Schemathesis would start and end the application around each request; one that was ended takes no photo any more."""
    yield


@pytest.mark.parametrize("part", range(PARTS))
def test_no_operation_answers_what_it_does_not_document(home_app: tuple[FastAPI, str], part: int) -> None:
    app, key = home_app
    headers = {"Authorization": f"Bearer {key}"}
    document = schemathesis.openapi.from_asgi(DOCUMENT, app, headers=headers)
    asked: set[tuple[str, int]] = set()
    operations = [each.ok() for each in document.get_all_operations()]
    assert len(operations) == sum(len(methods) for methods in document.raw_schema["paths"].values()) > 20
    for operation in operations[part::PARTS]:
        modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

        # pytest and Hypothesis tell of a failure with the request that makes it, as a line for curl.
        @hypothesis.seed(secrets.randbits(64) if EXAMPLES > 5 else 0)
        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.given(case=st.one_of(modes), real=st.booleans())
        def ask(case: schemathesis.Case, real: bool) -> None:
            if real and isinstance(case.path_parameters, dict):
                case.path_parameters.update({name: REAL[name] for name in REAL if name in case.path_parameters})
            answer = case.call(headers=headers)
            asked.add((case.operation.label, answer.status_code))
            case.validate_response(answer, headers=headers, excluded_checks=LEFT_OUT)

        ask()
    assert {label for label, _ in asked} == {operation.label for operation in operations[part::PARTS]}
    assert not [each for each in asked if each[1] >= 500 and each[0] != "POST /api/v1/predict"]


@pytest.mark.parametrize("asked", ["0", "5", "20260301", "1e3", "0001-01-01", "9999-12-31", "2026-13-01", "tomorrow"])
def test_a_date_is_written_as_one_and_lies_in_our_times(home_app: tuple[FastAPI, str], asked: str) -> None:
    app, key = home_app
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
        for path, name in (("bouts", "start"), ("coverage", "date"), ("telemetry", "end"), ("statistics", "start")):
            refused = client.get(f"/api/v1/{path}", params={name: asked})
            assert refused.status_code == 422 and refused.json()["errors"][0]["where"] == f"query.{name}"
        refused = client.post(f"/api/v1/timelapse/kitchen/{asked}")
        assert refused.status_code == 422 and refused.json()["errors"][0]["where"] == "path.date"
