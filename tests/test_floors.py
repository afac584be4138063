"""The house stands: a file imports from its own floor or from below, never from above; torch stays out of all but training."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from home.folder import PROJECT

FLOOR = {
    "home": 1,
    "simulate": 2,
    "models": 2,
    "tasks": 3,
    "ingest": 3,
    "serve": 3,
    "flows": 4,
    "commands": 5,
    "catml": 5,
}
TRAINING = {"efficientnet_lite_pytorch", "torch", "torchvision", "ultralytics"}


def sources() -> list[Path]:
    folders = [PROJECT / name for name in FLOOR if (PROJECT / name).is_dir()]
    return sorted([PROJECT / "catml.py", *(path for folder in folders for path in folder.rglob("*.py"))])


def top_of(path: Path) -> str:
    return path.relative_to(PROJECT).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> set[str]:
    """Top-level names of all imports, those inside functions too."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_nothing_is_imported_from_above(path: Path) -> None:
    own = FLOOR[top_of(path)]
    above = {name for name in imports(ast.parse(path.read_text())) if FLOOR.get(name, 0) > own}
    assert not above, f"floor {own} imports from above: {sorted(above)}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_training_libraries_are_not_imported_when_a_module_is(path: Path) -> None:
    body = ast.Module([node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.FunctionDef)], [])
    assert not imports(body) & TRAINING


def test_prefect_stays_in_flows() -> None:
    users = {top_of(path) for path in sources() if "prefect" in imports(ast.parse(path.read_text()))}
    assert users <= {"flows", "commands"}
