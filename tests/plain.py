"""A home in which nothing is read but where the cats are: what most tests of the night are about, in a fraction of its time."""

from __future__ import annotations

from pathlib import Path

PLAIN = {"pose.model": '""', "behave.model": '""'}
"""As `--set` takes it."""


def plain(root: Path) -> None:
    """Write a params.yaml that leaves out the stages that read pose and behaviour."""
    (root / "params.yaml").write_text('pose:\n  model: ""\nbehave:\n  model: ""\n', encoding="utf-8")
