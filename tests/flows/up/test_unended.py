"""Whether a run's process lives: the number alone does not say, it may be of another process by now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.up.unended import process_of

RUN = "0198c0de-0000-7000-8000-000000000001"


@pytest.mark.parametrize("written", ["{}", "somewhere.local:{}"])
def test_a_process_is_a_runs_while_it_lives(written: str) -> None:
    environment = os.environ | {"PREFECT__FLOW_RUN_ID": RUN}
    with subprocess.Popen([sys.executable, "-c", "input()"], env=environment, stdin=subprocess.PIPE) as process:
        run: dict[str, Any] = {"id": RUN, "infrastructure_pid": written.format(process.pid)}
        assert process_of(run) == process.pid
        process.kill()
        process.wait()
        assert process_of(run) is None


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here: only numbers are compared")
def test_another_process_with_its_number_is_not_it() -> None:
    assert process_of({"id": RUN, "infrastructure_pid": str(os.getpid())}) is None


@pytest.mark.parametrize("nothing", [None, "", "pod/abc"])
def test_a_run_without_a_number_has_no_process_here(nothing: str | None) -> None:
    assert process_of({"id": RUN, "infrastructure_pid": nothing}) is None
